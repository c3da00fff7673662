"""What happened, in the past tense, and the envelope every event travels and is kept in.

An event belongs to the stream of one entity. `evolve` folds a stream into the entity's state, and there is
no other way to change one; `transitions` says which events may follow which.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from chatcore.events.contact import ContactBlocked, ContactCreated, ContactUnblocked, InboundRefused
from chatcore.events.conversation import (
    Closed,
    DepartmentChanged,
    MarkedRead,
    MessageAdded,
    Queued,
    ReasonSet,
    Reopened,
    ReturnedToBot,
    Started,
    Taken,
    Transferred,
)
from chatcore.events.effect import (
    Cancelled,
    Claimed,
    Dismissed,
    Doubted,
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
from chatcore.events.message import (
    AnomalyRecorded,
    MessageAccepted,
    MessageDoubted,
    MessageNotSent,
    MessageReceived,
    MessageWritten,
    StatusReported,
)
from chatcore.events.workspace import WorkspaceConfigured
from chatcore.vocabulary import Actor, CommandId, EventId, Ref

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
