"""The fold: an entity's state is its events, one after another. There is no second way to change an entity.

`evolve` is total over the events in the tables and pure: the envelope brings the time and the actor. It only
moves personal values, never computes on them, so stored events can be redacted and folded again.

States are built directly, field by field: copying with changes is two to three times slower, and this is the
hottest path there is. What changes together stands in one builder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chatcore.entities import (
    Block,
    Contact,
    Conversation,
    Effect,
    Entity,
    Evidence,
    Message,
    Workspace,
)
from chatcore.entities.message import RANKS
from chatcore.errors import TransitionNotAllowed
from chatcore.events import (
    AnomalyRecorded,
    Cancelled,
    Claimed,
    Closed,
    ContactBlocked,
    ContactCreated,
    ContactUnblocked,
    Dismissed,
    Doubted,
    Envelope,
    Event,
    EvidenceKept,
    Failed,
    InboundRefused,
    Intended,
    LeftUnconfirmed,
    LookedUp,
    MessageAccepted,
    MessageAdded,
    MessageDoubted,
    MessageNotSent,
    MessageReceived,
    MessageWritten,
    Postponed,
    Queued,
    Reopened,
    ReturnedToBot,
    SentToReview,
    Started,
    StatusKept,
    StatusReported,
    Succeeded,
    Taken,
    Transferred,
    WorkspaceConfigured,
)
from chatcore.transitions import effect_state_after, situation_after
from chatcore.vocabulary import (
    Actor,
    AgentId,
    ContactId,
    ConversationId,
    DeliveryStatus,
    DepartmentId,
    Direction,
    EffectId,
    EffectState,
    MessageId,
    ReasonId,
    Situation,
)

__all__ = ["evolve", "fold"]


def evolve(state: Entity | None, envelope: Envelope) -> Entity:
    """The state after one more event; `state` None is before the first.

    Raises:
        TransitionNotAllowed: the event cannot follow on this state.
    """
    event = envelope.event
    folder = _FOLDERS.get(type(event))
    if folder is None or (type(event) in _BIRTHS if state is not None else type(event) not in _FIRST):
        raise TransitionNotAllowed(None if state is None else type(state).__name__, type(event).__name__)
    return folder(state, envelope, event)


def fold(envelopes: Iterable[Envelope], state: Entity | None = None) -> Entity | None:
    """The state after all of these events."""
    for envelope in envelopes:
        state = evolve(state, envelope)
    return state


# --- the conversation ----------------------------------------------------------------------------------------


def _started(_: None, envelope: Envelope, event: Started) -> Conversation:
    situation = situation_after(None, event)
    at = envelope.recorded_at
    return Conversation(
        id=ConversationId(envelope.ref),
        version=envelope.version,
        recorded_at=at,
        contact=event.contact,
        channel=event.channel,
        address=event.address,
        protocol=event.protocol,
        situation=situation,
        department=event.department,
        assignee=event.assignee,
        last_assignee=event.assignee,
        reason=None,
        started_at=at,
        opened_at=at,
        queued_at=at if situation is Situation.QUEUE else None,
        taken_at=at if situation is Situation.OPEN else None,
        closed_at=None,
        closed_by=None,
        seq=0,
        unread=0,
        waiting_since=None,
        window_until=None,
        transfers=0,
    )


def _moved(
    old: Conversation,
    envelope: Envelope,
    situation: Situation,
    assignee: AgentId | None,
    department: DepartmentId,
    reason: ReasonId | None,
    opened_at: datetime,
    queued_at: datetime | None,
    taken_at: datetime | None,
    closed_at: datetime | None,
    closed_by: Actor | None,
    transfers: int,
) -> Conversation:
    """The conversation after a step of its life cycle; what was said in it stays."""
    return Conversation(
        id=old.id,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        contact=old.contact,
        channel=old.channel,
        address=old.address,
        protocol=old.protocol,
        situation=situation,
        department=department,
        assignee=assignee,
        last_assignee=old.last_assignee if assignee is None else assignee,
        reason=reason,
        started_at=old.started_at,
        opened_at=opened_at,
        queued_at=queued_at,
        taken_at=taken_at,
        closed_at=closed_at,
        closed_by=closed_by,
        seq=old.seq,
        unread=old.unread,
        waiting_since=old.waiting_since,
        window_until=old.window_until,
        transfers=transfers,
    )


def _queued(old: Conversation, envelope: Envelope, event: Queued) -> Conversation:
    return _moved(
        old,
        envelope,
        situation_after(old.situation, event),
        None,
        event.department,
        old.reason,
        old.opened_at,
        envelope.recorded_at,
        None,
        None,
        None,
        old.transfers,
    )


def _taken(old: Conversation, envelope: Envelope, event: Taken) -> Conversation:
    return _moved(
        old,
        envelope,
        situation_after(old.situation, event),
        event.assignee,
        old.department,
        old.reason,
        old.opened_at,
        old.queued_at,
        envelope.recorded_at,
        None,
        None,
        old.transfers,
    )


def _transferred(old: Conversation, envelope: Envelope, event: Transferred) -> Conversation:
    return _moved(
        old,
        envelope,
        situation_after(old.situation, event),
        event.assignee,
        old.department,
        old.reason,
        old.opened_at,
        old.queued_at,
        envelope.recorded_at,
        None,
        None,
        old.transfers + 1,
    )


def _returned_to_bot(old: Conversation, envelope: Envelope, event: ReturnedToBot) -> Conversation:
    return _moved(
        old,
        envelope,
        situation_after(old.situation, event),
        None,
        old.department,
        old.reason,
        old.opened_at,
        None,
        None,
        None,
        None,
        old.transfers,
    )


def _closed(old: Conversation, envelope: Envelope, event: Closed) -> Conversation:
    return _moved(
        old,
        envelope,
        situation_after(old.situation, event),
        None,
        old.department,
        event.reason,
        old.opened_at,
        old.queued_at,
        old.taken_at,
        envelope.recorded_at,
        envelope.actor,
        old.transfers,
    )


def _reopened(old: Conversation, envelope: Envelope, event: Reopened) -> Conversation:
    at = envelope.recorded_at
    situation = situation_after(old.situation, event)
    queued = situation is Situation.QUEUE
    return _moved(
        old,
        envelope,
        situation,
        event.assignee,
        old.department,
        None,
        at,
        at if queued else None,
        None if queued else at,
        None,
        None,
        old.transfers,
    )


def _message_added(old: Conversation, envelope: Envelope, event: MessageAdded) -> Conversation:
    at = envelope.recorded_at
    unread, waiting_since, window_until = old.unread, old.waiting_since, old.window_until
    if event.direction is Direction.INBOUND:
        unread += 1
        waiting_since = waiting_since or at
        if event.window_until is not None and (window_until is None or event.window_until > window_until):
            window_until = event.window_until
    elif event.human:
        unread, waiting_since = 0, None
    return Conversation(
        id=old.id,
        version=envelope.version,
        recorded_at=at,
        contact=old.contact,
        channel=old.channel,
        address=event.address or old.address,
        protocol=old.protocol,
        situation=old.situation,
        department=old.department,
        assignee=old.assignee,
        last_assignee=old.last_assignee,
        reason=old.reason,
        started_at=old.started_at,
        opened_at=old.opened_at,
        queued_at=old.queued_at,
        taken_at=old.taken_at,
        closed_at=old.closed_at,
        closed_by=old.closed_by,
        seq=event.seq,
        unread=unread,
        waiting_since=waiting_since,
        window_until=window_until,
        transfers=old.transfers,
    )


# --- the contact ---------------------------------------------------------------------------------------------


def _contact_created(_: None, envelope: Envelope, event: ContactCreated) -> Contact:
    return Contact(
        id=ContactId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        addresses=event.addresses,
        name=event.name,
    )


def _contact(old: Contact, envelope: Envelope, blocked: Block | None, refused: int) -> Contact:
    return Contact(
        id=old.id,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        addresses=old.addresses,
        name=old.name,
        blocked=blocked,
        refused=refused,
    )


def _contact_blocked(old: Contact, envelope: Envelope, event: ContactBlocked) -> Contact:
    return _contact(old, envelope, Block(envelope.actor, envelope.recorded_at, event.why), old.refused)


def _contact_unblocked(old: Contact, envelope: Envelope, _: ContactUnblocked) -> Contact:
    return _contact(old, envelope, None, old.refused)


def _inbound_refused(old: Contact, envelope: Envelope, _: InboundRefused) -> Contact:
    return _contact(old, envelope, old.blocked, old.refused + 1)


# --- the message ---------------------------------------------------------------------------------------------


def _message_received(_: None, envelope: Envelope, event: MessageReceived) -> Message:
    return Message(
        id=MessageId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        conversation=event.conversation,
        seq=event.seq,
        channel=event.channel,
        direction=Direction.INBOUND,
        kind=event.kind,
        body=event.body,
        provider_id=event.provider_id,
        sent_at=event.sent_at,
        flags=event.flags,
        raw=event.raw,
    )


def _message_written(_: None, envelope: Envelope, event: MessageWritten) -> Message:
    return Message(
        id=MessageId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        conversation=event.conversation,
        seq=event.seq,
        channel=event.channel,
        direction=Direction.OUTBOUND,
        kind=event.kind,
        body=event.body,
        author=event.author,
        automatic=event.automatic,
        effect=event.effect,
    )


def _message(
    old: Message,
    envelope: Envelope,
    provider_id: str | None,
    reached: DeliveryStatus,
    failure: str | None,
    not_sent: str | None,
    unconfirmed: bool,
    anomalies: int,
) -> Message:
    return Message(
        id=old.id,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        conversation=old.conversation,
        seq=old.seq,
        channel=old.channel,
        direction=old.direction,
        kind=old.kind,
        body=old.body,
        author=old.author,
        automatic=old.automatic,
        effect=old.effect,
        provider_id=provider_id,
        sent_at=old.sent_at,
        reached=reached,
        failure=failure,
        not_sent=not_sent,
        unconfirmed=unconfirmed,
        flags=old.flags,
        raw=old.raw,
        anomalies=anomalies,
    )


def _further(old: DeliveryStatus, new: DeliveryStatus) -> DeliveryStatus:
    return new if RANKS[new] > RANKS[old] else old


def _message_accepted(old: Message, envelope: Envelope, event: MessageAccepted) -> Message:
    reached = _further(old.reached, DeliveryStatus.SENT)
    return _message(old, envelope, event.provider_id, reached, old.failure, None, False, old.anomalies)


def _message_not_sent(old: Message, envelope: Envelope, event: MessageNotSent) -> Message:
    return _message(
        old, envelope, old.provider_id, old.reached, old.failure, event.detail, old.unconfirmed, old.anomalies
    )


def _message_doubted(old: Message, envelope: Envelope, _: MessageDoubted) -> Message:
    return _message(old, envelope, old.provider_id, old.reached, old.failure, old.not_sent, True, old.anomalies)


def _status_reported(old: Message, envelope: Envelope, event: StatusReported) -> Message:
    if event.status is DeliveryStatus.FAILED:
        reached = old.reached
        failure: str | None = old.failure or event.failure or "unspecified"
    else:
        reached, failure = _further(old.reached, event.status), old.failure
    return _message(
        old, envelope, old.provider_id, reached, failure, old.not_sent, old.unconfirmed, old.anomalies
    )


def _anomaly_recorded(old: Message, envelope: Envelope, _: AnomalyRecorded) -> Message:
    return _message(
        old,
        envelope,
        old.provider_id,
        old.reached,
        old.failure,
        old.not_sent,
        old.unconfirmed,
        old.anomalies + 1,
    )


# --- the workspace -------------------------------------------------------------------------------------------


def _workspace_configured(_: Workspace | None, envelope: Envelope, event: WorkspaceConfigured) -> Workspace:
    new = event.workspace
    return Workspace(
        name=new.name,
        time_zone=new.time_zone,
        modules=new.modules,
        departments=new.departments,
        agents=new.agents,
        reasons=new.reasons,
        channels=new.channels,
        policies=new.policies,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
    )


# --- the effect ----------------------------------------------------------------------------------------------


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
        lane=event.lane,
        position=event.position,
        due_at=event.due_at,
        fence=envelope.version,
        reference=event.reference,
        kept=event.kept,
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
    doubted = isinstance(event, Doubted)
    if doubted:
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
        lane=old.lane,
        position=old.position,
        attempts=old.attempts + attempts,
        due_at=due_at,
        fence=envelope.version,
        lease_until=lease_until,
        dispatched_at=(old.dispatched_at or at) if isinstance(event, Claimed) else old.dispatched_at,
        doubted_at=at if doubted else old.doubted_at,
        unresolved=unresolved,
        reference=reference or old.reference,
        detail=detail,
        evidence=old.evidence,
        kept=old.kept,
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
        evidence = (*evidence, Evidence(envelope.recorded_at, event.finding, event.reference))
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
    )


_BIRTHS: frozenset[type[Event]] = frozenset(
    {Started, ContactCreated, MessageReceived, MessageWritten, Intended}
)

_FIRST = _BIRTHS | {WorkspaceConfigured}

_FOLDERS: dict[type[Event], Callable[[Any, Envelope, Any], Entity]] = {
    Started: _started,
    Queued: _queued,
    Taken: _taken,
    Transferred: _transferred,
    ReturnedToBot: _returned_to_bot,
    Closed: _closed,
    Reopened: _reopened,
    MessageAdded: _message_added,
    ContactCreated: _contact_created,
    ContactBlocked: _contact_blocked,
    ContactUnblocked: _contact_unblocked,
    InboundRefused: _inbound_refused,
    MessageReceived: _message_received,
    MessageWritten: _message_written,
    MessageAccepted: _message_accepted,
    MessageNotSent: _message_not_sent,
    MessageDoubted: _message_doubted,
    StatusReported: _status_reported,
    AnomalyRecorded: _anomaly_recorded,
    WorkspaceConfigured: _workspace_configured,
    Intended: _intended,
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
