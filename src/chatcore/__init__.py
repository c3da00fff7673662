"""chatcore: the rules of customer service over chat, as values and pure functions, with no I/O of its own.

Start with `Desk` (or `AsyncDesk`), give it `Ports`, and hand it commands. The names here are those a service
uses every day; each lives in the module that tells its story.
"""

from __future__ import annotations

from chatcore._version import __version__
from chatcore.commands import (
    Assign,
    BlockContact,
    Close,
    Configure,
    Outcome,
    ReceiveMessage,
    RecordStatus,
    SendMessage,
    StartConversation,
    Take,
    UnblockContact,
)
from chatcore.desk import Answer, AsyncDesk, Delivery, Desk, Report, Verdict
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
from chatcore.vocabulary import SYSTEM, Actor, ChannelKind, Role, Situation

__all__ = [
    "SYSTEM",
    "Actor",
    "Agent",
    "Answer",
    "Assign",
    "AsyncDesk",
    "AsyncPorts",
    "BlockContact",
    "Channel",
    "ChannelKind",
    "ChatcoreError",
    "Close",
    "Configure",
    "Conflict",
    "Contact",
    "Conversation",
    "ConversationQuery",
    "Delivery",
    "Department",
    "Desk",
    "Effect",
    "InvalidValue",
    "Message",
    "MessageQuery",
    "NotFound",
    "Order",
    "Outcome",
    "Policies",
    "PortFailure",
    "Ports",
    "Reason",
    "ReceiveMessage",
    "RecordStatus",
    "Report",
    "Role",
    "RuleViolation",
    "SendMessage",
    "Situation",
    "StartConversation",
    "Take",
    "UnblockContact",
    "Verdict",
    "Workspace",
    "__version__",
]
