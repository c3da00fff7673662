"""A fake billing side, a billing adapter that is right, and the suite over it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from chatcore.br import parse_money
from chatcore.entities import (
    Attachment,
    BillingCapabilities,
    Boleto,
    Bonus,
    Invoice,
    IssuedBoleto,
    IssuedInvoice,
    Nature,
    RepeatsByKey,
)
from chatcore.errors import Permanent
from chatcore.testing.suites import BillingSuite, Granted
from chatcore.vocabulary import (
    BoletoForm,
    BoletoId,
    BoletoState,
    BonusKind,
    CustomerId,
    InvoiceId,
    InvoiceModel,
    Private,
)
from tests.kit.outsides import ROWS, Adapter, Outside, OverHttp, Refusal

__all__ = ["Accounts", "HttpBilling", "HttpBillingSuite"]


class Accounts(Outside):
    """A fake billing side: amounts as numbers with two places, ids as texts."""

    def __init__(self, nature: Nature | None) -> None:
        super().__init__(nature, "bn")
        self.slips: dict[str, dict[str, Any]] = {}
        self.bills: dict[str, dict[str, Any]] = {}
        self.documents: dict[str, bytes] = {}

    def put(self, thing: Boleto | Invoice, document: bytes | None) -> None:
        """Have a boleto or an invoice."""
        row = {
            "id": thing.id,
            "client": thing.customer,
            "contract": thing.contract,
            "amount": str(thing.amount),
            "has_document": document is not None,
        }
        if document is not None:
            self.documents[thing.id] = document
        if isinstance(thing, Boleto):
            self.slips[thing.id] = row | {
                "due": None if thing.due is None else thing.due.isoformat(),
                "label": thing.label.value,
                "paid_on": None if thing.paid_on is None else thing.paid_on.isoformat(),
                "paid": None if thing.paid is None else str(thing.paid),
                "line": thing.line,
                "pix": None if thing.pix is None else thing.pix.reveal(),
            }
        else:
            self.bills[thing.id] = row | {
                "model": thing.model.value,
                "number": thing.number,
                "series": thing.series,
                "issued_on": thing.issued_on.isoformat(),
                "access_key": thing.access_key,
                "cancelled": thing.cancelled,
            }

    def on_slips(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The slips of a client, a page."""
        return self._page(self.slips, body)

    def on_bills(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The bills of a client, a page."""
        return self._page(self.bills, body)

    def _page(self, rows: dict[str, dict[str, Any]], body: dict[str, Any]) -> list[dict[str, Any]]:
        theirs = [row for row in rows.values() if row["client"].startswith(body["client"])]
        return theirs[body["page"] * ROWS : (body["page"] + 1) * ROWS]

    def on_slip(self, body: dict[str, Any]) -> dict[str, Any]:
        """One slip."""
        return self._one(self.slips, body)

    def on_bill(self, body: dict[str, Any]) -> dict[str, Any]:
        """One bill."""
        return self._one(self.bills, body)

    def _one(self, rows: dict[str, dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
        if body["id"] not in rows:
            raise Refusal("404")
        document = self.documents.get(body["id"])
        content = None if document is None else base64.b64encode(document).decode()
        return rows[body["id"]] | {"document": content}

    def on_bonus(self, body: dict[str, Any]) -> dict[str, Any]:
        """Grant a bonus."""
        return self.write(body)

    @property
    def granted(self) -> list[Granted]:
        """The bonuses."""
        make: dict[str, Callable[[str], Bonus]] = {
            BonusKind.AMOUNT: Bonus.amount,
            BonusKind.PERCENT: Bonus.percent,
            BonusKind.DAYS: lambda days: Bonus.days(int(days)),
        }
        return [
            Granted(
                reference=each["id"],
                customer=each["client"],
                contract=each["contract"],
                bonus=make[each["kind"]](each["value"]),
                period=each["period"],
                text=each["text"],
            )
            for each in self.done
        ]


class HttpBilling(Adapter):
    """A billing adapter that is right."""

    offers = BillingCapabilities(
        boletos=tuple(BoletoForm), invoices=True, bonus=RepeatsByKey(timedelta(days=1))
    )

    def boletos(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Boleto, ...]:
        """The boletos of a customer."""
        return tuple(self.boleto(row) for row in self.rows("slips", customer, deadline))

    def invoices(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Invoice, ...]:
        """The invoices of a customer."""
        return tuple(self.invoice(row) for row in self.rows("bills", customer, deadline))

    def rows(self, what: str, customer: CustomerId, deadline: datetime) -> list[dict[str, Any]]:
        """All rows of a customer; the outside searches by how an id begins."""
        found: list[dict[str, Any]] = []
        page = 0
        while rows := self.line.read(what, {"client": customer, "page": page}, deadline):
            found += [row for row in rows if row["client"] == customer]
            page += 1
        return found

    def boleto(self, row: dict[str, Any]) -> Boleto:
        """A boleto of a row."""
        return Boleto(
            id=BoletoId(row["id"]),
            customer=CustomerId(row["client"]),
            contract=row["contract"],
            amount=parse_money(row["amount"]),
            due=_day(row["due"]),
            label=BoletoState(row["label"]),
            paid_on=_day(row["paid_on"]),
            paid=None if row["paid"] is None else parse_money(row["paid"]),
            line=row["line"],
            pix=None if row["pix"] is None else Private(row["pix"]),
            document=row["has_document"],
        )

    def invoice(self, row: dict[str, Any]) -> Invoice:
        """An invoice of a row."""
        return Invoice(
            id=InvoiceId(row["id"]),
            customer=CustomerId(row["client"]),
            contract=row["contract"],
            amount=parse_money(row["amount"]),
            model=InvoiceModel(row["model"]),
            number=row["number"],
            series=row["series"],
            issued_on=date.fromisoformat(row["issued_on"]),
            access_key=row["access_key"],
            cancelled=row["cancelled"],
        )

    def issue_boleto(self, request: Any, /) -> IssuedBoleto:
        """Issue a boleto."""
        if not self.offers.boletos:
            raise Permanent("not_offered")
        row = self.own("slip", request.boleto, request)
        wanted = request.document and row["document"] is not None
        return IssuedBoleto(self.boleto(row), self.document(row) if wanted else None)

    def issue_invoice(self, request: Any, /) -> IssuedInvoice:
        """Fetch an invoice."""
        if not self.offers.invoices:
            raise Permanent("not_offered")
        row = self.own("bill", request.invoice, request)
        return IssuedInvoice(self.invoice(row), self.document(row))

    def own(self, what: str, id: str, request: Any) -> dict[str, Any]:
        """One row, if it is the customer's."""
        row: dict[str, Any] = self.line.read(what, {"id": id}, request.deadline)
        if row["client"] != request.customer:
            raise Permanent("not_theirs")
        return row

    def document(self, row: dict[str, Any]) -> Attachment:
        """The document of a row, kept."""
        content = base64.b64decode(row["document"])
        hashed = hashlib.sha256(content).hexdigest()
        return Attachment(key=hashed, mime="application/pdf", size=len(content), sha256=hashed)

    def grant_bonus(self, request: Any, /) -> str:
        """Grant a bonus."""
        if self.offers.bonus is None or request.bonus.kind not in self.offers.bonus_kinds:
            raise Permanent("not_offered")
        return self.line.write("bonus", self.bonus(request), request.deadline)["id"]

    def bonus(self, request: Any) -> dict[str, Any]:
        """What the outside is asked."""
        return {
            "key": request.key,
            "client": request.customer,
            "contract": request.contract,
            "kind": request.bonus.kind.value,
            "value": str(request.bonus.value),
            "period": request.period,
            "text": request.justification.reveal(),
        }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


class HttpBillingSuite(OverHttp, BillingSuite):
    """The billing suite over an adapter of these."""

    adapter = HttpBilling
    outside = Accounts
    written = "bonus"

    def stock(self, adapter: Any, thing: Boleto | Invoice, document: bytes | None, /) -> None:
        """Have a boleto or an invoice."""
        adapter.outside.put(thing, document)

    def granted(self, adapter: Any, /) -> list[Granted]:
        """What was granted."""
        return adapter.outside.granted
