"""A stateful comparison of any storage with the model: storage in memory.

1. The machine does to both what services do, in any order: sets that fit and sets that do not (stale, reused,
   in other hands, full, sealed), leases and doubts, clock jumps, forgetting, pages turned while things change.
2. Both must answer alike after each step. Where a set has several faults any of them may be told.
3. Rivals apply their sets to the storage at one moment, in threads. What comes of it must be what comes of some
   order of the sets; the model then follows that order.
4. What is drawn is always the same, and a failing run is made small. Only what rivals do is as it happens.

A storage is asked for a tenant that nobody used before, once for each run, and for a second handle of it::

    TestMyMachine = storage_machine(lambda tenant: MyStorage(tenant)).TestCase
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Final

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chatcore.errors import Conflict
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet, ReadSet, Storage, TallyChange
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
from chatcore.testing.suites._base import lifted, settled
from chatcore.testing.suites.storage._asking import followed, turn, walked
from chatcore.testing.suites.storage._base import new_tenant
from chatcore.testing.suites.storage._facts import Facts, alike, order_of
from chatcore.testing.suites.storage._ledger import Ledger, Step
from chatcore.testing.suites.storage._moving import MOVES, moved
from chatcore.testing.suites.storage._rivals import at_once, outcome_of
from chatcore.vocabulary import (
    AgentId,
    CommandId,
    ContactId,
    ConversationId,
    EffectState,
    FieldId,
    Private,
    Ref,
    Situation,
)

__all__ = ["StorageMachine", "storage_machine"]

KEYS: Final = {"claim": ("c0", "c1", "c2"), "release": ("c0", "c1", "c2"), "expire": ("e0", "e1", "e2")}
"""What is claimed for good is not claimed for a while: which of the two an owner then has is left open."""
LANES: Final = ("l0", "l1")
TALLIES: Final = ("t0", "t1", "open:ana", "open:beto")

QUERIES: Final[tuple[Query, ...]] = (
    *(ConversationQuery(order=order) for order in Order),
    ConversationQuery(situation=Situation.QUEUE, order=Order.WAITING),
    ConversationQuery(situation=Situation.OPEN, assignee=AgentId("ana")),
    ConversationQuery(contact=ContactId("ct_1"), also=(ContactId("ct_0"),), order=Order.OPENED),
    ConversationQuery(waiting=True, order=Order.IDLE),
    ConversationQuery(where=Named("jo") | Has(Trait.TAG, "vip")),
    ConversationQuery(where=~Is(Mark.BLOCKED) & Filled(FieldId("plan"), Private("100M"))),
    ConversationQuery(where=Has(Trait.CONTACT, "ct_1")),
    MessageQuery(),
    MessageQuery(where=Says("boleto")),
    MessageQuery(where=Says("bol", prefix=True) & ~Says("via")),
    MessageQuery(where=Named("silva") | Reached(("key-0",))),
    MessageQuery(conversation=ConversationId("cv_0")),
    MessageQuery(conversation=ConversationId("cv_1"), newest_first=True, start=2),
    MessageQuery(conversation=ConversationId("cv_0"), where=Says("via"), newest_first=True),
    ContactQuery(),
    ContactQuery(blocked=False, where=Named("jo")),
    EffectQuery(),
    EffectQuery(state=EffectState.INTENDED),
    EffectQuery(conversation=ConversationId("cv_0")),
)

OPENING: Final = (
    [("person", 0, 0), ("person", 1, 1), ("person", 2, 3), ("configure", 0, 0)],
    [("talk", 0, 0), ("talk", 1, 1), ("talk", 2, 2), ("do", 0, 2), ("do", 1, 3), ("do", 2, 4)],
    [("say", 0, 0), ("say", 1, 2), ("say", 2, 7)],
)
"""What there is in the beginning, as moves."""

_numbers = st.integers(0, 7)
_moves = st.lists(st.tuples(st.sampled_from(sorted(MOVES)), _numbers, _numbers), min_size=1, max_size=5)
_claims = st.lists(st.tuples(st.sampled_from(sorted(KEYS)), st.integers(0, 2), _numbers), max_size=2)
_tallies = st.lists(
    st.tuples(st.sampled_from(("t0", "t1")), st.sampled_from((-1, 1, 1)), st.sampled_from((None, 1, 2))),
    max_size=1,
    unique_by=lambda each: each[0],
)
_seals = st.lists(st.tuples(st.sampled_from(("t0", "t1")), st.sampled_from((False, False, True))), max_size=1)
_reads = st.lists(st.tuples(_numbers, st.sampled_from((0, 0, 0, 0, 1, -1))), max_size=1)
_keys = st.sampled_from((None, None, None, None, None, "k0", "k1", "k2"))
_spans = st.sampled_from((0, 0, 1, 1_000_000, 60_000_000, 3_600_000_000, -60_000_000))
_queries = st.lists(st.sampled_from(QUERIES), min_size=3, max_size=6)
_sets = st.fixed_dictionaries({"moves": _moves, "claims": _claims, "tallies": _tallies, "seals": _seals})


class StorageMachine(RuleBasedStateMachine):
    """Does the same to a storage and to the model. Made by `storage_machine`."""

    factory: ClassVar[Callable[[str], Any]]
    unmake: ClassVar[Callable[[Any], Any] | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._handles: list[Any] = []
        self._turn = 0

    @initialize()
    def open(self) -> None:
        """Two handles of a tenant that has nothing yet, and the model."""
        tenant = new_tenant()
        self._handles = [settled(type(self).factory(tenant)) for _ in range(2)]
        self._storages: list[Storage] = [lifted(handle) for handle in self._handles]
        self._model = MemoryStorage(tenant)
        self._ledger = Ledger(self._model)
        self._old = self._ledger.fork()
        self._last: ChangeSet | None = None
        self._cursor: str | None = None
        self._followed = 0
        for moves in OPENING:
            self._both(self._change(self._ledger, moves=moves, claims=[], tallies=[], seals=[]))

    def teardown(self) -> None:
        """Give the handles up."""
        give_up = type(self).unmake
        if give_up is not None:
            for handle in self._handles:
                settled(give_up(handle))

    @property
    def _storage(self) -> Storage:
        """The handles in turn: what one wrote the other must see."""
        self._turn += 1
        return self._storages[self._turn % 2]

    # --- sets ------------------------------------------------------------------------------------------------

    def _change(
        self,
        ledger: Ledger,
        *,
        moves: list[tuple[str, int, int]],
        claims: list[tuple[str, int, int]],
        tallies: list[tuple[str, int, int | None]],
        seals: list[tuple[str, bool]],
        reads: Iterable[tuple[int, int]] = (),
        key: str | None = None,
    ) -> ChangeSet:
        """A set as somebody makes it who knows what this ledger knows."""
        steps: list[Step] = []
        for name, n, choice in moves:
            more = moved(ledger, name, n, choice)
            if not {step.ref for step in more} & {step.ref for step in steps}:
                steps += more
        written = {step.ref for step in steps}
        people = sorted(ref for ref in ledger.states if ref.startswith("ct_"))
        parts: dict[str, list[tuple[str, Ref]]] = {"claim": [], "expire": [], "release": []}
        for what, number, n in claims if people else ():
            name, owner = KEYS[what][number], people[n % len(people)]
            if all(name != each for each, _ in parts[what]):
                parts[what].append((name, owner))
        refs = sorted(ref for ref in ledger.states if ref not in written)
        return ledger.change(
            *steps,
            key=key,
            reads=[
                (refs[n % len(refs)], max(0, ledger.version(refs[n % len(refs)]) + off))
                for n, off in reads
                if refs
            ],
            claims=parts["claim"],
            expiring=parts["expire"],
            releases=parts["release"],
            tallies=[TallyChange(*each) for each in tallies],
            seals=seals,
        )

    @rule(made=_sets, reads=_reads, key=_keys, micros=_spans)
    def commit(self, made: Any, reads: Any, key: str | None, micros: int) -> None:
        """The clock goes on, or is set back; then a set by somebody who knows what there is."""
        self._ledger.now += timedelta(microseconds=micros)
        self._both(self._change(self._ledger, **made, reads=reads, key=key))

    @rule(first=_sets, then=_sets, micros=_spans)
    def commit_two(self, first: Any, then: Any, micros: int) -> None:
        """Two sets, one after the other."""
        self.commit(first, [], None, 0)
        self.commit(then, [], None, micros)

    @rule(made=_sets, key=_keys)
    def commit_late(self, made: Any, key: str | None) -> None:
        """A set by somebody who knows what there was a while ago."""
        self._old.now = self._ledger.now
        self._both(self._change(self._old, **made, key=key))
        self._old = self._ledger.fork()

    @rule()
    def commit_again(self) -> None:
        """The last set once more, as who doubts that it went in does."""
        if self._last is not None:
            self._both(self._last)

    def _both(self, change: ChangeSet) -> None:
        """Apply a set to both; hold that they say what the port says of it."""
        faults = Facts.of(self._model.contents()).faults(change)
        result = outcome_of(self._storage, change)
        self._last = change
        if not faults:
            assert result is None, f"the storage refused a set that fits: {_told(result)}"
            self._model.apply(change)
            self._ledger.take_in(change)
            return
        expected = " or ".join(sorted({_told(fault) for fault in faults}))
        assert result is not None, f"the storage took in a set that it must refuse: {expected}"
        assert any(alike(result, fault) for fault in faults), (
            f"the storage refused a set with {_told(result)}, where it is {expected}"
        )

    @rule(sets=st.lists(_sets, min_size=2, max_size=4), key=_keys)
    def race(self, sets: list[Any], key: str | None) -> None:
        """Several people apply their sets at one moment, who all know what there is."""
        for made in sets[1:]:
            made["seals"] = []  # Of two that seal and lift nobody could tell which came first.
        changes = [self._change(self._ledger.fork(), **made, key=key) for made in sets]
        facts = Facts.of(self._model.contents())
        acts = [partial(outcome_of, self._storages[n % 2], change) for n, change in enumerate(changes)]
        results = at_once(*acts)
        held = {*facts.claims, *facts.expiring}
        for change in changes:
            held |= {name for name, _ in (*change.claims, *change.expiring)}
        owners = self._storage.read(ReadSet(owners=tuple(held))).owners
        order = order_of(facts, changes, results, owners)
        assert order is not None, (
            "these came to ends that they have in no order, one after another: "
            f"{[_told(result) for result in results]}, of {len(changes)} sets applied at one moment"
        )
        for change in order:
            self._model.apply(change)
            self._ledger.take_in(change)

    # --- time ------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from((-3600, -1, 0, 1, 3600)))
    def forget(self, seconds: int) -> None:
        """What is old is forgotten."""
        before = self._ledger.now + timedelta(seconds=seconds)
        found, expected = self._storage.forget(before=before), self._model.forget(before=before)
        assert found == expected, (
            f"`forget` dropped {found} receipts and expiring claims, and should drop {expected}"
        )

    @rule(seconds=st.integers(-3, 6), at_the_moment=st.booleans(), limit=st.sampled_from((1, 2, 50)))
    def see_what_is_due(self, seconds: int, at_the_moment: bool, limit: int) -> None:
        """The workers look what there is to do, now or at the very moment when the next thing is due."""
        now = self._ledger.now + timedelta(seconds=seconds)
        if at_the_moment:
            now = self._model.due(now=now, limit=limit).next_at or now
        found, expected = self._storage.due(now=now, limit=limit), self._model.due(now=now, limit=limit)
        assert found == expected, f"what is due is not what the model says: {found}, not {expected}"

    # --- questions -------------------------------------------------------------------------------------------

    @rule(queries=_queries, limit=st.sampled_from((1, 2, 3, 200)), most=st.sampled_from((0, 1, 2, 50)))
    def ask(self, queries: list[Query], limit: int, most: int) -> None:
        """All pages of some queries, one after another, and how many there are."""
        for query in queries:
            found, expected = walked(self._storage, query, limit), walked(self._model, query)
            assert found == expected, f"{query} finds {_ids(found)}, and the model {_ids(expected)}"
            if isinstance(query, ConversationQuery | EffectQuery):
                count, other = self._storage.count(query, at_most=most), self._model.count(query, at_most=most)
                assert count == other, f"{query} counts {count}, and the model {other}"

    @rule(query=st.sampled_from(QUERIES), limit=st.sampled_from((1, 2)), between=st.lists(_sets, max_size=3))
    def turn_pages(self, query: Query, limit: int, between: list[Any]) -> None:
        """Pages, with sets committed between one and the next."""
        ask, ask_model = turn(self._storage, query), turn(self._model, query)
        page, expected = ask(query, limit=limit, cursor=None), ask_model(query, limit=limit, cursor=None)
        for made in (*between, None):
            assert page.rows == expected.rows, (
                f"a page of {query}, turned while things change, has {_ids(page.rows)}, and the model's "
                f"{_ids(expected.rows)}: go on after the place of the last row, not after so many rows"
            )
            assert (page.next is None) is (expected.next is None), (
                f"a page of {query} {'ends' if page.next is None else 'goes on'} where the model's does not"
            )
            if made is None or page.next is None:
                break
            self.commit(made, [], None, 1_000_000)
            ask = turn(self._storage, query)
            page = ask(query, limit=limit, cursor=page.next)
            expected = ask_model(query, limit=limit, cursor=expected.next)

    @rule(limit=st.sampled_from((1, 3, 200)))
    def follow(self, limit: int) -> None:
        """A follower reads on from where it stopped."""
        new = self._ledger.events[self._followed :]
        found, self._cursor = followed(self._storage, [e.id for e in new], after=self._cursor, limit=limit)
        self._followed = len(self._ledger.events)
        for ref in {envelope.ref for envelope in new}:
            ours = dict.fromkeys(envelope for envelope in found if envelope.ref == ref)
            expected = [envelope for envelope in new if envelope.ref == ref]
            assert [each for each in ours if each in expected] == expected, f"{ref}: events in another order"

    @invariant()
    def everything_known_is_read_alike(self) -> None:
        """Entities, owners, counts, heads and receipts are those of the model, in each handle."""
        if not self._handles:
            return
        last = self._last
        wanted = ReadSet(
            refs=tuple(self._ledger.states),
            owners=(
                *KEYS["claim"],
                *KEYS["expire"],
                "address:key-0",
                "address:key-1",
                "live:ct_0:w0",
                "protocol:p-cv_0",
            ),
            tallies=TALLIES,
            lanes=LANES,
            key="k0",
            command=CommandId("cm_no") if last is None else last.receipt.command,
            workspace_after=0,
        )
        found, expected = self._storage.read(wanted), self._model.read(wanted)
        if found != expected:
            parts = [
                field.name
                for field in attrs.fields(type(expected))
                if getattr(found, field.name) != getattr(expected, field.name)
            ]
            raise AssertionError(f"what is read is not what the model says: {', '.join(parts)}")


def _told(conflict: Conflict | None) -> str:
    """A conflict by its class and what it names."""
    if conflict is None:
        return "committed"
    return f"{type(conflict).__name__}({', '.join(map(repr, vars(conflict).values()))})"


def _ids(rows: Iterable[Any]) -> list[str]:
    return [row.id for row in rows]


def storage_machine(
    factory: Callable[[str], Any],
    *,
    unmake: Callable[[Any], Any] | None = None,
    examples: int = 50,
    steps: int = 30,
) -> type[StorageMachine]:
    """A machine over the storages that `factory` gives; its `TestCase` is what pytest collects.

    `factory` takes the name of a tenant and gives a handle, or a coroutine for one; the storage may be sync or
    async. `unmake` closes a handle. There are so many `examples`, each of so many `steps` at most.
    """
    parts = {"factory": staticmethod(factory), "unmake": None if unmake is None else staticmethod(unmake)}
    made: type[StorageMachine] = type("Machine", (StorageMachine,), parts)
    made.TestCase.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    return made
