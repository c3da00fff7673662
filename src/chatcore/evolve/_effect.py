"""How an effect changes: a step through its states, or one more thing known about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chatcore.entities import (
    Effect,
    Evidence,
)
from chatcore.events import (
    Cancelled,
    Claimed,
    Dismissed,
    Doubted,
    Envelope,
    Event,
    EvidenceKept,
    Failed,
    Intended,
    LeftUnconfirmed,
    LookedUp,
    Postponed,
    SentToReview,
    StatusKept,
    Succeeded,
)
from chatcore.transitions import effect_state_after
from chatcore.vocabulary import (
    ActorKind,
    EffectId,
    EffectState,
)

__all__ = ["BIRTHS", "STEPS"]


def _intended(_: None, envelope: Envelope, event: Intended) -> Effect:
    return Effect(
        id=EffectId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        kind=event.kind,
        state=effect_state_after(event.kind, None, event),
        channel=event.channel,
        conversation=event.conversation,
        contact=event.contact,
        message=event.message,
        requested_by=envelope.actor,
        expires_at=event.expires_at,
        correlation=envelope.correlation,
        agent=event.agent,
        lane=event.lane,
        position=event.position,
        due_at=event.due_at,
        fence=envelope.version,
        reference=event.reference,
        kept=event.kept,
        demand=event.demand,
    )


def _effect(
    old: Effect,
    envelope: Envelope,
    *,
    due_at: datetime | None = None,
    lease_until: datetime | None = None,
    attempts: int = 0,
    detail: str | None = None,
    reference: str | None = None,
) -> Effect:
    """The effect one step on. When it is due and leased is said anew at each step; `attempts` adds up."""
    event, at = envelope.event, envelope.recorded_at
    state = effect_state_after(old.kind, old.state, event)
    if isinstance(event, Doubted):
        unresolved = True
    elif isinstance(event, Postponed):
        unresolved = old.unresolved and old.state is not EffectState.UNKNOWN
    else:
        unresolved = old.unresolved and state in (EffectState.IN_FLIGHT, EffectState.UNKNOWN)
    return Effect(
        id=old.id,
        version=envelope.version,
        recorded_at=at,
        kind=old.kind,
        state=state,
        channel=old.channel,
        conversation=old.conversation,
        contact=old.contact,
        message=old.message,
        requested_by=old.requested_by,
        expires_at=old.expires_at,
        correlation=old.correlation,
        agent=old.agent,
        lane=old.lane,
        position=old.position,
        attempts=old.attempts + attempts,
        due_at=due_at,
        fence=envelope.version,
        lease_until=lease_until,
        dispatched_at=(old.dispatched_at or event.at or at)
        if isinstance(event, Claimed)
        else old.dispatched_at,
        doubted_at=(event.at or at) if isinstance(event, Doubted) else old.doubted_at,
        unresolved=unresolved,
        reference=reference or old.reference,
        detail=detail,
        evidence=old.evidence,
        kept=old.kept,
        demand=old.demand,
        guarded=event.guarded if isinstance(event, SentToReview) else old.guarded,
    )


def _claimed(old: Effect, envelope: Envelope, event: Claimed) -> Effect:
    return _effect(old, envelope, due_at=event.lease_until, lease_until=event.lease_until, attempts=1)


def _succeeded(old: Effect, envelope: Envelope, event: Succeeded) -> Effect:
    return _effect(old, envelope, reference=event.reference)


def _put_off(old: Effect, envelope: Envelope, event: Postponed | Doubted) -> Effect:
    return _effect(old, envelope, due_at=event.due_at, detail=event.detail)


def _looked_up(old: Effect, envelope: Envelope, event: LookedUp) -> Effect:
    return _effect(old, envelope, due_at=event.due_at, detail=old.detail)


def _given_up(old: Effect, envelope: Envelope, event: Failed | Cancelled) -> Effect:
    return _effect(old, envelope, detail=event.detail)


def _left(old: Effect, envelope: Envelope, _: LeftUnconfirmed | SentToReview | Dismissed) -> Effect:
    return _effect(old, envelope, detail=old.detail)


def _noted(old: Effect, envelope: Envelope, event: StatusKept | EvidenceKept) -> Effect:
    """The effect as it was, with one more thing known about it; its fence moves on only with its state."""
    evidence, kept = old.evidence, old.kept
    if isinstance(event, StatusKept):
        kept = (*kept, event.report)
    else:
        by = envelope.actor if envelope.actor.kind is ActorKind.AGENT else None
        evidence = (*evidence, Evidence(envelope.recorded_at, event.finding, event.reference, event.note, by))
    return Effect(
        id=old.id,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        kind=old.kind,
        state=effect_state_after(old.kind, old.state, event),
        channel=old.channel,
        conversation=old.conversation,
        contact=old.contact,
        message=old.message,
        requested_by=old.requested_by,
        expires_at=old.expires_at,
        correlation=old.correlation,
        agent=old.agent,
        lane=old.lane,
        position=old.position,
        attempts=old.attempts,
        due_at=old.due_at,
        fence=old.fence,
        lease_until=old.lease_until,
        dispatched_at=old.dispatched_at,
        doubted_at=old.doubted_at,
        unresolved=old.unresolved,
        reference=old.reference,
        detail=old.detail,
        evidence=evidence,
        kept=kept,
        demand=old.demand,
        guarded=old.guarded,
    )


BIRTHS: dict[type[Event], Callable[[Any, Envelope, Any], Effect]] = {Intended: _intended}
STEPS: dict[type[Event], Callable[[Any, Envelope, Any], Effect]] = {
    Claimed: _claimed,
    Postponed: _put_off,
    Succeeded: _succeeded,
    Failed: _given_up,
    Cancelled: _given_up,
    Doubted: _put_off,
    LookedUp: _looked_up,
    LeftUnconfirmed: _left,
    SentToReview: _left,
    Dismissed: _left,
    StatusKept: _noted,
    EvidenceKept: _noted,
}
