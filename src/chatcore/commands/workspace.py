"""What is asked about the tenant's configuration."""

from __future__ import annotations

import attrs

from chatcore._shape import refuse
from chatcore.commands._checks import id_tuple, id_tuple_problems, required
from chatcore.entities import Item, Policies, Workspace
from chatcore.entities.workspace import PLACES
from chatcore.errors import InvalidValue, Problem
from chatcore.vocabulary import Part

__all__ = [
    "AddItem",
    "ArchiveItem",
    "ChangeItem",
    "Configure",
    "OrderItems",
    "RestoreItem",
    "SetPolicies",
]


@attrs.frozen(slots=True)
class Configure:
    """Make this the tenant's configuration; the version it carries is not read."""

    workspace: Workspace

    def __attrs_post_init__(self) -> None:
        if type(self.workspace) is not Workspace:
            raise InvalidValue.of("workspace", "not_a_workspace")


def _item_problems(item: object) -> list[Problem]:
    known = any(type(item) is cls for _, cls in PLACES.values())
    return [] if known else [Problem("item", "not_an_item")]


def _part_problems(part: object) -> list[Problem]:
    return [] if type(part) is Part else [Problem("part", "not_a_part")]


@attrs.frozen(slots=True)
class AddItem:
    """Bring a part into the workspace, last of its kind: a tag, a reason, an agent, … Rule: C1, C2."""

    item: Item

    def __attrs_post_init__(self) -> None:
        refuse(_item_problems(self.item))


@attrs.frozen(slots=True)
class ChangeItem:
    """Make this the part with its id: renamed, recoloured, with other departments. Rule: C1, C2, C8."""

    item: Item

    def __attrs_post_init__(self) -> None:
        refuse(_item_problems(self.item))


@attrs.frozen(slots=True)
class ArchiveItem:
    """Let a part not be chosen any more; it stays readable. An agent is deactivated. Rule: C3, L13."""

    part: Part
    id: str

    def __attrs_post_init__(self) -> None:
        refuse(_part_problems(self.part) + required(self, "id"))


@attrs.frozen(slots=True)
class RestoreItem:
    """Let a part be chosen again; an agent is active again. Rule: C3."""

    part: Part
    id: str

    def __attrs_post_init__(self) -> None:
        refuse(_part_problems(self.part) + required(self, "id"))


@attrs.frozen(slots=True)
class OrderItems:
    """List the parts of a kind in this order: all their ids, each once. Rule: C8."""

    part: Part
    ids: tuple[str, ...] = attrs.field(converter=id_tuple)

    def __attrs_post_init__(self) -> None:
        refuse(_part_problems(self.part) + id_tuple_problems(self.ids, "ids"))


@attrs.frozen(slots=True)
class SetPolicies:
    """Make these what the workspace decides about service. Rule: L4, L10, L16, L20, H1."""

    policies: Policies

    def __attrs_post_init__(self) -> None:
        refuse([] if type(self.policies) is Policies else [Problem("policies", "not_policies")])
