"""The benchmarks measure what they say: the method, the command line, and that both sides do equal work.

Nothing here is timed.
"""

from __future__ import annotations

import contextlib
import gc
import heapq
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore import (
    SYSTEM,
    Conversation,
    ConversationQuery,
    Desk,
    Effect,
    InvalidValue,
    Message,
    Situation,
    text,
)
from chatcore.errors import AlreadyTaken
from chatcore.events import Claimed, Intended, Succeeded
from chatcore.evolve import fold
from chatcore.memory import MemoryStorage
from chatcore.rules.invariants import claims_of
from chatcore.serialization import to_json
from chatcore.vocabulary import EffectState
from tests.bench import (
    corpus,
    desk_take,
    folding,
    growth_effect,
    growth_message,
    growth_panel,
    growth_take,
    json_page,
    message,
    rendering,
    run,
    scene,
    search_words,
    tagging,
    take,
    workspace,
)
from tests.bench.importing import child
from tests.bench.measuring import WARM_UP, Figure, Side, Spread, batch, compare, grow, slope, spread, take_turns

# --- the method ----------------------------------------------------------------------------------------------


def said(*times: int) -> Side:
    """A side that claims to have taken these times, one after the other, for ever."""
    return itertools.cycle(times).__next__


def test_a_ratio_is_the_median_over_rounds_not_the_quotient_of_medians() -> None:
    figure = compare(said(10, 40, 90), said(10, 20, 30), rounds=9)
    assert figure.found == Spread(2.0, 1.0, 3.0)


def test_equal_sides_have_the_ratio_one_however_the_machine_slows_down() -> None:
    slower = [1_000 + 10 * n for n in range(100 + WARM_UP)]
    figure = compare(said(*slower), said(*slower), again=said(*slower), rounds=100)
    assert figure.found == figure.noise == Spread(1.0, 1.0, 1.0)


@given(
    st.floats(-2, 2),
    st.floats(1, 1e6),
    st.lists(st.integers(1, 10**6), min_size=2, max_size=8, unique=True),
)
def test_the_slope_of_a_power_law_is_its_exponent(exponent: float, unit: float, sizes: list[int]) -> None:
    times = [unit * size**exponent for size in sizes]
    assert math.isclose(slope(sizes, times), exponent, abs_tol=1e-6)


def test_growth_is_the_median_slope_and_its_noise_that_of_equal_sizes() -> None:
    sizes = (10, 100, 1_000)
    linear = [said(10 * size, 70 * size) for size in sizes]
    figure = grow(sizes, linear, [said(5), said(5), said(5)], rounds=8)
    assert figure.found.median == pytest.approx(1)
    assert figure.noise.median == pytest.approx(0)


def test_one_round_is_its_own_median() -> None:
    assert spread([0.5]) == Spread(0.5, 0.5, 0.5)


def test_sides_take_turns_and_each_begins_as_often() -> None:
    order: list[str] = []

    def side(name: str) -> Side:
        def run() -> int:
            order.append(name)
            return ord(name)

        return run

    times = take_turns([side("a"), side("b")], 4)
    assert times == [(97, 98)] * 4
    assert "".join(order[2 * WARM_UP :]) in ("abbaabba", "baabbaab")


def test_the_collector_is_off_while_sides_take_turns_and_on_again_after() -> None:
    seen: list[bool] = []

    def side() -> int:
        seen.append(gc.isenabled())
        return 1

    assert gc.isenabled()
    take_turns([side], 1)
    assert set(seen) == {False}
    with contextlib.suppress(ZeroDivisionError):
        take_turns([lambda: 1 // 0], 1)
    assert gc.isenabled()


def test_a_batch_makes_ready_anew_and_acts_on_each_thing_once() -> None:
    done: list[int] = []
    numbers = itertools.count()
    side = batch(done.append, lambda: [next(numbers), next(numbers)])
    assert side() >= 0
    side()
    assert done == [0, 1, 2, 3]


def test_a_child_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="child process"):
        child("raise SystemExit(3)")()


# --- the command line ----------------------------------------------------------------------------------------


def test_an_unknown_name_is_refused_with_the_names_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        run.main(["--only", "take-it-easy"])
    assert refused.value.code == 2
    said = capsys.readouterr().err
    assert "'take-it-easy'" in said
    assert all(benchmark.name in said for benchmark in run.BENCHMARKS)


def test_help_lists_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run.main(["--help"])
    assert left.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert all(benchmark.name in said for benchmark in run.BENCHMARKS)


def test_each_benchmark_names_a_function_of_a_module_that_is_there() -> None:
    for benchmark in run.BENCHMARKS:
        module, _, function = benchmark.where.partition(":")
        told = (Path(run.__file__).parent / f"{module}.py").read_text()
        several = sum(other.where == benchmark.where for other in run.BENCHMARKS) > 1
        assert f"\ndef {function}() -> " in told
        assert (f'"{benchmark.name}"' in told) or (not several and f"\ndef {function}() -> Figure:" in told)


def test_the_goals_are_those_that_were_set() -> None:
    assert {benchmark.name: benchmark.goal for benchmark in run.BENCHMARKS} == {
        "take": 1.3,
        "take-refused": 0.75,
        "take-transitions": 0.45,
        "take-eventsourcing": 0.6,
        "message": 1.3,
        "desk-take": 0.6,
        "tags": 2.0,
        "render": 3.0,
        "boleto-line": 3.0,
        "pix-code": 3.0,
        "workspace": 1.1,
        "growth-panel": 0.05,
        "growth-message": 0.05,
        "growth-take": 0.15,
        "fold": 0.15,
        "search-p99-10k": 1.5,
        "search-p99-100k": 1.5,
        "search-add": 0.2,
        "search-median": 0.15,
        "search-p99": 1.0,
        "search-inside-20": 0.05,
        "search-inside-5000": 0.3,
        "search-build": 1.3,
        "search-bytes": 1.3,
        "views": 0.03,
        "growth-search": 0.1,
        "growth-views": 0.05,
        "growth-move": 0.15,
        "growth-effect": 0.1,
        "json-page": 1.4,
        "json-page-orjson": 0.9,
        "import": 3.0,
    }


@pytest.mark.parametrize(("found", "status"), [(1.3, 0), (1.301, 1)])
def test_figures_are_written_and_a_missed_goal_shows_in_the_exit_status(
    found: float,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    figure = Figure(Spread(found, found, found), Spread(1.0, 1.0, 1.0))
    monkeypatch.setattr(run, "measured", lambda benchmarks: ((each, figure) for each in benchmarks))
    path = tmp_path / "figures.json"
    assert run.main(["--only", "take", "--json", str(path)]) == status
    assert json.loads(path.read_text()) == [
        {"name": "take", "ratio": found, "goal": 1.3, "passed": status == 0}
    ]
    assert ("MISSED" in capsys.readouterr().out) is bool(status)


# --- both sides do the same ----------------------------------------------------------------------------------


def test_the_floor_builds_the_very_values_that_deciding_and_evolving_give() -> None:
    ours, floor = take.ours(take.waiting()), take.floor(take.waiting())
    assert ours == floor
    decision, state, envelope = floor
    assert state.situation is Situation.OPEN
    assert [type(value) for _, value in decision] == [type(envelope.event)]


def test_the_refused_take_is_refused_because_another_agent_was_faster() -> None:
    command, facts = take.taken()
    with pytest.raises(AlreadyTaken):
        take.decide(command, facts)


def test_the_page_comes_back_the_same_both_ways_and_with_the_same_fields() -> None:
    page, conversation = json_page.PAGE, json_page.CONVERSATION
    assert json_page.ours(None) == json_page.by_hand(None) == (conversation, page)
    assert len(page.rows) == json_page.MESSAGES
    for thing, tree in (
        (conversation, json_page.conversation_dict(conversation)),
        *((row, json_page.message_dict(row)) for row in page.rows),
    ):
        assert keys(to_json(thing)["value"]) == keys(tree)


def keys(tree: Any) -> Any:
    """A tree's keys, without what stands under them."""
    if isinstance(tree, dict):
        return {key: keys(value) for key, value in tree.items()}
    return [keys(value) for value in tree] if isinstance(tree, list) else None


def test_the_message_without_checks_is_the_same_but_for_them() -> None:
    def shape(cls: type[Any]) -> list[object]:
        seen = [
            (f.name, f.default, f.kw_only, f.eq, f.order, f.hash, f.init, f.converter, f.on_setattr)
            for f in attrs.fields(cls)
        ]
        return [
            *seen,
            [slot for slot in cls.__slots__ if slot != "__weakref__"],
            "__weakref__" in cls.__slots__,
        ]

    assert shape(message.Unchecked) == shape(Message)
    assert not hasattr(message.Unchecked, "__attrs_post_init__")
    ours, theirs = message.checked(message.fields()), message.unchecked(message.fields())
    assert attrs.asdict(ours, recurse=False) == attrs.asdict(theirs, recurse=False)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        theirs.seq = 2
    with pytest.raises(InvalidValue):
        message.checked({**message.fields(), "seq": 0})
    assert message.unchecked({**message.fields(), "seq": 0}).seq == 0


def counted() -> Callable[[], str]:
    ids = itertools.count(1)
    return lambda: f"{next(ids):032x}"


def test_the_desk_and_the_hand_written_take_answer_and_keep_the_same() -> None:
    desk = desk_take.desk(3, lambda: scene.NOW, counted())
    other = desk_take.by_hand(3, lambda: scene.NOW, counted())
    with contextlib.closing(other.db):
        for n in range(3):
            command, actor = desk_take.asked(n)
            assert desk.handle(command, by=actor) == other.take(command, by=actor)
            assert desk.conversation(command.conversation, by=actor) == other.read(command.conversation)
            late = scene.AGENTS[n + 1]
            for handle in (desk.handle, other.take):
                with pytest.raises(AlreadyTaken):
                    handle(command, by=late)
        events = other.db.execute("select ref, version, id, recorded_at, actor, command, type from event")
        assert events.fetchall() == [
            (e.ref, e.version, e.id, e.recorded_at.isoformat(), e.actor.id, e.command, type(e.event).__name__)
            for n in range(3)
            for e in desk.timeline(desk_take.asked(n)[0].conversation, by=SYSTEM, after=1)
        ]
        assert other.db.execute("select sum(count) from tally").fetchone() == (3,)
        assert other.db.execute("select count(*) from receipt").fetchone() == (3,)


def test_a_filled_storage_is_as_a_desk_would_have_left_it() -> None:
    storage = MemoryStorage()
    scene.fill(storage, 5)
    kept = storage.contents()
    assert (
        sum(isinstance(s, Conversation) and s.situation is Situation.QUEUE for s in kept.states.values()) == 5
    )
    assert {ref: fold(stream) for ref, stream in kept.streams.items()} == kept.states
    assert kept.claims == {claim: ref for ref, state in kept.states.items() for claim in claims_of(state)}


def test_a_growing_conversation_has_the_length_that_is_named() -> None:
    inbox = growth_message.Inbox()
    customer = inbox.conversation(12)
    [conversation] = [s for s in inbox.storage.contents().states.values() if isinstance(s, Conversation)]
    assert conversation.seq == 12
    inbox.receive(inbox.message(customer))
    assert inbox.desk.conversation(conversation.id, by=SYSTEM).seq == 13


def test_an_inbox_is_taken_from_once_per_conversation_and_up_to_a_tenth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inboxes: list[Desk] = []
    monkeypatch.setattr(growth_take, "desk", lambda size: inboxes.append(desk_take.desk(size)) or inboxes[-1])
    run_batch = growth_take.side(50, takes=2 * growth_take.BATCH)
    run_batch()
    run_batch()
    query = ConversationQuery(situation=Situation.OPEN)
    assert [len(inbox.conversations(query, by=SYSTEM).rows) for inbox in inboxes] == [5, 5]


def test_recorded_effects_are_as_a_desk_would_have_left_them() -> None:
    """Each was asked for, claimed and settled; it has its guard still, and nothing is due. Rule: B8, B11."""
    place = growth_effect.Granting(60)
    kept = place.storage.contents()
    effects = [state for state in kept.states.values() if isinstance(state, Effect)]
    assert [effect.state for effect in effects] == [EffectState.SUCCEEDED] * 60
    assert all([type(e.event) for e in kept.streams[f.id]] == [Intended, Claimed, Succeeded] for f in effects)
    assert {ref: fold(stream) for ref, stream in kept.streams.items()} == kept.states
    assert kept.claims == {claim: ref for ref, state in kept.states.items() for claim in claims_of(state)}
    assert sum(key.startswith("bonus:") for key in kept.claims) == 60
    assert place.desk.run_due().done == 0


def test_each_bonus_that_is_measured_is_granted_once() -> None:
    """What is timed claims an effect, has it granted, and settles it; nothing of it is left over."""
    place = growth_effect.Granting(20)
    run_batch = place.side()
    run_batch()
    run_batch()
    kept = place.storage.contents().states.values()
    effects = {effect.id: effect for effect in kept if isinstance(effect, Effect)}
    granted = [effects[request.key] for request in place.billing.bonuses]
    assert len({effect.id for effect in granted}) == 2 * growth_effect.BATCH
    assert all(effect.attempts == 1 for effect in granted)
    assert {effect.state for effect in effects.values()} == {EffectState.SUCCEEDED}


def test_recorded_effects_leave_nothing_to_look_through_when_asked_what_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though nobody has asked before: as many steps after two thousand effects as after two hundred."""
    popped: list[int] = []
    pop = heapq.heappop

    def counting(heap: list[Any]) -> Any:
        popped[-1] += 1
        return pop(heap)

    monkeypatch.setattr("heapq.heappop", counting)
    for size in (200, 2_000):
        popped.append(0)
        place = growth_effect.Granting(size)
        place.ask()
        popped[-1] = 0
        assert len(place.storage.due(now=growth_effect.NOW, limit=10).effects) == 1
    assert all(steps < 100 for steps in popped)


def test_the_machine_of_transitions_ends_where_our_take_does() -> None:
    pytest.importorskip("transitions")
    from tests.bench import take_transitions

    asked = take.waiting()
    model = take_transitions.Model(1)
    take_transitions.machine([model])
    assert model.take(asked[1])  # type: ignore[attr-defined]
    _, state, envelope = take.ours(asked)
    written = ("id", "version", "recorded_at", "department", "assignee", "last_assignee", "taken_at")
    assert [getattr(model, name) for name in written] == [getattr(state, name) for name in written]
    assert model.situation == state.situation.value
    assert model.events == [envelope]
    late = take_transitions.Model(1)
    take_transitions.machine([late])
    assert not late.take(attrs.evolve(asked[1], loads={asked[1].actor.id: scene.MAX_OPEN}))  # type: ignore[attr-defined]
    assert (late.situation, late.events) == ("queue", [])


def test_the_aggregate_of_eventsourcing_ends_where_our_take_does() -> None:
    pytest.importorskip("eventsourcing")
    from tests.bench import take_eventsourcing

    asked = take.waiting()
    aggregate = take_eventsourcing.Conversation(department=scene.DEPARTMENT)
    aggregate.collect_events()
    aggregate.take(asked[1])
    _, state, envelope = take.ours(asked)
    written = ("department", "assignee", "last_assignee", "taken_at")
    assert [getattr(aggregate, name) for name in written] == [getattr(state, name) for name in written]
    assert aggregate.situation == state.situation.value
    [event] = aggregate.collect_events()
    recorded = ("recorded_at", "actor", "command", "correlation", "causation", "schema")
    assert [getattr(event, name) for name in recorded] == [getattr(envelope, name) for name in recorded]
    with pytest.raises(take_eventsourcing.RefusedError):
        aggregate.take(asked[1])


def test_the_hand_written_look_ups_find_the_very_misfits_of_the_rule() -> None:
    """Nothing wrong with what is measured; and with an unknown tag the same list of problems. Rule: C3, C4."""
    assert tagging.ours(tagging.WANTED) == tagging.by_hand(tagging.WANTED) == []
    assert len(tagging.WANTED) == tagging.ASKED
    wrong = (*tagging.WANTED, "none-such")
    assert tagging.ours(wrong) == tagging.by_hand(wrong) != []


def test_the_format_string_gives_the_text_of_the_template() -> None:
    """Both sides of the rendering give the same text, with all five values in it. Rule: C7."""
    text = rendering.ours(rendering.VALUES)
    assert text == rendering.peer(rendering.VALUES)
    assert all(value in text for value in rendering.VALUES.values())
    assert len(rendering.TEMPLATE.variables) == 5


def test_a_large_configuration_takes_part_in_what_is_measured() -> None:
    """The desk under the large configuration holds its thousand tags while it takes. Rule: C4."""
    assert len(workspace.PLACE.tags) == tagging.TAGS


def test_a_panel_is_opened_of_a_conversation_of_the_length_named() -> None:
    """The conversation has that many messages and its panel opens."""
    screen = growth_panel.Screen()
    id = screen.of_length(10)
    screen.opens(id)
    assert screen.desk.panel(id, by=growth_panel.BY).conversation.seq == 10


def test_the_plain_way_of_folding_gives_the_same_of_every_code_point() -> None:
    """Alone and between letters, where a mark has something to sit on. Rule: S6."""
    for code in range(0x110000):
        assert text.fold(chr(code)) == folding.reference(chr(code)), hex(code)
    together = "".join(f"a{chr(code)}" for code in range(0x3000))
    assert text.fold(together) == folding.reference(together)


def test_both_searches_are_asked_the_same_and_answer_the_same() -> None:
    """Pages of all kinds of queries, and one conversation after another. Rule: S6."""
    sides = search_words.Both(corpus.corpus(1_500))
    with contextlib.closing(sides.fts.db):
        sides.grow_to(1_500)
        asked = search_words.queries(sides.messages, 20)
        sides.compare(asked)
        assert sum(len(sides.newest(condition)) for condition, _ in asked) > 20 * len(asked) / 2
        search_words.inside(sides, long=False, rounds=1)
        condition, told = asked[0]
        sides.fts.db.execute("delete from message where message match ?", (told,))
        with pytest.raises(AssertionError, match="another answer"):
            sides.compare([(condition, told)])


def test_the_corpus_is_the_same_each_time_and_as_it_is_said_to_be() -> None:
    messages = list(corpus.corpus(6_000))
    assert messages == list(corpus.corpus(6_000))
    assert len({message.id for message in messages}) == 6_000
    assert [message.order for message in messages] == sorted({message.order for message in messages})
    assert 52 < sum(len(message.text) for message in messages) / 6_000 < 62
    plainly = sum(message.text.isascii() for message in messages) / 6_000
    assert 0.5 < plainly < 0.6


def test_what_an_index_takes_grows_with_what_is_in_it() -> None:
    sides = search_words.Both(corpus.corpus(2_000))
    with contextlib.closing(sides.fts.db):
        sides.grow_to(1_000)
        before = search_words.bytes_of(sides.index)
        sides.grow_to(2_000)
        after = search_words.bytes_of(sides.index)
        said = sum(len(text.canonical(message.text).encode()) for message in sides.messages)
        assert after > before > 0
        assert after > said
