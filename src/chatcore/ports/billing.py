"""The billing port: boletos, fiscal invoices, and the granting of bonuses. Rule: S13, S14, S15, B3 to B11.

Reads are asked with a `deadline`, as in the contracts port.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

from chatcore.entities import (
    BillingCapabilities,
    Boleto,
    Bonus,
    Invoice,
    IssuedBoleto,
    IssuedInvoice,
)
from chatcore.vocabulary import Actor, BoletoId, ContractId, CustomerId, EffectId, InvoiceId, Private, redacted

__all__ = ["AsyncBilling", "Billing", "BoletoRequest", "BonusRequest", "InvoiceRequest"]


@attrs.frozen(slots=True, kw_only=True)
class BoletoRequest:
    """One boleto to issue, or to fetch as it stands; its `document` too, if that is wanted. Rule: S13.

    `key` and `deadline` as in `ServiceOrderRequest`. It may be asked for again, with the same key or another:
    that leads to the same boleto.
    """

    key: EffectId
    customer: CustomerId = attrs.field(repr=redacted)
    boleto: BoletoId
    document: bool
    deadline: datetime


@attrs.frozen(slots=True, kw_only=True)
class InvoiceRequest:
    """One fiscal invoice to fetch as it stands, with its document; as in `BoletoRequest`. Rule: S14."""

    key: EffectId
    customer: CustomerId = attrs.field(repr=redacted)
    invoice: InvoiceId
    deadline: datetime


@attrs.frozen(slots=True, kw_only=True)
class BonusRequest:
    """One bonus to grant, for a `period` like ``2026-11``. Rule: S15, B8, B11.

    `key` and `deadline` as in `ServiceOrderRequest`; `granted_by` is who asked for it.
    """

    key: EffectId
    customer: CustomerId = attrs.field(repr=redacted)
    contract: ContractId
    bonus: Bonus
    period: str
    justification: Private
    granted_by: Actor
    deadline: datetime


class Billing(Protocol):
    """Knows boletos and fiscal invoices, and grants bonuses.

    An adapter whose `capabilities.bonus` is `LooksUpByKey` has `SupportsLookUp` too.
    """

    @property
    def capabilities(self) -> BillingCapabilities:
        """What it offers, and the nature of `grant_bonus`; no I/O."""

    def boletos(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Boleto, ...]:
        """The boletos of a customer, in whatever state; `Temporary` if it cannot tell by the deadline."""

    def invoices(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Invoice, ...]:
        """The fiscal invoices of a customer; `Temporary` if it cannot tell by the deadline."""

    def issue_boleto(self, request: BoletoRequest, /) -> IssuedBoleto:
        """Issue or fetch one boleto as it stands now. It may be asked for twice.

        Raises:
            Temporary: not now.
            Permanent: it cannot be had, with a code and never a sentence.
        """

    def issue_invoice(self, request: InvoiceRequest, /) -> IssuedInvoice:
        """Fetch one fiscal invoice as it stands now. It may be asked for twice. Raises as `issue_boleto`."""

    def grant_bonus(self, request: BonusRequest, /) -> str:
        """Grant a bonus and give the billing side's id for it.

        May be called by several threads or tasks at once.

        Raises:
            Temporary: certainly not granted, so it will be tried again.
            Permanent: refused, with a code and never a sentence.
            OutcomeUnknown: may have been granted. So does anything else that is raised.
        """


class AsyncBilling(Protocol):
    """Knows boletos and fiscal invoices, and grants bonuses."""

    @property
    def capabilities(self) -> BillingCapabilities:
        """What it offers, and the nature of `grant_bonus`; no I/O."""

    async def boletos(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Boleto, ...]:
        """As `Billing.boletos`."""

    async def invoices(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Invoice, ...]:
        """As `Billing.invoices`."""

    async def issue_boleto(self, request: BoletoRequest, /) -> IssuedBoleto:
        """As `Billing.issue_boleto`."""

    async def issue_invoice(self, request: InvoiceRequest, /) -> IssuedInvoice:
        """As `Billing.issue_invoice`."""

    async def grant_bonus(self, request: BonusRequest, /) -> str:
        """As `Billing.grant_bonus`."""
