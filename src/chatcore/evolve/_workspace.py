"""How the workspace changes: part by part, or one whole document after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from chatcore.entities import Item, Workspace
from chatcore.entities.workspace import PLACES, part_of
from chatcore.events import (
    Envelope,
    Event,
    ItemAdded,
    ItemArchived,
    ItemChanged,
    ItemRestored,
    ItemsOrdered,
    PoliciesChanged,
    WorkspaceConfigured,
)
from chatcore.evolve._changing import changed
from chatcore.vocabulary import Part

__all__ = ["BIRTHS", "STEPS"]


def _shelved(item: Item, *, away: bool) -> Item:
    """The item archived (an agent: deactivated), or brought back."""
    flag = {"active": not away} if part_of(item) is Part.AGENT else {"archived": away}
    values = {field.name: getattr(item, field.name) for field in attrs.fields(type(item))}
    return type(item)(**{**values, **flag})


def _workspace_configured(_: Workspace | None, envelope: Envelope, event: WorkspaceConfigured) -> Workspace:
    return changed(event.workspace, envelope)


def _with(old: Workspace, envelope: Envelope, part: Part, items: tuple[Item, ...]) -> Workspace:
    return changed(old, envelope, **{PLACES[part][0]: items})


def _items(old: Workspace, part: Part) -> tuple[Item, ...]:
    items: tuple[Item, ...] = getattr(old, PLACES[part][0])
    return items


def _item_added(old: Workspace, envelope: Envelope, event: ItemAdded) -> Workspace:
    part = part_of(event.item)
    return _with(old, envelope, part, (*_items(old, part), event.item))


def _item_changed(old: Workspace, envelope: Envelope, event: ItemChanged) -> Workspace:
    part, new = part_of(event.item), event.item
    return _with(old, envelope, part, tuple(new if i.id == new.id else i for i in _items(old, part)))


def _item_shelved(old: Workspace, envelope: Envelope, event: ItemArchived | ItemRestored) -> Workspace:
    away = type(event) is ItemArchived
    items = tuple(_shelved(i, away=away) if i.id == event.id else i for i in _items(old, event.part))
    return _with(old, envelope, event.part, items)


def _items_ordered(old: Workspace, envelope: Envelope, event: ItemsOrdered) -> Workspace:
    by_id = {str(item.id): item for item in _items(old, event.part)}
    return _with(old, envelope, event.part, tuple(by_id[id] for id in event.ids))


def _policies_changed(old: Workspace, envelope: Envelope, event: PoliciesChanged) -> Workspace:
    return changed(old, envelope, policies=event.policies)


BIRTHS: dict[type[Event], Callable[[Any, Envelope, Any], Workspace]] = {
    WorkspaceConfigured: _workspace_configured
}
STEPS: dict[type[Event], Callable[[Any, Envelope, Any], Workspace]] = {
    WorkspaceConfigured: _workspace_configured,
    ItemAdded: _item_added,
    ItemChanged: _item_changed,
    ItemArchived: _item_shelved,
    ItemRestored: _item_shelved,
    ItemsOrdered: _items_ordered,
    PoliciesChanged: _policies_changed,
}
