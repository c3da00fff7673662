"""The workspace: a tenant's configuration as one versioned document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import attrs

from chatcore._shape import id_problem, not_id, not_tuple_of, not_utc_or_none
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import LABEL_LENGTH
from chatcore.moments import check_zone
from chatcore.text import label_key, label_problems, outbound_problems
from chatcore.vocabulary import (
    WORKSPACE,
    Ability,
    AgentId,
    AgentsRead,
    ChannelId,
    ChannelKind,
    DepartmentId,
    Module,
    ReasonId,
    Role,
    WorkspaceId,
)

__all__ = ["Agent", "Channel", "Department", "Policies", "Reason", "Workspace"]


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def _refuse(bad: list[Problem]) -> None:
    if bad:
        raise InvalidValue(*bad)


def _id_problems(part: object, *names: str) -> list[Problem]:
    return [id_problem(name, value) for name in names if not_id(value := getattr(part, name))]


def _switch_problems(part: object, *names: str) -> list[Problem]:
    return [Problem(name, "not_a_bool") for name in names if type(getattr(part, name)) is not bool]


def _part_problems(part: _Named, *switches: str) -> list[Problem]:
    """What is wrong with the id, the name and the switches of one part."""
    named = label_problems(part.name, "name", LABEL_LENGTH)
    return [*_id_problems(part, "id"), *named, *_switch_problems(part, *switches)]


@attrs.frozen(slots=True, kw_only=True)
class Department:
    """A team that conversations belong to (setor)."""

    id: DepartmentId
    name: str

    def __attrs_post_init__(self) -> None:
        _refuse(_part_problems(self))


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
        bad = _part_problems(self, "active")
        if not_tuple_of(str, self.departments):
            bad.append(Problem("departments", "not_a_tuple"))
        if not_tuple_of(Role, self.roles) or not self.roles:
            bad.append(Problem("roles", "not_roles", "P"))
        if not_tuple_of(Ability, self.granted):
            bad.append(Problem("granted", "not_abilities", "P"))
        if not_tuple_of(Ability, self.withdrawn):
            bad.append(Problem("withdrawn", "not_abilities", "P"))
        if type(self.max_open) is not int or self.max_open < 0:
            bad.append(Problem("max_open", "negative", "L7"))
        _refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class Reason:
    """Why a conversation was held (motivo). No departments means all. Rule: S11, C3, C4."""

    id: ReasonId
    name: str
    departments: tuple[DepartmentId, ...] = ()
    archived: bool = False

    def __attrs_post_init__(self) -> None:
        bad = _part_problems(self, "archived")
        if not_tuple_of(str, self.departments):
            bad.append(Problem("departments", "not_a_tuple", "C4"))
        _refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class Channel:
    """One configured account of a kind of channel, for instance one WhatsApp number.

    `account` is the provider's id for it. What arrives goes to `department`; with `bot`, to the bot
    first. Rule: L5.
    """

    id: ChannelId
    kind: ChannelKind
    account: str
    department: DepartmentId
    bot: bool = False

    def __attrs_post_init__(self) -> None:
        bad = _id_problems(self, "id", "account", "department") + _switch_problems(self, "bot")
        if type(self.kind) is not ChannelKind:
            bad.append(Problem("kind", "not_a_kind"))
        _refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class Policies:
    """What a workspace decides about service.

    * `reopen_within`: a customer's message reopens the conversation closed less than this ago; None: never.
      With `reopen_to_assignee`, to its last assignee where possible. Rule: L4.
    * `closing_message`: sent at each close; None: none. Rule: L10.
    * `default_reason`: used where the system closes. Rule: L10.
    * `agents_read`: which conversations agents may read. Rule: P.
    """

    reopen_within: timedelta | None = None
    reopen_to_assignee: bool = False
    closing_message: str | None = None
    default_reason: ReasonId | None = None
    agents_read: AgentsRead = AgentsRead.ALL

    def __attrs_post_init__(self) -> None:
        bad = _switch_problems(self, "reopen_to_assignee")
        if self.reopen_within is not None and (
            type(self.reopen_within) is not timedelta or self.reopen_within <= timedelta(0)
        ):
            bad.append(Problem("reopen_within", "not_positive", "L4"))
        if self.closing_message is not None:
            bad += outbound_problems(self.closing_message, "closing_message")
        if self.default_reason is not None and not_id(self.default_reason):
            bad.append(id_problem("default_reason", self.default_reason))
        if type(self.agents_read) is not AgentsRead:
            bad.append(Problem("agents_read", "not_a_policy", "P"))
        _refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class Workspace:
    """The configuration of a tenant. `version` 0 is one not committed yet.

    Looking one thing up by its id costs the same however many there are.
    """

    name: str
    time_zone: str = "America/Sao_Paulo"
    modules: tuple[Module, ...] = (Module.CHAT,)
    departments: tuple[Department, ...] = ()
    agents: tuple[Agent, ...] = ()
    reasons: tuple[Reason, ...] = ()
    channels: tuple[Channel, ...] = ()
    policies: Policies = Policies()
    version: int = 0
    recorded_at: datetime | None = None
    id: WorkspaceId = WORKSPACE
    _departments: dict[str, Department] = attrs.field(init=False, repr=False, eq=False)
    _agents: dict[str, Agent] = attrs.field(init=False, repr=False, eq=False)
    _reasons: dict[str, Reason] = attrs.field(init=False, repr=False, eq=False)
    _channels: dict[str, Channel] = attrs.field(init=False, repr=False, eq=False)

    def department(self, id: DepartmentId, /) -> Department | None:
        """The department with this id."""
        return self._departments.get(id)

    def agent(self, id: AgentId, /) -> Agent | None:
        """The agent with this id, active or not."""
        return self._agents.get(id)

    def reason(self, id: ReasonId, /) -> Reason | None:
        """The reason with this id, archived or not."""
        return self._reasons.get(id)

    def channel(self, id: ChannelId, /) -> Channel | None:
        """The channel with this id."""
        return self._channels.get(id)

    def channel_of(self, kind: ChannelKind, account: str, /) -> Channel | None:
        """The channel configured for a provider's account."""
        return next((c for c in self.channels if (c.kind, c.account) == (kind, account)), None)

    def __attrs_post_init__(self) -> None:
        parts = (("departments", Department), ("agents", Agent), ("reasons", Reason), ("channels", Channel))
        bad = [Problem(n, "not_a_tuple") for n, kind in parts if not_tuple_of(kind, getattr(self, n))]
        if not_tuple_of(Module, self.modules):
            bad.append(Problem("modules", "not_modules", "S23"))
        if type(self.policies) is not Policies:
            bad.append(Problem("policies", "not_policies"))
        if type(self.version) is not int or self.version < 0:
            bad.append(Problem("version", "negative"))
        if self.id != WORKSPACE:
            bad.append(Problem("id", "not_a_workspace"))
        _refuse(bad)
        keep = object.__setattr__
        for name, _ in parts:
            keep(self, f"_{name}", {item.id: item for item in getattr(self, name)})
        _refuse(list(_problems(self)))


_T = TypeVar("_T", bound=_Named)


def _problems(workspace: Workspace) -> Iterable[Problem]:
    yield from label_problems(workspace.name, "name", LABEL_LENGTH)
    try:
        check_zone(workspace.time_zone, "time_zone")
    except InvalidValue as error:
        yield from error.problems
    committed = workspace.version > 0
    if not_utc_or_none(workspace.recorded_at) or committed is (workspace.recorded_at is None):
        yield Problem("recorded_at", "not_utc", "L12")
    yield from _label_set("departments", workspace.departments)
    yield from _label_set("agents", workspace.agents, distinct=False)
    yield from _label_set("reasons", workspace.reasons)
    yield from _unique("channels", [c.id for c in workspace.channels])
    yield from _unique("channels", [f"{c.kind}:{c.account}" for c in workspace.channels], "account")
    for i, agent in enumerate(workspace.agents):
        yield from _known(workspace, f"agents[{i}].departments", agent.departments)
    for i, each in enumerate(workspace.reasons):
        yield from _known(workspace, f"reasons[{i}].departments", each.departments)
    for i, channel in enumerate(workspace.channels):
        yield from _known(workspace, f"channels[{i}].department", (channel.department,))
    default = workspace.policies.default_reason
    if default is not None and ((reason := workspace.reason(default)) is None or reason.archived):
        yield Problem("policies.default_reason", "unknown_reason", "L10")


def _label_set(path: str, items: tuple[_T, ...], *, distinct: bool = True) -> Iterable[Problem]:
    """Ids are unique, and so are names after folding. Rule: C1."""
    yield from _unique(path, [item.id for item in items])
    seen: set[str] = set()
    for i, item in enumerate(items):
        key = label_key(item.name)
        if distinct and key in seen:
            yield Problem(f"{path}[{i}].name", "repeated", "C1")
        seen.add(key)


def _unique(path: str, ids: list[str], field: str = "id") -> Iterable[Problem]:
    seen: set[str] = set()
    for i, id in enumerate(ids):
        if id in seen:
            yield Problem(f"{path}[{i}].{field}", "repeated", "C1")
        seen.add(id)


def _known(workspace: Workspace, path: str, departments: tuple[DepartmentId, ...]) -> Iterable[Problem]:
    for j, department in enumerate(departments):
        if workspace.department(department) is None:
            yield Problem(f"{path}[{j}]" if path.endswith("s") else path, "unknown_department", "C4")
