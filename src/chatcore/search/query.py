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
from chatcore.search.conditions import (
    Between,
    Condition,
    Documented,
    Filled,
    Has,
    Is,
    Mark,
    Named,
    Nothing,
    Numbered,
    Reached,
    Says,
    Trait,
    When,
    leaves,
)
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
    "micros",
    "sort_key",
    "where_problems",
]


_CONTACT_LEAVES: Final = (Named, Reached, Filled, Numbered, Documented, Nothing)
_OF_CONTACTS: Final = (*_CONTACT_LEAVES, Trait.CUSTOMER, Mark.BLOCKED, Mark.LINKED)
_OF_CONVERSATIONS: Final = (
    *_CONTACT_LEAVES,
    *(trait for trait in Trait if trait not in (Trait.DIRECTION, Trait.KIND)),
    *Mark,
    *(when for when in When if when is not When.SENT),
)
_OF_MESSAGES: Final = (*_CONTACT_LEAVES, Says, *Trait, *Mark, *When)


def where_problems(where: object, allowed: tuple[object, ...]) -> list[Problem]:
    """What is wrong with a condition: another type, or one that cannot be asked of such things."""
    if where is None:
        return []
    if not isinstance(where, Condition):
        return [Problem("where", "not_a_condition")]
    return [Problem("where", "not_asked_here") for leaf in leaves(where) if _asked(leaf) not in allowed][:1]


def _asked(leaf: Condition) -> object:
    """What a leaf asks about: its trait, mark or moment, else its own type."""
    if isinstance(leaf, Has):
        return leaf.trait
    if isinstance(leaf, Is):
        return leaf.mark
    return leaf.when if isinstance(leaf, Between) else type(leaf)


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

    `where` is a condition of conversations, or of the contacts they are with.

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
    where: Condition | None = None
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
        bad += where_problems(self.where, _OF_CONVERSATIONS)
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True, kw_only=True)
class MessageQuery:
    """The messages of one conversation, in `seq` order or the other way round; or of all, newest first.

    Rule: M4, S6.

    * `where` is a condition of messages, of their conversations, or of the contacts they are with.
    * With `start`, from that `seq` on in its direction: who shows one message pages both ways from there. Only
      inside one conversation.
    * `scope` is put in by the desk, as in `ConversationQuery`.
    """

    conversation: ConversationId | None = None
    newest_first: bool = False
    start: int | None = None
    where: Condition | None = None
    scope: Scope = EVERYTHING

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if self.conversation is not None and not_id(self.conversation):
            bad.append(id_problem("conversation", self.conversation))
        bad += switch_problems(self, "newest_first")
        if self.start is not None and (type(self.start) is not int or self.start < 1):
            bad.append(Problem("start", "not_positive", "M4"))
        elif self.start is not None and self.conversation is None:
            bad.append(Problem("start", "conversation_required", "M4"))
        if type(self.scope) is not Scope:
            bad.append(Problem("scope", "not_a_scope", "P"))
        bad += where_problems(self.where, _OF_MESSAGES)
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True, kw_only=True)
class ContactQuery:
    """Contacts, by id; `blocked` asks for only those blocked, or only those not. Rule: S20, S2.

    `where` is a condition of contacts. Those that turned out to be another one are none any more. Rule: M11.
    """

    blocked: bool | None = None
    where: Condition | None = None

    def __attrs_post_init__(self) -> None:
        bad = [] if self.blocked is None else switch_problems(self, "blocked")
        bad += where_problems(self.where, _OF_CONTACTS)
        if bad:
            raise InvalidValue(*bad)


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


def sort_key(query: Query, thing: Conversation | Message | Contact | Effect) -> tuple[int, str]:
    """Where a thing stands among its like: ascending, unique."""
    if isinstance(query, MessageQuery) and isinstance(thing, Message):
        if query.conversation is None:
            return -micros(thing.said_at), thing.id
        return (-thing.seq if query.newest_first else thing.seq), thing.id
    if not isinstance(query, ConversationQuery) or not isinstance(thing, Conversation):
        return 0, thing.id
    if query.order is Order.WAITING:
        return micros(thing.waiting_since or thing.queued_at or thing.opened_at), thing.id
    if query.order is Order.OPENED:
        return micros(thing.opened_at), thing.id
    if query.order is Order.CLOSED:
        return -micros(thing.closed_at or thing.opened_at), thing.id
    if query.order is Order.IDLE:
        return micros(thing.recorded_at), thing.id
    return -micros(thing.recorded_at), thing.id


def micros(moment: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    return (moment - _EPOCH) // _MICROSECOND
