"""Broken storages: what only shows when several come at once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import attrs

from chatcore.entities import Entity
from chatcore.errors import InvalidValue
from chatcore.events import Envelope
from chatcore.ports import ChangeSet, ReadSet, Snapshot
from chatcore.search import Page
from chatcore.vocabulary import Ref
from tests.kit.plain import PlainStorage
from tests.kit.storages import AsyncFace, Early, others_come_in, storages
from tests.kit.tables import Database

__all__ = ["BROKEN"]


class VersionsChecked(Early):
    """Versions are selected first and written later: check, then act."""

    early = "versions"


class WaitsBetweenCheckAndWrite(AsyncFace):
    """Between the check and the write of an async storage something is awaited, and no transaction is open."""

    async def apply(self, change: ChangeSet, /) -> None:
        self.storage.check(change)
        await asyncio.sleep(0)
        self.storage.write(change)


class KeyChecked(Early):
    """The idempotency key is looked up before, and no constraint keeps a second one out."""

    early = "key"


class CommandChecked(Early):
    """The command's receipt is looked up before, and no constraint keeps a second one out."""

    early = "command"


class ClaimsChecked(Early):
    """Claims are looked up before they are written, and no constraint keeps a second owner out."""

    early = "claims"


class UpdateLost(PlainStorage):
    """Counts are read, added to and written back, so that what others added in between is lost."""

    def apply(self, change: ChangeSet, /) -> None:
        with self.step():
            before = {tally.key: self.tables.tallies.get(tally.key, 0) for tally in change.tallies}
        if before:
            others_come_in()
        with self.step():
            self.check(change)
            self.write(change)
            for tally in change.tallies:
                self.tables.tallies[tally.key] = before[tally.key] + tally.delta


class TalliesChecked(Early):
    """The bound of a count is looked at before the count moves: check, then act."""

    early = "tallies"


class TornReads(PlainStorage):
    """A read is a statement for each state, without a transaction around them."""

    def moment(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def state(self, ref: Ref) -> Entity | None:
        others_come_in()
        return super().state(ref)


class OwnersReadApart(PlainStorage):
    """Who owns a claim is read at one moment, and the owner's state at another."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        found = super().read(attrs.evolve(wanted, refs=()))
        others_come_in()
        rest = super().read(attrs.evolve(wanted, refs=(*wanted.refs, *found.owners.values()), owners=()))
        return attrs.evolve(rest, owners=found.owners)


class CountsReadApart(PlainStorage):
    """Counts are read after the states, at a moment of their own."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        found = super().read(attrs.evolve(wanted, tallies=()))
        others_come_in()
        return attrs.evolve(found, tallies=self.counts(wanted.tallies))


class _Numbered(PlainStorage):
    """Events are read by a number each has."""

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant, database)
        if not hasattr(database, "numbers"):
            database.numbers = {}  # type: ignore[attr-defined]
        self.mine: tuple[Iterator[int], dict[int, Envelope]] = database.numbers.setdefault(  # type: ignore[attr-defined]
            tenant, (itertools.count(1), {})
        )

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        self.check_limit(limit)
        if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 20):
            raise InvalidValue.of("after", "not_a_cursor")
        with self.moment():
            numbers = sorted(number for number in self.mine[1] if number > int(after or 0))[:limit]
            return Page(tuple(self.mine[1][n] for n in numbers), str(numbers[-1] if numbers else after or 0))

    def head(self) -> str:
        with self.moment():
            return str(max(self.mine[1], default=0))


class NumbersBeforeCommit(_Numbered):
    """Events get their numbers before the commit, so that one that comes late is never read."""

    def apply(self, change: ChangeSet, /) -> None:
        count = sum(len(write.events) for write in change.writes)
        with self.step():
            numbers = [next(self.mine[0]) for _ in range(count)]
        if numbers and numbers[0] % 2:
            others_come_in()
        with self.step():
            super().apply(change)
            events = (event for write in change.writes for event in write.events)
            self.mine[1].update(zip(numbers, events, strict=True))


class StatesBeforeEvents(_Numbered):
    """Events are written in a transaction after the one of their states."""

    def apply(self, change: ChangeSet, /) -> None:
        super().apply(change)
        if change.receipt.command[-1] in "13579":
            others_come_in()
        with self.step():
            self.mine[1].update((next(self.mine[0]), e) for write in change.writes for e in write.events)


BROKEN = storages(vars())
