"""What is due: effects about which something is to be done, soonest first, lane by lane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities import Effect
from chatcore.events import Claimed, Doubted, Event, Failed, LookedUp, Postponed, Succeeded
from chatcore.ports import Due, ReadSet, Storage
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._drawing import drawn
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.testing.suites.storage._steps import effect, told
from chatcore.vocabulary import EffectId, EffectState

__all__ = ["TimingTests", "due_of"]


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def _ids(storage: Storage, seconds: float = 0, limit: int = 200) -> list[str]:
    return [each.id for each in storage.due(now=_at(seconds), limit=limit).effects]


def due_of(effects: list[Effect], now: datetime, limit: int) -> Due:
    """What is due of these effects, by looking at all of them."""
    holding = [e for e in effects if e.state in (EffectState.INTENDED, EffectState.IN_FLIGHT)]
    heads: dict[str, EffectId] = {}
    for each in sorted(holding, key=lambda e: (e.position, e.id), reverse=True):
        if each.lane is not None:
            heads[each.lane] = each.id
    waiting = [
        (each.due_at, each.id, each)
        for each in effects
        if each.due_at is not None
        and (each.state is not EffectState.INTENDED or each.lane is None or heads[each.lane] == each.id)
    ]
    waiting.sort(key=lambda entry: entry[:2])
    found = tuple(each for at, _, each in waiting if at <= now)[:limit]
    rest = waiting[len(found) :]
    return Due(found, rest[0][0] if rest else None)


_MOVES: Final[Mapping[str, Callable[[datetime], Event]]] = {
    "claim": lambda due: Claimed(lease_until=due),
    "postpone": lambda due: Postponed(due_at=due),
    "doubt": lambda due: Doubted(due_at=due, detail="timeout"),
    "look up": lambda due: LookedUp(due_at=due),
    "succeed": lambda due: Succeeded(),
    "fail": lambda due: Failed(detail="131026"),
}
"""What may happen to an effect, and when it is due then."""

_POSSIBLE = {
    EffectState.INTENDED: ("claim",),
    EffectState.IN_FLIGHT: ("postpone", "doubt", "succeed", "fail"),
    EffectState.UNKNOWN: ("look up", "postpone", "claim", "succeed"),
}


class TimingTests(StorageTests):
    """`Storage.due`, and the order within lanes."""

    def test_what_is_due_comes_soonest_first(self) -> None:
        """By `due_at`, and those due at one moment by id, code point by code point.

        When this fails: order by the moment, in full microseconds, then by id in a binary collation.
        """
        ledger = Ledger(self.storage())
        ids = ["ef_b", "ef_B", "ef_a", "ef_\u00e9", "ef_\uff5a", "ef_\U0001f600", "ef_10", "ef_9"]
        ledger.commit(*(effect(id) for id in ids), effect("ef_z", due=_at(-1)), effect("ef_0", due=_at(1)))
        assert _ids(ledger.storage) == ["ef_z", *sorted(ids)]
        assert _ids(ledger.storage, 1) == ["ef_z", *sorted(ids), "ef_0"]

    def test_an_effect_is_due_from_its_very_moment(self) -> None:
        """At `due_at` it is due, a microsecond before it is not.

        When this fails: compare with `<=`, and keep the microseconds of every moment.
        """
        ledger = Ledger(self.storage())
        due = NOON + timedelta(microseconds=500_001)
        ledger.commit(effect("ef_1", due=due))
        early = ledger.storage.due(now=due - timedelta(microseconds=1), limit=5)
        assert (early.effects, early.next_at) == ((), due)
        on_time = ledger.storage.due(now=due, limit=5)
        assert (on_time.effects, on_time.next_at) == ((ledger.states[EffectId("ef_1")],), None)

    def test_moments_keep_their_microseconds(self) -> None:
        """Effects that are due one microsecond apart come in that order, also far from now.

        When this fails: moments are kept as floating seconds, or cut to milliseconds.
        """
        ledger = Ledger(self.storage())
        for base in (NOON, NOON.replace(year=1971), NOON.replace(year=9998)):
            moments = [base + timedelta(microseconds=n) for n in (2, 0, 999_999, 1)]
            numbers = [f"ef_{base.year}_{n}" for n in range(4)]
            ledger.commit(*(effect(id, due=at) for id, at in zip(numbers, moments, strict=True)))
            due = ledger.storage.due(now=base + timedelta(seconds=1), limit=200)
            found = [each for each in due.effects if each.id in numbers]
            assert [each.due_at for each in found] == sorted(moments)
            assert all(ledger.states[each.id] == each for each in found)

    def test_of_much_that_is_due_only_the_first_are_given(self) -> None:
        """As many as the limit says, and `next_at` is when the first one left out falls due, due or not.

        When this fails: ask for one row more than the limit; its `due_at` is `next_at`.
        """
        ledger = Ledger(self.storage())
        effects = [effect(f"ef_{n:03d}", due=_at(n)) for n in range(12)]
        ledger.commit(*reversed(effects))
        for now, limit, count, after in (
            (5, 3, 3, 3),
            (5, 6, 6, 6),
            (5, 7, 6, 6),
            (11, 12, 12, None),
            (-1, 9, 0, 0),
        ):
            due = ledger.storage.due(now=_at(now), limit=limit)
            assert [each.id for each in due.effects] == [f"ef_{n:03d}" for n in range(count)]
            assert due.next_at == (None if after is None else _at(after)), (now, limit)
        assert self.storage().due(now=NOON, limit=1) == Due()

    def test_only_the_head_of_a_lane_is_due(self) -> None:
        """Of the INTENDED ones of a lane only the first by position, whatever is due sooner. Rule: M20.

        When this fails: leave out an INTENDED effect while an earlier one of its lane is INTENDED or IN_FLIGHT,
        when looking for `next_at` as well.
        """
        ledger = Ledger(self.storage())
        ledger.commit(
            effect("ef_b", due=_at(50), lane="l", position=1),
            effect("ef_a", due=_at(0), lane="l", position=2),
            effect("ef_c", due=_at(10), lane="m", position=7),
            effect("ef_d", due=_at(5), lane="m", position=7),
            effect("ef_e", due=_at(20)),
            effect("ef_f", due=_at(30)),
        )
        assert _ids(ledger.storage, 40) == ["ef_c", "ef_e", "ef_f"]
        assert ledger.storage.due(now=_at(0), limit=9).next_at == _at(10)
        assert ledger.storage.due(now=_at(40), limit=9).next_at == _at(50)
        ledger.commit(told("ef_b", Claimed(lease_until=_at(60))))
        assert _ids(ledger.storage, 60) == ["ef_c", "ef_e", "ef_f", "ef_b"]
        ledger.commit(told("ef_b", Succeeded()))
        assert _ids(ledger.storage, 60) == ["ef_a", "ef_c", "ef_e", "ef_f"]

    @pytest.mark.parametrize("state", list(EffectState))
    def test_what_holds_a_lane_is_intended_or_in_flight(self, state: EffectState) -> None:
        """Doubts and ends let the next one of their lane pass. Rule: M20.

        When this fails: only INTENDED and IN_FLIGHT hold a lane.
        """
        ledger = Ledger(self.storage())
        ledger.commit(
            effect("ef_1", due=_at(60), state=state, lane="l", position=1),
            effect("ef_2", lane="l", position=2),
        )
        holds = state in (EffectState.INTENDED, EffectState.IN_FLIGHT)
        assert _ids(ledger.storage) == ([] if holds else ["ef_2"])
        waits = holds or state is EffectState.UNKNOWN
        assert ledger.storage.due(now=_at(0), limit=9).next_at == (_at(60) if waits else None)

    def test_what_was_claimed_or_doubted_is_due_whatever_its_lane(self) -> None:
        """A lease that ended and a doubt are due although an earlier one holds their lane. Rule: M20.

        When this fails: the heads of lanes are asked of effects other than INTENDED ones.
        """
        ledger = Ledger(self.storage())
        ledger.commit(
            effect("ef_1", due=_at(60), lane="l", position=1),
            effect("ef_2", due=_at(1), state=EffectState.IN_FLIGHT, lane="l", position=2),
            effect("ef_3", due=_at(2), state=EffectState.UNKNOWN, lane="l", position=3),
        )
        assert _ids(ledger.storage, 2) == ["ef_2", "ef_3"]

    def test_an_effect_that_comes_back_takes_its_place_again(self) -> None:
        """An earlier one that returns from a doubt stands before the later one again. Rule: M20.

        When this fails: places in a lane go by position, not by when an effect came to stand there.
        """
        ledger = Ledger(self.storage())
        ledger.commit(effect("ef_1", lane="l", position=1), effect("ef_2", lane="l", position=2))
        ledger.commit(told("ef_1", Claimed(lease_until=_at(9)), Doubted(due_at=_at(30), detail="timeout")))
        assert _ids(ledger.storage) == ["ef_2"]
        ledger.commit(told("ef_1", Postponed(due_at=_at(10))))
        assert _ids(ledger.storage) == []
        assert _ids(ledger.storage, 10) == ["ef_1"]
        ledger.commit(told("ef_1", Claimed(lease_until=_at(9)), Failed(detail="131026")))
        assert _ids(ledger.storage) == ["ef_2"]

    def test_due_is_what_looking_at_everything_would_find(self) -> None:
        """Law: whatever steps effects went through, `due` and the heads are those of a plain scan.

        When this fails: the example printed says which steps led there; one of the tests above is likely to
        fail as well, and is shorter.
        """
        moments = st.integers(0, 5)
        steps = st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from(sorted(_MOVES)), moments), min_size=4, max_size=24
        )

        @drawn(8)
        @given(steps=steps)
        def check(steps: list[tuple[int, str, int]]) -> None:
            ledger = Ledger(self.storage())
            for n, move, seconds in steps:
                id = EffectId(f"ef_{n}")
                known = ledger.states.get(id)
                if not isinstance(known, Effect):
                    lane = None if n > 4 else f"l{n % 2}"
                    ledger.commit(effect(id, due=_at(seconds), lane=lane, position=n % 3))
                elif move in _POSSIBLE.get(known.state, ()):
                    ledger.commit(told(id, _MOVES[move](_at(seconds))))
            effects = [state for state in ledger.states.values() if isinstance(state, Effect)]
            for now, limit in ((-1, 9), (0, 1), (2, 2), (3, 9), (6, 3), (6, 9)):
                expected = due_of(effects, _at(now), limit)
                assert ledger.storage.due(now=_at(now), limit=limit) == expected, (now, limit)
            holding = [e for e in effects if e.state in (EffectState.INTENDED, EffectState.IN_FLIGHT)]
            first = {e.lane: e for e in sorted(holding, key=lambda e: (e.position, e.id), reverse=True)}
            found = ledger.storage.read(ReadSet(lanes=("l0", "l1"))).heads
            assert dict(found) == {lane: head for lane, head in first.items() if lane is not None}

        check()
