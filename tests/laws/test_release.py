"""Law L13: the conversations of a deactivated agent all wait again, exactly once, whatever happens on the way.

Deactivating seals the agent's tally in the same commit that begins the work, so nothing can be added behind it.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import AsyncDesk, AsyncPorts, Delivery
from chatcore.commands import (
    ArchiveItem,
    Assign,
    ChangeItem,
    Command,
    Configure,
    Reopen,
    RestoreItem,
    StartConversation,
    Take,
    Transfer,
)
from chatcore.entities import Agent, Conversation, Effect, Policies
from chatcore.errors import (
    AgentInactive,
    ChatcoreError,
    NotFound,
    OutcomeUnknown,
    Temporary,
)
from chatcore.events import Queued, Reopened
from chatcore.limits import SWEEP_RETRY, SWEEP_ROWS
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet, ReadSet
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentId,
    ChannelId,
    ChannelKind,
    ConversationId,
    EffectKind,
    EffectState,
    Part,
    Situation,
)
from tests.laws.pacing import PacedMessaging, PacedStorage, every_turn, paced_desk
from tests.worlds import ADMIN, ANA, BETO, SECRET, SUPERVISOR, WORKSPACE, World, changed

BETOS = AgentId("beto")
LEASE = timedelta(seconds=61)
AWAY: Command = ArchiveItem(Part.AGENT, "beto")
BACK: Command = RestoreItem(Part.AGENT, "beto")


def phone(n: int) -> str:
    return f"55119{60000000 + n}"


def beto(**fields: Any) -> Agent:
    """BETO, as configured but for some fields."""
    agent = WORKSPACE.agent(BETOS)
    assert agent is not None
    return attrs.evolve(agent, **fields)


def served(count: int, **options: Any) -> tuple[World, list[ConversationId]]:
    """A world in which BETO has that many conversations; ANA, who is there too, has room for any number."""
    agents = tuple(attrs.evolve(a, max_open=0) if a.id == "ana" else a for a in WORKSPACE.agents)
    world = World(changed(WORKSPACE, agents=agents, policies=Policies()), **options)
    conversations = []
    for n in range(count):
        started = world.do(StartConversation(ChannelId("wa"), address=phone(n)), BETO).conversation
        assert started is not None
        conversations.append(started)
    return world, conversations


def releases(world: World) -> list[Effect]:
    return [effect for effect in world.of(Effect) if effect.kind is EffectKind.RELEASE_AGENT]


def queued(world: World, conversation: ConversationId) -> int:
    """How often a conversation went to the queue."""
    return [type(event) for event in world.events(conversation)].count(Queued)


def assert_released(world: World, conversations: list[ConversationId]) -> None:
    """All of them wait, each went to the queue once, and the work is done."""
    contents = world.contents()
    for conversation in conversations:
        state: Any = contents.states[conversation]
        assert (state.situation, state.assignee, state.last_assignee) == (Situation.QUEUE, None, BETOS)
        events = [type(envelope.event) for envelope in contents.streams[conversation]]
        assert events.count(Queued) == 1
        assert contents.streams[conversation][-1].actor == SYSTEM
    assert [effect.state for effect in releases(world)] == [EffectState.SUCCEEDED]
    assert contents.tallies.get("open:beto", 0) == 0
    assert "open:beto" in contents.sealed


def until_released(world: World, most: int = 50) -> None:
    """Let workers work, and time pass, until the release has ended."""
    for _ in range(most):
        world.desk.run_due(limit=100_000)
        if all(effect.state is EffectState.SUCCEEDED for effect in releases(world)):
            return
        world.pass_time(LEASE)
    raise AssertionError("never released")


# --- how it begins -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        AWAY,
        ChangeItem(beto(active=False)),
        ChangeItem(beto(active=False, name="Humberto", departments=())),
    ],
    ids=["archived", "changed", "changed in more"],
)
def test_deactivating_an_agent_gives_their_conversations_back(command: Command) -> None:
    """However it is said: work is born in the same commit, with the tally sealed; then it is done. Rule: L13"""
    world, conversations = served(3)
    world.do(command, ADMIN)
    [work] = releases(world)
    assert (work.state, work.agent, work.due_at) == (EffectState.INTENDED, BETOS, world.now)
    assert "open:beto" in world.contents().sealed
    assert all(world.state(each).assignee == BETOS for each in conversations)
    report = world.desk.run_due()
    assert (report.more, report.next_at) == (False, None)
    assert report.done >= 3
    assert_released(world, conversations)
    assert_laws(world.contents())
    before = world.contents()
    world.desk.run_due()
    assert world.contents() == before


def test_so_does_a_configuration_in_which_they_are_inactive() -> None:
    """Each agent that it deactivates has a work of their own; others keep what they have. Rule: L13"""
    world, conversations = served(2)
    anas = world.do(StartConversation(ChannelId("wa"), address=phone(90)), ANA).conversation
    sofias = world.do(StartConversation(ChannelId("wa"), address=phone(91)), SUPERVISOR).conversation
    assert anas is not None
    assert sofias is not None
    held = world.desk.workspace(by=ADMIN)
    agents = tuple(attrs.evolve(a, active=a.id not in ("beto", "ana")) for a in held.agents)
    world.do(Configure(changed(held, agents=agents)), ADMIN)
    assert {effect.agent for effect in releases(world)} == {"ana", "beto"}
    world.desk.run_due()
    assert {world.state(each).situation for each in (*conversations, anas)} == {Situation.QUEUE}
    assert world.state(sofias).assignee == "sofia"
    assert_laws(world.contents())


def test_an_agent_with_nothing_is_released_of_nothing() -> None:
    """The work ends at its first look; what others have does not move. Rule: L13"""
    world, conversations = served(2)
    world.do(ArchiveItem(Part.AGENT, "carla"), ADMIN)
    world.desk.run_due()
    assert [effect.state for effect in releases(world)] == [EffectState.SUCCEEDED]
    assert {world.state(each).assignee for each in conversations} == {BETOS}


def test_deactivating_who_is_away_already_begins_nothing() -> None:
    """Asking for what is. Rule: L13, L19"""
    world, _ = served(1)
    world.do(AWAY, ADMIN)
    world.do(AWAY, ADMIN)
    assert len(releases(world)) == 1


# --- nothing is added behind it ------------------------------------------------------------------------------


def attempts(conversations: list[ConversationId], waiting: ConversationId) -> list[tuple[Command, Actor]]:
    """Every way in which BETO could come to have one more conversation."""
    taken, closed = conversations[0], conversations[1]
    return [
        (Take(waiting), BETO),
        (Take(taken), BETO),
        (StartConversation(ChannelId("wa"), address="+5511933334444"), BETO),
        (Assign(waiting, BETOS), SUPERVISOR),
        (Assign(waiting, BETOS, over_capacity=True), SUPERVISOR),
        (Transfer(taken, BETOS, over_capacity=True), SUPERVISOR),
        (Reopen(closed, BETOS), SUPERVISOR),
    ]


def test_who_is_away_gets_nothing_more() -> None:
    """Not by themselves and not from others, before their conversations are back and after. Rule: L13, L9"""
    world, conversations = served(3)
    world.close(conversations[1])
    anas = world.do(StartConversation(ChannelId("wa"), address=phone(90)), ANA).conversation
    assert anas is not None
    waiting = world.arrive(phone=phone(80))
    world.do(AWAY, ADMIN)
    for _ in range(2):
        for command, by in attempts([anas, conversations[1]], waiting):
            before = world.seen()
            with pytest.raises((NotFound, AgentInactive)):
                world.do(command, by)
            assert world.seen() == before
        world.desk.run_due()
    assert_released(world, [conversations[0], conversations[2]])


class Held(MemoryStorage):
    """Storage in memory in which something can happen just before a commit."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    def apply(self, change: ChangeSet, /) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        super().apply(change)


@pytest.mark.parametrize("n", range(4))
def test_a_take_decided_before_it_does_not_pass_after_it(n: int) -> None:
    """The agent is deactivated between decision and commit: the seal stands in the way. Rule: L13, L6"""
    storage = Held()
    world, conversations = served(2, storage=storage)
    waiting = world.arrive(phone=phone(80))
    taken = world.do(StartConversation(ChannelId("wa"), address=phone(90)), ANA).conversation
    assert taken is not None
    world.close(conversations[1])
    command, by = [
        (Take(waiting), BETO),
        (Assign(waiting, BETOS), SUPERVISOR),
        (Transfer(taken, BETOS), SUPERVISOR),
        (Reopen(conversations[1], BETOS), SUPERVISOR),
    ][n]
    other = world.another_desk()
    storage.meanwhile = lambda: other.handle(AWAY, by=ADMIN)
    with pytest.raises((NotFound, AgentInactive)):
        world.do(command, by)
    until_released(world)
    assert_released(world, conversations[:1])
    assert_laws(world.contents())


# --- interrupted anywhere ------------------------------------------------------------------------------------


class Dies(BaseException):
    """The process ends here."""


FAULTS = ("refuses before", "dies before", "dies after", "unknown before", "unknown after", "raises after")


class Faulty:
    """A storage that fails at its n-th call of any kind, as `fault` says; `calls` counts them."""

    def __init__(self, inner: Any, fault_at: Callable[[int], str | None]) -> None:
        self._inner = inner
        self._fault_at = fault_at
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            fault = self._fault_at(self.calls)
            self.calls += 1
            error = None if fault is None else _raised(fault)
            if error is not None and fault is not None and fault.endswith("before"):
                raise error
            result = method(*args, **kwargs)
            if error is not None:
                raise error
            return result

        return call


def _raised(fault: str) -> BaseException:
    kinds: dict[str, Callable[[], BaseException]] = {
        "refuses": Temporary,
        "dies": Dies,
        "unknown": OutcomeUnknown,
        "raises": lambda: ConnectionResetError("the line is down"),
    }
    return kinds[fault.split()[0]]()


def only_at(at: int, fault: str) -> Callable[[int], str | None]:
    """One call fails, the others do not."""
    return lambda n: fault if n == at else None


def interrupted(world: World, fault_at: Callable[[int], str | None]) -> int:
    """Work once at a desk whose storage fails; the calls it made."""
    faulty = Faulty(world.storage, fault_at)
    desk = world.another_desk(storage=faulty)
    with contextlib.suppress(Dies, ChatcoreError):
        desk.run_due(limit=100_000)
    return faulty.calls


@pytest.mark.parametrize("fault", FAULTS)
def test_interrupted_at_every_call_all_are_back_once(fault: str) -> None:
    """Law: wherever a worker fails, another one ends it; nobody takes one for who is away meanwhile.

    Rule: L13
    """
    for at in itertools.count():
        world, conversations = served(4)
        waiting = world.arrive(phone=phone(80))
        world.do(AWAY, ADMIN)
        calls = interrupted(world, only_at(at, fault))
        for conversation in (*conversations, waiting):
            with pytest.raises((NotFound, AgentInactive)):
                world.do(Take(conversation), BETO)
        until_released(world)
        assert_released(world, conversations)
        assert_laws(world.contents())
        if calls <= at:
            break
    assert at > 12, "a claim, four conversations and a settlement take more calls than that"


@pytest.mark.parametrize("fault", ["dies before", "unknown after"])
def test_interrupted_at_every_call_of_the_deactivation_it_is_whole_or_not_at_all(fault: str) -> None:
    """Law: deactivated, sealed and the work begun, or none of the three. Rule: L13"""
    for at in itertools.count():
        world, conversations = served(2)
        faulty = Faulty(world.storage, only_at(at, fault))
        desk = world.another_desk(storage=faulty)
        with contextlib.suppress(Dies, ChatcoreError):
            desk.handle(AWAY, by=ADMIN, key="away")
        agent = world.desk.workspace(by=SYSTEM).agent(BETOS)
        assert agent is not None
        assert agent.active is ("open:beto" not in world.contents().sealed) is (not releases(world))
        world.do(AWAY, ADMIN, key="away")
        until_released(world)
        assert_released(world, conversations)
        if faulty.calls <= at:
            break
    assert at >= 2


# --- several at once -----------------------------------------------------------------------------------------


def ahead(world: World, span: timedelta) -> AsyncDesk:
    """A desk that waits at each of its calls, and whose clock is ahead: to it a lease has run out already."""
    ports = AsyncPorts(
        storage=PacedStorage(world.storage),
        messaging={ChannelKind.WHATSAPP_CLOUD: PacedMessaging(world.messaging)},
    )
    return AsyncDesk(
        ports, delivery=Delivery.LATER, clock=lambda: world.now + span, new_root=world.new_root, secret=SECRET
    )


@pytest.mark.parametrize("overlap", [False, True], ids=["one after another", "at once"])
def test_one_that_another_agent_takes_in_between_stays_theirs(overlap: bool) -> None:
    """Law: in whichever order two workers and a colleague take turns, each conversation goes to the queue once,
    and what the colleague has taken from there stays with them; also where both workers work at once, since to
    one of them the other's lease has run out.

    Rule: L13, L6
    """
    worlds: list[tuple[World, list[ConversationId]]] = []
    theirs = set()

    def begin() -> Any:
        world, conversations = served(2)
        world.do(AWAY, ADMIN)
        worlds.append((world, conversations))
        return [
            paced_desk(world).run_due(),
            ahead(world, LEASE if overlap else timedelta(0)).run_due(),
            paced_desk(world).handle(Take(conversations[0]), by=ANA),
        ]

    runs = 0
    for ends in every_turn(begin, switches=1):
        runs += 1
        world, conversations = worlds.pop()
        assert not [end for end in ends[:2] if isinstance(end, BaseException)]
        until_released(world)
        has = world.state(conversations[0]).assignee
        theirs.add(has)
        assert (has is None) is isinstance(ends[2], ChatcoreError)
        assert [queued(world, each) for each in conversations] == [1, 1]
        assert world.state(conversations[1]).situation is Situation.QUEUE
        assert [effect.state for effect in releases(world)] == [EffectState.SUCCEEDED]
        assert_laws(world.contents())
    assert runs > 50
    assert theirs == {None, "ana"}, "the turns never met in either way"


def test_a_worker_that_comes_too_late_moves_nothing() -> None:
    """One looked, slept past its lease, and goes on when all is done and taken by others. Rule: L13"""
    storage = Held()
    world, conversations = served(3, storage=storage)
    world.do(AWAY, ADMIN)
    other = world.another_desk()

    def first_release() -> None:
        storage.meanwhile = meanwhile

    def meanwhile() -> None:
        world.pass_time(LEASE)
        for _ in range(3):
            other.run_due()
        for conversation in conversations:
            other.handle(Take(conversation), by=ANA)

    storage.meanwhile = first_release  # After the claim comes the first release.
    world.desk.run_due()
    until_released(world)
    assert {world.state(each).assignee for each in conversations} == {"ana"}
    assert [queued(world, each) for each in conversations] == [1, 1, 1]
    assert_laws(world.contents())


# --- back again ----------------------------------------------------------------------------------------------


def test_who_comes_back_in_the_middle_keeps_the_rest() -> None:
    """Reactivated, the work stops where it is: what is back waits, what is not stays theirs. Rule: L13"""
    storage = Held()
    world, conversations = served(4, storage=storage)
    world.do(AWAY, ADMIN)
    other = world.another_desk()
    steps = iter(range(10))

    def after_two() -> None:
        if next(steps) == 2:
            other.handle(BACK, by=ADMIN)
        else:
            storage.meanwhile = after_two

    storage.meanwhile = after_two
    world.desk.run_due()
    until_released(world)
    left = [each for each in conversations if world.state(each).assignee == BETOS]
    assert 2 <= len(left) <= 3
    assert [queued(world, each) for each in left] == [0] * len(left)
    assert "open:beto" not in world.contents().sealed
    world.do(Take(next(each for each in conversations if each not in left)), BETO)
    assert_laws(world.contents())


def test_back_and_away_again_gives_all_back() -> None:
    """Each time it is deactivated a work begins; together they give each conversation back once. Rule: L13"""
    world, conversations = served(3)
    for command in (AWAY, BACK, AWAY):
        world.do(command, ADMIN)
    assert len(releases(world)) == 2
    until_released(world)
    assert [queued(world, each) for each in conversations] == [1, 1, 1]
    assert {world.state(each).situation for each in conversations} == {Situation.QUEUE}
    assert_laws(world.contents())


def test_restored_and_given_one_back_they_have_it() -> None:
    """What waits can be taken by them again, and is not given back a second time. Rule: L13"""
    world, conversations = served(1)
    world.do(AWAY, ADMIN)
    until_released(world)
    world.do(BACK, ADMIN)
    world.do(Take(conversations[0]), BETO)
    world.pass_time(timedelta(days=2))
    world.desk.run_due()
    assert world.state(conversations[0]).assignee == BETOS
    assert not [e for e in world.events(conversations[0]) if isinstance(e, Reopened)]


# --- many of them --------------------------------------------------------------------------------------------


class Stuck(MemoryStorage):
    """Storage in memory that refuses to change some of what it keeps."""

    stuck: frozenset[str] = frozenset()

    def apply(self, change: ChangeSet, /) -> None:
        if any(write.ref in self.stuck for write in change.writes):
            raise Temporary
        super().apply(change)


@pytest.mark.parametrize("bad", [1, SWEEP_ROWS + 1])
def test_one_that_cannot_be_given_back_never_blocks_the_others(bad: int) -> None:
    """However many storage refuses now, the rest goes back; and they do too, once it lets them. Rule: L13"""
    storage = Stuck()
    world, conversations = served(bad + 2, storage=storage)
    world.do(AWAY, ADMIN)
    storage.stuck = frozenset(conversations[:bad])
    for _ in range(3):
        report = world.desk.run_due(limit=1000)
    rest = {world.state(each).situation for each in conversations[bad:]}
    storage.stuck = frozenset(conversations[2:])
    assert rest == {Situation.QUEUE}
    assert report.next_at == world.now + SWEEP_RETRY
    assert not report.more
    storage.stuck = frozenset()
    until_released(world)
    assert_released(world, conversations)


def test_a_report_counts_what_was_given_back() -> None:
    """A step gives back a bounded number, and the report says whether there is more. Rule: L13"""
    world, conversations = served(SWEEP_ROWS + 20)
    world.do(AWAY, ADMIN)
    report = world.desk.run_due(limit=1)
    assert (report.done, report.more) == (SWEEP_ROWS, True)
    back = [each for each in conversations if world.state(each).situation is Situation.QUEUE]
    assert len(back) == SWEEP_ROWS
    report = world.desk.run_due(limit=1000)
    assert (report.more, report.next_at) == (False, None)
    assert_released(world, conversations)


@pytest.mark.slow
def test_ten_thousand_interrupted_anywhere_are_back_once() -> None:
    """Law: with 10,000 conversations, workers that fail at random calls in every way, and takes in between:
    all wait again exactly once, but for those that a colleague has taken; who is away takes none.

    Rule: L13
    """
    world, conversations = served(10_000)
    world.do(AWAY, ADMIN)
    dice = random.Random(13)
    taken: list[ConversationId] = []
    met: list[str] = []

    def fault_at(_: int) -> str | None:
        if dice.randrange(400):
            return None
        met.append(dice.choice(FAULTS))
        return met[-1]

    work = releases(world)[0].id
    while True:
        interrupted(world, fault_at)
        read = world.storage.read(ReadSet(refs=(work, *conversations)))
        if read.states[work].state is EffectState.SUCCEEDED:
            break
        world.pass_time(LEASE)
        for probe in dice.sample(conversations, 5):
            with pytest.raises((NotFound, AgentInactive)):
                world.do(Take(probe), BETO)
            if read.states[probe].situation is Situation.QUEUE:
                world.do(Take(probe), ANA)
                taken.append(probe)
    assert set(met) == set(FAULTS)
    assert taken
    contents = world.contents()
    states = [contents.states[each] for each in conversations]
    assert all(isinstance(state, Conversation) for state in states)
    for state in states:
        assert state.assignee == ("ana" if state.id in taken else None)  # type: ignore[union-attr]
        events = [type(envelope.event) for envelope in contents.streams[state.id]]
        assert events.count(Queued) == 1
    assert contents.tallies == ({"open:ana": len(taken)} if taken else {})
