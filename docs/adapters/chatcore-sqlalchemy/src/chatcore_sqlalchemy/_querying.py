"""Pages and counts of whatever is asked for.

A page reads one row more than it gives, to know whether there is another page; that row is not decoded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import text

from chatcore.entities import Contact, Conversation, Effect, Message
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Named,
    Page,
    Query,
    sort_key,
)
from chatcore.search.pages import check_limit, cursor_after, position_of
from chatcore_sqlalchemy import _statements
from chatcore_sqlalchemy._bodies import load
from chatcore_sqlalchemy._conditions import ON_POSTGRESQL, ON_SQLITE, Dialect
from chatcore_sqlalchemy._connection import Connection
from chatcore_sqlalchemy._picks import Pick, Statement, doubtful_picks, probe, sure_pick

__all__ = ["count_of", "page_of_contacts", "page_of_conversations", "page_of_effects", "page_of_messages"]

_Thing = TypeVar("_Thing", Conversation, Message, Contact, Effect)
_Make: TypeAlias = Callable[[Dialect, str, Any, Pick | None, int, "tuple[int, str] | None"], Statement]


_prepared: Final = lru_cache(maxsize=512)(text)
"""Statements by their text: SQLAlchemy keeps what it makes of each."""


async def page_of_conversations(
    connection: Connection, tenant: str, query: ConversationQuery, limit: int, cursor: str | None
) -> Page[Conversation]:
    """A page of conversations."""
    return await _page(connection, tenant, query, limit, cursor, _statements.conversations, Conversation)


async def page_of_messages(
    connection: Connection, tenant: str, query: MessageQuery, limit: int, cursor: str | None
) -> Page[Message]:
    """A page of messages."""
    return await _page(connection, tenant, query, limit, cursor, _statements.messages, Message)


async def page_of_contacts(
    connection: Connection, tenant: str, query: ContactQuery, limit: int, cursor: str | None
) -> Page[Contact]:
    """A page of contacts."""
    return await _page(connection, tenant, query, limit, cursor, _statements.contacts, Contact)


async def page_of_effects(
    connection: Connection, tenant: str, query: EffectQuery, limit: int, cursor: str | None
) -> Page[Effect]:
    """A page of effects."""
    return await _page(connection, tenant, query, limit, cursor, _statements.effects, Effect)


async def count_of(
    connection: Connection, tenant: str, query: ConversationQuery | EffectQuery, at_most: int
) -> int:
    """How many match, counted up to a bound."""
    dialect = _dialect(connection)
    pick = await _pick(connection, dialect, tenant, query)
    make: Any = _statements.count_of_conversations
    if isinstance(query, EffectQuery):
        make = _statements.count_of_effects
    sql, values = make(dialect, tenant, query, pick, at_most)
    ((found,),) = await connection.rows(_prepared(sql), values)
    return int(found)


async def _pick(connection: Connection, dialect: Dialect, tenant: str, query: Query) -> Pick | None:
    """What to begin with; None where an order is walked."""
    if (sure := sure_pick(query)) is not None:
        return sure
    if not dialect.sqlite:
        return next((part for part in doubtful_picks(dialect, query) if isinstance(part, Named)), None)
    best, least = None, 1.0
    for pick in doubtful_picks(dialect, query):
        (sql, values), few = probe(dialect, tenant, query, pick)
        ((found,),) = await connection.rows(_prepared(sql), values)
        if found / few < least:
            best, least = pick, found / few
    return best


async def _page(
    connection: Connection,
    tenant: str,
    query: Query,
    limit: int,
    cursor: str | None,
    make: _Make,
    kind: type[_Thing],
) -> Page[_Thing]:
    check_limit(limit)
    after = None if cursor is None else position_of(query, cursor, tenant)
    dialect = _dialect(connection)
    pick = await _pick(connection, dialect, tenant, query)
    sql, values = make(dialect, tenant, query, pick, limit + 1, after)
    rows = await connection.rows(_prepared(sql), values)
    things = tuple([load(row[-1], kind) for row in rows[:limit]])
    if len(rows) <= limit:
        return Page(things)
    return Page(things, cursor_after(query, sort_key(query, things[-1]), tenant))


def _dialect(connection: Connection) -> Dialect:
    return ON_SQLITE if connection.dialect == "sqlite" else ON_POSTGRESQL
