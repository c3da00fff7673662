"""Searching: what a person may find, and where in it. Here permission meets a search. Rule: S2, S6, P.

1. What only a desk can tell is resolved first: a number by the keyed hash of its canonical form, a document
   by the customers that the contracts side has under it.
2. The scope of whoever asks goes into the query itself, so that nothing else is found, or counted.
"""

from __future__ import annotations

from chatcore._engine.body import Engine
from chatcore.br import parse_phone
from chatcore.entities import Message
from chatcore.errors import NotOffered
from chatcore.limits import CUSTOMERS, OCCURRENCES, PAGE_ROWS, SCREEN_READ
from chatcore.ports import CustomerQuery
from chatcore.search import (
    AllOf,
    AnyOf,
    Condition,
    Documented,
    Has,
    MessageQuery,
    Not,
    Nothing,
    Numbered,
    Occurrence,
    Occurrences,
    Reached,
    Trait,
)
from chatcore.search.hits import spans_in
from chatcore.vocabulary import CustomerKey

__all__ = ["around", "occurrences", "resolved"]


async def resolved(engine: Engine, where: Condition | None) -> Condition | None:
    """A condition that any storage can be asked.

    Raises:
        NotOffered: the contracts side does not find by document.
        PortFailure: it cannot tell.
    """
    if isinstance(where, AllOf):
        return AllOf(tuple([await _resolved(engine, part) for part in where.parts]))
    if isinstance(where, AnyOf):
        return AnyOf(tuple([await _resolved(engine, part) for part in where.parts]))
    if isinstance(where, Not):
        return Not(await _resolved(engine, where.part))
    if isinstance(where, Numbered):
        return Reached((engine.reads.addresses.key(parse_phone(where.number.reveal(), "number").reveal()),))
    if isinstance(where, Documented):
        return await _documented(engine, where)
    return where


async def _resolved(engine: Engine, where: Condition) -> Condition:
    found = await resolved(engine, where)
    assert found is not None
    return found


async def _documented(engine: Engine, where: Documented) -> Condition:
    port = engine.outside.contracts
    if port is None or CustomerKey.DOCUMENT not in port.capabilities.finds_by:
        raise NotOffered(f"find_by:{CustomerKey.DOCUMENT}")
    query = CustomerQuery(document=where.document)
    found = await port.find(query, CUSTOMERS, engine.now() + SCREEN_READ)
    return AnyOf(tuple(Has(Trait.CUSTOMER, each.id) for each in found)) if found else Nothing()


async def occurrences(engine: Engine, query: MessageQuery) -> Occurrences:
    """Every place in one conversation where the words stand, in order. Rule: S6."""
    assert query.where is not None
    places: list[Occurrence] = []
    cursor: str | None = None
    while True:
        page = await engine.storage.messages(query, PAGE_ROWS, cursor)
        for row in page.rows:
            spans = spans_in(row.shown.reveal(), query.where)
            places += [Occurrence(row.id, row.seq, span) for span in spans]
        cursor = page.next
        if cursor is None or len(places) >= OCCURRENCES:
            return Occurrences(tuple(places[:OCCURRENCES]), cut=cursor is not None or len(places) > OCCURRENCES)


async def around(engine: Engine, message: Message, before: int, after: int) -> tuple[Message, ...]:
    """A message with some before it and some after it, in order."""
    home, seq = message.conversation, message.seq
    older: tuple[Message, ...] = ()
    if before and seq > 1:
        query = MessageQuery(conversation=home, newest_first=True, start=seq - 1)
        older = (await engine.storage.messages(query, before, None)).rows
    query = MessageQuery(conversation=home, start=seq)
    return (*reversed(older), *(await engine.storage.messages(query, after + 1, None)).rows)
