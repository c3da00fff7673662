"""The index of effects: which are due, and which is the head of each lane.

Both are heaps that forget lazily: an entry that no longer holds is dropped when it comes up. Of what is due
there are never more than twice as many entries as effects that wait for a moment, and a few: when there would
be, those that no longer hold are dropped at once. So a step costs the same however many effects were ever
recorded, and however long nobody asked what is due.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime

from chatcore.entities import Effect
from chatcore.ports import Due
from chatcore.vocabulary import EffectId, EffectState

__all__ = ["EffectIndex"]

_HOLDING = (EffectState.INTENDED, EffectState.IN_FLIGHT)
_A_FEW = 64


class EffectIndex:
    """Effects by state, by lane and by the moment they fall due."""

    def __init__(self) -> None:
        self._all: dict[EffectId, Effect] = {}
        self._states: dict[EffectState, dict[EffectId, None]] = {s: {} for s in EffectState}
        self._lanes: dict[str, list[tuple[int, EffectId]]] = {}
        self._due: list[tuple[datetime, EffectId]] = []
        self._waiting = 0

    def put(self, old: Effect | None, new: Effect) -> None:
        """Take in an effect's new state."""
        self._all[new.id] = new
        if old is not None and old.state is not new.state:
            del self._states[old.state][new.id]
        self._states[new.state][new.id] = None
        held = old is not None and old.state in _HOLDING
        holds = new.state in _HOLDING
        if new.lane is not None and holds and not held:
            heapq.heappush(self._lanes.setdefault(new.lane, []), (new.position, new.id))
        self._waiting += (new.due_at is not None) - (old is not None and old.due_at is not None)
        if new.due_at is not None:
            heapq.heappush(self._due, (new.due_at, new.id))
        if new.lane is not None and held and not holds:
            self._promote(new.lane)
        if len(self._due) > 2 * self._waiting + _A_FEW:
            self._due = [entry for entry in set(self._due) if self._all[entry[1]].due_at == entry[0]]
            heapq.heapify(self._due)

    def _promote(self, lane: str) -> None:
        head = self.head(lane)
        if head is None:
            del self._lanes[lane]
        elif head.due_at is not None:
            heapq.heappush(self._due, (head.due_at, head.id))

    def head(self, lane: str) -> Effect | None:
        """The first effect of a lane that is INTENDED or IN_FLIGHT."""
        entries = self._lanes.get(lane)
        while entries:
            effect = self._all[entries[0][1]]
            if effect.state in _HOLDING:
                return effect
            heapq.heappop(entries)
        return None

    def due(self, now: datetime, limit: int) -> Due:
        """The first effects due at `now`, and when the next one after those falls due."""
        found: dict[EffectId, Effect] = {}
        next_at: datetime | None = None
        kept: list[tuple[datetime, EffectId]] = []
        while self._due:
            due_at, id = self._due[0]
            if id in found or not self._holds(due_at, self._all[id]):
                heapq.heappop(self._due)
            elif due_at > now or len(found) == limit:
                next_at = due_at
                break
            else:
                found[id] = self._all[id]
                kept.append(heapq.heappop(self._due))
        for entry in kept:
            heapq.heappush(self._due, entry)
        return Due(tuple(found.values()), next_at)

    def _holds(self, due_at: datetime, effect: Effect) -> bool:
        if effect.due_at != due_at:
            return False
        return (
            effect.state is not EffectState.INTENDED or effect.lane is None or self.head(effect.lane) is effect
        )

    def of(self, state: EffectState | None) -> Iterable[Effect]:
        """The effects in one state, or all."""
        return self._all.values() if state is None else (self._all[id] for id in self._states[state])
