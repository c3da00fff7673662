"""The workspace changes: part by part, or as a whole. Nothing in use is ever deleted. Rule: section C, L13.

1. What a workspace may be is the workspace's own matter: one that may not be cannot even be built, and what is
   wrong with it is told here in the words of the command.
2. What is contracted comes from nobody inside the workspace (S23).
3. What a change sets going is an effect, born with it: the conversations of a deactivated agent go back to the
   queue (L13); idle conversations are closed, and still bots time out, from when a policy says so (L16, L22).
4. Asking for what already is changes nothing (L19).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from chatcore.commands import AddItem, ArchiveItem, ChangeItem, Configure, OrderItems, RestoreItem, SetPolicies
from chatcore.entities import Field, Item, Workspace
from chatcore.entities.workspace import PLACES, part_of
from chatcore.errors import InvalidValue, NotFound, NotPermitted, Problem
from chatcore.events import (
    SCHEMA,
    Envelope,
    Event,
    EvidenceKept,
    Intended,
    ItemAdded,
    ItemArchived,
    ItemChanged,
    ItemRestored,
    ItemsOrdered,
    PoliciesChanged,
    WorkspaceConfigured,
)
from chatcore.evolve import evolve
from chatcore.rules.facts import Decision, OnWorkspace
from chatcore.vocabulary import (
    SYSTEM,
    WORKSPACE,
    Ability,
    ActorKind,
    CommandId,
    EffectId,
    EffectKind,
    EventId,
    Part,
)

__all__ = [
    "add_item",
    "archive_item",
    "change_item",
    "configure",
    "misfits",
    "order_items",
    "restore_item",
    "set_policies",
]

_FAR: Final = timedelta(days=36_500)
"""Inner work does not expire."""


def misfits(item: Item, workspace: Workspace) -> tuple[Problem, ...]:
    """Everything that keeps an item out of a workspace, as a new part or instead of the one with its id.

    Each problem has the item's field, a code, and the rule: ``repeated`` (C1), ``looks_like_another`` (C2),
    ``unknown_department`` (C4), … Without any it fits. What is wrong with the item by itself was said when it
    was made. Rule: section C.
    """
    part = part_of(item)
    known = workspace.find(part, item.id) is not None
    return _misfits(ItemChanged(item=item) if known else ItemAdded(item=item), workspace)


def _misfits(event: ItemAdded | ItemChanged, workspace: Workspace) -> tuple[Problem, ...]:
    bad: list[Problem] = []
    if isinstance(event, ItemChanged):
        bad += _made_another(workspace.find(part_of(event.item), event.item.id), event.item)
    try:
        _after(workspace, event)
    except InvalidValue as error:
        bad += _in_its_words(error, event.item)
    return tuple(bad)


def _made_another(old: Item | None, new: Item) -> list[Problem]:
    """What cannot be changed of a part: what a field holds and is about, for values are kept. Rule: C9."""
    if not isinstance(old, Field) or not isinstance(new, Field):
        return []
    fixed = [name for name in ("on", "type") if getattr(old, name) is not getattr(new, name)]
    return [Problem(name, "unchangeable", "C9") for name in fixed]


def _in_its_words(error: InvalidValue, item: Item) -> Iterable[Problem]:
    """The problems of a whole document, with the paths of this item cut to its fields.

    Before the item nothing was wrong with its kind, so what is now is about the item; of two labels that are
    one, the document names whichever stands later.
    """
    place = PLACES[part_of(item)][0]
    for problem in error.problems:
        path = re.sub(rf"^{place}\[[0-9]+\]\.", "", problem.path)
        yield Problem(path, problem.code, problem.rule, problem.limit, problem.actual, problem.span)


def _after(workspace: Workspace, event: Event) -> Workspace:
    """The workspace as an event would leave it.

    Raises:
        InvalidValue: no workspace may be like that.
    """
    at = workspace.recorded_at or _ONCE
    version = workspace.version + 1
    envelope = Envelope(_NO_ID, WORKSPACE, version, at, SYSTEM, _NO_COMMAND, None, None, SCHEMA, event)
    after = evolve(workspace, envelope)
    assert isinstance(after, Workspace)
    return after


_NO_ID, _NO_COMMAND = EventId("ev_0"), CommandId("cm_0")
_ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The moment of what happens to a workspace that was not committed yet."""


def configure(command: Configure, facts: OnWorkspace) -> Decision:
    """Make this the configuration.

    Raises:
        NotPermitted: a person of the workspace changes what is contracted. Rule: S23.
        InvalidValue: it leaves out something the present one has; archive or deactivate that instead.
    """
    old, new = facts.workspace, command.workspace
    if new.modules != old.modules and facts.actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted(Ability.CONFIGURE)
    if old.version and all(getattr(old, name) == getattr(new, name) for name in _CONTENT):
        return ()
    bad = [
        Problem(f"{place}[{item.id}]", "left_out", "C3")
        for part, (place, _) in PLACES.items()
        for item in getattr(old, place)
        if new.find(part, item.id) is None
    ]
    for i, field in enumerate(new.fields):
        bad += [
            Problem(f"fields[{i}].{problem.path}", problem.code, problem.rule)
            for problem in _made_another(old.field(field.id), field)
        ]
    if bad:
        raise InvalidValue(*bad)
    return ((WORKSPACE, WorkspaceConfigured(workspace=new)), *_set_going(old, new, facts))


_CONTENT = ("name", "time_zone", "locale", "modules", *(place for place, _ in PLACES.values()), "policies")


def _changed(event: Event, facts: OnWorkspace) -> Decision:
    """What an event of the workspace leads to, if a workspace may be like that."""
    old = facts.workspace
    if isinstance(event, ItemAdded | ItemChanged) and (bad := _misfits(event, old)):
        raise InvalidValue(*bad)
    return ((WORKSPACE, event), *_set_going(old, _after(old, event), facts))


def _check_configured(facts: OnWorkspace) -> None:
    if not facts.workspace.version:
        raise NotFound("workspace", WORKSPACE)


def _found(part: Part, id: str, facts: OnWorkspace) -> Item:
    _check_configured(facts)
    item = facts.workspace.find(part, id)
    if item is None:
        raise NotFound(part.value, id)
    return item


def add_item(command: AddItem, facts: OnWorkspace) -> Decision:
    """Bring a part in; adding the very part that is there changes nothing.

    Raises:
        NotFound: nothing is configured yet.
        InvalidValue: it does not fit, with all misfits at once. Rule: C1, C2, C4.
    """
    _check_configured(facts)
    item = command.item
    if facts.workspace.find(part_of(item), item.id) == item:
        return ()
    return _changed(ItemAdded(item=item), facts)


def change_item(command: ChangeItem, facts: OnWorkspace) -> Decision:
    """Make this the part with its id.

    Raises:
        NotFound: there is none with this id.
        InvalidValue: it does not fit, with all misfits at once (C1, C2, C4); or it would make another kind of
            field of one that has values (C9).
    """
    item = command.item
    if _found(part_of(item), item.id, facts) == item:
        return ()
    return _changed(ItemChanged(item=item), facts)


def archive_item(command: ArchiveItem, facts: OnWorkspace) -> Decision:
    """Let a part not be chosen any more; an agent is deactivated, and their conversations wait again. Rule: C3.

    Raises:
        NotFound: there is none with this id.
        InvalidValue: something that stands needs it: the default reason, a channel's department.
    """
    if _away(_found(command.part, command.id, facts)):
        return ()
    try:
        return _changed(ItemArchived(part=command.part, id=command.id), facts)
    except InvalidValue as error:
        needed = [Problem(p.path, "in_use" if p.code == "archived" else p.code, p.rule) for p in error.problems]
        raise InvalidValue(*needed) from None


def restore_item(command: RestoreItem, facts: OnWorkspace) -> Decision:
    """Let a part be chosen again.

    Raises:
        NotFound: there is none with this id.
        InvalidValue: it does not fit any more.
    """
    if not _away(_found(command.part, command.id, facts)):
        return ()
    return _changed(ItemRestored(part=command.part, id=command.id), facts)


def _away(item: Item) -> bool:
    return not getattr(item, "active", True) or bool(getattr(item, "archived", False))


def order_items(command: OrderItems, facts: OnWorkspace) -> Decision:
    """List the parts of a kind in another order. Rule: C8.

    Raises:
        InvalidValue: it does not name each of them once.
    """
    _check_configured(facts)
    present = tuple(item.id for item in getattr(facts.workspace, PLACES[command.part][0]))
    if sorted(command.ids) != sorted(present):
        raise InvalidValue.of("ids", "not_all_of_them", rule="C8")
    if command.ids == present:
        return ()
    return _changed(ItemsOrdered(part=command.part, ids=command.ids), facts)


def set_policies(command: SetPolicies, facts: OnWorkspace) -> Decision:
    """Decide otherwise about service.

    Raises:
        NotFound: nothing is configured yet.
        InvalidValue: the default reason is not there, archived, or limited to departments. Rule: L10.
    """
    _check_configured(facts)
    if command.policies == facts.workspace.policies:
        return ()
    return _changed(PoliciesChanged(policies=command.policies), facts)


# --- what it sets going --------------------------------------------------------------------------------------


def _set_going(old: Workspace, new: Workspace, facts: OnWorkspace) -> Decision:
    decision: Decision = ()
    for n, agent in enumerate(new.agents):
        was = old.agent(agent.id)
        if was is not None and was.active and not agent.active:
            intended = Intended(
                kind=EffectKind.RELEASE_AGENT,
                agent=agent.id,
                due_at=facts.now,
                expires_at=facts.now + _FAR,
            )
            decision += ((EffectId(f"ef_{facts.root}.release{n}"), intended),)
    wanted = (
        (EffectKind.CLOSE_IDLE, old.policies.close_after_idle, new.policies.close_after_idle),
        (EffectKind.TIME_OUT_BOT, old.policies.bot_timeout, new.policies.bot_timeout),
    )
    for kind, before, span in wanted:
        going = facts.sweeps.get(kind)
        if span is not None and before is None and going is not None:
            # One that was about to end, as its policy was off, meets this and goes on.
            decision += ((going.id, EvidenceKept(finding="switched_on")),)
        elif span is not None and going is None:
            sweep = Intended(kind=kind, due_at=facts.now, expires_at=facts.now + _FAR)
            decision += ((EffectId(f"ef_{facts.root}.{kind}"), sweep),)
    return decision
