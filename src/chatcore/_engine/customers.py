"""What contracts and billing tell a screen: the light beside a name, the contracts, boletos and invoices.

One call for a whole page. A contracts side that fails makes lights grey and names the failure; it never
breaks a screen (B1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from chatcore._engine.body import Engine
from chatcore.entities import Boleto, Contact, Contract, Conversation, Customer, Invoice
from chatcore.errors import ChatcoreError, NotOffered
from chatcore.limits import SCREEN_READ
from chatcore.moments import local_day
from chatcore.ports import CustomerQuery
from chatcore.rules.billing import SENDABLE
from chatcore.rules.customers import counting
from chatcore.screen import BoletoRow, ContractLight
from chatcore.vocabulary import CustomerId, Light, PortKind

__all__ = ["Told", "boletos_of", "customers_like", "invoices_of", "told_of"]


@attrs.frozen(slots=True, eq=False, repr=False)
class Told:
    """What the contracts side told of some customers: None where there is none to ask; or why it could not."""

    by_customer: Mapping[CustomerId, tuple[Contract, ...]] | None
    failure: str | None = None

    def contracts(self, contact: Contact) -> tuple[Contract, ...]:
        """The contracts of whom a contact is linked to. Rule: S9."""
        if self.by_customer is None or contact.customer is None:
            return ()
        return self.by_customer.get(contact.customer, ())

    def light(self, contact: Contact, conversation: Conversation) -> ContractLight | None:
        """The light beside the name. Rule: S5."""
        if contact.customer is None or (self.by_customer is None and self.failure is None):
            return None
        if self.failure is not None:
            return ContractLight(light=Light.GREY, failure=self.failure)
        contract = counting(self.contracts(contact), conversation.contract)
        if contract is None:
            return ContractLight(light=Light.GREY)
        return ContractLight(
            light=contract.light, contract=contract.id, as_of=contract.as_of, link=contract.link
        )


async def told_of(engine: Engine, contacts: Iterable[Contact]) -> Told:
    """What the contracts side has of these people, asked for at once."""
    port = engine.outside.contracts
    customers = tuple(sorted({c.customer for c in contacts if c.customer is not None}))
    if port is None or not customers:
        return Told(None if port is None else {})
    try:
        return Told(await port.contracts(customers, engine.now() + SCREEN_READ))
    except ChatcoreError as error:
        engine.note("port_failed", PortKind.CONTRACTS, error.code)
        return Told(None, error.code)


async def boletos_of(engine: Engine, contact: Contact) -> tuple[BoletoRow, ...]:
    """The boletos of whom a contact is linked to, as they stand today; soonest due first. Rule: S13, B3."""
    port = engine.outside.billing
    if port is None:
        raise NotOffered("boleto")
    if contact.customer is None:
        return ()
    now = engine.now()
    boletos = await port.boletos(contact.customer, now + SCREEN_READ)
    today, offered = local_day(now, engine.reads.held.time_zone), port.capabilities.boletos

    def row(boleto: Boleto) -> BoletoRow:
        state = boleto.state(today)
        forms = tuple(form for form in boleto.forms if form in offered) if state in SENDABLE else ()
        return BoletoRow(boleto, state, forms, boleto.flags)

    return tuple(map(row, sorted(boletos, key=lambda b: (b.due is None, b.due or today, b.id))))


async def invoices_of(engine: Engine, contact: Contact) -> tuple[Invoice, ...]:
    """The fiscal invoices of whom a contact is linked to, latest first. Rule: S14."""
    port = engine.outside.billing
    if port is None:
        raise NotOffered("invoice")
    if contact.customer is None:
        return ()
    invoices = await port.invoices(contact.customer, engine.now() + SCREEN_READ)
    return tuple(sorted(invoices, key=lambda invoice: (invoice.issued_on, invoice.id), reverse=True))


async def customers_like(engine: Engine, query: CustomerQuery, limit: int) -> tuple[Customer, ...]:
    """The customers that a contact may be linked to. Rule: S18, B2."""
    port = engine.outside.contracts
    if port is None or query.key not in port.capabilities.finds_by:
        raise NotOffered(f"find_by:{query.key}")
    return await port.find(query, limit, engine.now() + SCREEN_READ)
