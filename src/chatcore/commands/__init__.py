"""What may be asked, in the imperative, and the outcome that answers it.

Commands are plain values: comparable, serialisable, checked for shape when they are made (all misfits at
once). Whether one is *allowed* is for the rules. The outcome holds only what was committed, so that
repeating a command with its idempotency key gives the very same answer.
"""

from __future__ import annotations

from typing import TypeAlias

from chatcore.commands.billing import GrantBonus, OpenServiceOrder, PinContract, SendBoletos, SendInvoices
from chatcore.commands.carrying import (
    Brought,
    ClaimEffect,
    Finding,
    FindingKind,
    RecordResult,
    SettleEffect,
    SettleReview,
    Withdraw,
)
from chatcore.commands.contact import (
    BlockContact,
    EditContact,
    LinkCustomer,
    MergeContacts,
    UnblockContact,
    UnlinkCustomer,
)
from chatcore.commands.conversation import (
    AddNote,
    AddTags,
    Assign,
    ChangeDepartment,
    Close,
    Dismiss,
    EditConversation,
    MarkRead,
    RemoveTags,
    Reopen,
    Resend,
    ReturnToBot,
    ReturnToQueue,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    SetFields,
    SetReason,
    StartConversation,
    Take,
    Transfer,
)
from chatcore.commands.outcome import Outcome
from chatcore.commands.recording import (
    ReceiveMessage,
    RecordEcho,
    RecordEdit,
    RecordReaction,
    RecordRevocation,
    RecordStatus,
)
from chatcore.commands.timed import CloseIdle, ReleaseConversation, TimeOutBot
from chatcore.commands.workspace import (
    AddItem,
    ArchiveItem,
    ChangeItem,
    Configure,
    OrderItems,
    RestoreItem,
    SetPolicies,
)

__all__ = [
    "AddItem",
    "AddNote",
    "AddTags",
    "ArchiveItem",
    "Assign",
    "BlockContact",
    "Brought",
    "ChangeDepartment",
    "ChangeItem",
    "ClaimEffect",
    "Close",
    "CloseIdle",
    "Command",
    "Configure",
    "Dismiss",
    "EditContact",
    "EditConversation",
    "Finding",
    "FindingKind",
    "GrantBonus",
    "LinkCustomer",
    "MarkRead",
    "MergeContacts",
    "OpenServiceOrder",
    "OrderItems",
    "Outcome",
    "PinContract",
    "ReceiveMessage",
    "RecordEcho",
    "RecordEdit",
    "RecordReaction",
    "RecordResult",
    "RecordRevocation",
    "RecordStatus",
    "ReleaseConversation",
    "RemoveTags",
    "Reopen",
    "Resend",
    "RestoreItem",
    "ReturnToBot",
    "ReturnToQueue",
    "SendBoletos",
    "SendInvoices",
    "SendMedia",
    "SendMessage",
    "SendQuickReply",
    "SendTemplate",
    "SetFields",
    "SetPolicies",
    "SetReason",
    "SettleEffect",
    "SettleReview",
    "StartConversation",
    "Take",
    "TimeOutBot",
    "Transfer",
    "UnblockContact",
    "UnlinkCustomer",
    "Withdraw",
]

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
    | SendTemplate
    | SendQuickReply
    | SendMedia
    | AddNote
    | AddTags
    | RemoveTags
    | SetFields
    | Resend
    | Dismiss
    | PinContract
    | SendBoletos
    | SendInvoices
    | GrantBonus
    | OpenServiceOrder
    | EditConversation
    | BlockContact
    | UnblockContact
    | EditContact
    | LinkCustomer
    | UnlinkCustomer
    | MergeContacts
    | Configure
    | AddItem
    | ChangeItem
    | ArchiveItem
    | RestoreItem
    | OrderItems
    | SetPolicies
    | ReceiveMessage
    | RecordEcho
    | RecordReaction
    | RecordEdit
    | RecordRevocation
    | RecordStatus
    | ClaimEffect
    | SettleEffect
    | RecordResult
    | Withdraw
    | SettleReview
    | CloseIdle
    | ReleaseConversation
    | TimeOutBot
)
"""Any command."""
