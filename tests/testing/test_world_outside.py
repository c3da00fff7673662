"""A world's contracts and billing sides: who its customers are there, and what was really done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatcore import (
    Actor,
    CompanyRefusal,
    Delivery,
    Take,
)
from chatcore.commands import GrantBonus, OpenServiceOrder, SendBoletos, SendInvoices
from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    Bonus,
    LooksUpByKey,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import AlreadyAsked, BonusOverLimit, NotLinked, NotOffered, OutcomeUnknown
from chatcore.events import ActionRequested, Intended
from chatcore.memory import MemoryBilling
from chatcore.ports import BonusRequest
from chatcore.testing import Clock, Customer, World, like
from chatcore.vocabulary import ContractStatus, ConversationId, EffectKind, EffectState, Light

WHY = "Ficou dois dias sem internet"
TEN = Bonus.amount("10.00")


def serve(world: World, **details: Any) -> tuple[Customer, ConversationId, Actor]:
    """Maria, her conversation, and ana who has it."""
    ana, maria = world.agent("ana"), world.customer("Maria", contract="c-1", **details)
    conversation = maria.writes("Minha internet caiu")
    world.run_workers()
    world.given(Take(conversation), by=ana)
    return maria, conversation, ana


def fails(act: Any) -> str:
    """The words of the failure."""
    with pytest.raises(AssertionError) as caught:
        act()
    return str(caught.value)


# --- who they are --------------------------------------------------------------------------------------------


def test_a_customer_with_a_contract_is_linked_as_soon_as_they_write() -> None:
    """By their number, in any spelling of it; one without a contract is nobody's customer. Rule: B1, B2."""
    world = World()
    maria, conversation, ana = serve(world, phone="551187654399", boletos=["b-1", "b-2"])
    assert world.contact(maria.contact).customer == maria.id
    panel = world.desk.panel(conversation, by=ana)
    assert [contract.id for contract in panel.contracts] == ["c-1"]
    assert panel.light is not None
    assert panel.light.light is Light.GREEN
    assert [row.boleto.id for row in world.desk.boletos(conversation, by=ana)] == ["b-1", "b-2"]
    joao = world.customer("João")
    joao.writes()
    assert world.contact(joao.contact).customer is None


def test_what_a_customer_has_may_become_otherwise() -> None:
    """A contract is as it was signed last; a boleto and an invoice likewise. Rule: B1, B3, S14."""
    world = World()
    maria, conversation, ana = serve(world, boletos=["b-1"])
    maria.signs("c-1", access=ContractStatus.SUSPENDED)
    light = world.desk.panel(conversation, by=ana).light
    assert light is not None
    assert light.light is Light.RED
    maria.owes("b-1", paid_on=world.clock.now.date())
    world.when(SendBoletos(conversation, ["b-1"]), by=ana).refused("not_sendable")
    maria.billed("n-1", number="77")
    assert [invoice.number for invoice in world.desk.invoices(conversation, by=ana)] == ["77"]
    maria.billed("n-1", cancelled=True)
    world.when(SendInvoices(conversation, ["n-1"]), by=ana).refused("not_sendable")


def test_two_of_one_number_are_suggested_and_neither_is_linked() -> None:
    """Rule: B2."""
    world = World()
    maria = world.customer("Maria", phone="5511987654399", contract="c-1")
    jose = world.customer("José", phone="5511987654399", contract="c-2")
    conversation = maria.writes()
    contact = world.contact(maria.contact)
    assert contact.customer is None
    assert {each.id for each in contact.suggestions} == {maria.id, jose.id}
    bonus = GrantBonus(conversation, "c-1", TEN, WHY)
    world.when(bonus, by=world.agent("sofia")).refused(NotLinked)


# --- what is done --------------------------------------------------------------------------------------------


def test_boletos_and_invoices_go_out_as_messages() -> None:
    """What was asked for is the command's; the messages come of carrying it out. Rule: S13, S14."""
    world = World()
    maria, conversation, ana = serve(world, boletos=["b-1"])
    maria.billed("n-1")
    done = world.when(SendBoletos(conversation, ["b-1"]), by=ana)
    done.then(ActionRequested, like(Intended, kind=EffectKind.ISSUE_BOLETO))
    assert [request.attachment is None for request in world.outbox] == [False, True, True]
    world.when(SendInvoices(conversation, ["n-1"]), by=ana).then(ActionRequested, Intended)
    assert world.outbox[-1].attachment is not None
    assert [type(request).__name__ for request in world.billing.issued] == ["BoletoRequest", "InvoiceRequest"]


def test_a_bonus_is_granted_once_and_an_order_opened() -> None:
    """The sides tell what was really done, and `effect` how the core sees it. Rule: B8, B11, S15, S17."""
    world = World()
    maria, conversation, ana = serve(world)
    outcome = world.when(GrantBonus(conversation, "c-1", TEN, WHY), by=ana).includes(Intended)
    assert world.effect(outcome.effects[0]).reference == "bn-1"
    world.when(GrantBonus(conversation, "c-1", TEN, "De novo"), by=ana).refused(
        AlreadyAsked, effect=outcome.effects[0]
    )
    large = GrantBonus(conversation, "c-1", Bonus.amount(21), WHY, period="2026-04")
    world.when(large, by=ana).refused(BonusOverLimit)
    assert [(bonus.customer, bonus.period) for bonus in world.billing.bonuses] == [(maria.id, "2026-03")]
    world.when(OpenServiceOrder(conversation, "visit", "Sem sinal", "Visitar"), by=ana).includes(Intended)
    assert [order.type for order in world.contracts.orders] == ["visit"]


def test_workers_do_what_was_asked_of_contracts_and_billing() -> None:
    """With LATER nothing is asked of them before; then each thing once, by however many workers. Rule: B11."""
    world = World(delivery=Delivery.LATER)
    _, conversation, ana = serve(world, boletos=["b-1"])
    with world.nothing_changed():
        world.run_workers(3)
    world.given(
        SendBoletos(conversation, ["b-1"]),
        GrantBonus(conversation, "c-1", TEN, WHY),
        OpenServiceOrder(conversation, "visit", "Sem sinal", "Visitar"),
        by=ana,
    )
    assert (world.sent, world.billing.bonuses, world.contracts.orders) == ((), [], [])
    assert not world.run_workers(3).more
    assert [len(world.sent), len(world.billing.bonuses), len(world.contracts.orders)] == [3, 1, 1]


# --- natures -------------------------------------------------------------------------------------------------


class Dying(MemoryBilling):
    """Grants a bonus, and breaks off before it answers, the first time."""

    def __init__(self, nature: Nature, clock: Clock) -> None:
        super().__init__(BillingCapabilities(bonus=nature), clock=clock)
        self.calls = 0

    def grant_bonus(self, request: BonusRequest, /) -> str:
        reference = super().grant_bonus(request)
        self.calls += 1
        if self.calls == 1:
            raise OutcomeUnknown
        return reference


@pytest.mark.parametrize(
    ("nature", "calls", "state", "reports"),
    [
        (RepeatsByKey(timedelta(hours=1)), 2, EffectState.SUCCEEDED, 0),
        (LooksUpByKey(timedelta(minutes=10)), 1, EffectState.SUCCEEDED, 0),
        (ReportsByKey(), 1, EffectState.SUCCEEDED, 1),
        (AtMostOnce(), 1, EffectState.REVIEW, 0),
    ],
)
def test_a_side_that_dies_behaves_as_its_nature_says(
    nature: Nature, calls: int, state: EffectState, reports: int
) -> None:
    """A lost answer is repeated, looked up, reported, or left to a person; one bonus in any case. Rule: B11."""
    clock = Clock("2026-03-10T09:00:00-03:00")
    billing = Dying(nature, clock)
    world = World(billing=billing, now=clock)
    assert world.clock is clock
    _, conversation, ana = serve(world)
    outcome = world.when(GrantBonus(conversation, "c-1", TEN, WHY), by=ana).includes(Intended)
    assert world.effect(outcome.effects[0]).state is EffectState.UNKNOWN
    assert world.reports_come() == reports
    for _ in range(20):
        world.run_workers(2)
        clock.advance(minutes=1)
    assert world.effect(outcome.effects[0]).state is state
    assert billing.calls == calls
    assert len(billing.bonuses) == 1


@pytest.mark.parametrize(
    "nature", [RepeatsByKey(timedelta(hours=1)), LooksUpByKey(timedelta(0)), ReportsByKey(), AtMostOnce()]
)
def test_a_nature_is_chosen_by_naming_it(nature: Nature) -> None:
    """The rest of what the sides offer is there whatever the nature is. Rule: B4, B12."""
    world = World(contracts=nature, billing=nature)
    assert world.contracts.capabilities.orders == world.billing.capabilities.bonus == nature
    _, conversation, ana = serve(world, boletos=["b-1"])
    order = OpenServiceOrder(conversation, "visit", "Sem sinal", "Visitar", transcript=True)
    outcome = world.given(GrantBonus(conversation, "c-1", TEN, WHY), order, by=ana)
    assert world.effect(outcome.effects[0]).state is EffectState.SUCCEEDED
    assert world.contracts.orders[0].transcript is not None
    assert world.reports_come() == (2 if nature == ReportsByKey() else 0)
    assert world.reports_come() == 0
    world.given(SendBoletos(conversation, ["b-1"]), by=ana)
    assert len(world.sent) == 3


def test_time_of_the_sides_is_the_worlds() -> None:
    """A key is forgotten after its retention, by the world's clock."""
    world = World(billing=RepeatsByKey(timedelta(hours=1)))
    _, conversation, ana = serve(world)
    world.given(GrantBonus(conversation, "c-1", TEN, WHY), by=ana)
    [request] = world.billing.bonuses
    assert world.billing.grant_bonus(request) == "bn-1"
    world.clock.advance(hours=2)
    assert world.billing.grant_bonus(request) == "bn-2"


def test_a_side_may_offer_less() -> None:
    """Rule: B4, B8."""
    world = World(billing=MemoryBilling(BillingCapabilities()))
    _, conversation, ana = serve(world, boletos=["b-1"])
    world.when(SendBoletos(conversation, ["b-1"]), by=ana).refused(NotOffered)
    world.when(GrantBonus(conversation, "c-1", TEN, WHY), by=ana).refused(NotOffered)


# --- nothing passes unseen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (
            lambda cv: OpenServiceOrder(cv, "visit", "Sem sinal", "Visitar"),
            "opened: a service order of type 'visit', for ef_",
        ),
        (
            lambda cv: GrantBonus(cv, "c-1", TEN, WHY),
            "granted: a bonus for contract 'c-1' and period 2026-03, for ef_",
        ),
        (lambda cv: SendBoletos(cv, ["b-1"]), "issued: boleto 'b-1', for ef_"),
        (lambda cv: SendInvoices(cv, ["n-1"]), "issued: invoice 'n-1', for ef_"),
    ],
)
def test_what_is_done_outside_is_a_change(ask: Any, told: str) -> None:
    """A block in which something is done outside is caught, and nothing personal is told."""
    world = World()
    maria, conversation, ana = serve(world, boletos=["b-1"])
    maria.billed("n-1")

    def change() -> None:
        with world.nothing_changed():
            world.given(ask(conversation), by=ana)

    words = fails(change)
    assert told in words
    for personal in (WHY, "Sem sinal", "Visitar", "Maria"):
        assert personal not in words


def test_what_vanishes_outside_is_a_change() -> None:
    world = World()
    _, conversation, ana = serve(world)
    world.given(GrantBonus(conversation, "c-1", TEN, WHY), by=ana)

    def take_back() -> None:
        with world.nothing_changed():
            world.billing.bonuses.clear()

    assert fails(take_back) == "something changed:\n    bonuses: 1 granted before, 0 now"


def test_a_refusal_that_did_something_outside_is_caught() -> None:
    """A refused command has nothing done outside; a company's rule that does is found."""

    def grants(command: Any, facts: Any, decision: Any) -> CompanyRefusal | None:
        if isinstance(command, GrantBonus) and command.period is not None:
            world.billing.grant_bonus(world.billing.bonuses[0])
            return CompanyRefusal("acme:grants")
        return None

    world = World(rules=[grants], billing=AtMostOnce())
    _, conversation, ana = serve(world)
    world.given(GrantBonus(conversation, "c-1", TEN, WHY), by=ana)
    done = world.when(GrantBonus(conversation, "c-1", TEN, WHY, period="2026-04"), by=ana)
    assert "granted: a bonus for contract 'c-1'" in fails(lambda: done.refused("acme:grants"))
