"""Configuring the workspace. Nothing in use is ever deleted. Rule: C3."""

from __future__ import annotations

from collections.abc import Iterable

from chatcore.commands import Configure
from chatcore.entities import Workspace
from chatcore.errors import InvalidValue, NotPermitted, Problem
from chatcore.events import WorkspaceConfigured
from chatcore.rules.facts import Decision, OnWorkspace
from chatcore.vocabulary import WORKSPACE, Ability, ActorKind

__all__ = ["configure"]


def configure(command: Configure, facts: OnWorkspace) -> Decision:
    """Make this the configuration; asking for the one that is changes nothing (L19).

    Raises:
        NotPermitted: a person of the workspace changes what is contracted. Rule: S23.
        InvalidValue: it leaves out something the present one has; archive or deactivate that instead.
    """
    old, new = facts.workspace, command.workspace
    if new.modules != old.modules and facts.actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted(Ability.CONFIGURE)
    if old.version and all(getattr(old, name) == getattr(new, name) for name in _CONTENT):
        return ()
    bad = list(_left_out(facts.workspace, command.workspace))
    if bad:
        raise InvalidValue(*bad)
    return ((WORKSPACE, WorkspaceConfigured(workspace=command.workspace)),)


_CONTENT = ("name", "time_zone", "modules", "departments", "agents", "reasons", "channels", "policies")


def _left_out(old: Workspace, new: Workspace) -> Iterable[Problem]:
    for department in old.departments:
        if new.department(department.id) is None:
            yield Problem(f"departments[{department.id}]", "left_out", "C3")
    for agent in old.agents:
        if new.agent(agent.id) is None:
            yield Problem(f"agents[{agent.id}]", "left_out", "C3")
    for reason in old.reasons:
        if new.reason(reason.id) is None:
            yield Problem(f"reasons[{reason.id}]", "left_out", "C3")
    for channel in old.channels:
        if new.channel(channel.id) is None:
            yield Problem(f"channels[{channel.id}]", "left_out", "C3")
