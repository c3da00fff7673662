"""Bonuses: what they ask of the billing side, what is refused, and how often one is granted."""

from __future__ import annotations

import decimal
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from chatcore import Delivery
from chatcore.br import Money
from chatcore.commands import (
    BlockContact,
    Close,
    GrantBonus,
    LinkCustomer,
    OpenServiceOrder,
    UnlinkCustomer,
)
from chatcore.entities import (
    BillingCapabilities,
    Bonus,
    BonusDemand,
)
from chatcore.errors import (
    AlreadyAsked,
    BonusOverLimit,
    InvalidValue,
    NotOffered,
    OutcomeUnknown,
    Permanent,
    Temporary,
)
from chatcore.limits import (
    BONUS_DAYS,
    JUSTIFICATION_LENGTH,
    MONEY_CENTS,
)
from chatcore.vocabulary import (
    BonusKind,
    ContractId,
    ConversationId,
    CustomerId,
    EffectState,
    Private,
    ReasonId,
)
from tests.fickle import STAFFED, TEN, FickleBilling, bonus, contact_of, shop
from tests.office import ADMIN, ANA, BETO, SUE
from tests.shop import HOME, MARIA_ID, REPEATS, Shop, contract


def order(conversation: ConversationId, **options: Any) -> OpenServiceOrder:
    return OpenServiceOrder(conversation, "visit", Private("Sem sinal"), Private("Visitar"), **options)


def states(office: Shop) -> list[tuple[EffectState, str | None]]:
    return [(effect.state, effect.detail) for effect in office.effects()]


@pytest.mark.parametrize("delivery", list(Delivery))
def test_a_bonus_is_granted_once(delivery: Delivery) -> None:
    """With who granted it, why, to which contract and month; its reference is kept. Rule: S15, B8, B11."""
    office = shop()
    outcome = office.desk.handle(bonus(office.opened()), by=ANA, delivery=delivery)
    assert len(office.billing.bonuses) == (delivery is Delivery.INLINE)
    office.desk.run_due()
    (request,) = office.billing.bonuses
    assert request.key == outcome.effects[0]
    assert (request.customer, request.contract, request.bonus) == (MARIA_ID, HOME, TEN)
    assert (request.period, request.granted_by) == ("2026-03", ANA)
    assert request.justification.reveal() == "Esperou"
    (effect,) = office.effects()
    assert (effect.state, effect.reference) == (EffectState.SUCCEEDED, "bn-1")
    assert isinstance(effect.demand, BonusDemand)
    office.pass_time(hours=30)
    office.desk.run_due()
    assert len(office.billing.bonuses) == 1


@pytest.mark.parametrize(
    ("given", "by", "passes"),
    [
        (Bonus.amount("20"), ANA, True),
        (Bonus.amount("20.01"), ANA, False),
        (Bonus.days(5), ANA, True),
        (Bonus.days(6), ANA, False),
        (Bonus.percent("0.01"), ANA, False),
        (Bonus.amount("5000"), SUE, True),
        (Bonus.percent("100"), SUE, True),
    ],
)
def test_an_agent_grants_up_to_a_limit(given: Bonus, by: Any, passes: bool) -> None:
    """Of each kind its own, and nothing of a kind without one; a supervisor has none. Rule: B8."""
    office = shop()
    conversation = office.opened()
    if passes:
        office.desk.handle(bonus(conversation, given), by=by)
        assert [request.bonus for request in office.billing.bonuses] == [given]
        return
    with office.nothing_changes(), pytest.raises(BonusOverLimit) as refused:
        office.desk.handle(bonus(conversation, given), by=by)
    limits = {BonusKind.AMOUNT: "20.00", BonusKind.DAYS: "5", BonusKind.PERCENT: None}
    assert (refused.value.bonus_kind, refused.value.limit) == (given.kind, limits[given.kind])
    assert office.billing.bonuses == []


def test_by_default_an_agent_grants_nothing() -> None:
    """Where no limit is set, only supervisors grant; who may do neither is not offered any. Rule: B8, P."""
    policies = attrs.evolve(STAFFED.policies, billing=attrs.evolve(STAFFED.policies.billing, bonus_limits=()))
    office = shop(workspace=attrs.evolve(STAFFED, policies=policies))
    conversation = office.opened()
    for smallest in (Bonus.amount("0.01"), Bonus.days(1), Bonus.percent("0.01")):
        with office.nothing_changes(), pytest.raises(BonusOverLimit):
            office.desk.handle(bonus(conversation, smallest), by=ANA)
    assert isinstance(office.desk.panel(conversation, by=ANA).actions[GrantBonus].refusal, BonusOverLimit)
    limits = {by.id: office.desk.panel(conversation, by=by).choices.bonus_limits for by in (ANA, SUE, ADMIN)}
    assert limits == {"ana": (), "sue": None, "adm": ()}


def test_the_limits_shown_are_ones_own() -> None:
    """Who may grant none, for want of the ability or of the conversation, is shown none. Rule: B8, P."""
    office = shop(billing=FickleBilling(BillingCapabilities(bonus=REPEATS, bonus_kinds=(BonusKind.DAYS,))))
    conversation = office.opened()
    shown = {
        by.id: office.desk.panel(conversation, by=by).choices.bonus_limits for by in (ANA, BETO, SUE, ADMIN)
    }
    assert shown == {"ana": (Bonus.days(5),), "beto": (), "sue": None, "adm": ()}


def test_one_bonus_a_contract_and_period() -> None:
    """Who asks second is told who was first; another period or contract is another bonus. Rule: B11."""
    office = shop()
    conversation = office.opened()
    office.contracts.put(contract("c-barn"))
    first = office.desk.handle(bonus(conversation), by=ANA).effects[0]
    for again in (
        bonus(conversation),
        bonus(conversation, Bonus.days(1)),
        bonus(conversation, period="2026-03"),
    ):
        with office.nothing_changes(), pytest.raises(AlreadyAsked) as refused:
            office.desk.handle(again, by=SUE)
        assert (refused.value.effect, refused.value.state) == (first, EffectState.SUCCEEDED)
    office.desk.handle(bonus(conversation, period="2026-04"), by=ANA)
    office.desk.handle(bonus(conversation, contract=ContractId("c-barn")), by=ANA)
    assert [(r.contract, r.period) for r in office.billing.bonuses] == [
        (HOME, "2026-03"),
        (HOME, "2026-04"),
        ("c-barn", "2026-03"),
    ]


@pytest.mark.parametrize("period", ["2026-02", "2025-03", "2027-04", "9999-12", "0000-01"])
def test_a_period_is_this_month_or_one_of_the_next(period: str) -> None:
    """Twelve ahead at most. Rule: B8."""
    office = shop()
    conversation = office.opened()
    with office.nothing_changes(), pytest.raises(InvalidValue):
        office.desk.handle(bonus(conversation, period=period), by=SUE)
    office.desk.handle(bonus(conversation, period="2027-03"), by=SUE)


def test_the_month_is_the_workspaces() -> None:
    """At the turn of the month it goes by the workspace's own clocks. Rule: B8, H1."""
    office = shop()
    office.now = datetime(2026, 4, 1, 2, 59, tzinfo=UTC)
    conversation = office.opened()
    office.desk.handle(bonus(conversation), by=ANA)
    office.pass_time(minutes=1)
    office.desk.handle(bonus(conversation), by=ANA)
    assert [request.period for request in office.billing.bonuses] == ["2026-03", "2026-04"]


@pytest.mark.parametrize(
    ("raised", "state"),
    [
        (Permanent("no_credit"), EffectState.FAILED),
        (Temporary(), EffectState.INTENDED),
        (OutcomeUnknown(), EffectState.UNKNOWN),
        (RuntimeError("the line broke"), EffectState.UNKNOWN),
    ],
)
def test_the_guard_is_free_only_when_it_has_failed(raised: Exception, state: EffectState) -> None:
    """While it waits or is in doubt, nobody asks for another. Rule: B11."""
    office = shop()
    conversation = office.opened()
    office.billing.moods["grant_bonus"] = raised
    office.desk.handle(bonus(conversation), by=ANA)
    assert [effect.state for effect in office.effects()] == [state]
    if state is EffectState.FAILED:
        del office.billing.moods["grant_bonus"]
        office.desk.handle(bonus(conversation), by=ANA)
        assert len(office.billing.bonuses) == 1
        return
    with office.nothing_changes(), pytest.raises(AlreadyAsked):
        office.desk.handle(bonus(conversation), by=SUE)


@pytest.mark.parametrize("answer", [None, "", 5, ("bn-1",), "bn\x001", "x" * 300, object()])
def test_an_answer_that_is_no_reference_is_a_doubt(answer: object) -> None:
    """It may have been granted, so it is asked again with its key, and never again with another. Rule: B11."""
    office = shop()
    office.billing.moods["grant_bonus"] = lambda _: answer
    office.desk.handle(bonus(office.opened()), by=ANA)
    assert [effect.state for effect in office.effects()] == [EffectState.UNKNOWN]
    del office.billing.moods["grant_bonus"]
    office.pass_time(minutes=5)
    office.desk.run_due()
    assert [effect.state for effect in office.effects()] == [EffectState.SUCCEEDED]
    assert len({given.key for name, given in office.billing.asked if name == "grant_bonus"}) == 1


@pytest.mark.parametrize("ask", [bonus, order])
@pytest.mark.parametrize("customer", [None, "cu-joao"])
def test_it_is_never_done_for_another(ask: Any, customer: str | None) -> None:
    """Unlinked or linked to another before it went out: cancelled, nothing asked of the port. Rule: B2."""
    office = shop()
    conversation = office.opened()
    office.desk.handle(ask(conversation, contract=HOME), by=ANA, delivery=Delivery.LATER)
    contact = contact_of(office, conversation).id
    change = UnlinkCustomer(contact) if customer is None else LinkCustomer(contact, CustomerId(customer))
    office.desk.handle(change, by=ANA)
    office.desk.run_due()
    assert states(office) == [(EffectState.CANCELLED, "unlinked")]
    assert office.billing.bonuses == office.contracts.orders == []


@pytest.mark.parametrize("ask", [bonus, order])
def test_neither_needs_the_channel(ask: Any) -> None:
    """It is done for the customer, not said: blocked, closed or out of the window, it goes on. Rule: B11."""
    office = shop()
    conversation = office.opened()
    office.desk.handle(ask(conversation, contract=HOME), by=ANA, delivery=Delivery.LATER)
    office.desk.handle(BlockContact(contact_of(office, conversation).id), by=ANA)
    office.desk.handle(Close(conversation, ReasonId("moved")), by=ANA)
    office.pass_time(hours=23)
    office.desk.run_due()
    assert [effect.state for effect in office.effects()] == [EffectState.SUCCEEDED]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Bonus.amount("-1"),
        lambda: Bonus.amount(Decimal("-0.01")),
        lambda: Bonus.amount("0"),
        lambda: Bonus.amount(Decimal("NaN")),
        lambda: Bonus.amount(Decimal("sNaN")),
        lambda: Bonus.amount(Decimal("Infinity")),
        lambda: Bonus.amount(10.5),  # type: ignore[arg-type]
        lambda: Bonus.amount(float("nan")),  # type: ignore[arg-type]
        lambda: Bonus.amount(True),
        lambda: Bonus.amount("0.001"),
        lambda: Bonus.amount(MONEY_CENTS),
        lambda: Bonus.amount("1e3"),
        lambda: Bonus.percent("100.01"),
        lambda: Bonus.percent("0"),
        lambda: Bonus.percent(-1),
        lambda: Bonus.percent(12.5),  # type: ignore[arg-type]
        lambda: Bonus.days(0),
        lambda: Bonus.days(-1),
        lambda: Bonus.days(BONUS_DAYS + 1),
        lambda: Bonus.days(1.0),  # type: ignore[arg-type]
        lambda: Bonus.days(True),
        lambda: Bonus(BonusKind.PERCENT, Decimal("NaN")),
        lambda: Bonus(BonusKind.PERCENT, Decimal("-Infinity")),
        lambda: Bonus(BonusKind.PERCENT, Decimal("12.345")),
        lambda: Bonus(BonusKind.PERCENT, 10.0),  # type: ignore[arg-type]
        lambda: Bonus(BonusKind.AMOUNT, Decimal(10)),
        lambda: Bonus(BonusKind.DAYS, Money(100)),
        lambda: Bonus("amount", Money(100)),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_bonus_cannot_be_made(make: Any) -> None:
    """Negative, nothing, NaN, a float, too much, too fine: refused where it is made. Rule: B8, B10."""
    with pytest.raises(InvalidValue):
        make()


def test_a_percentage_is_read_alike_in_every_context() -> None:
    """The caller's own precision and traps change nothing. Rule: B10."""
    plain = [Bonus.percent("12.50"), Bonus.percent("100"), Bonus(BonusKind.PERCENT, Decimal("99.99"))]
    with decimal.localcontext(decimal.Context(prec=2, traps=list(decimal.Context().traps))):
        rough = [Bonus.percent("12.50"), Bonus.percent("100"), Bonus(BonusKind.PERCENT, Decimal("99.99"))]
        with pytest.raises(InvalidValue):
            Bonus(BonusKind.PERCENT, Decimal("12.345"))
    assert rough == plain


@pytest.mark.parametrize(
    ("kinds", "given"),
    [((), TEN), ((BonusKind.DAYS,), TEN), ((BonusKind.AMOUNT,), Bonus.days(1))],
)
def test_a_kind_that_is_not_granted_is_not_offered(kinds: tuple[BonusKind, ...], given: Bonus) -> None:
    """To nobody, however high. Rule: B8."""
    office = shop(billing=FickleBilling(BillingCapabilities(bonus=REPEATS, bonus_kinds=kinds)))
    conversation = office.opened()
    for by in (ANA, SUE):
        with office.nothing_changes(), pytest.raises(NotOffered):
            office.desk.handle(bonus(conversation, given), by=by)


@pytest.mark.parametrize(
    "make",
    [
        lambda: bonus(ConversationId("cv_1"), TEN, period="2026-13"),
        lambda: bonus(ConversationId("cv_1"), TEN, period=202603),
        lambda: bonus(ConversationId("cv_1"), Money(1)),  # type: ignore[arg-type]
        lambda: GrantBonus(ConversationId("cv_1"), HOME, TEN, Private(" ")),
        lambda: GrantBonus(ConversationId("cv_1"), HOME, TEN, Private("x" * (JUSTIFICATION_LENGTH + 1))),
        lambda: GrantBonus(ConversationId("cv_1"), ContractId(""), TEN, Private("x")),
    ],
)
def test_what_is_no_grant_cannot_be_asked(make: Any) -> None:
    """Refused where it is made, with what is wrong. Rule: B8."""
    with pytest.raises(InvalidValue):
        make()
