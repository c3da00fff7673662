"""The strategies: one for every public value, and histories that could have been."""

from __future__ import annotations

import enum
import importlib
import inspect
import itertools
import pickle
import pkgutil
import subprocess
import sys
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import chatcore
from chatcore.answers import Ingested, Verdict
from chatcore.commands import Command, Take
from chatcore.errors import ChatcoreError, ClaimTaken
from chatcore.evolve import evolve
from chatcore.memory import MemoryStorage
from chatcore.screen import Actions, Panel
from chatcore.testing import strategies
from chatcore.testing.laws import assert_laws
from chatcore.testing.strategies import History
from chatcore.testing.strategies._histories import STEPS, play
from chatcore.vocabulary import WORKSPACE, EntityKind, kind_of

NO_VALUES = {
    "chatcore.memory": "what a storage holds stands in a history",
    "chatcore.ports.AsyncPorts": "holds adapters",
    "chatcore.ports.Ports": "holds adapters",
    "chatcore.rules": "what a rule is told, and the table of rules",
}
"""What is public, and neither kept nor compared: modules or classes, and why."""


def public_classes() -> dict[str, type[Any]]:
    """Every attrs class and enum that a public module offers, by where it is defined."""
    found: dict[str, type[Any]] = {}
    for module in pkgutil.walk_packages(chatcore.__path__, "chatcore."):
        parts = module.name.split(".")
        if parts[1] == "testing" or any(part.startswith("_") for part in parts):
            continue
        there = importlib.import_module(module.name)
        for name in getattr(there, "__all__", ()):
            thing = getattr(there, name)
            if inspect.isclass(thing) and (attrs.has(thing) or issubclass(thing, enum.Enum)):
                found[f"{thing.__module__}.{thing.__name__}"] = thing
    return found


def is_no_value(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in NO_VALUES)


def test_there_is_a_strategy_for_every_public_value() -> None:
    """Whoever adds a class to the package adds its strategy, or says here why it is no value."""
    covered = {f"{kind.__module__}.{kind.__name__}" for kind in strategies.kinds()}
    public = public_classes()
    assert sorted(name for name in public if name not in covered and not is_no_value(name)) == []
    assert sorted(name for name in covered if is_no_value(name)) == []
    assert [each for each in NO_VALUES if not any(f"{name}.".startswith(f"{each}.") for name in public)] == []


def told(value: Any) -> Any:
    """What a value says, with its errors by what they say: an error is equal to itself only."""
    if isinstance(value, ChatcoreError):
        return type(value), value.document()
    if isinstance(value, Verdict | Ingested | Panel):
        return type(value), [told(getattr(value, field.name)) for field in attrs.fields(type(value))]
    return {kind: told(verdict) for kind, verdict in value.items()} if isinstance(value, Actions) else value


@pytest.mark.parametrize("kind", strategies.kinds(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_value_is_of_its_class_and_survives_pickling(kind: type[Any]) -> None:
    """`values` of a class gives values of exactly that class, which can be kept and compared."""

    @settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategies.values(kind))
    def check(value: Any) -> None:
        assert type(value) is kind
        assert told(pickle.loads(pickle.dumps(value))) == told(value)

    check()


@given(strategies.values())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_without_a_class_a_value_is_of_any(value: object) -> None:
    """What `values` gives is of one of `kinds`."""
    assert type(value) in strategies.kinds()


def test_what_is_no_value_is_refused() -> None:
    """A class that has no strategy is a KeyError at once."""
    for wrong in (int, MemoryStorage):
        with pytest.raises(KeyError):
            strategies.values(wrong)
    with pytest.raises(KeyError):
        strategies.commands(MemoryStorage)  # type: ignore[arg-type]


@given(strategies.commands(Take))
def test_commands_may_be_of_chosen_types(command: Command) -> None:
    """`commands` of some types gives these only."""
    assert type(command) is Take


def test_hostile_text_has_what_people_do_not_think_of() -> None:
    """NUL, halves of surrogate pairs, controls, marks and joiners are all found in hostile text. Rule: M14."""
    seen: set[str] = set()

    @settings(max_examples=200, derandomize=True, deadline=None, database=None)
    @given(strategies.hostile_text())
    def look(text: str) -> None:
        seen.update(text)

    look()
    assert sorted(set("\0\ud83d\ude00\u202e\n\x1b\u0301\u200d\ufeff\u0e33ß") - seen) == []


# --- histories -----------------------------------------------------------------------------------------------


@given(strategies.histories())
@settings(max_examples=40, deadline=None)
def test_a_history_is_one_that_can_be(history: History) -> None:
    """Law: states are the folds of their events, claims and tallies those of the states, in every history."""
    assert_laws(history.contents)
    folded: dict[Any, Any] = {}
    for envelope in history.envelopes:
        folded[envelope.ref] = evolve(folded.get(envelope.ref), envelope)
    assert folded == dict(history.contents.states)
    assert history.refs == tuple(history.contents.states)


@given(strategies.histories())
@settings(max_examples=40, deadline=None)
def test_the_changes_of_a_history_lead_to_its_contents(history: History) -> None:
    """Another storage that takes in the same changes in their order holds the same; and takes none twice."""
    storage = MemoryStorage()
    for change in history.changes:
        storage.apply(change)
    assert storage.contents() == history.contents
    for change in history.changes:
        with pytest.raises(ClaimTaken):
            storage.apply(change)


def test_histories_reach_what_happens_at_a_desk() -> None:
    """Some hundred histories have most kinds of events in them, repeats by key, doubts and reviews."""
    seen: set[str] = set()
    keys: list[str] = []

    @settings(max_examples=100, derandomize=True, deadline=None, database=None)
    @given(strategies.histories(60))
    def look(history: History) -> None:
        seen.update(type(each.event).__name__ for each in history.envelopes)
        keys.extend(change.receipt.key for change in history.changes if change.receipt.key)

    look()
    expected = """
    Started Taken Closed Reopened Queued MessageAdded MessageReceived MessageWritten NoteAdded ContactBlocked
    CustomerLinked CustomerUnlinked Intended Claimed Succeeded Postponed Doubted StatusReported
    WorkspaceConfigured ActionRequested
    """
    assert sorted(set(expected.split()) - seen) == []
    assert keys


@pytest.mark.parametrize("name", sorted(set(STEPS)))
def test_no_step_of_a_history_is_idle(name: str) -> None:
    """Each step leads somewhere, in one of a few situations, for somebody."""
    opening = [("arrives", 0, False), ("arrives", 1, False), ("arrives", 2, False), ("takes", 0, False)]
    later = [("waits", 5, True), ("works", 5, True)] * 9
    situations = [
        opening,
        [*opening, ("closes", 0, False)],
        [*opening, ("blocks", 0, False)],
        [*opening, ("tags", 0, False), ("waits", 1, True)],
        [*opening, ("loses", 1, True), ("grants", 0, False), *later],
        [*opening, ("loses", 0, True), ("sends", 0, False), *later],
    ]
    after = [("sends", 0, False), ("grants", 0, False)] if name in ("loses", "waits") else []
    assert any(
        play([*before, *after]).contents != play([*before, (name, pick, flag), *after]).contents
        for before in situations
        for pick, flag in itertools.product(range(6), (False, True))
    )


@given(strategies.tenants())
@settings(max_examples=20, deadline=None)
def test_two_tenants_share_their_ids(both: tuple[History, History]) -> None:
    """A contact, a conversation, a message, a command and a claim of one have the names of the other's."""
    one, other = both
    shared = set(one.refs) & set(other.refs)
    assert WORKSPACE in shared
    assert {kind_of(ref) for ref in shared} >= {EntityKind.CONVERSATION, EntityKind.CONTACT, EntityKind.MESSAGE}
    assert set(one.contents.receipts) & set(other.contents.receipts)
    assert set(one.contents.claims) & set(other.contents.claims)


# --- imports -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["from chatcore.testing import World", "import chatcore.testing.faults"])
def test_the_world_and_the_faults_load_no_test_framework(statement: str) -> None:
    """Hypothesis comes with the strategies, and pytest with the suites; with nothing else."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert sorted(loaded & {"hypothesis", "pytest"}) == []
    assert "chatcore" in loaded
