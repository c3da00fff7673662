"""The billing side in memory: boletos and invoices as told, and bonuses that can be counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from chatcore.entities import (
    Attachment,
    BillingCapabilities,
    Boleto,
    Invoice,
    IssuedBoleto,
    IssuedInvoice,
    RepeatsByKey,
)
from chatcore.errors import Permanent
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.memory._writes import Writes
from chatcore.ports import BoletoRequest, BonusRequest, InvoiceRequest
from chatcore.vocabulary import BoletoForm, BoletoId, CustomerId, EffectId, InvoiceId

__all__ = ["MemoryBilling"]

_OFFERS = BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=RepeatsByKey(DELIVERY_DEADLINE))


class MemoryBilling:
    """A billing adapter that keeps what it is given, and behaves as the nature it declares.

    Bonuses are named ``bn-1``, ``bn-2`` and so on; `bonuses` are the requests that were met. How each nature
    behaves is told in `memory._writes`; `reports` brings what a nature that reports by key has to tell.
    """

    def __init__(
        self, capabilities: BillingCapabilities = _OFFERS, *, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._capabilities = capabilities
        self._lock = threading.Lock()
        self._boletos: dict[BoletoId, tuple[Boleto, Attachment | None]] = {}
        self._invoices: dict[InvoiceId, tuple[Invoice, Attachment | None]] = {}
        self._bonuses: Writes[BonusRequest] = Writes("bn", capabilities.bonus, clock)
        self.issued: list[BoletoRequest | InvoiceRequest] = []

    @property
    def capabilities(self) -> BillingCapabilities:
        """What it offers."""
        return self._capabilities

    @property
    def bonuses(self) -> list[BonusRequest]:
        """The bonuses granted, each as often as it was."""
        return self._bonuses.done

    def put(self, thing: Boleto | Invoice, document: Attachment | None = None) -> None:
        """Let there be a boleto or an invoice, with its document; or let it be as this from now on."""
        with self._lock:
            if isinstance(thing, Boleto):
                self._boletos[thing.id] = thing, document
            else:
                self._invoices[thing.id] = thing, document

    def boletos(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Boleto, ...]:
        """The boletos of a customer."""
        with self._lock:
            return tuple(boleto for boleto, _ in self._boletos.values() if boleto.customer == customer)

    def invoices(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Invoice, ...]:
        """The fiscal invoices of a customer."""
        with self._lock:
            return tuple(invoice for invoice, _ in self._invoices.values() if invoice.customer == customer)

    def issue_boleto(self, request: BoletoRequest, /) -> IssuedBoleto:
        """The boleto as it stands, with its document if that is wanted.

        Raises:
            Permanent: the customer has no such boleto, or none is issued here. Rule: B4.
        """
        if not self._capabilities.boletos:
            raise Permanent("not_offered")
        with self._lock:
            self.issued.append(request)
            boleto, document = self._boletos.get(request.boleto, (None, None))
        if boleto is None or boleto.customer != request.customer:
            raise Permanent("no_such_boleto")
        return IssuedBoleto(boleto, document if request.document else None)

    def issue_invoice(self, request: InvoiceRequest, /) -> IssuedInvoice:
        """The fiscal invoice as it stands, with its document.

        Raises:
            Permanent: the customer has no such invoice, it has no document, or none is issued here. Rule: B7.
        """
        if not self._capabilities.invoices:
            raise Permanent("not_offered")
        with self._lock:
            self.issued.append(request)
            invoice, document = self._invoices.get(request.invoice, (None, None))
        if invoice is None or document is None or invoice.customer != request.customer:
            raise Permanent("no_such_invoice")
        return IssuedInvoice(invoice, document)

    def grant_bonus(self, request: BonusRequest, /) -> str:
        """Grant a bonus.

        Raises:
            Permanent: none is granted here, or none of this kind. Rule: B8.
        """
        if request.bonus.kind not in self._capabilities.bonus_kinds:
            raise Permanent("not_offered")
        return self._bonuses.write(request.key, request)

    def look_up(self, key: EffectId, /) -> str | None:
        """The id of the bonus granted with this key."""
        return self._bonuses.look_up(key)

    def reports(self) -> tuple[tuple[EffectId, str], ...]:
        """The key and the id of each bonus granted since the last call, if bonuses are reported by key."""
        return self._bonuses.reports()
