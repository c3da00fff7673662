"""Words as they stand in a column: what a text is searched by, in a form that every database takes.

1. A column of words is the canonical text of `chatcore.text`, one blank before, between and after the words,
   each character that is neither a blank nor one of a-z and 0-9 written as ``_`` and four digits of base 36.
   So it is plain ASCII: no NUL, no lone surrogate, nothing that a collation or a tokenizer reads in its own
   way.
2. Each character is written by itself, and to a length that its first sign tells. So a text holds a needle
   exactly when the column holds the needle as written here: a substring search in SQL is exact.
3. A list (tags, address keys, values of custom fields) is written likewise, an item as one word: whatever it
   is made of, its blanks and capitals too. An item is in the list exactly when the column holds it as a whole
   word.
4. An index of words gives candidates only, and never misses one: what is exact is the search of the column.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from chatcore.entities import FieldValue
from chatcore.text import canonical, needle
from chatcore.vocabulary import FieldId, Private

__all__ = ["filled", "item", "items", "marker", "needle_of", "terms", "words_in"]

_STRANGE: Final = re.compile(r"[^a-z0-9 ]")
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]")
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_MARKER: Final = 8
"""Characters of a tenant's marker."""

LONGEST_TERM: Final = 32
"""Characters of a word that PostgreSQL's index keeps, which takes a megabyte of one row at most."""


def _written(character: re.Match[str]) -> str:
    """``_`` and four digits of base 36: enough for any code point."""
    code, digits = ord(character[0]), ""
    for _ in range(4):
        code, digit = divmod(code, 36)
        digits = _DIGITS[digit] + digits
    return f"_{digits}"


def words_in(text: str) -> str:
    """The column of what a text is searched by."""
    return _STRANGE.sub(_written, canonical(text))


def needle_of(words: tuple[str, ...], *, prefix: bool) -> str:
    """What the column of a text holds that says these words, one right after another."""
    return _STRANGE.sub(_written, needle(words, prefix=prefix))


def item(value: str) -> str:
    """What the column of a list holds that this is in."""
    return f" {_NOT_PLAIN.sub(_written, value)} "


def items(values: Iterable[str]) -> str:
    """The column of a list."""
    return "".join([" ", *(f"{_NOT_PLAIN.sub(_written, value)} " for value in values)])


def filled(field: FieldId, value: FieldValue) -> str:
    """A custom field with its value as an item: the same for equal values, and for no others. Rule: C9."""
    return f"{field}\n{_spelled(value)}"


def _spelled(value: FieldValue) -> str:
    if isinstance(value, Private):
        return f"text {value.reveal()}"
    if isinstance(value, Decimal | bool):
        return f"number {_number(Decimal(value))}"  # Yes and no are equal to one and nought in Python.
    assert isinstance(value, date)
    return f"day {value.isoformat()}"


def _number(value: Decimal) -> str:
    """A number without what does not count: noughts at its end, the sign of nought."""
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits))
    kept = text.rstrip("0").lstrip("0")
    return f"{'-' * sign}{kept}e{int(exponent) + len(text) - len(text.rstrip('0'))}" if kept else "0"


def marker(tenant: str) -> str:
    """What a tenant's terms begin with in an index that all tenants share; PostgreSQL computes the same."""
    return hashlib.md5(tenant.encode("utf-8"), usedforsecurity=False).hexdigest()[:_MARKER]


def terms(column: str) -> list[str]:
    """The terms of words or items as they are written in a column, or in a needle."""
    return column.split()
