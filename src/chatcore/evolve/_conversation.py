"""How a conversation changes: a step of its life cycle, or something said in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chatcore.entities import Conversation, Details, Origin, Robot, Talk
from chatcore.entities.conversation import STILL
from chatcore.entities.fields import with_values
from chatcore.events import (
    ActionRequested,
    Closed,
    ContactReplaced,
    ContractPinned,
    DepartmentChanged,
    Envelope,
    Event,
    FieldsSet,
    MarkedRead,
    MessageAdded,
    Queued,
    ReasonSet,
    Reopened,
    ReturnedToBot,
    Started,
    Tagged,
    Taken,
    Transferred,
    Untagged,
)
from chatcore.transitions import situation_after
from chatcore.vocabulary import (
    Actor,
    AgentId,
    ConversationId,
    DepartmentId,
    Direction,
    Private,
    ReasonId,
    Situation,
)

__all__ = ["BIRTHS", "STEPS"]


def _started(_: None, envelope: Envelope, event: Started) -> Conversation:
    situation = situation_after(None, event)
    at = envelope.recorded_at
    return Conversation(
        id=ConversationId(envelope.ref),
        version=envelope.version,
        recorded_at=at,
        origin=Origin(contact=event.contact, channel=event.channel, protocol=event.protocol, started_at=at),
        talk=Talk(
            address=event.address,
            window_until=event.window_until,
            robot=Robot(quiet_until=event.quiet_until, moved_at=at if event.bot else None)
            if event.bot or event.quiet_until is not None
            else STILL,
        ),
        situation=situation,
        department=event.department,
        assignee=event.assignee,
        last_assignee=event.assignee,
        reason=None,
        opened_at=at,
        queued_at=at if situation is Situation.QUEUE else None,
        taken_at=at if situation is Situation.OPEN else None,
        closed_at=None,
        closed_by=None,
        transfers=0,
    )


def _moved(
    old: Conversation,
    envelope: Envelope,
    event: Event,
    *,
    department: DepartmentId,
    reason: ReasonId | None,
    opened_at: datetime,
    assignee: AgentId | None = None,
    queued_at: datetime | None = None,
    taken_at: datetime | None = None,
    closed_at: datetime | None = None,
    closed_by: Actor | None = None,
    talk: Talk | None = None,
) -> Conversation:
    """The conversation after a step of its life cycle; what was said in it stays."""
    return Conversation(
        id=old.id,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        origin=old.origin,
        talk=talk or old.talk,
        situation=situation_after(old.situation, event),
        department=department,
        assignee=assignee,
        last_assignee=old.last_assignee if assignee is None else assignee,
        reason=reason,
        opened_at=opened_at,
        queued_at=queued_at,
        taken_at=taken_at,
        closed_at=closed_at,
        closed_by=closed_by,
        transfers=old.transfers,
        details=old.details,
    )


def _queued(old: Conversation, envelope: Envelope, event: Queued) -> Conversation:
    return _moved(
        old,
        envelope,
        event,
        department=event.department,
        reason=old.reason,
        opened_at=old.opened_at,
        queued_at=envelope.recorded_at,
    )


def _assigned(old: Conversation, envelope: Envelope, event: Taken | Transferred) -> Conversation:
    """The conversation in an agent's hands; built in place, as the step that is taken most often."""
    at = envelope.recorded_at
    return Conversation(
        id=old.id,
        version=envelope.version,
        recorded_at=at,
        origin=old.origin,
        talk=old.talk,
        situation=situation_after(old.situation, event),
        department=old.department,
        assignee=event.assignee,
        last_assignee=event.assignee,
        reason=old.reason,
        opened_at=old.opened_at,
        queued_at=old.queued_at,
        taken_at=at,
        closed_at=None,
        closed_by=None,
        transfers=old.transfers + 1 if type(event) is Transferred else old.transfers,
        details=old.details,
    )


def _returned_to_bot(old: Conversation, envelope: Envelope, event: ReturnedToBot) -> Conversation:
    return _moved(
        old,
        envelope,
        event,
        department=old.department,
        reason=old.reason,
        opened_at=old.opened_at,
        talk=_with_robot(
            old.talk,
            Robot(
                said=old.talk.robot.said,
                quiet_until=old.talk.robot.quiet_until,
                moved_at=envelope.recorded_at,
            ),
        ),
    )


def _later(talk: Talk, quiet_until: datetime | None) -> datetime | None:
    return max(filter(None, (talk.robot.quiet_until, quiet_until)), default=None)


def _taken_over(
    talk: Talk,
    window_until: datetime | None,
    robot: Robot,
    waiting_since: datetime | None = None,
    unread: int = 0,
    address: Private | None = None,
) -> Talk:
    """What was said, with what another conversation leaves open: the wider window, the longer wait."""
    return Talk(
        address=address or talk.address,
        seq=talk.seq,
        unread=talk.unread + unread,
        waiting_since=min(filter(None, (talk.waiting_since, waiting_since)), default=None),
        window_until=max(filter(None, (talk.window_until, window_until)), default=None),
        heard=talk.heard,
        robot=robot,
    )


def _with_robot(talk: Talk, robot: Robot) -> Talk:
    return Talk(
        address=talk.address,
        seq=talk.seq,
        unread=talk.unread,
        waiting_since=talk.waiting_since,
        window_until=talk.window_until,
        heard=talk.heard,
        robot=robot,
    )


def _closed(old: Conversation, envelope: Envelope, event: Closed) -> Conversation:
    return _moved(
        old,
        envelope,
        event,
        department=old.department,
        reason=event.reason,
        opened_at=old.opened_at,
        queued_at=old.queued_at,
        taken_at=old.taken_at,
        closed_at=envelope.recorded_at,
        closed_by=envelope.actor,
    )


def _reopened(old: Conversation, envelope: Envelope, event: Reopened) -> Conversation:
    at = envelope.recorded_at
    queued = event.assignee is None
    return _moved(
        old,
        envelope,
        event,
        department=old.department,
        reason=None,
        opened_at=at,
        assignee=event.assignee,
        queued_at=at if queued else None,
        taken_at=None if queued else at,
        talk=_taken_over(old.talk, event.window_until, Robot(quiet_until=_later(old.talk, event.quiet_until))),
    )


def _kept(
    old: Conversation,
    envelope: Envelope,
    department: DepartmentId,
    reason: ReasonId | None,
    talk: Talk,
    details: Details | None = None,
    origin: Origin | None = None,
) -> Conversation:
    """The conversation where it stands in its life cycle, with something else about it."""
    return Conversation(
        id=old.id,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        origin=origin or old.origin,
        talk=talk,
        situation=old.situation,
        department=department,
        assignee=old.assignee,
        last_assignee=old.last_assignee,
        reason=reason,
        opened_at=old.opened_at,
        queued_at=old.queued_at,
        taken_at=old.taken_at,
        closed_at=old.closed_at,
        closed_by=old.closed_by,
        transfers=old.transfers,
        details=details or old.details,
    )


def _department_changed(old: Conversation, envelope: Envelope, event: DepartmentChanged) -> Conversation:
    return _kept(old, envelope, event.department, old.reason, old.talk)


def _reason_set(old: Conversation, envelope: Envelope, event: ReasonSet) -> Conversation:
    return _kept(old, envelope, old.department, event.reason, old.talk)


def _marked_read(old: Conversation, envelope: Envelope, _: MarkedRead) -> Conversation:
    talk = old.talk
    read = Talk(
        address=talk.address,
        seq=talk.seq,
        waiting_since=talk.waiting_since,
        window_until=talk.window_until,
        heard=talk.heard,
        robot=talk.robot,
    )
    return _kept(old, envelope, old.department, old.reason, read)


def _detailed(old: Conversation, envelope: Envelope, details: Details) -> Conversation:
    return _kept(old, envelope, old.department, old.reason, old.talk, details)


def _tagged(old: Conversation, envelope: Envelope, event: Tagged) -> Conversation:
    return _detailed(
        old, envelope, Details(tags=(*old.tags, *event.tags), fields=old.fields, contract=old.contract)
    )


def _untagged(old: Conversation, envelope: Envelope, event: Untagged) -> Conversation:
    left = tuple(tag for tag in old.tags if tag not in event.tags)
    return _detailed(old, envelope, Details(tags=left, fields=old.fields, contract=old.contract))


def _fields_set(old: Conversation, envelope: Envelope, event: FieldsSet) -> Conversation:
    fields = with_values(old.fields, event.values)
    return _detailed(old, envelope, Details(tags=old.tags, fields=fields, contract=old.contract))


def _contract_pinned(old: Conversation, envelope: Envelope, event: ContractPinned) -> Conversation:
    return _detailed(old, envelope, Details(tags=old.tags, fields=old.fields, contract=event.contract))


def _action_requested(old: Conversation, envelope: Envelope, _: ActionRequested) -> Conversation:
    return _detailed(old, envelope, old.details)


def _contact_replaced(old: Conversation, envelope: Envelope, event: ContactReplaced) -> Conversation:
    was, robot = old.origin, old.talk.robot
    origin = Origin(
        contact=event.contact, channel=was.channel, protocol=was.protocol, started_at=was.started_at
    )
    talk = _taken_over(
        old.talk,
        event.window_until,
        Robot(
            said=robot.said,
            quiet_until=_later(old.talk, event.quiet_until),
            turns=robot.turns,
            moved_at=robot.moved_at,
        ),
        event.waiting_since,
        event.unread,
        event.address,
    )
    return _kept(old, envelope, old.department, old.reason, talk, origin=origin)


def _message_added(old: Conversation, envelope: Envelope, event: MessageAdded) -> Conversation:
    talk = old.talk
    unread, waiting_since, window_until = talk.unread, talk.waiting_since, talk.window_until
    heard = talk.heard
    if event.direction is Direction.INBOUND:
        unread += 1
        heard = event.seq
        waiting_since = waiting_since or envelope.recorded_at
        if event.window_until is not None and (window_until is None or event.window_until > window_until):
            window_until = event.window_until
    elif event.human:
        unread, waiting_since = 0, None
    robot = talk.robot
    if event.trigger is not None or event.bot:
        robot = Robot(
            said=robot.said
            if event.trigger is None or event.trigger in robot.said
            else (*robot.said, event.trigger),
            quiet_until=event.quiet_until or robot.quiet_until,
            turns=robot.turns + 1 if event.bot else robot.turns,
            moved_at=envelope.recorded_at if event.bot else robot.moved_at,
        )
    said = Talk(
        address=event.address or talk.address,
        seq=event.seq,
        unread=unread,
        waiting_since=waiting_since,
        window_until=window_until,
        heard=heard,
        robot=robot,
    )
    return _kept(old, envelope, old.department, old.reason, said)


BIRTHS: dict[type[Event], Callable[[Any, Envelope, Any], Conversation]] = {Started: _started}
STEPS: dict[type[Event], Callable[[Any, Envelope, Any], Conversation]] = {
    Queued: _queued,
    Taken: _assigned,
    Transferred: _assigned,
    ReturnedToBot: _returned_to_bot,
    Closed: _closed,
    Reopened: _reopened,
    DepartmentChanged: _department_changed,
    ReasonSet: _reason_set,
    MarkedRead: _marked_read,
    MessageAdded: _message_added,
    Tagged: _tagged,
    Untagged: _untagged,
    FieldsSet: _fields_set,
    ContractPinned: _contract_pinned,
    ActionRequested: _action_requested,
    ContactReplaced: _contact_replaced,
}
