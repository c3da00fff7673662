"""One sequence of bytes per value: the same on every Python, machine and hash seed.

Used to tell whether two commands are the same, and to compare events byte by byte. It is not a wire format:
nothing reads it back.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Hashable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, cast

import attrs

from chatcore.commands import Command
from chatcore.vocabulary import Actor, Private

__all__ = ["canonical", "fingerprint"]


def canonical(value: object) -> bytes:
    """The canonical bytes of a value made of attrs classes, enums, moments, tuples and plain scalars.

    Personal texts go in revealed: treat the result as personal data.

    Raises:
        TypeError: something in it has no canonical form (a float, a set, a class of the caller's).
    """
    return json.dumps(_plain(value), ensure_ascii=True, separators=(",", ":")).encode("ascii")


def fingerprint(command: Command, actor: Actor, *, secret: bytes = b"") -> str:
    """A keyed digest of what is asked and by whom, 32 hexadecimal digits. `secret` has at most 64 bytes."""
    return hashlib.blake2b(canonical((actor, command)), digest_size=16, key=secret).hexdigest()


@cache
def _fields(cls: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cast("type[Any]", cls)) if field.init)


def _plain(value: object) -> object:
    """The value as JSON lists, tagged where two types would look alike."""
    if value is None or value is True or value is False or type(value) in (str, int):
        return value
    if isinstance(value, enum.StrEnum):
        return value.value
    if isinstance(value, Private):
        return ["private", value.reveal()]
    if isinstance(value, tuple):
        return ["tuple", *map(_plain, value)]
    if isinstance(value, datetime):
        return ["moment", value.isoformat(timespec="microseconds")]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    if isinstance(value, Decimal):
        return ["number", *_digits(value)]
    if isinstance(value, timedelta):
        return ["span", value.days, value.seconds, value.microseconds]
    cls: type[Any] = type(value)
    if attrs.has(cls):
        return [cls.__name__, *[_plain(getattr(value, name)) for name in _fields(cls)]]
    raise TypeError(f"no canonical form for {type(value).__name__}")


def _digits(number: Decimal) -> tuple[int, int]:
    """A number as its digits and the power of ten they count: one form, whatever the caller's arithmetic."""
    if not number.is_finite():
        raise TypeError("no canonical form for what is no number")
    sign, digits, exponent = number.as_tuple()
    whole, power = int("".join(map(str, digits))), int(exponent)
    if whole == 0:
        return 0, 0
    while whole % 10 == 0:
        whole, power = whole // 10, power + 1
    return -whole if sign else whole, power
