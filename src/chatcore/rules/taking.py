"""Taking and assigning: how a waiting conversation gets its assignee. Rule: S4, L6, L7, L17."""

from __future__ import annotations

from chatcore.commands import Assign, Take
from chatcore.errors import AlreadyTaken
from chatcore.events import Taken
from chatcore.rules.capacity import check_capacity, check_over_capacity, check_recipient
from chatcore.rules.facts import Decision, OnConversation
from chatcore.rules.permissions import check_active

__all__ = ["assign", "take"]


def take(command: Take, facts: OnConversation) -> Decision:
    """Become the assignee; taking what one has already changes nothing (L19).

    Raises:
        AlreadyTaken: another agent has it; says who. Rule: L6.
        AtCapacity: the agent is full. Rule: L7.
    """
    conversation = facts.conversation
    agent = check_active(facts.agent, facts.actor)
    if conversation.assignee is not None:
        if conversation.assignee == agent.id:
            return ()
        raise AlreadyTaken(conversation.id, conversation.assignee)
    if command.over_capacity:
        check_over_capacity(facts.workspace, facts.actor)
    else:
        check_capacity(agent, facts.loads)
    return ((conversation.id, Taken(assignee=agent.id)),)


def assign(command: Assign, facts: OnConversation) -> Decision:
    """Give the conversation to another person.

    Raises:
        AlreadyTaken: somebody has it; that would be a transfer.
        NotFound, AgentInactive, NotAMember, AtCapacity: the other cannot have it. Rule: L7, L17.
    """
    conversation = facts.conversation
    if conversation.assignee is not None:
        raise AlreadyTaken(conversation.id, conversation.assignee)
    if command.over_capacity:
        check_over_capacity(facts.workspace, facts.actor)
    check_recipient(
        facts.workspace, command.to, conversation.department, facts.loads, over=command.over_capacity
    )
    return ((conversation.id, Taken(assignee=command.to)),)
