"""What of a state is asked for by queries: the columns of a row beside its body.

`PERSON` keeps `contacts.person`, which is who a contact turned out to be: it follows each write of a contact
that was merged. Rule: M11.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from chatcore.entities import Contact, Conversation, FieldValues, Message
from chatcore.search.query import micros
from chatcore_sqlalchemy._words import filled, items, words_in

__all__ = ["PERSON", "columns_of_contact", "columns_of_conversation", "columns_of_message"]

PERSON: Final = text(
    """UPDATE contacts SET person =
        coalesce((SELECT k.person FROM contacts AS k WHERE k.tenant = :tenant AND k.id = :into), :into)
    WHERE tenant = :tenant AND (person = :id OR id = :id)"""
)
"""To run, in the same transaction, after a contact `id` was written that is merged into `into`."""


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def _fields(values: FieldValues) -> str:
    return items(filled(field, value) for field, value in values)


def columns_of_conversation(state: Conversation) -> dict[str, Any]:
    """A conversation's columns; `by_…` is its number in each order, as `sort_key` has it."""
    opened, changed = micros(state.opened_at), micros(state.recorded_at)
    waiting, queued, closed = map(_micros, (state.waiting_since, state.queued_at, state.closed_at))
    return {
        "situation": state.situation.value,
        "department": state.department,
        "assignee": state.assignee,
        "last_assignee": state.last_assignee,
        "contact": state.contact,
        "channel": state.channel,
        "reason": state.reason,
        "protocol": state.protocol,
        "unread": state.unread > 0,
        "tags": items(state.tags),
        "fields": _fields(state.fields),
        "started_at": micros(state.started_at),
        "closed_at": closed,
        "waiting_since": waiting,
        "by_waiting": opened if waiting is None and queued is None else queued if waiting is None else waiting,
        "by_opened": opened,
        "by_activity": -changed,
        "by_closed": -(opened if closed is None else closed),
        "by_idle": changed,
    }


def columns_of_message(state: Message) -> dict[str, Any]:
    """A message's columns; `words` is what it shows: an edit or a revocation writes other ones. Rule: M18."""
    return {
        "id": state.id,
        "by_newest": -micros(state.said_at),
        "direction": state.direction.value,
        "kind": state.kind.value,
        "words": words_in(state.shown.reveal()),
    }


def columns_of_contact(state: Contact) -> dict[str, Any]:
    """A contact's columns; see `PERSON` for what else one needs that was merged."""
    return {
        "person": state.merged_into or state.id,
        "merged_into": state.merged_into,
        "merged": items(state.merged),
        "blocked": state.blocked is not None,
        "customer": state.customer,
        "names": words_in("" if state.name is None else state.name.reveal()),
        "keys": items(address.key for address in state.addresses),
        "fields": _fields(state.fields),
    }
