"""The conversation: one contact, on one channel, from its opening to its close.

It does not hold its messages, only their count, so a command costs the same whatever was said before.
"""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from chatcore._shape import id_problem, moment_problems, not_id, not_tuple_of, not_utc_or_none
from chatcore.entities.fields import FieldValues
from chatcore.errors import InvalidValue, Problem
from chatcore.vocabulary import (
    Actor,
    AgentId,
    ChannelId,
    ContactId,
    ContractId,
    ConversationId,
    DepartmentId,
    Private,
    ReasonId,
    Situation,
    TagId,
    Trigger,
    redacted,
)

__all__ = ["Conversation", "Details", "Origin", "Robot", "Talk"]


# Bound once, and the moments looked at in place: this is checked at every step of every conversation.
_OPEN, _CLOSED = Situation.OPEN, Situation.CLOSED
_LATER_MOMENTS = ("queued_at", "taken_at", "closed_at")


@attrs.frozen(slots=True, kw_only=True)
class Origin:
    """How a conversation began. `protocol` is given at the opening. Rule: L11, S10."""

    contact: ContactId
    channel: ChannelId
    protocol: str
    started_at: datetime

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.contact) is not str or self.contact[:3] != "ct_":
            bad.append(Problem("contact", "not_a_contact"))
        if not_id(self.channel):
            bad.append(id_problem("channel", self.channel))
        if type(self.protocol) is not str or not self.protocol:
            bad.append(Problem("protocol", "empty", "L11"))
        bad += moment_problems(self, ("started_at",), ())
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True, kw_only=True)
class Details:
    """What was put on a conversation: tags, in the order they came; custom fields; the contract it is about.

    Rule: S7, C5, C9, S5.
    """

    tags: tuple[TagId, ...] = ()
    fields: FieldValues = attrs.field(default=(), repr=redacted)
    contract: ContractId | None = None

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if not_tuple_of(str, self.tags) or len(set(self.tags)) != len(self.tags):
            bad.append(Problem("tags", "not_tags", "C5"))
        if not_tuple_of(tuple, self.fields):
            bad.append(Problem("fields", "not_values", "C9"))
        if self.contract is not None and not_id(self.contract):
            bad.append(id_problem("contract", self.contract))
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True, kw_only=True)
class Robot:
    """What was done by itself, as far as rules count it.

    * `said`: the automatic messages sent since the last opening. Rule: L20.
    * `quiet_until`: the end of the closed period in which the customer was last told of it. Rule: L20, H1.
    * `turns`: the bot's messages since it got the conversation; `moved_at`: when it got it, or last said
      something. Rule: L14, L22.
    """

    said: tuple[Trigger, ...] = ()
    quiet_until: datetime | None = None
    turns: int = 0
    moved_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if not_tuple_of(Trigger, self.said):
            bad.append(Problem("said", "not_triggers", "L20"))
        bad += moment_problems(self, (), ("quiet_until", "moved_at"))
        if type(self.turns) is not int or self.turns < 0:
            bad.append(Problem("turns", "negative", "L14"))
        if bad:
            raise InvalidValue(*bad)


STILL = Robot()
"""A robot that has done nothing."""


@attrs.frozen(slots=True, kw_only=True)
class Talk:
    """What was said so far, as counts; no step of the life cycle touches it.

    * `address` is the exact address replies go to. Rule: M10.
    * `seq` is the number of the last message, from 1 without gaps; 0 before the first. Rule: M4.
    * `unread` counts customer messages that nobody has answered or marked read. Rule: L23.
    * `waiting_since`: first customer message no human has answered. Rule: L15.
    * `window_until`: free-form messages pass before this moment; None where the channel has no window or
      the customer has not written yet. Rule: M5.
    * `heard` is the number of the customer's last message; 0 before the first. Rule: L23.
    * `robot` is what was done by itself. Rule: L14, L20.
    """

    address: Private
    seq: int = 0
    unread: int = 0
    waiting_since: datetime | None = None
    window_until: datetime | None = None
    heard: int = 0
    robot: Robot = STILL

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.address) is not Private:
            bad.append(Problem("address", "not_private", "M10"))
        if type(self.seq) is not int or self.seq < 0:
            bad.append(Problem("seq", "negative", "M4"))
        elif type(self.heard) is not int or not 0 <= self.heard <= self.seq:
            bad.append(Problem("heard", "not_a_message", "L23"))
        if type(self.unread) is not int or self.unread < 0:
            bad.append(Problem("unread", "negative", "L23"))
        if not_utc_or_none(self.waiting_since) or not_utc_or_none(self.window_until):
            bad += moment_problems(self, (), ("waiting_since", "window_until"))
        if type(self.robot) is not Robot:
            bad.append(Problem("robot", "not_a_robot"))
        if bad:
            raise InvalidValue(*bad)


PLAIN = Details()
"""Nothing was put on it."""


@attrs.frozen(slots=True, kw_only=True)
class Conversation:
    """One conversation as it stands. What changes together stands together.

    `origin` changes only when contacts are merged, `talk` by messages, `details` by people who put them on.

    * OPEN exactly when it has an assignee; `last_assignee` stays. Rule: L1.
    * CLOSED has a reason, a closer and a closing time. Rule: L2.
    * `opened_at`: start or last reopening; `queued_at`, `taken_at`: last of each since then.
    * `transfers` counts from the start. Rule: L9.
    """

    id: ConversationId
    version: int
    recorded_at: datetime
    origin: Origin
    talk: Talk
    situation: Situation
    department: DepartmentId
    assignee: AgentId | None
    last_assignee: AgentId | None
    reason: ReasonId | None
    opened_at: datetime
    queued_at: datetime | None
    taken_at: datetime | None
    closed_at: datetime | None
    closed_by: Actor | None
    transfers: int
    details: Details = PLAIN

    @property
    def contact(self) -> ContactId:
        """Whom it is with."""
        return self.origin.contact

    @property
    def channel(self) -> ChannelId:
        """The channel it is held on."""
        return self.origin.channel

    @property
    def protocol(self) -> str:
        """Its protocol number. Rule: L11."""
        return self.origin.protocol

    @property
    def started_at(self) -> datetime:
        """When it began. Rule: S10."""
        return self.origin.started_at

    @property
    def address(self) -> Private:
        """Where replies go. Rule: M10."""
        return self.talk.address

    @property
    def seq(self) -> int:
        """The number of its last message. Rule: M4."""
        return self.talk.seq

    @property
    def unread(self) -> int:
        """Customer messages not read. Rule: L23."""
        return self.talk.unread

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the customer waits for a human. Rule: L15."""
        return self.talk.waiting_since

    @property
    def window_until(self) -> datetime | None:
        """Before when free-form messages pass. Rule: M5."""
        return self.talk.window_until

    @property
    def tags(self) -> tuple[TagId, ...]:
        """Its tags, in the order they were put on. Rule: S7."""
        return self.details.tags

    @property
    def fields(self) -> FieldValues:
        """The values of its custom fields. Rule: C9."""
        return self.details.fields

    @property
    def contract(self) -> ContractId | None:
        """The contract it is about, if one was pinned. Rule: S5."""
        return self.details.contract

    def __attrs_post_init__(self) -> None:
        situation = self.situation
        bad: list[Problem] = []
        if type(self.id) is not str or self.id[:3] != "cv_" or "." in self.id:
            bad.append(Problem("id", "not_a_conversation"))
        if type(self.version) is not int or self.version < 1:
            bad.append(Problem("version", "not_positive"))
        if type(self.origin) is not Origin:
            bad.append(Problem("origin", "not_an_origin"))
        if type(self.talk) is not Talk:
            bad.append(Problem("talk", "not_a_talk"))
        if type(self.details) is not Details:
            bad.append(Problem("details", "not_details"))
        if type(situation) is not Situation:
            bad.append(Problem("situation", "not_a_situation", "S1"))
        else:
            if (situation is _OPEN) is (self.assignee is None):
                bad.append(Problem("assignee", "open_means_assignee", "L1"))
            if situation is _CLOSED and (
                self.reason is None or self.closed_by is None or self.closed_at is None
            ):
                bad.append(Problem("reason", "closed_means_reason", "L2"))
        if type(self.transfers) is not int or self.transfers < 0:
            bad.append(Problem("transfers", "negative", "L9"))
        queued_at, taken_at, closed_at = self.queued_at, self.taken_at, self.closed_at
        if (
            (type(self.recorded_at) is not datetime or self.recorded_at.tzinfo is not UTC)
            or (type(self.opened_at) is not datetime or self.opened_at.tzinfo is not UTC)
            or (queued_at is not None and (type(queued_at) is not datetime or queued_at.tzinfo is not UTC))
            or (taken_at is not None and (type(taken_at) is not datetime or taken_at.tzinfo is not UTC))
            or (closed_at is not None and (type(closed_at) is not datetime or closed_at.tzinfo is not UTC))
        ):
            bad += moment_problems(self, ("recorded_at", "opened_at"), _LATER_MOMENTS)
        if bad:
            raise InvalidValue(*bad)
