"""The workspace: a tenant's configuration as one versioned document.

Every part checks itself when it is made; the whole checks what holds between parts: ids and labels are unique
(C1), no two labels of a kind look alike (C2), and what is referred to is there. So no workspace exists in which
that fails, whichever way it came about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from chatcore._shape import not_tuple_of, not_utc_or_none, refuse
from chatcore.entities._checking import Named
from chatcore.entities.fields import Field
from chatcore.entities.parts import Agent, Channel, Department, Reason, Tag
from chatcore.entities.policies import DEFAULT, Policies
from chatcore.entities.replies import MessageTemplate, QuickReply
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import LABEL_LENGTH, PART_COUNT
from chatcore.moments import check_zone
from chatcore.text import label_key, label_problems, look_key
from chatcore.vocabulary import (
    WORKSPACE,
    AgentId,
    ChannelId,
    ChannelKind,
    DepartmentId,
    FieldId,
    Locale,
    Module,
    Part,
    QuickReplyId,
    ReasonId,
    TagId,
    TemplateId,
    WorkspaceId,
)

__all__ = ["PLACES", "Item", "Workspace", "part_of"]

Item: TypeAlias = Department | Agent | Reason | Tag | QuickReply | MessageTemplate | Field | Channel
"""One part of a workspace, of any kind."""

PLACES: Final[Mapping[Part, tuple[str, type[Any]]]] = MappingProxyType(
    {
        Part.DEPARTMENT: ("departments", Department),
        Part.AGENT: ("agents", Agent),
        Part.REASON: ("reasons", Reason),
        Part.TAG: ("tags", Tag),
        Part.QUICK_REPLY: ("quick_replies", QuickReply),
        Part.TEMPLATE: ("templates", MessageTemplate),
        Part.FIELD: ("fields", Field),
        Part.CHANNEL: ("channels", Channel),
    }
)
"""Where the parts of each kind stand in the document, and their class."""

_PARTS: Final = {cls: part for part, (_, cls) in PLACES.items()}


def part_of(item: Item) -> Part:
    """Which kind of part an item is."""
    return _PARTS[type(item)]


@attrs.frozen(slots=True, kw_only=True)
class Workspace:
    """The configuration of a tenant. `version` 0 is one not committed yet.

    Parts list in the order the workspace decides (C8). Looking one up by its id costs the same however many
    there are. `locale` is the language of dates and greetings in messages.
    """

    name: str
    time_zone: str = "America/Sao_Paulo"
    locale: Locale = Locale.PT_BR
    modules: tuple[Module, ...] = (Module.CHAT,)
    departments: tuple[Department, ...] = ()
    agents: tuple[Agent, ...] = ()
    reasons: tuple[Reason, ...] = ()
    tags: tuple[Tag, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()
    templates: tuple[MessageTemplate, ...] = ()
    fields: tuple[Field, ...] = ()
    channels: tuple[Channel, ...] = ()
    policies: Policies = DEFAULT
    version: int = 0
    recorded_at: datetime | None = None
    id: WorkspaceId = WORKSPACE
    _departments: dict[str, Department] = attrs.field(init=False, repr=False, eq=False)
    _agents: dict[str, Agent] = attrs.field(init=False, repr=False, eq=False)
    _reasons: dict[str, Reason] = attrs.field(init=False, repr=False, eq=False)
    _tags: dict[str, Tag] = attrs.field(init=False, repr=False, eq=False)
    _quick_replies: dict[str, QuickReply] = attrs.field(init=False, repr=False, eq=False)
    _templates: dict[str, MessageTemplate] = attrs.field(init=False, repr=False, eq=False)
    _fields: dict[str, Field] = attrs.field(init=False, repr=False, eq=False)
    _channels: dict[str, Channel] = attrs.field(init=False, repr=False, eq=False)

    def department(self, id: DepartmentId, /) -> Department | None:
        """The department with this id, archived or not."""
        return self._departments.get(id)

    def agent(self, id: AgentId, /) -> Agent | None:
        """The agent with this id, active or not."""
        return self._agents.get(id)

    def reason(self, id: ReasonId, /) -> Reason | None:
        """The reason with this id, archived or not."""
        return self._reasons.get(id)

    def tag(self, id: TagId, /) -> Tag | None:
        """The tag with this id, archived or not."""
        return self._tags.get(id)

    def quick_reply(self, id: QuickReplyId, /) -> QuickReply | None:
        """The quick reply with this id, archived or not."""
        return self._quick_replies.get(id)

    def template(self, id: TemplateId, /) -> MessageTemplate | None:
        """The approved template with this id, archived or not."""
        return self._templates.get(id)

    def field(self, id: FieldId, /) -> Field | None:
        """The custom field with this id, archived or not."""
        return self._fields.get(id)

    def channel(self, id: ChannelId, /) -> Channel | None:
        """The channel with this id, archived or not."""
        return self._channels.get(id)

    def channel_of(self, kind: ChannelKind, account: str, /) -> Channel | None:
        """The channel configured for a provider's account."""
        return next((c for c in self.channels if (c.kind, c.account) == (kind, account)), None)

    def find(self, part: Part, id: str, /) -> Item | None:
        """The part of this kind with this id."""
        found: Item | None = getattr(self, f"_{PLACES[part][0]}").get(id)
        return found

    def __attrs_post_init__(self) -> None:
        places = PLACES.values()
        bad = [Problem(n, "not_a_tuple") for n, kind in places if not_tuple_of(kind, getattr(self, n))]
        if not_tuple_of(Module, self.modules):
            bad.append(Problem("modules", "not_modules", "S23"))
        if type(self.locale) is not Locale:
            bad.append(Problem("locale", "not_a_locale"))
        if type(self.policies) is not Policies:
            bad.append(Problem("policies", "not_policies"))
        if type(self.version) is not int or self.version < 0:
            bad.append(Problem("version", "negative"))
        if self.id != WORKSPACE:
            bad.append(Problem("id", "not_a_workspace"))
        refuse(bad)
        keep = object.__setattr__
        for name, _ in places:
            keep(self, f"_{name}", {item.id: item for item in getattr(self, name)})
        refuse(list(_problems(self)))


_T = TypeVar("_T", bound=Named)


def _problems(workspace: Workspace) -> Iterable[Problem]:
    yield from label_problems(workspace.name, "name", LABEL_LENGTH)
    try:
        check_zone(workspace.time_zone, "time_zone")
    except InvalidValue as error:
        yield from error.problems
    committed = workspace.version > 0
    if not_utc_or_none(workspace.recorded_at) or committed is (workspace.recorded_at is None):
        yield Problem("recorded_at", "not_utc", "L12")
    for name, _ in PLACES.values():
        yield from _id_set(name, getattr(workspace, name))
    for name in ("departments", "reasons", "tags"):
        yield from _label_set(name, getattr(workspace, name))
    yield from _label_set("quick_replies", workspace.quick_replies, "shortcut")
    yield from _label_set("fields", workspace.fields, on=lambda field: field.on)
    yield from _unique("channels", [f"{c.kind}:{c.account}" for c in workspace.channels], "account")
    approved = [f"{t.channel}:{t.language}:{t.name}" for t in workspace.templates]
    yield from _unique("templates", approved, "name")
    for name in ("agents", "reasons", "tags", "quick_replies", "fields"):
        yield from _departments_known(workspace, name)
    yield from _references_known(workspace)
    yield from _default_reason_fits(workspace)


def _id_set(path: str, items: tuple[_T, ...]) -> Iterable[Problem]:
    if len(items) > PART_COUNT:
        yield Problem(path, "too_many", limit=PART_COUNT, actual=len(items))
    yield from _unique(path, [item.id for item in items])


def _label_set(
    path: str, items: tuple[Any, ...], field: str = "name", *, on: Any = lambda item: None
) -> Iterable[Problem]:
    """Names are unique after folding (C1), and no two look alike (C2), archived ones included."""
    folded: set[object] = set()
    looks: set[object] = set()
    for i, item in enumerate(items):
        key, look = _keys(item.name)
        kind = on(item)
        if (kind, key) in folded:
            yield Problem(f"{path}[{i}].{field}", "repeated", "C1")
        elif (kind, look) in looks:
            yield Problem(f"{path}[{i}].{field}", "looks_like_another", "C2")
        folded.add((kind, key))
        looks.add((kind, look))


@lru_cache(maxsize=8 * PART_COUNT)
def _keys(name: str) -> tuple[str, str]:
    """What a label is the same by, and what it looks like: asked anew at every change of the document."""
    return label_key(name), look_key(name)


def _unique(path: str, ids: list[str], field: str = "id") -> Iterable[Problem]:
    seen: set[str] = set()
    for i, id in enumerate(ids):
        if id in seen:
            yield Problem(f"{path}[{i}].{field}", "repeated", "C1")
        seen.add(id)


def _departments_known(workspace: Workspace, name: str) -> Iterable[Problem]:
    for i, item in enumerate(getattr(workspace, name)):
        for j, department in enumerate(item.departments):
            if workspace.department(department) is None:
                yield Problem(f"{name}[{i}].departments[{j}]", "unknown_department", "C4")


def _references_known(workspace: Workspace) -> Iterable[Problem]:
    for i, reply in enumerate(workspace.quick_replies):
        for j, agent in enumerate(reply.agents):
            if workspace.agent(agent) is None:
                yield Problem(f"quick_replies[{i}].agents[{j}]", "unknown_agent", "C6")
    for i, field in enumerate(workspace.fields):
        for j, reason in enumerate(field.reasons):
            if workspace.reason(reason) is None:
                yield Problem(f"fields[{i}].reasons[{j}]", "unknown_reason", "C9")
    for i, template in enumerate(workspace.templates):
        if workspace.channel(template.channel) is None:
            yield Problem(f"templates[{i}].channel", "unknown_channel", "M6")
    for i, channel in enumerate(workspace.channels):
        department = workspace.department(channel.department)
        if department is None:
            yield Problem(f"channels[{i}].department", "unknown_department", "C4")
        elif department.archived and not channel.archived:
            yield Problem(f"channels[{i}].department", "archived", "C3")


def _default_reason_fits(workspace: Workspace) -> Iterable[Problem]:
    default = workspace.policies.default_reason
    if default is None:
        return
    reason = workspace.reason(default)
    if reason is None:
        yield Problem("policies.default_reason", "unknown_reason", "L10")
        return
    if reason.archived:
        yield Problem("policies.default_reason", "archived", "C3")
    if reason.departments:
        yield Problem("policies.default_reason", "other_department", "C4")
