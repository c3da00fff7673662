"""The shapes of values without fields: texts, numbers, moments, members of closed lists."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from chatcore.br import Money, TaxId
from chatcore.errors import InvalidValue
from chatcore.serialization import _texts
from chatcore.serialization._forms import Choice, Either, Leaf, Misfit, Tally, Tree
from chatcore.serialization._json import HIGHEST, LOWEST, quoted
from chatcore.vocabulary import Private

__all__ = ["LEAVES", "choice", "either"]

_STR, _TEXT, _MOMENT = frozenset((str,)), frozenset((Private,)), frozenset((datetime,))
_INT, _BOOL = frozenset((int,)), frozenset((bool,))


def _whole(value: int) -> str:
    if LOWEST <= value <= HIGHEST:
        return int.__repr__(value)
    raise InvalidValue.of("number", "number_out_of_range")


def _private(value: Private) -> str:
    return quoted(value.reveal())


def _leaf(kind: type, name: str, write: Callable[[Any], str], read: Callable[[str], Any]) -> Leaf:
    """A value that is written as a text without anything to escape."""
    return Leaf(frozenset((kind,)), _STR, lambda v: f'"{write(v)}"', lambda tree, _: read(tree), name)


LEAVES: Final[Mapping[type, Leaf]] = {
    str: Leaf(_STR, _STR, quoted, None, "string"),
    Private: Leaf(_TEXT, _STR, _private, lambda tree, _: Private(tree), "text"),
    int: Leaf(_INT, _INT, _whole, None, "int"),
    bool: Leaf(_BOOL, _BOOL, {True: "true", False: "false"}.__getitem__, None, "bool"),
    datetime: Leaf(_MOMENT, _STR, _texts.quoted_moment, _texts.moment_of, "moment"),
    date: _leaf(date, "day", date.isoformat, _texts.day_of),
    timedelta: _leaf(timedelta, "span", _texts.span_text, _texts.span_of),
    Decimal: _leaf(Decimal, "number", _texts.number_text, _texts.number_of),
    Money: _leaf(Money, "money", str, _texts.money_of),
    TaxId: _leaf(TaxId, "tax_id", TaxId.reveal, _texts.tax_id_of),
}
_PLAIN: Final = frozenset((int, bool))
"""Those that stand for themselves among others."""


def choice(members: type[enum.StrEnum]) -> Choice:
    known = {member.value: member for member in members}

    def read(tree: str, _: Tally) -> enum.StrEnum:
        return known[tree]

    return Choice(frozenset((members,)), _STR, quoted, read, members)


def either(kinds: Iterable[type]) -> Either:
    leaves = {LEAVES[kind].name: LEAVES[kind] for kind in kinds}
    by_kind = {kind: leaf for leaf in leaves.values() for kind in leaf.kinds}
    plain = {kind for kind in by_kind if kind in _PLAIN}
    tagged = {name: leaf for name, leaf in leaves.items() if not leaf.kinds & _PLAIN}

    def write(value: Any) -> str:
        leaf = by_kind[type(value)]
        text = leaf.write(value)
        return text if type(value) in plain else f'{{"{leaf.name}":{text}}}'

    def read(tree: Tree, tally: Tally) -> Any:
        if type(tree) is not dict:
            leaf = by_kind[type(tree)]
            return tree if leaf.read is None else leaf.read(tree, tally)
        tally.append(1)
        [(name, inner)] = tree.items()
        leaf = tagged[name]
        if type(inner) is not str:
            raise Misfit
        return inner if leaf.read is None else leaf.read(inner, tally)

    return Either(frozenset(by_kind), frozenset((*plain, dict)), write, read, leaves)
