"""What is asked of contracts and billing happens exactly as often as it should, whatever goes wrong.

The way of each action is listed by running it once undisturbed. Then it is run again for every call on that
way, every fault that call can have, and every nature the outside can be of; another process takes over, and
everything comes to rest.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore import Delivery
from chatcore.br import Money
from chatcore.commands import (
    BlockContact,
    ClaimEffect,
    Close,
    Command,
    Finding,
    FindingKind,
    GrantBonus,
    LinkCustomer,
    MergeContacts,
    OpenServiceOrder,
    Outcome,
    ReceiveMessage,
    RecordResult,
    SendBoletos,
    SendInvoices,
    SettleEffect,
    SettleReview,
    UnlinkCustomer,
    Withdraw,
)
from chatcore.entities import (
    AtMostOnce,
    Bonus,
    Customer,
    Effect,
    LooksUpByKey,
    Message,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import (
    AlreadyAsked,
    EffectPending,
    IdempotencyMismatch,
    LeaseLost,
    NotSendable,
    PortFailure,
    SecondPersonRequired,
    Temporary,
)
from chatcore.events import Claimed, CustomerLinked, MessageWritten
from chatcore.limits import CLAIM_LEASE, DELIVERY_ATTEMPTS
from chatcore.rules.invariants import beside, guard_claim
from chatcore.testing.laws import Laws, assert_laws
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    BoletoForm,
    BoletoState,
    ContractId,
    ConversationId,
    CustomerId,
    EffectId,
    EffectKind,
    EffectState,
    Private,
)
from tests.laws.faults import DEATHS, FAULTS, HORIZON, JOAO, JOAO_ID, Crash, Fault, Process, Till
from tests.laws.pacing import every_turn
from tests.office import ANA, NOON, SUE, WA
from tests.shop import HOME, MARIA_ID, PDF, boleto, contract, invoice

NATURES: tuple[Nature, ...] = (RepeatsByKey(timedelta(hours=2)), HORIZON, ReportsByKey(), AtMostOnce())
NATURE = pytest.mark.parametrize("nature", NATURES, ids=lambda nature: type(nature).__name__)

INTENDED, IN_FLIGHT, UNKNOWN = EffectState.INTENDED, EffectState.IN_FLIGHT, EffectState.UNKNOWN
SUCCEEDED, FAILED, CANCELLED = EffectState.SUCCEEDED, EffectState.FAILED, EffectState.CANCELLED
REVIEW, UNCONFIRMED = EffectState.REVIEW, EffectState.UNCONFIRMED

SAM = Actor.agent("sam")
BONUS = Bonus.amount("10")
KEY = "click-1"


@attrs.frozen
class Action:
    """Something asked for: the command for it, its kind of effect, and the call that carries it out."""

    name: str
    kind: EffectKind
    call: str
    ask: Callable[[ConversationId], Command]
    by: Actor = ANA
    messages: int = 0

    @property
    def is_money(self) -> bool:
        return self.kind in (EffectKind.GRANT_BONUS, EffectKind.OPEN_ORDER)

    def __str__(self) -> str:
        return self.name


def bonus(conversation: ConversationId) -> GrantBonus:
    return GrantBonus(conversation, HOME, BONUS, "esperou muito")


def order(conversation: ConversationId) -> OpenServiceOrder:
    return OpenServiceOrder(
        conversation, "visit", "Sem sinal", "Visitar amanhã", contract=HOME, transcript=True
    )


def some_boleto(conversation: ConversationId) -> SendBoletos:
    return SendBoletos(conversation, ["b1"], forms=(BoletoForm.DOCUMENT,))


def some_invoice(conversation: ConversationId) -> SendInvoices:
    return SendInvoices(conversation, ["n1"])


def a_new_number(_: ConversationId) -> ReceiveMessage:
    return ReceiveMessage(channel=WA, address=JOAO, provider_id="wamid.joao", sent_at=NOON, text="Oi")


ACTIONS = (
    Action("send a boleto", EffectKind.ISSUE_BOLETO, "issue_boleto", some_boleto, messages=1),
    Action("send an invoice", EffectKind.ISSUE_INVOICE, "issue_invoice", some_invoice, messages=1),
    Action("grant a bonus", EffectKind.GRANT_BONUS, "grant_bonus", bonus),
    Action("open a service order", EffectKind.OPEN_ORDER, "open_order", order),
    Action("find the customer", EffectKind.FIND_CUSTOMER, "find", a_new_number, by=SYSTEM),
)
ACTION = pytest.mark.parametrize("action", ACTIONS, ids=str)

LOST_REPLY = next(fault for fault in FAULTS if fault.name == "unknown" and fault.done)

LAWS = Laws()
"""Kept, so that what all histories begin with is folded once."""


def asking(action: Action, nature: Nature) -> tuple[Till, Command]:
    """Where something is about to be asked for, and the command for it."""
    till, conversation = Till.open(nature)
    return till, action.ask(conversation)


@functools.cache
def way(action: Action) -> tuple[str, ...]:
    """The calls of an action that nothing disturbs, in order."""
    till, command = asking(action, NATURES[0])
    process = till.process()
    process.handle(command, action.by, KEY)
    return tuple(process.line.trail)


def doubtful(action: Action) -> range:
    """The calls of its way, claim to settlement, that may leave open whether it was carried out."""
    calls = way(action)
    call = calls.index(action.call)
    return range(max(i for i in range(call) if calls[i] == "apply"), calls.index("apply", call) + 1)


@ACTION
def test_the_way_of_an_action_is_what_it_should_be(action: Action) -> None:
    """Intent, claim and settlement are commits of their own, and the call comes between the last two."""
    calls = [name for name in way(action) if name in ("apply", "send", action.call)]
    assert calls == ["apply", "apply", action.call, "apply", *["apply", "send", "apply"] * action.messages]


def effects_of(till: Till, kind: EffectKind) -> list[Effect]:
    """The effects of a kind that came since the till opened."""
    states = till.contents.states.items()
    return [s for id, s in states if isinstance(s, Effect) and s.kind is kind and id not in till.before]


def sent_with(till: Till) -> list[Message]:
    """The messages that were written in the course of an action, in order."""
    contents = till.contents
    found = [s for s in contents.states.values() if isinstance(s, Message)]
    return [m for m in found if type(contents.streams[m.id][0].event) is MessageWritten]


# --- one fault -----------------------------------------------------------------------------------------------


def interrupted(
    action: Action, till: Till, command: Command, at: int, fault: Fault, *, waits: bool = False
) -> tuple[Process, Outcome | None]:
    """Ask for it, and let the call at `at` go wrong: the process, and what the caller was told."""
    process = till.process(at, fault, waits=waits)
    try:
        return process, process.handle(command, action.by, KEY)
    except (PortFailure, *DEATHS):
        return process, None


def check_bounds(till: Till) -> None:
    """The law itself: applied once at most; dispatched once at most where a key is worth nothing."""
    for effect in (e for e in till.contents.states.values() if isinstance(e, Effect)):
        assert till.applied(effect.id) <= 1, f"applied twice: {effect.kind}"
        if not till.resolves and effect.kind in (
            EffectKind.GRANT_BONUS,
            EffectKind.OPEN_ORDER,
            EffectKind.SEND_MESSAGE,
        ):
            assert till.dispatched[effect.id] <= 1, f"dispatched twice: {effect.kind}"
    assert len(till.billing.bonuses) <= 1
    assert len(till.contracts.orders) <= 1


def check_end(action: Action, till: Till, *, refused: str | None, in_doubt: bool) -> None:
    """Everything has come to rest: it ended, or is in sight of a person, and nothing is said of it that is not
    so. `refused` is the call that the outside refused; `in_doubt` whether nobody could tell what became of it.
    """
    check_bounds(till)
    assert not till.storage.due(now=till.now.replace(year=2100), limit=1).effects, "nobody would look at it"
    [effect] = effects_of(till, action.kind)
    applied = till.applied(effect.id)
    if action.is_money:
        check_money(till, effect, refused=refused == action.call, in_doubt=in_doubt)
    elif refused == action.call:
        assert effect.state is FAILED
    else:
        assert effect.state is SUCCEEDED
    assert applied == (effect.state is SUCCEEDED and action.is_money) or effect.state is REVIEW
    check_guard(till, effect)
    messages = sent_with(till)
    assert len(messages) == (action.messages if effect.state is SUCCEEDED else 0)
    carried = [till.state(message.effect) for message in messages]
    for message in carried:
        check_message(till, message, refused=refused == "send")
    if effect.kind is EffectKind.FIND_CUSTOMER:
        contact = till.state(effect.contact)
        assert contact.customer == (JOAO_ID if effect.state is SUCCEEDED else None)
        links = [type(envelope.event) for envelope in till.contents.streams[contact.id]].count(CustomerLinked)
        assert links == (effect.state is SUCCEEDED)


def check_money(till: Till, effect: Effect, *, refused: bool, in_doubt: bool) -> None:
    """What the table says of a bonus or an order, by the nature of the port."""
    applied = till.applied(effect.id)
    if refused:
        assert effect.state is FAILED
    elif till.resolves or not in_doubt or (applied and isinstance(till.nature, ReportsByKey)):
        assert effect.state is SUCCEEDED
    else:
        assert effect.state in (SUCCEEDED, REVIEW)
    if effect.state is SUCCEEDED:
        assert applied == 1
        assert effect.reference in ("bn-1", "so-1")
    elif effect.state is FAILED:
        assert applied == 0


def check_message(till: Till, effect: Effect, *, refused: bool) -> None:
    """A message that carries what was issued ends like any other. Rule: M2"""
    applied = till.applied(effect.id)
    if effect.state is SUCCEEDED:
        assert applied == 1
        assert effect.reference == till.messaging.ids[effect.id]
    elif effect.state is UNCONFIRMED:
        assert not till.resolves
        assert not (applied and isinstance(till.nature, ReportsByKey))
    else:
        assert effect.state is FAILED
        assert refused
        assert applied == 0


def check_guard(till: Till, effect: Effect) -> None:
    """The guard of a bonus is held from the intent on, and free once it has FAILED or is CANCELLED."""
    held = [key for key in till.contents.claims if key.startswith("bonus:")]
    if effect.kind is not EffectKind.GRANT_BONUS:
        assert held == []
        return
    verdict = till.desk.can(GrantBonus(effect.conversation, HOME, BONUS, "mais uma"), by=SUE)
    if effect.state in (FAILED, CANCELLED):
        assert held == []
        assert verdict
    else:
        assert len(held) == 1
        assert isinstance(verdict.refusal, AlreadyAsked)
        assert verdict.refusal.effect == effect.id


def survives(action: Action, nature: Nature, at: int, fault: Fault, *, waits: bool = False) -> None:
    """One history: the action with the call at `at` gone wrong, a restart, the same asked again, and rest."""
    till, command = asking(action, nature)
    before = till.dispatched.copy()
    process, told = interrupted(action, till, command, at, fault, waits=waits)
    line = process.line
    assert line.struck is not None, "no fault was reached"
    assert line.trail[: at + 1] == list(way(action)[: at + 1]), "the fault was not reached"
    LAWS.check(till.contents)
    committed = effects_of(till, action.kind) != []
    assert committed or (told is None and till.dispatched == before), "it went out, and nobody knows of it"

    clean = till.process(waits=waits)
    again = clean.handle(command, action.by, KEY)
    assert told is None or again == told
    till.now += 2 * CLAIM_LEASE
    till.until_quiet(clean)
    refused = line.struck if fault.name == "refused" else None
    check_end(action, till, refused=refused, in_doubt=at in doubtful(action))
    LAWS.check(till.contents)

    rest = till.contents, till.dispatched.copy()
    assert clean.handle(command, action.by, KEY) == again
    till.until_quiet(clean)
    assert (till.contents, till.dispatched) == rest


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=str)
@NATURE
@ACTION
def test_an_action_that_goes_wrong_anywhere_is_neither_repeated_nor_lost(
    action: Action, nature: Nature, fault: Fault
) -> None:
    """Law: whatever happens at any call on its way, what is asked for is applied once at most, and exactly once
    where the port repeats or looks up by key; it is dispatched once at most where the port does neither; it
    ends, or a person sees it; its guard is held or free as the table says; repeating the command adds nothing.

    Rule: B2, B8, B11
    """
    for at in range(len(way(action))):
        survives(action, nature, at, fault)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=str)
@ACTION
def test_the_same_holds_of_an_async_desk(action: Action, fault: Fault) -> None:
    """Law: the same where every call is a place to wait, by a port that looks up by key. Rule: B2, B8, B11"""
    for at in range(len(way(action))):
        survives(action, HORIZON, at, fault, waits=True)


def test_every_combination_is_there() -> None:
    """No action, nature, fault or call is left out: so many histories, of each kind of call at least one."""
    assert len({str(fault) for fault in FAULTS}) == len(FAULTS) == 17
    assert {type(nature) for nature in NATURES} == {RepeatsByKey, LooksUpByKey, ReportsByKey, AtMostOnce}
    histories = [*itertools.product(ACTIONS, NATURES, FAULTS)]
    count = sum(len(way(action)) for action, _, _ in histories)
    print(f"{count} histories of one fault, {len(histories)} tests")
    assert count == 4 * 17 * sum(len(way(action)) for action in ACTIONS) >= 5000
    calls = {name for action in ACTIONS for name in way(action)}
    assert calls == {
        *("read", "apply", "messages", "send"),
        *("boletos", "invoices", "contracts", "find"),
        *("issue_boleto", "issue_invoice", "grant_bonus", "open_order"),
    }


# --- two faults ----------------------------------------------------------------------------------------------

GRANTING = next(action for action in ACTIONS if action.call == "grant_bonus")


def goes_on(till: Till, command: Command, process: Process) -> bool:
    """A process asks again and does what is due, until it is interrupted: whether it came through."""
    try:
        process.handle(command, ANA, KEY)
        till.now += 2 * CLAIM_LEASE
        till.until_quiet(process)
    except (PortFailure, *DEATHS):
        return False
    return True


def survives_two(nature: Nature, first: tuple[int, Fault], second: tuple[int, Fault]) -> bool:
    """One history of a bonus with a fault, and one more while that is put right; whether that was reached."""
    till, command = asking(GRANTING, nature)
    lines = [interrupted(GRANTING, till, command, *first)[0].line]
    process = till.process(*second)
    lines.append(process.line)
    if not goes_on(till, command, process):
        LAWS.check(till.contents)
        assert goes_on(till, command, till.process())
    till.until_quiet(till.process())

    check_bounds(till)
    [effect] = effects_of(till, EffectKind.GRANT_BONUS)
    applied, refused = till.applied(effect.id), any(line.refused for line in lines)
    assert applied == 1 if effect.state is SUCCEEDED else effect.state in (FAILED, REVIEW)
    if effect.state is FAILED:
        assert refused
        assert applied == 0
    elif effect.state is REVIEW:
        assert not till.resolves
        assert not (applied and isinstance(nature, ReportsByKey))
    check_guard(till, effect)
    LAWS.check(till.contents)
    return lines[1].struck is not None


FAULTY = st.tuples(st.integers(0, 20), st.sampled_from(FAULTS))


@given(nature=st.sampled_from(NATURES), first=FAULTY, second=FAULTY)
@settings(max_examples=200)
def test_a_bonus_with_two_faults_is_neither_repeated_nor_lost(
    nature: Nature, first: tuple[int, Fault], second: tuple[int, Fault]
) -> None:
    """Law: one more fault of any kind, anywhere while the first is put right, changes nothing. Rule: B11"""
    survives_two(nature, first, second)


@pytest.mark.slow
@NATURE
def test_a_bonus_with_two_crashes_is_neither_repeated_nor_lost(nature: Nature) -> None:
    """Law: the same for a crash after any call, and another after any call on the way back. Rule: B11"""
    crash = next(fault for fault in FAULTS if fault.raises is Crash and fault.done)
    for at in range(len(way(GRANTING))):
        seconds = itertools.takewhile(
            lambda then: survives_two(nature, (at, crash), (then, crash)),  # noqa: B023
            itertools.count(),
        )
        assert len([*seconds]) >= 3


# --- asked twice ---------------------------------------------------------------------------------------------


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns as often as they can."""
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


def check_one_won(till: Till, ends: list[Any]) -> None:
    """Of those who asked, one was heard; the others were told by which effect."""
    [effect] = effects_of(till, EffectKind.GRANT_BONUS)
    [won] = [end for end in ends if isinstance(end, Outcome)]
    assert won.effects == (effect.id,)
    for end in ends:
        assert end is won or (isinstance(end, AlreadyAsked) and end.effect == effect.id)
    till.until_quiet(till.process())
    assert [request.key for request in till.billing.bonuses] == [effect.id]
    assert till.state(effect.id).state is SUCCEEDED
    assert_laws(till.contents)


@pytest.mark.parametrize("delivery", Delivery)
def test_two_requests_for_one_contract_and_period_are_one_bonus(delivery: Delivery) -> None:
    """Asked for twice, under two keys and for two amounts, it is granted once; the second hears of the first.

    Rule: B8, B11
    """
    till, conversation = Till.open(NATURES[0])
    first = till.desk.handle(bonus(conversation), by=ANA, key="one", delivery=delivery)
    other = GrantBonus(conversation, HOME, Bonus.days(2), "de novo", period="2026-03")
    with till.nothing_changes(), pytest.raises(AlreadyAsked) as told:
        till.desk.handle(other, by=SUE, key="two", delivery=delivery)
    check_one_won(till, [first, told.value])


def test_another_period_or_contract_is_another_bonus() -> None:
    """The guard is of one contract and one period: the next month's bonus is granted as well. Rule: B8"""
    till, conversation = Till.open(NATURES[0])
    till.contracts.put(contract("c-farm"))
    for command in (
        bonus(conversation),
        attrs.evolve(bonus(conversation), period="2026-04"),
        attrs.evolve(bonus(conversation), contract="c-farm"),
    ):
        till.desk.handle(command, by=ANA)
    granted = [(request.contract, request.period) for request in till.billing.bonuses]
    assert granted == [(HOME, "2026-03"), (HOME, "2026-04"), ("c-farm", "2026-03")]


def test_two_requests_at_once_are_one_bonus_in_every_order_of_turns() -> None:
    """Law: however two processes take turns at storage and contracts, one bonus is asked for. Rule: B8, B11"""
    tills: list[Till] = []

    def begin() -> list[Any]:
        till, conversation = Till.open(NATURES[0])
        tills.append(till)
        desks = [till.process(delivery=Delivery.LATER, waits=True).desk for _ in range(2)]
        return [
            desk.handle(bonus(conversation), by=by, key=by.id)
            for desk, by in zip(desks, (ANA, SUE), strict=True)
        ]

    winners = set()
    for ends in every_turn(begin, switches=2):
        check_one_won(tills[-1], ends)
        winners.add(isinstance(ends[0], Outcome))
    assert winners == {True, False}
    assert len(tills) > 100


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("desks", [1, 2], ids=["one desk", "two desks"])
def test_two_threads_that_ask_at_once_get_one_bonus(desks: int) -> None:
    """Two people who ask at the same moment, in one process or two, get one bonus between them. Rule: B11"""
    for _ in range(20):
        till, conversation = Till.open(NATURES[0])
        opened = [till.process().desk for _ in range(desks)] * (2 // desks)
        ends = at_once(
            [
                functools.partial(desk.handle, bonus(conversation), by=by, key=by.id)
                for desk, by in zip(opened, (ANA, SUE), strict=True)
            ]
        )
        check_one_won(till, ends)


CLICKED = pytest.mark.parametrize("action", [a for a in ACTIONS if a.by == ANA], ids=str)


def check_clicked(action: Action, till: Till, ends: list[Any]) -> None:
    """Both clicks have the same outcome, and it goes out once."""
    assert isinstance(ends[0], Outcome), ends
    assert ends[0] == ends[1]
    till.until_quiet(till.process())
    [effect] = effects_of(till, action.kind)
    assert effect.state is SUCCEEDED
    assert till.dispatched[effect.id] == 1
    assert len(till.messaging.asked) == action.messages
    assert_laws(till.contents)


@CLICKED
def test_a_double_click_is_one_command(action: Action) -> None:
    """The same key twice, one after the other: one outcome, and it goes out once. Rule: B11"""
    till, command = asking(action, AtMostOnce())
    desk = till.process().desk
    check_clicked(action, till, [desk.handle(command, by=ANA, key=KEY) for _ in range(2)])


@CLICKED
def test_a_double_click_at_once_is_one_command_in_every_order_of_turns(action: Action) -> None:
    """Law: however the two clicks take turns at the ports, both hear of the one outcome. Rule: B11"""
    tills: list[Till] = []

    def begin() -> list[Any]:
        till, command = asking(action, AtMostOnce())
        tills.append(till)
        desks = [till.process(delivery=Delivery.LATER, waits=True).desk for _ in range(2)]
        return [desk.handle(command, by=ANA, key=KEY) for desk in desks]

    for ends in every_turn(begin, switches=2):
        check_clicked(action, tills[-1], ends)
    assert len(tills) > 50


@pytest.mark.usefixtures("hasty")
@CLICKED
def test_a_double_click_in_two_threads_is_one_command(action: Action) -> None:
    """The same in two threads, each with a desk of its own. Rule: B11"""
    for _ in range(10):
        till, command = asking(action, AtMostOnce())
        desks = [till.process().desk for _ in range(2)]
        works = [functools.partial(desk.handle, command, by=ANA, key=KEY) for desk in desks]
        check_clicked(action, till, at_once([*works]))


def test_the_same_key_with_another_amount_is_a_mismatch() -> None:
    """A key stands for one content: with another amount, or from another person, it is refused. Rule: B11"""
    till, conversation = Till.open(AtMostOnce())
    till.desk.handle(bonus(conversation), by=ANA, key=KEY)
    other = GrantBonus(conversation, HOME, Bonus.amount("10.01"), "esperou muito")
    for command, by in ((other, ANA), (bonus(conversation), SUE)):
        with till.nothing_changes(), pytest.raises(IdempotencyMismatch):
            till.desk.handle(command, by=by, key=KEY)
    assert len(till.billing.bonuses) == 1


# --- late, and twice -----------------------------------------------------------------------------------------

MONEY = pytest.mark.parametrize("action", [a for a in ACTIONS if a.is_money], ids=str)


def told_by(effect: Effect) -> list[tuple[str, str | None]]:
    """The evidence kept of an effect: each finding with its reference."""
    return [(evidence.finding, evidence.reference) for evidence in effect.evidence]


def asked_of(
    action: Action, nature: Nature, delivery: Delivery = Delivery.LATER, *, by: Actor = ANA
) -> tuple[Till, EffectId]:
    """Where something was asked for, and its effect."""
    till, command = asking(action, nature)
    [effect] = till.desk.handle(command, by=by, key=KEY, delivery=delivery).effects
    return till, effect


def settled(till: Till, effect: EffectId, kind: FindingKind, fence: int, **known: Any) -> Effect:
    """The effect, once its claimer has told what came of it."""
    finding = Finding(kind=kind, **known)
    till.desk.handle(SettleEffect(effect, fence, finding), by=SYSTEM, delivery=Delivery.LATER)
    state: Effect = till.state(effect)
    return state


def claimed(till: Till, effect: EffectId) -> int:
    """The fence of a new claim."""
    till.desk.handle(ClaimEffect(effect), by=SYSTEM, delivery=Delivery.LATER)
    state: Effect = till.state(effect)
    assert state.state is IN_FLIGHT
    return state.fence


def reported(till: Till, effect: EffectId, reference: str | None, *, applied: bool = True) -> Effect:
    """The effect, once the outside has told of it by its key."""
    failure = None if applied else REFUSED
    till.desk.handle(
        RecordResult(effect=effect, applied=applied, reference=reference, failure=failure), by=SYSTEM
    )
    state: Effect = till.state(effect)
    assert_laws(till.contents)
    return state


REFUSED = "no-room"


@MONEY
@NATURE
def test_a_late_success_after_a_failure_goes_to_a_second_person(action: Action, nature: Nature) -> None:
    """What was refused and turns out to have been done is in REVIEW, with what was told; the guard is held
    again, and telling it again adds nothing. Rule: B11
    """
    till, id = asked_of(action, nature)
    settled(till, id, FindingKind.REFUSED, claimed(till, id), detail=REFUSED)
    assert (till.state(id).state, till.state(id).detail) == (FAILED, REFUSED)
    check_guard(till, till.state(id))

    effect = reported(till, id, "late-1")
    assert effect.state is REVIEW
    assert ("done", "late-1") in told_by(effect)
    check_guard(till, effect)
    with till.nothing_changes():
        till.desk.handle(RecordResult(effect=id, applied=True, reference="late-1"), by=SYSTEM)
    till.until_quiet(till.process())
    assert till.state(id) == effect
    assert till.dispatched[id] == 0


def test_a_late_success_where_another_bonus_was_granted_meanwhile_shows_both() -> None:
    """The guard was free, and is the second one's by now: the first is in REVIEW without it. Rule: B11"""
    till, id = asked_of(GRANTING, ReportsByKey())
    settled(till, id, FindingKind.REFUSED, claimed(till, id), detail=REFUSED)
    conversation = till.state(id).conversation
    [other] = till.desk.handle(bonus(conversation), by=SUE, key="two").effects
    effect = reported(till, id, "late-1")
    assert (effect.state, effect.guarded) == (REVIEW, False)
    guard = guard_claim(effect.demand)
    assert guard is not None
    assert (till.contents.claims[guard], till.contents.claims[beside(guard)]) == (other, id)
    assert till.state(other).state is SUCCEEDED


@MONEY
def test_a_success_after_it_was_withdrawn_goes_to_a_second_person(action: Action) -> None:
    """What was CANCELLED and is reported as done all the same is in REVIEW. Rule: B11"""
    till, id = asked_of(action, ReportsByKey())
    till.desk.handle(Withdraw(id), by=ANA)
    assert till.state(id).state is CANCELLED
    check_guard(till, till.state(id))
    effect = reported(till, id, "late-1")
    assert effect.state is REVIEW
    assert told_by(effect) == [("done", "late-1")]
    check_guard(till, effect)


@MONEY
@NATURE
def test_two_successes_under_two_names_go_to_a_second_person(action: Action, nature: Nature) -> None:
    """A second success under another reference is a REVIEW that knows both; the same one again is no news, nor
    is one without a name. Rule: B11
    """
    till, id = asked_of(action, nature, Delivery.INLINE)
    first = till.state(id)
    assert first.state is SUCCEEDED
    for reference in (first.reference, None):
        assert reported(till, id, reference) == first
    effect = reported(till, id, "another-1")
    assert (effect.state, effect.reference) == (REVIEW, first.reference)
    assert told_by(effect) == [("done", "another-1")]
    check_guard(till, effect)
    assert till.dispatched[id] == 0 or till.applied(id) == 1


@MONEY
@pytest.mark.parametrize("nature", [ReportsByKey(), AtMostOnce()], ids=lambda nature: type(nature).__name__)
def test_a_success_that_comes_after_the_review_is_kept_for_whoever_settles_it(
    action: Action, nature: Nature
) -> None:
    """A doubt that nobody resolves is in REVIEW; what is told later is evidence, and a second person ends it.
    Who asked for it may not. Rule: B11
    """
    till, id = asked_of(action, nature, by=SUE)
    settled(till, id, FindingKind.DOUBT, claimed(till, id), detail="outcome_unknown")
    assert till.state(id).state is UNKNOWN
    till.until_quiet(till.process())
    assert till.state(id).state is REVIEW
    effect = reported(till, id, "late-1")
    assert (effect.state, told_by(effect)) == (REVIEW, [("done", "late-1")])
    assert reported(till, id, None, applied=False).state is REVIEW
    with till.nothing_changes(), pytest.raises(SecondPersonRequired):
        till.desk.handle(SettleReview(id, True, "vi no painel"), by=SUE)
    check_guard(till, till.state(id))
    till.desk.handle(SettleReview(id, True, "vi no painel", reference="late-1"), by=SAM)
    effect = till.state(id)
    assert (effect.state, effect.reference) == (SUCCEEDED, "late-1")
    assert ("done", "late-1") in told_by(effect)
    assert (f"refused:{REFUSED}", None) in told_by(effect)
    check_guard(till, effect)


class Slow(Till):
    """A till whose outside did what it was asked, and does not find it until `finds`."""

    finds = False

    def __init__(self, nature: Nature, **options: Any) -> None:
        super().__init__(nature, **options)
        for side in (self.contracts, self.billing):
            known = side.look_up
            side.look_up = lambda key, known=known: known(key) if self.finds else None


@MONEY
def test_a_look_up_that_says_absent_too_early_settles_nothing(action: Action) -> None:
    """Inside the horizon "absent" leaves it UNKNOWN and holds the guard; it is not tried again, and found in
    the end. Rule: B11
    """
    till, conversation = Slow.open(HORIZON)
    process = till.process(way(action).index(action.call), LOST_REPLY)
    [id] = process.handle(action.ask(conversation), ANA, KEY).effects
    assert till.state(id).state is UNKNOWN
    final = till.state(id).doubted_at + HORIZON.horizon
    while till.state(id).due_at < final:
        till.now = till.state(id).due_at
        assert till.desk.run_due().done
        assert till.state(id).state is UNKNOWN
        check_guard(till, till.state(id))
    assert till.state(id).version > 5, "it was looked up, time and again"
    till.finds = True
    till.until_quiet(till.process())
    assert till.state(id).state is SUCCEEDED
    assert till.dispatched[id] == till.applied(id) == 1
    check_guard(till, till.state(id))


@MONEY
@pytest.mark.parametrize("fault", [f for f in FAULTS if not (f.done or f.held or f.is_refusal)], ids=str)
def test_a_look_up_that_fails_is_no_look_up_that_says_absent(action: Action, fault: Fault) -> None:
    """At the horizon too, whatever goes wrong with a look-up leaves it UNKNOWN, to be found later. Rule: B11"""
    till, command = asking(action, HORIZON)
    [id] = till.process(way(action).index(action.call), LOST_REPLY).handle(command, ANA, KEY).effects
    till.now = till.state(id).doubted_at + HORIZON.horizon
    for at in itertools.count():
        process = till.process(at, fault)
        with contextlib.suppress(PortFailure, *DEATHS):
            process.run_due()
        if process.line.struck in ("look_up", None):
            break
    assert process.line.struck == "look_up"
    assert till.state(id).state is UNKNOWN
    till.until_quiet(till.process())
    assert till.state(id).state is SUCCEEDED
    assert till.dispatched[id] == till.applied(id) == 1


@MONEY
def test_what_is_certainly_not_done_now_may_have_been_done_before(action: Action) -> None:
    """An attempt in doubt, and then `Temporary` until there are no attempts left: it has not FAILED, a person
    must see, and the guard stays held. Rule: B11
    """
    till, command = asking(action, RepeatsByKey(timedelta(days=1)))
    [id] = till.process(way(action).index(action.call), LOST_REPLY).handle(command, ANA, KEY).effects

    def not_now(_: Any) -> str:
        raise Temporary

    setattr(till.contracts if action.call == "open_order" else till.billing, action.call, not_now)
    till.until_quiet(till.process())
    assert till.state(id).attempts == DELIVERY_ATTEMPTS
    assert till.state(id).state is REVIEW
    check_guard(till, till.state(id))


@MONEY
def test_absent_is_final_at_the_horizon_and_no_sooner(action: Action) -> None:
    """One moment before the horizon it stays UNKNOWN, at it it is to be done again, with the same key; and a
    first attempt that shows up after all, under another name, is a REVIEW. Rule: B11
    """
    till, id = asked_of(action, HORIZON)
    settled(till, id, FindingKind.DOUBT, claimed(till, id), detail="outcome_unknown")
    final = till.state(id).doubted_at + HORIZON.horizon
    till.now = final - timedelta(microseconds=1)
    assert settled(till, id, FindingKind.ABSENT, till.state(id).fence).state is UNKNOWN
    till.now = final
    assert settled(till, id, FindingKind.ABSENT, till.state(id).fence).state is INTENDED
    check_guard(till, till.state(id))
    till.until_quiet(till.process())
    assert till.state(id).state is SUCCEEDED
    assert till.dispatched[id] == 1
    effect = reported(till, id, "the-first")
    assert (effect.state, told_by(effect)) == (REVIEW, [("done", "the-first")])


# --- what changes on the way ---------------------------------------------------------------------------------


def _unlink(till: Till, contact: Any) -> None:
    till.desk.handle(UnlinkCustomer(contact.id), by=SUE)


def _relink(till: Till, contact: Any) -> None:
    till.desk.handle(LinkCustomer(contact.id, JOAO_ID), by=SUE)


def _merge(till: Till, contact: Any) -> None:
    known = till.desk.handle(a_new_number(ConversationId("")), by=SYSTEM)
    till.desk.handle(Close(known.conversation, "moved"), by=SUE)
    till.desk.handle(MergeContacts(contact.id, into=known.contact), by=SUE)


def _sell(till: Till, _: Any) -> None:
    """The contract goes over to joão, and with it all that stands under it."""
    till.contracts.contracts = lambda customers, **_: {
        id: (contract(customer=JOAO_ID),) if id == JOAO_ID else () for id in customers
    }


def _block(till: Till, contact: Any) -> None:
    till.desk.handle(BlockContact(contact.id), by=SUE)


def _shut(till: Till, _: Any) -> None:
    till.now = NOON + timedelta(hours=24)


def _nearly_late(till: Till) -> None:
    """Just before the customer's window shuts."""
    till.now = NOON + timedelta(hours=23, minutes=59)


OF_THE_CUSTOMER = {"unlinked": _unlink, "re-linked": _relink, "merged": _merge, "not theirs": _sell}
TO_THE_CUSTOMER = {"blocked": _block, "shut": _shut}

ASKED = [a for a in ACTIONS if a.by == ANA]
CHANGES = [
    *((action, name) for action in ASKED for name in OF_THE_CUSTOMER),
    *((action, name) for action in ASKED if not action.is_money for name in TO_THE_CUSTOMER),
]


@NATURE
@pytest.mark.parametrize(("action", "change"), CHANGES, ids=[f"{a}, {c}" for a, c in CHANGES])
def test_what_does_not_hold_any_more_when_it_would_go_out_is_cancelled(
    action: Action, nature: Nature, change: str
) -> None:
    """Between intent and dispatch the contact is unlinked, linked to another, merged, blocked, the contract
    another's, or the window shut: it is CANCELLED, nothing is asked of the outside, and the guard is free.

    Rule: B2, B11, L21, M5
    """
    till, command = asking(action, nature)
    till.billing.put(attrs.evolve(boleto(), contract=HOME), PDF)
    till.billing.put(attrs.evolve(invoice(), contract=HOME), PDF)
    _nearly_late(till)
    [id] = till.desk.handle(command, by=ANA, delivery=Delivery.LATER).effects
    (OF_THE_CUSTOMER | TO_THE_CUSTOMER)[change](till, till.state(till.state(id).contact))
    asks_before = len(till.messaging.asked)
    till.until_quiet(till.process())
    assert till.state(id).state is CANCELLED
    assert till.dispatched[id] == till.applied(id) == 0
    assert till.billing.issued == till.billing.bonuses == till.contracts.orders == []
    assert len(till.messaging.asked) == asks_before
    assert not [key for key in till.contents.claims if key.startswith("bonus:")]
    assert_laws(till.contents)


@pytest.mark.parametrize("change", TO_THE_CUSTOMER)
@MONEY
def test_what_is_not_said_to_the_customer_does_not_wait_for_them(action: Action, change: str) -> None:
    """A bonus or an order is done also while they are blocked, or their window is shut. Rule: L21, M5"""
    till, id = asked_of(action, AtMostOnce())
    TO_THE_CUSTOMER[change](till, till.state(till.state(id).contact))
    till.now = min(till.now, NOON + timedelta(hours=23))
    till.until_quiet(till.process())
    assert till.state(id).state is SUCCEEDED


@MONEY
def test_what_is_in_doubt_is_not_repeated_for_another_customer(action: Action) -> None:
    """Where an attempt is in doubt, and the contact is another's by now, a person must see. Rule: B2, B11"""
    till, command = asking(action, RepeatsByKey(timedelta(hours=2)))
    process = till.process(way(action).index(action.call), LOST_REPLY)
    [id] = process.handle(command, ANA, KEY).effects
    _relink(till, till.state(till.state(id).contact))
    till.until_quiet(till.process())
    assert till.state(id).state is REVIEW
    assert till.dispatched[id] == till.applied(id) == 1
    assert_laws(till.contents)


@MONEY
def test_nothing_goes_out_while_contracts_cannot_tell_whose_it_is(action: Action) -> None:
    """It is put off for as long as the contracts side fails, and CANCELLED when that says no. Rule: B2"""
    till, id = asked_of(action, AtMostOnce())

    def cannot_tell(*_: Any, **__: Any) -> Any:
        raise ValueError("out of order")

    till.contracts.contracts = cannot_tell
    for _ in range(3):
        till.now = till.state(id).due_at
        assert till.desk.run_due().done
        assert till.state(id).state is INTENDED
    _sell(till, None)
    till.until_quiet(till.process())
    assert till.state(id).state is CANCELLED
    assert till.dispatched[id] == 0


@pytest.mark.parametrize("change", [_unlink, _relink, _block], ids=lambda change: change.__name__.strip("_"))
@pytest.mark.parametrize("action", [a for a in ACTIONS if a.messages], ids=str)
def test_what_was_issued_is_not_said_to_somebody_else(action: Action, change: Any) -> None:
    """Between issue and settlement the contact became somebody else's, or was blocked: nothing is sent.

    Rule: B2, L21
    """
    till, command = asking(action, AtMostOnce())
    held = next(fault for fault in FAULTS if fault.held and fault.done)
    [contact] = [ref for ref in till.before if ref.startswith("ct_")]
    till.meanwhile = lambda **_: change(till, till.state(contact))
    process = till.process(way(action).index(action.call), held)
    [id] = process.handle(command, ANA, KEY).effects
    till.until_quiet(till.process())
    assert till.state(id).state is FAILED
    assert till.messaging.asked == []
    assert sent_with(till) == []
    assert_laws(till.contents)


def test_whom_a_person_links_while_the_number_is_looked_up_stays_linked() -> None:
    """The look-up finds joão, and somebody said meanwhile that it is maria: maria it is. Rule: B2"""
    finding = ACTIONS[-1]
    till, command = asking(finding, AtMostOnce())
    held = next(fault for fault in FAULTS if fault.held and fault.done)
    process = till.process(way(finding).index("find"), held)

    def link(**_: Any) -> None:
        [effect] = effects_of(till, EffectKind.FIND_CUSTOMER)
        till.desk.handle(LinkCustomer(effect.contact, MARIA_ID), by=SUE)

    till.meanwhile = link
    contact = process.handle(command, SYSTEM).contact
    till.until_quiet(till.process())
    assert till.state(contact).customer == MARIA_ID
    [effect] = effects_of(till, EffectKind.FIND_CUSTOMER)
    assert effect.state is SUCCEEDED


# --- whose claim it is ---------------------------------------------------------------------------------------


@MONEY
@pytest.mark.parametrize("second", ["ref-1", "ref-2"], ids=["same name", "another name"])
def test_a_claim_that_was_overtaken_settles_nothing(action: Action, second: str) -> None:
    """While another claim is at it, what the overtaken one tells is evidence, and of a doubt it has nothing to
    tell; when the other one succeeds under another name, a person must see. Rule: B11
    """
    till, id = asked_of(action, NATURES[0])
    first = claimed(till, id)
    till.now += CLAIM_LEASE
    assert settled(till, id, FindingKind.DOUBT, first, detail="lease_expired").state is UNKNOWN
    till.now = till.state(id).due_at
    fence = claimed(till, id)
    for kind, detail in ((FindingKind.REFUSED, "no"), (FindingKind.NOT_DONE, "temporary")):
        effect = settled(till, id, kind, first, detail=detail)
        assert (effect.state, effect.fence) == (IN_FLIGHT, fence)
        assert told_by(effect)[-1] == (f"{kind}:{detail}", None)
    for kind in (FindingKind.DOUBT, FindingKind.ABSENT, FindingKind.OVERDUE):
        with till.nothing_changes(), pytest.raises(LeaseLost):
            settled(till, id, kind, first)
    effect = settled(till, id, FindingKind.DONE, first, reference="ref-1")
    assert (effect.state, effect.fence) == (IN_FLIGHT, fence)
    assert told_by(effect)[-1] == ("done", "ref-1")

    effect = settled(till, id, FindingKind.DONE, fence, reference=second)
    assert effect.state is (SUCCEEDED if second == "ref-1" else REVIEW)
    assert ("done", "ref-1") in told_by(effect)
    assert effect.reference == second
    assert_laws(till.contents)


@MONEY
@pytest.mark.parametrize(
    "kind", [FindingKind.REFUSED, FindingKind.NOT_DONE, FindingKind.DOUBT, FindingKind.DONE]
)
def test_a_settlement_that_is_overtaken_at_any_of_its_calls_settles_nothing(
    action: Action, kind: FindingKind
) -> None:
    """Law: whenever the lease runs out and another process takes over, in the middle of the settlement too,
    the effect is the other one's. Rule: B11
    """
    held = next(fault for fault in FAULTS if fault.held and not fault.done)
    for at in itertools.count():
        till, id = asked_of(action, NATURES[0])
        first = claimed(till, id)
        till.meanwhile = functools.partial(_overtake, till, id, first)
        process = till.process(at, held, delivery=Delivery.LATER)
        reference = "ref-1" if kind is FindingKind.DONE else None
        finding = Finding(kind=kind, detail=None if reference else "no", reference=reference)
        try:
            process.handle(SettleEffect(id, first, finding), SYSTEM)
        except LeaseLost:
            assert kind is FindingKind.DOUBT
        if process.line.struck is None:
            break
        effect = till.state(id)
        assert effect.state is IN_FLIGHT
        assert effect.fence > first
        kept = [] if kind is FindingKind.DOUBT else [("done", "ref-1") if reference else (f"{kind}:no", None)]
        assert told_by(effect) == kept
        assert_laws(till.contents)
    assert at >= 3


def _overtake(till: Till, effect: EffectId, fence: int, **_: Any) -> None:
    """The lease runs out, and another process has the effect in hand."""
    till.now += CLAIM_LEASE
    due = settled(till, effect, FindingKind.DOUBT, fence, detail="lease_expired").due_at
    assert due is not None
    till.now = due
    claimed(till, effect)


@pytest.mark.usefixtures("hasty")
@MONEY
def test_of_eight_threads_that_claim_one_effect_one_gets_it(action: Action) -> None:
    """The others hear that it is in hand, and write nothing. Rule: B11"""
    for _ in range(10):
        till, id = asked_of(action, AtMostOnce())
        desks = [till.process(delivery=Delivery.LATER).desk for _ in range(8)]
        ends = at_once([functools.partial(desk.handle, ClaimEffect(id), by=SYSTEM) for desk in desks])
        assert sum(isinstance(end, Outcome) for end in ends) == 1
        assert sum(isinstance(end, EffectPending) for end in ends) == 7, ends
        claims = [envelope for envelope in till.contents.streams[id] if type(envelope.event) is Claimed]
        assert len(claims) == 1


CUSTOMERS = 40


class Busy(Till):
    """A till with forty customers, each with two bonuses, two orders, a boleto and an invoice on their way.

    `holders` are the leases that dispatches were made under: what storage said of the effect at the call. With
    `hurried`, every so-manieth answer is held up past all leases, and another process finds that out.
    """

    def __init__(self, nature: Nature, other: Nature, *, hurried: int = 0) -> None:
        self.holders: list[tuple[EffectId, Effect, Any]] = []
        self._calls = itertools.count(1)
        self._hurried = hurried
        super().__init__(nature, orders=other)
        for side, name in (
            (self.billing, "issue_boleto"),
            (self.billing, "issue_invoice"),
            (self.billing, "grant_bonus"),
            (self.contracts, "open_order"),
        ):
            setattr(side, name, functools.partial(self._watched, getattr(side, name)))
        for n in range(CUSTOMERS):
            self._fill(n)

    def _fill(self, n: int) -> None:
        customer, number = CustomerId(f"cu-{n}"), f"55119{n:08d}"
        self.contracts.add(Customer(id=customer, name=Private(f"Cliente {n}")), phones=[number])
        home = ContractId(f"c-{n}")
        self.contracts.put(contract(home, customer))
        self.billing.put(boleto(f"b-{n}", customer, contract=home), PDF)
        self.billing.put(invoice(f"n-{n}", customer), PDF)
        conversation = self.taken(address=number)
        for command in (
            GrantBonus(conversation, home, BONUS, "esperou"),
            GrantBonus(conversation, home, BONUS, "esperou", period="2026-05"),
            OpenServiceOrder(conversation, "visit", "Sem sinal", "Visitar", contract=home),
            OpenServiceOrder(conversation, "visit", "Lento", "Visitar", transcript=True),
            SendBoletos(conversation, [f"b-{n}"]),
            SendInvoices(conversation, [f"n-{n}"]),
        ):
            self.desk.handle(command, by=ANA, delivery=Delivery.LATER)

    def _watched(self, call: Callable[[Any], Any], request: Any) -> Any:
        self.holders.append((request.key, self.state(request.key), request))
        answer = call(request)
        if self._hurried and next(self._calls) % self._hurried == 0:
            self.now += CLAIM_LEASE + timedelta(seconds=1)
            fence = self.state(request.key).fence
            expired = Finding(kind=FindingKind.DOUBT, detail="lease_expired")
            with contextlib.suppress(LeaseLost):
                self.process().handle(SettleEffect(request.key, fence, expired), SYSTEM)
        return answer

    def work(self) -> None:
        """Eight processes do what is due, each in a thread of its own."""
        processes = [self.process() for _ in range(8)]
        ends = at_once([functools.partial(process.desk.run_due, limit=10_000) for process in processes])
        assert not [end for end in ends if isinstance(end, BaseException)], ends


MIXED = [(NATURES[0], NATURES[3]), (NATURES[3], NATURES[1]), (NATURES[1], NATURES[2]), (NATURES[2], NATURES[0])]
MIXES = pytest.mark.parametrize(
    ("nature", "other"), MIXED, ids=[f"{type(a).__name__}, {type(b).__name__}" for a, b in MIXED]
)


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
@MIXES
def test_eight_threads_dispatch_each_effect_once_under_a_valid_lease(nature: Nature, other: Nature) -> None:
    """Law: of eight processes over one storage, one has each effect in hand when it goes out, and only while
    its lease lasts; each of hundreds goes out once, and ends. Rule: B11
    """
    till = Busy(nature, other)
    asked = till.effects()
    assert len(asked) == 6 * CUSTOMERS >= 200
    till.work()
    till.until_quiet(till.process())
    assert {effect.state for effect in till.effects()} == {SUCCEEDED}
    assert {effect.id for effect in asked} == {key for key, _, _ in till.holders}
    assert len(till.holders) == len(asked), "one went out twice"
    for key, held, request in till.holders:
        assert (held.state, held.lease_until) == (IN_FLIGHT, request.deadline), "who called had no lease"
        assert request.deadline == NOON + CLAIM_LEASE
        claims = [e for e in till.contents.streams[key] if type(e.event) is Claimed]
        assert len(claims) == 1
    assert_laws(till.contents)


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
@MIXES
def test_eight_threads_whose_leases_run_out_repeat_and_lose_nothing(nature: Nature, other: Nature) -> None:
    """Law: the same while leases run out under those who hold them, and others take over: applied once at most,
    dispatched once at most where a key is worth nothing, and everything ends in sight. Rule: B11
    """
    till = Busy(nature, other, hurried=9)
    till.work()
    till.until_quiet(till.process())
    kinds = {EffectKind.GRANT_BONUS: nature, EffectKind.OPEN_ORDER: other}
    doubted = 0
    for effect in till.effects():
        of = kinds.get(effect.kind)
        doubted += effect.doubted_at is not None
        if of is None:
            assert effect.state is SUCCEEDED
            continue
        assert till.applied(effect.id) <= 1
        assert effect.state in (SUCCEEDED, REVIEW)
        if isinstance(of, RepeatsByKey | LooksUpByKey):
            assert effect.state is SUCCEEDED
            assert till.applied(effect.id) == 1
        else:
            assert till.dispatched[effect.id] <= 1
        if effect.state is REVIEW and till.applied(effect.id):
            assert [finding for finding, _ in told_by(effect)] == ["done"], "the late success is kept"
    assert doubted, "no lease ran out"
    assert_laws(till.contents)


# --- only what is still to be paid ---------------------------------------------------------------------------

PAYMENTS = {
    "paid": {"label": BoletoState.PAID},
    "paid on a day": {"paid_on": date(2026, 3, 10)},
    "paid an amount": {"paid": Money(10000)},
    "cancelled": {"label": BoletoState.CANCELLED},
}
PAYMENT = pytest.mark.parametrize("gone", PAYMENTS.values(), ids=list(PAYMENTS))
SENDING = ACTIONS[0]


@PAYMENT
def test_a_boleto_that_is_paid_or_cancelled_is_refused(gone: dict[str, Any]) -> None:
    """All that cannot be sent are named, and nothing is issued, also for those that could. Rule: B3"""
    till, conversation = Till.open(AtMostOnce())
    till.billing.put(boleto("b2", **gone), PDF)
    till.billing.put(boleto("b3", **gone), PDF)
    with till.nothing_changes(), pytest.raises(NotSendable) as told:
        till.desk.handle(SendBoletos(conversation, ["b1", "b2", "b3"]), by=ANA)
    assert told.value.ids == ("b2", "b3")
    assert till.billing.issued == []


@pytest.mark.parametrize("due", [date(2026, 3, 20), date(2026, 3, 1), None], ids=["open", "overdue", "undated"])
def test_open_and_overdue_boletos_are_sent(due: date | None) -> None:
    """An open one goes, an overdue one as well. Rule: B3"""
    till, conversation = Till.open(AtMostOnce())
    till.billing.put(boleto(due=due), PDF)
    [id] = till.desk.handle(some_boleto(conversation), by=ANA).effects
    assert till.state(id).state is SUCCEEDED
    assert len(till.messaging.asked) == SENDING.messages


@PAYMENT
@NATURE
def test_a_boleto_paid_at_any_moment_is_not_sent_unless_it_was_open_when_issued(
    nature: Nature, gone: dict[str, Any]
) -> None:
    """Law: paid before any call up to the one that issues it, none is sent, and its effect says why; paid after
    that, what goes was open when it was issued. Rule: B3
    """
    calls = way(SENDING)
    held = next(fault for fault in FAULTS if fault.held and not fault.done)
    for at in range(len(calls)):
        till, command = asking(SENDING, nature)
        till.meanwhile = functools.partial(_pay, till, gone)
        process = till.process(at, held)
        if at <= calls.index("boletos"):
            with pytest.raises(NotSendable):
                process.handle(command, ANA, KEY)
            assert effects_of(till, EffectKind.ISSUE_BOLETO) == []
        else:
            [id] = process.handle(command, ANA, KEY).effects
            till.until_quiet(till.process())
            issued_first = at > calls.index("issue_boleto")
            assert till.state(id).state is (SUCCEEDED if issued_first else FAILED)
            if not issued_first:
                assert till.state(id).detail == ("cancelled" if gone == PAYMENTS["cancelled"] else "paid")
            assert len(till.messaging.asked) == (SENDING.messages if issued_first else 0)
        assert process.line.struck is not None
        assert_laws(till.contents)


def _pay(till: Till, gone: dict[str, Any], **_: Any) -> None:
    till.billing.put(boleto(**gone), PDF)


@PAYMENT
@pytest.mark.parametrize("name", ["crash", "unknown", "nonsense"])
def test_a_boleto_paid_between_its_issue_and_the_settlement_is_not_sent(
    name: str, gone: dict[str, Any]
) -> None:
    """Issued, and lost on the way back; paid before it is asked for again: it is not sent. Rule: B3"""
    till, command = asking(SENDING, AtMostOnce())
    fault = next(fault for fault in FAULTS if fault.name == name and fault.done)
    interrupted(SENDING, till, command, way(SENDING).index("issue_boleto"), fault)
    assert len(till.billing.issued) == 1
    _pay(till, gone)
    till.now += 2 * CLAIM_LEASE
    till.until_quiet(till.process())
    [effect] = effects_of(till, EffectKind.ISSUE_BOLETO)
    assert effect.state is FAILED
    assert len(till.billing.issued) == 2
    assert till.messaging.asked == []
    assert sent_with(till) == []


@pytest.mark.parametrize("when", ["at once", "on the way"])
def test_an_invoice_that_was_cancelled_is_not_sent(when: str) -> None:
    """Refused when it is asked for, or failed when it was fetched. Rule: B7"""
    till, conversation = Till.open(AtMostOnce())
    if when == "on the way":
        [id] = till.desk.handle(some_invoice(conversation), by=ANA, delivery=Delivery.LATER).effects
    till.billing.put(invoice(cancelled=True), PDF)
    if when == "at once":
        with till.nothing_changes(), pytest.raises(NotSendable):
            till.desk.handle(some_invoice(conversation), by=ANA)
        return
    till.until_quiet(till.process())
    assert (till.state(id).state, till.state(id).detail) == (FAILED, "cancelled")
    assert till.messaging.asked == []
