"""Ordered views answer as looking at everything does, whatever moved before, and page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatcore.entities import Conversation, Scope
from chatcore.entities.scope import EVERYTHING, NOTHING
from chatcore.search import (
    Between,
    Condition,
    ConversationQuery,
    Has,
    Is,
    Mark,
    Order,
    Trait,
    When,
    matches,
    sort_key,
)
from chatcore.search.index import blocks, views
from chatcore.search.index.views import OrderedViews, exact
from chatcore.vocabulary import Situation
from tests.given import ANA, NOW, SECOND, changed, conversation

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
AGENTS = ("ana", "beto", "carla")
DEPARTMENTS = ("sup", "fin")


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    """Few rows to a block and few moves to a catching up, so that few conversations meet every case."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_ROWS", 4)
        patch.setattr(views, "FEW", 6)
        yield


class Town:
    """Conversations that move, and the views of them, kept up as a storage would."""

    def __init__(self) -> None:
        self.rows: dict[Any, Conversation] = {}
        self.views = OrderedViews(self.everything, self.rows.get)
        self.now: datetime = NOW
        self.builds = 0

    def everything(self) -> list[Conversation]:
        self.builds += 1
        return list(self.rows.values())

    def put(self, new: Conversation) -> None:
        old = self.rows.get(new.id)
        self.rows[new.id] = new
        self.views.moved(new.id, old)

    def start(self, id: str, department: str = "sup", situation: Situation = QUEUE, **changes: Any) -> None:
        moments = dict.fromkeys(("started_at", "opened_at", "recorded_at"), self.now)
        moments["queued_at"] = None if situation is BOT else self.now
        if situation is CLOSED:
            moments["closed_at"] = self.now
        waiting = None if situation is BOT else self.now
        self.put(
            conversation(
                situation, id=id, department=department, **{"waiting_since": waiting, **moments, **changes}
            )
        )

    def change(self, id: str, **changes: Any) -> None:
        row = self.rows[id]
        self.put(changed(row, version=row.version + 1, recorded_at=self.now, **changes))

    def move(self, kind: str, id: str, agent: str, department: str) -> None:
        """One move of one conversation; what cannot be done to it now starts it, or is not done."""
        if kind == "time":
            self.now += SECOND
        elif id not in self.rows:
            self.start(id, department, BOT if kind == "bot" else QUEUE)
        elif kind == "queue":
            self.change(
                id,
                situation=QUEUE,
                assignee=None,
                queued_at=self.now,
                department=department,
                waiting_since=self.now,
            )
        elif kind == "take":
            self.change(id, situation=OPEN, assignee=agent, last_assignee=agent, taken_at=self.now)
        elif kind == "assign":
            self.change(id, situation=OPEN, assignee=agent, taken_at=self.now, department=department)
        elif kind == "close":
            self.change(id, situation=CLOSED, assignee=None, reason="moved", closed_at=self.now, closed_by=ANA)
        elif kind == "reopen":
            self.change(id, situation=QUEUE, assignee=None, opened_at=self.now, queued_at=self.now)
        elif kind == "answer":
            self.change(id, waiting_since=None)
        elif kind == "nothing":
            self.put(changed(self.rows[id], version=self.rows[id].version + 1))

    def means(self, query: ConversationQuery) -> list[Conversation]:
        """What a query means: all that match, sorted."""
        return sorted(
            (row for row in self.rows.values() if matches(query, row)), key=lambda row: sort_key(query, row)
        )

    def page(
        self, query: ConversationQuery, most: int, after: tuple[int, str] | None = None
    ) -> list[Conversation]:
        return self.views.page(query, most, after, lambda row: matches(query, row))

    def walk(self, query: ConversationQuery, rows: int) -> Iterator[list[Conversation]]:
        """Every page of a view, as a storage would give them: one row more tells that there is a next one."""
        after = None
        while True:
            found = self.page(query, rows + 1, after)
            yield found[:rows]
            if len(found) <= rows:
                return
            after = sort_key(query, found[rows - 1])

    def hold(self, query: ConversationQuery) -> None:
        """Everything that the views answer to a query is what the query means."""
        expected = self.means(query)
        assert self.page(query, 99) == expected
        for at_most in (2, 99):
            accept = None if exact(query) else lambda row: matches(query, row)
            assert self.views.count(query, at_most, accept) == min(len(expected), at_most)


MOVES = ("start", "bot", "queue", "take", "assign", "close", "reopen", "answer", "nothing", "time", "time")
IDS = tuple(f"cv_{n}" for n in range(9))
agents, departments = st.sampled_from(AGENTS), st.sampled_from(DEPARTMENTS)
moves = st.tuples(st.sampled_from(MOVES), st.sampled_from(IDS), agents, departments)
scopes = st.sampled_from((EVERYTHING, EVERYTHING, NOTHING)) | st.builds(
    Scope,
    assignee=st.none() | agents,
    departments=st.lists(departments, max_size=2).map(tuple),
    waiting=st.lists(departments, max_size=2).map(tuple),
    bot=st.booleans(),
)
leaves: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Has, st.just(Trait.AGENT), agents),
    st.builds(Has, st.just(Trait.DEPARTMENT), departments),
    st.builds(Has, st.just(Trait.SITUATION), st.sampled_from(Situation)),
    st.builds(Has, st.just(Trait.CHANNEL), st.sampled_from(("wa", "other"))),
    st.sampled_from(Mark).map(Is),
    st.just(Between(When.ACTIVE, since=NOW + SECOND)),
)
conditions = leaves | st.one_of(
    st.tuples(leaves, leaves).map(lambda two: two[0] & two[1]),
    st.tuples(leaves, leaves).map(lambda two: two[0] | two[1]),
    leaves.map(lambda leaf: ~leaf),
)
queries = st.builds(
    ConversationQuery,
    situation=st.none() | st.sampled_from(Situation),
    assignee=st.none() | st.none() | agents,
    department=st.none() | departments,
    contact=st.sampled_from((None, None, None, "ct_1", "ct_2")),
    waiting=st.sampled_from((None, None, None, True, False)),
    channel=st.sampled_from((None, None, None, "wa", "other")),
    order=st.sampled_from(Order),
    where=st.none() | st.none() | conditions,
    scope=scopes,
)


# --- what is answered ----------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(st.lists(moves | queries, max_size=60), queries)
def test_whatever_moved_and_was_asked_before_a_view_is_what_the_query_means(
    turns: list[Any], last: ConversationQuery
) -> None:
    """Law: page == sorted(filter(matches, everything)), and count its length. Rule: S1, S2, P."""
    town = Town()
    for turn in (*turns, last):
        if isinstance(turn, ConversationQuery):
            town.hold(turn)
        else:
            town.move(*turn)
    town.hold(last)


@given(st.lists(moves, max_size=40), queries, st.integers(1, 4))
def test_walking_all_pages_meets_each_row_once_and_in_order(
    turns: list[Any], query: ConversationQuery, rows: int
) -> None:
    """Law: when nothing moves, the pages together are the view; all but the last are full."""
    town = Town()
    for turn in turns:
        town.move(*turn)
    pages = list(town.walk(query, rows))
    assert [row for page in pages for row in page] == town.means(query)
    assert all(len(page) == rows for page in pages[:-1])


@given(st.lists(moves, max_size=40), queries, st.integers(1, 4), st.lists(st.lists(moves, max_size=4)))
def test_what_stayed_is_neither_skipped_nor_doubled_while_others_move(
    turns: list[Any], query: ConversationQuery, rows: int, meanwhile: list[list[Any]]
) -> None:
    """Law: a row that matched and stood still from the first page to the last is met exactly once."""
    town = Town()
    for turn in turns:
        town.move(*turn)
    stayed = {row.id for row in town.means(query)}
    moving, met = iter(meanwhile), []
    for page in town.walk(query, rows):
        met += [row.id for row in page]
        for turn in next(moving, ()):
            before = town.rows.get(turn[1])
            town.move(*turn)
            if town.rows.get(turn[1]) is not before:
                stayed.discard(turn[1])
    for id in stayed:
        assert met.count(id) == 1


@given(st.lists(moves, max_size=30), queries, st.tuples(st.integers(), st.text(max_size=4)))
def test_any_position_may_be_gone_on_after(
    turns: list[Any], query: ConversationQuery, after: tuple[int, str]
) -> None:
    """A cursor's row may be gone, or never have been."""
    town = Town()
    for turn in turns:
        town.move(*turn)
    for start in (after, *(sort_key(query, row) for row in town.rows.values())):
        beyond = [row for row in town.means(query) if sort_key(query, row) > start]
        assert town.page(query, 3, start) == beyond[:3]


@settings(max_examples=50)
@given(st.lists(moves, min_size=1, max_size=40), queries)
def test_without_a_filter_nothing_that_matches_is_missing_and_all_is_in_order(
    turns: list[Any], query: ConversationQuery
) -> None:
    """Who filters elsewhere gets all candidates; of an exact view nothing else."""
    town = Town()
    for turn in turns:
        town.move(*turn)
    found = town.views.page(query, 99)
    keys = [sort_key(query, row) for row in found]
    assert keys == sorted(set(keys))
    assert [row for row in found if matches(query, row)] == town.means(query)
    if exact(query):
        assert found == town.means(query)
    assert town.views.count(query, 99) == len(found)


SCOPES = [
    EVERYTHING,
    *(
        Scope(assignee=agent, departments=departments, waiting=waiting, bot=bot)
        for agent in (None, "ana")
        for departments in ((), ("sup",), ("fin", "sup"))
        for waiting in ((), ("sup",), ("fin", "fin"))
        for bot in (False, True)
    ),
]


@pytest.mark.parametrize("scope", SCOPES, ids=range(len(SCOPES)))
def test_every_scope_with_all_that_a_query_can_fix_is_answered(scope: Scope) -> None:
    """Nobody is shown, or counted, what they may not see; and all of what they may. Rule: P, S1."""
    town = Town()
    for department in DEPARTMENTS:
        for kind in ("start", "bot"):
            town.move(kind, f"cv_{department}{kind}", "ana", department)
        for had, has in (("ana", "ana"), ("ana", "beto"), ("beto", "ana"), ("beto", "beto")):
            for end in ("open", "close", "reopen"):
                id = f"cv_{department}{had}{has}{end}"
                for kind, agent in (("start", had), ("take", had), ("assign", has), (end, has)):
                    town.move(kind, id, agent, department)
                    town.move("time", id, agent, department)
    for situation in (None, *Situation):
        for department in (None, *DEPARTMENTS):
            for assignee in (None, "ana", "beto"):
                town.hold(
                    ConversationQuery(
                        situation=situation, department=department, assignee=assignee, scope=scope
                    )
                )


@pytest.mark.parametrize("situation", [None, *Situation])
@pytest.mark.parametrize("order", Order)
def test_rows_of_one_moment_go_by_id_in_every_view(order: Order, situation: Situation | None) -> None:
    """Whatever the order, also newest first, ties go by ascending id, over many blocks."""
    town = Town()
    for n in (7, 3, 9, 1, 5, 0, 8, 2, 6, 4):
        for s in (situation,) if situation else Situation:
            town.start(f"cv_{n}{s.value}", situation=s)
    query = ConversationQuery(situation=situation, order=order)
    met = [row.id for page in town.walk(query, 3) for row in page]
    assert met == sorted(town.rows)


# --- which views are exact -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"situation": QUEUE}, True),
        ({"department": "sup"}, True),
        ({"situation": CLOSED, "department": "sup"}, True),
        ({"assignee": "ana"}, True),
        ({"assignee": "ana", "situation": OPEN}, True),
        ({"assignee": "ana", "situation": QUEUE}, True),
        ({"assignee": "ana", "department": "sup"}, False),
        ({"assignee": "ana", "scope": Scope(assignee="ana")}, True),
        ({"assignee": "ana", "scope": Scope(assignee="beto")}, False),
        ({"waiting": True}, False),
        ({"channel": "wa"}, False),
        ({"contact": "ct_1"}, False),
        ({"where": Has(Trait.AGENT, "ana")}, False),
        ({"scope": NOTHING}, True),
        ({"scope": Scope(assignee="ana", departments=("sup", "fin"))}, True),
        ({"scope": Scope(assignee="ana", departments=("sup",)), "department": "fin"}, False),
        ({"scope": Scope(waiting=("sup",), bot=True), "department": "fin"}, True),
    ],
)
def test_an_exact_view_asks_no_row(fields: dict[str, Any], expected: bool) -> None:
    """What a query fixes and what its scope admits is answered from the order alone. Rule: S1, P."""
    town = Town()
    for n, id in enumerate(IDS):
        town.start(id, DEPARTMENTS[n % 2], (BOT, QUEUE)[n % 2])
        if n % 3:
            town.move("take", id, AGENTS[n % 2], "sup")
    query = ConversationQuery(**fields)
    assert exact(query) is expected
    asked: list[Conversation] = []

    def accept(row: Conversation) -> bool:
        asked.append(row)
        return matches(query, row)

    assert town.views.page(query, 99, None, accept) == town.means(query)
    assert town.views.count(query, 99, accept) == len(town.means(query))
    assert not (asked and expected)


@pytest.mark.parametrize("trait", ["situation", "department", "agent"])
def test_what_a_condition_asks_for_in_any_case_narrows_what_is_looked_at(trait: str) -> None:
    """A typed ``agente:ana`` is as quick as the view of ana: others' rows are not asked."""
    town = Town()
    for n, id in enumerate(IDS):
        town.start(id, DEPARTMENTS[n % 2])
        if n % 3:
            town.move("take", id, AGENTS[n % 2], "sup")
    value = {"situation": "open", "department": "sup", "agent": "ana"}[trait]
    query = ConversationQuery(where=Has(Trait(trait), value) & Is(Mark.WAITING))
    found = town.views.page(query, 99)
    assert found
    assert found == [row for row in town.means(ConversationQuery()) if matches(query, row)]
    assert len(found) < len(town.rows)


# --- what it costs -------------------------------------------------------------------------------------------


def test_nothing_is_noted_while_nobody_looks() -> None:
    """Commits before the first view keep nothing for it."""
    town = Town()
    for id in IDS:
        town.start(id)
    assert town.views._noted == {}
    assert town.builds == 0


def test_a_view_is_built_once_and_then_kept_up() -> None:
    """Looking at one view again does not look at everything again, though conversations moved in between."""
    town = Town()
    for n in range(40):
        town.start(f"cv_{n:02}")
    query = ConversationQuery(situation=QUEUE, order=Order.WAITING)
    for n in range(20):
        town.hold(query)
        town.move("take", f"cv_{n:02}", "ana", "sup")
        town.move("answer", f"cv_{n:02}", "ana", "sup")
    town.hold(query)
    assert town.builds == 1


@pytest.mark.parametrize(("size", "caught_up"), [(9, 6), (40, 10)])
def test_a_view_that_nobody_looks_at_is_dropped_when_too_much_has_moved(size: int, caught_up: int) -> None:
    """What is kept for catching up is bounded: by a few moves, or by a share of all conversations."""
    for moved, builds in ((caught_up, 1), (caught_up + 1, 2)):
        town = Town()
        for n in range(size):
            town.start(f"cv_{n:02}")
        query = ConversationQuery(situation=QUEUE)
        town.hold(query)
        for n in range(moved):
            town.move("answer", f"cv_{n % size:02}", "ana", "sup")
        assert len(town.views._noted) == (moved if builds == 1 else 0)
        town.hold(query)
        assert town.builds == builds
        assert town.views._noted == {}


def test_a_view_nobody_looks_at_does_not_grow_while_another_is_looked_at() -> None:
    """It is dropped when it fell behind, and right when it is looked at again."""
    town = Town()
    for n in range(40):
        town.start(f"cv_{n:02}")
    seldom, often = ConversationQuery(department="sup", order=Order.OPENED), ConversationQuery(situation=OPEN)
    town.hold(seldom)
    town.hold(often)
    for n in range(30):
        town.move("take", f"cv_{n:02}", "ana", "fin")
        town.hold(often)
    assert (Order.OPENED, "department") not in town.views._families
    assert town.builds == 2
    town.hold(seldom)
    assert town.builds == 3


def test_counting_uses_what_is_there_whatever_its_order() -> None:
    """The number beside a view is not worth an order of its own."""
    town = Town()
    for id in IDS:
        town.start(id)
    town.hold(ConversationQuery(situation=QUEUE, order=Order.WAITING))
    assert town.views.count(ConversationQuery(situation=QUEUE), 99) == len(IDS)
    assert town.views.count(ConversationQuery(situation=QUEUE), 5) == 5
    assert town.builds == 1
    assert town.views.count(ConversationQuery(department="sup"), 99) == len(IDS)
    assert town.builds == 2


@given(st.lists(moves, max_size=30))
@example([("start", "cv_1", "ana", "sup"), ("take", "cv_1", "ana", "sup")])
def test_what_is_gone_is_in_no_view(turns: list[Any]) -> None:
    """A conversation that `find` knows no more leaves every sequence that it stood in."""
    town = Town()
    asked = [
        ConversationQuery(order=order, **fields)
        for order in (Order.WAITING, Order.CLOSED)
        for fields in ({}, {"assignee": "ana"}, {"scope": Scope(assignee="ana", waiting=("sup",))})
    ]
    for turn in turns:
        town.move(*turn)
        for query in asked:
            town.hold(query)
    for id in list(town.rows):
        town.views.moved(id, town.rows.pop(id))
        for query in asked:
            town.hold(query)
    assert all(not family.sequences for family in town.views._families.values())
