"""Storage in memory: it keeps what its port promises, sync and async, and shows all it keeps; and what only it
must do: much that is due, many lanes."""

from __future__ import annotations

import random
from copy import copy as copied
from datetime import timedelta

import attrs
import pytest

from chatcore.entities import Effect
from chatcore.events import Cancelled, Claimed, Postponed
from chatcore.memory import MemoryStorage
from chatcore.memory.waiting import AsyncMemoryStorage
from chatcore.ports import ReadSet, TallyChange
from chatcore.testing.machine import storage_machine
from chatcore.testing.suites import StorageSuite
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.testing.suites.storage._steps import contact, effect, renamed, told
from chatcore.vocabulary import ContactId, EffectId


class Tenants:
    """The storages of a process, one for each tenant; as a database has them."""

    def __init__(self) -> None:
        self.storages: dict[str, MemoryStorage] = {}

    def __call__(self, tenant: str) -> MemoryStorage:
        return self.storages.setdefault(tenant, MemoryStorage(tenant))


class TestMemoryStorage(StorageSuite):
    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self.tenants = Tenants()

    def make(self, tenant: str) -> MemoryStorage:
        return self.tenants(tenant)


class TestAsyncMemoryStorage(StorageSuite):
    @pytest.fixture(autouse=True)
    def _empty(self) -> None:
        self.tenants = Tenants()

    async def make(self, tenant: str) -> AsyncMemoryStorage:
        return AsyncMemoryStorage(self.tenants(tenant))


def _machines() -> tuple[type, type]:
    tenants, others = Tenants(), Tenants()
    sync = storage_machine(tenants)
    waiting = storage_machine(lambda tenant: AsyncMemoryStorage(others(tenant)), examples=10)
    return sync.TestCase, waiting.TestCase


TestMachine, TestAsyncMachine = _machines()
"""Against a model that is of the same kind, what this shows is that the machine asks nothing that is not so."""


# --- everything kept -----------------------------------------------------------------------------------------


def test_contents_are_everything_kept() -> None:
    """States, streams, claims that last and that expire, counts, seals and receipts, each by its name."""
    ledger = Ledger(MemoryStorage())
    a, b = ContactId("ct_a"), ContactId("ct_b")
    first = ledger.commit(
        contact(a),
        contact(b),
        key="k",
        claims=(("mine", a),),
        expiring=(("in", b),),
        tallies=(TallyChange("t", 2),),
        seals=(("t", True), ("u", False)),
    )
    second = ledger.commit(renamed(a, "Ana"))
    storage = ledger.storage
    assert isinstance(storage, MemoryStorage)
    contents = storage.contents()
    assert contents.states == ledger.states
    assert contents.streams == {
        ref: tuple(envelope for envelope in ledger.events if envelope.ref == ref) for ref in (a, b)
    }
    assert (contents.claims, contents.expiring) == ({"mine": a}, {"in": b})
    assert (contents.tallies, contents.sealed) == ({"t": 2}, {"t"})
    assert contents.receipts == {each.receipt.command: each.receipt for each in (first, second)}


def test_contents_do_not_change_afterwards() -> None:
    """What was copied stays what it was at that moment."""
    storage = MemoryStorage()
    ledger = Ledger(storage)
    a = ContactId("ct_a")
    ledger.commit(contact(a), claims=(("mine", a),), tallies=(TallyChange("t", 1),))
    contents = storage.contents()
    copy = {name: copied(part) for name, part in attrs.asdict(contents, recurse=False).items()}
    ledger.commit(renamed(a, "Ana"), releases=(("mine", a),), expiring=(("in", a),), seals=(("t", True),))
    assert attrs.asdict(contents, recurse=False) == copy
    assert storage.contents() != contents


def test_storages_of_one_process_share_nothing() -> None:
    """Two storages in memory are two, whatever their tenant."""
    one, other = MemoryStorage("t"), MemoryStorage("t")
    Ledger(one).commit(contact("ct_a"))
    assert other.contents() == MemoryStorage().contents()


# --- what is due, in great numbers ---------------------------------------------------------------------------


def test_of_thousands_that_are_due_the_first_are_found() -> None:
    """Whatever order they came in, and asked again and again."""
    ledger, dice = Ledger(MemoryStorage()), random.Random(7)
    order = list(range(3000))
    dice.shuffle(order)
    for start in range(0, len(order), 100):
        ledger.commit(
            *(effect(f"ef_{n:06d}", due=NOON + timedelta(seconds=n)) for n in order[start : start + 100])
        )
    for _ in range(2):
        due = ledger.storage.due(now=NOON + timedelta(seconds=1500), limit=200)
        assert [e.id for e in due.effects] == [f"ef_{n:06d}" for n in range(200)]
        assert due.next_at == NOON + timedelta(seconds=200)
    none_yet = ledger.storage.due(now=NOON - timedelta(seconds=1), limit=200)
    assert (none_yet.effects, none_yet.next_at) == ((), NOON)


def test_of_a_thousand_lanes_the_heads_are_found() -> None:
    """In each lane the first that holds it, by position, whatever came first. Rule: M20."""
    ledger = Ledger(MemoryStorage())
    lanes, length = 1000, 4
    for place in reversed(range(length)):
        ledger.commit(
            *(effect(f"ef_{place * lanes + n:06d}", lane=f"l{n}", position=place) for n in range(lanes))
        )
    heads = {e.id for e in ledger.storage.due(now=NOON, limit=200).effects}
    assert heads <= {f"ef_{n:06d}" for n in range(lanes)}
    assert len(heads) == 200
    wanted = ReadSet(lanes=("l7", "none"))
    for place in range(length):
        head = EffectId(f"ef_{7 + place * lanes:06d}")
        assert ledger.storage.read(wanted).heads["l7"].id == head
        ledger.commit(told(head, Cancelled(detail="withdrawn")))
    assert ledger.storage.read(wanted).heads == {}


def test_what_moves_often_is_not_kept_as_often() -> None:
    """An effect that is put off again and again while nobody asks what is due leaves no trail behind."""
    storage = MemoryStorage()
    ledger = Ledger(storage)
    ledger.commit(effect("ef_1"))
    for n in range(500):
        later = NOON + timedelta(seconds=n + 1)
        ledger.commit(told("ef_1", Claimed(lease_until=later), Postponed(due_at=later)))
    state = ledger.states[EffectId("ef_1")]
    assert isinstance(state, Effect)
    due = storage.due(now=NOON + timedelta(seconds=500), limit=5)
    assert (due.effects, due.next_at) == ((state,), None)
    assert len(storage._effects._due) < 100
