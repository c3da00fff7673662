"""What a query means: whether a thing is among those asked for. This is the reference, in every storage.

A storage may answer in whatever way is fast; what it answers is what `matches` says. A message is looked at
with its conversation, and both with the contact as who they are by now (M11). What does not apply is not so:
a message without a conversation to look at has no tag, and is not waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from chatcore.entities import Contact, Conversation, Effect, Message
from chatcore.errors import InvalidValue
from chatcore.search.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Filled,
    Has,
    Is,
    Mark,
    Named,
    Not,
    Nothing,
    Reached,
    Says,
    Trait,
    When,
)
from chatcore.search.query import ContactQuery, ConversationQuery, MessageQuery, Query
from chatcore.text import canonical, needle

__all__ = ["holds", "matches"]


def matches(
    query: Query,
    thing: Conversation | Message | Contact | Effect,
    conversation: Conversation | None = None,
    contact: Contact | None = None,
) -> bool:
    """Whether a thing is among those asked for; `conversation` and `contact` are those it belongs to."""
    if isinstance(query, ConversationQuery):
        return isinstance(thing, Conversation) and _matches_conversation(query, thing, contact)
    if isinstance(query, MessageQuery):
        return isinstance(thing, Message) and _matches_message(query, thing, conversation, contact)
    if isinstance(query, ContactQuery):
        if not isinstance(thing, Contact) or thing.merged_into is not None:
            return False
        if query.blocked not in (None, thing.blocked is not None):
            return False
        return query.where is None or holds(query.where, None, None, thing)
    return (
        isinstance(thing, Effect)
        and query.state in (None, thing.state)
        and query.conversation in (None, thing.conversation)
    )


def _matches_message(
    query: MessageQuery, thing: Message, conversation: Conversation | None, contact: Contact | None
) -> bool:
    if query.conversation not in (None, thing.conversation):
        return False
    start = query.start
    if start is not None and (thing.seq > start if query.newest_first else thing.seq < start):
        return False
    if not query.scope.everything and (conversation is None or not query.scope.admits(conversation)):
        return False
    return query.where is None or holds(query.where, thing, conversation, contact)


def _matches_conversation(query: ConversationQuery, thing: Conversation, contact: Contact | None) -> bool:
    return (
        query.situation in (None, thing.situation)
        and query.assignee in (None, thing.assignee)
        and query.department in (None, thing.department)
        and (query.contact is None or thing.contact == query.contact or thing.contact in query.also)
        and query.waiting in (None, thing.waiting_since is not None)
        and query.channel in (None, thing.channel)
        and query.scope.admits(thing)
        and (query.where is None or holds(query.where, None, thing, contact))
    )


# --- conditions ----------------------------------------------------------------------------------------------


def holds(
    condition: Condition, message: Message | None, conversation: Conversation | None, contact: Contact | None
) -> bool:
    """Whether a condition is so.

    Raises:
        InvalidValue: ``unresolved`` for one that only a desk can resolve.
    """
    if isinstance(condition, AllOf):
        return all(holds(part, message, conversation, contact) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return any(holds(part, message, conversation, contact) for part in condition.parts)
    if isinstance(condition, Not):
        return not holds(condition.part, message, conversation, contact)
    if isinstance(condition, Says):
        return message is not None and _said(condition, message.shown.reveal())
    if isinstance(condition, Named):
        return contact is not None and contact.name is not None and _said(condition, contact.name.reveal())
    if isinstance(condition, Has):
        return _has(condition, message, conversation, contact)
    if isinstance(condition, Is):
        return _is(condition.mark, conversation, contact)
    if isinstance(condition, Between):
        return _between(condition, message, conversation)
    if isinstance(condition, Filled):
        pair = condition.field, condition.value
        in_conversation = conversation is not None and pair in conversation.fields
        return in_conversation or (contact is not None and pair in contact.fields)
    if isinstance(condition, Reached):
        return contact is not None and any(address.key in condition.keys for address in contact.addresses)
    if isinstance(condition, Nothing):
        return False
    raise InvalidValue.of("where", "unresolved")


def _said(asked: Says | Named, text: str) -> bool:
    return needle(asked.words, prefix=asked.prefix) in canonical(text)


_TRAITS: Final[Mapping[Trait, Callable[[Any], object]]] = MappingProxyType(
    {
        Trait.SITUATION: lambda conversation: conversation.situation,
        Trait.AGENT: lambda conversation: conversation.assignee,
        Trait.DEPARTMENT: lambda conversation: conversation.department,
        Trait.CHANNEL: lambda conversation: conversation.channel,
        Trait.REASON: lambda conversation: conversation.reason,
        Trait.CONTACT: lambda conversation: conversation.contact,
        Trait.PROTOCOL: lambda conversation: conversation.protocol,
    }
)


def _has(
    asked: Has, message: Message | None, conversation: Conversation | None, contact: Contact | None
) -> bool:
    if asked.trait is Trait.CUSTOMER:
        return contact is not None and contact.customer == asked.value
    if asked.trait is Trait.DIRECTION:
        return message is not None and message.direction == asked.value
    if asked.trait is Trait.KIND:
        return message is not None and message.kind == asked.value
    if conversation is None:
        return False
    if asked.trait is Trait.TAG:
        return asked.value in conversation.tags
    if asked.trait is Trait.CONTACT and contact is not None:
        return asked.value in (conversation.contact, contact.id, *contact.merged)
    return _TRAITS[asked.trait](conversation) == asked.value


def _is(mark: Mark, conversation: Conversation | None, contact: Contact | None) -> bool:
    if mark is Mark.BLOCKED:
        return contact is not None and contact.blocked is not None
    if mark is Mark.LINKED:
        return contact is not None and contact.customer is not None
    if conversation is None:
        return False
    if mark is Mark.WAITING:
        return conversation.waiting_since is not None
    return conversation.unread > 0 if mark is Mark.UNREAD else conversation.assignee is not None


def _between(asked: Between, message: Message | None, conversation: Conversation | None) -> bool:
    at = _moment(asked.when, message, conversation)
    return (
        at is not None
        and (asked.since is None or asked.since <= at)
        and (asked.until is None or at < asked.until)
    )


def _moment(when: When, message: Message | None, conversation: Conversation | None) -> datetime | None:
    if when is When.SENT:
        return None if message is None else message.said_at
    if conversation is None:
        return None
    if when is When.STARTED:
        return conversation.started_at
    if when is When.OPENED:
        return conversation.opened_at
    if when is When.CLOSED:
        return conversation.closed_at
    return conversation.recorded_at if when is When.ACTIVE else conversation.waiting_since
