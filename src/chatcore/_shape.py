"""How a value says what is wrong with its shape: small checks that answer, and never raise."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from chatcore.errors import InvalidValue, Problem
from chatcore.limits import ID_LENGTH


def not_utc(value: object) -> bool:
    """Whether a value is anything but a moment in UTC."""
    return type(value) is not datetime or value.tzinfo is not UTC


def not_utc_or_none(value: object) -> bool:
    """Whether a value is neither None nor a moment in UTC."""
    return value is not None and (type(value) is not datetime or value.tzinfo is not UTC)


def not_id(value: object) -> bool:
    """Whether a value cannot be an id chosen outside: not text, empty, too long, or unprintable."""
    return type(value) is not str or not 0 < len(value) <= ID_LENGTH or not value.isprintable()


def moment_problems(thing: object, required: tuple[str, ...], optional: tuple[str, ...]) -> list[Problem]:
    """One problem for each field that should hold a moment in UTC and does not. Rule: L12."""
    wrong = [name for name in required if not_utc(getattr(thing, name))]
    wrong += [name for name in optional if not_utc_or_none(getattr(thing, name))]
    return [Problem(name, "not_utc", "L12") for name in wrong]


def not_tuple_of(kind: type, value: object) -> bool:
    """Whether a value is anything but a tuple of things of just this type."""
    return type(value) is not tuple or not all(type(item) is kind for item in value)


def refuse(bad: list[Problem]) -> None:
    """Refuse a value with all that is wrong with it, if anything is.

    Raises:
        InvalidValue: something is.
    """
    if bad:
        raise InvalidValue(*bad)


def switch_problems(thing: object, *names: str) -> list[Problem]:
    """One problem for each field that should be true or false and is neither."""
    return [Problem(name, "not_a_bool") for name in names if type(getattr(thing, name)) is not bool]


def code_or(value: object, other: str) -> str:
    """A provider's code, if a value is one: a word or a few digits. A sentence could hold anything."""
    return value if type(value) is str and re.fullmatch(_CODE, value) else other


_CODE = r"[A-Za-z][A-Za-z0-9_.:-]{0,63}|[0-9]{1,6}"


def id_problem(path: str, value: object) -> Problem:
    """Say what is wrong with an outside id."""
    if type(value) is str and len(value) > ID_LENGTH:
        return Problem(path, "too_long", limit=ID_LENGTH, actual=len(value))
    return Problem(path, "not_an_id")
