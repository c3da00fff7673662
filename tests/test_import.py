"""Importing is light: what only some users need is loaded when it is first needed."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import chatcore

HEAVY = {"asyncio", "cattrs", "hypothesis", "pendulum", "phonenumbers", "pytest", "validate_docbr"}


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


def test_the_package_offers_each_name_from_where_it_lives() -> None:
    """What type checkers see, what `__all__` says and what is loaded on demand are the same names."""
    seen = {
        name.name: node.module
        for node in ast.walk(ast.parse(Path(chatcore.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("chatcore.")
        for name in node.names
    }
    assert sorted(seen) == sorted(chatcore.__all__)
    for name, module in seen.items():
        assert getattr(chatcore, name) is getattr(import_module(module), name)


def test_a_name_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Chatwoot"):
        getattr(chatcore, "Chatwoot")  # noqa: B009
