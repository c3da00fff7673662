"""The floors of the house: imports only go down, and nothing in it talks to the world.

Everything the laws allow stands here as data. A module that is not drawn on a floor fails, and so does a
sideways import that is not drawn, an import of a module not known to be pure, and a way round either.
"""

import ast
import graphlib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

FLOORS = {
    "testing": 7.0,
    "memory": 6.0,
    "serialization": 6.0,
    "i18n": 6.0,
    "desk": 5.1,
    "_engine": 5.0,
    "_defaults": 5.0,
    "answers": 4.5,
    "screen": 4.6,
    "ports": 4.0,
    "rules": 3.0,
    "search": 3.0,
    "channels": 3.0,
    "evolve": 2.2,
    "fingerprint": 2.2,
    "transitions": 2.1,
    "commands": 2.0,
    "events": 2.0,
    "entities": 1.0,
    "br": 0.3,
    "text": 0.2,
    "moments": 0.2,
    "_shape": 0.2,
    "errors": 0.1,
    "vocabulary": 0.0,
    "limits": 0.0,
    "_version": 0.0,
}
"""Each module or package of chatcore and its floor. The package itself stands above them all."""

SIDEWAYS: frozenset[tuple[str, str]] = frozenset()
"""Imports allowed between two modules of one floor, as (who imports, what)."""

PURE = frozenset(
    """
    __future__ abc array base64 binascii bisect collections contextlib copy dataclasses datetime decimal difflib
    enum fractions functools hashlib heapq hmac inspect itertools json math numbers operator re string struct
    textwrap types typing unicodedata urllib.parse warnings weakref
    attrs typing_extensions
    """.split()
)
"""What any module may import: nothing here does I/O, reads a clock, draws lots or starts threads."""

DECLARED = {
    "": {"importlib"},  # The package itself loads its names when they are asked for.
    "_defaults": {"os", "time"},
    "br": {"phonenumbers", "validate_docbr"},
    "memory": {"threading"},
    "moments": {"pendulum"},
    "serialization": {"cattrs", "orjson"},
    "testing": {"asyncio", "hypothesis", "importlib", "pytest", "random", "sys", "threading"},
}
"""What besides one module may import, and no other may."""

LATE = {"cattrs", "pendulum", "phonenumbers", "validate_docbr"}
"""What is heavy to load, and so is imported inside functions only."""

CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "pendulum.now",
    "pendulum.today",
    "pendulum.tomorrow",
    "pendulum.yesterday",
    "time.time",
}
"""Names that read the clock, called or handed on; only `_defaults` may."""

WORLDLY = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
"""Built-in functions that reach out, or round this test."""

SLOW = {"attr.assoc", "attr.evolve", "attrs.assoc", "attrs.evolve", "copy.replace", "dataclasses.replace"}
HOT = {"evolve", "rules"}
"""Where every command passes; direct construction is two to three times faster than these."""


class Import(NamedTuple):
    """One import of a module (`name` is empty), or of one name from it; `late` if inside a function."""

    module: str
    name: str
    line: int
    late: bool
    typing_only: bool

    @property
    def full(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


class Reader(ast.NodeVisitor):
    """Read one module: what it imports and when, and which outside names it uses, in full."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.imports: list[Import] = []
        self.uses: list[tuple[str, int]] = []
        self.calls: list[tuple[str, int]] = []
        self.bound: set[str] = set()
        self._names: dict[str, str] = {}
        self._late = False
        self._typing_only = False

    def read(self, source: str) -> None:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            match node:
                case ast.Import():
                    self._names |= {each.asname: each.name for each in node.names if each.asname}
                    self._names |= {top: top for each in node.names if (top := each.name.partition(".")[0])}
                case ast.ImportFrom():
                    origin = self._origin(node)
                    self._names |= {each.asname or each.name: f"{origin}.{each.name}" for each in node.names}
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    self.bound.add(node.name)
        self.visit(tree)

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.package.split(".")
        return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])

    def visit_Import(self, node: ast.Import) -> None:
        for each in node.names:
            self.imports.append(Import(each.name, "", node.lineno, self._late, self._typing_only))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        origin = self._origin(node)
        for each in node.names:
            self.imports.append(Import(origin, each.name, node.lineno, self._late, self._typing_only))

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        before, self._late = self._late, True
        self.generic_visit(node)
        self._late = before

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) not in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            self.generic_visit(node)
            return
        before, self._typing_only = self._typing_only, True
        for child in node.body:
            self.visit(child)
        self._typing_only = before
        for child in node.orelse:
            self.visit(child)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id not in self._names:
            self.calls.append((node.func.id, node.lineno))
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._use(node)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self._use(node)

    def _use(self, node: ast.Attribute | ast.Name) -> None:
        head, _, rest = ast.unparse(node).partition(".")
        if head in self._names:
            self.uses.append((f"{self._names[head]}.{rest}".rstrip("."), node.lineno))


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def room(module: str) -> str:
    """The part of the house a module belongs to; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def listed(target: str, names: frozenset[str] | set[str]) -> bool:
    """Whether the target, or a module it lies in, is one of these names."""
    return any(f"{target}.".startswith(f"{name}.") for name in names)


def against_floors(here: str, there: str) -> str | None:
    """Why `here` may not import `there`, both rooms; None if it may."""
    if there == here or here == "":
        return None
    if there == "":
        return "imports the package from inside it"
    if there not in FLOORS:
        return f"imports {there}, which is on no floor"
    if FLOORS[there] > FLOORS[here]:
        return f"imports upward: {there}"
    if FLOORS[there] == FLOORS[here] and (here, there) not in SIDEWAYS:
        return f"imports sideways: {there}"
    return None


def against_purity(here: str, found: Import) -> str | None:
    """Why `here` may not import this from outside the package; None if it may."""
    if listed(found.full, PURE):
        return None
    if not listed(found.full, DECLARED.get(here, set())):
        return f"imports {found.full}, which is not pure, or not for this module"
    if listed(found.full, LATE) and not (found.late or found.typing_only):
        return f"imports {found.full} outside a function"
    return None


def complaints(sources: Mapping[str, str]) -> Iterator[str]:
    """What breaks a law in the package, given as its files' paths and texts; nothing, if all is well."""
    modules = {module_name(path) for path in sources}
    graph: dict[str, set[str]] = {}
    for path, source in sources.items():
        module = module_name(path)
        here = room(module)
        if here and here not in FLOORS:
            yield f"{path}: {here} is on no floor"
            continue
        reader = Reader(module if path.endswith("/__init__.py") else module.rpartition(".")[0])
        reader.read(source)
        for found in reader.imports:
            why = None
            if listed(found.module, {"chatcore"}):
                submodule = found.full in modules or (found.module == "chatcore" and found.name in FLOORS)
                target = found.full if submodule else found.module
                why = against_floors(here, room(target))
                if not found.typing_only:
                    graph.setdefault(module, set()).add(target)
            else:
                why = against_purity(here, found)
            if why:
                yield f"{path}:{found.line}: {why}"
        for name, line in reader.uses:
            if name in CLOCKS and here != "_defaults":
                yield f"{path}:{line}: reads the clock: {name}"
            if name in SLOW and here in HOT:
                yield f"{path}:{line}: copies slowly on a hot path: {name}"
        for name, line in reader.calls:
            if name in WORLDLY - reader.bound:
                yield f"{path}:{line}: calls {name}"
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield f"modules import each other in a ring: {' <- '.join(error.args[1])}"


def the_package() -> dict[str, str]:
    spec = find_spec("chatcore")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    return {
        path.relative_to(package.parent).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(package.rglob("*.py"))
    }


def test_the_package_keeps_its_laws() -> None:
    assert list(complaints(the_package())) == []


# --- the checker itself --------------------------------------------------------------------------------------

TOP = {"chatcore/__init__.py": ""}


@pytest.mark.parametrize(
    ("path", "source", "complaint"),
    [
        ("text", "from chatcore.entities import Message", "imports upward: entities"),
        ("text", "def f():\n    import chatcore.desk", "imports upward: desk"),
        (
            "text",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import chatcore.desk",
            "upward: desk",
        ),
        ("errors", "from chatcore import text", "imports upward: text"),
        ("ports/storage", "from ..desk import Desk", "imports upward: desk"),
        ("ports/__init__", "from ..desk import Desk", "imports upward: desk"),
        ("_engine", "from chatcore.desk import Desk", "imports upward: desk"),
        ("rules/take", "import chatcore.search.matcher", "imports sideways: search"),
        ("channels/whatsapp", "from chatcore.rules import take", "imports sideways: rules"),
        ("vocabulary", "from chatcore.limits import LIMIT", "imports sideways: limits"),
        ("text", "from chatcore.moments import parse", "imports sideways: moments"),
        ("memory", "from chatcore import Desk", "imports the package from inside it"),
        ("memory", "import chatcore", "imports the package from inside it"),
        ("helpers", "", "helpers is on no floor"),
        ("desk", "import chatcore.helpers", "imports helpers, which is on no floor"),
        ("desk", "import chatcore.helpers.deep", "imports helpers, which is on no floor"),
        ("desk", "import asyncio", "imports asyncio"),
        ("desk", "async def f():\n    import socket", "imports socket"),
        ("desk", "from os import environ", "imports os.environ"),
        ("desk", "import urllib.request", "imports urllib.request"),
        ("desk", "try:\n    import threading\nexcept ImportError:\n    pass", "imports threading"),
        ("desk", "from importlib import import_module", "imports importlib.import_module"),
        ("rules/close", "import random", "imports random"),
        ("entities/__init__", "import uuid", "imports uuid"),
        ("memory", "import time", "imports time"),
        ("br/phone", "def f():\n    import pendulum", "imports pendulum"),
        ("desk", "def f():\n    import phonenumbers", "imports phonenumbers"),
        ("memory", "def f():\n    import cattrs", "imports cattrs"),
        ("memory", "import requests", "imports requests"),
        ("moments", "import pendulum", "imports pendulum outside a function"),
        ("moments", "class A:\n    from pendulum.tz import timezone", "outside a function"),
        ("moments", "if TYPE_CHECKING: pass\nelse:\n    import pendulum", "outside a function"),
        ("br/phone", "import phonenumbers as p", "imports phonenumbers outside a function"),
        ("moments", "def f():\n    import pendulum\n    pendulum.now()", "reads the clock: pendulum.now"),
        ("desk", "from datetime import datetime\ndatetime.now()", "reads the clock: datetime.datetime.now"),
        ("desk", "import datetime as d\nclock = d.datetime.utcnow", "reads the clock"),
        ("desk", "from datetime import date as day\nday.today()", "reads the clock: datetime.date.today"),
        ("desk", "open('x')", "calls open"),
        ("desk", "def f():\n    __import__('socket')", "calls __import__"),
        ("desk", "print(1)", "calls print"),
        ("evolve", "import attrs\nattrs.evolve(1)", "copies slowly on a hot path: attrs.evolve"),
        ("rules/take", "from attrs import evolve as e\ne(1)", "copies slowly on a hot path"),
        ("rules/take", "import dataclasses\ndataclasses.replace(1)", "copies slowly on a hot path"),
    ],
)
def test_a_bad_source_is_caught(path: str, source: str, complaint: str) -> None:
    found = list(complaints(TOP | {f"chatcore/{path}.py": source}))
    assert any(complaint in each for each in found), found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("__init__", "from chatcore.desk import Desk\nfrom chatcore.text import fold"),
        ("evolve", "from chatcore.transitions import TABLE\nfrom chatcore.events import Taken"),
        ("desk", "from chatcore import _engine, errors\nfrom chatcore._defaults import now"),
        ("ports/storage", "from ..entities import Message\nfrom .reads import ReadSet"),
        ("_defaults", "import os, time\nfrom datetime import datetime\ndatetime.now()\ntime.time()"),
        ("memory", "import threading"),
        ("moments", "def f():\n    import pendulum\n    return pendulum.parse('x')"),
        ("moments", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pendulum import DateTime"),
        ("br/phone", "f = lambda: 1\ndef g():\n    from phonenumbers import parse"),
        ("serialization", "import orjson\ndef f():\n    import cattrs"),
        (
            "testing/strategies",
            "import pytest\nfrom hypothesis import strategies\nfrom chatcore.memory import M",
        ),
        ("desk", "from urllib.parse import quote\nimport collections.abc"),
        ("desk", "now = 1\nx.now()\nclock.today()\ndef open(): ...\nopen()"),
        ("entities/__init__", "import attrs\nattrs.evolve(1)"),
    ],
)
def test_a_good_source_passes(path: str, source: str) -> None:
    assert list(complaints({**TOP, f"chatcore/{path}.py": source})) == []


@pytest.mark.parametrize("late", [False, True])
def test_a_ring_of_modules_is_caught(late: bool) -> None:
    back = "from chatcore.rules.take import take"
    sources = {
        "chatcore/rules/__init__.py": "",
        "chatcore/rules/take.py": "from chatcore.rules import close",
        "chatcore/rules/close.py": f"def f():\n    {back}" if late else back,
    }
    [ring] = complaints(TOP | sources)
    assert "chatcore.rules.take" in ring


def test_a_module_and_its_own_package_make_a_ring() -> None:
    sources = {
        "chatcore/rules/__init__.py": "from chatcore.rules.take import take",
        "chatcore/rules/take.py": "import chatcore.rules",
    }
    [ring] = complaints(TOP | sources)
    assert "modules import each other in a ring" in ring


def test_types_alone_make_no_ring() -> None:
    guard = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "
    sources = {
        "chatcore/rules/__init__.py": "",
        "chatcore/rules/take.py": "from chatcore.rules import close",
        "chatcore/rules/close.py": f"{guard}from chatcore.rules import take",
    }
    assert list(complaints(TOP | sources)) == []
