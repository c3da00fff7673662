"""Writing a search as people type it: what is read of it again is the same search."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from chatcore.entities import FieldValue
from chatcore.errors import InvalidValue
from chatcore.search.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Documented,
    Filled,
    Has,
    Is,
    Named,
    Not,
    Numbered,
    Says,
    When,
)
from chatcore.search.typed.keys import (
    DATES,
    MARKS,
    MOMENTS,
    OPERATORS,
    OTHERS,
    SPELLED,
    TRAITS,
    VALUES,
    spelled,
)
from chatcore.vocabulary import Locale, Private

__all__ = ["format_search"]

_EITHER, _TOGETHER, _ALONE = range(3)


def format_search(condition: Condition, locale: Locale = Locale.PT_BR) -> str:
    """Write a condition as people type it. It may hold what they typed: a name, a number.

    Raises:
        InvalidValue: ``not_typed`` for what nobody can type: what a desk made of a number or a document.
    """
    return _written(condition, locale, _EITHER)


def _written(condition: Condition, locale: Locale, place: int) -> str:
    if isinstance(condition, AllOf | AnyOf) and len(condition.parts) == 1:
        return _written(condition.parts[0], locale, place)
    if isinstance(condition, AnyOf):
        sign = f" {SPELLED[locale]['or']} "
        text = sign.join(_written(part, locale, _TOGETHER) for part in condition.parts)
        return text if place is _EITHER else f"({text})"
    if isinstance(condition, AllOf):
        text = " ".join(_written(part, locale, _ALONE) for part in condition.parts)
        return text if place is not _ALONE else f"({text})"
    if isinstance(condition, Not):
        text = _written(condition.part, locale, _ALONE)
        return text[1:] if text.startswith("-") else f"-{text}"  # Denied twice is not denied.
    return _leaf(condition, locale)


def _leaf(leaf: Condition, locale: Locale) -> str:
    if isinstance(leaf, Says):
        return _words(leaf.words, goes_on=leaf.prefix)
    if isinstance(leaf, Named):
        key = spelled(OTHERS["name"], locale)
        return f"{key}:{_words(leaf.words, goes_on=leaf.prefix)}"
    if isinstance(leaf, Has):
        names = VALUES.get(leaf.trait, {}).get(leaf.value)
        value = _quoted(leaf.value) if names is None else spelled(names, locale)
        return f"{spelled(TRAITS[leaf.trait], locale)}:{value}"
    if isinstance(leaf, Is):
        return f"{spelled(OTHERS['is'], locale)}:{spelled(MARKS[leaf.mark], locale)}"
    if isinstance(leaf, Between):
        return _dated(leaf, locale)
    if isinstance(leaf, Numbered):
        return f"{spelled(OTHERS['number'], locale)}:{_quoted(leaf.number.reveal())}"
    if isinstance(leaf, Documented):
        return f"{spelled(OTHERS['document'], locale)}:{_quoted(leaf.document.reveal())}"
    if isinstance(leaf, Filled):
        return f"{spelled(OTHERS['field'], locale)}.{leaf.field}:{_quoted(_field_value(leaf.value, locale))}"
    raise InvalidValue.of("where", "not_typed")


def _words(words: tuple[str, ...], *, goes_on: bool) -> str:
    text = " ".join(words)
    if not goes_on:
        return f'"{text}"'
    alone = len(words) == 1 and text not in OPERATORS
    return text if alone else f'~"{text}"'


_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+./@")


def _quoted(value: str) -> str:
    if value and all(c in _PLAIN for c in value):
        return value
    if '"' in value:
        raise InvalidValue.of("where", "not_typed")
    return f'"{value}"'


def _dated(leaf: Between, locale: Locale) -> str:
    moment = "" if leaf.when is When.SENT else f"{spelled(MOMENTS[leaf.when], locale)}."
    if leaf.since is None:
        relation, text = "before", _moment(leaf.until)
    elif leaf.until is None:
        relation, text = "since", _moment(leaf.since)
    else:
        relation, text = "on", f"{_moment(leaf.since)}..{_moment(leaf.until)}"
    return f"{moment}{spelled(DATES[relation], locale)}:{text}"


def _moment(at: datetime | None) -> str:
    assert at is not None
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _field_value(value: FieldValue, locale: Locale) -> str:
    if isinstance(value, Private):
        return value.reveal()
    if isinstance(value, bool):
        return {True: ("sim", "yes"), False: ("não", "no")}[value][0 if locale is Locale.PT_BR else 1]
    if isinstance(value, Decimal):
        return format(value, "f")
    assert isinstance(value, date)
    return value.isoformat()
