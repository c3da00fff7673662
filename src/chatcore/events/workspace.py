"""What happens to the tenant's configuration."""

from __future__ import annotations

import attrs

from chatcore.entities import Workspace

__all__ = [
    "WorkspaceConfigured",
]


@attrs.frozen(slots=True, kw_only=True)
class WorkspaceConfigured:
    """The tenant's configuration is this from now on."""

    workspace: Workspace
