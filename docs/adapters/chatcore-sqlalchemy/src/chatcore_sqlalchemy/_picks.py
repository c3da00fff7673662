"""Picks: what a query can begin with instead of walking an order, because it is so of few things.

1. Some picks are few by their nature: what concerns a contact, a customer, an address, a protocol, an agent's
   open conversations. Of these the narrowest is taken.
2. Others may be few or many: a name, words, those blocked, what one agent has or had. They are counted first,
   up to a bound; with more than that, walking the order finds a page soon. SQLite is asked so; PostgreSQL has
   statistics.
3. A pick narrows down and nothing else: what is exact is still asked of each row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from chatcore.entities import Scope
from chatcore.search import (
    Condition,
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Query,
    Reached,
    Trait,
)
from chatcore_sqlalchemy._conditions import CONTACT_LEAVES, MESSAGE_LEAVES, Asked, Dialect, parts_of

__all__ = [
    "WORDS",
    "Pick",
    "Statement",
    "contacts_of",
    "doubtful_picks",
    "picked_first",
    "probe",
    "sure_pick",
    "words_first",
]

Statement: TypeAlias = tuple[str, dict[str, object]]
"""A text and the values it binds."""

Pick: TypeAlias = Condition | str
"""A part of the condition of a query, or one of these names."""

CONTACT: Final = "contact"
ASSIGNEE: Final = "assignee"
OWN: Final = "own"
WORDS: Final = "words"
"""The fields `contact` and `assignee`, a scope of one agent's own, and what an index of words tells."""

_SURE: Final = (Trait.PROTOCOL, Trait.CONTACT, Reached, Trait.CUSTOMER, Trait.AGENT)
_DOUBTFUL: Final = (Named, Mark.BLOCKED)

_FEW: Final = 2_000
_FEW_WORDED: Final = 5_000
_FEW_TALKING: Final = 100
"""Up to how many one begins with: conversations or contacts; messages; contacts whose messages are wanted."""

_PEOPLE: Final = "SELECT g.id FROM {} {} contacts AS g ON g.tenant = :tenant AND g.person = p.id WHERE {}"
"""The contacts who are, by now, some contacts `p`."""

_WITH: Final = "SELECT o.id FROM conversations AS o WHERE o.tenant = :tenant AND o.{} = {}"


def sure_pick(query: Query) -> Pick | None:
    """What a query asks for that is so of few by its nature; the narrowest first."""
    if isinstance(query, ContactQuery | EffectQuery) or _inside(query):
        return None
    if isinstance(query, ConversationQuery) and query.contact is not None:
        return CONTACT
    found = [part for part in parts_of(query.where) if _about(part) in _SURE]
    if found:
        return min(found, key=lambda part: _SURE.index(_about(part)))
    return ASSIGNEE if isinstance(query, ConversationQuery) and query.assignee is not None else None


def doubtful_picks(dialect: Dialect, query: Query) -> Iterator[Pick]:
    """What a query asks for that may be so of few or of many."""
    if isinstance(query, EffectQuery) or _inside(query):
        return
    if not isinstance(query, ConversationQuery):
        leaves = CONTACT_LEAVES if isinstance(query, ContactQuery) else MESSAGE_LEAVES
        if Asked(dialect, "").candidates(query.where, leaves) is not None:
            yield WORDS
    if not isinstance(query, ContactQuery):
        yield from (part for part in parts_of(query.where) if _about(part) in _DOUBTFUL)
        if query.scope == Scope(assignee=query.scope.assignee) and query.scope.assignee is not None:
            yield OWN


def _inside(query: Query) -> bool:
    """Whether it asks for messages of one conversation: those are few, and have their order."""
    return isinstance(query, MessageQuery) and query.conversation is not None


def _about(part: Condition) -> object:
    if isinstance(part, Has):
        return part.trait
    return part.mark if isinstance(part, Is) else type(part)


def probe(dialect: Dialect, tenant: str, query: Query, pick: Pick) -> tuple[Statement, int]:
    """How many a pick is so of, counted up to a bound; and the bound."""
    asked = Asked(dialect, tenant)
    if pick == WORDS:
        assert isinstance(query, MessageQuery | ContactQuery)
        first, few = words_first(asked, query), _FEW_WORDED if isinstance(query, MessageQuery) else _FEW
    else:
        assert isinstance(query, ConversationQuery | MessageQuery)
        first, few = _first(asked, query, pick), _FEW_TALKING if isinstance(query, MessageQuery) else _FEW
    return (f"SELECT count(*) FROM ({first} LIMIT {asked.bound(few)})", asked.values), few


def words_first(asked: Asked, query: MessageQuery | ContactQuery) -> str:
    """For SQLite: the places of the rows that an index of words tells."""
    contacts = isinstance(query, ContactQuery)
    index = "contact_words" if contacts else "message_words"
    found = asked.bound(asked.candidates(query.where, CONTACT_LEAVES if contacts else MESSAGE_LEAVES))
    return f"SELECT f.rowid AS id FROM {index} AS f WHERE f.{index} MATCH {found}"


def picked_first(asked: Asked, query: ConversationQuery | MessageQuery, pick: Pick) -> str:
    """For SQLite: the conversations that come into question, looked up one by one."""
    by_id = pick in (ASSIGNEE, OWN) or (isinstance(pick, Has) and pick.trait in (Trait.AGENT, Trait.PROTOCOL))
    column, index = ("id", "") if by_id else ("contact", " INDEXED BY conversations_contact")
    first = _first(asked, query, pick)
    return f"({first}) AS w CROSS JOIN conversations AS c{index} ON c.tenant = :tenant AND c.{column} = w.id"


def _first(asked: Asked, query: ConversationQuery | MessageQuery, pick: Pick) -> str:
    """For SQLite: the ids of conversations, or of contacts, to begin with."""
    if isinstance(pick, Condition):
        if isinstance(pick, Has) and pick.trait in (Trait.AGENT, Trait.PROTOCOL):
            column = "assignee" if pick.trait is Trait.AGENT else "protocol"
            return _WITH.format(column, asked.bound(pick.value))
        return contacts_of(asked, pick)
    if pick == OWN:
        agent = asked.bound(query.scope.assignee)
        now = f"{_WITH.format('assignee', agent)} AND o.last_assignee IS NOT {agent}"
        return f"{_WITH.format('last_assignee', agent)} UNION ALL {now}"
    assert isinstance(query, ConversationQuery)
    if pick == ASSIGNEE:
        return _WITH.format("assignee", asked.bound(query.assignee))
    ids = dict.fromkeys((query.contact, *query.also))
    return f"SELECT column1 AS id FROM (VALUES {', '.join(f'({asked.bound(id)})' for id in ids)})"


def contacts_of(asked: Asked, pick: Condition) -> str:
    """The ids of the contacts of whom a condition may be so, by who they are now. Rule: M11."""
    join = asked.dialect.join
    if isinstance(pick, Has) and pick.trait is Trait.CONTACT:
        id = asked.bound(pick.value)
        them = f"contacts AS k {join} contacts AS p ON p.tenant = :tenant AND p.id = k.person"
        return f"{_PEOPLE.format(them, join, f'k.tenant = :tenant AND k.id = {id}')} UNION SELECT {id}"
    if isinstance(pick, Has):
        linked = f"p.tenant = :tenant AND p.customer = {asked.bound(pick.value)}"
        return _PEOPLE.format("contacts AS p", join, linked)
    if isinstance(pick, Is):
        return _PEOPLE.format(
            "contacts AS p INDEXED BY contacts_blocked", join, "p.tenant = :tenant AND p.blocked"
        )
    them = f"contact_words AS f {join} contacts AS p ON p.tenant = :tenant AND p.place = f.rowid"
    found = asked.bound(asked.candidates(pick, CONTACT_LEAVES))
    return _PEOPLE.format(them, join, f"f.contact_words MATCH {found}")
