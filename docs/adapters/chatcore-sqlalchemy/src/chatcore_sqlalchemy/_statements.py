"""Each query as one statement: its text, and the values it binds. Exact, and in the order of `sort_key`.

1. Conversations in an order have an index by situation, number and id. A query that fixes the situation reads
   a range of it; one that does not merges a range for each situation, as far as the page goes.
2. Where a query tells whom it is about (a contact, a name, an address, a customer, an agent, a protocol), no
   view is walked: the few conversations that come into question are looked at and sorted.
3. Messages that say something are found by the index of words, those of one conversation by their numbers,
   and others by when they were said.
4. PostgreSQL's planner chooses among these by its statistics. SQLite has none as a rule, so it is told: the
   order of a CROSS JOIN is kept, and an index that is named is used. What to begin with is a `Pick`.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Trait,
)
from chatcore.vocabulary import Situation
from chatcore_sqlalchemy._conditions import MESSAGE_LEAVES, Asked, Dialect, needs_conversation, parts_of
from chatcore_sqlalchemy._picks import (
    WORDS,
    Pick,
    Statement,
    contacts_of,
    picked_first,
    words_first,
)

__all__ = [
    "contacts",
    "conversations",
    "count_of_conversations",
    "count_of_effects",
    "effects",
    "messages",
]

Position: TypeAlias = tuple[int, str]

# --- conversations -------------------------------------------------------------------------------------------


def conversations(
    dialect: Dialect,
    tenant: str,
    query: ConversationQuery,
    pick: Pick | None,
    most: int,
    after: Position | None,
) -> Statement:
    """The bodies of the next conversations, at most so many."""
    asked = Asked(dialect, tenant)
    key = f"c.by_{query.order.value}"
    source, conditions = _conversations(asked, query, pick, f"conversations_by_{query.order.value}")
    situation = _situation(query)
    if after is not None:
        conditions.append(f"({key}, c.id) > ({asked.bound(after[0])}, {asked.bound(after[1])})")
    conditions += _of_situation(asked, situation)
    rest = f"FROM {source} WHERE {' AND '.join(conditions)}"
    limit = f"LIMIT {asked.bound(most)}"
    if situation is not None or (pick is not None and not isinstance(pick, Named)):
        return f"SELECT c.body {rest} ORDER BY {key}, c.id {limit}", asked.values
    # SQLite merges ranges as they are. PostgreSQL does not, but has each of them as short as the page.
    each = f"SELECT {key} AS number, c.id AS id, c.body {rest} AND c.situation = "
    order = f"ORDER BY number, id {limit}"
    ranges = [f"{each}'{one.value}'" for one in Situation]
    if not dialect.sqlite:
        ranges = [f"({one} {order})" for one in ranges]
    return f"{' UNION ALL '.join(ranges)} {order}", asked.values


def count_of_conversations(
    dialect: Dialect, tenant: str, query: ConversationQuery, pick: Pick | None, at_most: int
) -> Statement:
    """How many conversations match, counted up to a bound."""
    asked = Asked(dialect, tenant)
    source, conditions = _conversations(asked, query, pick, None)
    conditions += _of_situation(asked, _situation(query))
    sql = f"SELECT 1 FROM {source} WHERE {' AND '.join(conditions)} LIMIT {asked.bound(at_most)}"
    return f"SELECT count(*) FROM ({sql}) AS found", asked.values


def _situation(query: ConversationQuery) -> Situation | None:
    """The situation that a query fixes, by itself or by what its condition asks for in any case."""
    if query.situation is not None:
        return query.situation
    for part in parts_of(query.where):
        if isinstance(part, Has) and part.trait is Trait.SITUATION:
            return Situation(part.value)
    return None


def _of_situation(asked: Asked, situation: Situation | None) -> list[str]:
    return [] if situation is None else [f"c.situation = {asked.bound(situation.value)}"]


def _conversations(
    asked: Asked, query: ConversationQuery, pick: Pick | None, index: str | None
) -> tuple[str, list[str]]:
    """What to look at, and all that is asked of it but its situation."""
    conditions = ["c.tenant = :tenant"]
    for column, value in (
        ("assignee", query.assignee),
        ("department", query.department),
        ("channel", query.channel),
    ):
        if value is not None:
            conditions.append(f"c.{column} = {asked.bound(value)}")
    if query.contact is not None:
        conditions.append(asked.one_of("c.contact", dict.fromkeys((query.contact, *query.also))))
    if query.waiting is not None:
        conditions.append(f"c.waiting_since IS {'NOT ' if query.waiting else ''}NULL")
    if (scope := asked.scope(query.scope)) is not None:
        conditions.append(scope)
    if query.where is not None:
        conditions.append(asked.so(query.where))
    if asked.dialect.sqlite:
        if pick is not None:
            return picked_first(asked, query, pick), conditions
        return f"conversations AS c{f' INDEXED BY {index}' if index else ''}", conditions
    conditions += _turned_out(asked, pick)
    return "conversations AS c", conditions


def _turned_out(asked: Asked, pick: Pick | None) -> list[str]:
    """For PostgreSQL: whom the contact of a condition turned out to be, said so that an index helps."""
    if isinstance(pick, Has) and pick.trait is Trait.CONTACT:
        return [f"c.contact IN ({contacts_of(asked, pick)})"]
    return []


# --- messages ------------------------------------------------------------------------------------------------


def messages(
    dialect: Dialect, tenant: str, query: MessageQuery, pick: Pick | None, most: int, after: Position | None
) -> Statement:
    """The bodies of the next messages, at most so many."""
    asked = Asked(dialect, tenant)
    conditions = ["m.tenant = :tenant"]
    source = _messages(asked, query, pick, conditions)
    if query.conversation is None:
        order = "m.by_newest, m.id"
        if after is not None:
            conditions.append(f"({order}) > ({asked.bound(after[0])}, {asked.bound(after[1])})")
    else:
        conditions.append(f"m.conversation = {asked.bound(query.conversation)}")
        order, beyond = ("m.seq DESC", "<") if query.newest_first else ("m.seq", ">")
        if query.start is not None:
            conditions.append(f"m.seq {beyond}= {asked.bound(min(query.start, _LARGEST))}")
        if after is not None:
            conditions.append(f"m.seq {beyond} {asked.bound(abs(after[0]))}")
    if (scope := asked.scope(query.scope)) is not None:
        conditions.append(scope)
    if query.where is not None:
        conditions.append(asked.so(query.where))
    where = " AND ".join(conditions)
    return f"SELECT m.body FROM {source} WHERE {where} ORDER BY {order} LIMIT {asked.bound(most)}", asked.values


_LARGEST: Final = (1 << 63) - 1
"""The largest number of a column."""


def _messages(asked: Asked, query: MessageQuery, pick: Pick | None, conditions: list[str]) -> str:
    """What to look at; conditions that narrow it down are added."""
    homes = " LEFT JOIN conversations AS c ON c.tenant = m.tenant AND c.id = m.conversation"
    home = homes if not query.scope.everything or needs_conversation(query.where) else ""
    if not asked.dialect.sqlite:
        if (candidates := asked.candidates(query.where, MESSAGE_LEAVES)) is not None:
            conditions.append(asked.among("m.tokens", candidates))
        conditions += _turned_out(asked, pick)
        return f"messages AS m{home}"
    if query.conversation is not None:
        return f"messages AS m{home}"
    if pick == WORDS:
        return f"({words_first(asked, query)}) AS w CROSS JOIN messages AS m ON m.place = w.id{home}"
    if pick is not None:
        first = picked_first(asked, query, pick)
        return f"{first} CROSS JOIN messages AS m ON m.tenant = :tenant AND m.conversation = c.id"
    return f"messages AS m INDEXED BY messages_by_newest{home}"


# --- contacts and effects ------------------------------------------------------------------------------------


def contacts(
    dialect: Dialect, tenant: str, query: ContactQuery, pick: Pick | None, most: int, after: Position | None
) -> Statement:
    """The bodies of the next contacts, at most so many; those merged into another one are none any more."""
    asked = Asked(dialect, tenant, contacts=True)
    conditions = ["p.tenant = :tenant", "p.merged_into IS NULL"]
    source = "contacts AS p"
    if pick == WORDS:
        source = f"({words_first(asked, query)}) AS w CROSS JOIN contacts AS p ON p.place = w.id"
    elif dialect.sqlite and (query.blocked or Is(Mark.BLOCKED) in parts_of(query.where)):
        source += " INDEXED BY contacts_blocked"
        conditions.append("p.blocked")
    if query.blocked is not None:
        conditions.append("p.blocked" if query.blocked else "NOT p.blocked")
    if after is not None:
        conditions.append(f"p.id > {asked.bound(after[1])}")
    if query.where is not None:
        conditions.append(asked.so(query.where))
    where = " AND ".join(conditions)
    return f"SELECT p.body FROM {source} WHERE {where} ORDER BY p.id LIMIT {asked.bound(most)}", asked.values


def effects(
    dialect: Dialect, tenant: str, query: EffectQuery, _: Pick | None, most: int, after: Position | None
) -> Statement:
    """The bodies of the next effects, at most so many."""
    asked = Asked(dialect, tenant)
    conditions = _effects(asked, query)
    if after is not None:
        conditions.append(f"e.id > {asked.bound(after[1])}")
    where = " AND ".join(conditions)
    return (
        f"SELECT e.body FROM effects AS e WHERE {where} ORDER BY e.id LIMIT {asked.bound(most)}",
        asked.values,
    )


def count_of_effects(
    dialect: Dialect, tenant: str, query: EffectQuery, _: Pick | None, at_most: int
) -> Statement:
    """How many effects match, counted up to a bound."""
    asked = Asked(dialect, tenant)
    where = " AND ".join(_effects(asked, query))
    sql = f"SELECT 1 FROM effects AS e WHERE {where} LIMIT {asked.bound(at_most)}"
    return f"SELECT count(*) FROM ({sql}) AS found", asked.values


def _effects(asked: Asked, query: EffectQuery) -> list[str]:
    conditions = ["e.tenant = :tenant"]
    if query.state is not None:
        conditions.append(f"e.state = {asked.bound(query.state.value)}")
    if query.conversation is not None:
        conditions.append(f"e.conversation = {asked.bound(query.conversation)}")
    return conditions
