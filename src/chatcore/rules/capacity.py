"""Who may get a conversation: active, with access to its department, and with room for one more. Rule: L7, L9.

The count here is what the facts say; the bound itself is kept at the commit, by the agent's tally.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatcore.entities import Agent, Workspace
from chatcore.errors import AgentInactive, AtCapacity, NotAMember, NotFound
from chatcore.rules.permissions import check_permitted, has_access
from chatcore.vocabulary import Ability, Actor, AgentId, DepartmentId

__all__ = ["check_capacity", "check_over_capacity", "check_recipient"]


def check_capacity(agent: Agent, loads: Mapping[AgentId, int]) -> None:
    """Refuse an agent who has no room for one more OPEN conversation; `max_open` 0 is unlimited.

    Raises:
        AtCapacity: with their count and their limit. Rule: L7.
    """
    if agent.max_open != 0 and (count := loads.get(agent.id, 0)) >= agent.max_open:
        raise AtCapacity(agent.id, count, agent.max_open)


def check_over_capacity(workspace: Workspace, actor: Actor) -> None:
    """Let only those pass who may go over an agent's limit. Rule: L7."""
    check_permitted(Ability.OVER_CAPACITY, actor, workspace)


def check_recipient(
    workspace: Workspace, to: AgentId, department: DepartmentId, loads: Mapping[AgentId, int], *, over: bool
) -> None:
    """Refuse to give a conversation to somebody who cannot have it.

    Raises:
        NotFound, AgentInactive, NotAMember, AtCapacity: as they say.
    """
    agent = workspace.agent(to)
    if agent is None:
        raise NotFound("agent", to)
    if not agent.active:
        raise AgentInactive(to)
    if not has_access(agent, department):
        raise NotAMember(to, department)
    if not over:
        check_capacity(agent, loads)
