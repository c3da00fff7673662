"""The life cycles: one table for conversations, one for effects. The theory of what may follow what.

1. An entity moves by an event, along an edge of its table, or not at all.
2. A conversation is in one of four situations; `CONVERSATION` is section L of the domain, complete.
   Where the event says whether somebody has it (`Started`, `Reopened`), an assignee makes it OPEN.
3. An effect is in one of nine states; `EFFECT` is the effect table of the design, complete. An edge that only
   one nature of effect has says so: a doubt about a message ends UNCONFIRMED, about money in REVIEW.
4. Nothing else in the package changes a situation or an effect's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chatcore.errors import TransitionNotAllowed
from chatcore.events import (
    Cancelled,
    Claimed,
    Closed,
    Dismissed,
    Doubted,
    Event,
    EvidenceKept,
    Failed,
    Intended,
    LeftUnconfirmed,
    LookedUp,
    Postponed,
    Queued,
    Reopened,
    ReturnedToBot,
    SentToReview,
    Started,
    StatusKept,
    Succeeded,
    Taken,
    Transferred,
)
from chatcore.vocabulary import EffectKind, EffectState, Situation

__all__ = ["CONVERSATION", "EFFECT", "MONEY_LIKE", "effect_state_after", "situation_after"]

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED

CONVERSATION: Final[Mapping[tuple[Situation | None, type[Event]], Situation]] = MappingProxyType(
    {
        (None, Started): QUEUE,
        (BOT, Queued): QUEUE,
        (BOT, Taken): OPEN,
        (BOT, Closed): CLOSED,
        (QUEUE, Taken): OPEN,
        (QUEUE, ReturnedToBot): BOT,
        (QUEUE, Closed): CLOSED,
        (OPEN, Queued): QUEUE,
        (OPEN, Transferred): OPEN,
        (OPEN, ReturnedToBot): BOT,
        (OPEN, Closed): CLOSED,
        (CLOSED, Reopened): QUEUE,
    }
)
"""(from, event) -> to. With an assignee Started and Reopened lead to OPEN; Started to BOT if it says so."""


def situation_after(origin: Situation | None, event: Event) -> Situation:
    """The situation that an event leads to; `origin` None is before the start.

    Raises:
        TransitionNotAllowed: the table has no such edge. Rule: section L.
    """
    kind = type(event)
    to = CONVERSATION.get((origin, kind))
    if to is None:
        raise TransitionNotAllowed(origin, kind.__name__)
    if to is QUEUE:
        if isinstance(event, Started | Reopened) and event.assignee is not None:
            return OPEN
        if isinstance(event, Started) and event.bot:
            return BOT
    return to


MONEY_LIKE: Final[frozenset[EffectKind]] = frozenset({EffectKind.GRANT_BONUS, EffectKind.OPEN_ORDER})
"""The kinds of effect that are never done twice and never lost silently. Rule: B11."""

EFFECT: Final[Mapping[tuple[EffectState | None, type[Event]], EffectState]] = MappingProxyType(
    {
        (None, Intended): EffectState.INTENDED,
        (EffectState.INTENDED, Claimed): EffectState.IN_FLIGHT,
        (EffectState.INTENDED, Cancelled): EffectState.CANCELLED,
        (EffectState.INTENDED, Succeeded): EffectState.SUCCEEDED,
        (EffectState.IN_FLIGHT, Succeeded): EffectState.SUCCEEDED,
        (EffectState.IN_FLIGHT, Failed): EffectState.FAILED,
        (EffectState.IN_FLIGHT, Postponed): EffectState.INTENDED,
        (EffectState.IN_FLIGHT, Doubted): EffectState.UNKNOWN,
        (EffectState.UNKNOWN, Succeeded): EffectState.SUCCEEDED,
        (EffectState.UNKNOWN, Failed): EffectState.FAILED,
        (EffectState.UNKNOWN, LookedUp): EffectState.UNKNOWN,
        (EffectState.UNKNOWN, Postponed): EffectState.INTENDED,
        (EffectState.UNKNOWN, Claimed): EffectState.IN_FLIGHT,
        (EffectState.UNKNOWN, LeftUnconfirmed): EffectState.UNCONFIRMED,
        (EffectState.UNKNOWN, SentToReview): EffectState.REVIEW,
        (EffectState.REVIEW, Succeeded): EffectState.SUCCEEDED,
        (EffectState.REVIEW, Failed): EffectState.FAILED,
        (EffectState.UNCONFIRMED, Succeeded): EffectState.SUCCEEDED,
        (EffectState.UNCONFIRMED, Dismissed): EffectState.DISMISSED,
        (EffectState.DISMISSED, Succeeded): EffectState.SUCCEEDED,
        (EffectState.FAILED, Succeeded): EffectState.SUCCEEDED,
        (EffectState.FAILED, SentToReview): EffectState.REVIEW,
        (EffectState.SUCCEEDED, SentToReview): EffectState.REVIEW,
        (EffectState.CANCELLED, Succeeded): EffectState.SUCCEEDED,
        (EffectState.CANCELLED, SentToReview): EffectState.REVIEW,
    }
)
"""(from, event) -> to. `EvidenceKept` and `StatusKept` leave every state as it is."""

_MESSAGE_ONLY: Final = frozenset(
    {
        (EffectState.UNKNOWN, LeftUnconfirmed),
        (EffectState.FAILED, Succeeded),
        (EffectState.CANCELLED, Succeeded),
    }
)
_KEEPS_STATE: Final = (EvidenceKept, StatusKept)


def effect_state_after(kind: EffectKind, origin: EffectState | None, event: Event) -> EffectState:
    """The state that an event leads an effect of this kind to; `origin` None is before its intent.

    Raises:
        TransitionNotAllowed: the table has no such edge for this kind.
    """
    if origin is not None and isinstance(event, _KEEPS_STATE):
        return origin
    edge = (origin, type(event))
    to = EFFECT.get(edge)
    money_like = kind in MONEY_LIKE
    if to is None or (edge in _MESSAGE_ONLY if money_like else isinstance(event, SentToReview)):
        raise TransitionNotAllowed(origin, type(event).__name__)
    return to
