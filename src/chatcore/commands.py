"""What may be asked, in the imperative, and the outcome that answers it.

Commands are plain values: comparable, serialisable, checked for shape when they are made (all misfits at
once). Whether one is *allowed* is for the rules. The outcome holds only what was committed, so that
repeating a command with its idempotency key gives the very same answer.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from chatcore._shape import code_or, id_problem, not_id, not_utc
from chatcore.entities import Workspace
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import NOTE_LENGTH
from chatcore.text import outbound_problems
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    CommandId,
    ContactId,
    ConversationId,
    DeliveryStatus,
    DepartmentId,
    EffectId,
    EntityKind,
    MessageId,
    MessageKind,
    Private,
    ReasonId,
    Ref,
    kind_of,
    redacted,
)

__all__ = [
    "Assign",
    "BlockContact",
    "ChangeDepartment",
    "ClaimEffect",
    "Close",
    "Command",
    "Configure",
    "Finding",
    "FindingKind",
    "MarkRead",
    "Outcome",
    "ReceiveMessage",
    "RecordStatus",
    "Reopen",
    "ReturnToBot",
    "ReturnToQueue",
    "SendMessage",
    "SetReason",
    "SettleEffect",
    "StartConversation",
    "Take",
    "Transfer",
    "UnblockContact",
]


def _private(value: str | Private) -> Private:
    """Wrap a personal text; what is neither is left for the shape check to name."""
    return Private(value) if type(value) is str else value  # type: ignore[return-value]


def _private_or_none(value: str | Private | None) -> Private | None:
    return None if value is None else _private(value)


def _failure_code(value: str | None) -> str | None:
    """A provider's failure code; what is none becomes "unspecified", for the failure itself still counts."""
    return code_or(value, "unspecified") if type(value) is str else value


def _ids(**ids: object) -> list[Problem]:
    """The problems of the ids among a command's fields; None stands for one not given."""
    return [id_problem(name, id) for name, id in ids.items() if id is not None and not_id(id)]


def _required(command: object, *names: str) -> list[Problem]:
    return [id_problem(name, value) for name in names if not_id(value := getattr(command, name))]


def _text_problems(text: object, path: str) -> list[Problem]:
    if type(text) is not Private:
        return [Problem(path, "not_a_text")]
    return list(outbound_problems(text.reveal(), path))


def _switch(value: object, path: str) -> list[Problem]:
    return [] if type(value) is bool else [Problem(path, "not_a_bool")]


def _refuse(bad: list[Problem]) -> None:
    if bad:
        raise InvalidValue(*bad)


# --- a person's commands -------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class StartConversation:
    """Open a conversation with a known contact or with an address, optionally with a first message.

    The agent who starts it becomes its assignee. Without `department`, it belongs to the channel's.
    Rule: S3, L3, L5.
    """

    channel: ChannelId
    contact: ContactId | None = attrs.field(default=None, kw_only=True)
    address: Private | None = attrs.field(default=None, kw_only=True, converter=_private_or_none)
    department: DepartmentId | None = attrs.field(default=None, kw_only=True)
    text: Private | None = attrs.field(default=None, kw_only=True, converter=_private_or_none)
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = _required(self, "channel") + _ids(contact=self.contact, department=self.department)
        if (self.contact is None) is (self.address is None):
            bad.append(Problem("contact", "contact_or_address", "S3"))
        if self.address is not None and type(self.address) is not Private:
            bad.append(Problem("address", "not_a_text"))
        if self.text is not None:
            bad += _text_problems(self.text, "text")
        _refuse(bad + _switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Take:
    """Become the assignee of a conversation that waits. Rule: S4, L6, L7."""

    conversation: ConversationId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation") + _switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Assign:
    """Give a conversation that waits to another agent. Rule: L17."""

    conversation: ConversationId
    to: AgentId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation", "to") + _switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Transfer:
    """Give an open conversation to another agent; its whole history goes along. Rule: S12, L9."""

    conversation: ConversationId
    to: AgentId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation", "to") + _switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class ChangeDepartment:
    """Move a conversation to another department; who is no member there gives it up. Rule: S18, L8."""

    conversation: ConversationId
    department: DepartmentId

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation", "department"))


@attrs.frozen(slots=True)
class ReturnToQueue:
    """Let a conversation wait for service again, or for the first time after the bot. Rule: S18, L14."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation"))


@attrs.frozen(slots=True)
class ReturnToBot:
    """Give a conversation to the channel's bot. Rule: S18, L14."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation"))


@attrs.frozen(slots=True)
class Reopen:
    """Go on with a closed conversation: with agent `to`, or without one in the queue. Rule: L3, L7, L18."""

    conversation: ConversationId
    to: AgentId | None = None
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = _required(self, "conversation") + _ids(to=self.to)
        _refuse(bad + _switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class SetReason:
    """Say why a conversation is, or was, held. Rule: S11, C3, C4."""

    conversation: ConversationId
    reason: ReasonId

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation", "reason"))


@attrs.frozen(slots=True)
class MarkRead:
    """Say that the customer's messages were read; they may still wait for an answer. Rule: L23."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation"))


@attrs.frozen(slots=True)
class SendMessage:
    """Write a text to the customer; it leaves through the conversation's channel. Rule: M5, M6."""

    conversation: ConversationId
    text: Private = attrs.field(converter=_private)

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation") + _text_problems(self.text, "text"))


@attrs.frozen(slots=True)
class Close:
    """Finish a conversation. Without a reason set or given it is refused. Rule: S19, L2, L10."""

    conversation: ConversationId
    reason: ReasonId | None = None

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "conversation") + _ids(reason=self.reason))


@attrs.frozen(slots=True)
class BlockContact:
    """Receive nothing from, and send nothing to, a contact any more. Rule: S20."""

    contact: ContactId
    why: str | None = attrs.field(default=None, repr=redacted)

    def __attrs_post_init__(self) -> None:
        bad = _required(self, "contact")
        if self.why is not None:
            bad += outbound_problems(self.why, "why")
            if type(self.why) is str and len(self.why) > NOTE_LENGTH:
                bad.append(Problem("why", "too_long", limit=NOTE_LENGTH, actual=len(self.why)))
        _refuse(bad)


@attrs.frozen(slots=True)
class UnblockContact:
    """Let a contact's messages pass again. Rule: S20."""

    contact: ContactId

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "contact"))


@attrs.frozen(slots=True)
class Configure:
    """Make this the tenant's configuration; the version it carries is not read."""

    workspace: Workspace

    def __attrs_post_init__(self) -> None:
        if type(self.workspace) is not Workspace:
            raise InvalidValue.of("workspace", "not_a_workspace")


# --- what arrives --------------------------------------------------------------------------------------------


@attrs.frozen(slots=True, kw_only=True)
class ReceiveMessage:
    """Record a customer's message. Its text is never refused: it is repaired, flagged, kept. Rule: M1, M14.

    `address` is exactly as the channel gave it; `sent_at` is the provider's clock; `raw` keeps an unknown
    kind as it came.
    """

    channel: ChannelId
    address: Private = attrs.field(converter=_private)
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    text: Private | None = attrs.field(default=None, converter=_private_or_none)
    kind: MessageKind = MessageKind.TEXT
    name: Private | None = attrs.field(default=None, converter=_private_or_none)
    raw: Private | None = attrs.field(default=None, converter=_private_or_none)

    def __attrs_post_init__(self) -> None:
        bad = _required(self, "channel", "provider_id")
        if type(self.address) is not Private or not_id(self.address.reveal()):
            bad.append(Problem("address", "not_an_address", "M10"))
        if not_utc(self.sent_at):
            bad.append(Problem("sent_at", "not_utc", "L12"))
        if type(self.kind) is not MessageKind:
            bad.append(Problem("kind", "not_a_kind", "M8"))
        for name in ("text", "name", "raw"):
            if getattr(self, name) is not None and type(getattr(self, name)) is not Private:
                bad.append(Problem(name, "not_a_text"))
        if self.kind is MessageKind.TEXT and self.text is None:
            bad.append(Problem("text", "missing"))
        _refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class RecordStatus:
    """Record how far a message came, known already or not. Rule: M2, M3, M7.

    `key` is the effect's id, where the channel returns it; `failure` is the provider's code.
    """

    channel: ChannelId
    provider_id: str = attrs.field(repr=redacted)
    status: DeliveryStatus
    occurred_at: datetime
    key: EffectId | None = None
    failure: str | None = attrs.field(default=None, converter=_failure_code)

    def __attrs_post_init__(self) -> None:
        bad = _required(self, "channel", "provider_id") + _ids(key=self.key, failure=self.failure)
        if type(self.status) is not DeliveryStatus or self.status in (
            DeliveryStatus.PENDING,
            DeliveryStatus.UNCONFIRMED,
        ):
            bad.append(Problem("status", "not_a_report", "M2"))
        if not_utc(self.occurred_at):
            bad.append(Problem("occurred_at", "not_utc", "L12"))
        _refuse(bad)


# --- carrying out effects ------------------------------------------------------------------------------------


class FindingKind(enum.StrEnum):
    """What can be found out about an effect that was tried."""

    DONE = "done"
    REFUSED = "refused"
    NOT_DONE = "not_done"
    DOUBT = "doubt"
    ABSENT = "absent"
    OVERDUE = "overdue"


@attrs.frozen(slots=True, kw_only=True)
class Finding:
    """What was found out about an effect.

    DONE carries the outside's `reference`; REFUSED its code in `detail`; NOT_DONE (certainly) may carry
    `retry_after`; DOUBT says why in `detail`; ABSENT is a look-up that found nothing; OVERDUE means that
    there is nothing left to ask.
    """

    kind: FindingKind
    reference: str | None = attrs.field(default=None, repr=redacted)
    detail: str | None = None
    retry_after: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        bad = _ids(reference=self.reference, detail=self.detail)
        if type(self.kind) is not FindingKind:
            bad.append(Problem("kind", "not_a_kind"))
        if self.retry_after is not None and type(self.retry_after) is not timedelta:
            bad.append(Problem("retry_after", "not_a_span"))
        _refuse(bad)


@attrs.frozen(slots=True)
class ClaimEffect:
    """Take an effect in hand, for the length of a lease; its version after that is the fence."""

    effect: EffectId

    def __attrs_post_init__(self) -> None:
        _refuse(_required(self, "effect"))


@attrs.frozen(slots=True)
class SettleEffect:
    """Record what was found out about an effect seen at version `fence`."""

    effect: EffectId
    fence: int
    finding: Finding

    def __attrs_post_init__(self) -> None:
        bad = _required(self, "effect")
        if type(self.fence) is not int or self.fence < 1:
            bad.append(Problem("fence", "not_positive"))
        if type(self.finding) is not Finding:
            bad.append(Problem("finding", "not_a_finding"))
        _refuse(bad)


Command: TypeAlias = (
    StartConversation
    | Take
    | Assign
    | Transfer
    | ChangeDepartment
    | ReturnToQueue
    | ReturnToBot
    | Reopen
    | SetReason
    | MarkRead
    | SendMessage
    | Close
    | BlockContact
    | UnblockContact
    | Configure
    | ReceiveMessage
    | RecordStatus
    | ClaimEffect
    | SettleEffect
)
"""Any command."""


# --- the answer ----------------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class Outcome:
    """What a command committed: each entity it changed, with its version after; empty if nothing had to be."""

    command: CommandId
    changed: tuple[tuple[Ref, int], ...] = ()

    def version_of(self, ref: Ref) -> int | None:
        """The version of an entity after the command, if the command changed it."""
        return next((version for changed, version in self.changed if changed == ref), None)

    @property
    def conversation(self) -> ConversationId | None:
        """The conversation it changed."""
        return next((ConversationId(r) for r in self._refs(EntityKind.CONVERSATION)), None)

    @property
    def contact(self) -> ContactId | None:
        """The contact it changed."""
        return next((ContactId(r) for r in self._refs(EntityKind.CONTACT)), None)

    @property
    def message(self) -> MessageId | None:
        """The first message it added or changed."""
        return next((MessageId(r) for r in self._refs(EntityKind.MESSAGE)), None)

    @property
    def effects(self) -> tuple[EffectId, ...]:
        """The effects it gave birth to or changed."""
        return tuple(EffectId(r) for r in self._refs(EntityKind.EFFECT))

    def _refs(self, kind: EntityKind) -> list[Ref]:
        return [ref for ref, _ in self.changed if kind_of(ref) is kind]
