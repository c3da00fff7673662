"""Importing is light: what only some users need is loaded when it is first needed."""

import subprocess
import sys

HEAVY = {"asyncio", "cattrs", "hypothesis", "pendulum", "phonenumbers", "pytest"}


def loaded_by(statement: str) -> set[str]:
    """The top-level modules a fresh interpreter holds after the statement."""
    child = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert child.returncode == 0, child.stderr
    return {name.partition(".")[0] for name in child.stdout.split()}


def test_importing_the_desk_loads_nothing_heavy() -> None:
    assert sorted(loaded_by("from chatcore import Desk") & HEAVY) == []


def test_a_heavy_import_would_be_seen() -> None:
    assert loaded_by("import asyncio, pendulum") & HEAVY == {"asyncio", "pendulum"}
