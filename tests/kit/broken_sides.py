"""Broken adapters of contracts and of billing, each wrong in one way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from chatcore.br import Money
from chatcore.entities import (
    AtMostOnce,
    Attachment,
    BillingCapabilities,
    Boleto,
    Contract,
    ContractsCapabilities,
    Customer,
    Invoice,
    IssuedBoleto,
    IssuedInvoice,
    LooksUpByKey,
)
from chatcore.errors import OutcomeUnknown, Permanent, Temporary
from chatcore.vocabulary import (
    BoletoForm,
    BoletoId,
    BonusKind,
    ContractStatus,
    CustomerId,
    CustomerKey,
    Priority,
)
from tests.kit.http_billing import HttpBilling, HttpBillingSuite
from tests.kit.http_contracts import HttpContracts, HttpContractsSuite
from tests.kit.outsides import Line, broken
from tests.kit.storages import others_come_in

__all__ = ["BROKEN"]


# --- finding customers ----------------------------------------------------------------------------------------


class FindsBeyondTheLimit(HttpContracts):
    """It answers all customers it finds, whatever the limit."""

    def find(self, query: Any, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        return super().find(query, limit=10**6, deadline=deadline)


class FindsOneOnly(HttpContracts):
    """It answers the first customer with a number, though others share it."""

    def find(self, query: Any, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        return super().find(query, limit=1, deadline=deadline)


class FindsOncePerNumber(HttpContracts):
    """A customer whose number stands there twice is found twice."""

    def find(self, query: Any, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        found = super().find(query, limit=limit, deadline=deadline)
        counts = {id: len(row["phones"]) for id, row in self.outside.clients.items()}
        return tuple(each for each in found for _ in range(counts[each.id] or 1))[:limit]


class FindsInAList(HttpContracts):
    """It answers a list."""

    def find(self, query: Any, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        return list(super().find(query, limit=limit, deadline=deadline))  # type: ignore[return-value]


class FindsRows(HttpContracts):
    """It answers the outside's rows, as they are."""

    def customer(self, row: dict[str, Any]) -> Customer:
        return row  # type: ignore[return-value]


class ComparesNumbersAsTyped(HttpContracts):
    """It compares the digits of numbers, so that one held without its country or ninth digit is not found."""

    def fits(self, row: dict[str, Any], query: Any) -> bool:
        if query.phone is None:
            return super().fits(row, query)
        digits = [re.sub("[^0-9]", "", phone) for phone in row["phones"]]
        return query.phone.reveal()[1:] in digits


class ComparesLastDigits(HttpContracts):
    """It compares the last eight digits of numbers, whatever the area."""

    def fits(self, row: dict[str, Any], query: Any) -> bool:
        if query.phone is None:
            return super().fits(row, query)
        digits = [re.sub("[^0-9]", "", phone) for phone in row["phones"]]
        return any(each.endswith(query.phone.reveal()[-8:]) for each in digits)


class ReadsDocumentsAsDigits(HttpContracts):
    """It drops the letters of documents, which the new CNPJ has."""

    def fits(self, row: dict[str, Any], query: Any) -> bool:
        if query.document is None:
            return super().fits(row, query)
        return row["document"] == re.sub("[^0-9]", "", query.document.reveal())


class AwayIsNobody(HttpContracts):
    """A search that fails answers that there is nobody."""

    def find(self, query: Any, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        try:
            return super().find(query, limit=limit, deadline=deadline)
        except Temporary:
            return ()


class FindsByNothing(HttpContracts):
    """Asked for by a key it does not find by, it answers that there is nobody."""

    offers = ContractsCapabilities(finds_by=(CustomerKey.PHONE,))

    def find(self, query: Any, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        if query.phone is None:
            return ()
        return super().find(query, limit=limit, deadline=deadline)


# --- contracts ------------------------------------------------------------------------------------------------


class UnknownCustomerRaises(HttpContracts):
    """A customer nobody knows is a KeyError for all that were asked for with them."""

    def theirs(self, customer: CustomerId, deadline: datetime) -> list[Contract]:
        self.outside.clients[customer]
        return super().theirs(customer, deadline)


class AnswersADefaultdict(HttpContracts):
    """It answers what it goes on writing into."""

    def contracts(self, customers: Any, /, *, deadline: datetime) -> Mapping[CustomerId, tuple[Contract, ...]]:
        held = self.__dict__.setdefault("held", defaultdict(tuple))
        held.update(super().contracts(customers, deadline=deadline))
        return held


class AnswersLists(HttpContracts):
    """It answers a list of contracts for each customer."""

    def contracts(self, customers: Any, /, *, deadline: datetime) -> Mapping[CustomerId, tuple[Contract, ...]]:
        told = super().contracts(customers, deadline=deadline)
        return {id: list(theirs) for id, theirs in told.items()}  # type: ignore[misc]


class FirstPageOfContracts(HttpContracts):
    """It reads the first page of a customer's contracts."""

    def theirs(self, customer: CustomerId, deadline: datetime) -> list[Contract]:
        return super().theirs(customer, deadline)[:10]


class FirstTenCustomers(HttpContracts):
    """Asked for many customers at once it tells of the first ten."""

    def contracts(self, customers: Any, /, *, deadline: datetime) -> Mapping[CustomerId, tuple[Contract, ...]]:
        return super().contracts(list(customers)[:10], deadline=deadline)


class LeavesOutCancelled(HttpContracts):
    """Cancelled contracts are left out."""

    def theirs(self, customer: CustomerId, deadline: datetime) -> list[Contract]:
        return [
            each for each in super().theirs(customer, deadline) if each.status is not ContractStatus.CANCELLED
        ]


class BlockedIsActive(HttpContracts):
    """A status it does not know is taken for active: it forgot the blocked ones."""

    def contract(self, customer: CustomerId, row: dict[str, Any]) -> Contract:
        known = {"active": ContractStatus.ACTIVE, "cancelled": ContractStatus.CANCELLED}
        told = super().contract(customer, row)
        return attrs.evolve(told, status=known.get(row["status"], ContractStatus.ACTIVE))


class TellsAnothersContracts(HttpContracts):
    """With several customers at once it tells each the contracts of the first."""

    def contracts(self, customers: Any, /, *, deadline: datetime) -> Mapping[CustomerId, tuple[Contract, ...]]:
        told = super().contracts(customers, deadline=deadline)
        first = next(iter(told.values()), ())
        return dict.fromkeys(told, first)


class AwayIsNoContract(HttpContracts):
    """Contracts that cannot be read are told as none."""

    def theirs(self, customer: CustomerId, deadline: datetime) -> list[Contract]:
        try:
            return super().theirs(customer, deadline)
        except Temporary:
            return []


class ReadAtNoZone(HttpContracts):
    """It says when it read in a naive moment."""

    def contract(self, customer: CustomerId, row: dict[str, Any]) -> Contract:
        return attrs.evolve(super().contract(customer, row), as_of=self.line.now().replace(tzinfo=None))


class OldIsNew(HttpContracts):
    """It keeps what it read, and says that it was read just now."""

    def theirs(self, customer: CustomerId, deadline: datetime) -> list[Contract]:
        held = self.__dict__.setdefault("held", {})
        if customer not in held:
            held[customer] = super().theirs(customer, deadline)
        return [attrs.evolve(each, as_of=self.line.now()) for each in held[customer]]


# --- service orders -------------------------------------------------------------------------------------------


class _LostIsTemporary(Line):
    def write(self, what: str, body: Mapping[str, Any], deadline: datetime) -> Any:
        return self.asked(what, body, deadline, Temporary)


class OpensAndSaysNotDone(HttpContracts):
    """Whatever goes wrong on the line is Temporary, though the order may be open."""

    line_class = _LostIsTemporary


class OpensByProtocol(HttpContracts):
    """It gives the outside the conversation's protocol as the key, so that each has one order at most."""

    def order(self, request: Any) -> dict[str, Any]:
        return super().order(request) | {"key": request.protocol}


class OpensWhatIsNotOffered(HttpContracts):
    """It declares no service orders, and opens them."""

    offers = ContractsCapabilities()

    def open_order(self, request: Any, /) -> str:
        return self.line.write("order", self.order(request), request.deadline)["id"]


class OpensForFirstContract(HttpContracts):
    """An order for no contract goes to the first one of the customer."""

    def order(self, request: Any) -> dict[str, Any]:
        order = super().order(request)
        theirs = self.outside.clients.get(request.customer, {"contracts": []})["contracts"]
        return order | ({"contract": theirs[0]["id"]} if request.contract is None and theirs else {})


class OpensForNone(HttpContracts):
    """An order for no customer goes to the customer called None."""

    def order(self, request: Any) -> dict[str, Any]:
        return super().order(request) | {"client": str(request.customer)}


class DropsSchedule(HttpContracts):
    """It does not say when somebody is to come."""

    def order(self, request: Any) -> dict[str, Any]:
        return super().order(request) | {"at_time": None}


class SchedulesWithoutZone(HttpContracts):
    """It writes down the moment of UTC without its zone, for people in another."""

    def order(self, request: Any) -> dict[str, Any]:
        if request.schedule is None:
            return super().order(request)
        local = request.schedule.replace(tzinfo=None)
        return super().order(request) | {"at_time": f"{local.isoformat()}-03:00"}


class UrgentIsHigh(HttpContracts):
    """It knows three priorities of the four."""

    def order(self, request: Any) -> dict[str, Any]:
        order = super().order(request)
        return order | {"priority": min(order["priority"], list(Priority).index(Priority.HIGH) + 1)}


class OneTypeOfOrder(HttpContracts):
    """It opens every order as one of the type of its settings."""

    def order(self, request: Any) -> dict[str, Any]:
        return super().order(request) | {"type": "other"}


class CutsDescription(HttpContracts):
    """It writes the subject on an order, and of the rest what fits on a line."""

    def order(self, request: Any) -> dict[str, Any]:
        order = super().order(request)
        return order | {"text": order["text"][:80]}


class DropsTranscript(HttpContracts):
    """It declares transcripts, and leaves them out."""

    def order(self, request: Any) -> dict[str, Any]:
        return super().order(attrs.evolve(request, transcript=None))


class OpensWithoutTranscript(HttpContracts):
    """It declares no transcripts, and opens an order with one without it."""

    offers = ContractsCapabilities(orders=AtMostOnce())

    def open_order(self, request: Any, /) -> str:
        return super().open_order(attrs.evolve(request, transcript=None))


# --- boletos and invoices -------------------------------------------------------------------------------------


def _cents(text: str) -> Money:
    return Money(int(float(text) * 100))


class AmountsAsFloats(HttpBilling):
    """It turns amounts into cents by way of a float."""

    def boleto(self, row: dict[str, Any]) -> Boleto:
        return attrs.evolve(super().boleto(row), amount=_cents(row["amount"]))


class InvoiceAmountsAsFloats(HttpBilling):
    """It turns the amounts of invoices into cents by way of a float."""

    def invoice(self, row: dict[str, Any]) -> Invoice:
        return attrs.evolve(super().invoice(row), amount=_cents(row["amount"]))


class LeavesOutPaid(HttpBilling):
    """It tells of boletos that are to be paid only."""

    def boletos(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Boleto, ...]:
        told = super().boletos(customer, deadline=deadline)
        return tuple(each for each in told if each.label == "open")


class TrustsTheLabel(HttpBilling):
    """It passes on the label and not when and what was paid."""

    def boleto(self, row: dict[str, Any]) -> Boleto:
        return attrs.evolve(super().boleto(row), paid_on=None, paid=None)


class DueAtAnHour(HttpBilling):
    """It gives the due date as a naive moment."""

    def boleto(self, row: dict[str, Any]) -> Boleto:
        boleto = super().boleto(row)
        midnight = datetime.min.time()
        return attrs.evolve(boleto, due=boleto.due and datetime.combine(boleto.due, midnight))


class TellsNeighbours(HttpBilling):
    """It tells all that a search by the beginning of a customer's id brings."""

    def rows(self, what: str, customer: CustomerId, deadline: datetime) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while rows := self.line.read(what, {"client": customer, "page": len(found) // 50}, deadline):
            found += [row | {"client": customer} for row in rows]
            if len(found) % 50:
                break
        return found


class FirstPageOfBoletos(HttpBilling):
    """It reads the first page of a customer's boletos and invoices."""

    def rows(self, what: str, customer: CustomerId, deadline: datetime) -> list[dict[str, Any]]:
        return super().rows(what, customer, deadline)[:50]


class AwayOwesNothing(HttpBilling):
    """Boletos that cannot be read are told as none."""

    def rows(self, what: str, customer: CustomerId, deadline: datetime) -> list[dict[str, Any]]:
        try:
            return super().rows(what, customer, deadline)
        except Temporary:
            return []


class AnswersAList(HttpBilling):
    """It answers a list of boletos."""

    def boletos(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Boleto, ...]:
        return list(super().boletos(customer, deadline=deadline))  # type: ignore[return-value]


class NumbersAreNumbers(HttpBilling):
    """It reads an invoice's number as a number, and loses the zeros before it."""

    def invoice(self, row: dict[str, Any]) -> Invoice:
        return attrs.evolve(super().invoice(row), number=str(int(row["number"])))


class LeavesOutCancelledInvoices(HttpBilling):
    """Cancelled invoices are left out."""

    def invoices(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Invoice, ...]:
        told = super().invoices(customer, deadline=deadline)
        return tuple(each for each in told if not each.cancelled)


class IssuesWhatWasListed(HttpBilling):
    """It issues a boleto as it stood when it was first issued."""

    def own(self, what: str, id: str, request: Any) -> dict[str, Any]:
        held = self.__dict__.setdefault("held", {})
        if id not in held:
            held[id] = super().own(what, id, request)
        return held[id]


class IssuesAnybodys(HttpBilling):
    """It issues by the boleto's id alone, whoever asks."""

    def own(self, what: str, id: str, request: Any) -> dict[str, Any]:
        row: dict[str, Any] = self.line.read(what, {"id": id}, request.deadline)
        return row


class IssuesAnew(HttpBilling):
    """A second copy of a boleto is a new boleto."""

    def issue_boleto(self, request: Any, /) -> IssuedBoleto:
        issued = super().issue_boleto(request)
        self.copies = self.__dict__.get("copies", 0) + 1
        return attrs.evolve(issued, boleto=attrs.evolve(issued.boleto, id=BoletoId(f"copy-{self.copies}")))


class DropsTheDocument(HttpBilling):
    """It issues boletos without the document that was wanted."""

    def issue_boleto(self, request: Any, /) -> IssuedBoleto:
        return super().issue_boleto(attrs.evolve(request, document=False))


class SizeOfTheText(HttpBilling):
    """It gives the size of a document's base64 text, not that of its bytes."""

    def document(self, row: dict[str, Any]) -> Attachment:
        return attrs.evolve(super().document(row), size=len(row["document"]))


class AwayIsRefused(HttpBilling):
    """What cannot be issued now cannot be had at all."""

    def own(self, what: str, id: str, request: Any) -> dict[str, Any]:
        try:
            return super().own(what, id, request)
        except Temporary:
            raise Permanent("unavailable") from None


class NotTheirsIsAKeyError(HttpBilling):
    """It raises KeyError for a boleto that is not there."""

    def own(self, what: str, id: str, request: Any) -> dict[str, Any]:
        try:
            return super().own(what, id, request)
        except Permanent as error:
            raise KeyError(id) from error


class IssuesWhatIsNotOffered(HttpBilling):
    """It declares neither boletos nor invoices, and issues both."""

    offers = BillingCapabilities()

    def issue_boleto(self, request: Any, /) -> IssuedBoleto:
        return IssuedBoleto(self.boleto(self.own("slip", request.boleto, request)))


class FetchesWhatIsNotOffered(HttpBilling):
    """It declares no invoices, and gives them out."""

    offers = BillingCapabilities(boletos=tuple(BoletoForm))

    def issue_invoice(self, request: Any, /) -> IssuedInvoice:
        row = self.own("bill", request.invoice, request)
        return IssuedInvoice(self.invoice(row), self.document(row))


# --- bonuses --------------------------------------------------------------------------------------------------


class BonusByFloat(HttpBilling):
    """It gives the outside amounts that came through a float."""

    def bonus(self, request: Any) -> dict[str, Any]:
        bonus = super().bonus(request)
        if request.bonus.kind is BonusKind.DAYS:
            return bonus
        return bonus | {"value": str(int(float(bonus["value"]) * 100) / 100)}


class BonusWithoutKind(HttpBilling):
    """It grants every bonus as an amount: 5 days are R$ 5."""

    def bonus(self, request: Any) -> dict[str, Any]:
        return super().bonus(request) | {"kind": "amount"}


class GrantsAnyKind(HttpBilling):
    """It declares bonuses of days, and grants others too."""

    offers = BillingCapabilities(bonus=AtMostOnce(), bonus_kinds=(BonusKind.DAYS,))

    def grant_bonus(self, request: Any, /) -> str:
        return self.line.write("bonus", self.bonus(request), request.deadline)["id"]


class GrantsThisMonth(HttpBilling):
    """It grants for the month it is asked in."""

    def bonus(self, request: Any) -> dict[str, Any]:
        return super().bonus(request) | {"period": f"{self.line.now():%Y-%m}"}


class DropsJustification(HttpBilling):
    """It does not say why a bonus was granted."""

    def bonus(self, request: Any) -> dict[str, Any]:
        return super().bonus(request) | {"text": ""}


class KeyIsThePeriod(HttpBilling):
    """It gives the outside contract and period as the key: what was granted in them stands for all."""

    def bonus(self, request: Any) -> dict[str, Any]:
        return super().bonus(request) | {"key": f"{request.contract}:{request.period}"}


class GrantsTwice(HttpBilling):
    """Its client repeats what was not answered, to a side that knows no keys."""

    offers = BillingCapabilities(bonus=AtMostOnce())

    def grant_bonus(self, request: Any, /) -> str:
        try:
            return super().grant_bonus(request)
        except OutcomeUnknown:
            return super().grant_bonus(request)


class LooksUpNothing(HttpBilling):
    """It declares that bonuses can be looked up, and finds none."""

    offers = BillingCapabilities(boletos=tuple(BoletoForm), bonus=LooksUpByKey(timedelta(minutes=5)))

    def look_up(self, key: str, /) -> str | None:
        super().look_up(key)
        return None


class SharesTheAnswer(HttpBilling):
    """It keeps the answer on itself, where another thread replaces it."""

    def grant_bonus(self, request: Any, /) -> str:
        self.answer = super().grant_bonus(request)
        others_come_in()
        return self.answer


class HalfAsync(HttpBilling):
    """An async adapter whose `grant_bonus` is not."""

    forgotten = ("grant_bonus",)


BROKEN = broken(globals(), {HttpContracts: HttpContractsSuite, HttpBilling: HttpBillingSuite})
