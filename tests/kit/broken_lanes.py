"""Broken storages: which effects are due, and which is the head of its lane."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chatcore.entities import Effect
from chatcore.ports import Due
from chatcore.vocabulary import EffectState
from tests.kit.plain import ENDLESS, PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class DueBehindHeads(PlainStorage):
    """Effects are due although an earlier one of their lane is not done."""

    def waits(self, effect: Effect) -> bool:
        return effect.due_at is not None


class InFlightHoldsNothing(PlainStorage):
    """An effect that is under way no longer holds up its lane."""

    def holds_up(self, effect: Effect) -> bool:
        return effect.state is EffectState.INTENDED


class DoubtHoldsLane(PlainStorage):
    """An effect in doubt holds up its lane, and so does one in review."""

    def holds_up(self, effect: Effect) -> bool:
        return super().holds_up(effect) or effect.state in (EffectState.UNKNOWN, EffectState.REVIEW)


class FinishedHoldsLane(PlainStorage):
    """The first effect of a lane stays its head when it is done."""

    def holds_up(self, effect: Effect) -> bool:
        return True


class OnlyHeadsAreDue(PlainStorage):
    """Of those under way or in doubt, too, only heads of lanes are due."""

    def waits(self, effect: Effect) -> bool:
        lane = effect.lane
        return effect.due_at is not None and (lane is None or self.head_of(lane) is effect)


class OnlyIntendedAreDue(PlainStorage):
    """What is under way is never due, so that a lease that ran out is not seen."""

    def waits(self, effect: Effect) -> bool:
        return super().waits(effect) and effect.state is EffectState.INTENDED


class NoLaneIsOneLane(PlainStorage):
    """Effects without a lane hold each other up, as if that were one."""

    def waits(self, effect: Effect) -> bool:
        held = [each for each in self.effects_kept() if each.lane == effect.lane and self.holds_up(each)]
        head = min(held, key=self.place, default=None)
        return effect.due_at is not None and (effect.state is not EffectState.INTENDED or head is effect)


class NoLaneIsNeverDue(PlainStorage):
    """Effects without a lane are never due: the join finds no head for them."""

    def waits(self, effect: Effect) -> bool:
        return super().waits(effect) and (effect.lane is not None or effect.state is not EffectState.INTENDED)


class HeadById(PlainStorage):
    """The head of a lane is the one with the lowest id, and not the first by position."""

    def place(self, effect: Effect) -> Any:
        return effect.id


class HeadByDueAt(PlainStorage):
    """The head of a lane is the one that falls due first."""

    def place(self, effect: Effect) -> Any:
        return effect.due_at is None, effect.due_at, effect.position


class HeadIsLast(PlainStorage):
    """The head of a lane is the one that came last."""

    def place(self, effect: Effect) -> Any:
        return -effect.position, effect.id


class DueExcludesTheMoment(PlainStorage):
    """What falls due at this very moment is not due yet."""

    def is_due(self, effect: Effect, now: datetime) -> bool:
        return effect.due_at is not None and effect.due_at < now


class DueToTheSecond(PlainStorage):
    """Moments are compared by the second, and what falls due within this one is due."""

    def is_due(self, effect: Effect, now: datetime) -> bool:
        return effect.due_at is not None and effect.due_at.replace(microsecond=0) <= now.replace(microsecond=0)


class DueById(PlainStorage):
    """What is due comes by id, and the one due longest may never come."""

    def turn(self, effect: Effect) -> Any:
        return effect.id


class DueTiesAsTheyCome(PlainStorage):
    """What falls due at one moment comes in the order it was written."""

    def turn(self, effect: Effect) -> Any:
        return effect.due_at


class DueTiesByPosition(PlainStorage):
    """What falls due at one moment comes by its position in the lane."""

    def turn(self, effect: Effect) -> Any:
        return effect.due_at, effect.position, effect.id


class DueBeyondLimit(PlainStorage):
    """More comes than was asked for."""

    def due(self, *, now: datetime, limit: int) -> Due:
        return super().due(now=now, limit=limit + 1)


class DueLimitedFirst(PlainStorage):
    """The limit cuts what waits for a moment before heads of lanes are picked from it."""

    def due(self, *, now: datetime, limit: int) -> Due:
        with self.moment():
            timed = sorted((e for e in self.effects_kept() if e.due_at is not None), key=self.turn)
            waiting = [each for each in timed[:limit] if self.waits(each)]
            found = super().due(now=now, limit=ENDLESS)
        rows = tuple(each for each in found.effects if each in waiting)
        return Due(rows, found.next_at)


class NextAtMissing(PlainStorage):
    """When the next one falls due is not told."""

    def next_at(self, left_out: list[Effect], now: datetime) -> datetime | None:
        return None


class NextAtOnlyLater(PlainStorage):
    """When the next one falls due leaves out what is due already and did not fit."""

    def next_at(self, left_out: list[Effect], now: datetime) -> datetime | None:
        return next((each.due_at for each in left_out if not self.is_due(each, now)), None)


class NextAtOfFirst(PlainStorage):
    """When the next one falls due is the moment of the first one given."""

    def due(self, *, now: datetime, limit: int) -> Due:
        found = super().due(now=now, limit=limit)
        return Due(found.effects, found.effects[0].due_at if found.effects else found.next_at)


class NextAtBehindHeads(PlainStorage):
    """When the next one falls due counts those that are not heads of their lanes."""

    def due(self, *, now: datetime, limit: int) -> Due:
        found = super().due(now=now, limit=limit)
        rest = [e.due_at for e in self.effects_kept() if e.due_at is not None and e not in found.effects]
        return Due(found.effects, min(rest, default=None))


class NextAtIsNow(PlainStorage):
    """When nothing is left out, the next one falls due now."""

    def next_at(self, left_out: list[Effect], now: datetime) -> datetime | None:
        return super().next_at(left_out, now) or now


class HeadsNotPromoted(PlainStorage):
    """Who is a head is written down when an effect is recorded, and the next one never becomes one."""

    def waits(self, effect: Effect) -> bool:
        first = min((e for e in self.effects_kept() if e.lane == effect.lane), key=self.place)
        return super().waits(effect) and (
            effect.lane is None or effect.state is not EffectState.INTENDED or first is effect
        )


BROKEN = storages(vars())
