"""Every public module says what it offers: `__all__` is there, sorted, true and complete."""

import ast
import importlib
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest


def public_modules() -> dict[str, Path]:
    """The modules with no underscore at the head of any part of their path, with their files."""
    spec = find_spec("chatcore")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if not any(part.startswith("_") for part in parts):
            found[".".join(parts)] = path
    return found


def order(name: str) -> tuple[int, list[tuple[bool, int, str]]]:
    """The place ruff's RUF022 gives a name: constants, classes, the rest; digits compared as numbers."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    runs = re.findall(r"\d+|\D", name)
    return kind, [(not run.isdigit(), int(run) if run.isdigit() else 0, run) for run in runs]


def defined(source: str) -> set[str]:
    """The classes and functions a module itself defines at its top level."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.parse(source).body if isinstance(node, kinds)}


def complaints(module: ModuleType, source: str) -> list[str]:
    """What is wrong with a module's `__all__`; nothing, if it is right."""
    exported: Sequence[str] | None = getattr(module, "__all__", None)
    if exported is None:
        return ["has no __all__"]
    found = []
    if list(exported) != sorted(set(exported), key=order):
        found.append(f"__all__ should be {sorted(set(exported), key=order)}")
    found += [f"{name} does not exist" for name in exported if not hasattr(module, name)]
    unsaid = sorted(name for name in defined(source) - set(exported) if not name.startswith("_"))
    return found + [f"{name} is public but not in __all__" for name in unsaid]


@pytest.mark.parametrize("name", public_modules())
def test_a_public_module_says_what_it_offers(name: str) -> None:
    source = public_modules()[name].read_text(encoding="utf-8")
    assert complaints(importlib.import_module(name), source) == []


# --- the checker itself --------------------------------------------------------------------------------------


def complaints_about(source: str) -> list[str]:
    module = ModuleType("example")
    exec(source, vars(module))
    return complaints(module, source)


def test_a_good_module_passes() -> None:
    names = ["LIMIT", "RATE_2", "RATE_10", "A", "Take", "__version__", "find", "find_2", "find_10"]
    source = f"import os\n_hidden = 1\n__all__ = {names}\n" + "".join(f"{name} = 1\n" for name in names)
    assert complaints_about(source) == []


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("def find(): ...", "has no __all__"),
        ("__all__ = ['find']", "find does not exist"),
        ("__all__ = ['a', 'B']\na = B = 1", "__all__ should be ['B', 'a']"),
        ("__all__ = ['a', 'a']\na = 1", "__all__ should be ['a']"),
        ("__all__ = []\nclass Take: ...", "Take is public but not in __all__"),
        ("__all__ = []\ndef find(): ...", "find is public but not in __all__"),
        ("__all__ = []\nasync def find(): ...", "find is public but not in __all__"),
    ],
)
def test_a_bad_module_is_caught(source: str, complaint: str) -> None:
    assert complaint in complaints_about(source)
