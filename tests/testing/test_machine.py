"""The stateful comparison of storages: it finds what is wrong with one, in any of the ways it looks."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from chatcore.errors import ClaimTaken, VersionConflict
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet, Due, ReadSet, Snapshot
from chatcore.search import ConversationQuery, MessageQuery, Page, Says
from chatcore.testing.machine import storage_machine

FIRST_FAILURE = settings(
    max_examples=80,
    stateful_step_count=30,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
"""Enough to fail, and nothing spent on making it small."""


class Overwriting(MemoryStorage):
    """Versions are not compared."""

    def apply(self, change: ChangeSet, /) -> None:
        states = self.contents().states
        at = [0 if w.ref not in states else states[w.ref].version for w in change.writes]
        writes = [attrs.evolve(w, expected=n) for w, n in zip(change.writes, at, strict=True)]
        super().apply(attrs.evolve(change, writes=tuple(writes)))


class Unread(MemoryStorage):
    """What a set read is not compared."""

    def apply(self, change: ChangeSet, /) -> None:
        super().apply(attrs.evolve(change, reads=()))


class Forgetful(MemoryStorage):
    """An idempotency key may be used twice."""

    def apply(self, change: ChangeSet, /) -> None:
        super().apply(attrs.evolve(change, receipt=attrs.evolve(change.receipt, key=None)))


class Misnaming(MemoryStorage):
    """A conflict names another version than the set expected."""

    def apply(self, change: ChangeSet, /) -> None:
        try:
            super().apply(change)
        except VersionConflict as conflict:
            raise VersionConflict(conflict.ref, conflict.expected + 1) from None


class Unbounded(MemoryStorage):
    """Counts have no bound."""

    def apply(self, change: ChangeSet, /) -> None:
        tallies = tuple(attrs.evolve(tally, at_most=None) for tally in change.tallies)
        super().apply(attrs.evolve(change, tallies=tallies))


class Unsealed(MemoryStorage):
    """Seals do not hold."""

    def apply(self, change: ChangeSet, /) -> None:
        super().apply(attrs.evolve(change, seals=()))


class Clinging(MemoryStorage):
    """Claims are not released."""

    def apply(self, change: ChangeSet, /) -> None:
        super().apply(attrs.evolve(change, releases=()))


class Eager(MemoryStorage):
    """Forgets what was recorded at the moment itself, too."""

    def forget(self, *, before: datetime) -> int:
        return super().forget(before=before + timedelta(microseconds=1))


class Late(MemoryStorage):
    """What falls due now is not due."""

    def due(self, *, now: datetime, limit: int) -> Due:
        return super().due(now=now - timedelta(microseconds=1), limit=limit)


class Deaf(MemoryStorage):
    """Finds words only as they were written, in small letters."""

    def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Any]:
        page = super().messages(query, limit=limit, cursor=cursor)
        if not isinstance(query.where, Says):
            return page
        [word] = query.where.words
        return Page(tuple(row for row in page.rows if word in row.shown.reveal()), page.next)


class Counting(MemoryStorage):
    """Cursors of views count rows."""

    def conversations(self, query: ConversationQuery, /, *, limit: int, cursor: str | None) -> Page[Any]:
        rows: list[Any] = []
        after: str | None = None
        while True:
            page = super().conversations(query, limit=200, cursor=after)
            rows += page.rows
            after = page.next
            if after is None:
                break
        start = int(cursor or 0)
        more = len(rows) > start + limit
        return Page(tuple(rows[start : start + limit]), str(start + limit) if more else None)


class Skipping(MemoryStorage):
    """A page of changes leaves its last event out of the next one's reach."""

    def changes(self, *, after: str | None, limit: int) -> Page[Any]:
        page = super().changes(after=after, limit=limit)
        return Page(page.rows[:-1], page.next) if len(page.rows) == limit > 1 else page


class Stale(MemoryStorage):
    """Answers what it answered before, where refs and claims are the same."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        kept: dict[ReadSet, Snapshot] = self.__dict__.setdefault("kept", {})
        return kept.setdefault(wanted, super().read(wanted))


class Racing(MemoryStorage):
    """Looks first and writes later: between the two others write as well."""

    def apply(self, change: ChangeSet, /) -> None:
        with self._lock:
            self._check(change)
        threading.Event().wait(0.001)
        check, self._check = self._check, lambda change: None  # type: ignore[method-assign]
        try:
            super().apply(change)
        finally:
            self._check = check  # type: ignore[method-assign]


class Half(MemoryStorage):
    """A claim that is taken leaves the writes of its set."""

    def apply(self, change: ChangeSet, /) -> None:
        try:
            super().apply(change)
        except ClaimTaken as taken:
            if taken.claim in ("command", "key"):
                raise
            try:
                super().apply(attrs.evolve(change, claims=(), expiring=(), releases=()))
            except (ClaimTaken, VersionConflict):
                raise taken from None
            raise


BROKEN: tuple[type[MemoryStorage], ...] = (
    Clinging,
    Counting,
    Deaf,
    Eager,
    Forgetful,
    Half,
    Late,
    Misnaming,
    Overwriting,
    Racing,
    Skipping,
    Stale,
    Unbounded,
    Unread,
    Unsealed,
)


@pytest.mark.parametrize("broken", BROKEN)
def test_the_machine_finds_what_is_wrong(broken: type[MemoryStorage], monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that is wrong in one way does not get through, and the error says in words what is wrong."""
    monkeypatch.setattr("chatcore.testing.suites.storage._asking.PATIENCE", 2)
    tenants: dict[str, MemoryStorage] = {}
    machine = storage_machine(lambda tenant: tenants.setdefault(tenant, broken(tenant)))
    with pytest.raises((AssertionError, Flaky)) as caught:
        run_state_machine_as_test(machine, settings=FIRST_FAILURE)
    told: BaseException = caught.value
    while isinstance(told, BaseExceptionGroup):  # What threads do may not happen twice, and hypothesis says so.
        told = told.exceptions[0]
    assert isinstance(told, AssertionError) or broken is Racing
    assert len(str(told)) > 20


def test_handles_are_made_for_one_tenant_and_given_up() -> None:
    """A run asks for two handles of a tenant of its own, by a coroutine if need be, and gives both up."""
    made: list[str] = []
    given_up: list[MemoryStorage] = []
    tenants: dict[str, MemoryStorage] = {}

    async def make(tenant: str) -> MemoryStorage:
        made.append(tenant)
        return tenants.setdefault(tenant, MemoryStorage(tenant))

    async def unmake(storage: MemoryStorage) -> None:
        given_up.append(storage)

    machine = storage_machine(make, unmake=unmake, examples=3, steps=2)
    run_state_machine_as_test(machine, settings=settings(machine.TestCase.settings, phases=(Phase.generate,)))
    assert made
    assert all(made.count(tenant) == 2 for tenant in made)
    assert len(given_up) == len(made)


def test_machines_keep_to_their_own_factory() -> None:
    """Two machines in one file are of two storages, each with its own budget."""
    one = storage_machine(lambda tenant: MemoryStorage(tenant), examples=7, steps=9)
    other = storage_machine(lambda tenant: MemoryStorage(tenant))
    found = [
        (each.TestCase.settings.max_examples, each.TestCase.settings.stateful_step_count)
        for each in (one, other)
    ]
    assert found == [(7, 9), (50, 30)]
    assert one.TestCase is not other.TestCase
