"""The suite for storages: its tests tell what to do, what it commits is lawful, and it sees small differences.

That storages in memory pass it is shown beside them, and that broken ones do not in the kit.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest

from chatcore.entities import Entity
from chatcore.errors import ClaimTaken, OutcomeUnknown, TallyFull, Temporary, VersionConflict
from chatcore.evolve import fold
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet, Storage, TallyChange
from chatcore.rules.invariants import claims_of, seals_of, tallies_of
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery
from chatcore.testing.laws import assert_laws
from chatcore.testing.suites import StorageSuite
from chatcore.testing.suites.storage._asking import expected_of, followed, walked
from chatcore.testing.suites.storage._base import new_tenant
from chatcore.testing.suites.storage._day import Day
from chatcore.testing.suites.storage._exactly import differences
from chatcore.testing.suites.storage._facts import Facts, order_of
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._moving import MOVES, moved
from chatcore.testing.suites.storage._rivals import at_once, outcome_of
from chatcore.testing.suites.storage._steps import configured, contact, conversation, effect, named, renamed
from chatcore.testing.suites.storage._town import town
from chatcore.vocabulary import ContactId, EffectState, Private

A, B = ContactId("ct_a"), ContactId("ct_b")


def _tests() -> Iterator[tuple[str, Any]]:
    return ((name, each) for name, each in inspect.getmembers(StorageSuite) if name.startswith("test_"))


@pytest.mark.parametrize("name", sorted(name for name, _ in _tests()))
def test_each_test_says_what_holds_and_what_to_do(name: str) -> None:
    """A docstring states the behaviour, and what to look for when it fails."""
    told = inspect.getdoc(getattr(StorageSuite, name)) or ""
    behaviour, _, remedy = told.partition("When this fails: ")
    assert behaviour.strip().split("\n")[0].endswith((".", ","))
    assert remedy.strip().endswith(".")


def test_nothing_is_skipped() -> None:
    """No promise of the port is optional: no test skips, or expects to fail."""
    found: set[str] = set()
    for base in StorageSuite.__mro__:
        if base.__module__.startswith("chatcore.testing.suites.storage"):
            names = {
                node.attr
                for node in ast.walk(ast.parse(inspect.getsource(base)))
                if isinstance(node, ast.Attribute)
            }
            found |= names & {"skip", "skipif", "xfail", "importorskip"}
    assert not found


def test_every_method_of_the_port_is_called() -> None:
    """Nothing of the port goes untested."""
    source = "".join(
        inspect.getsource(inspect.getmodule(base) or base)
        for base in StorageSuite.__mro__
        if base.__module__.startswith("chatcore.testing.suites.storage")
    )
    methods = [name for name, each in vars(Storage).items() if inspect.isfunction(each) and name[0] != "_"]
    paged = {"conversations", "messages", "contacts", "effects"}  # By the kind of query, in one place.
    assert [name for name in methods if name not in paged and not re.search(rf"\.{name}\(", source)] == []


def test_without_a_storage_it_says_how_one_is_made() -> None:
    """Who forgets `make` is told what to write."""

    class TestMine(StorageSuite):
        pass

    with pytest.raises(NotImplementedError, match="TestMine needs `def make"):
        TestMine().storage()


def test_tenants_are_new_each_time() -> None:
    """A database need not be emptied between two tests."""
    assert len({new_tenant() for _ in range(100)}) == 100


# --- what it commits -----------------------------------------------------------------------------------------


def test_what_a_ledger_commits_is_lawful() -> None:
    """States are folds of their events; claims, counts and seals are those of the states."""
    storage = MemoryStorage()
    ledger = town(storage)
    ledger.commit(configured(idle="ana"))
    contents = storage.contents()
    assert contents.states == ledger.states
    for ref, stream in contents.streams.items():
        assert fold(stream) == contents.states[ref]
        assert [envelope.version for envelope in stream] == list(range(1, len(stream) + 1))
    states: list[Entity] = list(contents.states.values())
    assert contents.claims == {key: state.id for state in states for key in claims_of(state)}
    counted = [key for state in states for key in tallies_of(state)]
    assert {key: n for key, n in contents.tallies.items() if n} == {key: counted.count(key) for key in counted}
    assert contents.sealed == {key for state in states for key in seals_of(state)} == {"open:ana"}
    ids = [envelope.id for envelope in ledger.events]
    assert len(set(ids)) == len(ids)


def test_the_town_has_something_of_everything() -> None:
    """Each kind of query finds something there, and memory finds what the reference finds."""
    ledger = town(MemoryStorage())
    for query in (ConversationQuery(), MessageQuery(), ContactQuery(), EffectQuery()):
        expected = expected_of(ledger, query)
        assert len(expected) > 8
        assert walked(ledger.storage, query, 4) == expected
    states = {row.state for row in walked(ledger.storage, EffectQuery())}
    assert states == set(EffectState)


def test_a_fork_goes_its_own_way() -> None:
    """What one takes in the other does not know, and no two of their commands have one id."""
    ledger = Ledger(MemoryStorage())
    ledger.commit(contact(A))
    other = ledger.fork()
    ledger.commit(renamed(A, "Ana"))
    assert (other.version(A), ledger.version(A)) == (1, 2)
    changes = [each.change(renamed(A, "x")) for each in (ledger, other)]
    assert len({change.receipt.command for change in changes}) == 2
    assert [change.writes[0].expected for change in changes] == [2, 1]


def test_moves_can_be_made_or_are_none() -> None:
    """Every move, of whatever there is, makes a set that fits, unless an agent's count is sealed."""
    ledger = Ledger(MemoryStorage())
    made = 0
    for name, n, choice in itertools.product(sorted(MOVES), range(8), range(8)):
        steps = moved(ledger, name, n, choice)
        if len({step.ref for step in steps}) == len(steps) > 0:
            ledger.now += timedelta(seconds=1)
            change = ledger.change(*steps)
            refused = outcome_of(ledger.storage, change)
            assert refused is None or isinstance(refused, TallyFull)
            if refused is None:
                ledger.take_in(change)
                made += 1
    assert made > 150


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_day_is_lived_through_the_same_each_time(seed: int) -> None:
    """Over two storages alike the answers are alike, most of them no refusals, and the laws hold."""
    storages = MemoryStorage(), MemoryStorage()
    days = [Day(storage, seed) for storage in storages]
    for day in days:
        day.live(90)
    assert days[0].told == days[1].told
    assert storages[0].contents() == storages[1].contents()
    assert_laws(storages[0].contents())
    assert len(storages[0].contents().states) > 30


# --- what it sees --------------------------------------------------------------------------------------------

UTC_BY_NAME = timezone(timedelta(0), "Z")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (True, 1),
        (1, True),
        (1.0, 1),
        ([1], (1,)),
        (None, ()),
        ("", None),
        (Decimal("1.5"), Decimal("1.50")),
        (Decimal("-0"), Decimal("0")),
        (datetime(2026, 3, 10, tzinfo=UTC_BY_NAME), datetime(2026, 3, 10, tzinfo=UTC)),
        (datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 10, microsecond=1, tzinfo=UTC)),
        (Private("e\u0301"), Private("\u00e9")),
        ((1, 2), (1, 2, 3)),
        ((1, (2, Decimal("1.0"))), (1, (2, Decimal("1.00")))),
        ("intended", EffectState.INTENDED),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": 1, "b": None}),
        (TallyChange("t", 1), TallyChange("t", True)),
    ],
    ids=[str(n) for n in range(17)],
)
def test_values_that_are_not_just_the_same_are_told_apart(found: object, expected: object) -> None:
    """Also where they are equal, or print alike."""
    assert list(differences(found, expected))
    assert not list(differences(expected, expected))


def test_a_difference_is_told_by_its_path() -> None:
    """And without the texts that differ."""
    ledger = Ledger(MemoryStorage())
    [write] = ledger.change(contact(A, name="Maria")).writes
    [told] = differences(attrs.evolve(write.state, name=Private("Mario")), write.state)
    assert told.startswith("name is another text")
    assert "Mari" not in told


def test_of_rivals_the_order_is_found() -> None:
    """What came of sets applied at one moment is what comes of some order of them, or there is none."""
    ledger = Ledger(MemoryStorage())
    ledger.commit(*named(A, B))
    facts = Facts.of(ledger.storage.contents())  # type: ignore[attr-defined]
    first, second = ledger.change(claims=(("k", A),)), ledger.change(claims=(("k", B),))
    taken = ClaimTaken("k")
    assert order_of(facts, [first, second], [None, taken], {"k": A}) == [first]
    assert order_of(facts, [first, second], [taken, None], {"k": B}) == [second]
    assert order_of(facts, [first, second], [None, taken], {"k": B}) is None
    assert order_of(facts, [first, second], [None, None], {"k": B}) is None
    assert order_of(facts, [first, second], [None, VersionConflict(A, 1)], {"k": A}) is None
    handed_on = ledger.change(releases=(("k", A),), claims=(("k", B),))
    assert order_of(facts, [handed_on, first], [None, None], {"k": B}) == [first, handed_on]


def test_threads_begin_together_and_their_errors_come_out() -> None:
    """Each answer stands at its place; what one raises is raised."""
    assert at_once(lambda: 1, lambda: 2, lambda: 3) == [1, 2, 3]

    def fail() -> int:
        raise KeyError("x")

    with pytest.raises(KeyError):
        at_once(lambda: 1, fail)


class Doubtful(MemoryStorage):
    """Says for a while that nothing was done, or that nobody knows."""

    def __init__(self, *moods: object) -> None:
        super().__init__()
        self.moods = list(moods)

    def apply(self, change: ChangeSet, /) -> None:
        mood = self.moods.pop(0) if self.moods else None
        if isinstance(mood, Temporary | KeyError):
            raise mood
        super().apply(change)
        if isinstance(mood, OutcomeUnknown):
            raise mood


def test_what_comes_of_a_set_in_the_end_is_found_out() -> None:
    """What was not done is tried again, a doubt is resolved by the receipt, anything else has leaked."""
    for moods in ((), (Temporary(), Temporary()), (OutcomeUnknown(),), (Temporary(), OutcomeUnknown())):
        ledger = Ledger(Doubtful(*moods))
        assert outcome_of(ledger.storage, ledger.change(contact(A))) is None
        assert isinstance(
            outcome_of(ledger.storage, Ledger(ledger.storage).change(contact(A), command="c")), VersionConflict
        )
    ledger = Ledger(Doubtful(KeyError("x")))
    with pytest.raises(AssertionError, match="let KeyError out"):
        outcome_of(ledger.storage, ledger.change(contact(A)))


def test_what_shows_late_in_changes_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set may show a little after its commit; what never shows is named."""

    class Slow(MemoryStorage):
        asked = 0

        def changes(self, *, after: str | None, limit: int) -> Any:
            self.asked += 1
            page = super().changes(after=after, limit=limit)
            return page if self.asked > 4 else attrs.evolve(page, rows=(), next=after or "0")

    ledger = Ledger(Slow())
    ledger.commit(contact(A), conversation("cv_1"), effect("ef_1"))
    found, _ = followed(ledger.storage, [envelope.id for envelope in ledger.events])
    assert found == ledger.events
    monkeypatch.setattr("chatcore.testing.suites.storage._asking.PATIENCE", 2)
    with pytest.raises(AssertionError, match="never came out of `changes`"):
        followed(ledger.storage, ["ev_never"])  # type: ignore[list-item]
