"""Where a conversation may begin, or begin again. Rule: C3."""

from __future__ import annotations

from chatcore.entities import Channel, Workspace
from chatcore.errors import InvalidValue, Problem
from chatcore.vocabulary import DepartmentId

__all__ = ["check_places"]


def check_places(workspace: Workspace, channel: Channel | None, department: DepartmentId) -> None:
    """Refuse to begin on an archived channel, or in an archived department; what arrives is recorded anyway.

    Raises:
        InvalidValue: all that is archived, at once.
    """
    bad: list[Problem] = []
    if channel is not None and channel.archived:
        bad.append(Problem("channel", "archived", "C3"))
    known = workspace.department(department)
    if known is not None and known.archived:
        bad.append(Problem("department", "archived", "C3"))
    if bad:
        raise InvalidValue(*bad)
