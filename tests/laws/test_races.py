"""Two at once: every way two callers can take turns at the ports, and eight threads on one desk."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatcore import AsyncDesk
from chatcore.commands import (
    ClaimEffect,
    Close,
    Configure,
    Finding,
    FindingKind,
    MergeContacts,
    Outcome,
    Reopen,
    SendMessage,
    SettleEffect,
    StartConversation,
    Take,
)
from chatcore.entities import Contact, Conversation, Effect, Message, Policies
from chatcore.errors import (
    AgentInactive,
    AlreadyLive,
    AlreadyTaken,
    AtCapacity,
    EffectPending,
    NotAdmitted,
    NotFound,
    RuleViolation,
)
from chatcore.events import Closed, MessageAdded, MessageWritten, Taken
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import SYSTEM, Actor, ChannelId, DeliveryStatus, EffectState, ReasonId, Situation
from tests.laws.pacing import every_turn, paced_desk
from tests.worlds import ADMIN, ANA, BETO, CARLA, SUPERVISOR, WORKSPACE, World, changed

Ask = tuple[Any, Actor]

DESKS = pytest.mark.parametrize("apart", [False, True], ids=["one desk", "a desk each"])


def races(
    prepare: Callable[[World], tuple[Ask, Ask]], *, apart: bool = False
) -> Iterator[tuple[World, tuple[Any, Any]]]:
    """For every order of turns: a fresh world in which two commands were handled, and what came of each."""
    worlds: list[World] = []

    def begin() -> list[Any]:
        world = World()
        worlds.append(world)
        asks = prepare(world)
        shared = paced_desk(world)
        desks: list[AsyncDesk] = [paced_desk(world) if apart else shared for _ in asks]
        return [desk.handle(command, by=by) for desk, (command, by) in zip(desks, asks, strict=True)]

    for first, second in every_turn(begin):
        yield worlds[-1], (first, second)
        assert_laws(worlds[-1].contents())


def won(ends: tuple[Any, ...]) -> list[int]:
    return [i for i, end in enumerate(ends) if isinstance(end, Outcome)]


def test_every_order_of_turns_is_tried() -> None:
    """The enumeration itself: two callers with two and three places to wait can interleave in ten ways."""

    class Pause:
        def __await__(self) -> Any:
            yield

    seen: list[str] = []

    async def caller(name: str, pauses: int) -> None:
        for _ in range(pauses):
            await Pause()
            seen.append(name)

    orders = set()
    for _ in every_turn(lambda: [caller("a", 2), caller("b", 3)]):
        orders.add("".join(seen))
        seen.clear()
    assert len(orders) == 10
    assert all(Counter(order) == {"a": 2, "b": 3} for order in orders)


@DESKS
def test_of_two_who_take_at_once_one_wins_and_the_other_is_told_who(apart: bool) -> None:
    """In every order of turns exactly one agent gets it, and the other hears the winner's name. Rule: L6"""
    agents = (BETO, SUPERVISOR)
    winners = Counter[str]()

    def prepare(world: World) -> tuple[Ask, Ask]:
        conversation = world.arrive()
        return (Take(conversation), BETO), (Take(conversation), SUPERVISOR)

    for world, ends in races(prepare, apart=apart):
        [winner] = won(ends)
        loser = ends[1 - winner]
        [conversation] = world.of(Conversation)
        assert isinstance(loser, AlreadyTaken)
        assert (loser.conversation, loser.assignee) == (conversation.id, agents[winner].id)
        assert conversation.assignee == agents[winner].id
        assert [type(e) for e in world.events(conversation.id)].count(Taken) == 1
        winners[agents[winner].id] += 1
    assert set(winners) == {"beto", "sofia"}


@DESKS
def test_with_room_for_one_two_takes_by_one_agent_never_both_pass(apart: bool) -> None:
    """In every order of turns an agent who may have one conversation has one. Rule: L7"""

    def prepare(world: World) -> tuple[Ask, Ask]:
        one, other = world.arrive(phone="5511987654321"), world.arrive(phone="5511912345678")
        return (Take(one), ANA), (Take(other), ANA)

    seen = set()
    for world, ends in races(prepare, apart=apart):
        [winner] = won(ends)
        assert isinstance(ends[1 - winner], AtCapacity)
        assert world.contents().tallies == {"open:ana": 1}
        seen.add(winner)
    assert seen == {0, 1}


@DESKS
def test_two_first_messages_from_a_new_number_make_one_contact(apart: bool) -> None:
    """In every order of turns both messages stand in one conversation of one contact. Rule: L3, M1, M4, M11"""

    def prepare(world: World) -> tuple[Ask, Ask]:
        return (
            (world.arrival("Bom dia!", phone="5511987654321"), SYSTEM),
            (world.arrival("Alguém aí?", phone="551187654321"), SYSTEM),
        )

    orders = set()
    for world, ends in races(prepare, apart=apart):
        assert won(ends) == [0, 1]
        assert len(world.of(Contact)) == len(world.of(Conversation)) == 1
        messages = sorted(world.of(Message), key=lambda m: m.seq)
        assert [m.seq for m in messages] == [1, 2]
        orders.add(tuple(m.body.reveal() for m in messages))
    assert len(orders) == 2


@DESKS
def test_one_message_delivered_twice_at_once_is_one_message(apart: bool) -> None:
    """In every order of turns a webhook that comes twice at once counts once. Rule: M1"""

    def prepare(world: World) -> tuple[Ask, Ask]:
        arrival = world.arrival()
        return (arrival, SYSTEM), (arrival, SYSTEM)

    for world, ends in races(prepare, apart=apart):
        assert won(ends) == [0, 1]
        [message] = world.of(Message)
        assert message.anomalies == 0
        assert len(world.of(Conversation)) == 1


@DESKS
def test_starting_races_with_an_arrival(apart: bool) -> None:
    """In every order of turns one conversation is live; who comes too late to start hears which. Rule: L3"""

    def prepare(world: World) -> tuple[Ask, Ask]:
        start = StartConversation(ChannelId("wa"), address="+5511987654321")
        return (start, BETO), (world.arrival(), SYSTEM)

    for world, ends in races(prepare, apart=apart):
        [conversation] = world.of(Conversation)
        assert 1 in won(ends)
        if isinstance(ends[0], Outcome):
            assert conversation.assignee == "beto"
        else:
            assert isinstance(ends[0], AlreadyLive)
            assert ends[0].conversation == conversation.id


MERGING = changed(WORKSPACE, policies=Policies(default_reason=ReasonId("slip")))
GONE, KEPT = "5511987654321", "5511912345678"


def lives(world: World) -> Counter[tuple[str, str]]:
    """How many live conversations each person has on each channel, whichever contact of theirs it is with."""
    who = {contact.id: contact for contact in world.of(Contact)}
    live: Counter[tuple[str, str]] = Counter()
    for conversation in world.of(Conversation):
        if conversation.situation is not Situation.CLOSED:
            person = who[conversation.contact]
            while person.merged_into is not None:
                person = who[person.merged_into]
            live[person.id, conversation.channel] += 1
    return live


@pytest.mark.parametrize("open_with", [(), (GONE,), (KEPT,)], ids=["nobody", "who goes", "who stays"])
@pytest.mark.parametrize(
    ("what", "who"),
    [
        ("arrival", GONE),
        ("arrival", KEPT),
        ("reopen", GONE),
        ("reopen", KEPT),
        ("start", GONE),
        ("start", KEPT),
    ],
)
def test_merging_races_with_what_makes_a_live_conversation(what: str, who: str, open_with: Any) -> None:
    """In every order of turns the two are one person with one live conversation on the channel, whatever gets
    in between the merge's reads and its writes, or the merge between its. Rule: L3, M11"""
    known: dict[str, Any] = {}

    def prepare(world: World) -> tuple[Ask, Ask]:
        world.do(Configure(MERGING))
        told = {phone: world.do(world.arrival(phone=phone)) for phone in (GONE, KEPT)}
        known.update({phone: outcome.conversation for phone, outcome in told.items()})
        for phone, conversation in known.items():
            if phone not in open_with:
                world.close(conversation, SUPERVISOR)
        contacts = {phone: world.state(conversation).contact for phone, conversation in known.items()}
        merge = MergeContacts(contacts[GONE], contacts[KEPT])
        if what == "arrival":
            return (merge, SUPERVISOR), (world.arrival("Voltei", phone=who), SYSTEM)
        if what == "reopen":
            return (merge, SUPERVISOR), (Reopen(known[who]), SUPERVISOR)
        return (merge, SUPERVISOR), (StartConversation(ChannelId("wa"), address=f"+{who}"), BETO)

    firsts = set()
    for world, (merged, other) in races(prepare, apart=True):
        assert isinstance(merged, Outcome)
        assert isinstance(other, Outcome if what == "arrival" else (Outcome, AlreadyLive, NotAdmitted))
        [person] = [contact for contact in world.of(Contact) if contact.merged_into is None]
        assert lives(world) == {(person.id, "wa"): 1}
        if isinstance(other, Outcome):
            done = [id for id in world.contents().receipts if id in (merged.command, other.command)]
            firsts.add(done[0] == merged.command)
        world.arrive("E agora?", phone=GONE)
        world.arrive("E agora?", phone=KEPT)
        assert lives(world) == {(person.id, "wa"): 1}
        world.until_quiet()
        assert_laws(world.contents())
    assert firsts == {True, False} or (what != "arrival" and open_with)


@DESKS
def test_taking_races_with_closing(apart: bool) -> None:
    """In every order of turns it ends CLOSED; the take came before the close or was refused. Rule: L2, L18"""

    def prepare(world: World) -> tuple[Ask, Ask]:
        conversation = world.arrive()
        return (Take(conversation), BETO), (Close(conversation, ReasonId("slip")), SUPERVISOR)

    seen = set()
    for world, ends in races(prepare, apart=apart):
        [conversation] = world.of(Conversation)
        assert conversation.situation is Situation.CLOSED
        assert 1 in won(ends)
        taken = isinstance(ends[0], Outcome)
        assert taken or isinstance(ends[0], NotAdmitted)
        steps = [type(e) for e in world.events(conversation.id) if isinstance(e, Taken | Closed)]
        assert steps == ([Taken, Closed] if taken else [Closed])
        seen.add(taken)
    assert seen == {True, False}


@DESKS
def test_taking_races_with_the_deactivation_of_the_agent(apart: bool) -> None:
    """In every order of turns the take came first or is refused; the agent gets no more. Rule: L13"""
    agents = tuple(changed(a, active=a.active and a.id != "beto") for a in WORKSPACE.agents)

    def prepare(world: World) -> tuple[Ask, Ask]:
        return (Take(world.arrive()), BETO), (Configure(changed(WORKSPACE, agents=agents)), ADMIN)

    seen = set()
    for world, ends in races(prepare, apart=apart):
        assert 1 in won(ends)
        taken = isinstance(ends[0], Outcome)
        assert taken or isinstance(ends[0], AgentInactive | NotFound)  # Who is inactive sees nothing.
        assert world.contents().tallies == ({"open:beto": 1} if taken else {})
        assert "open:beto" in world.contents().sealed
        seen.add(taken)
    assert seen == {True, False}


@DESKS
def test_closing_twice_at_once_sends_one_closing_message(apart: bool) -> None:
    """In every order of turns one close passes, with one closing message before it. Rule: L10"""

    def prepare(world: World) -> tuple[Ask, Ask]:
        conversation = world.arrive()
        world.take(conversation, BETO)
        close = Close(conversation, ReasonId("slip"))
        return (close, BETO), (close, SUPERVISOR)

    for world, ends in races(prepare, apart=apart):
        [winner] = won(ends)
        assert isinstance(ends[1 - winner], RuleViolation)
        [conversation] = world.of(Conversation)
        assert [type(e) for e in world.events(conversation.id)][-2:] == [MessageAdded, Closed]
        world.until_quiet()
        assert len(world.messaging.outbox) == len(world.of(Effect)) == 1


@DESKS
def test_sending_races_with_closing(apart: bool) -> None:
    """In every order of turns nothing stands after the close, and all that was written goes out in order.

    Rule: L10, L18, M20
    """

    def prepare(world: World) -> tuple[Ask, Ask]:
        conversation = world.arrive()
        world.take(conversation, BETO)
        return (SendMessage(conversation, "Um momento"), BETO), (
            Close(conversation, ReasonId("slip")),
            SUPERVISOR,
        )

    for world, ends in races(prepare, apart=apart):
        assert 1 in won(ends)
        [conversation] = world.of(Conversation)
        assert type(world.events(conversation.id)[-1]) is Closed
        world.until_quiet()
        written = ["Um momento"] * (0 in won(ends)) + ["Obrigado pelo contato, até logo!"]
        assert [request.text.reveal() for request in world.messaging.outbox] == written


@DESKS
def test_two_who_claim_one_effect(apart: bool) -> None:
    """In every order of turns one claim passes, so one worker makes the call. Rule: M20"""

    def prepare(world: World) -> tuple[Ask, Ask]:
        conversation = world.arrive()
        world.take(conversation, BETO)
        effect = world.send(conversation)
        return (ClaimEffect(effect), SYSTEM), (ClaimEffect(effect), SYSTEM)

    for world, ends in races(prepare, apart=apart):
        [winner] = won(ends)
        assert isinstance(ends[1 - winner], EffectPending)
        [effect] = world.of(Effect)
        assert (effect.state, effect.attempts) == (EffectState.IN_FLIGHT, 1)


@DESKS
@pytest.mark.parametrize("keyed", [True, False], ids=["with our key", "without"])
@pytest.mark.parametrize("status", [DeliveryStatus.DELIVERED, DeliveryStatus.FAILED])
def test_a_report_races_with_the_settlement(apart: bool, keyed: bool, status: DeliveryStatus) -> None:
    """In every order of turns the message ends as reported, named by the provider, and the effect is done.

    Rule: M2, M3
    """

    def prepare(world: World) -> tuple[Ask, Ask]:
        conversation = world.arrive()
        world.take(conversation, BETO)
        effect = world.send(conversation)
        world.do(ClaimEffect(effect))
        report = world.report(status, "out-1", key=effect if keyed else None, failure="131026")
        done = Finding(kind=FindingKind.DONE, reference="out-1")
        return (SettleEffect(effect, world.state(effect).fence, done), SYSTEM), (report, SYSTEM)

    for world, ends in races(prepare, apart=apart):
        assert won(ends) == [0, 1]
        [message] = [m for m in world.of(Message) if m.author]
        assert (message.status, message.provider_id) == (status, "out-1")
        assert {e.state for e in world.of(Effect)} == {EffectState.SUCCEEDED}


@DESKS
def test_two_workers_carry_one_message_out_once(apart: bool) -> None:
    """However two whole workers take turns (with up to two switches), a message is sent once. Rule: M20"""
    worlds: list[World] = []

    def begin() -> list[Any]:
        world = World()
        worlds.append(world)
        conversation = world.arrive()
        world.take(conversation, BETO)
        world.send(conversation)
        shared = paced_desk(world)
        return [(paced_desk(world) if apart else shared).run_due() for _ in range(2)]

    for ends in every_turn(begin, switches=2):
        world = worlds[-1]
        assert len(world.messaging.outbox) == 1
        assert [e.state for e in world.of(Effect)] == [EffectState.SUCCEEDED]
        assert not [end for end in ends if isinstance(end, Exception)]
        assert_laws(world.contents())


# --- eight threads -------------------------------------------------------------------------------------------

THREADS = 8
ROUNDS = 25


@pytest.fixture
def hasty() -> Iterator[None]:
    """Let threads change places as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Do these in as many threads, begun together; what came of each, in order."""
    ends: list[Any] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(i: int) -> None:
        gate.wait()
        try:
            ends[i] = works[i]()
        except BaseException as error:
            ends[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def handling(world: World, asks: list[Ask]) -> list[Callable[[], Any]]:
    return [lambda c=command, b=by: world.desk.handle(c, by=b) for command, by in asks]


@pytest.mark.usefixtures("hasty")
def test_eight_threads_take_one_conversation() -> None:
    """Of eight threads that take on one desk, one wins and seven hear its name. Rule: L6"""
    agents = (BETO, SUPERVISOR, Actor.agent("alba"), BETO, SUPERVISOR, Actor.agent("alba"), SUPERVISOR, BETO)
    for _ in range(ROUNDS):
        world = World()
        conversation = world.arrive()
        ends = at_once(handling(world, [(Take(conversation), agent) for agent in agents]))
        assignee = world.state(conversation).assignee
        for agent, end in zip(agents, ends, strict=True):
            if agent.id == assignee:
                assert isinstance(end, Outcome)
            else:
                assert isinstance(end, AlreadyTaken)
                assert end.assignee == assignee
        assert sum(bool(end.changed) for end in ends if isinstance(end, Outcome)) == 1
        assert_laws(world.contents())


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("agent", "channel", "room"), [(ANA, "wa", 1), (CARLA, "bot", 2)])
def test_eight_threads_never_fill_an_agent_past_their_room(agent: Actor, channel: str, room: int) -> None:
    """Of eight conversations taken at once, an agent gets as many as there is room for. Rule: L7"""
    for _ in range(ROUNDS):
        world = World()
        waiting = [world.arrive(phone=f"551198765432{i}", channel=channel) for i in range(THREADS)]
        ends = at_once(handling(world, [(Take(conversation), agent) for conversation in waiting]))
        assert sum(isinstance(end, Outcome) for end in ends) == room
        assert sum(isinstance(end, AtCapacity) for end in ends) == THREADS - room
        assert world.contents().tallies == {f"open:{agent.id}": room}
        assert_laws(world.contents())


@pytest.mark.usefixtures("hasty")
def test_eight_threads_bring_first_messages_of_one_number() -> None:
    """Eight messages at once from a new number make one contact and one conversation. Rule: L3, M1, M4"""
    for _ in range(ROUNDS):
        world = World()
        arrivals = [world.arrival(f"mensagem {i}") for i in range(THREADS)]
        ends = at_once(handling(world, [(arrival, SYSTEM) for arrival in arrivals]))
        assert all(isinstance(end, Outcome) for end in ends), ends
        assert len(world.of(Contact)) == len(world.of(Conversation)) == 1
        texts = {message.body.reveal() for message in world.of(Message)}
        assert texts == {f"mensagem {i}" for i in range(THREADS)}
        assert_laws(world.contents())


@pytest.mark.usefixtures("hasty")
def test_eight_threads_close_and_deliver() -> None:
    """Four threads close while four deliver: one close passes, its message goes out once. Rule: L10"""
    for _ in range(ROUNDS):
        world = World()
        conversation = world.arrive()
        world.take(conversation, BETO)
        closing = handling(world, [(Close(conversation, ReasonId("slip")), SUPERVISOR)] * 4)
        ends = at_once([*closing, *[world.desk.run_due] * 4])
        assert sum(isinstance(end, Outcome) for end in ends[:4]) == 1
        assert all(isinstance(end, NotAdmitted | Outcome) for end in ends[:4])
        assert not [end for end in ends[4:] if isinstance(end, BaseException)]
        world.until_quiet()
        assert len(world.messaging.outbox) == 1
        written = [e for ref in world.contents().states for e in world.events(ref) if type(e) is MessageWritten]
        assert len(written) == 1
        assert_laws(world.contents())


@pytest.mark.usefixtures("hasty")
def test_eight_threads_deliver_the_messages_of_one_lane_in_order() -> None:
    """However many workers there are, a conversation's messages leave once each, in `seq` order. Rule: M20"""
    for _ in range(ROUNDS // 2):
        world = World()
        conversation = world.arrive()
        world.take(conversation, BETO)
        texts = [f"resposta {i}" for i in range(6)]
        for text in texts:
            world.send(conversation, text)
        ends = at_once([world.desk.run_due] * THREADS)
        assert not [end for end in ends if isinstance(end, BaseException)]
        world.until_quiet()
        assert [request.text.reveal() for request in world.messaging.outbox] == texts
        assert_laws(world.contents())
