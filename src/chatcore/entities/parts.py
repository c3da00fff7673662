"""The parts of a workspace that people are: departments, agents; and that conversations are told apart by."""

from __future__ import annotations

import re

import attrs

from chatcore._shape import not_tuple_of, refuse, switch_problems
from chatcore.entities._checking import id_problems, id_set_problems, part_problems
from chatcore.errors import Problem
from chatcore.limits import LABEL_LENGTH, TAG_LENGTH
from chatcore.vocabulary import (
    Ability,
    AgentId,
    ChannelId,
    ChannelKind,
    DepartmentId,
    ReasonId,
    Role,
    TagId,
)

__all__ = ["Agent", "Channel", "Department", "Reason", "Tag"]

_COLOUR = r"#[0-9a-f]{6}"


@attrs.frozen(slots=True, kw_only=True)
class Department:
    """A team that conversations belong to (setor). An archived one can't be chosen any more. Rule: C1, C3."""

    id: DepartmentId
    name: str
    archived: bool = False

    def __attrs_post_init__(self) -> None:
        refuse(part_problems(self, LABEL_LENGTH, "archived"))


@attrs.frozen(slots=True, kw_only=True)
class Agent:
    """A person who serves. `max_open` bounds their OPEN conversations; 0 means unlimited. Rule: L7."""

    id: AgentId
    name: str
    roles: tuple[Role, ...] = (Role.AGENT,)
    departments: tuple[DepartmentId, ...] = ()
    granted: tuple[Ability, ...] = ()
    withdrawn: tuple[Ability, ...] = ()
    max_open: int = 0
    active: bool = True

    def __attrs_post_init__(self) -> None:
        bad = part_problems(self, LABEL_LENGTH, "active") + id_set_problems(self, "P", "departments")
        for name in ("roles", "granted", "withdrawn"):
            if type(getattr(self, name)) is not tuple:
                bad.append(Problem(name, "not_a_tuple", "P"))
        if type(self.roles) is tuple and (not_tuple_of(Role, self.roles) or not self.roles):
            bad.append(Problem("roles", "not_roles", "P"))
        for name in ("granted", "withdrawn"):
            given = getattr(self, name)
            if type(given) is tuple and not_tuple_of(Ability, given):
                bad.append(Problem(name, "not_abilities", "P"))
        if type(self.max_open) is not int or self.max_open < 0:
            bad.append(Problem("max_open", "negative", "L7"))
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class Tag:
    """A mark on conversations (etiqueta), coloured ``#rrggbb``. No departments means all. Rule: S7, C4, C8."""

    id: TagId
    name: str
    colour: str = "#808080"
    departments: tuple[DepartmentId, ...] = ()
    archived: bool = False

    def serves(self, department: DepartmentId) -> bool:
        """Whether it may be chosen in a department. Rule: C4."""
        return not self.departments or department in self.departments

    def __attrs_post_init__(self) -> None:
        bad = part_problems(self, TAG_LENGTH, "archived") + id_set_problems(self, "C4", "departments")
        if type(self.colour) is not str or not re.fullmatch(_COLOUR, self.colour):
            bad.append(Problem("colour", "not_a_colour", "C8"))
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class Reason:
    """Why a conversation was held (motivo). No departments means all. Rule: S11, C3, C4."""

    id: ReasonId
    name: str
    departments: tuple[DepartmentId, ...] = ()
    archived: bool = False

    def serves(self, department: DepartmentId) -> bool:
        """Whether it may be chosen in a department. Rule: C4."""
        return not self.departments or department in self.departments

    def __attrs_post_init__(self) -> None:
        refuse(part_problems(self, LABEL_LENGTH, "archived") + id_set_problems(self, "C4", "departments"))


@attrs.frozen(slots=True, kw_only=True)
class Channel:
    """One configured account of a kind of channel, for instance one WhatsApp number.

    `account` is the provider's id for it. What arrives goes to `department`; with `bot`, to the bot
    first. Nothing is started on an archived one, and what arrives is still recorded. Rule: L5, C3.
    """

    id: ChannelId
    kind: ChannelKind
    account: str
    department: DepartmentId
    bot: bool = False
    archived: bool = False

    def __attrs_post_init__(self) -> None:
        bad = id_problems(self, "id", "account", "department") + switch_problems(self, "bot", "archived")
        if type(self.kind) is not ChannelKind:
            bad.append(Problem("kind", "not_a_kind"))
        refuse(bad)
