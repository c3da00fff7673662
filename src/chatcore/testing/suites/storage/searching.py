"""Searching: what a query finds is what `search.matches` says of everything, for each filter and condition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities import Scope
from chatcore.events import MessageEdited, MessageRevoked, Tagged, Taken
from chatcore.ports import Storage
from chatcore.search import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    Filled,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Not,
    Nothing,
    Order,
    Query,
    Reached,
    Says,
    Trait,
    When,
)
from chatcore.testing.suites.storage._asking import expected_of, walked
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._drawing import drawn
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.testing.suites.storage._questions import (
    AGENTS,
    CHANNELS,
    DEPARTMENTS,
    HOMES,
    LATER,
    PEOPLE,
    SCOPES,
    between,
    filled,
    message_traits,
    names,
    reached,
    said,
    traits,
)
from chatcore.testing.suites.storage._steps import contact, conversation, renamed, told
from chatcore.testing.suites.storage._town import town
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ConversationId,
    DepartmentId,
    EffectState,
    FieldId,
    Private,
    Situation,
    TagId,
)

__all__ = ["SearchingTests"]


def _held(
    storage: Storage, ledger: Ledger, queries: Iterable[Query], *, limits: tuple[int, ...] = (200,)
) -> None:
    """Hold that each query finds what matches, in order; and that some of them find something."""
    some = 0
    for query in queries:
        expected = expected_of(ledger, query)
        some += len(expected)
        for limit in limits:
            found = walked(storage, query, limit)
            if found != expected:
                raise AssertionError(_told(query, found, expected))
    assert some, "none of these queries finds anything: the test says nothing"


def _told(query: Query, found: list[Any], expected: list[Any]) -> str:
    """In what way an answer is not what `matches` says."""
    are, should = [row.id for row in found], [row.id for row in expected]
    where = f"{query}"
    if extra := [id for id in are if id not in should]:
        return f"found what does not match: {extra[:5]}, by {where}"
    if missing := [id for id in should if id not in are]:
        return f"did not find what matches: {missing[:5]}, by {where}"
    if len(are) != len(should):
        return f"found {len(are)} rows where there are {len(should)}, so some came twice: {are}, by {where}"
    if are != should:
        return f"found {are} in this order, where it is {should}, by {where}"
    wrong = [row.id for row, other in zip(found, expected, strict=True) if row != other]
    return f"found {wrong[:5]} as they once were, or with another value in them, by {where}"


class SearchingTests(StorageTests):
    """The pages of `Storage`, filter by filter and condition by condition. Rule: S2, S6."""

    def test_conversations_are_found_by_what_they_are(self) -> None:
        """Situation, agent, department, channel and waiting, each alone and all together.

        When this fails: compare what the columns hold with the entity's fields; ids are compared exactly.
        """
        ledger = town(self.storage())
        alone: list[Query] = [
            *(ConversationQuery(situation=each, order=order) for each in Situation for order in Order),
            *(ConversationQuery(assignee=each) for each in AGENTS),
            *(ConversationQuery(department=each, order=Order.OPENED) for each in DEPARTMENTS),
            *(ConversationQuery(channel=each, order=Order.IDLE) for each in CHANNELS),
            *(ConversationQuery(waiting=each, order=Order.WAITING) for each in (True, False)),
        ]
        together: list[Query] = [
            ConversationQuery(
                situation=situation,
                assignee=agent,
                department=DepartmentId("support"),
                waiting=waits,
                channel=channel,
            )
            for situation in (Situation.OPEN, Situation.QUEUE)
            for agent in (None, AgentId("ana"))
            for waits in (None, True, False)
            for channel in (None, ChannelId("wa"))
        ]
        _held(ledger.storage, ledger, alone + together)

    def test_conversations_are_found_with_whom_they_are(self) -> None:
        """By contact; with `also`, by any of several, each conversation once. Rule: M11.

        When this fails: a conversation is with the contact it names now; `also` widens `contact` and counts for
        nothing without it.
        """
        ledger = town(self.storage())
        queries = [
            ConversationQuery(contact=each, also=also, order=Order.OPENED)
            for each in PEOPLE
            for also in ((), PEOPLE[:2], (each,), (each, each), PEOPLE)
        ]
        _held(ledger.storage, ledger, [*queries, ConversationQuery(also=PEOPLE[:1])])

    def test_what_lies_outside_a_scope_is_not_there(self) -> None:
        """Conversations and messages are found within the scope alone, and counted within it. Rule: section P.

        When this fails: the scope is part of the question, not of the screen: push all of its parts down, or
        ask `Scope.admits` of each row before a page is cut. An empty scope admits nothing.
        """
        ledger = town(self.storage())
        queries: list[Query] = []
        for scope in SCOPES:
            queries += [
                ConversationQuery(scope=scope, order=order) for order in (Order.ACTIVITY, Order.WAITING)
            ]
            queries += [MessageQuery(scope=scope), MessageQuery(scope=scope, where=Says("boleto"))]
            queries += [MessageQuery(conversation=home, scope=scope) for home in HOMES[:2]]
            queries += [ConversationQuery(scope=scope, where=Has(Trait.TAG, "vip"), situation=Situation.OPEN)]
        _held(ledger.storage, ledger, queries, limits=(3, 200))
        for query in queries:
            if isinstance(query, ConversationQuery):
                assert ledger.storage.count(query, at_most=50) == len(expected_of(ledger, query)), query

    def test_messages_of_one_conversation_are_found(self) -> None:
        """All of a conversation, from either end, and those of them of which something is so. Rule: M4, S6.

        When this fails: `newest_first` turns the order round; `start` is the first `seq` in that direction.
        """
        ledger = town(self.storage())
        queries = [
            MessageQuery(conversation=home, newest_first=newest, start=start, where=where)
            for home in HOMES
            for newest in (False, True)
            for start in (None, 1, 2, 5, 10_000)
            for where in (None, Says("boleto"), Has(Trait.DIRECTION, "internal"))
        ]
        _held(ledger.storage, ledger, queries, limits=(2, 200))

    def test_a_conversation_has_only_its_own_messages(self) -> None:
        """The messages of a conversation are those that name it, not those whose id begins like its own.

        When this fails: the conversation of a message is a column that is compared as a whole, no pattern.
        """
        ledger = Ledger(self.storage())
        homes = [ConversationId(f"cv_1{more}") for more in ("", "0", "01", "_", "%", "%1")]
        for n, home in enumerate(homes):
            ledger.commit(contact(f"ct_{n}"), conversation(home, contact=f"ct_{n}"))
            ledger.commit(*ledger.heard(home, *["oi boleto"] * (n + 1)))
        queries = [
            MessageQuery(conversation=home, where=where, start=start)
            for home in homes
            for where in (None, Says("boleto"))
            for start in (None, 2)
        ]
        _held(ledger.storage, ledger, queries)

    def test_contacts_and_effects_are_found(self) -> None:
        """Contacts by id, blocked or not, but those that turned out to be others; effects by state and home.

        When this fails: leave out a contact whose `merged_into` is set; order by id in a binary collation.
        """
        ledger = town(self.storage())
        _held(
            ledger.storage,
            ledger,
            [ContactQuery(blocked=each) for each in (None, True, False)],
            limits=(1, 200),
        )
        effects = [
            EffectQuery(state=state, conversation=home)
            for state in (None, *EffectState)
            for home in (None, *HOMES)
        ]
        _held(ledger.storage, ledger, effects, limits=(2, 200))
        for query in effects:
            assert ledger.storage.count(query, at_most=50) == len(expected_of(ledger, query)), query

    def test_words_are_found_whatever_their_case_and_accents(self) -> None:
        """Words, beginnings of words and words in a row, in what a message says now. Rule: S6, M18.

        When this fails: a text is its `text.words_of`, one right after another; `prefix` lets the last word go
        on. What was edited counts as it is now, what was taken back says nothing. Nothing in a text or a word
        is a wildcard, an operator or a quote.
        """
        ledger = town(self.storage())
        _held(ledger.storage, ledger, [MessageQuery(where=where) for where in said()])
        inside = [
            MessageQuery(conversation=home, where=where, newest_first=newest)
            for home in HOMES[:2]
            for newest in (False, True)
            for where in (Says("boleto"), Says("bol", prefix=True), Says("via"), ~Says("boleto"))
        ]
        _held(ledger.storage, ledger, inside, limits=(1, 200))

    def test_names_are_found_as_words_are(self) -> None:
        """Contacts, their conversations and their messages, by the name they have now. Rule: S2, M11.

        When this fails: names are searched as texts are; of a conversation counts who its contact is by now.
        """
        ledger = town(self.storage())
        for where in names():
            queries = (ContactQuery(where=where), ConversationQuery(where=where), MessageQuery(where=where))
            _held_all(ledger, queries)
        _held(ledger.storage, ledger, [ContactQuery(where=where) for where in names()])

    def test_conditions_of_traits_are_held_to_their_meaning(self) -> None:
        """Each trait of a conversation, a message or a contact, asked of whatever it may be asked of.

        When this fails: ids are compared exactly. A contact's id finds the conversations of those who turned
        out to be them, too. A message has the traits of its conversation.
        """
        ledger = town(self.storage())
        _held(
            ledger.storage, ledger, [ConversationQuery(where=where, order=Order.OPENED) for where in traits()]
        )
        _held(ledger.storage, ledger, [MessageQuery(where=where) for where in (*traits(), *message_traits())])
        customers = [each for each in traits() if isinstance(each, Has) and each.trait is Trait.CUSTOMER]
        _held(ledger.storage, ledger, [ContactQuery(where=where) for where in customers])

    def test_conditions_of_marks_and_moments_are_held_to_their_meaning(self) -> None:
        """Waiting, unread, assigned, blocked, linked; and between two moments, to the microsecond.

        When this fails: `since` is within, `until` is not; what has no such moment is never between.
        """
        ledger = town(self.storage())
        marks: list[Condition] = [Is(mark) for mark in Mark]
        _held(
            ledger.storage,
            ledger,
            [ConversationQuery(where=where, order=Order.OPENED) for where in (*marks, *between(*LATER))],
        )
        _held(
            ledger.storage,
            ledger,
            [MessageQuery(where=where) for where in (*marks, *between(*LATER, When.SENT))],
        )
        people: list[Query] = [ContactQuery(where=Is(mark)) for mark in (Mark.BLOCKED, Mark.LINKED)]
        _held(ledger.storage, ledger, people)

    def test_custom_fields_and_addresses_are_found(self) -> None:
        """A custom field of the conversation or its contact, of just this value; an address by its key.

        When this fails: 1.50 is 1.5, true is not 1, and texts are compared exactly. Rule: C9, M11.
        """
        ledger = town(self.storage())
        for where in (*filled(), *reached(), Nothing(), ~Nothing()):
            queries = (ContactQuery(where=where), ConversationQuery(where=where), MessageQuery(where=where))
            _held_all(ledger, queries)
        _held(ledger.storage, ledger, [ConversationQuery(where=where) for where in (*filled(), *reached())])

    def test_conditions_are_asked_as_they_are_put_together(self) -> None:
        """What stands inside one another is asked from the inside out, wherever a part stands.

        When this fails: put each combination in parentheses, and negate all of it. What has no value is not so,
        and its negation is: SQL's null is neither.
        """
        ledger = town(self.storage())
        several = (Has(Trait.TAG, "vip"), Has(Trait.AGENT, "ana"), Is(Mark.WAITING), Named("jo"))
        queries: list[Query] = []
        for a, b, c in permutations(several, 3):
            for where in (a & (b | c), (a | b) & c, (a & b) | c, ~(a & b), ~(a | b) & c, a & ~(b | ~c)):
                queries.append(ConversationQuery(where=where))
                queries.append(MessageQuery(where=where & ~Says("boleto")))
        _held(ledger.storage, ledger, queries)

    def test_conditions_combine(self) -> None:
        """And, or, not, within one another, of words and of what columns know, in small pages.

        When this fails: a part that the database only narrows down must be asked once more of each row, and may
        not be negated there. A page is cut after that.
        """
        ledger = town(self.storage())
        leaves = [
            *(Says("boleto"), Says("via"), Says("bol", prefix=True), Says("nunca")),
            *(Has(Trait.DIRECTION, "inbound"), Has(Trait.AGENT, "beto"), Has(Trait.TAG, "vip")),
            *(Named("jo"), Is(Mark.BLOCKED), Is(Mark.WAITING), Filled(FieldId("plan"), Private("100M"))),
            *(Reached(("key-0", "key-1")), Nothing(), Between(When.SENT, since=NOON + timedelta(minutes=3))),
        ]
        limits = st.sampled_from((1, 3, 200))

        def combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
            several = st.lists(parts, min_size=1, max_size=3).map(tuple)
            return st.builds(AllOf, several) | st.builds(AnyOf, several) | st.builds(Not, parts)

        conditions = st.recursive(st.sampled_from(leaves), combined, max_leaves=5)
        homes = st.sampled_from((None, None, *HOMES))
        scopes = st.sampled_from(SCOPES)

        @drawn(40)
        @given(where=conditions, home=homes, scope=scopes, newest=st.booleans(), limit=limits)
        def check(where: Condition, home: Any, scope: Scope, newest: bool, limit: int) -> None:
            query = MessageQuery(conversation=home, newest_first=newest, where=where, scope=scope)
            expected = expected_of(ledger, query)
            assert walked(ledger.storage, query, limit) == expected

        check()

        @drawn(40)
        @given(
            where=st.recursive(
                st.sampled_from([leaf for leaf in leaves if not isinstance(leaf, Says)][2:-1]),
                combined,
                max_leaves=5,
            ),
            order=st.sampled_from(tuple(Order)),
            situation=st.sampled_from((None, None, *Situation)),
            scope=scopes,
            limit=limits,
        )
        def check_conversations(
            where: Condition, order: Order, situation: Situation | None, scope: Scope, limit: int
        ) -> None:
            query = ConversationQuery(situation=situation, where=where, order=order, scope=scope)
            expected = expected_of(ledger, query)
            assert walked(ledger.storage, query, limit) == expected
            for most in (0, 1, 2, 50):
                assert ledger.storage.count(query, at_most=most) == min(len(expected), most)

        check_conversations()

    def test_what_changes_is_found_as_it_is_now(self) -> None:
        """After each step of what people and messages are called, the answer is that of this moment.

        When this fails: an index, or a column that a query looks at, is not kept up with every write.
        """
        ledger = town(self.storage())
        queries: tuple[Query, ...] = (
            MessageQuery(where=Says("boleto")),
            MessageQuery(where=Named("ana")),
            ConversationQuery(where=Named("ana")),
            ConversationQuery(assignee=AgentId("ana"), where=Has(Trait.TAG, "vip")),
            ContactQuery(where=Named("ana")),
            ConversationQuery(situation=Situation.OPEN),
        )
        edited = MessageEdited(
            channel=ChannelId("wa"), provider_id="in-e", body=Private("o Boleto chegou"), sent_at=ledger.now
        )
        revoked = MessageRevoked(channel=ChannelId("wa"), provider_id="in-r", sent_at=ledger.now)
        for step in (
            renamed("ct_8", "Ana"),
            told("cv_\U0001f600", Taken(assignee=AgentId("ana")), Tagged(tags=(TagId("vip"),))),
            told("cv_B.2", edited),
            told("cv_B.2", revoked),
            renamed("ct_8", None),
            renamed("ct_3", "Joana", "Ana Lúcia"),
        ):
            ledger.now += timedelta(minutes=1)
            ledger.commit(step)
            _held_all(ledger, queries)


def _held_all(ledger: Ledger, queries: Iterable[Query]) -> None:
    for query in queries:
        expected = expected_of(ledger, query)
        found = walked(ledger.storage, query)
        if found != expected:
            raise AssertionError(_told(query, found, expected))
