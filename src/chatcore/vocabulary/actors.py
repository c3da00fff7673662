"""Who may be behind a command."""

from __future__ import annotations

import enum
from typing import Final

import attrs

from chatcore.vocabulary.ids import AgentId

__all__ = [
    "SYSTEM",
    "Actor",
    "ActorKind",
]


class ActorKind(enum.StrEnum):
    """Who may be behind a command."""

    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


@attrs.frozen(slots=True)
class Actor:
    """Who is behind a command; what they may do is looked up in the workspace, never carried here."""

    kind: ActorKind
    id: AgentId

    def __attrs_post_init__(self) -> None:
        if type(self.kind) is not ActorKind or type(self.id) is not str or not self.id:
            raise ValueError("an actor is a kind and an id")

    @classmethod
    def agent(cls, id: str) -> Actor:
        """A person of the workspace, whatever their roles."""
        return cls(ActorKind.AGENT, AgentId(id))

    @classmethod
    def bot(cls, id: str) -> Actor:
        """An automatic attendant; it acts on conversations in BOT only. Rule: L22."""
        return cls(ActorKind.BOT, AgentId(id))


SYSTEM: Final = Actor(ActorKind.SYSTEM, AgentId("system"))
"""Records what happened outside and runs timed work; does nothing that no rule gives it."""
