"""Pages: a cursor goes on after one row, for one query; nobody else's is taken."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities import Scope
from chatcore.errors import InvalidValue
from chatcore.limits import PAGE_ROWS
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    Documented,
    EffectQuery,
    Filled,
    Has,
    MessageQuery,
    Named,
    Numbered,
    Order,
    Page,
    Reached,
    Says,
    Trait,
    matches,
    sort_key,
)
from chatcore.search.pages import check_limit, cursor_after, position_of
from chatcore.vocabulary import EffectState, Private, Situation
from tests.given import CV, NOW, SECOND, conversation

QUERIES: list[Any] = [
    ConversationQuery(),
    ConversationQuery(order=Order.CLOSED),
    ConversationQuery(situation=Situation.OPEN),
    ConversationQuery(assignee="ana"),
    ConversationQuery(department="ana"),
    ConversationQuery(scope=Scope(assignee="ana")),
    ConversationQuery(scope=Scope()),
    MessageQuery(conversation=CV),
    MessageQuery(conversation=CV, newest_first=True),
    MessageQuery(conversation="cv_2"),
    ContactQuery(),
    ContactQuery(blocked=True),
    *(
        query(where=where)
        for query in (ConversationQuery, ContactQuery, MessageQuery)
        for where in (
            Named("ana"),
            Named("ana", prefix=False),
            ~Named("ana"),
            Named("ana") | Named("beto"),
            Named("ana") & Named("beto"),
            Filled("cpf", Private("1")),
            Filled("cpf", Private("2")),
            Filled("cpf", Decimal(1)),
            Filled("cpf", True),
            Filled("cpf", Private("1")) & Filled("cpf", Private("2")),
            Filled("cpf", Private("2")) & Filled("cpf", Private("1")),
            Filled("cpf", Private("1")) | Filled("cpf", Private("2")),
            Numbered("(11) 98765-4321"),
            Numbered("(11) 98765-4322"),
            Documented("529.982.247-25"),
            Documented("111.444.777-35"),
            Reached(("k1",)),
            Reached(("k2",)),
            Has(Trait.CUSTOMER, "1"),
        )
    ),
    MessageQuery(where=Says("ana")),
    MessageQuery(scope=Scope(assignee="ana")),
    MessageQuery(conversation=CV, start=1),
    EffectQuery(),
    EffectQuery(state=EffectState.REVIEW),
]
printable = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=255)
keys = st.tuples(st.integers(-(2**63) + 1, 2**63 - 1), printable)


def refusal(query: Any, cursor: Any) -> tuple[str, str]:
    with pytest.raises(InvalidValue) as refused:
        position_of(query, cursor)
    (problem,) = refused.value.problems
    return problem.path, problem.code


# --- cursors -------------------------------------------------------------------------------------------------


@given(st.sampled_from(QUERIES), keys)
def test_a_cursor_goes_on_where_it_was_made(query: Any, key: tuple[int, str]) -> None:
    """Law: position_of(q, cursor_after(q, k)) == k; it is ASCII and safe in a URL."""
    cursor = cursor_after(query, key)
    assert position_of(query, cursor) == key
    assert cursor.isascii()
    assert not {*cursor} & {"+", "/", " ", "&", "?", "#"}


@pytest.mark.parametrize("other", QUERIES, ids=range(len(QUERIES)))
def test_a_cursor_belongs_to_its_query(other: Any) -> None:
    """Another query's is refused: about other things, in another order, in another's scope. Rule: P."""
    for query in QUERIES:
        cursor = cursor_after(query, (1, "cv_1"))
        if query == other:
            assert position_of(other, cursor) == (1, "cv_1")
        else:
            assert refusal(other, cursor) == ("cursor", "foreign_cursor")


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_cursor_belongs_to_its_tenant(query: Any) -> None:
    """The same query in another tenant's storage refuses it, without telling whose it is."""
    for tenant in ("", "a", "b", "ab", "\0", "\ud800", "é"):
        cursor = cursor_after(query, (1, "cv_1"), tenant)
        assert position_of(query, cursor, tenant) == (1, "cv_1")
        assert cursor.isascii()
        for other in {"", "a", "b", "ab", "\0", "\ud800", "é"} - {tenant}:
            with pytest.raises(InvalidValue) as refused:
                position_of(query, cursor, other)
            assert [problem.code for problem in refused.value.problems] == ["foreign_cursor"]


@pytest.mark.parametrize("secret", ["52998224725", "98765", "Maria"])
def test_a_cursor_does_not_tell_what_was_asked(secret: str) -> None:
    """It holds a digest of the query, and the row it goes on after."""
    where = Filled("cpf", Private(secret)) | Documented("529.982.247-25") | Numbered("(11) 98765-4321")
    cursor = cursor_after(ContactQuery(where=where | Named(secret)), (1, "ct_1"))
    assert secret.encode() not in base64.urlsafe_b64decode(cursor)


def test_a_stale_cursor_goes_on_where_it_was_made() -> None:
    """The row it was made after may be gone or have moved: what stands after its place comes. Rule: S1."""
    query = ConversationQuery(order=Order.OPENED)
    rows = [conversation(id=f"cv_{n}", opened_at=NOW + n * SECOND) for n in range(6)]
    first = page(query, rows, 2, None)
    assert [row.id for row in first.rows] == ["cv_0", "cv_1"]
    moved = [*rows[2:], conversation(id="cv_1", opened_at=NOW + 60 * SECOND), conversation(id="cv_new")]
    assert [row.id for row in page(query, moved, 9, first.next).rows] == [
        "cv_2",
        "cv_3",
        "cv_4",
        "cv_5",
        "cv_1",
    ]
    assert page(query, [], 9, first.next) == Page(())


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


MARK = json.loads(base64.urlsafe_b64decode(cursor_after(ConversationQuery(), (1, "x"))))[0]
GARBAGE = [
    "",
    "x",
    "====",
    "not a cursor",
    "é",
    "\ud800",
    "\0",
    "A" * 1_000_000,
    encoded(None),
    encoded(5),
    encoded("abc"),
    encoded([]),
    encoded([MARK]),
    encoded([MARK, 1]),
    encoded([MARK, 1, "x", 2]),
    encoded([MARK, "1", "x"]),
    encoded([MARK, 1.5, "x"]),
    encoded([MARK, True, "x"]),
    encoded([MARK, None, "x"]),
    encoded([MARK, 1, 2]),
    encoded([MARK, 1, None]),
    encoded([MARK, [1], "x"]),
    encoded([None, 1, "x"]),
    encoded({MARK: 1, "a": 2, "b": 3}),
    base64.urlsafe_b64encode(b"[" * 200_000).decode(),
    base64.urlsafe_b64encode(b"[1," + b"9" * 10_000 + b',"x"]').decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]


@pytest.mark.parametrize("cursor", [*GARBAGE, None, 5, 1.5, b"x", [], {}, object()], ids=lambda c: repr(c)[:20])
def test_what_nobody_made_is_refused(cursor: Any) -> None:
    """Garbage, forged, huge, of another type: one typed error, whatever it is."""
    path, code = refusal(ConversationQuery(), cursor)
    assert path == "cursor"
    assert code in ("not_a_cursor", "foreign_cursor")


@given(keys, st.integers(0, 200), st.characters(), st.sampled_from(["insert", "replace", "drop", "append"]))
def test_a_cursor_that_was_tampered_with_is_refused_or_the_same(
    key: tuple[int, str], place: int, char: str, how: str
) -> None:
    """Law: what is taken for a cursor is just what `cursor_after` would give for that place."""
    query = ConversationQuery()
    cursor = cursor_after(query, key)
    i = place % len(cursor)
    head, tail = cursor[:i], cursor[i:]
    forged = {
        "insert": head + char + tail,
        "replace": head + char + tail[1:],
        "drop": head + tail[1:],
        "append": cursor + char,
    }[how]
    try:
        position = position_of(query, forged)
    except InvalidValue:
        return
    assert cursor_after(query, position) == forged


@given(st.text() | st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_no_text_breaks_it(text: str) -> None:
    """Law: any text is refused in one way."""
    assert refusal(ConversationQuery(), text)[0] == "cursor"


# --- limits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, PAGE_ROWS])
def test_a_page_holds_one_to_its_most(limit: int) -> None:
    """The limit comes back itself."""
    assert check_limit(limit) == limit


@pytest.mark.parametrize("limit", [0, -1, PAGE_ROWS + 1, 10**30, True, 1.0, "1", None, [1]])
def test_any_other_limit_is_refused(limit: Any) -> None:
    """With the most that is allowed."""
    with pytest.raises(InvalidValue) as refused:
        check_limit(limit)
    (problem,) = refused.value.problems
    assert (problem.path, problem.code, problem.limit) == ("limit", "out_of_bounds", PAGE_ROWS)


# --- a walk --------------------------------------------------------------------------------------------------


def page(query: Any, rows: list[Any], limit: int, cursor: str | None) -> Page[Any]:
    """A page as any storage has to give it."""
    keyed = sorted((sort_key(query, row), row) for row in rows if matches(query, row))
    if cursor is not None:
        after = position_of(query, cursor)
        keyed = [(key, row) for key, row in keyed if key > after]
    some = keyed[:limit]
    return Page(tuple(row for _, row in some), cursor_after(query, some[-1][0]) if len(keyed) > limit else None)


@given(
    st.lists(st.integers(0, 3), max_size=12),
    st.integers(1, 5),
    st.sampled_from(Order),
    st.sampled_from([None, Situation.QUEUE]),
)
def test_a_walk_visits_each_once(times: list[int], limit: int, order: Order, situation: Any) -> None:
    """Law: following cursors visits every match once, in order, ties and all; the last page has no next."""
    rows = [
        conversation(
            Situation.QUEUE if n % 3 else Situation.CLOSED,
            id=f"cv_{n}",
            recorded_at=NOW + t * SECOND,
            opened_at=NOW + t * SECOND,
            waiting_since=None,
            queued_at=None,
        )
        for n, t in enumerate(times)
    ]
    query = ConversationQuery(order=order, situation=situation)
    walked: list[Any] = []
    cursor = None
    while True:
        one = page(query, rows, limit, cursor)
        assert len(one.rows) <= limit
        walked += one.rows
        cursor = one.next
        if cursor is None:
            break
    expected = sorted((row for row in rows if matches(query, row)), key=lambda row: sort_key(query, row))
    assert walked == expected


def test_a_page_is_a_value() -> None:
    """Rows and the cursor of what follows."""
    assert Page(("a",)) == Page(("a",), None) != Page(("a",), "x")
