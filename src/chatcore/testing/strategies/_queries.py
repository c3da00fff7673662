"""Conditions and queries, the pages they are answered with, and the hits of a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from chatcore.entities import Contact, Conversation, Message
from chatcore.search import (
    Between,
    Condition,
    ContactQuery,
    ConversationQuery,
    Documented,
    EffectQuery,
    Filled,
    Has,
    Hit,
    Is,
    Mark,
    MessageQuery,
    Named,
    Nothing,
    Numbered,
    Occurrence,
    Occurrences,
    Order,
    Page,
    Query,
    Reached,
    Says,
    Trait,
    When,
)
from chatcore.testing.strategies._brazil import brazilian_mobiles, tax_ids
from chatcore.testing.strategies._entities import conversations, messages, scopes
from chatcore.testing.strategies._fields import field_values
from chatcore.testing.strategies._ids import entity_ids, id_tuples, message_ids, outside_ids
from chatcore.testing.strategies._texts import labels
from chatcore.testing.strategies._times import moments
from chatcore.vocabulary import Direction, EffectState, MessageKind, Situation

__all__ = [
    "conditions",
    "contact_queries",
    "conversation_queries",
    "effect_queries",
    "hits",
    "leaf_conditions",
    "message_queries",
    "occurrences",
    "pages",
    "places",
    "queries",
]

_TRAITS = {
    Contact: (Trait.CUSTOMER,),
    Conversation: tuple(trait for trait in Trait if trait not in (Trait.DIRECTION, Trait.KIND)),
    Message: tuple(Trait),
}
_MARKS = {Contact: (Mark.BLOCKED, Mark.LINKED), Conversation: tuple(Mark), Message: tuple(Mark)}
_MOMENTS = {
    Contact: (),
    Conversation: tuple(when for when in When if when is not When.SENT),
    Message: tuple(When),
}
_CLOSED_LISTS = {Trait.SITUATION: Situation, Trait.DIRECTION: Direction, Trait.KIND: MessageKind}


def _words() -> st.SearchStrategy[str]:
    return st.lists(labels(), min_size=1, max_size=3).map(" ".join)


def _has(trait: Trait) -> st.SearchStrategy[Has]:
    known = _CLOSED_LISTS.get(trait)
    values: st.SearchStrategy[Any] = outside_ids() if known is None else st.sampled_from(known)
    return values.map(lambda value: Has(trait, value))


def _between(when: When) -> st.SearchStrategy[Between]:
    some, at = st.none() | moments(), moments()
    return st.one_of(
        st.builds(Between, st.just(when), since=some, until=at),
        st.builds(Between, st.just(when), since=at, until=some),
    )


def leaf_conditions(
    of: type[Conversation | Message | Contact] = Message, *, resolved: bool = False
) -> Mapping[type[Condition], st.SearchStrategy[Condition]]:
    """The conditions that may be asked of conversations, of messages, or of contacts; each kind's strategy.

    With `resolved`, those that a storage may be asked: a desk has put other things in the place of numbers and
    documents.
    """
    of_each: dict[type[Condition], st.SearchStrategy[Any]] = {
        Named: st.builds(Named, _words(), prefix=st.booleans()),
        Reached: st.builds(Reached, id_tuples(3, 1)),
        Filled: st.builds(Filled, outside_ids(), field_values()),
        Nothing: st.builds(Nothing),
        Has: st.sampled_from(_TRAITS[of]).flatmap(_has),
        Is: st.sampled_from(_MARKS[of]).map(Is),
    }
    if moments_asked := _MOMENTS[of]:
        of_each[Between] = st.sampled_from(moments_asked).flatmap(_between)
    if of is Message:
        of_each[Says] = st.builds(Says, _words(), prefix=st.booleans())
    if not resolved:
        of_each[Numbered] = st.builds(Numbered, brazilian_mobiles())
        of_each[Documented] = st.builds(Documented, tax_ids())
    return of_each


def conditions(
    of: type[Conversation | Message | Contact] = Message, *, resolved: bool = False
) -> st.SearchStrategy[Condition]:
    """A condition, often a combined one; `of` and `resolved` as in `leaf_conditions`. Rule: S2, S6."""
    return st.recursive(
        st.one_of(*leaf_conditions(of, resolved=resolved).values()),
        lambda inner: st.one_of(
            st.builds(lambda a, b: a & b, inner, inner),
            st.builds(lambda a, b: a | b, inner, inner),
            inner.map(lambda each: ~each),
        ),
        max_leaves=5,
    )


def conversation_queries(*, resolved: bool = False) -> st.SearchStrategy[ConversationQuery]:
    """A view. Rule: S1, S2."""
    some_id = st.none() | outside_ids()
    return st.builds(
        ConversationQuery,
        situation=st.none() | st.sampled_from(Situation),
        assignee=some_id,
        department=some_id,
        contact=st.none() | entity_ids("ct"),
        also=st.lists(entity_ids("ct"), max_size=2, unique=True).map(tuple),
        waiting=st.none() | st.booleans(),
        channel=some_id,
        order=st.sampled_from(Order),
        where=st.none() | conditions(Conversation, resolved=resolved),
        scope=scopes(),
    )


def message_queries(*, resolved: bool = False) -> st.SearchStrategy[MessageQuery]:
    """The messages of one conversation, or a search among all. Rule: M4, S6."""
    where = st.none() | conditions(Message, resolved=resolved)
    rest: dict[str, Any] = {"newest_first": st.booleans(), "where": where, "scope": scopes()}
    start = st.none() | st.integers(1, 10_000)
    return st.one_of(
        st.builds(MessageQuery, conversation=entity_ids("cv"), start=start, **rest),
        st.builds(MessageQuery, **rest),
    )


def contact_queries(*, resolved: bool = False) -> st.SearchStrategy[ContactQuery]:
    """Contacts, blocked or not. Rule: S20, S2."""
    where = st.none() | conditions(Contact, resolved=resolved)
    return st.builds(ContactQuery, blocked=st.none() | st.booleans(), where=where)


def effect_queries() -> st.SearchStrategy[EffectQuery]:
    """Effects, by where they stand and what they are about."""
    states, conversation = st.sampled_from(EffectState), entity_ids("cv")
    return st.builds(EffectQuery, state=st.none() | states, conversation=st.none() | conversation)


def queries(*, resolved: bool = False) -> st.SearchStrategy[Query]:
    """A query for things of any kind; `resolved` as in `leaf_conditions`."""
    return st.one_of(
        conversation_queries(resolved=resolved),
        message_queries(resolved=resolved),
        contact_queries(resolved=resolved),
        effect_queries(),
    )


# --- what is found -------------------------------------------------------------------------------------------


def pages() -> st.SearchStrategy[Page[Conversation]]:
    """A page of a view, the last one or not."""
    return st.builds(Page, st.lists(conversations(), max_size=2).map(tuple), st.none() | outside_ids())


def _spans() -> st.SearchStrategy[tuple[int, int]]:
    ends = st.lists(st.integers(0, 500), min_size=2, max_size=2, unique=True)
    return ends.map(sorted).map(lambda pair: (pair[0], pair[1]))


def hits() -> st.SearchStrategy[Hit]:
    """A message that was found, and where in its text. Rule: S6."""
    return st.builds(Hit, messages(), st.lists(_spans(), max_size=2).map(sorted).map(tuple))


def places() -> st.SearchStrategy[Occurrence]:
    """One place where words stand. Rule: S6."""
    return st.builds(Occurrence, message_ids(), st.integers(1, 10_000), _spans())


def occurrences() -> st.SearchStrategy[Occurrences]:
    """The places of one conversation where words stand. Rule: S6."""
    by_number = st.lists(places(), max_size=3).map(lambda some: tuple(sorted(some, key=lambda each: each.seq)))
    return st.builds(Occurrences, by_number, st.booleans())
