"""What is asked of a database is answered as `matches` and `sort_key` say, by its indexes, in one statement."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest
from chatcore_sqlalchemy import SqlStorage
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, text
from town import MOMENTS, NOON, States, everyone, leaves, questions, reference, walked, write

from chatcore.entities import Contact, Conversation, Edit, Extras, Message, Scope
from chatcore.errors import InvalidValue
from chatcore.search import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    ContactQuery,
    ConversationQuery,
    Documented,
    EffectQuery,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Not,
    Nothing,
    Numbered,
    Order,
    Query,
    Reached,
    Says,
    Trait,
    When,
)
from chatcore.text import words_of
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    EffectState,
    MessageId,
    Private,
    Situation,
)

SEEDS = (1, 2)
KINDS = (ConversationQuery, MessageQuery, ContactQuery)


class Town:
    """A tenant's storage, and what is in it."""

    def __init__(self, engine: Engine, tenant: str, seed: int) -> None:
        self.engine = engine
        self.tenant = tenant
        self.storage = SqlStorage(engine, tenant)
        self.states: States = everyone(seed)
        write(self.storage, self.states.values())

    def change(self, *states: Any) -> None:
        """Write things anew, one version on."""
        write(self.storage, states)
        self.states |= {state.id: state for state in states}

    def check(self, query: Query, limit: int = 7) -> int:
        """See that all pages of a query, and its count, are right; say how many rows there are."""
        wanted = reference(self.states, query)
        found = walked(self.storage, query, limit)
        assert [row.id for row in found] == [row.id for row in wanted], query
        assert found == wanted
        if isinstance(query, ConversationQuery | EffectQuery):
            for bound in (1_000,) if limit == 200 else (3, 1_000):
                assert self.storage.count(query, at_most=bound) == min(bound, len(wanted)), query
        return len(wanted)


@pytest.fixture(scope="module", params=["sqlite", "read_committed"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database of each kind, with the tables."""
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def towns(engine: Engine) -> tuple[Town, ...]:
    """Two tenants in one database, full of things by the same ids: what is asked of one is not the other's."""
    return tuple(Town(engine, f"town of {seed}", seed) for seed in SEEDS)


@pytest.fixture
def town(engine: Engine, tenant: str) -> Town:
    """A tenant of this test's own."""
    return Town(engine, tenant, 3)


# --- what is found -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", Order)
def test_conversations_come_in_every_order(towns: tuple[Town, ...], order: Order) -> None:
    """In each situation and in all of them, whatever ties; a page goes on where the last ended. Rule: S1."""
    for town, situation in itertools.product(towns, (None, *Situation)):
        assert town.check(ConversationQuery(order=order, situation=situation), limit=4)


FIELDS: tuple[dict[str, Any], ...] = (
    {"assignee": AgentId("ana")},
    {"assignee": AgentId("Zoé"), "situation": Situation.OPEN, "order": Order.WAITING},
    {"department": DepartmentId("support")},
    {"channel": ChannelId("site")},
    {"contact": ContactId("ct_1")},
    {"contact": ContactId("ct_5"), "also": (ContactId("ct_3"), ContactId("ct_4"), ContactId("ct_5"))},
    {"contact": ContactId("ct_5"), "also": (ContactId("ct_8"),), "situation": Situation.CLOSED},
    {"waiting": True},
    {"waiting": False, "situation": Situation.QUEUE},
    {"scope": Scope()},
    {"scope": Scope(assignee=AgentId("ana"))},
    {"scope": Scope(assignee=AgentId("nobody"))},
    {"scope": Scope(departments=(DepartmentId("sales"), DepartmentId("billing")))},
    {"scope": Scope(waiting=(DepartmentId("sales"),))},
    {"scope": Scope(bot=True)},
    {"scope": Scope(assignee=AgentId("beto"), waiting=(DepartmentId("support"),), bot=True)},
)


@pytest.mark.parametrize("fields", FIELDS, ids=range(len(FIELDS)))
def test_each_field_of_a_query_is_asked_for(towns: tuple[Town, ...], fields: dict[str, Any]) -> None:
    """What a person may see is asked for as well, so that nothing else is found, or counted. Rule: P."""
    found = sum(town.check(ConversationQuery(**fields)) for town in towns)
    assert (found > 0) is (fields.get("scope") not in (Scope(), Scope(assignee=AgentId("nobody"))))


@pytest.mark.parametrize("kind", KINDS)
def test_each_condition_and_its_opposite_are_exact(towns: tuple[Town, ...], kind: Any) -> None:
    """No condition finds too much or too little, and none needs a second look. Rule: S2, S6, C9, M11."""
    town = towns[0]
    everything = len(reference(town.states, kind()))
    for leaf in leaves(kind):
        found = town.check(kind(where=leaf), limit=200)
        assert town.check(kind(where=Not(leaf)), limit=200) == everything - found


def test_whatever_is_asked_is_answered(towns: tuple[Town, ...]) -> None:
    """Queries of any fields, conditions and scopes, page by page. Rule: S2, S6, M4, M11, P."""

    @given(query=questions(), limit=st.integers(1, 60), which=st.integers(0, len(SEEDS) - 1))
    def ask(query: Any, limit: int, which: int) -> None:
        towns[which].check(query, limit)

    ask()


@pytest.mark.parametrize("state", [None, *EffectState])
def test_effects_are_found_by_state_and_conversation(
    towns: tuple[Town, ...], state: EffectState | None
) -> None:
    """Each one, by id; those of one conversation, or of none that is known."""
    for town, home in itertools.product(towns, (None, "cv_0", "cv_1", "cv_99")):
        town.check(EffectQuery(state=state, conversation=None if home is None else ConversationId(home)))


@pytest.mark.parametrize("newest_first", [False, True])
def test_messages_of_a_conversation_are_read_both_ways(towns: tuple[Town, ...], newest_first: bool) -> None:
    """By their numbers, ten after nine, from any of them on. Rule: M4."""
    homes = [id for id, state in towns[0].states.items() if isinstance(state, Conversation)]
    for home, start in itertools.product(homes[:6], (None, 1, 3, 10)):
        towns[0].check(
            MessageQuery(conversation=ConversationId(home), newest_first=newest_first, start=start), limit=2
        )


# --- what moves ----------------------------------------------------------------------------------------------


def test_a_message_is_found_by_what_it_says_now(town: Town) -> None:
    """An edit replaces the words it is found by; what was taken back is found by none. Rule: M18, S6."""
    first, second = [state for state in town.states.values() if isinstance(state, Message)][:2]
    edits = (Edit(NOON + timedelta(days=1), Private("Tempestade à vista")),)
    said, gone = MessageQuery(where=Says("tempestade")), MessageQuery(where=Says("vista", prefix=True))
    assert town.check(said) == 0
    for state in (first, second):
        town.change(attrs.evolve(state, version=2, extras=Extras(edits=edits)))
    assert town.check(said) == town.check(gone) == 2
    town.change(attrs.evolve(first, version=3, extras=Extras(edits=edits, revoked_at=NOON)))
    town.change(attrs.evolve(second, version=3, extras=Extras()))
    assert town.check(said) == town.check(gone) == 0
    for word in ("boleto", "via", "pago"):
        town.check(MessageQuery(where=Says(word)))


def test_a_contact_is_found_by_who_they_are_now(town: Town) -> None:
    """After a new name, and after two merges in a row, whichever was written first. Rule: M11, S2."""
    states = town.states

    def now(id: str, **changes: Any) -> Contact:
        state = states[ContactId(id)]
        assert isinstance(state, Contact)
        return attrs.evolve(state, version=state.version + 1, **changes)

    def asked() -> int:
        found = [
            Named("tempestade"),
            Has(Trait.CONTACT, "ct_10"),
            Has(Trait.CONTACT, "ct_12"),
            Reached(("Key 11",)),
        ]
        return sum(
            town.check(ConversationQuery(where=each)) + town.check(MessageQuery(where=each)) for each in found
        )

    town.change(now("ct_10", name=Private("Tempestade")))
    asked()
    address = states[ContactId("ct_10")].addresses  # type: ignore[union-attr]
    gone = now("ct_10", addresses=(), merged_into=ContactId("ct_11"))
    kept = now("ct_11", addresses=(*states[ContactId("ct_11")].addresses, *address), merged=(gone.id,))  # type: ignore[union-attr]
    town.change(gone, kept)
    asked()
    last = now("ct_12", addresses=kept.addresses, merged=(gone.id, kept.id), name=Private("Tempestade"))
    town.change(last, now("ct_11", addresses=(), merged=(), merged_into=last.id))
    assert asked()
    town.change(now("ct_10"))
    assert asked()


# --- what is refused, and what is strange --------------------------------------------------------------------


@pytest.mark.parametrize(
    "leaf", [Numbered("(11) 98765-4321"), Documented("529.982.247-25")], ids=["number", "document"]
)
def test_what_only_a_desk_can_tell_is_refused(towns: tuple[Town, ...], leaf: Condition) -> None:
    """A storage is not asked for a number or a document, and does not guess. Rule: M11, R5."""
    for query in (ConversationQuery(where=~leaf), MessageQuery(where=leaf), ContactQuery(where=leaf)):
        with pytest.raises(InvalidValue):
            walked(towns[0].storage, query, 5)


HOSTILE = (
    "".join(map(chr, (*range(0xF0000, 0xFFFFE), *range(0x100000, 0x10FFFE)))),
    "a" * 65_536,
    "".join(f"{chr(0x3300 + n % 250)}{chr(0x3300 + n // 250)} " for n in range(21_800)),
    "\ufdfa" * 9_000,
    "ø" * 65_536,
    "\0 nul \ud800 lone \udfff",
    "% _ ' \" \\ : * & | ! ( ) <-> NEAR AND OR NOT {words} : a^",
    "İstanbul ǅ ß ﬁ ２ª",
)


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_is_taken_and_found(engine: Engine, tenant: str, said: str) -> None:
    """However long, of whatever signs, a message is found by its words, and by no other. Rule: M14, S6."""
    storage = SqlStorage(engine, tenant)
    states = everyone(4)
    like = next(state for state in states.values() if isinstance(state, Message))
    body = Private(said.replace("\ud800", "").replace("\udfff", ""))
    message = attrs.evolve(like, id=MessageId("cv_0.1"), conversation=ConversationId("cv_0"), seq=1, body=body)
    write(storage, [attrs.evolve(message, extras=Extras())])
    words = [word[:500] for word in words_of(said)]
    for word, prefix in itertools.product((words[0], words[-1], f"{words[0]}q"), (False, True)):
        query = MessageQuery(where=Says(word, prefix=prefix))
        wanted = reference({message.id: attrs.evolve(message, extras=Extras())}, query)
        assert walked(storage, query, 5) == wanted


def test_a_condition_may_be_as_large_as_it_gets(towns: tuple[Town, ...]) -> None:
    """Fifty parts, and twenty combinations inside one another. Rule: S6."""
    wide: list[Condition] = [
        Says("boleto pago"),
        Named("jo"),
        Is(Mark.BLOCKED),
        Says("via", prefix=True),
        Nothing(),
    ]
    deep: Condition = Says("never")
    for n in range(19):
        deep = (AllOf, AnyOf)[n % 2]((wide[n % 2], deep))
    many = Says(" ".join(["boleto"] * 20))
    for where in (AnyOf(tuple(wide * 10)), AllOf(tuple(wide * 10)), deep, Not(deep), AnyOf((many,) * 50)):
        towns[0].check(MessageQuery(where=where), limit=50)


# --- how it is found -----------------------------------------------------------------------------------------


@pytest.fixture
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that were run."""
    statements: list[tuple[str, Any]] = []

    def note(_: Connection, __: Any, statement: str, values: Any, *___: Any) -> None:
        if statement.lstrip("(").startswith("SELECT"):
            statements.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def plan(engine: Engine, statement: str, values: Any) -> str:
    """How a database goes about a statement."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        else:
            for way in (
                "seqscan",
                "bitmapscan",
                "sort",
            ):  # What is left is taken only where nothing else will do.
                connection.execute(text(f"SET LOCAL enable_{way} = off"))
            explained = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", values)
        lines = "\n".join(str(row[-1]) for row in explained)
        connection.rollback()
    return lines


_SALES = Scope(assignee=AgentId("ana"), departments=(DepartmentId("sales"), DepartmentId("support")))

PLANS: dict[str, tuple[Query, str]] = {
    **{
        f"{order.value}, {situation}": (
            ConversationQuery(order=order, situation=situation),
            f"conversations_by_{order.value}",
        )
        for order in Order
        for situation in (Situation.QUEUE, None)
    },
    "with a scope": (
        ConversationQuery(situation=Situation.QUEUE, order=Order.WAITING, scope=_SALES),
        "conversations_by_waiting",
    ),
    "of a condition": (
        ConversationQuery(situation=Situation.CLOSED, order=Order.CLOSED, where=Has(Trait.TAG, "vip")),
        "conversations_by_closed",
    ),
    "newest messages": (MessageQuery(), "messages_by_newest"),
    "in a conversation": (
        MessageQuery(conversation=ConversationId("cv_1"), newest_first=True),
        "messages_seq",
    ),
    "since": (
        MessageQuery(where=Between(When.SENT, since=MOMENTS[1])),
        "messages_by_newest",
    ),
    "effects in a state": (EffectQuery(state=EffectState.REVIEW), "effects_state"),
}
"""What is asked, and the index that gives it in order."""


@pytest.mark.parametrize("name", PLANS)
def test_a_page_is_read_off_its_index(engine: Engine, tenant: str, asked: list[Any], name: str) -> None:
    """A page, be it the first one, is a range of an index in its order: nothing is sorted or scanned."""
    query, index = PLANS[name]
    town = Town(engine, tenant, 5)
    asked.clear()
    assert len(walked(town.storage, query, 2)) >= 2, "there is nothing to page through"
    statements = [each for each in asked if "LIMIT" in each[0]]
    for statement, values in (statements[0], statements[1]):
        found = plan(engine, statement, values)
        if engine.dialect.name == "sqlite":
            assert index in found, found
            assert not re.search("TEMP B-TREE|SCAN", found), found
        else:
            assert index in found, found
            assert not re.search(r"(^|->  )(Incremental )?Sort|Seq Scan|Bitmap", found, re.MULTILINE), found


def test_a_page_is_one_statement_that_gives_one_row_more(engine: Engine, tenant: str, asked: list[Any]) -> None:
    """However many conversations there are, as many rows are read as are shown, and one."""
    town = Town(engine, tenant, 6)
    query = ConversationQuery(situation=Situation.CLOSED, order=Order.CLOSED)
    town.storage.conversations(query, limit=3, cursor=None)
    asked.clear()
    page = town.storage.conversations(query, limit=3, cursor=None)
    ((statement, values),) = asked
    assert len(page.rows) == 3
    assert 4 in (values.values() if isinstance(values, dict) else values)
    assert "LIMIT" in statement
