"""What is to be done about an effect next, and when: by its state, and by the nature of the port's write.

What a doubt leads to is the port's nature: repeat by key, look up by key, wait for a report, or nothing.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Final

from chatcore.entities import AtMostOnce, Effect, LooksUpByKey, Nature, RepeatsByKey, ReportsByKey
from chatcore.entities.effect import INNER, REPEATABLE
from chatcore.limits import (
    CLAIM_LEASE,
    DELIVERY_ATTEMPTS,
    DELIVERY_DEADLINE,
    DOUBT_DEADLINE,
    FIRST_RETRY,
    LONGEST_RETRY,
)
from chatcore.rules.facts import OnEffect
from chatcore.vocabulary import EffectKind, EffectState

__all__ = [
    "Step",
    "backoff",
    "clock",
    "nature_of",
    "next_step",
    "patience",
    "pause",
    "repeats",
]


class Step(enum.StrEnum):
    """What is to be done about an effect now."""

    CLAIM = "claim"
    EXPIRE = "expire"
    LOOK_UP = "look_up"
    GIVE_UP = "give_up"
    WAIT = "wait"


_ANY_NUMBER_OF_TIMES: Final = RepeatsByKey(DELIVERY_DEADLINE)


def nature_of(kind: EffectKind, declared: Nature | None) -> Nature:
    """What is promised about repeating an effect, where its port `declared` the nature of the write.

    Inner work, and what only brings something, may be done over and over. A write that is not offered any more
    promises nothing.
    """
    if kind in INNER or kind in REPEATABLE:
        return _ANY_NUMBER_OF_TIMES
    return AtMostOnce() if declared is None else declared


def next_step(effect: Effect, nature: Nature, now: datetime, *, asks: bool = True) -> Step:
    """What is to be done about an effect at this moment; `asks` says whether the adapter offers look-ups."""
    if effect.due_at is None or now < effect.due_at:
        return Step.WAIT
    if effect.state is EffectState.INTENDED:
        return Step.CLAIM
    if effect.state is EffectState.IN_FLIGHT:
        return Step.EXPIRE
    if effect.state is not EffectState.UNKNOWN:
        return Step.WAIT
    if effect.kind in INNER or repeats(effect, nature, now):
        return Step.CLAIM
    if isinstance(nature, LooksUpByKey) and asks and _may_ask(effect, nature, now):
        return Step.LOOK_UP
    return Step.GIVE_UP


def repeats(effect: Effect, nature: Nature, now: datetime) -> bool:
    """Whether an effect in doubt may be tried again with its key: a call may come as late as its lease ends."""
    return (
        isinstance(nature, RepeatsByKey)
        and effect.attempts < DELIVERY_ATTEMPTS
        and effect.dispatched_at is not None
        and now + CLAIM_LEASE - effect.dispatched_at <= nature.retention
    )


def _may_ask(effect: Effect, nature: LooksUpByKey, now: datetime) -> bool:
    """A doubt is looked into until a while after "absent" would have been final."""
    return now - (effect.doubted_at or effect.recorded_at) - DOUBT_DEADLINE < nature.horizon


# --- when -----------------------------------------------------------------------------------------------------


def backoff(attempts: int) -> timedelta:
    """The wait before the next try: it doubles with each attempt, up to the longest."""
    return min(FIRST_RETRY * (1 << min(max(attempts - 1, 0), 20)), LONGEST_RETRY)


def pause(effect: Effect, now: datetime) -> timedelta:
    """The wait before the next look-up: as long as the doubt has lasted, so that it doubles; bounded too."""
    return min(max(now - (effect.doubted_at or now), FIRST_RETRY), LONGEST_RETRY)


def patience(effect: Effect, nature: Nature) -> timedelta:
    """How long to leave a fresh doubt alone."""
    if isinstance(nature, ReportsByKey):
        return DOUBT_DEADLINE
    if isinstance(nature, RepeatsByKey | LooksUpByKey):
        return backoff(effect.attempts)
    return timedelta(0)


def clock(facts: OnEffect) -> datetime | None:
    """The clock's moment, where it is behind the record: retention and horizons go by it. Rule: L12."""
    states = (facts.effect, facts.message, facts.conversation, facts.contact)
    behind = any(state is not None and state.recorded_at > facts.now for state in states)
    return facts.now if behind else None
