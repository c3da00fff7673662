"""What contracts and billing have, what may be asked of them, and what they bring."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from chatcore.br import Money
from chatcore.commands import Brought
from chatcore.entities import (
    Boleto,
    BoletoDemand,
    Bonus,
    BonusDemand,
    Contract,
    Customer,
    Demand,
    Found,
    Invoice,
    InvoiceDemand,
    IssuedBoleto,
    IssuedInvoice,
    OrderDemand,
)
from chatcore.limits import BONUS_DAYS, MONEY_CENTS
from chatcore.testing.strategies._brazil import money
from chatcore.testing.strategies._capabilities import boleto_forms
from chatcore.testing.strategies._ids import outside_ids
from chatcore.testing.strategies._media import attachments
from chatcore.testing.strategies._texts import hostile_text, labels, one_line_text
from chatcore.testing.strategies._times import moments
from chatcore.vocabulary import BoletoState, BonusKind, ContractStatus, InvoiceModel, Priority, Private

__all__ = [
    "boletos",
    "bonuses",
    "brought",
    "contracts",
    "customers",
    "demands",
    "found",
    "invoices",
    "issued_boletos",
    "issued_invoices",
    "order_words",
    "periods",
]


_LINES = ("00190.50095 40144.816069 06809.350314 3 37370000000100", "836200000005 667800481000", "")
_PIX_CODES = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D",
    "00020126",
)


def customers() -> st.SearchStrategy[Customer]:
    """Someone the contracts side knows. Rule: B2."""
    some_line = st.none() | one_line_text().map(Private)
    return st.builds(Customer, id=outside_ids(), name=one_line_text().map(Private), document=some_line)


def contracts() -> st.SearchStrategy[Contract]:
    """A contract in any state, told so or not. Rule: B1, S5."""
    return st.builds(
        Contract,
        id=outside_ids(),
        customer=outside_ids(),
        status=st.sampled_from(ContractStatus),
        as_of=moments(),
        access=st.none() | st.sampled_from(ContractStatus),
        plan=st.none() | labels(),
        link=st.none() | st.integers(1, 10**6).map("https://erp.example/contracts/{}".format),
    )


def boletos() -> st.SearchStrategy[Boleto]:
    """A boleto as billing sides have them: with a line or a code that holds, one that does not, or none."""
    return st.builds(
        Boleto,
        id=outside_ids(),
        customer=outside_ids(),
        amount=money(),
        due=st.none() | st.dates(),
        label=st.sampled_from(BoletoState),
        contract=st.none() | outside_ids(),
        paid_on=st.none() | st.dates(),
        paid=st.none() | money(),
        line=st.none() | st.sampled_from(_LINES) | hostile_text(4),
        pix=st.none() | (st.sampled_from(_PIX_CODES) | hostile_text(4)).map(Private),
        document=st.booleans(),
    )


def invoices() -> st.SearchStrategy[Invoice]:
    """A fiscal invoice of any model. Rule: B7."""
    return st.builds(
        Invoice,
        id=outside_ids(),
        customer=outside_ids(),
        model=st.sampled_from(InvoiceModel),
        number=outside_ids(),
        issued_on=st.dates(),
        amount=money(),
        series=st.none() | outside_ids(),
        contract=st.none() | outside_ids(),
        access_key=st.none() | hostile_text(4),
        cancelled=st.booleans(),
    )


def bonuses() -> st.SearchStrategy[Bonus]:
    """A bonus of any kind, up to the most there is of it. Rule: B8."""
    return st.one_of(
        st.integers(1, MONEY_CENTS).map(lambda cents: Bonus(BonusKind.AMOUNT, Money(cents))),
        st.integers(1, 10_000).map(lambda part: Bonus(BonusKind.PERCENT, Decimal(part) / 100)),
        st.integers(1, BONUS_DAYS).map(Bonus.days),
    )


def demands(*kinds: type[Demand]) -> st.SearchStrategy[Demand]:
    """What may be asked of contracts or billing, of these kinds or of any. Rule: B11."""
    ids, some_id, line = outside_ids(), st.none() | outside_ids(), one_line_text().map(Private)
    of_each: dict[type[Demand], st.SearchStrategy[Demand]] = {
        BoletoDemand: st.builds(BoletoDemand, customer=ids, boleto=ids, forms=boleto_forms(), contract=some_id),
        InvoiceDemand: st.builds(InvoiceDemand, customer=ids, invoice=ids, contract=some_id),
        BonusDemand: st.builds(
            BonusDemand, customer=ids, contract=ids, bonus=bonuses(), period=periods(), justification=line
        ),
        OrderDemand: st.builds(
            OrderDemand,
            customer=some_id,
            contract=some_id,
            **order_words(),
            protocol=ids,
            transcript=st.integers(0, 99),
        ),
    }
    return st.one_of(*(of_each[kind] for kind in kinds or of_each))


def order_words() -> dict[str, st.SearchStrategy[Any]]:
    """What a service order says."""
    line = one_line_text().map(Private)
    return {
        "type": outside_ids(),
        "subject": line,
        "description": line,
        "priority": st.sampled_from(Priority),
        "schedule": st.none() | moments(),
    }


def periods() -> st.SearchStrategy[str]:
    """A month, like ``2026-11``. Rule: B8."""
    return st.builds("{:04d}-{:02d}".format, st.integers(2000, 2199), st.integers(1, 12))


def issued_boletos() -> st.SearchStrategy[IssuedBoleto]:
    """A boleto as it stands, with its document or without. Rule: S13."""
    return st.builds(IssuedBoleto, boletos(), st.none() | attachments())


def issued_invoices() -> st.SearchStrategy[IssuedInvoice]:
    """A fiscal invoice as it stands, with its document. Rule: S14."""
    return st.builds(IssuedInvoice, invoices(), attachments())


def found() -> st.SearchStrategy[Found]:
    """What a look-up of a customer brought. Rule: B2."""
    return st.lists(customers(), max_size=3).map(tuple).map(Found)


def brought() -> st.SearchStrategy[Brought]:
    """What an effect may bring from outside."""
    return st.one_of(attachments(), issued_boletos(), issued_invoices(), found())
