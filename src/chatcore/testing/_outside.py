"""What stands outside a world: its channel, its contracts side and its billing side, all in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from chatcore.commands import RecordResult
from chatcore.entities import BillingCapabilities, ContractsCapabilities, Nature
from chatcore.memory import MemoryBilling, MemoryContracts, MemoryMessaging, MemoryStorage
from chatcore.ports import BoletoRequest, BonusRequest, InvoiceRequest, Ports, SendRequest, ServiceOrderRequest
from chatcore.vocabulary import BoletoForm, ChannelKind

__all__ = ["Met", "Outside"]

_T = TypeVar("_T")

_Requests: TypeAlias = tuple[
    SendRequest | ServiceOrderRequest | BonusRequest | BoletoRequest | InvoiceRequest, ...
]


@attrs.frozen(slots=True)
class Met:
    """Everything that the outside was asked for and did, each in its order."""

    outbox: tuple[SendRequest, ...]
    orders: tuple[ServiceOrderRequest, ...]
    bonuses: tuple[BonusRequest, ...]
    issued: tuple[BoletoRequest | InvoiceRequest, ...]

    def changes_since(self, before: Met) -> Iterator[str]:
        """What is other than at an earlier moment, one thing a line."""
        for field in attrs.fields(Met):
            was: _Requests = getattr(before, field.name)
            now: _Requests = getattr(self, field.name)
            if now[: len(was)] != was:
                yield f"{field.name}: {len(was)} {_DONE[field.name]} before, {len(now)} now"
            else:
                yield from (f"{_DONE[field.name]}: {_what(each)}, for {each.key}" for each in now[len(was) :])


_DONE: Final = {"outbox": "sent", "orders": "opened", "bonuses": "granted", "issued": "issued"}


def _what(request: Any) -> str:
    """A request without anything personal."""
    if isinstance(request, SendRequest):
        return f"a message of kind {request.kind.name}"
    if isinstance(request, ServiceOrderRequest):
        return f"a service order of type {request.type!r}"
    if isinstance(request, BonusRequest):
        return f"a bonus for contract {request.contract!r} and period {request.period}"
    if isinstance(request, BoletoRequest):
        return f"boleto {request.boleto!r}"
    return f"invoice {request.invoice!r}"


class Outside:
    """The ports of a world but its storage.

    The contracts and the billing side are those given; or memory's own, by the world's clock, whose writes are
    of the nature given.
    """

    def __init__(
        self,
        messaging: MemoryMessaging | None,
        contracts: MemoryContracts | Nature | None,
        billing: MemoryBilling | Nature | None,
        clock: Callable[[], datetime],
    ) -> None:
        if messaging is None:
            messaging = MemoryMessaging()
        if contracts is None:
            contracts = MemoryContracts(clock=clock)
        elif isinstance(contracts, Nature):
            orders = ContractsCapabilities(orders=contracts, transcripts=True)
            contracts = MemoryContracts(orders, clock=clock)
        if billing is None:
            billing = MemoryBilling(clock=clock)
        elif isinstance(billing, Nature):
            offers = BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=billing)
            billing = MemoryBilling(offers, clock=clock)
        self.messaging: Final = _of(MemoryMessaging, messaging, "messaging")
        self.contracts: Final = _of(MemoryContracts, contracts, "contracts")
        self.billing: Final = _of(MemoryBilling, billing, "billing")

    def ports(self, storage: MemoryStorage) -> Ports:
        """The ports of a desk over this storage."""
        return Ports(
            storage=storage,
            messaging=dict.fromkeys(ChannelKind, self.messaging),
            contracts=self.contracts,
            billing=self.billing,
        )

    def met(self) -> Met:
        """What was asked for and done by now."""
        return Met(
            tuple(self.messaging.outbox),
            tuple(self.contracts.orders),
            tuple(self.billing.bonuses),
            tuple(self.billing.issued),
        )

    def reports(self) -> tuple[RecordResult, ...]:
        """What sides that report by key have to report since they were last asked."""
        told = (*self.contracts.reports(), *self.billing.reports())
        return tuple(RecordResult(effect=key, applied=True, reference=reference) for key, reference in told)


def _of(kind: type[_T], port: object, name: str) -> _T:
    """A port that is what it must be.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(port, kind):
        raise TypeError(f"{name} is a {kind.__name__}, or of a subclass of it{_OR.get(name, '')}")
    return port


_OR: Final = dict.fromkeys(("contracts", "billing"), "; or a nature, as RepeatsByKey")
