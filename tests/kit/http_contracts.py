"""A fake contracts side, a contracts adapter that is right, and the suite over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chatcore.br import parse_phone
from chatcore.entities import Contract, ContractsCapabilities, Customer, Nature, RepeatsByKey
from chatcore.errors import Permanent
from chatcore.testing.suites import ContractsSuite, Opened
from chatcore.vocabulary import ContractId, ContractStatus, CustomerId, Priority, Private
from tests.kit.outsides import ROWS, Adapter, Outside, OverHttp

__all__ = ["Clients", "HttpContracts", "HttpContractsSuite"]


class Clients(Outside):
    """A fake contracts side: texts alone, numbers as somebody typed them."""

    def __init__(self, nature: Nature | None) -> None:
        super().__init__(nature, "so")
        self.clients: dict[str, dict[str, Any]] = {}

    def put(
        self, customer: Customer, phones: Sequence[str], document: Any, contracts: Sequence[Contract]
    ) -> None:
        """Know a client."""
        self.clients[customer.id] = {
            "id": customer.id,
            "name": customer.name.reveal(),
            "phones": list(phones),
            "document": None if document is None else document.reveal(),
            "contracts": [{"id": each.id, "status": each.status.value} for each in contracts],
        }

    def on_clients(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The clients, a page."""
        rows = list(self.clients.values())
        return rows[body["page"] * ROWS : (body["page"] + 1) * ROWS]

    def on_contracts(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The contracts of a client, a page of ten."""
        client = self.clients.get(body["client"], {"contracts": []})
        return client["contracts"][body["page"] * 10 : (body["page"] + 1) * 10]

    def on_order(self, body: dict[str, Any]) -> dict[str, Any]:
        """Open an order."""
        return self.write(body)

    @property
    def opened(self) -> list[Opened]:
        """The orders."""
        return [
            Opened(
                reference=each["id"],
                customer=each["client"],
                contract=each["contract"],
                type=each["type"],
                text=each["text"],
                priority=list(Priority)[each["priority"] - 1],
                schedule=None if each["at_time"] is None else datetime.fromisoformat(each["at_time"]),
            )
            for each in self.done
        ]


class HttpContracts(Adapter):
    """A contracts adapter that is right."""

    offers = ContractsCapabilities(orders=RepeatsByKey(timedelta(days=1)), transcripts=True)

    def find(self, query: Any, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        """The customers that fit."""
        if query.key not in self.offers.finds_by:
            raise Permanent("not_offered")
        found: list[Customer] = []
        page = 0
        while rows := self.line.read("clients", {"page": page}, deadline):
            found += [self.customer(row) for row in rows if self.fits(row, query)]
            page += 1
        return tuple(found[:limit])

    def customer(self, row: dict[str, Any]) -> Customer:
        """A customer of a row."""
        return Customer(id=CustomerId(row["id"]), name=Private(row["name"]))

    def fits(self, row: dict[str, Any], query: Any) -> bool:
        """Whether somebody is meant."""
        if query.phone is not None:
            return query.phone in [parse_phone(phone) for phone in row["phones"]]
        if query.document is not None:
            return row["document"] == query.document.reveal()
        return query.name.reveal().lower() in row["name"].lower()

    def contracts(self, customers: Any, /, *, deadline: datetime) -> Mapping[CustomerId, tuple[Contract, ...]]:
        """The contracts of each."""
        return {customer: tuple(self.theirs(customer, deadline)) for customer in customers}

    def theirs(self, customer: CustomerId, deadline: datetime) -> list[Contract]:
        """The contracts of one."""
        found: list[Contract] = []
        page = 0
        while rows := self.line.read("contracts", {"client": customer, "page": page}, deadline):
            found += [self.contract(customer, row) for row in rows]
            page += 1
        return found

    def contract(self, customer: CustomerId, row: dict[str, Any]) -> Contract:
        """A contract of a row."""
        status = ContractStatus(row["status"])
        return Contract(id=ContractId(row["id"]), customer=customer, status=status, as_of=self.line.now())

    def open_order(self, request: Any, /) -> str:
        """Open an order."""
        if self.offers.orders is None or (request.transcript is not None and not self.offers.transcripts):
            raise Permanent("not_offered")
        return self.line.write("order", self.order(request), request.deadline)["id"]

    def order(self, request: Any) -> dict[str, Any]:
        """What the outside is asked."""
        lines = () if request.transcript is None else request.transcript.lines
        parts = (request.subject, request.description, *(line.text for line in lines))
        return {
            "key": request.key,
            "client": request.customer,
            "contract": request.contract,
            "type": request.type,
            "text": "\n".join([request.protocol, *(part.reveal() for part in parts)]),
            "priority": list(Priority).index(request.priority) + 1,
            "at_time": None if request.schedule is None else request.schedule.isoformat(),
        }


class HttpContractsSuite(OverHttp, ContractsSuite):
    """The contracts suite over an adapter of these."""

    adapter = HttpContracts
    outside = Clients
    written = "orders"

    def stock(self, adapter: Any, customer: Customer, /, *, phones: Any, document: Any, contracts: Any) -> None:
        """Know a client."""
        adapter.outside.put(customer, phones, document, contracts)

    def opened(self, adapter: Any, /) -> list[Opened]:
        """What was opened."""
        return adapter.outside.opened
