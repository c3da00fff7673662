"""The storage port held against SQL: what memory answers, a few tables and conditional writes answer too.

What the port leaves to an SQL adapter, learnt from writing this one:

* `changes` must follow the order of commits. A row number does where one writer commits at a time, as here;
  where numbers are drawn before the commit, a reader can pass one that becomes visible later.
* The order of pages ends in the id, by code points: a text column needs a binary collation.
* `due` needs the heads of lanes: an anti-join over the few effects that hold a lane, on an index of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from chatcore import (
    SYSTEM,
    Close,
    Configure,
    ConversationQuery,
    Delivery,
    Desk,
    MessageQuery,
    Order,
    Ports,
    Situation,
    Take,
)
from chatcore.commands import (
    ClaimEffect,
    GrantBonus,
    MergeContacts,
    OpenServiceOrder,
    PinContract,
    SendBoletos,
    SendInvoices,
    SendMessage,
    SettleReview,
)
from chatcore.entities import AtMostOnce, Bonus, Scope
from chatcore.errors import AlreadyAsked, ChatcoreError, Conflict
from chatcore.memory import MemoryStorage
from chatcore.ports import ReadSet, Storage
from chatcore.search import ContactQuery, EffectQuery, Has, Is, Mark, Named, Reached, Says, Trait
from chatcore.vocabulary import AgentId, BoletoId, DepartmentId, EffectState, InvoiceId
from tests.laws.running import CONFIGURATIONS, PHONES
from tests.memory.test_memory_storage import BAD, FIRST, GOOD, change
from tests.office import ANA, MARIA, NOON, PROVIDER, SUE, WHATSAPP, MoodyMessaging, Office, Scene, scripts
from tests.shop import HOME, Shop
from tests.sqlite_storage import SqliteStorage
from tests.worlds import SUPERVISOR, World


@pytest.fixture
def sqlite() -> Iterator[SqliteStorage]:
    storage = SqliteStorage()
    yield storage
    storage.close()


def played(storage: Storage, script: Any) -> tuple[list[object], Scene]:
    """A script played over a storage: what the desk answered."""
    scene = Scene()
    desk = Desk(Ports(storage=storage, messaging={WHATSAPP: MoodyMessaging()}), **scene.options())
    desk.handle(Configure(PROVIDER), by=SYSTEM)
    return scene.play(desk, script), scene


WHERE = (Is(Mark.BLOCKED), Has(Trait.SITUATION, Situation.OPEN) | ~Has(Trait.AGENT, "ana"), Named("m"))
SAID = (Says("oi"), Says("b", prefix=True) & ~Says("oi"), Has(Trait.DIRECTION, "outbound") & Is(Mark.ASSIGNED))

QUERIES: list[tuple[str, Any]] = [
    *(("conversations", ConversationQuery(order=order)) for order in Order),
    *(("conversations", ConversationQuery(situation=s, order=Order.WAITING)) for s in Situation),
    ("conversations", ConversationQuery(assignee=AgentId("sue"), channel=PROVIDER.channels[0].id)),
    ("conversations", ConversationQuery(scope=Scope(assignee=AgentId("ana")))),
    ("conversations", ConversationQuery(scope=Scope(departments=(DepartmentId("support"),), bot=True))),
    ("conversations", ConversationQuery(scope=Scope())),
    *(("conversations", ConversationQuery(waiting=waits, order=Order.IDLE)) for waits in (True, False)),
    *(("contacts", ContactQuery(blocked=blocked)) for blocked in (None, True, False)),
    *(("conversations", ConversationQuery(where=where, order=Order.OPENED)) for where in WHERE),
    *(("contacts", ContactQuery(where=where)) for where in (~Is(Mark.BLOCKED), Named("ma"), Reached(("no",)))),
    *(("messages", MessageQuery(where=where)) for where in (None, *WHERE, *SAID)),
    ("messages", MessageQuery(where=SAID[0], scope=Scope(assignee=AgentId("ana")))),
    *(("effects", EffectQuery(state=state)) for state in (None, *EffectState)),
]


def pages(storage: Any, method: str, query: Any, limit: int) -> list[Any]:
    """Every page of a query, from the first to the last."""
    found, cursor = [], None
    while True:
        page = getattr(storage, method)(query, limit=limit, cursor=cursor)
        found.append(page)
        cursor = page.next
        if cursor is None:
            return found


def changes(storage: Any, limit: int) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        page = storage.changes(after=cursor, limit=limit)
        if not page.rows:
            return found
        found += page.rows
        cursor = page.next


@settings(max_examples=50)
@given(script=scripts())
def test_memory_and_sql_answer_the_same(script: Any) -> None:
    """Law: after any day at the desk, the two storages answer every question of the port alike."""
    memory, sqlite = MemoryStorage(), SqliteStorage()
    try:
        (answers, scene), (others, _) = played(memory, script), played(sqlite, script)
        assert others == answers
        contents = memory.contents()
        keys = ("k1", "k2", "k3")
        for wanted in (
            ReadSet(refs=(*contents.states, "cv_ghost"), workspace_after=0),  # type: ignore[arg-type]
            ReadSet(owners=(*contents.claims, *contents.expiring, "no")),
            ReadSet(tallies=("open:ana", "open:beto", "open:sue", "no"), workspace_after=99),
            ReadSet(lanes=tuple(f"{cv}:messaging" for cv in scene.conversations)),
            *(ReadSet(key=key) for key in keys),
            *(ReadSet(command=command) for command in contents.receipts),
        ):
            assert sqlite.read(wanted) == memory.read(wanted)
        for hours in (-24 * 7, 0, 1, 24 * 7, 24 * 60):
            for limit in (1, 2, 100):
                now = scene.now + timedelta(hours=hours)
                assert sqlite.due(now=now, limit=limit) == memory.due(now=now, limit=limit)
        asked = [
            *QUERIES,
            *(
                ("messages", MessageQuery(conversation=c, newest_first=n, start=start))
                for c in scene.conversations
                for n in (False, True)
                for start in (None, 1, 2, 99)
            ),
            *(
                ("messages", MessageQuery(conversation=c, newest_first=n, where=where))
                for c in scene.conversations[:2]
                for n in (False, True)
                for where in SAID
            ),
            *(("effects", EffectQuery(conversation=c)) for c in scene.conversations),
            *(("conversations", ConversationQuery(contact=c, order=Order.CLOSED)) for c in scene.contacts),
            *(("conversations", ConversationQuery(contact=c, also=tuple(scene.contacts))) for c in ("ct_no",)),
        ]
        for method, query in asked:
            for limit in (1, 2, 100):
                assert pages(sqlite, method, query, limit) == pages(memory, method, query, limit)
        for _, query in (each for each in asked if each[0] in ("conversations", "effects")):
            for most in (0, 1, 100):
                assert sqlite.count(query, at_most=most) == memory.count(query, at_most=most)
        assert sqlite.head() == memory.head()
        for ref in contents.states:
            for after in (0, 1, 5):
                assert sqlite.stream(ref, after=after, limit=3) == memory.stream(ref, after=after, limit=3)
        assert changes(sqlite, 3) == changes(sqlite, 200) == changes(memory, 7)
        before = NOON + timedelta(minutes=20)
        assert sqlite.forget(before=before) == memory.forget(before=before)
        kept = ReadSet(owners=(*contents.claims, *contents.expiring), key="k1")
        assert sqlite.read(kept) == memory.read(kept)
    finally:
        sqlite.close()


def merged(storage: Any) -> tuple[World, list[Any]]:
    """A day on which one person turns out to be another, while both have something live."""
    world = World(CONFIGURATIONS[8], storage=storage)
    answers: list[Any] = []
    for phone, channels in ((PHONES[0], ("wa", "bot")), (PHONES[2], ("wa", "bot")), (PHONES[3], ("wa",))):
        for channel in channels:
            world.pass_time(timedelta(minutes=1))
            answers.append(world.arrive(phone=phone, channel=channel))
    world.close(answers[0], by=SUPERVISOR)
    world.take(answers[2], by=SUPERVISOR)
    world.do(SendMessage(answers[2], "Oi"), SUPERVISOR, delivery="inline")
    contacts = [world.desk.conversation(answers[n], by=SUPERVISOR).contact for n in (0, 2, 4)]
    answers.append(world.do(MergeContacts(contacts[1], contacts[0]), SUPERVISOR))
    answers.append(world.do(MergeContacts(contacts[0], contacts[2]), SUPERVISOR))
    world.pass_time(timedelta(hours=4))
    answers.append(world.desk.run_due())
    return world, [*answers, contacts]


def test_memory_and_sql_answer_the_same_of_who_was_merged(sqlite: SqliteStorage) -> None:
    """Conversations that went along are with whom they are now, closed ones are found by `also`, and what timed
    work did is the same. Rule: M11, L16."""
    memory = MemoryStorage()
    (_, answers), (_, others) = merged(memory), merged(sqlite)
    assert others == answers
    contacts = answers[-1]
    asked = [
        ConversationQuery(contact=contact, also=also, order=order, waiting=waits)
        for contact in contacts
        for also in ((), tuple(contacts[:1]), tuple(contacts[:2]))
        if contact not in also
        for order in Order
        for waits in (None, True, False)
    ]
    found = {query: pages(memory, "conversations", query, 2) for query in asked}
    assert {query: pages(sqlite, "conversations", query, 2) for query in asked} == found
    assert [sqlite.count(q, at_most=9) for q in asked] == [memory.count(q, at_most=9) for q in asked]
    moved = [
        row.id
        for page in found[ConversationQuery(contact=contacts[2], order=Order.OPENED)]
        for row in page.rows
    ]
    assert moved == [answers[1], answers[2], answers[4]]
    assert changes(sqlite, 5) == changes(memory, 200)
    contents = memory.contents()
    wanted = ReadSet(refs=tuple(contents.states), owners=tuple(contents.claims))
    assert sqlite.read(wanted) == memory.read(wanted)


def served(storage: Any) -> list[Any]:
    """A day on which a customer is found, sent what they owe, and given a bonus that ends in review."""
    shop = Shop(storage=storage, bonus=AtMostOnce())
    answers: list[Any] = []
    cv = shop.taken()
    by_ana: tuple[Any, ...] = (
        PinContract(cv, HOME),
        SendBoletos(cv, (BoletoId("b1"),)),
        SendInvoices(cv, (InvoiceId("n1"),)),
        OpenServiceOrder(cv, "visit", "Sem sinal", "Desde ontem", transcript=True),
    )
    answers += [shop.desk.handle(command, by=ANA) for command in by_ana]
    bonus = GrantBonus(cv, HOME, Bonus.amount("10"), "Ficou sem sinal")
    answers.append(shop.desk.handle(bonus, by=ANA, delivery=Delivery.LATER))
    [effect] = answers[-1].effects
    shop.desk.handle(ClaimEffect(effect), by=SYSTEM)
    for _ in range(4):
        shop.pass_time(hours=1)
        answers.append(shop.desk.run_due())
    answers.append(shop.desk.overview(by=SUE))
    answers.append(shop.desk.reviews(by=SUE))
    with pytest.raises(AlreadyAsked) as refused:
        shop.desk.handle(bonus, by=ANA)
    answers.append(refused.value.document())
    answers.append(shop.desk.handle(SettleReview(effect, False, "Não está no extrato"), by=SUE))
    answers.append(shop.desk.handle(bonus, by=ANA))
    answers.append([request.key for request in (*shop.billing.bonuses, *shop.contracts.orders)])
    return answers


def test_memory_and_sql_answer_the_same_of_what_was_asked(sqlite: SqliteStorage) -> None:
    """Demands, guards, evidence and reviews are kept, counted and found alike. Rule: B8, B11."""
    memory = MemoryStorage()
    answers, others = served(memory), served(sqlite)
    assert others == answers
    contents = memory.contents()
    assert [key for key in contents.claims if key.startswith("bonus:")]
    wanted = ReadSet(refs=tuple(contents.states), owners=tuple(contents.claims))
    assert sqlite.read(wanted) == memory.read(wanted)
    asked = [EffectQuery(state=state) for state in (None, *EffectState)]
    asked += [EffectQuery(conversation=ref, state=EffectState.SUCCEEDED) for ref in contents.states]  # type: ignore[arg-type]
    for query in asked:
        assert pages(sqlite, "effects", query, 2) == pages(memory, "effects", query, 2)
        for most in (0, 1, 2, 100):
            assert sqlite.count(query, at_most=most) == memory.count(query, at_most=most)
    assert memory.count(EffectQuery(), at_most=100) > 5
    assert changes(sqlite, 5) == changes(memory, 200)


def test_a_day_passes_over_sql(sqlite: SqliteStorage) -> None:
    """The whole way of a conversation, and what is refused on it, over SQL alone."""
    office = Office(storage=sqlite)  # type: ignore[arg-type]
    cv = office.taken()
    with pytest.raises(ChatcoreError, match="ana"):
        office.desk.handle(Take(cv), by=SUE)
    office.desk.handle(Close(cv, PROVIDER.reasons[0].id), by=ANA)
    assert office.sent == ["Até logo!"]
    assert office.waiting() != cv
    assert office.waiting() == office.waiting(f"+{MARIA}")


@pytest.mark.parametrize(("bad", "error"), BAD)
def test_sql_keeps_what_apply_must_keep(sqlite: SqliteStorage, bad: dict[str, Any], error: Conflict) -> None:
    """Each failing check of a change set rolls the whole of it back, with the very Conflict memory gives."""
    sqlite.apply(FIRST)
    before = list(sqlite.connection.iterdump())
    with pytest.raises(type(error)) as caught:
        sqlite.apply(change(**{"key": "new", **GOOD, **bad}))
    assert vars(caught.value) == vars(error)
    assert list(sqlite.connection.iterdump()) == before
    sqlite.apply(change(**GOOD))


def statements(sqlite: SqliteStorage, act: Any) -> list[str]:
    """The first words of each SQL statement that something runs."""
    traced: list[str] = []
    sqlite.connection.set_trace_callback(traced.append)
    try:
        act()
    finally:
        sqlite.connection.set_trace_callback(None)
    return [" ".join(sql.split()[:3]) for sql in traced]


@pytest.mark.parametrize("key", [None, "k"])
def test_the_statements_of_a_take(sqlite: SqliteStorage, key: str | None) -> None:
    """A Take runs 11 SQL statements, 12 with an idempotency key; without BEGIN and COMMIT, 7 and 8.

    Read: BEGIN; the conversation, with the workspace if newer; the agent's count; [the key's receipt]; COMMIT.
    Apply: BEGIN; the receipt; the conversation where its version is the one seen; its event; the workspace's
    version compared; the agent's count where it has room; COMMIT. The number does not grow with what is stored.
    """
    office = Office(storage=sqlite)  # type: ignore[arg-type]
    for n in range(20):
        office.arrive(f"55119123456{n:02d}")
    cv = office.waiting()
    ran = statements(sqlite, lambda: office.desk.handle(Take(cv), by=ANA, key=key))
    by_key = [] if key is None else ["SELECT body FROM"]
    assert ran == [
        "BEGIN DEFERRED",
        "SELECT ref, body,",
        "SELECT key, count",
        *by_key,
        "COMMIT",
        "BEGIN IMMEDIATE",
        "INSERT INTO receipts",
        "UPDATE states SET",
        "INSERT INTO events",
        "SELECT version FROM",
        "INSERT INTO tallies",
        "COMMIT",
    ]
    assert len(ran) == (11 if key is None else 12)


def test_a_refused_take_only_reads(sqlite: SqliteStorage) -> None:
    """A refusal runs 4 statements, and none of them writes."""
    office = Office(storage=sqlite)  # type: ignore[arg-type]
    cv = office.taken()

    def act() -> None:
        with pytest.raises(ChatcoreError):
            office.desk.handle(Take(cv), by=SUE)

    assert statements(sqlite, act) == ["BEGIN DEFERRED", "SELECT ref, body,", "SELECT key, count", "COMMIT"]


def test_due_work_is_found_by_an_index(sqlite: SqliteStorage) -> None:
    """Neither what is due nor the heads of lanes is found by looking at everything."""
    traced: list[str] = []
    sqlite.connection.set_trace_callback(traced.append)
    sqlite.due(now=NOON, limit=5)
    sqlite.connection.set_trace_callback(None)
    (sql,) = traced
    plan = [row[3] for row in sqlite.connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert any("INDEX due" in step for step in plan), plan
    assert any("INDEX lanes" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
