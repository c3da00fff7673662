"""The kinds of entity: the table of each, and the columns that a state has there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from chatcore.entities import Contact, Conversation, Effect, Message, Workspace
from chatcore.search.query import micros
from chatcore.vocabulary import EntityKind
from chatcore_sqlalchemy._columns import columns_of_contact, columns_of_conversation, columns_of_message

__all__ = ["KINDS", "Kind"]


@attrs.frozen(slots=True)
class Kind:
    """One kind of entity: its class, its table, and what stands there beside id, version, `tx` and body."""

    made: type[Any]
    table: str
    names: tuple[str, ...]
    columns: Callable[[Any], dict[str, Any]]


def _of_message(state: Message) -> dict[str, Any]:
    columns = columns_of_message(state)
    del columns["id"]
    return columns | {"conversation": state.conversation, "seq": state.seq}


def _of_effect(state: Effect) -> dict[str, Any]:
    return {
        "state": state.state.value,
        "conversation": state.conversation,
        "lane": state.lane,
        "position": state.position,
        "due_at": None if state.due_at is None else micros(state.due_at),
    }


def _of_workspace(_: Workspace) -> dict[str, Any]:
    return {}


KINDS: Final[Mapping[EntityKind, Kind]] = MappingProxyType(
    {
        EntityKind.WORKSPACE: Kind(Workspace, "workspaces", (), _of_workspace),
        EntityKind.CONTACT: Kind(
            Contact,
            "contacts",
            ("person", "merged_into", "merged", "blocked", "customer", "names", "keys", "fields"),
            columns_of_contact,
        ),
        EntityKind.CONVERSATION: Kind(
            Conversation,
            "conversations",
            (
                *("situation", "department", "assignee", "last_assignee", "contact", "channel", "reason"),
                *("protocol", "unread", "tags", "fields", "started_at", "closed_at", "waiting_since"),
                *("by_waiting", "by_opened", "by_activity", "by_closed", "by_idle"),
            ),
            columns_of_conversation,
        ),
        EntityKind.MESSAGE: Kind(
            Message,
            "messages",
            ("conversation", "seq", "by_newest", "direction", "kind", "words"),
            _of_message,
        ),
        EntityKind.EFFECT: Kind(
            Effect, "effects", ("state", "conversation", "lane", "position", "due_at"), _of_effect
        ),
    }
)
"""All kinds, in the order in which a set writes them: so two sets wait for each other less often."""
