"""Configuring the workspace. Nothing in use is ever deleted. Rule: C3."""

from __future__ import annotations

from collections.abc import Iterable

from chatcore.commands import Configure
from chatcore.entities import Workspace
from chatcore.errors import InvalidValue, Problem
from chatcore.events import WorkspaceConfigured
from chatcore.rules.facts import Decision, OnWorkspace
from chatcore.vocabulary import WORKSPACE

__all__ = ["configure"]


def configure(command: Configure, facts: OnWorkspace) -> Decision:
    """Make this the configuration.

    Raises:
        InvalidValue: it leaves out something the present one has; archive or deactivate that instead.
    """
    bad = list(_left_out(facts.workspace, command.workspace))
    if bad:
        raise InvalidValue(*bad)
    return ((WORKSPACE, WorkspaceConfigured(workspace=command.workspace)),)


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
