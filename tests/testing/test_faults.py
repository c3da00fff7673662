"""The faults: each does what it says; a log does it again; and a desk keeps its promises under all of them."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore import AsyncDesk, AsyncPorts, ChannelKind, Desk, Ports
from chatcore.commands import (
    Close,
    Command,
    Configure,
    GrantBonus,
    LinkCustomer,
    Outcome,
    ReceiveMessage,
    RecordResult,
    RecordStatus,
    SendMessage,
    Take,
)
from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    Bonus,
    Contract,
    ContractsCapabilities,
    Conversation,
    Customer,
    Effect,
    LooksUpByKey,
    Message,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import Conflict, OutcomeUnknown, PortFailure, Temporary, VersionConflict
from chatcore.memory import MemoryBilling, MemoryContracts, MemoryMessaging, MemoryStorage
from chatcore.ports import ReadSet, SendRequest
from chatcore.testing import PROVIDER, Clock, World
from chatcore.testing.faults import Call, Fault, Faults, Scripted, Seeded, Strike, replay
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    BoletoForm,
    ChannelId,
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    DeliveryStatus,
    EffectId,
    EffectState,
    MessageKind,
    Private,
)
from tests.laws.providers import Provider

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SEND = "messaging.send"
DONE = {Fault.DUPLICATE: 2, Fault.EXPIRED_LEASE: 1, Fault.LOST_REPLY: 1, Fault.TIME_OUT: 1}
"""How often a write that a fault befalls was done when its caller hears of it; by the others not at all."""
RAISED: dict[Fault, type[Exception]] = {
    Fault.LOST_REPLY: OutcomeUnknown,
    Fault.LOST_REQUEST: OutcomeUnknown,
    Fault.RATE_LIMIT: Temporary,
    Fault.REORDER: OutcomeUnknown,
    Fault.TIME_OUT: TimeoutError,
    Fault.UNREACHABLE: Temporary,
}


class Counting:
    """A messaging adapter that counts what it is asked, and remembers no key."""

    def __init__(self) -> None:
        self.capabilities = MemoryMessaging().capabilities
        self.asked: list[str] = []

    def send(self, request: SendRequest, /) -> str:
        self.asked.append(request.key)
        return f"out-{len(self.asked)}"

    def look_up(self, key: EffectId, /) -> str | None:
        self.asked.append("look_up")
        return None


class Awaited:
    """Any adapter, made async."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        async def call(*args: Any, **options: Any) -> Any:
            return found(*args, **options)

        return call


def finished(work: Any) -> Any:
    """What comes of a call; an async one that never really waits is driven by hand."""
    if not hasattr(work, "__await__"):
        return work
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waited")


def request(key: str = "ef_1") -> SendRequest:
    return SendRequest(
        key=EffectId(key),
        account="a",
        to=Private("5511987654321"),
        kind=MessageKind.TEXT,
        text=Private("Oi"),
        deadline=NOON + timedelta(minutes=1),
    )


FACES = pytest.mark.parametrize("face", [lambda adapter: adapter, Awaited], ids=["sync", "async"])


# --- each fault ----------------------------------------------------------------------------------------------


@FACES
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.STALE_VERSION])
def test_a_write_goes_wrong_as_its_fault_says(fault: Fault, face: Callable[[Any], Any]) -> None:
    """Each fault does the write as often as it says, and raises what it says; the calls beside it go well."""
    inner, clock = Counting(), Clock(NOON)
    faults = Faults(Scripted([Strike(SEND, fault, nth=2)]), clock=clock)
    adapter = faults.wrap(face(inner))
    assert finished(adapter.send(request("ef_1"))) == "out-1"
    if fault in RAISED:
        with pytest.raises(RAISED[fault]) as caught:
            finished(adapter.send(request("ef_2")))
        if isinstance(caught.value, Temporary):
            assert (caught.value.retry_after is not None) is (fault is Fault.RATE_LIMIT)
    else:
        assert finished(adapter.send(request("ef_2"))) == "out-2"
    assert inner.asked.count("ef_2") == DONE.get(fault, 0)
    moved = {Fault.EXPIRED_LEASE: 61, Fault.TIME_OUT: 60}.get(fault, 0)
    assert clock.now == NOON + timedelta(seconds=moved)
    assert finished(adapter.send(request("ef_3")))
    asked = ["ef_1", *["ef_2"] * DONE.get(fault, 0), "ef_3", *(["ef_2"] if fault is Fault.REORDER else [])]
    assert inner.asked == asked
    assert faults.missed == ()


@FACES
@pytest.mark.parametrize("fault", [*RAISED])
def test_a_read_that_goes_wrong_is_temporary(fault: Fault, face: Callable[[Any], Any]) -> None:
    """A read does nothing, so there is no doubt about it: whatever gets lost, it cannot tell now."""
    strike = Fault.LOST_REQUEST if fault is Fault.REORDER else fault
    storage = Faults(Scripted([Strike("storage.read", strike)])).wrap(face(MemoryStorage()))
    with pytest.raises(Temporary):
        finished(storage.read(ReadSet()))
    assert finished(storage.read(ReadSet())).states == {}


def test_what_is_held_back_is_done_before_it_is_looked_up() -> None:
    """A look-up never finds nothing of a write that is done later; nor is one done after its deadline."""
    for late in (False, True):
        inner, clock = Counting(), Clock(NOON)
        faults = Faults(Scripted([Strike(SEND, Fault.REORDER)]), clock=clock)
        adapter, storage = faults.wrap(inner), faults.wrap(MemoryStorage())
        with pytest.raises(OutcomeUnknown):
            adapter.send(request())
        storage.head()
        assert inner.asked == []
        if late:
            clock.advance(minutes=1)
            storage.head()
            assert inner.asked == ["ef_1"]
        adapter.look_up(EffectId("ef_1"))
        assert inner.asked == ["ef_1", "look_up"]


@FACES
def test_what_is_held_back_can_be_let_through(face: Callable[[Any], Any]) -> None:
    """In the end a test lets everything arrive."""
    inner = Counting()
    faults = Faults(Scripted([Strike(SEND, Fault.REORDER)]))
    with pytest.raises(OutcomeUnknown):
        finished(faults.wrap(face(inner)).send(request()))
    if face is Awaited:
        finished(faults.let_through_async())
    else:
        faults.let_through()
    assert inner.asked == ["ef_1"]


def test_a_wrapped_adapter_is_as_it_was_in_all_else() -> None:
    """Capabilities, optional powers and an adapter's own attributes are the adapter's."""
    inner = MemoryMessaging()
    wrapped = Faults(Scripted()).wrap(inner)
    assert wrapped.capabilities is inner.capabilities
    assert wrapped.outbox is inner.outbox
    assert not hasattr(Faults(Scripted()).wrap(MemoryStorage()), "send")
    assert not hasattr(Faults(Scripted()).wrap(Counting()), "mark_read")
    with pytest.raises(TypeError, match="no port"):
        Faults(Scripted()).wrap(object())


def test_a_plan_that_cannot_be_is_refused() -> None:
    """A call that is none, a fault that cannot befall it, a lease without a clock: a ValueError at once."""
    for at, fault in (("messaging.sned", Fault.TIME_OUT), (SEND, Fault.STALE_VERSION)):
        with pytest.raises(ValueError, match=r"sned|cannot befall"):
            Strike(at, fault)
    with pytest.raises(ValueError, match="clock"):
        Faults(Scripted([Strike(SEND, Fault.EXPIRED_LEASE)]))
    for wrong in ({"rate": 1.5}, {"rate": -0.1}, {"calls": ["send"]}):
        with pytest.raises(ValueError, match=r"rate|no call"):
            Seeded(1, **wrong)  # type: ignore[arg-type]


def test_a_strike_names_a_call_by_its_number_too() -> None:
    """Calls are counted over all that is wrapped; what struck nothing is told."""
    faults = Faults(
        Scripted([Strike(2, Fault.UNREACHABLE), Strike(3, Fault.STALE_VERSION), Strike(9, Fault.DUPLICATE)])
    )
    storage, messaging = faults.wrap(MemoryStorage()), faults.wrap(Counting())
    storage.head()
    with pytest.raises(Temporary):
        messaging.send(request())
    messaging.send(request())
    assert [strike.at for strike in faults.missed] == [3, 9]
    assert faults.log == (
        Call(1, "storage.head", 1),
        Call(2, SEND, 1, Fault.UNREACHABLE),
        Call(3, SEND, 2),
    )


# --- the desk's answer to some -------------------------------------------------------------------------------


def beside(world: World, faults: Faults) -> Desk:
    """A desk over a world's ports, which go wrong."""
    ports = Ports(
        storage=world.storage,
        messaging={ChannelKind.WHATSAPP_CLOUD: world.messaging},
        contracts=world.contracts,
        billing=world.billing,
    )
    roots = itertools.count(1)
    return Desk(faults.around(ports), clock=world.clock, new_root=lambda: f"b{next(roots):05d}")


def test_a_stale_command_is_decided_again() -> None:
    """Somebody changes the conversation in between: the note is decided with fresh facts, and is there once."""
    with World() as world:
        ana, conversation = world.agent("ana"), world.customer("Maria").writes()
        world.given(Take(conversation), by=ana)
        faults = Faults(
            Scripted([Strike("storage.apply", Fault.STALE_VERSION)]),
            meanwhile=lambda: world.given(SendMessage(conversation, "Um momento"), by=ana),
        )
        beside(world, faults).handle(SendMessage(conversation, "Bom dia"), by=ana)
        assert world.sent == ("Um momento", "Bom dia")
        assert faults.missed == ()


def test_a_stale_command_that_rests_on_a_version_is_a_conflict() -> None:
    """Who named the version they saw is told that it has moved, and nothing of theirs is kept."""
    with World() as world:
        ana, conversation = world.agent("ana"), world.customer("Maria").writes()
        seen = world.given(Take(conversation), by=ana).version_of(conversation)
        faults = Faults(
            Scripted([Strike("storage.apply", Fault.STALE_VERSION)]),
            meanwhile=lambda: world.given(SendMessage(conversation, "Um momento"), by=ana),
        )
        with pytest.raises(VersionConflict):
            beside(world, faults).handle(SendMessage(conversation, "Bom dia"), by=ana, expected=seen)
        assert world.sent == ("Um momento",)


def test_a_call_that_outlives_its_lease_is_not_made_again() -> None:
    """The clock passes the lease while a message is on its way, and another worker looks: it goes out once."""
    with World() as world:
        ana, conversation = world.agent("ana"), world.customer("Maria").writes()
        world.given(Take(conversation), by=ana)
        faults = Faults(
            Scripted([Strike(SEND, Fault.EXPIRED_LEASE)]), clock=world.clock, meanwhile=world.run_workers
        )
        outcome = beside(world, faults).handle(SendMessage(conversation, "Bom dia"), by=ana)
        world.run_workers()
        assert world.sent == ("Bom dia",)
        assert world.effect(outcome.effects[0]).state is EffectState.SUCCEEDED
        assert faults.missed == ()


# --- what comes in -------------------------------------------------------------------------------------------


def test_things_come_twice_late_and_out_of_order() -> None:
    """Each fault of what comes in does what it says, and nothing is lost for good."""
    strikes = [
        Strike("arriving", Fault.REORDER, nth=1),
        Strike("arriving", Fault.DUPLICATE, nth=2),
        Strike("arriving", Fault.LOST_REPLY, nth=3),
        Strike("arriving", Fault.LOST_REQUEST, nth=4),
        Strike("arriving", Fault.REORDER, nth=6),
    ]
    faults = Faults(Scripted(strikes))
    assert faults.arriving("abcdef") == ["b", "b", "a", "c", "e", "f", "c", "d"]
    assert faults.missed == ()


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_reports_in_any_order_come_to_the_same(seed: int) -> None:
    """Whatever order reports of a message come in, and however often, it ends as far as it came. Rule: M2."""
    with World() as world:
        ana, conversation = world.agent("ana"), world.customer("Maria").writes()
        world.given(Take(conversation), SendMessage(conversation, "Bom dia"), by=ana)
        [message] = [each for each in world.messages(conversation) if each.author == ana]
        statuses = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)
        reports = [
            RecordStatus(
                channel=ChannelId("wa"),
                provider_id=message.provider_id or "",
                status=status,
                occurred_at=world.clock.now,
            )
            for status in statuses
        ]
        for report in Faults(Seeded(seed, rate=0.7)).arriving(reports):
            world.given(report, by=SYSTEM)
        [after] = [each for each in world.messages(conversation) if each.author == ana]
        assert after.status is DeliveryStatus.READ


# --- seeds ---------------------------------------------------------------------------------------------------


def test_a_seed_strikes_the_same_calls_whatever_happens_between_them() -> None:
    """Whether a call goes wrong depends on the seed, the method and its count, not on what other ports do."""
    first, second = Faults(Seeded(7, rate=0.5)), Faults(Seeded(7, rate=0.5))
    for faults, beside_it in ((first, 0), (second, 3)):
        adapter, storage = faults.wrap(MemoryMessaging()), faults.wrap(MemoryStorage())
        for n in range(60):
            with contextlib.suppress(PortFailure, TimeoutError):
                adapter.send(request(f"ef_{n}"))
            for _ in range(beside_it):
                with contextlib.suppress(PortFailure):
                    storage.head()
    sends = [[(each.nth, each.fault) for each in faults.log if each.call == SEND] for faults in (first, second)]
    assert sends[0] == sends[1]
    struck = Counter(fault for _, fault in sends[0])
    assert 15 <= 60 - struck[None] <= 45
    other = Seeded(8, rate=0.5)
    assert [other.drawn(SEND, n, frozenset(Fault)) for n in range(60)] != [
        Seeded(7, rate=0.5).drawn(SEND, n, frozenset(Fault)) for n in range(60)
    ]


def test_a_seed_keeps_to_its_rate_faults_and_calls() -> None:
    """Nothing at rate 0, all at rate 1; only faults and calls that were named."""
    every = frozenset(Fault)
    assert {Seeded(1, rate=0).drawn(SEND, n, every) for n in range(50)} == {None}
    assert None not in {Seeded(1, rate=1).drawn(SEND, n, every) for n in range(50)}
    assert {Seeded(1, rate=1).drawn(SEND, n, every) for n in range(200)} == every
    only = Seeded(1, rate=1, faults=[Fault.TIME_OUT], calls=[SEND])
    assert {only.drawn(SEND, n, every) for n in range(50)} == {Fault.TIME_OUT}
    assert only.drawn("storage.read", 1, every) is None


@pytest.mark.parametrize("nature", [LooksUpByKey(timedelta(minutes=5)), ReportsByKey(), AtMostOnce()])
def test_a_seed_does_nothing_that_breaks_the_outsides_word(nature: Nature) -> None:
    """What the outside cannot recognise is not done twice; what may be looked up is not done later."""
    inner = Provider(nature)
    faults = Faults(Seeded(3, rate=1), clock=Clock(NOON))
    adapter = faults.wrap(inner)
    for n in range(120):
        with contextlib.suppress(PortFailure, TimeoutError):
            adapter.send(request(f"ef_{n}"))
    befell = {each.fault for each in faults.log}
    assert Fault.DUPLICATE not in befell
    assert (Fault.REORDER in befell) is not isinstance(nature, LooksUpByKey)
    assert max(inner.applied.values()) == 1


# --- the promises --------------------------------------------------------------------------------------------

NATURES: tuple[Nature, ...] = (
    RepeatsByKey(timedelta(hours=2)),
    LooksUpByKey(timedelta(minutes=5)),
    ReportsByKey(),
    AtMostOnce(),
)
ANA = Actor.agent("ana")
TEXTS = ("Bom dia!", "Já vou ver", "Resolvido?")
WA = ChannelId("wa")


class Service:
    """A service whose outside has one nature; what it asks is tried until it is told a yes or a no."""

    def __init__(self, nature: Nature) -> None:
        self.nature, self.clock = nature, Clock(NOON)
        self.storage, self.messaging = MemoryStorage(), Provider(nature)
        self.contracts = MemoryContracts(ContractsCapabilities(orders=nature), clock=self.clock)
        offers = BillingCapabilities(boletos=tuple(BoletoForm), bonus=nature)
        self.billing = MemoryBilling(offers, clock=self.clock)
        self._roots = itertools.count(1)
        maria = Customer(id=CustomerId("cu-1"), name=Private("Maria"))
        self.contracts.add(maria, phones=["5511987654321"])
        self.contracts.put(
            Contract(id=ContractId("c-1"), customer=maria.id, status=ContractStatus.ACTIVE, as_of=NOON)
        )
        self.desk(None).handle(Configure(PROVIDER), by=SYSTEM)

    def desk(self, faults: Faults | None, *, waits: bool = False) -> Any:
        face = Awaited if waits else lambda adapter: adapter
        parts: dict[str, Any] = {
            "storage": face(self.storage),
            "messaging": {ChannelKind.WHATSAPP_CLOUD: face(self.messaging)},
            "contracts": face(self.contracts),
            "billing": face(self.billing),
        }
        options: dict[str, Any] = {"clock": self.clock, "new_root": lambda: f"{next(self._roots):06d}"}
        if waits:
            ports = AsyncPorts(**parts)
            return AsyncDesk(ports if faults is None else faults.around(ports), **options)
        sync_ports = Ports(**parts)
        return Desk(sync_ports if faults is None else faults.around(sync_ports), **options)

    def asked(self, desk: Any, command: Command, by: Actor, key: str | None) -> Outcome:
        for _ in range(200):
            try:
                outcome: Outcome = finished(desk.handle(command, by=by, key=key))
            except (PortFailure, Conflict):
                self.clock.advance(seconds=1)
            else:
                return outcome
        raise AssertionError("never answered")

    def day(self, faults: Faults, *, waits: bool = False) -> ConversationId:
        """Maria writes, ana answers, grants her a bonus and closes; workers run in between."""
        desk = self.desk(faults, waits=waits)
        arrival = ReceiveMessage(
            channel=WA, address="5511987654321", provider_id="in-1", sent_at=NOON, text="Sem internet"
        )
        for each in faults.arriving([arrival]):
            self.asked(desk, each, SYSTEM, None)
        states = self.storage.contents().states.values()
        [(conversation, contact)] = [(s.id, s.contact) for s in states if isinstance(s, Conversation)]
        commands: list[Command] = [Take(conversation), LinkCustomer(contact, CustomerId("cu-1"))]
        commands += [SendMessage(conversation, text) for text in TEXTS]
        commands.append(GrantBonus(conversation, ContractId("c-1"), Bonus.amount(10), "Esperou"))
        commands.append(Close(conversation, PROVIDER.reasons[0].id))
        for n, command in enumerate(commands):
            self.asked(desk, command, ANA, f"click-{n}")
            with contextlib.suppress(PortFailure):
                finished(desk.run_due(limit=3))
        return conversation

    def come_to_rest(self, faults: Faults, *, waits: bool) -> None:
        """All that is on its way arrives, callbacks too, and a desk without faults does what is due."""
        if waits:
            finished(faults.let_through_async())
        else:
            faults.let_through()
        desk = self.desk(None)
        told: set[EffectId] = set()
        for _ in range(500):
            if isinstance(self.nature, ReportsByKey):
                for key, reference in self.billing.reports():
                    desk.handle(RecordResult(effect=key, applied=True, reference=reference), by=SYSTEM)
                for key in sorted(self.messaging.ids.keys() - told):
                    told.add(key)
                    status = RecordStatus(
                        channel=WA,
                        provider_id=self.messaging.ids[key],
                        status=DeliveryStatus.SENT,
                        occurred_at=self.clock.now,
                        key=key,
                    )
                    desk.handle(status, by=SYSTEM)
            report = desk.run_due()
            if report.done or report.more:
                continue
            if report.next_at is None:
                return
            if report.next_at > self.clock.now:
                self.clock.set(report.next_at)
        raise AssertionError("never at rest")

    def check(self, conversation: ConversationId) -> None:
        """What must hold whatever went wrong."""
        contents = self.storage.contents()
        assert_laws(contents)
        states = contents.states.values()
        said = [s for s in states if isinstance(s, Message) and s.conversation == conversation]
        texts = [message.body.reveal() for message in sorted(said, key=lambda message: message.seq)]
        assert texts == ["Sem internet", *TEXTS]
        assert max(self.messaging.applied.values(), default=0) <= 1, "a message went out twice"
        assert len(self.billing.bonuses) <= 1, "the bonus was granted twice"
        granted = {request.key for request in self.billing.bonuses}
        for effect in (s for s in states if isinstance(s, Effect) and s.conversation == conversation):
            if effect.kind not in ("send_message", "grant_bonus"):
                continue
            done = self.messaging.applied[effect.id] + (effect.id in granted)
            if effect.state is EffectState.SUCCEEDED:
                assert done == 1, "it says that it was done"
            elif effect.state in (EffectState.FAILED, EffectState.CANCELLED):
                assert done == 0, "it says that it was not done"
            else:
                assert effect.state in (EffectState.REVIEW, EffectState.UNCONFIRMED)
                assert not isinstance(self.nature, RepeatsByKey | LooksUpByKey), "its doubt could be resolved"


@pytest.mark.parametrize("waits", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("nature", NATURES, ids=lambda nature: type(nature).__name__)
@given(seed=st.integers(0, 2**32), rate=st.sampled_from((0.1, 0.3, 0.5)))
@settings(max_examples=12, deadline=None)
def test_the_promises_hold_whatever_a_seed_does(nature: Nature, waits: bool, seed: int, rate: float) -> None:
    """Law: under any faults that an outside may have, the bonus is granted once at most, each message is there
    once and goes out once at most, every doubt is resolved or in sight, and the storage holds together.

    Rule: B11, M1, M7
    """
    service = Service(nature)
    faults = Faults(Seeded(seed, rate), clock=service.clock, meanwhile=service.desk(None).run_due)
    conversation = service.day(faults, waits=waits)
    service.come_to_rest(faults, waits=waits)
    service.check(conversation)


@pytest.mark.parametrize(
    ("call", "nature", "told"),
    [
        ("billing.grant_bonus", ReportsByKey(), "granted twice"),
        (SEND, AtMostOnce(), "went out twice"),
        ("billing.grant_bonus", LooksUpByKey(timedelta(minutes=5)), "granted twice"),
    ],
    ids=["bonus", "message", "looked-up"],
)
def test_an_outside_that_breaks_its_word_is_noticed(call: str, nature: Nature, told: str) -> None:
    """A script may have the outside do twice what it said it does once; then the same checks fail."""
    service = Service(nature)
    faults = Faults(Scripted([Strike(call, Fault.DUPLICATE)]), clock=service.clock)
    conversation = service.day(faults)
    service.come_to_rest(faults, waits=False)
    with pytest.raises(AssertionError, match=told):
        service.check(conversation)


@pytest.mark.parametrize("nature", NATURES, ids=lambda nature: type(nature).__name__)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_a_run_is_played_again_exactly(nature: Nature, seed: int) -> None:
    """By the seed, by the log, by the repr of the script, and over an async desk: the same calls go wrong in
    the same way, and lead to the same contents."""
    runs: list[tuple[Any, Any]] = []

    def run(plan: Any, *, waits: bool = False) -> Faults:
        service = Service(nature)
        faults = Faults(plan, clock=service.clock, meanwhile=service.desk(None).run_due)
        service.day(faults, waits=waits)
        runs.append((faults.log, service.storage.contents()))
        return faults

    first = run(Seeded(seed, rate=0.3))
    run(Seeded(seed, rate=0.3))
    run(replay(first.log))
    assert eval(repr(first.script)) == first.script == replay(first.log)
    assert run(first.script).missed == ()
    run(Seeded(seed, rate=0.3), waits=True)
    assert all(each == runs[0] for each in runs[1:])
    assert any(call.fault for call in first.log)
