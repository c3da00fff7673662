"""What lies outside: the ports that effects go through, as the engine sees them.

What contracts and billing answer is checked here, and nowhere else: of the right type, of whom was asked for,
and no more than is taken in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeVar

import attrs

from chatcore._engine.calls import MessagingCalls, WritingCalls
from chatcore.entities import (
    BillingCapabilities,
    Boleto,
    ChannelCapabilities,
    Contract,
    ContractsCapabilities,
    Customer,
    Found,
    Invoice,
    IssuedBoleto,
    IssuedInvoice,
    Nature,
)
from chatcore.entities.effect import PORT_OF
from chatcore.errors import ContractViolation, PortMissing
from chatcore.limits import CONTRACTS, CUSTOMERS
from chatcore.ports import (
    AsyncBilling,
    AsyncContracts,
    Billing,
    BoletoRequest,
    BonusRequest,
    Contracts,
    CustomerQuery,
    InvoiceRequest,
    ServiceOrderRequest,
)
from chatcore.vocabulary import ChannelKind, CustomerId, EffectKind, PortKind

__all__ = ["BillingCalls", "ContractsCalls", "Outside"]

_T = TypeVar("_T", Boleto, Invoice, Contract)


def _theirs(things: object, kind: type[_T], customer: CustomerId) -> tuple[_T, ...] | None:
    """What an adapter says a customer has, if it is that: so many, of this kind, each once, and all theirs."""
    if type(things) is not tuple or len(things) > CONTRACTS:
        return None
    if any(type(each) is not kind or each.customer != customer for each in things):
        return None
    return things if len({each.id for each in things}) == len(things) else None


class ContractsCalls(WritingCalls):
    """The contracts port as the engine sees it."""

    def __init__(self, port: Contracts | AsyncContracts, *, sync: bool) -> None:
        super().__init__(port, "contracts", ("find", "contracts", "open_order"), sync=sync)
        self._port = port

    @property
    def capabilities(self) -> ContractsCapabilities:
        """What the adapter offers."""
        try:
            found = self._port.capabilities
        except Exception as error:
            raise ContractViolation(self._name, "capabilities") from error
        if type(found) is not ContractsCapabilities:
            raise ContractViolation(self._name, "capabilities")
        return found

    async def find(self, query: CustomerQuery, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        """The customers that fit, each once."""
        result = await self._read(tuple, "find", self._port.find, query, limit=limit, deadline=deadline)
        if any(type(each) is not Customer for each in result):
            raise ContractViolation(self._name, "find")
        return tuple({customer.id: customer for customer in result}.values())[:limit]

    async def look_for(self, queries: Collection[CustomerQuery], deadline: datetime) -> Found:
        """The customers that fit any of these queries, each once. Rule: B2."""
        found: dict[CustomerId, Customer] = {}
        for query in queries:
            found |= {customer.id: customer for customer in await self.find(query, CUSTOMERS, deadline)}
        return Found(tuple(found.values())[:CUSTOMERS])

    async def contracts(
        self, customers: Collection[CustomerId], deadline: datetime
    ) -> Mapping[CustomerId, tuple[Contract, ...]]:
        """The contracts of each of these customers, an empty tuple where there are none."""
        method = self._port.contracts
        result = await self._read(Mapping, "contracts", method, customers, deadline=deadline)  # type: ignore[type-abstract]
        told: dict[CustomerId, tuple[Contract, ...]] = {}
        for customer in customers:
            try:
                contracts = _theirs(result.get(customer, ()), Contract, customer)
            except Exception as error:
                raise ContractViolation(self._name, "contracts") from error
            if contracts is None:
                raise ContractViolation(self._name, "contracts")
            told[customer] = contracts
        return told

    async def open_order(self, request: ServiceOrderRequest) -> str:
        """Open a service order."""
        return await self._done(self._port.open_order, request)


class BillingCalls(WritingCalls):
    """The billing port as the engine sees it."""

    def __init__(self, port: Billing | AsyncBilling, *, sync: bool) -> None:
        methods = ("boletos", "invoices", "issue_boleto", "issue_invoice", "grant_bonus")
        super().__init__(port, "billing", methods, sync=sync)
        self._port = port

    @property
    def capabilities(self) -> BillingCapabilities:
        """What the adapter offers."""
        try:
            found = self._port.capabilities
        except Exception as error:
            raise ContractViolation(self._name, "capabilities") from error
        if type(found) is not BillingCapabilities:
            raise ContractViolation(self._name, "capabilities")
        return found

    async def boletos(self, customer: CustomerId, deadline: datetime) -> tuple[Boleto, ...]:
        """The boletos of a customer."""
        result = await self._read(tuple, "boletos", self._port.boletos, customer, deadline=deadline)
        if (boletos := _theirs(result, Boleto, customer)) is None:
            raise ContractViolation(self._name, "boletos")
        return boletos

    async def invoices(self, customer: CustomerId, deadline: datetime) -> tuple[Invoice, ...]:
        """The fiscal invoices of a customer."""
        result = await self._read(tuple, "invoices", self._port.invoices, customer, deadline=deadline)
        if (invoices := _theirs(result, Invoice, customer)) is None:
            raise ContractViolation(self._name, "invoices")
        return invoices

    async def issue_boleto(self, request: BoletoRequest) -> IssuedBoleto:
        """Issue or fetch a boleto."""
        return await self._read(IssuedBoleto, "issue_boleto", self._port.issue_boleto, request)

    async def issue_invoice(self, request: InvoiceRequest) -> IssuedInvoice:
        """Fetch a fiscal invoice."""
        return await self._read(IssuedInvoice, "issue_invoice", self._port.issue_invoice, request)

    async def grant_bonus(self, request: BonusRequest) -> str:
        """Grant a bonus."""
        return await self._done(self._port.grant_bonus, request)


@attrs.frozen(slots=True, eq=False, repr=False)
class Outside:
    """All ports of a desk but storage."""

    messaging: Mapping[ChannelKind, MessagingCalls]
    contracts: ContractsCalls | None = None
    billing: BillingCalls | None = None

    def to_channel(self, kind: ChannelKind) -> MessagingCalls:
        """The adapter for a kind of channel. Raises `PortMissing`."""
        port = self.messaging.get(kind)
        if port is None:
            raise PortMissing(f"messaging:{kind}")
        return port

    def to_contracts(self) -> ContractsCalls:
        """The adapter for contracts. Raises `PortMissing`."""
        if self.contracts is None:
            raise PortMissing(PortKind.CONTRACTS)
        return self.contracts

    def to_billing(self) -> BillingCalls:
        """The adapter for billing. Raises `PortMissing`."""
        if self.billing is None:
            raise PortMissing(PortKind.BILLING)
        return self.billing

    def of(self, kind: EffectKind, channel: ChannelKind | None) -> WritingCalls | None:
        """The adapter that effects of a kind go through; none for inner work. Raises `PortMissing`."""
        port = PORT_OF.get(kind)
        if port is PortKind.CONTRACTS:
            return self.to_contracts()
        if port is PortKind.BILLING:
            return self.to_billing()
        return None if port is None or channel is None else self.to_channel(channel)

    def declared(self, kind: EffectKind, capabilities: ChannelCapabilities | None) -> Nature | None:
        """What the port declares about the write that an effect of this kind is. Raises `PortMissing`."""
        if kind is EffectKind.GRANT_BONUS:
            return self.to_billing().capabilities.bonus
        if kind is EffectKind.OPEN_ORDER:
            return self.to_contracts().capabilities.orders
        return None if capabilities is None else capabilities.nature
