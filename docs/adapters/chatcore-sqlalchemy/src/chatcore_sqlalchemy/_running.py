"""Running work on a database: connections, transactions, attempts, and what is told when it does not pass.

1. Work is a coroutine function over a connection. It can be run any number of times: what it does is undone
   with its transaction, and what it needs is data.
2. An attempt that others were in the way of is made again, after a pause drawn by lot, `ATTEMPTS` times in all
   and no later than `PATIENCE` after the first. One whose connection is gone is made again once, at once: the
   pool may hold connections from before a restart.
3. Before the commit every failure is certain: nothing was done. At the commit it is certain only when the
   database says that it undid everything; else nobody knows (`OutcomeUnknown`), and the receipt tells.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from typing import Concatenate, Final, ParamSpec, TypeVar
from weakref import WeakSet

from sqlalchemy import Engine, text

from chatcore.errors import OutcomeUnknown, Permanent
from chatcore_sqlalchemy._connection import Connection, Database
from chatcore_sqlalchemy._failing import DRIVERS, Meaning, failure_of, meaning_of
from chatcore_sqlalchemy._version import SCHEMA_VERSION, VERSION_TABLE

__all__ = ["ATTEMPTS", "PATIENCE", "Overtaken", "Runner"]

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS: Final = 20
PATIENCE: Final = 5.0
"""Seconds from the first attempt after which no other one is begun."""

_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.1

_VERSION: Final = {
    "sqlite": text(f"SELECT version_num, 'UTF8' FROM {VERSION_TABLE}"),
    "postgresql": text(f"SELECT version_num, current_setting('server_encoding') FROM {VERSION_TABLE}"),
}

_fitting: Final[WeakSet[Engine]] = WeakSet()
"""The engines whose tables are known to be of this version."""


class Overtaken(Exception):
    """A younger transaction came first; the same in a new transaction may pass."""


class _Doubtful(Exception):
    """What went wrong at the commit."""


class Runner:
    """Runs work on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(
        self, work: Callable[Concatenate[Connection, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run work that reads, each statement at a moment of its own."""
        return await self._run(work, False, *args, **kwargs)

    async def write(
        self, work: Callable[Concatenate[Connection, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run work that writes, all or nothing."""
        return await self._run(work, True, *args, **kwargs)

    async def _run(
        self,
        work: Callable[Concatenate[Connection, P], Awaitable[T]],
        writing: bool,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        attempt, losses, begun = 0, 0, time.monotonic()
        while True:
            attempt += 1
            try:
                if self._database.engine not in _fitting:
                    await self._check()
                return await self._attempt(work, writing, *args, **kwargs)
            except Overtaken:
                meaning, failure = Meaning.AGAIN, failure_of(Meaning.AGAIN, Overtaken())
            except _Doubtful as doubt:
                if meaning_of(doubt.args[0]) is not Meaning.AGAIN:
                    raise OutcomeUnknown from None
                meaning, failure = Meaning.AGAIN, failure_of(Meaning.AGAIN, doubt)
            except DRIVERS as error:
                meaning = meaning_of(error)
                failure = failure_of(meaning, error)
            if meaning is Meaning.SCHEMA:
                _fitting.discard(self._database.engine)
            over = attempt >= ATTEMPTS or time.monotonic() - begun > PATIENCE
            if meaning is Meaning.LOST and not losses and not over:
                losses += 1
            elif meaning is Meaning.AGAIN and not over:
                longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
                await self._database.pause(random.uniform(0, longest))
            else:
                raise failure from None

    async def _attempt(
        self,
        work: Callable[Concatenate[Connection, P], Awaitable[T]],
        writing: bool,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        connection = await self._database.open(writing=writing)
        try:
            result = await work(connection, *args, **kwargs)
            if writing:
                try:
                    await connection.commit()
                except DRIVERS as error:
                    raise _Doubtful(error) from None
            return result
        finally:
            await connection.close()

    async def _check(self) -> None:
        """See that the tables are of this version, and hold any text."""
        connection = await self._database.open(writing=False)
        try:
            rows = await connection.rows(_VERSION[connection.dialect], {})
        finally:
            await connection.close()
        if [row[0] for row in rows] != [SCHEMA_VERSION]:
            raise Permanent("schema_version")
        if rows[0][1] != "UTF8":
            raise Permanent("not_utf8")
        _fitting.add(self._database.engine)
