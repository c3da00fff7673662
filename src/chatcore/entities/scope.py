"""The scope: which conversations a person may see. What lies outside does not exist for them. Rule: P."""

from __future__ import annotations

import attrs

from chatcore.entities.conversation import Conversation
from chatcore.vocabulary import AgentId, DepartmentId, Situation

__all__ = ["EVERYTHING", "NOTHING", "Scope"]


@attrs.frozen(slots=True)
class Scope:
    """A set of conversations, as a value: everything, or the union of what is named.

    `assignee`: conversations this agent has or had last; `departments`: all of these departments;
    `waiting`: those of these departments that nobody has yet; `bot`: those in BOT.
    """

    everything: bool = False
    assignee: AgentId | None = None
    departments: tuple[DepartmentId, ...] = ()
    waiting: tuple[DepartmentId, ...] = ()
    bot: bool = False

    def admits(self, conversation: Conversation) -> bool:
        """Whether a conversation lies inside."""
        return (
            self.everything
            or (
                self.assignee is not None
                and self.assignee in (conversation.assignee, conversation.last_assignee)
            )
            or conversation.department in self.departments
            or (
                conversation.department in self.waiting
                and conversation.assignee is None
                and conversation.situation is not Situation.CLOSED
            )
            or (self.bot and conversation.situation is Situation.BOT)
        )


EVERYTHING = Scope(everything=True)
NOTHING = Scope()
