"""Keyset pages: a cursor says after which row to go on, and belongs to one query.

A cursor is opaque to whoever holds it. One made for another query or tenant, or by nobody, is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from functools import lru_cache
from typing import Generic, TypeVar

import attrs

from chatcore._shape import not_id
from chatcore.errors import InvalidValue
from chatcore.limits import PAGE_ROWS
from chatcore.search.conditions import Condition, Documented, Filled, Numbered, leaves
from chatcore.search.query import EffectQuery, Query
from chatcore.vocabulary import Private

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


def cursor_after(query: Query, key: tuple[int, str], tenant: str = "") -> str:
    """The cursor that goes on after the row with this sort key; `tenant` is whose storage it is."""
    text = json.dumps([_mark(query, tenant), *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii")


def position_of(query: Query, cursor: str, tenant: str = "") -> tuple[int, str]:
    """The sort key that a cursor goes on after.

    Raises:
        InvalidValue: it is no cursor, or one of another query or tenant.
    """
    try:
        mark, order, id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise InvalidValue.of("cursor", "not_a_cursor") from None
    if mark != _mark(query, tenant):
        raise InvalidValue.of("cursor", "foreign_cursor")
    fits = type(order) is int and abs(order) < 1 << 63 and not not_id(id)
    if not fits or cursor_after(query, (order, id), tenant) != cursor:
        raise InvalidValue.of("cursor", "not_a_cursor")
    return order, id


@lru_cache(maxsize=256)
def _mark(query: Query, tenant: str) -> str:
    """A short digest of the query: its repr is stable, made of ids, words, enums; hidden values go in too."""
    where = None if isinstance(query, EffectQuery) else query.where
    hidden = [] if where is None else [_hidden(leaf) for leaf in leaves(where)]
    told = f"{tenant}\0{query!r}\0{hidden!r}"
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _hidden(leaf: Condition) -> object:
    """What a leaf asks for and does not print."""
    if isinstance(leaf, Numbered):
        return leaf.number.reveal()
    if isinstance(leaf, Documented):
        return leaf.document.reveal()
    value = leaf.value if isinstance(leaf, Filled) else None
    return value.reveal() if isinstance(value, Private) else value
