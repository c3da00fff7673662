"""The core talks to nobody: a whole day runs without it opening a file, a socket or a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
DEMOS = HERE.parents[1] / "docs" / "examples"


def audited(script: Path) -> dict[str, Any]:
    """Run a script under the hook of `audited.py`: what the core caused, and how much was seen in all."""
    child = subprocess.run(
        [sys.executable, str(HERE / "audited.py"), str(script)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
    )
    assert child.returncode == 0, child.stderr
    found: dict[str, Any] = json.loads(child.stderr.splitlines()[-1])
    return found


@pytest.mark.parametrize("demo", ["one_day.py", "contracts_and_billing.py"])
def test_the_day_causes_no_event_of_the_outside(demo: str) -> None:
    """Law: the demo's whole day raises no socket, subprocess or file event that the core causes."""
    found = audited(DEMOS / demo)
    assert found["caused"] == []
    assert found["seen"] > 20, "the demo reads its payloads and its modules: the hook saw nothing"


SPOILT = """
import sys
from importlib.util import find_spec
from pathlib import Path

import {module}

core = Path(find_spec("chatcore").origin).resolve().parent
scope = {{}}
exec(compile({source!r}, str((core / {file!r}).resolve()), "exec"), scope)
scope["act"]()
"""
"""A function as if it stood in a file of the core, and a call of it."""

ACTS = {
    "open": "open('/dev/null').close()",
    "open, from afar": "import pathlib; pathlib.Path('/dev/null').read_bytes()",
    "open a zone to write": "import contextlib, zoneinfo\n"
    "    with contextlib.suppress(OSError): open(zoneinfo.TZPATH[0] + '/nowhere/UTC', 'w')",
    "socket.__new__": "import socket; socket.socket().close()",
    "subprocess.Popen": "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)",
    "os.listdir": "import os; os.listdir('/')",
    "shutil.rmtree": "import shutil; shutil.rmtree('/nowhere/at/all', ignore_errors=True)",
}


def spoilt(folder: Path, source: str, *, file: str = "rules/spoilt.py") -> Path:
    script = folder / "script.py"
    script.write_text(SPOILT.format(module="chatcore", source=source, file=file), encoding="utf-8")
    return script


@pytest.mark.parametrize("act", ACTS)
def test_what_the_core_would_cause_is_seen(act: str, tmp_path: Path) -> None:
    """The hook can fail: each of these, done from a file of the core, is caught with its place."""
    found = audited(spoilt(tmp_path, f"def act():\n    {ACTS[act]}\n"))
    assert found["caused"], found
    event, place, _ = found["caused"][0]
    assert event == act.partition(",")[0].partition(" ")[0]
    assert place.startswith(os.path.join("rules", "spoilt.py") + ":")


def test_what_others_cause_is_theirs(tmp_path: Path) -> None:
    """The same acts from a file outside the core are not held against it."""
    source = "def act():\n    open('/dev/null').close()\n"
    assert audited(spoilt(tmp_path, source, file="../elsewhere.py"))["caused"] == []


@pytest.mark.parametrize(
    "act",
    [
        "import wave",
        "from chatcore.moments import zone; zone('America/Manaus')",
        "from chatcore.br import parse_phone; parse_phone('+351 912 345 678')",
        "from chatcore.br import parse_tax_id; parse_tax_id('529.982.247-25')",
    ],
)
def test_imports_and_time_zones_are_allowed(act: str, tmp_path: Path) -> None:
    """Loading a module or a time zone when it is first needed is what the core may do."""
    found = audited(spoilt(tmp_path, f"def act():\n    {act}\n"))
    assert found["caused"] == []


def test_a_module_of_the_core_may_do_nothing_while_it_is_imported(tmp_path: Path) -> None:
    """An import allows no more than itself: what a module of the core does at its top is held against it."""
    spec = find_spec("chatcore")
    assert spec is not None
    source = (
        "import sys, importlib.util\n"
        "def act():\n"
        "    code = compile(\"open('/dev/null').close()\", __file_of_top__, 'exec')\n"
        "    class Loader:\n"
        "        def create_module(self, spec): return None\n"
        "        def exec_module(self, module): exec(code, vars(module))\n"
        "    class Finder:\n"
        "        def find_spec(self, name, path=None, target=None):\n"
        "            if name == 'spoilt_top':\n"
        "                return importlib.util.spec_from_loader(name, Loader())\n"
        "    sys.meta_path.insert(0, Finder())\n"
        "    import spoilt_top\n"
    )
    top = Path(str(spec.origin)).resolve().parent / "text" / "top.py"
    found = audited(spoilt(tmp_path, source.replace("__file_of_top__", repr(str(top)))))
    assert [(event, place) for event, place, _ in found["caused"]] == [
        ("open", os.path.join("text", "top.py") + ":1")
    ]
