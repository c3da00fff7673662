"""Timed work through the desk: still conversations close, still bots hand over, and it goes on by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import Delivery, Desk, Ports
from chatcore._engine import sweeping
from chatcore.commands import (
    ArchiveItem,
    BlockContact,
    ClaimEffect,
    SendMessage,
    SetPolicies,
    SetReason,
    StartConversation,
)
from chatcore.entities import AutomaticMessages, Conversation, Effect, Message, Policies
from chatcore.errors import EffectPending, Temporary
from chatcore.events import Closed, Queued
from chatcore.limits import LONGEST_SWEEP_PAUSE, SWEEP_RETRY, SWEEP_ROWS
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet, Due
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import (
    SYSTEM,
    ChannelId,
    ConversationId,
    EffectKind,
    EffectState,
    Part,
    ReasonId,
    Situation,
)
from tests.worlds import ADMIN, BETO, BOT, WORKSPACE, World, changed

HOUR, MINUTE, TICK = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
SLIP = ReasonId("slip")
SPEAKING = AutomaticMessages(closing="Até logo!", queued="Já vamos atender.")
OFF = Policies(automatic=SPEAKING, default_reason=SLIP)
IDLE = attrs.evolve(OFF, close_after_idle=4 * HOUR)
ALL_IDLE = attrs.evolve(IDLE, idle_spares_waiting=False)
TIMEOUT = attrs.evolve(OFF, bot_timeout=10 * MINUTE)


def world_of(policies: Policies, **options: Any) -> World:
    return World(changed(WORKSPACE, policies=policies), **options)


def decide_otherwise(world: World, policies: Policies) -> None:
    world.do(SetPolicies(policies), ADMIN)


def answered(world: World, phone: str = "5511987654321", text: str = "Olá!") -> ConversationId:
    """A conversation that BETO has, in which nobody waits for an answer, and whose messages have left."""
    conversation = world.arrive(phone=phone)
    world.take(conversation)
    world.send(conversation, text)
    world.desk.run_due()
    return conversation


def phone(n: int) -> str:
    return f"55119{90000000 + n}"


def sweeps(world: World, kind: EffectKind = EffectKind.CLOSE_IDLE) -> list[Effect]:
    return [effect for effect in world.of(Effect) if effect.kind is kind]


def situation(world: World, conversation: ConversationId) -> Situation:
    found: Situation = world.state(conversation).situation
    return found


def work(world: World, desk: Desk | None = None) -> Any:
    """Do what is due now, until nothing is."""
    desk = desk or world.desk
    report = desk.run_due()
    while report.more:
        report = desk.run_due()
    return report


class Hooked(MemoryStorage):
    """Storage in memory that lets something happen just before or after one of its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.before_apply: Callable[[ChangeSet], None] | None = None
        self.after_page: Callable[[], None] | None = None
        self.stuck: frozenset[str] = frozenset()
        self.refused: set[str] = set()
        self.limits: list[int] = []

    def apply(self, change: ChangeSet, /) -> None:
        stuck = {write.ref for write in change.writes} & self.stuck
        if stuck:
            self.refused |= stuck
            raise Temporary
        hook, self.before_apply = self.before_apply, None
        if hook is not None:
            hook(change)
        super().apply(change)

    def conversations(self, query: Any, /, *, limit: int, cursor: str | None) -> Any:
        page = super().conversations(query, limit=limit, cursor=cursor)
        hook, self.after_page = self.after_page, None
        if hook is not None:
            hook()
        return page

    def due(self, *, now: Any, limit: int) -> Due:
        self.limits.append(limit)
        return super().due(now=now, limit=limit)


# --- idle conversations are closed ---------------------------------------------------------------------------


def test_a_still_conversation_closes_at_exactly_the_span() -> None:
    """A tick before it nothing happens; at the span it is closed by the system, with the default reason.

    Rule: L16, L10
    """
    world = world_of(IDLE)
    conversation = answered(world)
    still_since = world.state(conversation).recorded_at
    world.now = still_since + 4 * HOUR - TICK
    report = work(world)
    assert situation(world, conversation) is Situation.OPEN
    assert report.next_at == still_since + 4 * HOUR
    world.now = report.next_at
    work(world)
    closed = world.state(conversation)
    assert (closed.situation, closed.reason, closed.closed_by) == (Situation.CLOSED, SLIP, SYSTEM)
    assert closed.closed_at == still_since + 4 * HOUR
    assert closed.last_assignee == "beto"
    assert_laws(world.contents())


def test_one_in_the_queue_closes_too_and_one_with_the_bot_does_not() -> None:
    """Idle closing is about what people serve or will serve. Rule: L16, L22"""
    world = world_of(ALL_IDLE)
    queued, at_bot = world.arrive(), world.arrive(channel="bot", phone=phone(1))
    world.pass_time(4 * HOUR)
    work(world)
    assert situation(world, queued) is Situation.CLOSED
    assert situation(world, at_bot) is Situation.BOT


@pytest.mark.parametrize("spares", [True, False])
def test_who_waits_for_an_answer_may_be_spared(spares: bool) -> None:
    """Where the policy says so, a conversation whose customer waits stays open however long. Rule: L16, L15"""
    world = world_of(IDLE if spares else ALL_IDLE)
    waiting, done = world.arrive(), answered(world, phone(1))
    world.take(waiting)
    world.pass_time(9 * HOUR)
    work(world)
    assert situation(world, waiting) is (Situation.OPEN if spares else Situation.CLOSED)
    assert situation(world, done) is Situation.CLOSED
    if spares:
        world.send(waiting)
        work(world)
        world.pass_time(4 * HOUR)
        work(world)
        assert situation(world, waiting) is Situation.CLOSED


def test_a_reason_given_before_stands() -> None:
    """The default reason is only for what has none. Rule: L10, L16"""
    world = world_of(IDLE)
    conversation = answered(world)
    world.do(SetReason(conversation, ReasonId("slow")), BETO)
    world.pass_time(4 * HOUR)
    work(world)
    assert world.state(conversation).reason == "slow"


def closing_messages(world: World) -> list[Message]:
    return [message for message in world.of(Message) if message.automatic == "closing"]


def test_the_closing_message_goes_out_as_at_any_close() -> None:
    """It is said once, before the close, and leaves by the same due work. Rule: L10, L16, L20"""
    world = world_of(IDLE)
    conversation = answered(world)
    world.pass_time(4 * HOUR)
    work(world)
    [message] = closing_messages(world)
    assert message.conversation == conversation
    assert type(world.events(conversation)[-1]) is Closed
    assert [request.text.reveal() for request in world.messaging.outbox] == [
        "Já vamos atender.",
        "Olá!",
        "Até logo!",
    ]


@pytest.mark.parametrize("why", ["window", "blocked", "unconfigured"])
def test_where_no_message_can_go_it_closes_without(why: str) -> None:
    """A shut window, a blocked contact, or no message to say. Rule: L10, L16, L21"""
    policies = attrs.evolve(IDLE, automatic=AutomaticMessages()) if why == "unconfigured" else IDLE
    world = world_of(attrs.evolve(policies, close_after_idle=25 * HOUR) if why == "window" else policies)
    conversation = answered(world)
    if why == "blocked":
        world.do(BlockContact(world.state(conversation).contact), BETO)
    world.pass_time(25 * HOUR)
    work(world)
    assert situation(world, conversation) is Situation.CLOSED
    assert closing_messages(world) == []


def test_it_keeps_going_on_its_own() -> None:
    """One effect looks after everything that comes later; whoever says something is left alone for longer.

    Rule: L16
    """
    world = world_of(IDLE)
    first = answered(world)
    world.pass_time(3 * HOUR)
    second = answered(world, phone(1))
    world.send(first, "Ainda está aí?")
    work(world)
    world.pass_time(HOUR)
    work(world)
    assert situation(world, first) is situation(world, second) is Situation.OPEN
    for _ in range(12):
        report = work(world)
        if situation(world, first) is Situation.CLOSED:
            break
        assert report.next_at is not None
        assert world.now < report.next_at <= world.now + LONGEST_SWEEP_PAUSE
        world.now = report.next_at
    assert situation(world, first) is situation(world, second) is Situation.CLOSED
    assert world.now == world.state(first).closed_at
    third = answered(world, phone(2))
    world.pass_time(4 * HOUR)
    work(world)
    assert situation(world, third) is Situation.CLOSED
    [sweep] = sweeps(world)
    assert sweep.state is EffectState.INTENDED


def test_more_than_one_step_holds_are_closed_in_one_call() -> None:
    """A step looks after some; steps follow one another while there is something to do. Rule: L16"""
    world = world_of(attrs.evolve(ALL_IDLE, automatic=AutomaticMessages()), storage=Hooked())
    count = SWEEP_ROWS + 5
    for n in range(count):
        world.arrive(phone=phone(n))
    world.pass_time(4 * HOUR)
    report = world.desk.run_due(limit=1)
    assert report.more
    report = world.desk.run_due(limit=count)
    assert not report.more
    assert {s.situation for s in world.of(Conversation)} == {Situation.CLOSED}
    assert min(world.storage.limits) >= 1
    assert_laws(world.contents())


def test_switched_off_it_ends_and_switched_on_again_it_begins_anew() -> None:
    """Off, nothing closes any more, and nothing is left due; on, one sweep is born again. Rule: L16"""
    world = world_of(IDLE)
    conversation = answered(world)
    decide_otherwise(world, OFF)
    world.pass_time(9 * HOUR)
    report = work(world)
    assert situation(world, conversation) is Situation.OPEN
    assert report.next_at is None
    assert [sweep.state for sweep in sweeps(world)] == [EffectState.SUCCEEDED]
    decide_otherwise(world, IDLE)
    work(world)
    assert situation(world, conversation) is Situation.CLOSED
    assert [sweep.state for sweep in sweeps(world)] == [EffectState.SUCCEEDED, EffectState.INTENDED]
    assert_laws(world.contents())


def test_switched_off_and_on_before_it_looks_it_just_goes_on() -> None:
    """There are never two of a kind. Rule: L16, L22"""
    both = attrs.evolve(IDLE, bot_timeout=10 * MINUTE)
    world = world_of(both)
    for policies in (OFF, both, attrs.evolve(both, close_after_idle=HOUR), OFF, both):
        decide_otherwise(world, policies)
    kinds = (EffectKind.CLOSE_IDLE, EffectKind.TIME_OUT_BOT)
    assert [len(sweeps(world, kind)) for kind in kinds] == [1, 1]


def test_two_who_switch_it_on_at_once_begin_one() -> None:
    """The second finds what the first did, and tries again on top of it. Rule: L16"""
    storage = Hooked()
    world = world_of(OFF, storage=storage)
    other = world.another_desk()

    def meanwhile(_: ChangeSet) -> None:
        other.handle(SetPolicies(ALL_IDLE), by=ADMIN)

    storage.before_apply = meanwhile
    decide_otherwise(world, IDLE)
    assert len(sweeps(world)) == 1
    assert world.desk.workspace(by=ADMIN).policies == IDLE
    assert_laws(world.contents())


def goes_on(world: World, conversation: ConversationId) -> None:
    """The policy is on: so one sweep is there, and closes what is still."""
    world.pass_time(9 * HOUR)
    work(world)
    assert situation(world, conversation) is Situation.CLOSED
    assert len([sweep for sweep in sweeps(world) if sweep.state is not EffectState.SUCCEEDED]) == 1
    assert_laws(world.contents())


def test_switched_on_again_while_a_sweep_is_about_to_end_it_goes_on() -> None:
    """Who switches it on finds the sweep that has just seen it off: it must not end then. Rule: L16"""
    storage = Hooked()
    world = world_of(IDLE, storage=storage)
    conversation = answered(world)
    other = world.another_desk()
    decide_otherwise(world, OFF)
    world.pass_time(4 * HOUR)

    def claimed(_: ChangeSet) -> None:
        storage.before_apply = lambda _: other.handle(SetPolicies(IDLE), by=ADMIN) and None

    storage.before_apply = claimed
    world.desk.run_due(limit=1)
    assert world.desk.workspace(by=ADMIN).policies == IDLE
    goes_on(world, conversation)


def test_a_sweep_that_ends_while_it_is_switched_on_again_is_followed_by_another() -> None:
    """The other way round: the sweep ends just before the policy is committed. Rule: L16"""
    storage = Hooked()
    world = world_of(IDLE, storage=storage)
    conversation = answered(world)
    other = world.another_desk()
    decide_otherwise(world, OFF)
    world.pass_time(4 * HOUR)
    storage.before_apply = lambda _: other.run_due() and None
    decide_otherwise(world, IDLE)
    goes_on(world, conversation)


def test_a_shorter_span_is_kept_soon() -> None:
    """However long the sweep meant to rest, a stricter policy holds within the longest pause. Rule: L16"""
    world = world_of(attrs.evolve(IDLE, close_after_idle=timedelta(days=30)))
    conversation = answered(world)
    work(world)
    decide_otherwise(world, attrs.evolve(IDLE, close_after_idle=10 * MINUTE))
    world.pass_time(LONGEST_SWEEP_PAUSE)
    work(world)
    assert situation(world, conversation) is Situation.CLOSED


def test_a_longer_span_is_kept_at_once() -> None:
    """What was about to close has more time now. Rule: L16"""
    world = world_of(IDLE)
    conversation = answered(world)
    work(world)
    decide_otherwise(world, attrs.evolve(IDLE, close_after_idle=8 * HOUR))
    world.pass_time(8 * HOUR - TICK)
    work(world)
    assert situation(world, conversation) is Situation.OPEN
    world.pass_time(TICK)
    work(world)
    assert situation(world, conversation) is Situation.CLOSED


def test_who_writes_just_before_the_close_is_not_closed_on() -> None:
    """Each conversation is looked at once more before anything happens to it. Rule: L16"""
    storage = Hooked()
    world = world_of(ALL_IDLE, storage=storage)
    conversation = answered(world)
    world.pass_time(4 * HOUR)
    other = world.another_desk()
    late = world.arrival("Ainda estou aqui")
    storage.after_page = lambda: other.handle(late, by=SYSTEM) and None
    work(world)
    assert situation(world, conversation) is Situation.OPEN
    world.pass_time(4 * HOUR)
    work(world)
    assert situation(world, conversation) is Situation.CLOSED


@pytest.mark.parametrize("bad", [1, SWEEP_ROWS + 1])
def test_one_that_cannot_be_closed_never_blocks_the_others(bad: int) -> None:
    """However many storage refuses, the rest closes; and they do too, once it lets them. Rule: L16"""
    storage = Hooked()
    world = world_of(attrs.evolve(ALL_IDLE, automatic=AutomaticMessages()), storage=storage)
    stuck = [world.arrive(phone=phone(n)) for n in range(bad)]
    world.pass_time(MINUTE)
    fine = [world.arrive(phone=phone(1000 + n)) for n in range(2)]
    world.pass_time(4 * HOUR)
    storage.stuck = frozenset(stuck)
    report = work(world)
    assert {situation(world, each) for each in fine} == {Situation.CLOSED}
    assert {situation(world, each) for each in stuck} == {Situation.QUEUE}
    assert report.next_at == world.now + SWEEP_RETRY
    storage.stuck = frozenset()
    world.now = report.next_at
    work(world)
    assert {situation(world, each) for each in stuck} == {Situation.CLOSED}


def test_one_step_looks_at_no_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many cannot be handled: the step ends, and a while later the next one begins. Rule: L16, L13"""
    monkeypatch.setattr(sweeping, "SWEEP_ROWS", 2)
    monkeypatch.setattr(sweeping, "SWEEP_LOOKS", 4)
    storage = Hooked()
    world = world_of(attrs.evolve(ALL_IDLE, automatic=AutomaticMessages()), storage=storage)
    stuck = [world.arrive(phone=phone(n)) for n in range(7)]
    world.pass_time(4 * HOUR)
    storage.stuck = frozenset(stuck)
    report = work(world)
    assert storage.refused == set(stuck[:4])
    assert report.next_at == world.now + SWEEP_RETRY
    storage.stuck = frozenset()
    world.now = report.next_at
    work(world)
    assert {situation(world, each) for each in stuck} == {Situation.CLOSED}


def test_a_step_that_releases_looks_at_no_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with what is still. Rule: L13"""
    monkeypatch.setattr(sweeping, "SWEEP_ROWS", 2)
    monkeypatch.setattr(sweeping, "SWEEP_LOOKS", 4)
    storage = Hooked()
    world = world_of(OFF, storage=storage)
    stuck = [answered(world, phone(n)) for n in range(7)]
    storage.stuck = frozenset(stuck)
    world.do(ArchiveItem(Part.AGENT, "beto"), ADMIN)
    report = work(world)
    assert len(storage.refused) == 4
    assert report.next_at == world.now + SWEEP_RETRY
    storage.stuck = frozenset()
    world.now = report.next_at
    work(world)
    assert {situation(world, each) for each in stuck} == {Situation.QUEUE}


def test_a_desk_without_the_channels_adapter_closes_nothing_and_leaves_it_to_others() -> None:
    """Closing needs to know what the channel carries; who does not know waits a while. Rule: L16"""
    world = world_of(IDLE)
    conversation = answered(world)
    world.pass_time(4 * HOUR)
    bare = Desk(Ports(storage=world.storage), clock=lambda: world.now, new_root=world.new_root)
    report = bare.run_due()
    assert situation(world, conversation) is Situation.OPEN
    assert report.next_at is not None
    assert report.next_at <= world.now + SWEEP_RETRY
    world.now = report.next_at
    work(world)
    assert situation(world, conversation) is Situation.CLOSED


def test_a_clock_that_goes_back_closes_nothing_early() -> None:
    """What was said later than now is not still. Rule: L12, L16"""
    world = world_of(IDLE)
    conversation = answered(world)
    world.pass_time(-2 * HOUR)
    report = work(world)
    assert situation(world, conversation) is Situation.OPEN
    assert report.next_at is not None
    assert report.next_at > world.now
    world.now = world.state(conversation).recorded_at + 4 * HOUR
    work(world)
    assert situation(world, conversation) is Situation.CLOSED


def test_a_sweep_in_other_hands_is_left_alone() -> None:
    """Two workers never do one step at once; past its lease it is taken up again. Rule: L16"""
    world = world_of(IDLE)
    conversation = answered(world)
    world.pass_time(4 * HOUR)
    [sweep] = sweeps(world)
    world.do(ClaimEffect(sweep.id))
    before = world.contents()
    with pytest.raises(EffectPending):
        world.do(ClaimEffect(sweep.id))
    assert work(world).done == 0
    assert world.contents() == before
    world.pass_time(MINUTE)
    work(world)
    assert situation(world, conversation) is Situation.CLOSED


class Dies(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("error", "after"),
    [
        pytest.param(error, after, id=f"{error.__name__} {'after' if after else 'before'}")
        for error, after in (
            (Dies, False),
            (Dies, True),
            (Temporary, False),  # Certainly not done: never after.
            (RuntimeError, False),
            (RuntimeError, True),
        )
    ],
)
def test_interrupted_at_any_commit_it_closes_each_once(error: type[BaseException], after: bool) -> None:
    """Wherever it stops, the next one goes on: one close and one closing message each. Rule: L16, L10"""
    at, reached = 0, True
    while reached:
        world = world_of(IDLE)
        conversations = [answered(world, phone(n)) for n in range(2)]
        world.pass_time(4 * HOUR)
        faulty = Faulty(world.storage, at, error, after=after)
        with contextlib.suppress(Dies):
            work(world, world.another_desk(storage=faulty))
        for _ in range(20):
            work(world)
            if not _moved(world):
                break
        for conversation in conversations:
            assert [type(event) for event in world.events(conversation)].count(Closed) == 1
        assert len(closing_messages(world)) == 2
        assert_laws(world.contents())
        reached = faulty.calls > at
        at += 1
    assert at > 8, "claim, two closes, settlement, and twice the way of a message"


def _moved(world: World) -> bool:
    """Let a minute pass, while something is open yet."""
    world.pass_time(MINUTE)
    return any(s.situation is not Situation.CLOSED for s in world.of(Conversation))


class Faulty:
    """A storage that fails at its n-th commit, before or after carrying it out."""

    def __init__(self, inner: Any, at: int, error: type[BaseException], *, after: bool) -> None:
        self._inner, self._at, self._error, self._after = inner, at, error, after
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def apply(self, change: ChangeSet, /) -> None:
        here = self.calls == self._at
        self.calls += 1
        if here and not self._after:
            raise self._error
        self._inner.apply(change)
        if here:
            raise self._error


# --- still bots hand over ------------------------------------------------------------------------------------


def test_a_still_bot_hands_over_at_exactly_the_span() -> None:
    """The customer waits in the queue from then on, and is told so. Rule: L22, L20"""
    world = world_of(TIMEOUT)
    conversation = world.arrive(channel="bot")
    world.pass_time(10 * MINUTE - TICK)
    report = work(world)
    assert situation(world, conversation) is Situation.BOT
    assert report.next_at == world.now + TICK
    world.now = report.next_at
    work(world)
    state = world.state(conversation)
    assert (state.situation, state.department, state.queued_at) == (Situation.QUEUE, "billing", world.now)
    assert [m.automatic for m in world.of(Message)] == [None, "queued"]
    assert [request.text.reveal() for request in world.messaging.outbox] == ["Já vamos atender."]
    assert_laws(world.contents())


def test_a_bot_that_talks_has_more_time() -> None:
    """Only a still one times out. Rule: L22"""
    world = world_of(TIMEOUT)
    conversation = world.arrive(channel="bot")
    world.pass_time(9 * MINUTE)
    world.do(SendMessage(conversation, "Qual o seu CPF?"), BOT)
    work(world)
    world.pass_time(9 * MINUTE)
    work(world)
    assert situation(world, conversation) is Situation.BOT
    world.pass_time(MINUTE)
    work(world)
    assert situation(world, conversation) is Situation.QUEUE


def test_a_customer_who_writes_on_gives_the_bot_no_more_time() -> None:
    """They write because nobody answers. Rule: L22"""
    world = world_of(TIMEOUT)
    conversation = world.arrive(channel="bot")
    began = world.now
    for _ in range(2):
        world.pass_time(4 * MINUTE)
        world.arrive("Alguém aí?", channel="bot")
        work(world)
        assert situation(world, conversation) is Situation.BOT
    world.now = began + 10 * MINUTE
    work(world)
    assert situation(world, conversation) is Situation.QUEUE
    assert world.state(conversation).waiting_since == began


def test_a_bot_at_work_on_one_is_out_of_time_on_another() -> None:
    """The longest open comes first, and does not hide those behind it. Rule: L22"""
    world = world_of(TIMEOUT)
    talking = world.arrive(channel="bot")
    world.pass_time(MINUTE)
    left = world.arrive(channel="bot", phone=phone(1))
    world.pass_time(9 * MINUTE)
    world.do(SendMessage(talking, "Um momento."), BOT)
    world.pass_time(MINUTE)
    report = work(world)
    assert (situation(world, talking), situation(world, left)) == (Situation.BOT, Situation.QUEUE)
    assert report.next_at == world.now + 9 * MINUTE
    world.now = report.next_at
    work(world)
    assert situation(world, talking) is Situation.QUEUE


def test_what_people_have_does_not_time_out() -> None:
    """Nor what waits for them. Rule: L22, L14"""
    world = world_of(TIMEOUT)
    taken, queued = world.arrive(channel="bot"), world.arrive(phone=phone(1))
    world.do(StartConversation(ChannelId("wa"), address="+5511912345678"), BETO)
    world.take(taken, ADMIN)
    before = {s.id: s for s in world.of(Conversation)}
    world.pass_time(2 * HOUR)
    work(world)
    assert {s.id: s for s in world.of(Conversation)} == before
    assert situation(world, queued) is Situation.QUEUE


def test_the_bots_time_is_switched_off_and_on_as_well() -> None:
    """Off it ends, on it begins anew, and a shorter span is kept soon. Rule: L22"""
    world = world_of(attrs.evolve(TIMEOUT, bot_timeout=timedelta(days=3)))
    conversation = world.arrive(channel="bot")
    work(world)
    decide_otherwise(world, OFF)
    world.pass_time(timedelta(days=4))
    assert work(world).next_at is None
    assert situation(world, conversation) is Situation.BOT
    decide_otherwise(world, attrs.evolve(TIMEOUT, bot_timeout=timedelta(days=30)))
    work(world)
    decide_otherwise(world, TIMEOUT)
    world.pass_time(LONGEST_SWEEP_PAUSE)
    work(world)
    assert situation(world, conversation) is Situation.QUEUE
    ends = [sweep.state for sweep in sweeps(world, EffectKind.TIME_OUT_BOT)]
    assert ends == [EffectState.SUCCEEDED, EffectState.INTENDED]


def test_both_sweeps_go_on_side_by_side() -> None:
    """The bot hands over first; much later the same conversation closes. Rule: L16, L22"""
    world = world_of(attrs.evolve(ALL_IDLE, bot_timeout=10 * MINUTE), delivery=Delivery.INLINE)
    conversation = world.arrive(channel="bot")
    world.pass_time(10 * MINUTE)
    work(world)
    assert situation(world, conversation) is Situation.QUEUE
    world.pass_time(4 * HOUR)
    work(world)
    assert situation(world, conversation) is Situation.CLOSED
    happened = [type(event) for event in world.events(conversation)]
    assert (happened.count(Queued), happened.count(Closed)) == (1, 1)


def test_what_a_sweep_does_is_the_systems() -> None:
    """Nobody of the workspace is named for it. Rule: L12, L22"""
    world = world_of(TIMEOUT)
    conversation = world.arrive(channel="bot")
    world.pass_time(10 * MINUTE)
    work(world)
    assert {envelope.actor for envelope in world.stream(conversation)} == {SYSTEM}
