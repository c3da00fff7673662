"""The laws over any sequence of commands, with a provider that does its worst and a clock that jumps."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatcore import Delivery
from chatcore.commands import ClaimEffect
from chatcore.entities import Contact, Conversation, Effect, Message, Nature, RepeatsByKey, ReportsByKey
from chatcore.errors import ChatcoreError, EffectPending, NotFound
from chatcore.memory import Contents
from chatcore.vocabulary import Actor, ConversationId, DeliveryStatus, EffectState
from tests.laws.holding import assert_laws
from tests.laws.providers import MOODS, NATURES, Provider
from tests.laws.running import CONFIGURATIONS, Run
from tests.strategies import Step, command_sequences, commands
from tests.worlds import ANA, BETO, BOT, CARLA, DIEGO, SUPERVISOR, World

ACTORS = (ANA, BETO, CARLA, DIEGO, SUPERVISOR, BOT)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    nature=st.sampled_from(NATURES),
    first=st.integers(0, 4),
    steps=command_sequences(ACTORS, MOODS),
)
def test_every_law_holds_after_every_step(nature: Nature, first: int, steps: list[Step]) -> None:
    """Law: for any sequence of commands every entity equals the fold of its events, claims and tallies equal
    union and sum over states, every edge is in the table, and a refused command changes nothing at all.

    Rule: section L, L1, L2, L3, L7, L11, L12, L13, M4
    """
    run = Run(nature, CONFIGURATIONS[first], waiting=3)
    run.go(steps)


@pytest.mark.parametrize("nature", NATURES, ids=lambda nature: type(nature).__name__)
@pytest.mark.parametrize("first", [0, 3, 4, 7])
def test_every_law_holds_over_a_full_day(nature: Nature, first: int) -> None:
    """Law: the same, over a day in which everything happens: doubts, reopenings, blocks, anomalies, refusals.

    Rule: section L, L4, M1, M2, M3, M13
    """
    run = Run(nature, CONFIGURATIONS[first], waiting=3)
    for n, mood in enumerate(MOODS):
        run.go(
            [
                Step("behave", detail=(mood, "temporary", mood)),
                Step("take", None, pick=0),
                Step("send", None, pick=0, detail="Olá", flag=True),
                Step("send", None, pick=0, detail="Segue"),
                Step("report", pick=1, detail=DeliveryStatus.READ, flag=True),
                Step("close", None, pick=0, detail="slip"),
                Step("deliver", pick=5),
                Step("report", pick=0, detail=DeliveryStatus.SENT),
                Step("pass time", detail=timedelta(minutes=-9)),
                *(Step("arrive", pick=i, detail=100 + i) for i in range(5)),
                *(Step("arrive", pick=i + 1, detail=100 + i) for i in range(5)),
                Step("block", None, pick=1),
                *(Step("arrive", pick=i, detail=10 * n + i) for i in range(5)),
                Step("unblock", None, pick=1),
                Step("report", pick=2, detail=DeliveryStatus.FAILED, flag=True),
                Step("pass time", detail=timedelta(minutes=17)),
                Step("deliver", pick=5),
                Step("configure", pick=n),
                Step("assign", None, pick=2, detail=BETO),
                Step("start", None, pick=1, detail="Oi"),
            ]
        )
    run.provider.moods = []
    run.world.until_quiet()
    assert_laws(run.world.contents())
    streams = run.world.contents().streams.values()
    happened = {type(envelope.event).__name__ for stream in streams for envelope in stream}
    assert happened >= {"Closed", "ContactUnblocked", "Doubted", "InboundRefused", "Postponed", "Taken"}
    assert ("Reopened" in happened) or not first


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(nature=st.sampled_from(NATURES), steps=command_sequences(ACTORS, MOODS))
def test_messages_leave_in_order_and_every_delivery_ends(nature: Nature, steps: list[Step]) -> None:
    """Law: whatever happened, delivery comes to rest; messages were first tried in `seq` order; a key is done
    at most once where the provider promises anything, and one that says SUCCEEDED was done or reported so.

    Rule: M20
    """
    run = Run(nature, waiting=3)
    run.go(steps)
    run.provider.moods = []
    run.world.until_quiet()
    assert_laws(run.world.contents())
    for order in run.first_asked().values():
        assert order == sorted(order)
    restless = {EffectState.INTENDED, EffectState.IN_FLIGHT, EffectState.UNKNOWN}
    assert [e for e in run.world.of(Effect) if e.state in restless] == []
    assert max(run.provider.applied.values(), default=0) <= 1


@settings(max_examples=60)
@given(command=commands(), by=st.sampled_from(ACTORS))
def test_a_command_about_what_is_not_there_changes_nothing(command: object, by: Actor) -> None:
    """Law: a refused command leaves storage, events and ports untouched. Rule: P"""
    world = World()
    world.arrive()
    before = world.seen()
    try:
        outcome = world.do(command, by)
    except ChatcoreError:
        assert world.seen() == before
    else:
        assert outcome.changed or world.seen() == before
        assert_laws(world.contents())


def test_a_message_delivered_at_once_waits_for_an_earlier_one() -> None:
    """A message that could leave at once stays while an earlier one of its conversation is not settled; doubt
    does not hold it.

    Rule: M20
    """
    provider = Provider(ReportsByKey(), ["temporary", "raises, done"])
    world = World(messaging=provider, delivery=Delivery.INLINE)
    conversation = world.arrive()
    world.take(conversation)
    first, second = world.send(conversation, "primeira"), world.send(conversation, "segunda")
    assert [request.key for request in provider.asked] == [first]
    with pytest.raises(EffectPending):
        world.do(ClaimEffect(second))
    world.pass_time(timedelta(seconds=5))
    world.desk.run_due()
    assert [request.key for request in provider.asked] == [first, first, second]
    assert [world.state(effect).state for effect in (first, second)] == [
        EffectState.UNKNOWN,
        EffectState.SUCCEEDED,
    ]


def test_a_moment_never_goes_back_within_a_conversation() -> None:
    """Where the clock goes back, the time of a conversation, its messages and its effects stands still.

    Rule: L12
    """
    world = World()
    conversation = world.arrive(id="first")
    effect = None
    world.take(conversation)
    for span in (timedelta(hours=-1), timedelta(hours=-2), timedelta(hours=5), timedelta(hours=-9)):
        world.pass_time(span)
        world.arrive(f"mais {span}")
        world.do(world.arrival(f"outro texto {span}", id="first"))
        effect = world.send(conversation)
        world.do(world.report(DeliveryStatus.READ, f"out-{effect}"))
        world.pass_time(span)
        world.desk.run_due()
        world.do(world.report(DeliveryStatus.READ, f"out-{effect}", key=effect))
    world.close(conversation)
    assert_laws(world.contents())
    assert effect is not None


def _day() -> Contents:
    world = World(delivery="inline")
    conversation = world.arrive()
    world.take(conversation)
    world.send(conversation)
    return world.contents()


def _with_state(contents: Contents, kind: type, **fields: object) -> Contents:
    ref, state = next((r, s) for r, s in contents.states.items() if type(s) is kind)
    return attrs.evolve(contents, states={**contents.states, ref: attrs.evolve(state, **fields)})


def _without_last_event(contents: Contents, kind: type) -> Contents:
    ref = next(r for r, s in contents.states.items() if type(s) is kind)
    return attrs.evolve(contents, streams={**contents.streams, ref: contents.streams[ref][:-1]})


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda c: _with_state(c, Conversation, transfers=3),
        lambda c: _with_state(c, Contact, refused=1),
        lambda c: _with_state(c, Message, anomalies=1),
        lambda c: _with_state(c, Effect, attempts=9),
        lambda c: _without_last_event(c, Conversation),
        lambda c: _without_last_event(c, Effect),
        lambda c: attrs.evolve(c, claims=dict(list(c.claims.items())[1:])),
        lambda c: attrs.evolve(c, claims={**c.claims, "live:ct_x:wa": "cv_x"}),
        lambda c: attrs.evolve(c, tallies={}),
        lambda c: attrs.evolve(c, tallies={**c.tallies, "open:beto": 2}),
        lambda c: attrs.evolve(c, sealed=frozenset()),
        lambda c: attrs.evolve(c, receipts=dict(list(c.receipts.items())[1:])),
        lambda c: attrs.evolve(c, states={r: s for r, s in c.states.items() if not isinstance(s, Message)}),
    ],
)
def test_a_storage_that_breaks_a_law_is_caught(spoilt: object) -> None:
    """The check itself can fail: each way to spoil what is kept is seen."""
    contents = _day()
    assert_laws(contents)
    with pytest.raises(AssertionError):
        assert_laws(spoilt(contents))


def test_a_run_meets_refusals_and_still_gets_somewhere() -> None:
    """The runs above are worth something: in one, people are refused, doubts arise, and things get done."""
    run = Run(RepeatsByKey(CONFIGURATIONS[3].policies.reopen_within))
    run.go(
        [
            Step("arrive", pick=0, detail=1),
            Step("take", BETO),
            Step("take", ANA),
            Step("send", BETO, detail="Olá"),
            Step("behave", detail=("raises, done",)),
            Step("deliver", pick=5),
            Step("close", BETO),
            Step("close", BETO, detail="slip"),
        ]
    )
    assert run.refused == 2
    assert [e.state for e in run.world.of(Effect)] == [EffectState.UNKNOWN, EffectState.INTENDED]
    with pytest.raises(NotFound):
        run.world.take(ConversationId("cv_nowhere"))
