"""How the workspace changes: one document follows another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatcore.entities import (
    Workspace,
)
from chatcore.events import (
    Envelope,
    Event,
    WorkspaceConfigured,
)

__all__ = ["BIRTHS", "STEPS"]


def _workspace_configured(_: Workspace | None, envelope: Envelope, event: WorkspaceConfigured) -> Workspace:
    new = event.workspace
    return Workspace(
        name=new.name,
        time_zone=new.time_zone,
        modules=new.modules,
        departments=new.departments,
        agents=new.agents,
        reasons=new.reasons,
        channels=new.channels,
        policies=new.policies,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
    )


BIRTHS: dict[type[Event], Callable[[Any, Envelope, Any], Workspace]] = {
    WorkspaceConfigured: _workspace_configured
}
STEPS: dict[type[Event], Callable[[Any, Envelope, Any], Workspace]] = {
    WorkspaceConfigured: _workspace_configured,
}
