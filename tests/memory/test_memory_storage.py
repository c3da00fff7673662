"""Storage in memory: what `apply` keeps, all or nothing; claims and tallies; what is due; pages; forgetting."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import Outcome
from chatcore.entities import Address, Contact, Conversation, Effect, Scope
from chatcore.errors import ClaimTaken, Conflict, InvalidValue, TallyFull, VersionConflict
from chatcore.events import ContactBlocked, ContactReplaced, Envelope
from chatcore.evolve import evolve
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet, ReadSet, Receipt, TallyChange, Write
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Order
from chatcore.vocabulary import (
    SYSTEM,
    WORKSPACE,
    CommandId,
    ContactId,
    ConversationId,
    EffectId,
    EffectKind,
    EffectState,
    EventId,
    MessageId,
    Private,
    Ref,
    Situation,
)
from tests.office import ANA, NOON, WA, Office

A, B = ContactId("ct_a"), ContactId("ct_b")
COMMANDS = iter(range(10**9))


def contact(id: ContactId = A, version: int = 1, **fields: Any) -> Contact:
    address = Address(f"key-{id}", Private("x"))
    return Contact(id=id, version=version, recorded_at=NOON, addresses=(address,), **fields)


def write(id: ContactId = A, expected: int = 0, **fields: Any) -> Write:
    """A contact's step from one version to the next."""
    version = expected + 1
    event = Envelope(
        EventId(f"ev_{id}.{version}"),
        id,
        version,
        NOON,
        SYSTEM,
        CommandId("cm"),
        None,
        None,
        1,
        ContactBlocked(why=str(version)),
    )
    return Write(id, expected, contact(id, version, **fields), (event,))


def change(command: str | None = None, key: str | None = None, at: datetime = NOON, **parts: Any) -> ChangeSet:
    id = CommandId(command or f"cm_{next(COMMANDS)}")
    return ChangeSet(receipt=Receipt(command=id, recorded_at=at, outcome=Outcome(id), key=key), **parts)


FIRST = change(
    "cm_first",
    "first",
    writes=(write(A), write(B)),
    claims=(("a", A), ("b", B)),
    expiring=(("inbound", A),),
    tallies=(TallyChange("full", 2), TallyChange("shut", 1)),
    seals=(("shut", True),),
)
"""Two contacts, claims of either, a count, a sealed one, and a receipt."""


@pytest.fixture
def storage() -> MemoryStorage:
    """A storage with only the first change set in it."""
    storage = MemoryStorage()
    storage.apply(FIRST)
    return storage


def everything(storage: MemoryStorage) -> Any:
    """All that can be seen of a storage."""
    return (
        storage.contents(),
        storage.changes(after=None, limit=200),
        storage.due(now=NOON, limit=200),
        storage.read(ReadSet(key="new", lanes=("l",), workspace_after=0)),
    )


# --- all or nothing ------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "writes": (write(A, 1), write(ContactId("ct_new"))),
    "reads": ((B, 1), (ContactId("ct_none"), 0)),
    "claims": (("c", A),),
    "releases": (("a", A),),
    "expiring": (("other", A),),
    "tallies": (TallyChange("new", 1, 1), TallyChange("full", -1)),
    "seals": (("new", True), ("shut", False)),
}
BAD: list[tuple[dict[str, Any], Conflict]] = [
    ({"writes": (*GOOD["writes"], write(B, 0))}, VersionConflict(B, 0)),
    ({"writes": (*GOOD["writes"], write(B, 2))}, VersionConflict(B, 2)),
    ({"writes": (write(A, 1), write(ContactId("ct_new"), 3))}, VersionConflict(ContactId("ct_new"), 3)),
    ({"reads": (*GOOD["reads"], (A, 0))}, VersionConflict(A, 0)),
    ({"reads": ((B, 2),)}, VersionConflict(B, 2)),
    ({"reads": ((ContactId("ct_none"), 1),)}, VersionConflict(ContactId("ct_none"), 1)),
    ({"claims": (*GOOD["claims"], ("b", A))}, ClaimTaken("b")),
    ({"claims": (("inbound", B),)}, ClaimTaken("inbound")),
    ({"expiring": (("other", A), ("b", A))}, ClaimTaken("b")),
    ({"expiring": (("inbound", B),)}, ClaimTaken("inbound")),
    ({"releases": (("a", A), ("b", A))}, ClaimTaken("b")),
    ({"tallies": (TallyChange("new", 1, 1), TallyChange("full", 1, 2))}, TallyFull("full")),
    ({"tallies": (TallyChange("new", 2, 1),)}, TallyFull("new")),
    ({"tallies": (TallyChange("shut", 1),), "seals": ()}, TallyFull("shut")),
    ({"command": "cm_first"}, ClaimTaken("command:cm_first")),
    ({"key": "first"}, ClaimTaken("key:first")),
]


@pytest.mark.parametrize(("bad", "error"), BAD, ids=[f"{i}-{e.code}" for i, (_, e) in enumerate(BAD)])
def test_a_change_set_that_fails_one_check_changes_nothing(
    storage: MemoryStorage, bad: dict[str, Any], error: Conflict
) -> None:
    """Whichever of the four guarantees would break, its Conflict says so and all stays as it was."""
    before = everything(storage)
    with pytest.raises(type(error)) as caught:
        storage.apply(change(**{"key": "new", **GOOD, **bad}))
    assert vars(caught.value) == vars(error)
    assert everything(storage) == before


def test_the_same_change_set_passes_when_all_checks_hold(storage: MemoryStorage) -> None:
    """What every failing one above has besides its fault is committed, all of it."""
    storage.apply(change("cm_good", "new", **GOOD))
    contents = storage.contents()
    assert (contents.states[A].version, contents.states[ContactId("ct_new")].version) == (2, 1)
    assert [e.version for e in contents.streams[A]] == [1, 2]
    assert contents.claims == {"b": B, "c": A}
    assert contents.expiring == {"inbound": A, "other": A}
    assert contents.tallies == {"full": 1, "shut": 1, "new": 1}
    assert contents.sealed == {"new"}
    assert set(contents.receipts) == {"cm_first", "cm_good"}
    assert storage.read(ReadSet(key="new")).receipt == contents.receipts[CommandId("cm_good")]
    assert storage.read(ReadSet(command=CommandId("cm_good"))).committed is not None


def test_one_set_that_claims_a_key_for_two_owners_is_refused(storage: MemoryStorage) -> None:
    """A key has one owner, also within one set, and also between what expires and what does not."""
    sets: list[dict[str, Any]] = [
        {"claims": (("k", A), ("k", B))},
        {"expiring": (("k", A), ("k", B))},
        {"claims": (("k", A),), "expiring": (("k", B),)},
    ]
    for parts in sets:
        before = everything(storage)
        with pytest.raises(ClaimTaken):
            storage.apply(change(**parts))
        assert everything(storage) == before


def test_one_set_that_moves_a_count_twice_is_held_to_its_bound(storage: MemoryStorage) -> None:
    """A bound holds for what a set adds up to."""
    before = everything(storage)
    with pytest.raises(TallyFull):
        storage.apply(change(tallies=(TallyChange("t", 1, 1), TallyChange("t", 1, 1))))
    assert everything(storage) == before


def test_a_snapshot_does_not_change_afterwards(storage: MemoryStorage) -> None:
    """What was read stays what it was at that moment."""
    wanted = ReadSet(refs=(A,), owners=("b",), tallies=("full",))
    snapshot, contents = storage.read(wanted), storage.contents()
    copy, sealed = attrs.asdict(snapshot, recurse=False), contents.sealed
    storage.apply(
        change(
            writes=(write(A, 1),),
            releases=(("b", B),),
            tallies=(TallyChange("full", -2),),
            seals=(("x", True),),
        )
    )
    assert attrs.asdict(snapshot, recurse=False) == copy
    assert (contents.sealed, contents.states[A].version, len(contents.streams[A])) == (sealed, 1, 1)


# --- claims --------------------------------------------------------------------------------------------------


def test_claiming_again_what_one_has_does_nothing(storage: MemoryStorage) -> None:
    """Adding a claim its owner has, or releasing one nobody has, is harmless."""
    before = storage.contents()
    storage.apply(change(claims=(("a", A),), releases=(("nobody", B),)))
    assert storage.contents().claims == before.claims


def test_a_claim_released_and_made_anew_in_one_set_changes_hands(storage: MemoryStorage) -> None:
    """What one owner releases another may claim in the same set, and none stands in between."""
    storage.apply(change(releases=(("a", A),), claims=(("a", B),)))
    assert storage.contents().claims["a"] == B
    storage.apply(change(releases=(("a", B),), claims=(("a", B),)))
    assert storage.contents().claims["a"] == B


def test_nobody_releases_anothers_claim(storage: MemoryStorage) -> None:
    """A release by another than the owner leaves the claim where it is."""
    with pytest.raises(ClaimTaken):
        storage.apply(change(releases=(("a", B),), claims=(("a", B),)))
    assert storage.contents().claims["a"] == A


def test_owners_are_read_with_their_states(storage: MemoryStorage) -> None:
    """A claim names its owner, kept or expiring; one nobody has is left out."""
    snapshot = storage.read(ReadSet(owners=("a", "inbound", "nobody")))
    assert snapshot.owners == {"a": A, "inbound": A}
    assert snapshot.states == {A: contact(A)}


# --- tallies -------------------------------------------------------------------------------------------------


def test_a_bound_is_only_for_what_grows(storage: MemoryStorage) -> None:
    """A count above a bound may shrink; without a bound it may pass any."""
    storage.apply(change(tallies=(TallyChange("full", -1, 0),)))
    storage.apply(change(tallies=(TallyChange("full", 5),)))
    assert storage.read(ReadSet(tallies=("full", "never"))).tallies == {"full": 6, "never": 0}
    storage.apply(change(tallies=(TallyChange("full", 1, 7),)))
    with pytest.raises(TallyFull):
        storage.apply(change(tallies=(TallyChange("full", 1, 7),)))


def test_a_sealed_count_shrinks_and_never_grows(storage: MemoryStorage) -> None:
    """Behind a seal a count may only fall, until the seal is lifted. Rule: L13."""
    storage.apply(change(tallies=(TallyChange("shut", -1),)))
    with pytest.raises(TallyFull):
        storage.apply(change(tallies=(TallyChange("shut", 1, 9),)))
    storage.apply(change(seals=(("never", True),)))
    with pytest.raises(TallyFull):
        storage.apply(change(tallies=(TallyChange("never", 1),)))
    storage.apply(change(seals=(("shut", False),)))
    storage.apply(change(tallies=(TallyChange("shut", 1),)))
    assert storage.contents().tallies["shut"] == 1


def test_a_seal_meets_a_growth_in_either_order(storage: MemoryStorage) -> None:
    """Of a seal and a +1 that race, the one that comes second knows of the first."""
    storage.apply(change(tallies=(TallyChange("t", 1),)))
    storage.apply(change(seals=(("t", True),)))
    assert storage.read(ReadSet(tallies=("t",))).tallies == {"t": 1}
    with pytest.raises(TallyFull):
        storage.apply(change(tallies=(TallyChange("t", 1),)))


# --- forgetting ----------------------------------------------------------------------------------------------


def test_only_what_expires_is_forgotten_and_only_from_before(storage: MemoryStorage) -> None:
    """Expiring claims and receipts go; states, events, claims and counts stay. Rule: M1."""
    later = NOON + timedelta(days=1)
    storage.apply(change("cm_later", "later", later, expiring=(("late", B),)))
    before = storage.contents()
    assert storage.forget(before=NOON) == 0
    assert storage.contents() == before
    assert storage.forget(before=later) == 2
    after = storage.contents()
    assert (after.expiring, set(after.receipts)) == ({"late": B}, {"cm_later"})
    assert attrs.evolve(after, expiring={}, receipts={}) == attrs.evolve(before, expiring={}, receipts={})
    assert storage.read(ReadSet(key="first")).receipt is None
    assert storage.read(ReadSet(key="later")).receipt is not None
    storage.apply(change("cm_first", "first", expiring=(("inbound", B),)))
    assert storage.contents().expiring["inbound"] == B


# --- what is due ---------------------------------------------------------------------------------------------


def effect(
    n: int,
    *,
    version: int = 1,
    state: EffectState = EffectState.INTENDED,
    due: float | None = 0,
    lane: str | None = None,
    position: int = 0,
) -> Effect:
    at = None if due is None else NOON + timedelta(seconds=due)
    return Effect(
        id=EffectId(f"ef_{n:06d}"),
        version=version,
        recorded_at=NOON,
        kind=EffectKind.SEND_MESSAGE,
        state=state,
        channel=WA,
        conversation=None,
        contact=None,
        message=MessageId(f"cv_x.{n + 1}"),
        requested_by=ANA,
        expires_at=NOON + timedelta(days=1),
        lane=lane,
        position=position,
        due_at=at,
        lease_until=at if state is EffectState.IN_FLIGHT else None,
    )


def put(storage: MemoryStorage, *effects: Effect) -> None:
    writes = tuple(Write(e.id, e.version - 1, e, ()) for e in effects)
    storage.apply(change(writes=writes))


def due_ids(storage: MemoryStorage, seconds: float = 0, limit: int = 200) -> list[str]:
    return [e.id for e in storage.due(now=NOON + timedelta(seconds=seconds), limit=limit).effects]


def test_due_effects_come_soonest_first_up_to_the_limit() -> None:
    """Of thousands, the first ones due, in order; and when the next falls due."""
    storage, dice = MemoryStorage(), random.Random(7)
    order = list(range(3000))
    dice.shuffle(order)
    for n in order:
        put(storage, effect(n, due=n))
    due = storage.due(now=NOON + timedelta(seconds=1500), limit=200)
    assert [e.id for e in due.effects] == [f"ef_{n:06d}" for n in range(200)]
    assert due.next_at == NOON + timedelta(seconds=200)
    assert storage.due(now=NOON + timedelta(seconds=1500), limit=200) == due
    none_yet = storage.due(now=NOON - timedelta(seconds=1), limit=200)
    assert (none_yet.effects, none_yet.next_at) == ((), NOON)


def test_an_effect_is_due_from_its_very_moment() -> None:
    """At `due_at` it is due, before it is not; with none it never is."""
    storage = MemoryStorage()
    put(storage, effect(1, due=5), effect(2, due=None, state=EffectState.SUCCEEDED))
    assert due_ids(storage, 4.999999) == []
    assert due_ids(storage, 5) == ["ef_000001"]
    assert storage.due(now=NOON + timedelta(seconds=5), limit=1).next_at is None


def test_only_the_head_of_a_lane_is_due() -> None:
    """In each of a thousand lanes the first that holds it, by position, whatever came first. Rule: M20."""
    storage = MemoryStorage()
    lanes, length = 1000, 4
    for n in reversed(range(lanes * length)):
        put(storage, effect(n, lane=f"l{n % lanes}", position=n // lanes))
    heads = {e.id for e in storage.due(now=NOON, limit=200).effects}
    assert heads <= {f"ef_{n:06d}" for n in range(lanes)}
    assert len(heads) == 200
    wanted = ReadSet(lanes=("l7", "none"))
    for place in range(length):
        n = 7 + place * lanes
        assert storage.read(wanted).heads["l7"].id == f"ef_{n:06d}"
        ended = effect(n, version=2, state=EffectState.SUCCEEDED, due=None, lane="l7", position=place)
        put(storage, ended)
    assert storage.read(wanted).heads == {}


@pytest.mark.parametrize("state", list(EffectState))
def test_what_holds_a_lane_is_intended_or_in_flight(state: EffectState) -> None:
    """Doubts and ends let the next one pass. Rule: M20."""
    storage = MemoryStorage()
    put(storage, effect(1, state=state, due=60, lane="l", position=1), effect(2, lane="l", position=2))
    holds = state in (EffectState.INTENDED, EffectState.IN_FLIGHT)
    assert due_ids(storage) == ([] if holds else ["ef_000002"])


def test_an_effect_that_comes_back_takes_its_place_again() -> None:
    """An earlier one that returns from a doubt stands before the later one again. Rule: M20."""
    storage = MemoryStorage()
    put(storage, effect(1, lane="l", position=1), effect(2, lane="l", position=2))
    put(storage, effect(1, version=2, state=EffectState.UNKNOWN, due=30, lane="l", position=1))
    assert due_ids(storage) == ["ef_000002"]
    put(storage, effect(1, version=3, due=10, lane="l", position=1))
    assert due_ids(storage) == []
    assert due_ids(storage, 10) == ["ef_000001"]
    put(storage, effect(1, version=4, state=EffectState.FAILED, due=None, lane="l", position=1))
    assert due_ids(storage) == ["ef_000002"]


_STATES = st.sampled_from([*EffectState, EffectState.INTENDED, EffectState.INTENDED, EffectState.IN_FLIGHT])


@given(
    steps=st.lists(st.tuples(st.integers(0, 7), _STATES, st.one_of(st.none(), st.integers(0, 5))), max_size=40),
    ask=st.lists(st.tuples(st.integers(-1, 6), st.integers(1, 9)), min_size=1, max_size=4),
)
def test_due_is_what_looking_at_everything_would_find(steps: Any, ask: Any) -> None:
    """Law: whatever states effects went through, `due` and the heads are those of a plain scan."""
    storage = MemoryStorage()
    latest: dict[int, Effect] = {}

    def check() -> None:
        holding = [e for e in latest.values() if e.state in (EffectState.INTENDED, EffectState.IN_FLIGHT)]
        heads: dict[str, EffectId] = {}
        for e in sorted(holding, key=lambda e: (e.position, e.id), reverse=True):
            if e.lane is not None:
                heads[e.lane] = e.id
        found = storage.read(ReadSet(lanes=("l0", "l1"))).heads
        assert {lane: head.id for lane, head in found.items()} == heads
        waits = sorted(
            (e.due_at, e.id)
            for e in latest.values()
            if e.due_at is not None
            and (e.state is not EffectState.INTENDED or e.lane is None or heads[e.lane] == e.id)
        )
        for seconds, limit in ask:
            now = NOON + timedelta(seconds=seconds)
            due = storage.due(now=now, limit=limit)
            expected = [id for at, id in waits if at <= now][:limit]
            assert [e.id for e in due.effects] == expected
            rest = waits[len(expected) :]
            assert due.next_at == (rest[0][0] if rest else None)

    for n, state, seconds in steps:
        old = latest.get(n)
        lane = None if n > 5 else f"l{n % 2}"
        if state is EffectState.IN_FLIGHT:
            seconds = seconds or 0
        latest[n] = effect(
            n, version=old.version + 1 if old else 1, state=state, due=seconds, lane=lane, position=n % 3
        )
        put(storage, latest[n])
        check()


@pytest.mark.parametrize("limit", [0, -1, True, "5", None])
def test_a_limit_that_is_none_is_malformed(limit: Any) -> None:
    """Wherever a page is asked for, its limit is a positive whole number."""
    storage = MemoryStorage()
    calls: list[Callable[[], object]] = [
        lambda: storage.conversations(ConversationQuery(), limit=limit, cursor=None),
        lambda: storage.messages(MessageQuery(conversation=ConversationId("cv_x")), limit=limit, cursor=None),
        lambda: storage.contacts(ContactQuery(), limit=limit, cursor=None),
        lambda: storage.effects(EffectQuery(), limit=limit, cursor=None),
        lambda: storage.stream(A, after=0, limit=limit),
        lambda: storage.changes(after=None, limit=limit),
    ]
    for call in calls:
        with pytest.raises(InvalidValue) as caught:
            call()
        assert caught.value.problems[0].path == "limit"


# --- pages, streams, changes ---------------------------------------------------------------------------------


def test_pages_of_conversations_follow_their_order() -> None:
    """Each order, in pages of any size, is the whole list once, sorted, ties by id."""
    office = Office()
    ids = []
    for n in range(12):
        if n % 3:
            office.pass_time(minutes=1)
        ids.append(office.waiting(f"55119123456{n:02d}"))
    for n in (3, 1, 3):
        office.pass_time(minutes=1)
        office.arrive(f"55119123456{n:02d}")
    orders: dict[Order, Callable[[Conversation], Any]] = {
        Order.WAITING: lambda c: (c.waiting_since, c.id),
        Order.OPENED: lambda c: (c.opened_at, c.id),
        Order.ACTIVITY: lambda c: (-c.recorded_at.timestamp(), c.id),
        Order.IDLE: lambda c: (c.recorded_at, c.id),
    }
    for order, key in orders.items():
        query = ConversationQuery(situation=Situation.QUEUE, order=order)
        for limit in (1, 5, 12, 50):
            rows: list[Conversation] = []
            cursor = None
            while True:
                page = office.storage.conversations(query, limit=limit, cursor=cursor)
                assert len(page.rows) <= limit
                rows += page.rows
                cursor = page.next
                if cursor is None:
                    break
            assert rows == sorted(rows, key=key)
            assert sorted(c.id for c in rows) == sorted(ids)


def test_a_cursor_still_holds_when_the_list_changes() -> None:
    """Rows that move or come in meanwhile neither repeat nor hide those that stay."""
    office = Office()
    ids = [office.waiting(f"55119123456{n:02d}") for n in range(6)]
    query = ConversationQuery(order=Order.OPENED)
    first = office.storage.conversations(query, limit=3, cursor=None)
    office.pass_time(minutes=1)
    newer = office.waiting("5511912345699")
    second = office.storage.conversations(query, limit=10, cursor=first.next)
    assert [c.id for c in (*first.rows, *second.rows)] == [*ids, newer]
    assert second.next is None


def test_messages_come_in_seq_order_from_either_end() -> None:
    """Pages of messages follow `seq`; a conversation nobody knows has none. Rule: M4."""
    office = Office()
    cv = office.waiting()
    for _ in range(6):
        office.arrive()
    for newest_first, expected in ((False, [1, 2, 3, 4, 5, 6, 7]), (True, [7, 6, 5, 4, 3, 2, 1])):
        query = MessageQuery(conversation=cv, newest_first=newest_first)
        for limit in (1, 3, 7, 50):
            seqs: list[int] = []
            cursor = None
            while True:
                page = office.storage.messages(query, limit=limit, cursor=cursor)
                seqs += [m.seq for m in page.rows]
                cursor = page.next
                if cursor is None:
                    break
            assert seqs == expected
    ghost = office.storage.messages(MessageQuery(conversation=ConversationId("cv_no")), limit=5, cursor=None)
    assert (ghost.rows, ghost.next) == ((), None)


def test_messages_are_paged_both_ways_from_one_of_them() -> None:
    """From a start on in either direction, in pages of any size; outside the conversation there is none to skip
    to. Rule: M4."""
    office = Office()
    cv = office.waiting()
    for _ in range(6):
        office.arrive()
    asked: list[tuple[int, bool, list[int]]] = [
        (1, False, [1, 2, 3, 4, 5, 6, 7]),
        (3, False, [3, 4, 5, 6, 7]),
        (7, False, [7]),
        (8, False, []),
        (1, True, [1]),
        (3, True, [3, 2, 1]),
        (7, True, [7, 6, 5, 4, 3, 2, 1]),
        (99, True, [7, 6, 5, 4, 3, 2, 1]),
    ]
    for start, newest_first, expected in asked:
        query = MessageQuery(conversation=cv, start=start, newest_first=newest_first)
        for limit in (1, 2, 7, 50):
            seqs: list[int] = []
            cursor = None
            while True:
                page = office.storage.messages(query, limit=limit, cursor=cursor)
                seqs += [message.seq for message in page.rows]
                cursor = page.next
                if cursor is None:
                    break
            assert seqs == expected, (start, newest_first, limit)


def replaced(storage: MemoryStorage, old: Conversation, contact: ContactId) -> None:
    """A conversation turns out to be with another contact."""
    event = Envelope(
        EventId(f"ev_{old.id}.{contact}"),
        old.id,
        old.version + 1,
        old.recorded_at,
        SYSTEM,
        CommandId("cm"),
        None,
        None,
        1,
        ContactReplaced(contact=contact),
    )
    state = evolve(old, event)
    storage.apply(change(writes=(Write(old.id, old.version, state, (event,)),)))


def test_a_conversation_is_found_with_whom_it_is_now() -> None:
    """Moved to another contact, it is among theirs and not among the old one's; `also` finds it by both names,
    once. Rule: M11."""
    office = Office()
    one, other = office.waiting("5511912345601"), office.waiting("5511912345602")
    a, b = office.state(one).contact, office.state(other).contact
    replaced(office.storage, office.state(one), b)

    def found(**query: Any) -> list[str]:
        return [
            c.id for c in office.storage.conversations(ConversationQuery(**query), limit=9, cursor=None).rows
        ]

    assert found(contact=a) == []
    assert found(contact=b, order=Order.OPENED) == [one, other]
    assert found(contact=a, also=(b,), order=Order.OPENED) == [one, other]
    for also in ((a,), (b,), (a, b), (a, a)):
        assert sorted(found(contact=b, also=also)) == sorted([one, other])
    assert found(contact=ContactId("ct_none"), also=(a,)) == []


@pytest.mark.parametrize("most", [0, 1, 2, 3, 10])
def test_conversations_are_counted_up_to_a_bound(most: int) -> None:
    """What matches counts, of the view, the agent, the contact and who waits; no further than is asked."""
    office = Office()
    mine = office.taken(address="5511912345600")
    others = [office.waiting(f"55119123456{n:02d}") for n in (1, 2)]
    contact = office.state(mine).contact
    queries = [
        (ConversationQuery(), 3),
        (ConversationQuery(situation=Situation.QUEUE), 2),
        (ConversationQuery(assignee=office.state(mine).assignee), 1),
        (ConversationQuery(contact=contact), 1),
        (ConversationQuery(contact=contact, also=(office.state(others[0]).contact,)), 2),
        (ConversationQuery(waiting=True), 3),
        (ConversationQuery(waiting=False), 0),
        (ConversationQuery(scope=Scope()), 0),
    ]
    for query, count in queries:
        assert office.storage.count(query, at_most=most) == min(count, most), query


def test_the_head_stands_behind_everything_committed(storage: MemoryStorage) -> None:
    """After it there is nothing yet; what is committed then is just what is found after it."""
    head = storage.head()
    assert storage.changes(after=head, limit=200).rows == ()
    assert storage.changes(after=None, limit=200).next == head
    storage.apply(change(writes=(write(A, 1),)))
    assert [(e.ref, e.version) for e in storage.changes(after=head, limit=200).rows] == [(A, 2)]
    assert MemoryStorage().changes(after=MemoryStorage().head(), limit=1).rows == ()


def test_a_cursor_belongs_to_its_query() -> None:
    """One made for another query, or by nobody, is refused."""
    office = Office()
    for n in range(3):
        office.waiting(f"55119123456{n:02d}")
    cursor = office.storage.conversations(ConversationQuery(), limit=1, cursor=None).next
    assert cursor is not None
    with pytest.raises(InvalidValue, match="foreign_cursor"):
        office.storage.conversations(ConversationQuery(order=Order.OPENED), limit=1, cursor=cursor)
    for bad in ("", "x", cursor[:-4], "W10=", "é"):
        with pytest.raises(InvalidValue):
            office.storage.conversations(ConversationQuery(), limit=1, cursor=bad)


def test_a_stream_is_read_from_any_version(storage: MemoryStorage) -> None:
    """The events above a version, in order, up to the limit; of nothing there are none."""
    for expected in (1, 2, 3):
        storage.apply(change(writes=(write(A, expected),)))
    assert [e.version for e in storage.stream(A, after=0, limit=200)] == [1, 2, 3, 4]
    assert [e.version for e in storage.stream(A, after=1, limit=2)] == [2, 3]
    assert storage.stream(A, after=4, limit=5) == ()
    assert [e.version for e in storage.stream(A, after=-3, limit=1)] == [1]
    assert storage.stream(ContactId("ct_none"), after=0, limit=5) == ()


def test_changes_go_on_where_they_stopped(storage: MemoryStorage) -> None:
    """Every event once, in order per stream; the last cursor finds what is committed later."""
    first = storage.changes(after=None, limit=1)
    second = storage.changes(after=first.next, limit=200)
    assert [e.ref for e in (*first.rows, *second.rows)] == [A, B]
    assert storage.changes(after=second.next, limit=200).rows == ()
    storage.apply(change(writes=(write(A, 1),)))
    assert [e.version for e in storage.changes(after=second.next, limit=200).rows] == [2]
    for bad in ("", "-1", "x", "１", "9" * 30):
        with pytest.raises(InvalidValue):
            storage.changes(after=bad, limit=1)


def test_the_workspace_is_read_only_when_newer() -> None:
    """A version at or above the one kept brings nothing; None does not ask."""
    office = Office()
    for after, found in ((None, False), (0, True), (1, False), (9, False)):
        assert (office.storage.read(ReadSet(workspace_after=after)).workspace is not None) is found
    assert WORKSPACE in office.contents.states


# --- threads -------------------------------------------------------------------------------------------------


def test_of_many_threads_one_gets_the_last_place() -> None:
    """A count never passes its bound and a key never has two owners, whoever comes at once. Rule: L7."""
    storage = MemoryStorage()
    refs = [ContactId(f"ct_{n}") for n in range(8)]
    storage.apply(change(writes=tuple(write(ref) for ref in refs)))
    start = threading.Barrier(8)
    won: list[tuple[int, Ref]] = []

    def work(ref: ContactId) -> None:
        start.wait()
        for n in range(50):
            parts: dict[str, Any] = {"claims": ((f"k{n}", ref),), "tallies": (TallyChange(f"t{n}", 1, 1),)}
            try:
                storage.apply(change(f"cm_{ref}_{n}", **parts))
            except (ClaimTaken, TallyFull):
                continue
            won.append((n, ref))

    threads = [threading.Thread(target=work, args=(ref,)) for ref in refs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    contents = storage.contents()
    assert sorted(n for n, _ in won) == list(range(50))
    assert contents.claims == {f"k{n}": ref for n, ref in won}
    assert contents.tallies == {f"t{n}": 1 for n in range(50)}
