"""What happens to the tenant's configuration."""

from __future__ import annotations

import attrs

from chatcore.entities import Item, Policies, Workspace
from chatcore.vocabulary import Part

__all__ = [
    "ItemAdded",
    "ItemArchived",
    "ItemChanged",
    "ItemRestored",
    "ItemsOrdered",
    "PoliciesChanged",
    "WorkspaceConfigured",
]


@attrs.frozen(slots=True, kw_only=True)
class WorkspaceConfigured:
    """The tenant's configuration is this from now on."""

    workspace: Workspace


@attrs.frozen(slots=True, kw_only=True)
class ItemAdded:
    """A part came into the workspace, last of its kind. Rule: C1."""

    item: Item


@attrs.frozen(slots=True, kw_only=True)
class ItemChanged:
    """A part is this from now on. Rule: C1, C8."""

    item: Item


@attrs.frozen(slots=True, kw_only=True)
class ItemArchived:
    """A part can't be chosen any more, and stays readable; an agent is deactivated. Rule: C3, L13."""

    part: Part
    id: str


@attrs.frozen(slots=True, kw_only=True)
class ItemRestored:
    """A part can be chosen again; an agent is active again. Rule: C3."""

    part: Part
    id: str


@attrs.frozen(slots=True, kw_only=True)
class ItemsOrdered:
    """The parts of a kind list in this order from now on. Rule: C8."""

    part: Part
    ids: tuple[str, ...]


@attrs.frozen(slots=True, kw_only=True)
class PoliciesChanged:
    """What the workspace decides about service is this from now on."""

    policies: Policies
