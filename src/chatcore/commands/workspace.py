"""What is asked about the tenant's configuration."""

from __future__ import annotations

import attrs

from chatcore.entities import Workspace
from chatcore.errors import InvalidValue

__all__ = [
    "Configure",
]


@attrs.frozen(slots=True)
class Configure:
    """Make this the tenant's configuration; the version it carries is not read."""

    workspace: Workspace

    def __attrs_post_init__(self) -> None:
        if type(self.workspace) is not Workspace:
            raise InvalidValue.of("workspace", "not_a_workspace")
