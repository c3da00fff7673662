"""Streams and changes: every event, in the order of its entity, behind every cursor given out before."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial

import pytest

from chatcore.errors import InvalidValue
from chatcore.events import Envelope
from chatcore.testing.suites.storage._asking import caught_up, followed, read
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._ledger import Ledger, Step
from chatcore.testing.suites.storage._rivals import at_once, outcome_of
from chatcore.testing.suites.storage._steps import configured, contact, conversation, effect, named, renamed
from chatcore.vocabulary import ContactId, Ref

__all__ = ["FollowingTests"]

A, B = ContactId("ct_a"), ContactId("ct_b")

GARBAGE = (
    "",
    " ",
    "x",
    "-1",
    "\uff11",
    "é",
    "\0",
    "\ud800",
    "a.b.c",
    "{}",
    "null",
    "'",
    "0x1",
    "1e3",
    "1" * 2000,
)
"""What nobody ever gave out as a cursor."""


def _in_order(found: Iterable[Envelope]) -> dict[Ref, list[int]]:
    """The versions of each entity, as they first came."""
    first: defaultdict[Ref, list[int]] = defaultdict(list)
    for envelope in found:
        if envelope.version not in first[envelope.ref]:
            first[envelope.ref].append(envelope.version)
    return dict(first)


def _busy(ledger: Ledger) -> None:
    """A few sets of every kind of entity."""
    ledger.commit(configured(), contact(A, name="Maria"), conversation("cv_1"))
    ledger.commit(*ledger.heard("cv_1", "Oi", "Tudo bem?"), effect("ef_1"))
    ledger.commit(renamed(A, "Ana", "Anna"), contact(B))
    ledger.commit(key="nothing")
    ledger.commit(renamed(B, "Beto"), renamed(A, None))
    ledger.commit(renamed(B, *(f"Beto {n}" for n in range(12))))
    ledger.commit(*ledger.heard("cv_1", "Até logo"))


class FollowingTests(StorageTests):
    """`Storage.stream`, `Storage.changes`, `Storage.head`."""

    def test_a_stream_is_read_from_any_version(self) -> None:
        """The events above a version, in order, up to the limit; of nothing there are none.

        When this fails: `after` is left out itself; the order is that of the versions; the limit counts events.
        """
        ledger = Ledger(self.storage())
        _busy(ledger)
        storage = ledger.storage
        for ref in ledger.states:
            events = [envelope for envelope in ledger.events if envelope.ref == ref]
            for after in range(len(events) + 2):
                for limit in (1, 2, 200):
                    expected = tuple(events[after : after + limit])
                    assert storage.stream(ref, after=after, limit=limit) == expected, (ref, after, limit)
        assert storage.stream(ContactId("ct_none"), after=0, limit=5) == ()
        assert storage.stream(A, after=10**9, limit=5) == ()

    @pytest.mark.parametrize("limit", [1, 2, 3, 200])
    def test_changes_are_all_events_in_the_order_of_their_entity(self, limit: int) -> None:
        """From the beginning, page after page: every event, as it was recorded, each entity's in order.

        When this fails: an event is lost between two pages or within a set, or those of one entity change
        places. An event may come twice, none may be left out.
        """
        ledger = Ledger(self.storage())
        _busy(ledger)
        found, _ = followed(ledger.storage, (e.id for e in ledger.events), limit=limit)
        assert {envelope.id: envelope for envelope in found} == {e.id: e for e in ledger.events}
        assert _in_order(found) == _in_order(ledger.events)

    def test_changes_go_on_where_they_stopped(self) -> None:
        """The last page has a next cursor, and what is committed later is found behind it.

        When this fails: the page after the last event has no next cursor, or one from before it.
        """
        ledger = Ledger(self.storage())
        start = ledger.storage.changes(after=None, limit=5)
        assert start.rows == ()
        assert start.next is not None, "each page of `changes` has a next cursor, of an empty storage as well"
        cursor: str | None = start.next
        for n in range(5):
            before = len(ledger.events)
            ledger.commit(contact(A) if n == 0 else renamed(A, f"n{n}"), contact(f"ct_{n}"))
            new = ledger.events[before:]
            found, cursor = followed(ledger.storage, (e.id for e in new), after=cursor, limit=1 + n % 3)
            assert _in_order(found) == _in_order(new)
        everything, _ = followed(ledger.storage, (e.id for e in ledger.events), after=start.next)
        assert _in_order(everything) == _in_order(ledger.events)

    def test_the_head_stands_behind_everything_committed(self) -> None:
        """Behind the head there is nothing; what is committed then is what is found there.

        When this fails: `head` lags behind, or is read from a number that others still fill up.
        """
        ledger = Ledger(self.storage())
        empty = caught_up(ledger.storage)
        _busy(ledger)
        full = caught_up(ledger.storage)
        before = len(ledger.events)
        ledger.commit(renamed(A, "Zoe"), contact("ct_z"))
        new = ledger.events[before:]
        found, _ = followed(ledger.storage, [e.id for e in new], after=full)
        assert _in_order(found) == _in_order(new), "only what was committed behind the head is found there"
        all_of_it, _ = followed(ledger.storage, [e.id for e in ledger.events], after=empty)
        assert _in_order(all_of_it) == _in_order(ledger.events)

    def test_a_cursor_of_changes_lasts(self) -> None:
        """Every cursor that was given out stays good, however much was committed and read since.

        When this fails: a cursor lives in the handle that gave it out, or stands for a count of rows.
        """
        ledger = Ledger(self.storage())
        cursors: list[tuple[str, int]] = []
        for n in range(6):
            cursors.append((caught_up(ledger.storage), len(ledger.events)))
            ledger.commit(contact(f"ct_{n}"), *([renamed("ct_0", f"n{n}")] if n else []))
        for cursor, start in cursors:
            new = ledger.events[start:]
            found, _ = followed(ledger.storage, [e.id for e in new], after=cursor, limit=2)
            assert _in_order(found) == _in_order(new)

    @pytest.mark.parametrize("cursor", GARBAGE, ids=ascii)
    def test_what_is_no_cursor_of_changes_is_refused(self, cursor: str) -> None:
        """Something that was never given out is an `InvalidValue`, and not an error of the database.

        When this fails: check the form of the cursor before it is used.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact(A), contact(B))
        with pytest.raises(InvalidValue):
            ledger.storage.changes(after=cursor, limit=5)

    def test_nothing_is_lost_under_concurrent_writers(self) -> None:
        """A reader that follows while four writers commit meets every event, each entity's in order.

        When this fails: a set that is committed later appears before a cursor given out earlier. A sequence or
        an autoincrement is drawn before the commit, and commits come in another order. Show a set only when
        every set with a lower number is committed or gone; and let an entity's next set never have the lower
        number.
        """
        ledger = Ledger(self.storage())
        storage = ledger.storage
        shared = [ContactId(f"ct_{n}") for n in range(3)]
        ledger.commit(*named(*shared))
        writers, rounds, start = 4, 20, caught_up(storage)
        committed: list[list[Envelope]] = [[] for _ in range(writers)]
        left = [True] * writers

        def write(n: int) -> None:
            own, dice = ledger.fork(), random.Random(n)
            mine = ContactId(f"ct_own_{n}")
            try:
                for turn in range(rounds):
                    steps: list[Step] = [contact(mine) if turn == 0 else renamed(mine, f"n{turn}")]
                    if turn % 2:
                        steps += [renamed(ref, f"w{n}") for ref in dice.sample(shared, 1 + turn % 3)]
                    while True:
                        change = own.change(*steps)
                        if outcome_of(storage, change) is None:
                            break
                        own.states.update(read(storage, *shared).states)
                    own.take_in(change)
                    committed[n] += [envelope for each in change.writes for envelope in each.events]
            finally:
                left[n] = False

        def follow() -> list[Envelope]:
            found, cursor = list[Envelope](), start
            while True:
                going = any(left)
                page = storage.changes(after=cursor, limit=7)
                assert page.next is not None
                found += page.rows
                cursor = page.next
                if not page.rows and not going:
                    break
            ids = {envelope.id for envelope in found}
            late, _ = followed(
                storage, [e.id for own in committed for e in own if e.id not in ids], after=cursor
            )
            return found + late

        acts: list[Callable[[], list[Envelope] | None]] = [partial(write, n) for n in range(writers)]
        results = at_once(*acts, follow, follow)
        expected = {envelope.id: envelope for own in committed for envelope in own}
        for found in results[writers:]:
            assert found is not None
            assert {envelope.id: envelope for envelope in found} == expected
            for ref, versions in _in_order(found).items():
                assert versions == sorted(versions), f"the events of {ref} came in another order: {versions}"
