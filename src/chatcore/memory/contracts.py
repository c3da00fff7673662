"""The contracts side in memory: customers and contracts as told, and service orders that can be counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from chatcore.br import TaxId, parse_phone
from chatcore.entities import Contract, ContractsCapabilities, Customer, RepeatsByKey
from chatcore.errors import InvalidValue, Permanent
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.memory._writes import Writes
from chatcore.ports import CustomerQuery, ServiceOrderRequest
from chatcore.text import fold
from chatcore.vocabulary import CustomerId, EffectId

__all__ = ["MemoryContracts"]

_OFFERS = ContractsCapabilities(orders=RepeatsByKey(DELIVERY_DEADLINE), transcripts=True)


class MemoryContracts:
    """A contracts adapter that keeps what it is given, and behaves as the nature it declares.

    Orders are numbered ``so-1``, ``so-2`` and so on; `orders` are the requests that were met. How each nature
    behaves is told in `memory._writes`; `reports` brings what a nature that reports by key has to tell.
    """

    def __init__(
        self, capabilities: ContractsCapabilities = _OFFERS, *, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._capabilities = capabilities
        self._lock = threading.Lock()
        self._known: dict[CustomerId, tuple[Customer, tuple[str, ...], TaxId | None]] = {}
        self._contracts: dict[CustomerId, dict[str, Contract]] = {}
        self._orders: Writes[ServiceOrderRequest] = Writes("so", capabilities.orders, clock)

    @property
    def capabilities(self) -> ContractsCapabilities:
        """What it offers."""
        return self._capabilities

    @property
    def orders(self) -> list[ServiceOrderRequest]:
        """The orders opened, each as often as it was."""
        return self._orders.done

    def add(self, customer: Customer, *, phones: Collection[str] = (), document: TaxId | None = None) -> None:
        """Let there be a customer, found by these numbers, in any spelling, and by this document."""
        numbers = tuple(parse_phone(phone).reveal() for phone in phones)
        with self._lock:
            self._known[customer.id] = customer, numbers, document

    def put(self, contract: Contract) -> None:
        """Let there be a contract, or let it be as this from now on."""
        with self._lock:
            self._contracts.setdefault(contract.customer, {})[contract.id] = contract

    def find(self, query: CustomerQuery, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        """The customers that fit: all words of a name must begin words of theirs.

        Raises:
            Permanent: nobody is found by this key here. Rule: B2.
        """
        if query.key not in self._capabilities.finds_by:
            raise Permanent("not_offered")
        with self._lock:
            known = tuple(self._known.values())
        found = [customer for customer, phones, document in known if _fits(query, customer, phones, document)]
        return tuple(found[:limit])

    def contracts(
        self, customers: Collection[CustomerId], /, *, deadline: datetime
    ) -> Mapping[CustomerId, tuple[Contract, ...]]:
        """The contracts of these customers."""
        with self._lock:
            return {id: tuple(self._contracts.get(id, {}).values()) for id in customers}

    def open_order(self, request: ServiceOrderRequest, /) -> str:
        """Open a service order.

        Raises:
            Permanent: none is opened here, or none with a transcript. Rule: B12.
        """
        if request.transcript is not None and not self._capabilities.transcripts:
            raise Permanent("not_offered")
        return self._orders.write(request.key, request)

    def look_up(self, key: EffectId, /) -> str | None:
        """The number of the order opened with this key."""
        return self._orders.look_up(key)

    def reports(self) -> tuple[tuple[EffectId, str], ...]:
        """The key and the number of each order opened since the last call, if orders are reported by key."""
        return self._orders.reports()


def _fits(query: CustomerQuery, customer: Customer, phones: tuple[str, ...], document: TaxId | None) -> bool:
    if query.phone is not None:
        return query.phone.reveal() in phones
    if query.document is not None:
        return query.document == document
    if query.name is None:
        raise InvalidValue.of("query", "not_this_query")
    words, parts = fold(customer.name.reveal()).split(), fold(query.name.reveal()).split()
    return bool(parts) and all(any(word.startswith(part) for word in words) for part in parts)
