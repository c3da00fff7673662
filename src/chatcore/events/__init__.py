"""What happened, in the past tense, and the envelope every event travels and is kept in.

An event belongs to the stream of one entity. `evolve` folds a stream into the entity's state, and there is
no other way to change one; `transitions` says which events may follow which.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from chatcore.events.contact import (
    ContactAbsorbed,
    ContactBlocked,
    ContactCreated,
    ContactEdited,
    ContactMerged,
    ContactUnblocked,
    CustomerLinked,
    CustomersSuggested,
    CustomerUnlinked,
    InboundRefused,
)
from chatcore.events.conversation import (
    ActionRequested,
    Closed,
    ContactReplaced,
    ContractPinned,
    DepartmentChanged,
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
    DoubtDismissed,
    MediaLost,
    MediaStored,
    MessageAccepted,
    MessageDoubted,
    MessageEchoed,
    MessageEdited,
    MessageNotSent,
    MessageReceived,
    MessageResent,
    MessageRevoked,
    MessageWritten,
    NoteAdded,
    Reacted,
    StatusReported,
)
from chatcore.events.workspace import (
    ItemAdded,
    ItemArchived,
    ItemChanged,
    ItemRestored,
    ItemsOrdered,
    PoliciesChanged,
    WorkspaceConfigured,
)
from chatcore.vocabulary import Actor, CommandId, EventId, Ref

__all__ = [
    "SCHEMA",
    "ActionRequested",
    "AnomalyRecorded",
    "Cancelled",
    "Claimed",
    "Closed",
    "ContactAbsorbed",
    "ContactBlocked",
    "ContactCreated",
    "ContactEdited",
    "ContactMerged",
    "ContactReplaced",
    "ContactUnblocked",
    "ContractPinned",
    "CustomerLinked",
    "CustomerUnlinked",
    "CustomersSuggested",
    "DepartmentChanged",
    "Dismissed",
    "DoubtDismissed",
    "Doubted",
    "Envelope",
    "Event",
    "EvidenceKept",
    "Failed",
    "FieldsSet",
    "InboundRefused",
    "Intended",
    "ItemAdded",
    "ItemArchived",
    "ItemChanged",
    "ItemRestored",
    "ItemsOrdered",
    "LeftUnconfirmed",
    "LookedUp",
    "MarkedRead",
    "MediaLost",
    "MediaStored",
    "MessageAccepted",
    "MessageAdded",
    "MessageDoubted",
    "MessageEchoed",
    "MessageEdited",
    "MessageNotSent",
    "MessageReceived",
    "MessageResent",
    "MessageRevoked",
    "MessageWritten",
    "NoteAdded",
    "PoliciesChanged",
    "Postponed",
    "Queued",
    "Reacted",
    "ReasonSet",
    "Reopened",
    "ReturnedToBot",
    "SentToReview",
    "Started",
    "StatusKept",
    "StatusReported",
    "Succeeded",
    "Tagged",
    "Taken",
    "Transferred",
    "Untagged",
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
    | Tagged
    | Untagged
    | FieldsSet
    | ContactReplaced
    | ContractPinned
    | ActionRequested
    | ContactCreated
    | ContactBlocked
    | ContactUnblocked
    | InboundRefused
    | ContactEdited
    | ContactAbsorbed
    | ContactMerged
    | CustomerLinked
    | CustomerUnlinked
    | CustomersSuggested
    | MessageReceived
    | MessageWritten
    | MessageAccepted
    | MessageNotSent
    | MessageDoubted
    | StatusReported
    | AnomalyRecorded
    | NoteAdded
    | MessageEchoed
    | MessageResent
    | DoubtDismissed
    | MediaStored
    | MediaLost
    | Reacted
    | MessageEdited
    | MessageRevoked
    | WorkspaceConfigured
    | ItemAdded
    | ItemArchived
    | ItemChanged
    | ItemRestored
    | ItemsOrdered
    | PoliciesChanged
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
