"""What may be asked, in the imperative, and the outcome that answers it.

Commands are plain values: comparable, serialisable, checked for shape when they are made (all misfits at
once). Whether one is *allowed* is for the rules. The outcome holds only what was committed, so that
repeating a command with its idempotency key gives the very same answer.
"""

from __future__ import annotations

from typing import TypeAlias

from chatcore.commands.carrying import ClaimEffect, Finding, FindingKind, SettleEffect
from chatcore.commands.contact import BlockContact, UnblockContact
from chatcore.commands.conversation import (
    Assign,
    ChangeDepartment,
    Close,
    MarkRead,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    SendMessage,
    SetReason,
    StartConversation,
    Take,
    Transfer,
)
from chatcore.commands.outcome import Outcome
from chatcore.commands.recording import ReceiveMessage, RecordStatus
from chatcore.commands.workspace import Configure

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
