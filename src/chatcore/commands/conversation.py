"""What people ask about a conversation."""

from __future__ import annotations

import attrs

from chatcore.commands._checks import (
    ids,
    private,
    private_or_none,
    refuse,
    required,
    switch,
    text_problems,
)
from chatcore.errors import Problem
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    Private,
    ReasonId,
)

__all__ = [
    "Assign",
    "ChangeDepartment",
    "Close",
    "MarkRead",
    "Reopen",
    "ReturnToBot",
    "ReturnToQueue",
    "SendMessage",
    "SetReason",
    "StartConversation",
    "Take",
    "Transfer",
]


@attrs.frozen(slots=True)
class StartConversation:
    """Open a conversation with a known contact or with an address, optionally with a first message.

    The agent who starts it becomes its assignee. Without `department`, it belongs to the channel's.
    Rule: S3, L3, L5.
    """

    channel: ChannelId
    contact: ContactId | None = attrs.field(default=None, kw_only=True)
    address: Private | None = attrs.field(default=None, kw_only=True, converter=private_or_none)
    department: DepartmentId | None = attrs.field(default=None, kw_only=True)
    text: Private | None = attrs.field(default=None, kw_only=True, converter=private_or_none)
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "channel") + ids(contact=self.contact, department=self.department)
        if (self.contact is None) is (self.address is None):
            bad.append(Problem("contact", "contact_or_address", "S3"))
        if self.address is not None and type(self.address) is not Private:
            bad.append(Problem("address", "not_a_text"))
        if self.text is not None:
            bad += text_problems(self.text, "text")
        refuse(bad + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Take:
    """Become the assignee of a conversation that waits. Rule: S4, L6, L7."""

    conversation: ConversationId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Assign:
    """Give a conversation that waits to another agent. Rule: L17."""

    conversation: ConversationId
    to: AgentId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "to") + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Transfer:
    """Give an open conversation to another agent; its whole history goes along. Rule: S12, L9."""

    conversation: ConversationId
    to: AgentId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "to") + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class ChangeDepartment:
    """Move a conversation to another department; who is no member there gives it up. Rule: S18, L8."""

    conversation: ConversationId
    department: DepartmentId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "department"))


@attrs.frozen(slots=True)
class ReturnToQueue:
    """Let a conversation wait for service again, or for the first time after the bot. Rule: S18, L14."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation"))


@attrs.frozen(slots=True)
class ReturnToBot:
    """Give a conversation to the channel's bot. Rule: S18, L14."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation"))


@attrs.frozen(slots=True)
class Reopen:
    """Go on with a closed conversation: with agent `to`, or without one in the queue. Rule: L3, L7, L18."""

    conversation: ConversationId
    to: AgentId | None = None
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation") + ids(to=self.to)
        refuse(bad + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class SetReason:
    """Say why a conversation is, or was, held. Rule: S11, C3, C4."""

    conversation: ConversationId
    reason: ReasonId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "reason"))


@attrs.frozen(slots=True)
class MarkRead:
    """Say that the customer's messages were read; they may still wait for an answer. Rule: L23."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation"))


@attrs.frozen(slots=True)
class SendMessage:
    """Write a text to the customer; it leaves through the conversation's channel. Rule: M5, M6."""

    conversation: ConversationId
    text: Private = attrs.field(converter=private)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + text_problems(self.text, "text"))


@attrs.frozen(slots=True)
class Close:
    """Finish a conversation. Without a reason set or given it is refused. Rule: S19, L2, L10."""

    conversation: ConversationId
    reason: ReasonId | None = None

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + ids(reason=self.reason))
