"""What people ask of contracts and billing: the verdict is what happens, and a refusal leaves no trace."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import attrs
import pytest

from chatcore import Answer, Delivery
from chatcore.br import Money
from chatcore.commands import (
    BlockContact,
    Close,
    Command,
    Configure,
    GrantBonus,
    OpenServiceOrder,
    PinContract,
    ReturnToQueue,
    SendBoletos,
    SendInvoices,
    Take,
    UnlinkCustomer,
)
from chatcore.entities import BillingCapabilities, Bonus, ContractsCapabilities, Workspace
from chatcore.errors import (
    ChatcoreError,
    CompanyRefusal,
    ContractViolation,
    IdempotencyMismatch,
    InvalidValue,
    NotContracted,
    NotFound,
    NothingToSend,
    NotLinked,
    NotOffered,
    NotPermitted,
    NotSendable,
    NotTheirs,
    VersionConflict,
)
from chatcore.events import ActionRequested, Intended
from chatcore.limits import BOLETOS
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    BoletoForm,
    BoletoId,
    BoletoState,
    ContractId,
    ConversationId,
    InvoiceId,
    Private,
    ReasonId,
    Situation,
)
from tests.fickle import AUDITOR, JOAO, RAISED, ROBO, STAFFED, FickleBilling, contact_of, shop
from tests.office import ADMIN, ANA, BETO, MARIA, SUE
from tests.shop import HOME, MARIA_ID, PDF, REPEATS, Shop, boleto, contract, invoice

TEN = Bonus.amount("10")
MAKE: Mapping[type[Command], Callable[..., Any]] = {
    PinContract: lambda id, **_: PinContract(id, HOME),
    SendBoletos: lambda id, **_: SendBoletos(id, (BoletoId("b1"),)),
    SendInvoices: lambda id, **_: SendInvoices(id, (InvoiceId("n1"),)),
    GrantBonus: lambda id, period=None: GrantBonus(id, HOME, TEN, Private("Esperou"), period=period),
    OpenServiceOrder: lambda id, **_: OpenServiceOrder(id, "visit", "Sem sinal", "Visitar", contract=HOME),
}
every = pytest.mark.parametrize("kind", list(MAKE), ids=lambda kind: kind.__name__)
ASKS: Mapping[type[Command], tuple[str, str]] = {
    PinContract: ("contracts", "contracts"),
    SendBoletos: ("billing", "boletos"),
    SendInvoices: ("billing", "invoices"),
    GrantBonus: ("contracts", "contracts"),
    OpenServiceOrder: ("contracts", "contracts"),
}
"""What is read of the outside to decide about each."""


@contextlib.contextmanager
def no_trace(office: Shop) -> Iterator[None]:
    """Hold that a block changes nothing: no state, no message, and nothing done outside."""

    def done() -> tuple[Any, ...]:
        billing, contracts = office.billing, office.contracts
        outside = () if billing is None else (list(billing.bonuses), list(billing.issued))
        return (*outside, () if contracts is None else list(contracts.orders))

    before = done()
    with office.nothing_changes():
        yield
    assert done() == before


# --- the verdict is what happens -----------------------------------------------------------------------------

ACTORS = (ANA, BETO, SUE, ADMIN, AUDITOR, ROBO, SYSTEM)
NONE = BillingCapabilities(), ContractsCapabilities()
SIDES = ("full", "no-contracts", "no-billing", "nothing-offered", "no-limits", "not-granted")
ON_BOTS: Workspace = attrs.evolve(
    STAFFED,
    channels=(attrs.evolve(STAFFED.channels[0], bot=True),),
    policies=attrs.evolve(
        STAFFED.policies,
        bot_granted=(Ability.SEND_BOLETO, Ability.SEND_INVOICE, Ability.GRANT_BONUS, Ability.OPEN_ORDER),
    ),
)


def stage(side: str, situation: Situation, person: str, is_shut: bool) -> tuple[Shop, ConversationId]:
    """A conversation in a situation, with somebody linked or not or blocked, inside the window or out of it."""
    policies = ON_BOTS.policies
    if side == "no-limits":
        policies = attrs.evolve(policies, billing=attrs.evolve(policies.billing, bonus_limits=()))
    if side == "not-granted":
        policies = attrs.evolve(policies, bot_granted=())
    office = shop(workspace=attrs.evolve(ON_BOTS, policies=policies))
    conversation = office.waiting(MARIA)
    contact = contact_of(office, conversation).id
    if situation is not Situation.BOT:
        office.desk.handle(ReturnToQueue(conversation), by=SUE)
    if situation in (Situation.OPEN, Situation.CLOSED):
        office.desk.handle(Take(conversation), by=ANA)
    if situation is Situation.CLOSED:
        office.desk.handle(Close(conversation, ReasonId("moved")), by=ANA)
    if person == "unlinked":
        office.desk.handle(UnlinkCustomer(contact), by=SUE)
    if person == "blocked":
        office.desk.handle(BlockContact(contact), by=SUE)
    if is_shut:
        office.pass_time(hours=24)
    if side == "nothing-offered":
        office.billing = FickleBilling(NONE[0])
        office.contracts.moods["capabilities"] = lambda _: NONE[1]
    office.contracts = None if side == "no-contracts" else office.contracts
    office.billing = None if side == "no-billing" else office.billing
    office.desk = office.another_desk(delivery=Delivery.LATER)
    return office, conversation


@pytest.mark.parametrize("situation", list(Situation))
@pytest.mark.parametrize("side", SIDES)
def test_the_verdict_is_what_happens(side: str, situation: Situation) -> None:
    """For everybody and every new command: refused in the panel is refused by `can` and by the command.

    With the same error; and what the panel lets pass, filled in well, does pass. Rule: B2, B8, L18, P.
    """
    for person in ("linked", "unlinked", "blocked"):
        for is_shut in (False, True):
            office, conversation = stage(side, situation, person, is_shut)
            for month, by in enumerate(ACTORS, 3):
                for kind, make in MAKE.items():
                    command = make(conversation, period=f"2026-{month:02d}")
                    if person == "unlinked" and isinstance(command, OpenServiceOrder):
                        command = attrs.evolve(command, contract=None)
                    agree(office, conversation, kind, command, by)


def agree(office: Shop, id: ConversationId, kind: type[Command], command: Command, by: Actor) -> None:
    told = office.desk.can(command, by=by)
    try:
        verdict = office.desk.panel(id, by=by).actions[kind]
    except NotFound as hidden:
        assert type(told.refusal) is NotFound
        with no_trace(office), pytest.raises(type(hidden)):
            office.desk.handle(command, by=by)
        return
    if verdict.answer is Answer.REFUSED:
        assert verdict.refusal is not None
        assert type(told.refusal) is type(verdict.refusal), (kind, by)
        with no_trace(office), pytest.raises(type(verdict.refusal)) as refused:
            office.desk.handle(command, by=by)
        assert told.refusal is not None
        assert refused.value.document() == told.refusal.document()
        return
    assert verdict.answer is Answer.NEEDS
    assert told.answer is Answer.ALLOWED, (kind, by, told)
    outcome = office.desk.handle(command, by=by)
    assert bool(outcome.changed) is told.changes


# --- what is refused leaves no trace -------------------------------------------------------------------------


@every
@pytest.mark.parametrize(("raised", "code"), RAISED, ids=lambda value: type(value).__name__)
def test_a_port_that_raises_is_a_typed_failure(kind: type[Command], raised: BaseException, code: str) -> None:
    """Whatever it raises while it is asked what the command needs: nothing is asked twice, nothing changes."""
    office = shop()
    conversation = office.opened()
    port, method = ASKS[kind]
    side = getattr(office, port)
    side.asked.clear()
    side.moods[method] = raised
    with no_trace(office), pytest.raises(ChatcoreError) as failed:
        office.desk.handle(MAKE[kind](conversation), by=ANA, key="k")
    assert failed.value.code == code
    assert side.times(method) == 1
    del side.moods[method]
    office.desk.handle(MAKE[kind](conversation), by=ANA, key="k")


@every
@pytest.mark.parametrize(
    "answer",
    [
        None,
        "b1",
        {},
        (None,),
        {MARIA_ID: (boleto(),)},
        {MARIA_ID: (contract(), contract())},
        {MARIA_ID: (contract(customer="cu-joao"),)},
        (boleto(customer="cu-joao"),),
        (invoice(customer="cu-joao"),),
        (boleto(), boleto()),
        (invoice(), invoice()),
    ],
)
def test_a_port_that_answers_wrongly_is_not_believed(kind: type[Command], answer: object) -> None:
    """Nothing is asked for on the ground of it. Rule: B2."""
    office = shop()
    conversation = office.opened()
    port, method = ASKS[kind]
    getattr(office, port).moods[method] = lambda _: answer
    with (
        no_trace(office),
        pytest.raises(NotTheirs if answer == {} and port == "contracts" else ContractViolation),
    ):
        office.desk.handle(MAKE[kind](conversation), by=ANA)


@every
@pytest.mark.parametrize("mood", [RuntimeError("no"), lambda _: None, lambda _: "everything"])
def test_a_port_that_cannot_say_what_it_offers_is_not_asked(kind: type[Command], mood: Any) -> None:
    """That is a broken contract, before anything is recorded."""
    office = shop()
    conversation = office.opened()
    side = office.billing if kind is GrantBonus else getattr(office, ASKS[kind][0])
    side.moods["capabilities"] = mood
    with no_trace(office), pytest.raises(ContractViolation):
        office.desk.handle(MAKE[kind](conversation), by=ANA)


@every
def test_who_may_not_ask_makes_nobody_ask(kind: type[Command]) -> None:
    """The outside is asked for who may, where it makes sense, and not before. Rule: P, S23, L18."""
    office = shop()
    conversation = office.opened()
    office.contracts.asked.clear()
    for by, refusal in (
        (BETO, NotPermitted),
        (AUDITOR, NotPermitted),
        (ROBO, NotFound),
        (SYSTEM, NotPermitted),
    ):
        with no_trace(office), pytest.raises(refusal):
            office.desk.handle(MAKE[kind](conversation), by=by)
    with no_trace(office), pytest.raises(NotFound):
        office.desk.handle(MAKE[kind](ConversationId("cv_nope")), by=ANA)
    less = attrs.evolve(STAFFED, modules=())
    office.desk.handle(Configure(less), by=SYSTEM)
    with no_trace(office), pytest.raises(NotContracted):
        office.desk.handle(MAKE[kind](conversation), by=ANA)
    assert (office.contracts.asked, office.billing.asked) == ([], [])


@every
def test_who_is_linked_to_nobody_has_nothing_asked_for_them(kind: type[Command]) -> None:
    """They are no customer yet. Rule: B2."""
    office = shop()
    conversation = office.taken(ANA, JOAO)
    with no_trace(office), pytest.raises(NotLinked):
        office.desk.handle(MAKE[kind](conversation), by=ANA)


@pytest.mark.parametrize("kind", [PinContract, GrantBonus, OpenServiceOrder])
def test_the_contract_must_be_theirs(kind: type[Command]) -> None:
    """Neither another customer's nor nobody's. Rule: B2."""
    office = shop()
    conversation = office.opened()
    office.contracts.put(contract("c-joao", "cu-joao"))
    for other in ("c-joao", "c-nope"):
        command = attrs.evolve(MAKE[kind](conversation), contract=ContractId(other))
        with no_trace(office), pytest.raises(NotTheirs):
            office.desk.handle(command, by=ANA)


def test_the_same_command_twice_is_one() -> None:
    """With its key: the first outcome, though nobody outside can be reached; other content is a mismatch."""
    for kind, make in MAKE.items():
        office = shop()
        conversation = office.opened()
        first = office.desk.handle(make(conversation), by=ANA, key="k")
        sent = list(office.messaging.outbox)
        for port, method in ASKS.values():
            getattr(office, port).moods[method] = RuntimeError("no line")
        with no_trace(office):
            assert office.desk.handle(make(conversation), by=ANA, key="k") == first
            with pytest.raises(IdempotencyMismatch):
                office.desk.handle(_other(make(conversation)), by=ANA, key="k")
        assert office.messaging.outbox == sent
        assert len(office.billing.bonuses) == (kind is GrantBonus)


def _other(command: Any) -> Any:
    change: dict[type, dict[str, Any]] = {
        PinContract: {"contract": None},
        SendBoletos: {"forms": (BoletoForm.PIX,)},
        SendInvoices: {"invoices": (InvoiceId("n2"),)},
        GrantBonus: {"bonus": Bonus.amount("10.01")},
        OpenServiceOrder: {"description": Private("Visitar logo")},
    }
    return attrs.evolve(command, **change[type(command)])


@every
def test_what_somebody_did_not_see_is_not_acted_on(kind: type[Command]) -> None:
    """The version they saw is compared; what was asked for moves it on. Rule: L12, B11."""
    office = shop()
    conversation = office.opened()
    seen = office.state(conversation).version
    with no_trace(office), pytest.raises(VersionConflict):
        office.desk.handle(MAKE[kind](conversation), by=ANA, expected=seen - 1)
    office.desk.handle(MAKE[kind](conversation), by=ANA, expected=seen, delivery=Delivery.LATER)
    assert office.state(conversation).version == seen + 1
    with no_trace(office), pytest.raises(VersionConflict):
        office.desk.handle(MAKE[kind](conversation), by=ANA, expected=seen)


@every
def test_a_company_rule_has_the_last_word(kind: type[Command]) -> None:
    """It sees the command, the facts and what would happen, and may refuse; the panel's `can` says so too."""
    office = shop()
    conversation = office.opened()
    seen: list[tuple[Command, tuple[str, ...]]] = []

    def rule(command: Command, facts: Any, decision: Any) -> CompanyRefusal | None:
        assert facts.contact.customer == MARIA_ID
        seen.append((command, tuple(type(event).__name__ for _, event in decision)))
        return CompanyRefusal("acme:not_today") if facts.actor == ANA else None

    desk = office.another_desk(rules=[rule])
    command = MAKE[kind](conversation)
    with no_trace(office), pytest.raises(CompanyRefusal):
        desk.handle(command, by=ANA)
    assert isinstance(desk.can(command, by=ANA).refusal, CompanyRefusal)
    desk.handle(command, by=SUE)
    happens = ("ContractPinned",) if kind is PinContract else (ActionRequested.__name__, Intended.__name__)
    assert seen == [(command, happens)] * 3


def test_bots_send_what_they_are_granted() -> None:
    """Boletos and invoices, in their own conversations; never more than that. Rule: P, L22."""
    office, conversation = stage("full", Situation.BOT, "linked", False)
    office.desk = office.another_desk()
    for kind in (SendBoletos, SendInvoices):
        office.desk.handle(MAKE[kind](conversation), by=ROBO)
    assert len(office.messaging.outbox) == 4
    for kind in (GrantBonus, OpenServiceOrder, PinContract):
        with no_trace(office), pytest.raises(NotPermitted):
            office.desk.handle(MAKE[kind](conversation), by=ROBO)
    plain, other = stage("not-granted", Situation.BOT, "linked", False)
    for kind in (SendBoletos, SendInvoices):
        with no_trace(plain), pytest.raises(NotPermitted):
            plain.desk.handle(MAKE[kind](other), by=ROBO)


# --- which boletos, which invoices ---------------------------------------------------------------------------


def test_only_what_is_to_be_paid_is_sent() -> None:
    """Paid, by label or by evidence, and cancelled ones are named, all of them; the others wait. Rule: B3."""
    office = shop()
    conversation = office.opened()
    for id, changes in {
        "paid": {"label": BoletoState.PAID},
        "late": {"due": date(2026, 1, 1)},
        "gone": {"label": BoletoState.CANCELLED},
        "seen": {"paid_on": date(2026, 3, 9)},
        "some": {"paid": Money(1)},
    }.items():
        office.billing.put(boleto(id, **changes), PDF)  # type: ignore[arg-type]
    wanted = tuple(map(BoletoId, ("b1", "paid", "late", "gone", "seen", "some")))
    with no_trace(office), pytest.raises(NotSendable) as refused:
        office.desk.handle(SendBoletos(conversation, wanted), by=ANA)
    assert refused.value.ids == ("paid", "gone", "seen", "some")
    office.desk.handle(SendBoletos(conversation, (BoletoId("late"),)), by=ANA)
    office.billing.put(invoice("n2", cancelled=True), PDF)
    with no_trace(office), pytest.raises(NotSendable) as refused:
        office.desk.handle(SendInvoices(conversation, (InvoiceId("n1"), InvoiceId("n2"))), by=ANA)
    assert refused.value.ids == ("n2",)


def test_what_is_not_theirs_is_not_there() -> None:
    """Neither another customer's nor nobody's. Rule: B2, P."""
    office = shop()
    conversation = office.opened()
    office.billing.put(boleto("b-joao", "cu-joao"), PDF)
    office.billing.put(invoice("n-joao", "cu-joao"), PDF)
    for id in ("b-joao", "nope"):
        with no_trace(office), pytest.raises(NotFound):
            office.desk.handle(SendBoletos(conversation, (BoletoId("b1"), BoletoId(id))), by=ANA)
    for id in ("n-joao", "nope"):
        with no_trace(office), pytest.raises(NotFound):
            office.desk.handle(SendInvoices(conversation, (InvoiceId(id),)), by=ANA)


def test_what_can_be_had_in_no_form_is_named() -> None:
    """A line or code that does not hold is none; nor is a form that is not offered. Rule: B4, B5."""
    office = shop()
    conversation = office.opened()
    office.billing.put(boleto("bad", line="1" * 47, document=False), PDF)
    office.billing.put(boleto("none", line=None, pix=None, document=False), PDF)
    wanted = tuple(map(BoletoId, ("b1", "bad", "none")))
    with no_trace(office), pytest.raises(NothingToSend) as refused:
        office.desk.handle(SendBoletos(conversation, wanted, forms=(BoletoForm.LINE,)), by=ANA)
    assert refused.value.ids == ("bad", "none")
    office.billing = FickleBilling(BillingCapabilities(boletos=(BoletoForm.PIX,), bonus=REPEATS))
    desk = office.another_desk()
    with no_trace(office), pytest.raises(NotOffered):
        desk.handle(SendBoletos(conversation, (BoletoId("b1"),), forms=(BoletoForm.DOCUMENT,)), by=ANA)
    with no_trace(office), pytest.raises(NotOffered):
        desk.handle(SendInvoices(conversation, (InvoiceId("n1"),)), by=ANA)


@pytest.mark.parametrize(
    "values",
    [
        ((),),
        ("b1",),
        ((1,),),
        ((None,),),
        (("",),),
        (("b1", "b1"),),
        (tuple(f"b{n}" for n in range(BOLETOS + 1)),),
        (None,),
        (("b1",), ()),
        (("b1",), ("pix",)),
        (("b1",), {BoletoForm.PIX}),
        (("b1",), (BoletoForm.PIX, BoletoForm.PIX)),
    ],
)
def test_what_names_no_boletos_cannot_be_asked(values: tuple[Any, ...]) -> None:
    """None, twice the same, too many, something else; refused where it is made. Rule: S13, S14."""
    chosen, *forms = values
    with pytest.raises(InvalidValue):
        SendBoletos(ConversationId("cv_1"), chosen, **({"forms": forms[0]} if forms else {}))
    if not forms:
        with pytest.raises(InvalidValue):
            SendInvoices(ConversationId("cv_1"), chosen)
