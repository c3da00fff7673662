"""The exact way: read a tree again that the fast way gave up on, and say all that is wrong with it, and where.

cattrs builds the functions that read the fields of a class and go on after a bad one; what a field may be is a
matter of its shape, here as there. A problem's path is made on the way up: ``.tags[3]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, TypeAlias

import attrs

from chatcore.br import Money, TaxId
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import DOCUMENT_PROBLEMS
from chatcore.serialization import _texts
from chatcore.serialization._forms import (
    Choice,
    Either,
    Fixed,
    Leaf,
    Many,
    Maybe,
    OneOf,
    Record,
    Shape,
    Table,
    Tree,
)
from chatcore.serialization._json import DUPLICATES, HUGE, rejoined
from chatcore.serialization._shapes import fields_of, shape_of
from chatcore.serialization._tables import KINDS, VERSION
from chatcore.vocabulary import Private

__all__ = ["document_problems", "read_exactly", "rooted"]

Hook: TypeAlias = Callable[[Tree, Any], Any]
"""What reads a tree or raises an `InvalidValue`; cattrs gives it a type besides, which the shape knows."""

_MISSING: Final = object()
"""Stands where a key is missing: no shape takes it."""


def read_exactly(shape: Shape, tree: Tree) -> Any:
    """Read a tree.

    Raises:
        InvalidValue: everything that is wrong with it; paths begin with a dot or a bracket, or are empty.
    """
    return _hook_of(shape)(tree, None)


def rooted(problems: Iterable[Problem], root: str) -> list[Problem]:
    """The same problems, with what their paths go on from."""
    return [attrs.evolve(problem, path=f"{root}{problem.path}") for problem in problems]


def document_problems(tree: Tree, wanted: frozenset[type] | None) -> list[Problem]:
    """What is wrong with a document around its value.

    Another version is said alone: what else it holds may be right there. Here a later one comes in: it knows
    its own documents, and makes such of older ones before they are read.
    """
    if type(tree) is not dict:
        return [Problem("document", "not_an_object")]
    names = ("chatcore", "type", "value")
    bad = [attrs.evolve(problem, path=problem.path[1:]) for problem in key_problems(tree, names)]
    bad += [Problem(name, "missing") for name in names if name not in tree]
    version = tree.get("chatcore", VERSION)
    if type(version) is not int or version != VERSION:
        return [Problem("chatcore", "unknown_version")]
    if "type" in tree:
        kind = _member(KINDS, tree["type"])
        if kind is None:
            bad.append(Problem("type", "unknown_type"))
        elif wanted is not None and kind not in wanted:
            bad.append(Problem("type", "wrong_object"))
    return bad


def _member(members: Mapping[str, type[Any]], tag: Tree) -> type[Any] | None:
    """The class that a tag stands for."""
    return members.get(tag) if type(tag) is str else None


def key_problems(tree: Mapping[Any, Tree], names: Iterable[str]) -> list[Problem]:
    """The keys that do not belong there, or stood there twice; one that could be anything is not repeated."""
    known = set(names)
    twice = tree.get(DUPLICATES, ())[:DOCUMENT_PROBLEMS]
    found = [Problem(f".{_shown(key)}", "duplicate_key") for key in twice]
    strangers = sorted({_shown(key) for key in tree if key not in known and key is not DUPLICATES})
    found += [Problem(f".{key}", "unknown_key") for key in strangers[:DOCUMENT_PROBLEMS]]
    return found[:DOCUMENT_PROBLEMS]


def _shown(key: object) -> str:
    return key if type(key) is str and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,39}", key) else "?"


def _refusal(tree: Tree, code: str) -> InvalidValue:
    if tree is _MISSING:
        return InvalidValue.of("", "missing")
    return InvalidValue.of("", "number_out_of_range") if tree is HUGE else InvalidValue.of("", code)


_HOOKS: Final[dict[Shape, Hook]] = {}


def _hook_of(shape: Shape) -> Hook:
    hook = _HOOKS.get(shape)
    if hook is None:
        hook = _HOOKS.setdefault(shape, _made_of(shape))
    return hook


def _made_of(shape: Shape) -> Hook:
    match shape:
        case Leaf():
            return _leaf(shape)
        case Choice():
            return _choice(shape)
        case Maybe():
            some = _hook_of(shape.some)
            return lambda tree, kind: None if tree is None else some(tree, kind)
        case Many():
            return _many(shape)
        case Fixed():
            return _fixed(shape)
        case Table():
            return _table(shape)
        case Either():
            return _either(shape)
        case OneOf():
            return _one_of(shape)
        case Record():
            return _record(shape.cls)
    raise TypeError


_CODES: Final[Mapping[type, str]] = {
    str: "not_a_text",
    Private: "not_a_text",
    int: "not_a_whole_number",
    bool: "not_a_bool",
    datetime: "not_a_moment",
    date: "not_a_day",
    timedelta: "not_a_span",
    Decimal: "not_a_number",
    Money: "not_money",
    TaxId: "not_a_tax_id",
}
"""What is wrong with what is no such value."""


def _leaf(leaf: Leaf) -> Hook:
    [kind] = leaf.kinds
    text = kind in (str, Private)

    def hook(tree: Tree, _: Any) -> Any:
        if text and type(tree) is list and (whole := rejoined(tree)) is not None:
            tree = whole
        if type(tree) in leaf.trees:
            try:
                return tree if leaf.read is None else leaf.read(tree, [])
            except ValueError:
                pass
            if kind is datetime and re.fullmatch(_texts.MOMENT, f"{tree}Z"):
                raise InvalidValue.of("", "naive_moment")
        raise _refusal(tree, _CODES[kind])

    return hook


def _choice(choice: Choice) -> Hook:
    known = {member.value: member for member in choice.members}

    def hook(tree: Tree, _: Any) -> Any:
        if type(tree) is not str:
            raise _refusal(tree, "not_a_text")
        if tree not in known:
            raise InvalidValue.of("", "unknown_value")
        return known[tree]

    return hook


# --- several -------------------------------------------------------------------------------------------------


def _each(hooks: Iterable[Hook], trees: Iterable[Tree]) -> list[Any]:
    """Read each of some trees by its hook, until there is more wrong than is told."""
    values: list[Any] = []
    bad: list[Problem] = []
    for i, (hook, tree) in enumerate(zip(hooks, trees, strict=False)):
        try:
            values.append(hook(tree, None))
        except InvalidValue as error:
            bad += rooted(error.problems, f"[{i}]")
            if len(bad) >= DOCUMENT_PROBLEMS:
                break
    if bad:
        raise InvalidValue(*bad)
    return values


def _many(many: Many) -> Hook:
    item = _hook_of(many.item)

    def hook(tree: Tree, _: Any) -> Any:
        if type(tree) is not list:
            raise _refusal(tree, "not_a_list")
        return tuple(_each([item] * len(tree), tree))

    return hook


def _fixed(fixed: Fixed) -> Hook:
    hooks = [_hook_of(item) for item in fixed.items]

    def hook(tree: Tree, _: Any) -> Any:
        if type(tree) is not list:
            raise _refusal(tree, "not_a_list")
        if len(tree) != len(hooks):
            raise InvalidValue.of("", "wrong_length", limit=len(hooks), actual=len(tree))
        return tuple(_each(hooks, tree))

    return hook


def _table(table: Table) -> Hook:
    pair = _hook_of(table.pair)

    def hook(tree: Tree, _: Any) -> Any:
        if type(tree) is not list:
            raise _refusal(tree, "not_a_list")
        pairs = _each([pair] * len(tree), tree)
        if any(a >= b for (a, _), (b, _) in pairwise(pairs)):
            raise InvalidValue.of("", "not_in_order")
        return dict(pairs)

    return hook


# --- objects -------------------------------------------------------------------------------------------------


def _either(either: Either) -> Hook:
    hooks = {name: _hook_of(leaf) for name, leaf in either.leaves.items()}
    plain = {tree: hooks[leaf.name] for leaf in either.leaves.values() for tree in leaf.trees - {str}}
    tagged = {name: hook for name, hook in hooks.items() if hook not in plain.values()}

    def hook(tree: Tree, kind: Any) -> Any:
        if type(tree) in plain:
            return plain[type(tree)](tree, kind)
        if type(tree) is not dict:
            raise _refusal(tree, "not_a_value")
        bad = key_problems(tree, tagged)
        if not bad and len(tree) != 1:
            bad = [Problem("", "not_a_value")]
        if bad:
            raise InvalidValue(*bad)
        [(name, inner)] = tree.items()
        return _inside(tagged[name], inner, name)

    return hook


def _inside(hook: Hook, tree: Tree, name: str) -> Any:
    """Read what stands under a name."""
    bad: list[Problem] = []
    try:
        return hook(tree, None)
    except InvalidValue as error:
        bad = rooted(error.problems, f".{name}")
    raise InvalidValue(*bad)


def _one_of(one_of: OneOf) -> Hook:
    def hook(tree: Tree, _: Any) -> Any:
        if type(tree) is not dict:
            raise _refusal(tree, "not_an_object")
        bad = key_problems(tree, ("type", "value"))
        bad += [Problem(f".{name}", "missing") for name in ("type", "value") if name not in tree]
        if not bad:
            if (kind := _member(one_of.members, tree["type"])) is not None:
                return _inside(_hook_of(shape_of(kind)), tree["value"], "value")
            bad = [Problem(".type", "unknown_type")]
        raise InvalidValue(*bad)

    return hook


def _record(cls: type[Any]) -> Hook:
    # Heavy to load, and not needed while all is well.
    from cattrs import ClassValidationError, Converter
    from cattrs.gen import make_dict_structure_fn, override

    fields = fields_of(cls)
    generic: Any = cls
    hooks: dict[str, Any] = {name: override(struct_hook=_hook_of(shape)) for name, shape in fields.items()}
    build = make_dict_structure_fn(
        generic[Any] if getattr(cls, "__parameters__", ()) else cls,
        Converter(),
        _cattrs_detailed_validation=True,
        **hooks,
    )

    def hook(tree: Tree, _: Any) -> Any:
        if type(tree) is not dict:
            raise _refusal(tree, "not_an_object")
        bad = key_problems(tree, fields)
        try:
            thing = build({name: tree.get(name, _MISSING) for name in fields}, cls)
        except ClassValidationError as error:
            noted, others = error.group_exceptions()
            for each, note in noted:
                bad += rooted(_problems_of(each), f".{note.name}")
            for each in others:  # What the class itself says of its fields together.
                bad += rooted(_problems_of(each), "." if isinstance(each, InvalidValue) else "")
        else:
            if not bad:
                return thing
        raise InvalidValue(*bad)

    return hook


def _problems_of(error: Exception) -> Iterable[Problem]:
    return error.problems if isinstance(error, InvalidValue) else (Problem("", "malformed"),)
