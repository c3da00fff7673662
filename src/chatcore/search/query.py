"""A query as a value: which things are wanted, and in which order.

What is not asked for does not restrict. Pages follow `sort_key`, whose last part is the id, so no two rows tie.
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import attrs

from chatcore._shape import id_problem, not_id, switch_problems
from chatcore.entities import Contact, Conversation, Effect, Message, Scope
from chatcore.entities.scope import EVERYTHING
from chatcore.errors import InvalidValue, Problem
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    EffectState,
    Situation,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

__all__ = [
    "ContactQuery",
    "ConversationQuery",
    "EffectQuery",
    "MessageQuery",
    "Order",
    "Query",
    "matches",
    "sort_key",
]


class Order(enum.StrEnum):
    """The order of conversations; ties go by id. WAITING, OPENED, IDLE: longest first; else newest first."""

    WAITING = "waiting"
    OPENED = "opened"
    ACTIVITY = "activity"
    CLOSED = "closed"
    IDLE = "idle"


@attrs.frozen(slots=True, kw_only=True)
class ConversationQuery:
    """Conversations. `waiting`: only those whose customer waits for an answer, or only those whose does not.

    `scope` is put in by the desk: what a person may see, whatever they ask for. So is `also`: the contacts that
    turned out to be `contact` (M11).
    """

    situation: Situation | None = None
    assignee: AgentId | None = None
    department: DepartmentId | None = None
    contact: ContactId | None = None
    also: tuple[ContactId, ...] = ()
    waiting: bool | None = None
    channel: ChannelId | None = None
    order: Order = Order.ACTIVITY
    scope: Scope = EVERYTHING

    def __attrs_post_init__(self) -> None:
        ids = (self.assignee, self.department, self.contact, self.channel)
        names = ("assignee", "department", "contact", "channel")
        bad = [id_problem(n, id) for n, id in zip(names, ids, strict=True) if id is not None and not_id(id)]
        if self.situation is not None and type(self.situation) is not Situation:
            bad.append(Problem("situation", "not_a_situation", "S1"))
        if type(self.also) is not tuple or any(not_id(each) for each in self.also):
            bad.append(Problem("also", "not_contacts", "M11"))
        if self.waiting is not None:
            bad += switch_problems(self, "waiting")
        if type(self.order) is not Order:
            bad.append(Problem("order", "not_an_order"))
        if type(self.scope) is not Scope:
            bad.append(Problem("scope", "not_a_scope", "P"))
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True, kw_only=True)
class MessageQuery:
    """The messages of one conversation, in `seq` order, or the other way round. Rule: M4.

    With `start`, from that `seq` on in its direction: who shows one message pages both ways from there.
    """

    conversation: ConversationId
    newest_first: bool = False
    start: int | None = None

    def __attrs_post_init__(self) -> None:
        if not_id(self.conversation):
            raise InvalidValue(id_problem("conversation", self.conversation))
        if type(self.newest_first) is not bool:
            raise InvalidValue.of("newest_first", "not_a_bool")
        if self.start is not None and (type(self.start) is not int or self.start < 1):
            raise InvalidValue.of("start", "not_positive", rule="M4")


@attrs.frozen(slots=True, kw_only=True)
class ContactQuery:
    """Contacts, by id; `blocked` asks for only those blocked, or only those not. Rule: S20.

    Those that turned out to be another one are none any more. Rule: M11.
    """

    blocked: bool | None = None

    def __attrs_post_init__(self) -> None:
        if self.blocked is not None and type(self.blocked) is not bool:
            raise InvalidValue.of("blocked", "not_a_bool")


@attrs.frozen(slots=True, kw_only=True)
class EffectQuery:
    """Effects, by id: oldest intent first."""

    state: EffectState | None = None
    conversation: ConversationId | None = None

    def __attrs_post_init__(self) -> None:
        if self.state is not None and type(self.state) is not EffectState:
            raise InvalidValue.of("state", "not_a_state")
        if self.conversation is not None and not_id(self.conversation):
            raise InvalidValue(id_problem("conversation", self.conversation))


Query: TypeAlias = ConversationQuery | MessageQuery | ContactQuery | EffectQuery
"""A query for things of any kind."""


def matches(query: Query, thing: Conversation | Message | Contact | Effect) -> bool:
    """Whether a thing is among those asked for. This is what a query means, in every storage."""
    if isinstance(query, ConversationQuery):
        return isinstance(thing, Conversation) and _matches_conversation(query, thing)
    if isinstance(query, MessageQuery):
        return isinstance(thing, Message) and _matches_message(query, thing)
    if isinstance(query, ContactQuery):
        if not isinstance(thing, Contact) or thing.merged_into is not None:
            return False
        return query.blocked in (None, thing.blocked is not None)
    return (
        isinstance(thing, Effect)
        and query.state in (None, thing.state)
        and query.conversation in (None, thing.conversation)
    )


def _matches_message(query: MessageQuery, thing: Message) -> bool:
    if thing.conversation != query.conversation:
        return False
    start = query.start
    return start is None or (thing.seq <= start if query.newest_first else thing.seq >= start)


def _matches_conversation(query: ConversationQuery, thing: Conversation) -> bool:
    return (
        query.situation in (None, thing.situation)
        and query.assignee in (None, thing.assignee)
        and query.department in (None, thing.department)
        and (query.contact is None or thing.contact == query.contact or thing.contact in query.also)
        and query.waiting in (None, thing.waiting_since is not None)
        and query.channel in (None, thing.channel)
        and query.scope.admits(thing)
    )


def sort_key(query: Query, thing: Conversation | Message | Contact | Effect) -> tuple[int, str]:
    """Where a thing stands among its like: ascending, unique."""
    if isinstance(query, MessageQuery) and isinstance(thing, Message):
        return (-thing.seq if query.newest_first else thing.seq), thing.id
    if not isinstance(query, ConversationQuery) or not isinstance(thing, Conversation):
        return 0, thing.id
    if query.order is Order.WAITING:
        return _micros(thing.waiting_since or thing.queued_at or thing.opened_at), thing.id
    if query.order is Order.OPENED:
        return _micros(thing.opened_at), thing.id
    if query.order is Order.CLOSED:
        return -_micros(thing.closed_at or thing.opened_at), thing.id
    if query.order is Order.IDLE:
        return _micros(thing.recorded_at), thing.id
    return -_micros(thing.recorded_at), thing.id


def _micros(moment: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    return (moment - _EPOCH) // _MICROSECOND
