"""chatcore: the rules of customer service over chat, as values and pure functions, with no I/O of its own.

Start with `Desk` (or `AsyncDesk`), give it `Ports`, and hand it commands. The names here are those a service
uses every day; each lives in the module that tells its story.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from chatcore._version import __version__

if TYPE_CHECKING:
    from chatcore.answers import Answer, Delivery, Report, Verdict
    from chatcore.commands import (
        Assign,
        BlockContact,
        ChangeDepartment,
        Close,
        Configure,
        MarkRead,
        Outcome,
        ReceiveMessage,
        RecordStatus,
        Reopen,
        ReturnToBot,
        ReturnToQueue,
        SendMessage,
        SetReason,
        StartConversation,
        Take,
        Transfer,
        UnblockContact,
    )
    from chatcore.desk import AsyncDesk, Desk
    from chatcore.entities import (
        Agent,
        Channel,
        Contact,
        Conversation,
        Department,
        Effect,
        Message,
        Policies,
        Reason,
        Workspace,
    )
    from chatcore.errors import ChatcoreError, Conflict, InvalidValue, NotFound, PortFailure, RuleViolation
    from chatcore.ports import AsyncPorts, Ports
    from chatcore.search import ConversationQuery, MessageQuery, Order
    from chatcore.vocabulary import (
        SYSTEM,
        Actor,
        AgentId,
        ChannelId,
        ChannelKind,
        ContactId,
        ConversationId,
        DepartmentId,
        MessageId,
        ReasonId,
        Role,
        Situation,
    )

__all__ = [
    "SYSTEM",
    "Actor",
    "Agent",
    "AgentId",
    "Answer",
    "Assign",
    "AsyncDesk",
    "AsyncPorts",
    "BlockContact",
    "ChangeDepartment",
    "Channel",
    "ChannelId",
    "ChannelKind",
    "ChatcoreError",
    "Close",
    "Configure",
    "Conflict",
    "Contact",
    "ContactId",
    "Conversation",
    "ConversationId",
    "ConversationQuery",
    "Delivery",
    "Department",
    "DepartmentId",
    "Desk",
    "Effect",
    "InvalidValue",
    "MarkRead",
    "Message",
    "MessageId",
    "MessageQuery",
    "NotFound",
    "Order",
    "Outcome",
    "Policies",
    "PortFailure",
    "Ports",
    "Reason",
    "ReasonId",
    "ReceiveMessage",
    "RecordStatus",
    "Reopen",
    "Report",
    "ReturnToBot",
    "ReturnToQueue",
    "Role",
    "RuleViolation",
    "SendMessage",
    "SetReason",
    "Situation",
    "StartConversation",
    "Take",
    "Transfer",
    "UnblockContact",
    "Verdict",
    "Workspace",
    "__version__",
]

_HOMES = {
    "answers": ("Answer", "Delivery", "Report", "Verdict"),
    "commands": (
        "Transfer",
        "SetReason",
        "ReturnToQueue",
        "ReturnToBot",
        "Reopen",
        "MarkRead",
        "ChangeDepartment",
        "Assign",
        "BlockContact",
        "Close",
        "Configure",
        "Outcome",
        "ReceiveMessage",
        "RecordStatus",
        "SendMessage",
        "StartConversation",
        "Take",
        "UnblockContact",
    ),
    "desk": ("AsyncDesk", "Desk"),
    "entities": (
        "Agent",
        "Channel",
        "Contact",
        "Conversation",
        "Department",
        "Effect",
        "Message",
        "Policies",
        "Reason",
        "Workspace",
    ),
    "errors": ("ChatcoreError", "Conflict", "InvalidValue", "NotFound", "PortFailure", "RuleViolation"),
    "ports": ("AsyncPorts", "Ports"),
    "search": ("ConversationQuery", "MessageQuery", "Order"),
    "vocabulary": (
        "Actor",
        "AgentId",
        "ChannelId",
        "ChannelKind",
        "ContactId",
        "ConversationId",
        "DepartmentId",
        "MessageId",
        "ReasonId",
        "Role",
        "SYSTEM",
        "Situation",
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a name's module when it is first asked for, so that importing the package costs nothing."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"chatcore.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
