"""Who may do what, and where: the table of section P as data, deny by default.

1. A row gives each role a reach: everywhere, in their departments, in their own conversations (those they
   have, and the closed ones they had last), or only when granted.
2. Of several roles the widest reach counts. An ability withdrawn from a person is gone, whatever the role.
3. What a person may not see does not exist for them.
4. The system records what happened and runs timed work, closes with the default reason, and configures: the
   first configuration, and what is contracted, come from nobody inside the workspace.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chatcore.entities import Agent, Conversation, Scope, Workspace
from chatcore.entities.scope import EVERYTHING, NOTHING
from chatcore.errors import AgentInactive, NotAMember, NotFound, NotPermitted
from chatcore.vocabulary import (
    Ability,
    Actor,
    ActorKind,
    AgentId,
    AgentsRead,
    DepartmentId,
    Role,
    Situation,
)

__all__ = [
    "BOTS",
    "BOTS_IF_GRANTED",
    "PEOPLE",
    "THE_SYSTEM",
    "Reach",
    "agent_behind",
    "check_access",
    "check_active",
    "check_permitted",
    "has_access",
    "may_list_blocked",
    "scope_of",
]


class Reach(enum.IntEnum):
    """How far an ability goes, from the narrowest; GRANTED goes as far as EVERYWHERE, for whom it was given."""

    GRANTED = 1
    OWN = 2
    DEPARTMENTS = 3
    EVERYWHERE = 4


# Members are bound once: looking one up in its enumeration costs as much as the check it is for.
_PERSON, _MACHINE = ActorKind.AGENT, ActorKind.SYSTEM
_READS_ALL = AgentsRead.ALL
_CLOSED = Situation.CLOSED
_AGENT, _SUPERVISOR, _ADMIN, _AUDITOR = Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR
_EVERYWHERE, _DEPARTMENTS, _OWN, _GRANTED = Reach.EVERYWHERE, Reach.DEPARTMENTS, Reach.OWN, Reach.GRANTED


def _row(reaches: dict[Role, Reach]) -> Mapping[Role, Reach]:
    return MappingProxyType(reaches)


PEOPLE: Final[Mapping[Ability, Mapping[Role, Reach]]] = MappingProxyType(
    {
        Ability.READ: _row(
            {
                _AGENT: _EVERYWHERE,
                _SUPERVISOR: _EVERYWHERE,
                _ADMIN: _EVERYWHERE,
                _AUDITOR: _EVERYWHERE,
            }
        ),
        Ability.TAKE: _row({_AGENT: _DEPARTMENTS, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.TAKE_ANYWHERE: _row({_AGENT: _GRANTED, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.START: _row({_AGENT: _DEPARTMENTS, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.SEND: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.NOTE: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.TAG: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.FILL: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.REASON: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.MARK_READ: _row({_AGENT: _DEPARTMENTS, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.ASSIGN: _row({_AGENT: _GRANTED, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.TRANSFER: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.QUEUE: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.REOPEN: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.OVER_CAPACITY: _row({_SUPERVISOR: _EVERYWHERE}),
        Ability.CLOSE: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.RESOLVE_DOUBT: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.LINK: _row({_AGENT: _EVERYWHERE, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.EDIT_CONTACT: _row({_AGENT: _EVERYWHERE, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.MERGE: _row({_AGENT: _GRANTED, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.BLOCK: _row({_AGENT: _EVERYWHERE, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.CONFIGURE: _row({_SUPERVISOR: _GRANTED, _ADMIN: _EVERYWHERE}),
        Ability.PIN: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.SEND_BOLETO: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE}),
        Ability.SEND_INVOICE: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE}),
        Ability.GRANT_BONUS: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE}),
        Ability.OPEN_ORDER: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE}),
        Ability.WITHDRAW: _row({_AGENT: _OWN, _SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.SETTLE_REVIEW: _row({_SUPERVISOR: _EVERYWHERE, _ADMIN: _EVERYWHERE}),
        Ability.RECORD: _row({}),
        Ability.DELIVER: _row({}),
        Ability.TIMED_WORK: _row({}),
    }
)
"""What people may do. How far agents read is a policy of the workspace: see `scope_of`."""

BOTS: Final = frozenset({Ability.READ, Ability.SEND, Ability.TAG, Ability.REASON, Ability.QUEUE, Ability.CLOSE})
"""What bots may do, on conversations in BOT only. Rule: L22."""

BOTS_IF_GRANTED: Final = frozenset({Ability.LINK, Ability.SEND_BOLETO, Ability.SEND_INVOICE})
"""What bots may do besides where the workspace's policy says so."""

THE_SYSTEM: Final = frozenset(
    {
        Ability.READ,
        Ability.CLOSE,
        Ability.CONFIGURE,
        Ability.RECORD,
        Ability.DELIVER,
        Ability.TIMED_WORK,
    }
)
"""What the system does, and all it does."""


def agent_behind(actor: Actor, workspace: Workspace) -> Agent | None:
    """The agent an actor is, active or not; None for a machine, and for who is nobody here."""
    return workspace.agent(actor.id) if actor.kind is _PERSON else None


def check_active(agent: Agent | None, actor: Actor) -> Agent:
    """The agent behind an actor, who must be there and active.

    Raises:
        NotFound: the workspace has no such agent.
        AgentInactive: they are deactivated.
    """
    if agent is None:
        raise NotFound("agent", actor.id)
    if not agent.active:
        raise AgentInactive(agent.id)
    return agent


def check_access(
    ability: Ability, actor: Actor, agent: Agent | None, workspace: Workspace, conversation: Conversation
) -> None:
    """Let an actor pass who may see this conversation, and has the ability there.

    Raises:
        NotFound: they may not see it. Rule: P.
        NotPermitted, NotAMember: as `check_permitted`.
    """
    if (
        agent is None or not agent.active or agent.withdrawn or workspace.policies.agents_read is not _READS_ALL
    ) and not scope_of(actor, workspace).admits(conversation):
        raise NotFound("conversation", conversation.id)
    if agent is None:
        _check_machine(ability, actor, workspace, conversation)
        return
    reach = _reach(agent, ability)
    if reach is _DEPARTMENTS:
        department = conversation.department
        if department not in agent.departments and not has_access(agent, department):
            raise NotAMember(agent.id, department)
    elif reach is not _EVERYWHERE and (reach is not _OWN or _owner(conversation) != agent.id):
        raise NotPermitted(ability)


def _owner(conversation: Conversation) -> AgentId | None:
    """Whose own a conversation is: its assignee's, and once closed its last one's."""
    if conversation.situation is _CLOSED:
        return conversation.last_assignee
    return conversation.assignee


def check_permitted(
    ability: Ability, actor: Actor, workspace: Workspace, department: DepartmentId | None = None
) -> None:
    """Let an actor pass who has the ability in this department; None means anywhere at all.

    Raises:
        NotPermitted: the ability is not theirs here. Rule: P.
        NotAMember: it would be, in their own departments. Rule: L7.
        NotFound, AgentInactive: as `check_active`.
    """
    if actor.kind is not _PERSON:
        _check_machine(ability, actor, workspace, None)
        return
    agent = check_active(agent_behind(actor, workspace), actor)
    reach = _reach(agent, ability)
    if reach is _DEPARTMENTS:
        if department is None or department in agent.departments:
            return
        if not has_access(agent, department):
            raise NotAMember(agent.id, department)
    elif reach is not _EVERYWHERE:
        raise NotPermitted(ability)


def _reach(agent: Agent, ability: Ability) -> Reach | None:
    row, roles = PEOPLE[ability], agent.roles
    if len(roles) == 1:
        reach = row.get(roles[0])
    else:
        reach = max((row[role] for role in roles if role in row), default=None)
    if reach is _GRANTED:
        reach = _EVERYWHERE if ability in agent.granted else None
    if agent.withdrawn and ability in agent.withdrawn:
        return None
    return reach


def _check_machine(
    ability: Ability, actor: Actor, workspace: Workspace, conversation: Conversation | None
) -> None:
    if actor.kind is _MACHINE:
        if ability in THE_SYSTEM:
            return
    elif conversation is None or conversation.situation is Situation.BOT:
        if conversation is not None and ability in BOTS:
            return
        if ability in BOTS_IF_GRANTED and ability in workspace.policies.bot_granted:
            return
    raise NotPermitted(ability)


def may_list_blocked(actor: Actor, workspace: Workspace) -> bool:
    """Whether an actor sees the list of blocked contacts, whoever they are: who may block does. Rule: S20."""
    try:
        check_permitted(Ability.BLOCK, actor, workspace)
    except (NotPermitted, NotFound, AgentInactive):
        return False
    return True


def has_access(agent: Agent, department: DepartmentId) -> bool:
    """Whether an agent may have conversations of a department: who may take, as a member or anywhere."""
    return _reach(agent, Ability.TAKE) is not None and (
        department in agent.departments or _reach(agent, Ability.TAKE_ANYWHERE) is _EVERYWHERE
    )


def scope_of(actor: Actor, workspace: Workspace) -> Scope:
    """Which conversations an actor may see. Rule: P (`agents_read`).

    Who reads their own only still sees what waits in their departments: they may take it (S4).
    """
    if actor.kind is not _PERSON:
        return EVERYTHING if actor.kind is _MACHINE else Scope(bot=True)
    agent = agent_behind(actor, workspace)
    if agent is None or not agent.active or (agent.withdrawn and Ability.READ in agent.withdrawn):
        return NOTHING
    policy = workspace.policies.agents_read
    if policy is _READS_ALL or any(role is not _AGENT for role in agent.roles):
        return EVERYTHING
    if policy is AgentsRead.OWN:
        return Scope(assignee=agent.id, waiting=agent.departments)
    return Scope(assignee=agent.id, departments=agent.departments)
