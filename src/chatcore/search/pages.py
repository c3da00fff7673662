"""Keyset pages: a cursor says after which row to go on, and belongs to one query.

A cursor is opaque to whoever holds it. One that was made for another query, or by nobody, is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Generic, TypeVar

import attrs

from chatcore.errors import InvalidValue
from chatcore.limits import PAGE_ROWS
from chatcore.search.query import Query

__all__ = ["Page", "check_limit", "cursor_after", "position_of"]

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(slots=True)
class Page(Generic[T_co]):
    """Some rows, in order; `next` is the cursor of the page after it, None after the last."""

    rows: tuple[T_co, ...]
    next: str | None = None


def check_limit(limit: int) -> int:
    """A page holds 1 to `PAGE_ROWS` rows.

    Raises:
        InvalidValue: it is out of bounds.
    """
    if type(limit) is not int or not 1 <= limit <= PAGE_ROWS:
        raise InvalidValue.of("limit", "out_of_bounds", limit=PAGE_ROWS)
    return limit


def cursor_after(query: Query, key: tuple[int, str]) -> str:
    """The cursor that goes on after the row with this sort key."""
    text = json.dumps([_mark(query), *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii")


def position_of(query: Query, cursor: str) -> tuple[int, str]:
    """The sort key that a cursor goes on after.

    Raises:
        InvalidValue: it is no cursor, or one of another query.
    """
    try:
        mark, order, id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise InvalidValue.of("cursor", "not_a_cursor") from None
    if mark != _mark(query):
        raise InvalidValue.of("cursor", "foreign_cursor")
    if type(order) is not int or type(id) is not str or cursor_after(query, (order, id)) != cursor:
        raise InvalidValue.of("cursor", "not_a_cursor")
    return order, id


def _mark(query: Query) -> str:
    """A short digest of the query: its repr is made of ids and enums only, so it is stable."""
    return hashlib.blake2b(repr(query).encode("utf-8", "replace"), digest_size=8).hexdigest()
