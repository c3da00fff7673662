"""One shape for sync and async databases, so that everything above is written once, as coroutines.

1. A coroutine over a sync database never waits: `finished` runs it to its end in a single step.
2. A connection is opened to read or to write. One that reads has no transaction: each of its statements is a
   moment of its own, and one way to the database and back. One that writes has a transaction, in the isolation
   that the engine was made with; what is not committed when it is closed is rolled back.
3. psycopg is told so itself: SQLAlchemy's own way of leaving transactions out for a while takes longer than the
   statement. A connection that cannot be put back as it was is thrown away. SQLite begins no transaction to
   read, and where its driver is set to begin none at all, it is begun by hand.
4. A sync connection gives its statements to psycopg itself, for what SQLAlchemy does around a statement takes
   longer than the driver; and a set in one pipeline, so in one way to the database. Only where somebody listens
   to the statements of an engine, or has them logged, SQLAlchemy runs them one by one, as it does all others.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import attrs
from sqlalchemy import Connection as SyncSqlConnection
from sqlalchemy import Dialect, Engine, TextClause
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection as AsyncSqlConnection
from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["AsyncDatabase", "Connection", "Database", "Step", "SyncDatabase", "Values", "finished"]

T = TypeVar("T")

_BEGIN: Final = "BEGIN IMMEDIATE"

_TRY: Final = "SELECT 1"
"""Fails on a connection that is gone, and SQLAlchemy drops it, and those as old."""

Values: TypeAlias = Mapping[str, object]
"""What the names in a statement stand for."""

Step: TypeAlias = tuple[TextClause, Sequence[Values]]
"""A statement, and the values that it is run with one after another."""


class Connection(Protocol):
    """A connection to a database, until it is closed."""

    dialect: str
    """Which database it is: ``sqlite`` or ``postgresql``."""

    async def rows(self, statement: TextClause, values: Values, /) -> Sequence[Any]:
        """All rows of a statement."""

    async def change(self, statement: TextClause, values: Values, /) -> int:
        """How many rows a statement changed."""

    async def changes(self, steps: Sequence[Step], /) -> list[int]:
        """How many rows each of some statements changed, each for all its values; none waits for another."""

    async def commit(self) -> None:
        """Make what was written last."""

    async def close(self) -> None:
        """Give the connection back."""


class Database(Protocol):
    """Where connections come from."""

    dialect: str
    engine: Engine
    """The engine, or what an async one stands on."""

    async def open(self, *, writing: bool) -> Connection:
        """A connection to read, or to write."""

    async def pause(self, seconds: float) -> None:
        """Let some time pass."""


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine over a sync database."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("a coroutine over a sync database waited")


@attrs.frozen(slots=True)
class _Ready:
    """A statement as the driver takes it: names stand in it, or, for some drivers, places."""

    sql: str
    places: tuple[str, ...] | None

    def given(self, values: Values) -> Any:
        """The values as the driver takes them."""
        return values if self.places is None else tuple([values[name] for name in self.places])

    def all(self, rows: Sequence[Values]) -> Any:
        """The values of several rows; one row by itself goes the shorter way through the driver."""
        return self.given(rows[0]) if len(rows) == 1 else [self.given(row) for row in rows]


@lru_cache(maxsize=1024)
def _ready(statement: TextClause, dialect: Dialect) -> _Ready:
    """Made once: to look a statement up in SQLAlchemy's own cache takes as long as to run it on SQLite."""
    compiled = statement.compile(dialect=dialect)
    places = compiled.positiontup if dialect.positional else None
    return _Ready(str(compiled), None if places is None else tuple(places))


def _driver(connection: SyncSqlConnection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection


class _SyncConnection:
    __slots__ = ("_connection", "_was", "dialect")

    def __init__(self, connection: SyncSqlConnection) -> None:
        self._connection = connection
        self._was: bool | None = None
        self.dialect = connection.dialect.name

    def ready(self, *, writing: bool) -> None:
        """Have a transaction to write, and none to read."""
        driver = _driver(self._connection)
        if self.dialect == "postgresql":
            if driver.closed:
                self._connection.exec_driver_sql(_TRY)
            if driver.autocommit is writing:
                self._was = writing
                driver.autocommit = not writing
        elif writing:
            self._connection.begin()
            if not driver.in_transaction:
                self._connection.exec_driver_sql(_BEGIN)

    async def rows(self, statement: TextClause, values: Values, /) -> Sequence[Any]:
        ready = _ready(statement, self._connection.dialect)
        return self._connection.exec_driver_sql(ready.sql, ready.given(values)).all()

    async def change(self, statement: TextClause, values: Values, /) -> int:
        return (await self.changes([(statement, [values])]))[0]

    async def changes(self, steps: Sequence[Step], /) -> list[int]:
        counts = []
        for statement, rows in steps:
            ready = _ready(statement, self._connection.dialect)
            counts.append(self._connection.exec_driver_sql(ready.sql, ready.all(rows)).rowcount)
        return counts

    async def commit(self) -> None:
        self._connection.commit()

    async def close(self) -> None:
        try:
            if self._was is not None and not self._connection.invalidated:
                driver = _driver(self._connection)
                if self._was:
                    driver.rollback()
                driver.autocommit = self._was
        except Exception:
            self._connection.invalidate()
        finally:
            self._connection.close()


class _DirectConnection(_SyncConnection):
    """One whose statements go straight to psycopg; SQLAlchemy opens it, throws it away and closes it."""

    __slots__ = ("_dialect", "_psycopg")

    def __init__(self, connection: SyncSqlConnection) -> None:
        super().__init__(connection)
        self._dialect = connection.dialect
        self._psycopg = _driver(connection)

    async def rows(self, statement: TextClause, values: Values, /) -> Sequence[Any]:
        with self._telling():
            rows: Sequence[Any] = self._sent(statement, [values]).fetchall()
        return rows

    async def changes(self, steps: Sequence[Step], /) -> list[int]:
        with self._telling():
            if len(steps) == 1:
                cursors = [self._sent(*steps[0])]
            else:
                with self._psycopg.pipeline():
                    cursors = [self._sent(statement, rows) for statement, rows in steps]
            return [cursor.rowcount for cursor in cursors]

    async def commit(self) -> None:
        with self._telling():
            self._dialect.do_commit(self._psycopg)

    def _sent(self, statement: TextClause, rows: Sequence[Values]) -> Any:
        cursor = self._psycopg.cursor()
        run = cursor.execute if len(rows) == 1 else cursor.executemany
        ready = _ready(statement, self._dialect)
        run(ready.sql, ready.all(rows))
        return cursor

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell errors as SQLAlchemy does, and have it know of them."""
        try:
            yield
        except self._dialect.loaded_dbapi.Error as error:
            if self._dialect.is_disconnect(error, self._psycopg, None):
                self._connection.exec_driver_sql(_TRY)
            raise DBAPIError(None, None, error, hide_parameters=True) from None
        except BaseException as error:
            if not isinstance(error, Exception):
                self._connection.invalidate()  # Broken off in the middle of something.
            raise


def _watched(engine: Engine) -> bool:
    """Whether somebody wants to see the statements that SQLAlchemy runs."""
    events = engine.dispatch
    seen = events.before_cursor_execute or events.after_cursor_execute
    return bool(seen) or engine.logger.isEnabledFor(logging.INFO)


class SyncDatabase:
    """A database behind an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._psycopg = engine.dialect.driver == "psycopg"

    async def open(self, *, writing: bool) -> Connection:
        direct = self._psycopg and not _watched(self.engine)
        connection = (_DirectConnection if direct else _SyncConnection)(self.engine.connect())
        try:
            connection.ready(writing=writing)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def pause(self, seconds: float) -> None:
        time.sleep(seconds)


class _AsyncConnection:
    __slots__ = ("_connection", "_was", "dialect")

    def __init__(self, connection: AsyncSqlConnection) -> None:
        self._connection = connection
        self._was: bool | None = None
        self.dialect = connection.dialect.name

    @property
    def _driver(self) -> Any:
        assert self._connection.sync_connection is not None
        return _driver(self._connection.sync_connection)

    async def ready(self, *, writing: bool) -> None:
        """Have a transaction to write, and none to read."""
        driver = self._driver
        if self.dialect == "postgresql":
            if driver.closed:
                await self._connection.exec_driver_sql(_TRY)
            if driver.autocommit is writing:
                self._was = writing
                await driver.set_autocommit(not writing)
        elif writing:
            await self._connection.begin()
            if not driver.in_transaction:
                await self._connection.exec_driver_sql(_BEGIN)

    async def rows(self, statement: TextClause, values: Values, /) -> Sequence[Any]:
        ready = _ready(statement, self._connection.dialect)
        return (await self._connection.exec_driver_sql(ready.sql, ready.given(values))).all()

    async def change(self, statement: TextClause, values: Values, /) -> int:
        return (await self.changes([(statement, [values])]))[0]

    async def changes(self, steps: Sequence[Step], /) -> list[int]:
        counts = []
        for statement, rows in steps:
            ready = _ready(statement, self._connection.dialect)
            counts.append((await self._connection.exec_driver_sql(ready.sql, ready.all(rows))).rowcount)
        return counts

    async def commit(self) -> None:
        await self._connection.commit()

    async def close(self) -> None:
        # Whoever is cancelled here must still give the connection back.
        await asyncio.shield(self._give_back())

    async def _give_back(self) -> None:
        try:
            if self._was is not None and not self._connection.invalidated:
                if self._was:
                    await self._driver.rollback()
                await self._driver.set_autocommit(self._was)
        except Exception:
            await self._connection.invalidate()
        finally:
            await self._connection.close()


class AsyncDatabase:
    """A database behind an async engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine.sync_engine
        self.dialect = engine.dialect.name
        self._engine = engine

    async def open(self, *, writing: bool) -> Connection:
        connection = _AsyncConnection(await self._engine.connect())
        try:
            await connection.ready(writing=writing)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
