"""Timed work: what the system does to a conversation when its time has come; each looks again first."""

from __future__ import annotations

import attrs

from chatcore._shape import refuse
from chatcore.commands._checks import required
from chatcore.vocabulary import AgentId, ConversationId

__all__ = ["CloseIdle", "ReleaseConversation", "TimeOutBot"]


@attrs.frozen(slots=True)
class ReleaseConversation:
    """Give a conversation of a deactivated agent back to the queue, if it is still theirs. Rule: L13."""

    conversation: ConversationId
    agent: AgentId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "agent"))


@attrs.frozen(slots=True)
class CloseIdle:
    """Close a conversation in which nothing has happened for as long as the policy says. Rule: L16."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation"))


@attrs.frozen(slots=True)
class TimeOutBot:
    """Hand a conversation over to the queue when its bot has been still for too long. Rule: L22."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation"))
