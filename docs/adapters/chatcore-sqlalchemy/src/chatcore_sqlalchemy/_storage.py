"""The two faces of a storage, for `Desk` and for `AsyncDesk`, over the same coroutines."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Engine, StaticPool
from sqlalchemy.ext.asyncio import AsyncEngine

from chatcore.entities import Contact, Conversation, Effect, Message
from chatcore.errors import InvalidValue
from chatcore.events import Envelope
from chatcore.limits import ID_LENGTH
from chatcore.ports import ChangeSet, Due, ReadSet, Snapshot
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Page
from chatcore.vocabulary import Ref
from chatcore_sqlalchemy import _committing, _following, _forgetting, _querying, _reading
from chatcore_sqlalchemy._connection import AsyncDatabase, Database, SyncDatabase, finished
from chatcore_sqlalchemy._running import Runner

__all__ = ["AsyncSqlStorage", "SqlStorage"]

_DRIVERS: Final = {"postgresql": ("psycopg",), "sqlite": ("pysqlite", "aiosqlite")}
"""The databases and drivers that this has been proven with; others answer and fail in ways of their own."""


def _checked(engine: object, kind: type[Engine] | type[AsyncEngine]) -> None:
    """Refuse an engine that nothing here has been proven with.

    Raises:
        InvalidValue: ``not_an_engine``, ``not_a_database``, ``not_a_driver``; ``shared_connection`` for an
            engine that gives one connection to all: what one commits or rolls back would be another's.
    """
    if not isinstance(engine, kind):
        raise InvalidValue.of("engine", "not_an_engine")
    if engine.dialect.name not in _DRIVERS:
        raise InvalidValue.of("engine", "not_a_database")
    if engine.dialect.driver not in _DRIVERS[engine.dialect.name]:
        raise InvalidValue.of("engine", "not_a_driver")
    if isinstance(engine.pool, StaticPool):
        raise InvalidValue.of("engine", "shared_connection")


class _Face:
    """What both faces have: whose storage it is, and how work is run."""

    def __init__(self, database: Database, tenant: str) -> None:
        if type(tenant) is not str or not 0 < len(tenant) <= ID_LENGTH or not tenant.isprintable():
            raise InvalidValue.of("tenant", "not_a_tenant", limit=ID_LENGTH)
        self._runner = Runner(database)
        self._tenant = tenant

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._tenant!r})"


class SqlStorage(_Face):
    """Everything of one tenant, in a database behind an engine; threads may share it.

    The tables must be there: `migrate` makes them. A failure of the database is told as an error of the port:
    `Temporary`, `OutcomeUnknown`, or `Permanent`: ``schema_version`` where the tables are of another version.

    Raises:
        InvalidValue: the engine is for another database or driver than SQLite's own and psycopg, or gives one
            connection to all; or the tenant's name is empty or unprintable, or longer than `ID_LENGTH`.
    """

    def __init__(self, engine: Engine, tenant: str) -> None:
        _checked(engine, Engine)
        super().__init__(SyncDatabase(engine), tenant)

    def read(self, wanted: ReadSet, /) -> Snapshot:
        """Read states, owners, counts and receipts, by one statement."""
        return finished(self._runner.read(_reading.read, self._tenant, wanted))

    def apply(self, change: ChangeSet, /) -> None:
        """Commit a change set, all or nothing."""
        finished(_committing.apply(self._runner, self._tenant, change))

    def due(self, *, now: datetime, limit: int) -> Due:
        """The effects about which something is to be done now."""
        return finished(self._runner.read(_reading.due, self._tenant, now=now, limit=limit))

    def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        """A page of conversations."""
        return finished(self._runner.read(_querying.page_of_conversations, self._tenant, query, limit, cursor))

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        """How many match, counted up to `at_most`."""
        return finished(self._runner.read(_querying.count_of, self._tenant, query, at_most))

    def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        """A page of messages."""
        return finished(self._runner.read(_querying.page_of_messages, self._tenant, query, limit, cursor))

    def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        """A page of contacts."""
        return finished(self._runner.read(_querying.page_of_contacts, self._tenant, query, limit, cursor))

    def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        """A page of effects."""
        return finished(self._runner.read(_querying.page_of_effects, self._tenant, query, limit, cursor))

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        """The events of one entity."""
        return finished(self._runner.read(_reading.stream, self._tenant, ref, after=after, limit=limit))

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        """What was committed since a cursor; there is always a next one."""
        return finished(self._runner.read(_following.changes, self._tenant, after=after, limit=limit))

    def head(self) -> str:
        """The cursor behind everything committed by now."""
        return finished(self._runner.read(_following.head, self._tenant))

    def forget(self, *, before: datetime) -> int:
        """Drop expiring claims and receipts of before a moment, and say how many."""
        return finished(self._runner.write(_forgetting.forget, self._tenant, before=before))


class AsyncSqlStorage(_Face):
    """As `SqlStorage`, for `AsyncDesk`."""

    def __init__(self, engine: AsyncEngine, tenant: str) -> None:
        _checked(engine, AsyncEngine)
        super().__init__(AsyncDatabase(engine), tenant)

    async def read(self, wanted: ReadSet, /) -> Snapshot:
        """As `SqlStorage.read`."""
        return await self._runner.read(_reading.read, self._tenant, wanted)

    async def apply(self, change: ChangeSet, /) -> None:
        """As `SqlStorage.apply`."""
        await _committing.apply(self._runner, self._tenant, change)

    async def due(self, *, now: datetime, limit: int) -> Due:
        """As `SqlStorage.due`."""
        return await self._runner.read(_reading.due, self._tenant, now=now, limit=limit)

    async def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        """As `SqlStorage.conversations`."""
        return await self._runner.read(_querying.page_of_conversations, self._tenant, query, limit, cursor)

    async def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        """As `SqlStorage.count`."""
        return await self._runner.read(_querying.count_of, self._tenant, query, at_most)

    async def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        """As `SqlStorage.messages`."""
        return await self._runner.read(_querying.page_of_messages, self._tenant, query, limit, cursor)

    async def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        """As `SqlStorage.contacts`."""
        return await self._runner.read(_querying.page_of_contacts, self._tenant, query, limit, cursor)

    async def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        """As `SqlStorage.effects`."""
        return await self._runner.read(_querying.page_of_effects, self._tenant, query, limit, cursor)

    async def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        """As `SqlStorage.stream`."""
        return await self._runner.read(_reading.stream, self._tenant, ref, after=after, limit=limit)

    async def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        """As `SqlStorage.changes`."""
        return await self._runner.read(_following.changes, self._tenant, after=after, limit=limit)

    async def head(self) -> str:
        """As `SqlStorage.head`."""
        return await self._runner.read(_following.head, self._tenant)

    async def forget(self, *, before: datetime) -> int:
        """As `SqlStorage.forget`."""
        return await self._runner.write(_forgetting.forget, self._tenant, before=before)
