"""What happened, in the past tense, and the envelope every event travels and is kept in.

An event belongs to the stream of one entity. `evolve` folds a stream into the entity's state, and there is
no other way to change one; `transitions` says which events may follow which.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from chatcore.entities import Address, KeptStatus, Workspace
from chatcore.vocabulary import (
    Actor,
    AgentId,
    ChannelId,
    CommandId,
    ContactId,
    ConversationId,
    DeliveryStatus,
    DepartmentId,
    Direction,
    EffectId,
    EffectKind,
    EventId,
    MessageId,
    MessageKind,
    Private,
    ReasonId,
    Ref,
    redacted,
)

__all__ = [
    "SCHEMA",
    "AnomalyRecorded",
    "Cancelled",
    "Claimed",
    "Closed",
    "ContactBlocked",
    "ContactCreated",
    "ContactUnblocked",
    "DepartmentChanged",
    "Dismissed",
    "Doubted",
    "Envelope",
    "Event",
    "EvidenceKept",
    "Failed",
    "InboundRefused",
    "Intended",
    "LeftUnconfirmed",
    "LookedUp",
    "MarkedRead",
    "MessageAccepted",
    "MessageAdded",
    "MessageDoubted",
    "MessageNotSent",
    "MessageReceived",
    "MessageWritten",
    "Postponed",
    "Queued",
    "ReasonSet",
    "Reopened",
    "ReturnedToBot",
    "SentToReview",
    "Started",
    "StatusKept",
    "StatusReported",
    "Succeeded",
    "Taken",
    "Transferred",
    "WorkspaceConfigured",
]

SCHEMA = 1
"""The schema version written into new envelopes."""


# --- the conversation ----------------------------------------------------------------------------------------


@attrs.frozen(slots=True, kw_only=True)
class Started:
    """A conversation began: with the bot, in the queue, or OPEN when it names an assignee. Rule: L5, L11.

    `window_until`: the customer's last message here keeps the service window open into it. Rule: M5.
    """

    contact: ContactId
    channel: ChannelId
    address: Private
    protocol: str
    department: DepartmentId
    bot: bool = False
    assignee: AgentId | None = None
    window_until: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class Queued:
    """It waits for service, in this department."""

    department: DepartmentId


@attrs.frozen(slots=True, kw_only=True)
class Taken:
    """An agent became its assignee; the envelope's actor is who made it so. Rule: S4, L17."""

    assignee: AgentId


@attrs.frozen(slots=True, kw_only=True)
class Transferred:
    """Another agent became its assignee. Rule: S12, L9."""

    assignee: AgentId


@attrs.frozen(slots=True, kw_only=True)
class ReturnedToBot:
    """The bot has it again."""


@attrs.frozen(slots=True, kw_only=True)
class Closed:
    """It is finished, for this reason. Rule: S19, L2."""

    reason: ReasonId


@attrs.frozen(slots=True, kw_only=True)
class Reopened:
    """It goes on: in the queue, or OPEN when it names an assignee. Rule: L4."""

    assignee: AgentId | None = None


@attrs.frozen(slots=True, kw_only=True)
class DepartmentChanged:
    """It belongs to another department now, where it stands. Rule: L8."""

    department: DepartmentId


@attrs.frozen(slots=True, kw_only=True)
class ReasonSet:
    """Why it is held was said. Rule: S11."""

    reason: ReasonId


@attrs.frozen(slots=True, kw_only=True)
class MarkedRead:
    """What the customer wrote was read; whether they wait for an answer is another matter. Rule: L23."""


@attrs.frozen(slots=True, kw_only=True)
class MessageAdded:
    """A message took the next `seq`. It counts here; what it says is in the message's own stream.

    `human` is true for what a person of the service wrote, and false for what is automatic. `window_until`
    is the end of the service window that a customer's message opened; `address`, where replies go from now
    on, if that changed. Rule: M4, M5, M10, L15, L23.
    """

    message: MessageId
    seq: int
    direction: Direction
    human: bool = False
    window_until: datetime | None = None
    address: Private | None = None


# --- the contact ---------------------------------------------------------------------------------------------


@attrs.frozen(slots=True, kw_only=True)
class ContactCreated:
    """A person became known."""

    addresses: tuple[Address, ...]
    name: Private | None = None


@attrs.frozen(slots=True, kw_only=True)
class ContactBlocked:
    """Nothing is received from, or sent to, this contact any more. Rule: S20."""

    why: str | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class ContactUnblocked:
    """Messages pass again."""


@attrs.frozen(slots=True, kw_only=True)
class InboundRefused:
    """A blocked contact's message was not received: one count in the ledger. Rule: M13."""

    channel: ChannelId
    provider_id: str = attrs.field(repr=redacted)


# --- the message ---------------------------------------------------------------------------------------------


@attrs.frozen(slots=True, kw_only=True)
class MessageReceived:
    """A customer's message came in. Rule: M1, M8, M14."""

    conversation: ConversationId
    seq: int
    channel: ChannelId
    kind: MessageKind
    body: Private
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    flags: tuple[str, ...] = ()
    raw: Private | None = None


@attrs.frozen(slots=True, kw_only=True)
class MessageWritten:
    """A message to the customer was written; `effect` carries it out. `automatic` names its trigger."""

    conversation: ConversationId
    seq: int
    channel: ChannelId
    kind: MessageKind
    body: Private
    effect: EffectId
    author: Actor | None = None
    automatic: str | None = None


@attrs.frozen(slots=True, kw_only=True)
class MessageAccepted:
    """The provider accepted the message and named it; None where it gave the name of another message again."""

    provider_id: str | None = attrs.field(repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class MessageNotSent:
    """The message did not leave; `detail` is the code of why."""

    detail: str


@attrs.frozen(slots=True, kw_only=True)
class MessageDoubted:
    """Nobody can tell whether the message left; a person sees it as UNCONFIRMED. Rule: M2."""


@attrs.frozen(slots=True, kw_only=True)
class StatusReported:
    """The provider reported how far the message came. Rule: M2."""

    status: DeliveryStatus
    occurred_at: datetime
    failure: str | None = None


@attrs.frozen(slots=True, kw_only=True)
class AnomalyRecorded:
    """The same provider id came again with another body; the first is kept. Rule: M1."""


# --- the workspace -------------------------------------------------------------------------------------------


@attrs.frozen(slots=True, kw_only=True)
class WorkspaceConfigured:
    """The tenant's configuration is this from now on."""

    workspace: Workspace


# --- the effect ----------------------------------------------------------------------------------------------


@attrs.frozen(slots=True, kw_only=True)
class Intended:
    """Something is to be done outside, or kept in hand; the fields are those of `Effect`."""

    kind: EffectKind
    channel: ChannelId
    expires_at: datetime
    due_at: datetime
    conversation: ConversationId | None = None
    contact: ContactId | None = None
    message: MessageId | None = None
    lane: str | None = None
    position: int = 0
    reference: str | None = attrs.field(default=None, repr=redacted)
    kept: tuple[KeptStatus, ...] = ()


@attrs.frozen(slots=True, kw_only=True)
class Claimed:
    """Somebody is doing it, until the lease ends; `at` is the clock's moment, where it is behind the record."""

    lease_until: datetime
    at: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class Postponed:
    """It was certainly not done; it may be tried again from `due_at` on, with the same key."""

    due_at: datetime
    detail: str | None = None


@attrs.frozen(slots=True, kw_only=True)
class Succeeded:
    """It was done; `reference` is the outside's id for it."""

    reference: str | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class Failed:
    """It was not done and will not be; `detail` is the code of why."""

    detail: str


@attrs.frozen(slots=True, kw_only=True)
class Cancelled:
    """It was given up before it was tried; `detail` is the code of why."""

    detail: str


@attrs.frozen(slots=True, kw_only=True)
class Doubted:
    """It may have been done, may not; `due_at` is when to find out more, `at` as in `Claimed`."""

    due_at: datetime
    detail: str
    at: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class LookedUp:
    """A look-up could not tell yet; `due_at` is when to ask again."""

    due_at: datetime


@attrs.frozen(slots=True, kw_only=True)
class LeftUnconfirmed:
    """The doubt about a message could not be resolved; a person sees it."""


@attrs.frozen(slots=True, kw_only=True)
class SentToReview:
    """The doubt about a money-like effect could not be resolved; a second person decides."""


@attrs.frozen(slots=True, kw_only=True)
class Dismissed:
    """A person closed the doubt."""


@attrs.frozen(slots=True, kw_only=True)
class StatusKept:
    """Another status came for a message nobody knows yet. Rule: M3."""

    report: KeptStatus


@attrs.frozen(slots=True, kw_only=True)
class EvidenceKept:
    """Something was learnt that the state could not take in."""

    finding: str
    reference: str | None = attrs.field(default=None, repr=redacted)


Event: TypeAlias = (
    Started
    | Queued
    | Taken
    | Transferred
    | ReturnedToBot
    | Closed
    | Reopened
    | DepartmentChanged
    | ReasonSet
    | MarkedRead
    | MessageAdded
    | ContactCreated
    | ContactBlocked
    | ContactUnblocked
    | InboundRefused
    | MessageReceived
    | MessageWritten
    | MessageAccepted
    | MessageNotSent
    | MessageDoubted
    | StatusReported
    | AnomalyRecorded
    | WorkspaceConfigured
    | Intended
    | Claimed
    | Postponed
    | Succeeded
    | Failed
    | Cancelled
    | Doubted
    | LookedUp
    | LeftUnconfirmed
    | SentToReview
    | Dismissed
    | StatusKept
    | EvidenceKept
)
"""Any event."""


@attrs.frozen(slots=True)
class Envelope:
    """An event as it is recorded.

    `version` is that of the entity after it, from 1 without gaps. `recorded_at` never goes back within one
    conversation (L12). `correlation` is the caller's; `causation` is the event that led to the command.
    """

    id: EventId
    ref: Ref
    version: int
    recorded_at: datetime
    actor: Actor
    command: CommandId
    correlation: str | None
    causation: EventId | None
    schema: int
    event: Event
