"""The one exact text form of each value that JSON has no form for, read back strictly.

1. A moment is RFC 3339 in UTC, always with six digits of a second: ``2026-03-01T12:30:00.000000Z``, so that
   texts sort as moments do. Any offset of RFC 3339 is read, and turned into UTC; a leap second is refused, as
   are digits beyond microseconds, which would be lost.
2. A day is ``2026-03-01``. A span is ISO 8601 in seconds alone: ``PT90S``, ``PT0.250000S``, ``-PT3S``.
3. A number is what `Decimal` prints: ``12.50`` keeps its places. An amount is in reais with two: ``20.00``.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final

from chatcore.br import Money, TaxId
from chatcore.errors import InvalidValue
from chatcore.vocabulary import Private

__all__ = [
    "DAY",
    "MOMENT",
    "MONEY",
    "NUMBER",
    "SPAN",
    "TAX_ID",
    "day_of",
    "moment_of",
    "money_of",
    "number_of",
    "number_text",
    "quoted_moment",
    "span_of",
    "span_text",
    "tax_id_of",
]

MOMENT: Final = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,6})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
DAY: Final = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
SPAN: Final = r"-?PT(?:0|[1-9][0-9]{0,13})(?:\.[0-9]{6})?S"
NUMBER: Final = r"-?(?:0|[1-9][0-9]{0,59})(?:\.[0-9]{1,60})?(?:E[+-](?:0|[1-9][0-9]{0,5}))?"
MONEY: Final = r"(?:0|[1-9][0-9]{0,10})\.[0-9]{2}"
TAX_ID: Final = r"[0-9]{11}|[0-9A-Z]{12}[0-9]{2}"

_PAIRS: Final = tuple(f"{n:02}" for n in range(60))
_TRIPLES: Final = tuple(f"{n:03}" for n in range(1000))


def quoted_moment(moment: datetime) -> str:
    """Write a moment, which is in UTC, in quotes: put together of parts, in a third of `isoformat`'s time."""
    thousands, rest = divmod(moment.microsecond, 1000)
    return (
        f'"{_day_of(moment.toordinal())}T{_PAIRS[moment.hour]}:{_PAIRS[moment.minute]}:{_PAIRS[moment.second]}'
        f'.{_TRIPLES[thousands]}{_TRIPLES[rest]}Z"'
    )


@lru_cache(maxsize=1024)
def _day_of(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def moment_of(text: str, _: object = None) -> datetime:
    """Read a moment.

    Raises:
        ValueError: the text is none.
    """
    # What is written here is known by its length and by every third sign; `fromisoformat` checks the digits.
    if len(text) == 27 and text[4:20:3] == "--T::." and text[26] == "Z":
        return datetime.fromisoformat(text)
    if not re.fullmatch(MOMENT, text):
        raise ValueError
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError from None


def day_of(text: str) -> date:
    """Read a day.

    Raises:
        ValueError: the text is none.
    """
    if len(text) != 10 or text[4:8:3] != "--":
        raise ValueError
    return date.fromisoformat(text)


_PLAIN: Final = Context(capitals=1)
"""How numbers are written, whatever the caller's own context says."""

_SECOND: Final = timedelta(seconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)


def span_text(span: timedelta) -> str:
    """Write a span of time."""
    sign, span = ("-", -span) if span.days < 0 else ("", span)
    seconds, rest = divmod(span, _SECOND)
    return f"{sign}PT{seconds}.{rest // _MICROSECOND:06}S" if rest else f"{sign}PT{seconds}S"


def span_of(text: str) -> timedelta:
    """Read a span of time.

    Raises:
        ValueError: the text is none, or none that would be written so.
    """
    if not re.fullmatch(SPAN, text):
        raise ValueError
    seconds, _, rest = text.strip("-PTS").partition(".")
    try:
        span = timedelta(seconds=int(seconds), microseconds=int(rest or 0))
    except OverflowError:
        raise ValueError from None
    span = -span if text[0] == "-" else span
    if span_text(span) != text:
        raise ValueError
    return span


def number_text(number: Decimal) -> str:
    """Write a number.

    Raises:
        InvalidValue: ``not_a_number``: it is none, or has more digits than would be read again.
    """
    text = _PLAIN.to_sci_string(number)
    if not re.fullmatch(NUMBER, text):
        raise InvalidValue.of("number", "not_a_number")
    return text


def number_of(text: str) -> Decimal:
    """Read a number.

    Raises:
        ValueError: the text is none, or none that would be written so.
    """
    if not re.fullmatch(NUMBER, text):
        raise ValueError
    number = Decimal(text)
    if _PLAIN.to_sci_string(number) != text:
        raise ValueError
    return number


def money_of(text: str) -> Money:
    """Read an amount.

    Raises:
        ValueError: the text is none.
    """
    if not re.fullmatch(MONEY, text):
        raise ValueError
    return Money(int(text[:-3] + text[-2:]))


def tax_id_of(text: str) -> TaxId:
    """Read a CPF or CNPJ.

    Raises:
        ValueError: the text is none.
    """
    return TaxId(Private(text))
