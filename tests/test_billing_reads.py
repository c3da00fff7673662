"""What there is to send: boletos and invoices as a screen shows them, and adapters that are none."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from chatcore import AsyncDesk, AsyncPorts, Desk, Ports
from chatcore.br import Money
from chatcore.errors import ContractViolation, NotOffered
from chatcore.limits import CONTRACTS
from chatcore.memory import (
    AsyncMemoryBilling,
    AsyncMemoryStorage,
    MemoryBilling,
    MemoryStorage,
)
from chatcore.vocabulary import (
    BoletoForm,
    BoletoState,
)
from tests.fickle import AUDITOR, JOAO, shop
from tests.office import ANA, NOON, SUE
from tests.shop import LINE, MARIA_ID, PDF, PIX, boleto, invoice

DOC, PIX_FORM, LINE_FORM = BoletoForm.DOCUMENT, BoletoForm.PIX, BoletoForm.LINE


def test_boletos_are_shown_as_they_stand_today() -> None:
    """Soonest due first, and with what they can be sent as; by the workspace's own day. Rule: B3, B4."""
    office = shop()
    conversation = office.opened()
    today = date(2026, 3, 10)
    for id, changes in {
        "b2": {"due": today},
        "b3": {"due": today - timedelta(days=1), "pix": None},
        "b4": {"due": today, "label": BoletoState.CANCELLED},
        "b5": {"due": None},
        "b6": {"due": date(2026, 1, 1), "paid": Money(100)},
        "b7": {"due": today, "paid": Money(0)},
        "b8": {"due": date(2026, 2, 1), "customer": "cu-joao"},
    }.items():
        office.billing.put(boleto(id, **changes), PDF)  # type: ignore[arg-type]
    every = (DOC, LINE_FORM, PIX_FORM)
    assert [(row.boleto.id, row.state, row.forms) for row in office.desk.boletos(conversation, by=ANA)] == [
        ("b6", BoletoState.PAID, ()),
        ("b3", BoletoState.OVERDUE, (DOC, LINE_FORM)),
        ("b2", BoletoState.OPEN, every),
        ("b4", BoletoState.CANCELLED, ()),
        ("b7", BoletoState.OPEN, every),
        ("b1", BoletoState.OPEN, every),
        ("b5", BoletoState.OPEN, every),
    ]
    office.now = NOON.replace(day=11, hour=2, minute=59)  # A minute to midnight in São Paulo.
    assert {row.boleto.id: row.state for row in office.desk.boletos(conversation, by=ANA)}["b2"] == "open"
    office.pass_time(minutes=1)
    assert {row.boleto.id: row.state for row in office.desk.boletos(conversation, by=ANA)}["b2"] == "overdue"


def test_invoices_are_shown_latest_first() -> None:
    """Cancelled ones too; and for an auditor without whose they are. Rule: B7, P."""
    office = shop()
    conversation = office.opened()
    office.billing.put(invoice("n2", issued_on=date(2026, 3, 2), access_key="1" * 44), PDF)
    office.billing.put(invoice("n3", issued_on=date(2026, 2, 2), cancelled=True), PDF)
    assert [each.id for each in office.desk.invoices(conversation, by=ANA)] == ["n2", "n1", "n3"]
    masked = office.desk.invoices(conversation, by=AUDITOR), office.desk.boletos(conversation, by=AUDITOR)
    assert [each.id for each in masked[0]] == ["n2", "n1", "n3"]
    assert [row.forms for row in masked[1]] == [(DOC, LINE_FORM, PIX_FORM)]
    shown = repr([attrs.asdict(each) for page in masked for each in page])
    for private in (MARIA_ID, "1" * 44, LINE, PIX.reveal()):
        assert private not in shown


def test_who_is_linked_to_nobody_has_none() -> None:
    """And the billing side is not asked. Rule: B2."""
    office = shop()
    conversation = office.waiting(JOAO)
    assert office.desk.boletos(conversation, by=ANA) == office.desk.invoices(conversation, by=ANA) == ()
    assert office.billing.asked == []


def test_without_a_billing_side_there_is_nothing_to_show() -> None:
    """A screen is told that this is not offered here. Rule: B4."""
    office = shop()
    conversation = office.opened()
    office.billing = None
    desk = office.another_desk()
    for read in (desk.boletos, desk.invoices):
        with pytest.raises(NotOffered):
            read(conversation, by=ANA)
    assert desk.panel(conversation, by=ANA).choices.boleto_forms == ()


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, (None,), ("b1",), (boleto(), boleto()), (boleto(customer="cu-joao"),), (invoice(),)],
)
def test_a_wrong_answer_is_not_shown(answer: object) -> None:
    """Not the right ones in it either. Rule: B2."""
    office = shop()
    conversation = office.opened()
    office.billing.moods["boletos"] = lambda _: answer
    office.billing.moods["invoices"] = lambda _: (boleto(),) if answer == (invoice(),) else answer
    for read in (office.desk.boletos, office.desk.invoices):
        with pytest.raises(ContractViolation):
            read(conversation, by=SUE)


def test_more_than_is_taken_in_is_a_wrong_answer() -> None:
    """A thousand are well; one more is not. Rule: S13."""
    office = shop()
    conversation = office.opened()
    office.billing.moods["boletos"] = lambda _: tuple(boleto(f"b{n}") for n in range(CONTRACTS))
    assert len(office.desk.boletos(conversation, by=ANA)) == CONTRACTS
    office.billing.moods["boletos"] = lambda _: tuple(boleto(f"b{n}") for n in range(CONTRACTS + 1))
    with pytest.raises(ContractViolation):
        office.desk.boletos(conversation, by=ANA)


# --- adapters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["boletos", "invoices", "issue_boleto", "issue_invoice", "grant_bonus"])
def test_an_adapter_without_a_method_is_refused_at_once(method: str) -> None:
    """By both desks, when they are opened; one async method is refused by the sync desk as well."""
    lacking: Any = type("Lacking", (MemoryBilling,), {method: None})()
    waiting: Any = type("Waiting", (MemoryBilling,), {method: getattr(AsyncMemoryBilling, method)})()
    twin: Any = type("Lacking", (AsyncMemoryBilling,), {method: None})()
    for open_desk in (
        lambda: Desk(Ports(storage=MemoryStorage(), billing=lacking)),
        lambda: Desk(Ports(storage=MemoryStorage(), billing=waiting)),
        lambda: AsyncDesk(AsyncPorts(storage=AsyncMemoryStorage(), billing=twin)),
    ):
        with pytest.raises(ContractViolation) as refused:
            open_desk()
        assert (refused.value.port, refused.value.method) == ("billing", method)
