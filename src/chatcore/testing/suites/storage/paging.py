"""Pages: every row once and in order, cursors that stay good and belong to their query, limits, counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest

from chatcore.entities import Scope
from chatcore.errors import InvalidValue
from chatcore.events import Closed, MessageEdited, Taken
from chatcore.limits import PAGE_ROWS
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    Filled,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Order,
    Query,
    Reached,
    Says,
    Trait,
)
from chatcore.testing.suites.storage._asking import expected_of, key_of, turn, walked
from chatcore.testing.suites.storage._base import StorageTests, new_tenant
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._steps import contact, conversation, effect, told
from chatcore.testing.suites.storage._town import town
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    EffectState,
    FieldId,
    Private,
    ReasonId,
    Situation,
    message_id,
)

__all__ = ["PagingTests"]

HOME: Final = ConversationId("cv_b")

QUERIES: Final[tuple[Query, ...]] = (
    *(ConversationQuery(order=order) for order in Order),
    ConversationQuery(situation=Situation.QUEUE, order=Order.WAITING),
    ConversationQuery(where=Named("jo")),
    ConversationQuery(scope=Scope(assignee=AgentId("ana"), bot=True)),
    ConversationQuery(contact=ContactId("ct_0"), also=(ContactId("ct_8"),)),
    MessageQuery(),
    MessageQuery(where=Says("boleto")),
    MessageQuery(where=~Says("boleto") & Has(Trait.DIRECTION, "inbound")),
    MessageQuery(conversation=HOME),
    MessageQuery(conversation=HOME, newest_first=True),
    MessageQuery(conversation=HOME, start=3),
    MessageQuery(conversation=HOME, start=6, newest_first=True, where=Says("boleto")),
    ContactQuery(),
    ContactQuery(blocked=False),
    ContactQuery(where=~Is(Mark.BLOCKED)),
    EffectQuery(),
    EffectQuery(conversation=HOME),
)

NO_CURSORS: Final = (
    "",
    " ",
    "x",
    "-1",
    "é",
    "\0",
    "\ud800",
    "W10=",
    "bnVsbA==",
    "null",
    "'; --",
    "=" * 40,
    "A" * 5000,
)
"""What nobody ever gave out."""


class PagingTests(StorageTests):
    """The pages that `Storage` answers queries with. Rule: S2, S6."""

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, PAGE_ROWS])
    def test_pages_of_any_size_are_the_whole_list_once(self, limit: int) -> None:
        """Page after page, in each order: all that matches, each row once, ties by id; none after the last.

        When this fails: rows that tie are ordered by their id too, code point by code point, and a cursor holds
        both: `WHERE (key, id) > (:key, :id) ORDER BY key, id`. Ask for one row more than the limit: whether it
        is there says whether there is a next page.
        """
        ledger = town(self.storage())
        for query in QUERIES:
            expected = expected_of(ledger, query)
            assert expected, f"nothing matches {query}: the test says nothing"
            assert walked(ledger.storage, query, limit) == expected, query

    def test_the_last_page_has_no_next(self) -> None:
        """A list that ends just where a page is full has no further page; an empty one has none either.

        When this fails: a next cursor is given although nothing comes after it.
        """
        ledger = town(self.storage())
        empty = self.storage()
        for query in QUERIES:
            ask, expected = turn(ledger.storage, query), expected_of(ledger, query)
            exact = ask(query, limit=len(expected), cursor=None)
            assert (list(exact.rows), exact.next) == (expected, None), query
            nothing = turn(empty, query)(query, limit=5, cursor=None)
            assert (nothing.rows, nothing.next) == ((), None), query

    def test_ties_are_broken_by_id(self) -> None:
        """Many rows of one moment, in pages of one: none twice, none left out, in the order of code points.

        When this fails: see the test of pages of any size; a text column needs a binary collation.
        """
        ledger = Ledger(self.storage())
        ids = ("b", "B", "a", "\u00e9", "z", "\uff5a", "\U0001f600", "10", "9", "_", "a1", "A1")
        ledger.commit(*(contact(f"ct_{id}") for id in ids))
        ledger.commit(*(conversation(f"cv_{id}", contact=f"ct_{id}") for id in ids))
        ledger.commit(*(step for id in ids for step in ledger.heard(f"cv_{id}", "oi")))
        ledger.commit(*(effect(f"ef_{id}") for id in ids))
        everything: tuple[Query, ...] = (
            *(ConversationQuery(order=order) for order in Order),
            MessageQuery(),
            MessageQuery(where=Says("oi")),
            ContactQuery(),
            EffectQuery(),
        )
        for query in everything:
            for limit in (1, 5):
                found = [row.id[3:] for row in walked(ledger.storage, query, limit)]
                suffix = ".1" if isinstance(query, MessageQuery) else ""
                assert found == sorted(id + suffix for id in ids), (query, limit)

    def test_a_cursor_is_good_in_another_handle(self) -> None:
        """A page can be turned by another handle on the same tenant, as by another process.

        When this fails: what a cursor says lies in the handle instead of the cursor; `search.pages` makes some.
        """
        tenant = new_tenant()
        ledger = town(self.storage(tenant))
        other = self.storage(tenant)
        for query in QUERIES:
            expected = expected_of(ledger, query)
            first = turn(ledger.storage, query)(query, limit=1, cursor=None)
            if len(expected) > 1:
                second = turn(other, query)(query, limit=PAGE_ROWS, cursor=first.next)
                assert [*first.rows, *second.rows] == expected, query

    def test_what_stays_is_met_once_while_the_rest_moves(self) -> None:
        """Rows that come, go and move between two pages neither repeat nor hide those that stay.

        When this fails: a cursor counts rows (an offset) instead of naming the place after which to go on.
        """
        ledger = Ledger(self.storage())
        for n in range(9):
            ledger.now += timedelta(minutes=1)
            id = f"cv_{n:02d}"
            steps = contact(f"ct_{n:02d}"), conversation(id, contact=f"ct_{n:02d}"), effect(f"ef_{n:02d}")
            ledger.commit(*steps)
            ledger.commit(*ledger.heard(id, "oi boleto"))
        for query in (
            ConversationQuery(order=Order.OPENED, situation=Situation.QUEUE),
            MessageQuery(where=Says("boleto")),
            MessageQuery(),
            ContactQuery(),
            EffectQuery(state=EffectState.INTENDED),
        ):
            self._check_moving(ledger, query)

    def _check_moving(self, ledger: Ledger, query: Query) -> None:
        ask, key = turn(ledger.storage, query), key_of(query)
        stayed, met, cursor, turns = {row.id: key(row) for row in expected_of(ledger, query)}, [], None, 0
        while True:
            page = ask(query, limit=3, cursor=cursor)
            met += [(key(row), row.id) for row in page.rows]
            if page.next is None:
                break
            cursor, turns = page.next, turns + 1
            assert turns <= 50, f"a cursor led back to what was read before, so the pages have no end: {query}"
            self._stir(ledger, f"{type(query).__name__}_{turns}_{len(ledger.events)}", page.rows)
            now = {row.id: key(row) for row in expected_of(ledger, query)}
            stayed = {id: at for id, at in stayed.items() if now.get(id) == at}
        assert [at for at, _ in met] == sorted({at for at, _ in met}), (
            f"a row came twice, or out of order: {query}"
        )
        found = [id for _, id in met]
        assert {id: found.count(id) for id in stayed} == dict.fromkeys(stayed, 1), query

    @staticmethod
    def _stir(ledger: Ledger, mark: str, rows: Any) -> None:
        """Something new before and behind, and the last row met leaves where it stood."""
        ledger.now += timedelta(seconds=1)
        steps = [contact(f"ct_0{mark}"), contact(f"ct_z{mark}"), effect(f"ef_0{mark}"), effect(f"ef_z{mark}")]
        ledger.commit(*steps, conversation(f"cv_0{mark}", contact=f"ct_0{mark}"))
        ledger.commit(*ledger.heard(f"cv_0{mark}", "novo boleto"))
        last = rows[-1].id
        if last.startswith("cv_") and "." not in last:
            ledger.commit(told(last, Taken(assignee=AgentId("ana")), Closed(reason=ReasonId("done"))))
        elif "." in last:
            body = Private("outra coisa")
            edited = MessageEdited(
                channel=ChannelId("wa"),
                provider_id=f"in-{mark}",
                body=body,
                sent_at=ledger.now,
            )
            ledger.commit(told(last, edited))

    def test_a_cursor_belongs_to_its_query(self) -> None:
        """A cursor of another query, of whatever field it differs in, is an `InvalidValue`.

        When this fails: keep a mark of the whole query in the cursor and compare it; see `search.pages`.
        """
        ledger = town(self.storage())
        cursors = {}
        for query in QUERIES:
            page = turn(ledger.storage, query)(query, limit=1, cursor=None)
            if page.next is not None:
                cursors[query] = page.next
        others: tuple[Query, ...] = (
            *QUERIES,
            ConversationQuery(where=Named("jo", prefix=False)),
            ConversationQuery(where=Reached(("key-0",))),
            ConversationQuery(where=Filled(FieldId("plan"), Private("100M"))),
            ConversationQuery(where=Filled(FieldId("plan"), Private("500M"))),
            MessageQuery(where=Says("boleto", prefix=True)),
            MessageQuery(conversation=HOME, where=Says("boleto")),
            MessageQuery(conversation=ConversationId("cv_B")),
            EffectQuery(state=EffectState.INTENDED),
        )
        for query, cursor in cursors.items():
            for other in others:
                if other != query:
                    with pytest.raises(InvalidValue):
                        turn(ledger.storage, other)(other, limit=1, cursor=cursor)

    @pytest.mark.parametrize("cursor", NO_CURSORS, ids=ascii)
    def test_what_is_no_cursor_is_refused(self, cursor: str) -> None:
        """Something that was never given out, or was cut short, is an `InvalidValue`.

        When this fails: whatever goes wrong when a cursor is read is the caller's mistake, not a failure.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact("ct_a"), conversation(HOME), conversation("cv_c", channel="wb"), effect("ef_1"))
        ledger.commit(*ledger.heard(HOME, "boleto", "boleto"), contact("ct_b"), effect("ef_2"))
        for query in (ConversationQuery(), MessageQuery(), MessageQuery(conversation=HOME), ContactQuery()):
            ask = turn(ledger.storage, query)
            first = ask(query, limit=1, cursor=None).next
            assert first is not None
            for bad in (cursor, first[:-4]):
                with pytest.raises(InvalidValue):
                    ask(query, limit=1, cursor=bad)

    @pytest.mark.parametrize("limit", [0, -1, PAGE_ROWS + 1, True, 1.0, "5", None])
    def test_a_limit_out_of_bounds_is_refused(self, limit: Any) -> None:
        """Wherever a page is asked for, its limit is a whole number from 1 to `PAGE_ROWS`.

        When this fails: `search.pages.check_limit` does it.
        """
        storage = self.storage()
        Ledger(storage).commit(contact("ct_a"))
        for query in (
            ConversationQuery(),
            MessageQuery(),
            MessageQuery(conversation=HOME),
            ContactQuery(),
            EffectQuery(),
        ):
            with pytest.raises(InvalidValue) as caught:
                turn(storage, query)(query, limit=limit, cursor=None)
            assert [problem.path for problem in caught.value.problems] == ["limit"]
        with pytest.raises(InvalidValue):
            storage.stream(ContactId("ct_a"), after=0, limit=limit)
        with pytest.raises(InvalidValue):
            storage.changes(after=None, limit=limit)

    def test_what_matches_is_counted_up_to_a_bound(self) -> None:
        """As many as match, and no more than `at_most`: of conversations and of effects.

        When this fails: the count goes beyond `at_most`, or leaves out a filter, the scope or the condition.
        """
        ledger = town(self.storage())
        for query in QUERIES:
            if isinstance(query, ConversationQuery | EffectQuery):
                there = len(expected_of(ledger, query))
                for most in (0, 1, 2, 3, 50, 1000):
                    count = ledger.storage.count(query, at_most=most)
                    assert count == min(there, most), (query, most)

    def test_messages_are_in_the_order_of_their_numbers(self) -> None:
        """Of one conversation by `seq`, as numbers are ordered: the tenth comes after the ninth. Rule: M4.

        When this fails: messages are ordered by their ids, which are texts.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact("ct_a"), conversation("cv_1"))
        ledger.commit(*ledger.heard("cv_1", *(f"texto {n}" for n in range(1, 13))))
        home = ConversationId("cv_1")
        for newest, numbers in ((False, range(1, 13)), (True, range(12, 0, -1))):
            for where in (None, Says("texto")):
                query = MessageQuery(conversation=home, newest_first=newest, where=where)
                for limit in (1, 4, 5, 200):
                    assert [row.seq for row in walked(ledger.storage, query, limit)] == list(numbers)
        started = MessageQuery(conversation=home, start=9)
        assert [row.id for row in walked(ledger.storage, started)] == [
            message_id(home, n) for n in (9, 10, 11, 12)
        ]
