"""Tests of what is owed: boletos and fiscal invoices are whole, exact, fresh, and the customer's own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final

import attrs
import pytest

from chatcore.br import Money
from chatcore.entities import (
    Attachment,
    Boleto,
    Invoice,
    IssuedBoleto,
    IssuedInvoice,
)
from chatcore.errors import OutcomeUnknown, Permanent
from chatcore.ports import BoletoRequest, InvoiceRequest
from chatcore.testing.suites._base import settled
from chatcore.testing.suites._natures import NatureSuite
from chatcore.testing.suites._writes import READS, D, Failing, told
from chatcore.vocabulary import (
    BoletoForm,
    BoletoId,
    BoletoState,
    ContractId,
    CustomerId,
    InvoiceId,
    InvoiceModel,
    Private,
)

__all__ = ["BillSuite"]

_LINE: Final = "00190.50095 40144.816069 06809.350314 3 37370000000100"
_PIX: Final = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
_FILE: Final = b"%PDF-1.4 a document of the suite's own \x00\xff"
_CENTS: Final = (1, 113, 435, 820, 1999, 113_013, 123_456_789_001)
"""Amounts that a float does not hold, of which some lose a cent on the way through one. Rule: B10."""


class BillSuite(NatureSuite[D]):
    """The part of the billing suite that is about boletos and invoices."""

    customer: ClassVar[CustomerId] = CustomerId("700001")
    other_customer: ClassVar[CustomerId] = CustomerId("700002")
    """Two customers that the outside knows, or takes for known."""
    contract: ClassVar[ContractId] = ContractId("800001")
    """A contract of the first one."""

    # --- what an author writes --------------------------------------------------------------------------------

    def stock(self, adapter: Any, thing: Boleto | Invoice, document: bytes | None, /) -> Any:
        """Let there be a boleto or an invoice, with its document, a PDF; or let it be like this from now on."""
        self._unwritten("stock", "let the outside have a boleto or an invoice, with its document")

    # --- a test's tools ---------------------------------------------------------------------------------------

    def _soon(self) -> datetime:
        return self.now() + timedelta(minutes=1)

    def _today(self) -> date:
        return self.now().date()

    def _boleto(self, *, stocked: bool = True, **changes: Any) -> Boleto:
        """A boleto of the customer's, with what the adapter says it can be sent as."""
        forms = self._raw.capabilities.boletos
        values: dict[str, Any] = {
            "id": BoletoId(self._number()),
            "customer": self.customer,
            "amount": Money(1999),
            "due": self._today() + timedelta(days=5),
            "contract": self.contract,
            "line": _LINE if BoletoForm.LINE in forms else None,
            "pix": Private(_PIX) if BoletoForm.PIX in forms else None,
            "document": BoletoForm.DOCUMENT in forms,
        }
        boleto = Boleto(**(values | changes))
        if stocked:
            self._stock(boleto)
        return boleto

    def _invoice(self, *, stocked: bool = True, **changes: Any) -> Invoice:
        values: dict[str, Any] = {
            "id": InvoiceId(self._number()),
            "customer": self.customer,
            "model": InvoiceModel.NF_21,
            "number": self._number(),
            "issued_on": date(2026, 3, 1),
            "amount": Money(1999),
            "contract": self.contract,
        }
        invoice = Invoice(**(values | changes))
        if stocked:
            self._stock(invoice)
        return invoice

    def _stock(self, thing: Boleto | Invoice) -> None:
        has_one = isinstance(thing, Invoice) or thing.document
        settled(self.stock(self._raw, thing, self._document_of(thing) if has_one else None))

    @staticmethod
    def _document_of(thing: Boleto | Invoice) -> bytes:
        return _FILE + thing.id.encode()

    def _told(self, port: Any, what: str, customer: CustomerId) -> dict[str, Any]:
        """The boletos or invoices that are told of a customer, by id."""
        kind = Boleto if what == "boletos" else Invoice
        told_of = self._read(lambda: getattr(port, what)(customer, deadline=self._soon()))
        assert type(told_of) is tuple, (
            f"{what} answers a tuple of {kind.__name__}, not {type(told_of).__name__}"
        )
        for each in told_of:
            assert type(each) is kind, f"{what} answers {kind.__name__} values, not {type(each).__name__}"
            assert each.customer == customer, (
                f"asked for customer {customer!r}, {what} told of {each.customer!r}"
            )
        by_id = {str(each.id): each for each in told_of}
        assert len(by_id) == len(told_of), f"{what} tells each one once, not {[each.id for each in told_of]}"
        return by_id

    def _only_invoicing(self, port: Any) -> None:
        if not self._capabilities(port).invoices:
            pytest.skip("capabilities.invoices is False")

    def _only_issuing(self, port: Any) -> None:
        if not self._capabilities(port).boletos:
            pytest.skip("capabilities.boletos is empty")

    def _alike(self, told_of: Boleto | Invoice, held: Boleto | Invoice) -> None:
        """Hold what is told against what the outside has."""
        wrong = []
        for field in attrs.fields(type(held)):
            if field.name != "label":
                is_, was = getattr(held, field.name), getattr(told_of, field.name)
                shown = (is_.reveal(), was and was.reveal()) if isinstance(is_, Private) else (is_, was)
                wrong += [f"{field.name} is {shown[1]!r}, not {shown[0]!r}"] if is_ != was else []
        if isinstance(held, Boleto) and isinstance(told_of, Boleto):
            is_state, state = held.state(self._today()), told_of.state(self._today())
            wrong += [f"it is {state}, not {is_state}"] if is_state is not state else []
        assert not wrong, f"not as the outside has it: {'; '.join(wrong)}"

    def _boleto_request(self, boleto: Boleto, customer: CustomerId | None = None) -> BoletoRequest:
        return BoletoRequest(
            key=self._key(),
            customer=customer or boleto.customer,
            boleto=boleto.id,
            document=boleto.document,
            deadline=self._soon(),
        )

    def _invoice_request(self, invoice: Invoice, customer: CustomerId | None = None) -> InvoiceRequest:
        return InvoiceRequest(
            key=self._key(), customer=customer or invoice.customer, invoice=invoice.id, deadline=self._soon()
        )

    def _had_not(self, call: Callable[[], object], why: str) -> None:
        """Ask for what cannot be had."""
        answer = self._patiently(call, self._soon())
        assert isinstance(answer, Permanent), f"{why}: raise Permanent; it gave {told(answer)}"
        self._check_error(answer)

    def _is_document(self, document: Attachment | None, thing: Boleto | Invoice) -> None:
        content = self._document_of(thing)
        assert type(document) is Attachment, f"its document was wanted, and can be had; it gave {document!r}"
        hashed = hashlib.sha256(content).hexdigest()
        assert (document.size, document.sha256) == (len(content), hashed), (
            f"of {len(content)} bytes, SHA-256 {hashed}, it says {document.size} bytes, {document.sha256}: "
            f"count and hash the bytes that were kept"
        )
        assert document.mime == "application/pdf", f"its document is a PDF, not {document.mime}"

    # --- boletos ----------------------------------------------------------------------------------------------

    def test_boletos_are_told_in_whatever_state(self) -> None:
        """Open, overdue, paid and cancelled ones, each as the outside has it. Rule: S13, B3.

        When this fails: the core decides what is sent; a paid boleto that is left out looks like one nobody
        ever had. A payment by its date or its value counts even where the label still says open.
        """
        port = self._sample()
        today = self._today()
        held = [
            self._boleto(),
            self._boleto(due=today - timedelta(days=40)),
            self._boleto(label=BoletoState.PAID, paid_on=today, paid=Money(1999)),
            self._boleto(paid_on=today - timedelta(days=1), paid=Money(2001)),
            self._boleto(label=BoletoState.CANCELLED),
        ]
        told_of = self._told(port, "boletos", self.customer)
        for each in held:
            assert each.id in told_of, f"a boleto that is {each.state(today)} was left out"
            self._alike(told_of[each.id], each)

    def test_amounts_are_exact_to_the_cent(self) -> None:
        """Of boletos and of invoices, the small and the large. Rule: B10.

        When this fails: no float on the way, nor a JSON reader that makes one (`parse_float=Decimal`). Read
        with `chatcore.br.parse_money`, which refuses what is not exact.
        """
        port = self._sample()
        boletos = [self._boleto(amount=Money(cents)) for cents in _CENTS]
        told_of = self._told(port, "boletos", self.customer)
        got = [told_of[each.id].amount.cents for each in boletos if each.id in told_of]
        assert got == list(_CENTS), f"the outside has {_CENTS} cents, boletos told {got}"
        if self._capabilities(port).invoices:
            invoices = [self._invoice(amount=Money(cents)) for cents in _CENTS]
            told_of = self._told(port, "invoices", self.customer)
            got = [told_of[each.id].amount.cents for each in invoices if each.id in told_of]
            assert got == list(_CENTS), f"the outside has {_CENTS} cents, invoices told {got}"

    @pytest.mark.parametrize("what", ["boletos", "invoices"])
    def test_each_customer_has_their_own(self, what: str) -> None:
        """Nobody sees another's, and who has none, or is nobody, has none: no error. Rule: S13, S14, B2.

        When this fails: ask the outside by the customer's id, whole, and do not trust a search that goes by
        how an id begins. An empty answer is an empty tuple.
        """
        port = self._sample()
        if what == "invoices":
            self._only_invoicing(port)
        put: Any = self._boleto if what == "boletos" else self._invoice
        mine, theirs = put(), put(customer=self.other_customer, contract=None)
        assert mine.id in self._told(port, what, self.customer), f"the customer's own of the {what} is missing"
        told_of = set(self._told(port, what, self.other_customer))
        assert told_of == {theirs.id}, f"the other customer has {theirs.id!r} alone, {what} told of {told_of}"
        for nobody in (f"{self.customer}9", self.customer[:-1]):
            told_of = set(self._told(port, what, CustomerId(nobody)))
            assert not told_of, f"nobody is called {nobody!r}, and {what} told of {told_of}"

    @pytest.mark.parametrize("what", ["boletos", "invoices"])
    def test_many_all_come(self, what: str) -> None:
        """Sixty of one customer are told, each once. Rule: S13, S14.

        When this fails: read on past the first page of the outside's answer, by a key that does not shift.
        """
        port = self._sample()
        if what == "invoices":
            self._only_invoicing(port)
        put: Any = self._boleto if what == "boletos" else self._invoice
        ids = {put().id for _ in range(60)}
        missing = ids - set(self._told(port, what, self.customer))
        assert not missing, f"of 60 {what} {len(missing)} are missing"

    def test_a_boleto_is_issued_as_it_stands(self) -> None:
        """The boleto asked for, with its document where wanted; by any key the same one. Rule: S13.

        When this fails: a second copy is the same boleto, never a new one. Give the document as it was kept.
        """
        port = self._sample()
        self._only_issuing(port)
        held = self._boleto()
        self._boleto()
        request = self._boleto_request(held)
        for again in (request, request, self._boleto_request(held)):
            issued = self._read(lambda again=again: port.issue_boleto(again))  # type: ignore[misc]
            assert type(issued) is IssuedBoleto, f"issue_boleto answers an IssuedBoleto, not {issued!r}"
            self._alike(issued.boleto, held)
            if request.document:
                self._is_document(issued.document, held)
        plain = self._read(lambda: port.issue_boleto(attrs.evolve(request, document=False)))
        self._alike(plain.boleto, held)

    def test_a_boleto_paid_meanwhile_is_not_issued_as_open(self) -> None:
        """As it stands now, not as it was listed: paid, or refused with `Permanent`. Rule: B3, S13.

        When this fails: read it anew when it is issued; what was listed a minute ago may have been paid.
        """
        port = self._sample()
        self._only_issuing(port)
        held = self._boleto()
        self._told(port, "boletos", self.customer)
        self._read(lambda: port.issue_boleto(self._boleto_request(held)))
        paid = attrs.evolve(held, label=BoletoState.PAID, paid_on=self._today(), paid=held.amount)
        self._stock(paid)
        request = self._boleto_request(held)
        answer = self._patiently(lambda: port.issue_boleto(request), self._soon())
        if isinstance(answer, Permanent):
            self._check_error(answer)
            return
        assert isinstance(answer, IssuedBoleto), f"a boleto that is paid meanwhile: it gave {told(answer)}"
        state = answer.boleto.state(self._today())
        assert state is BoletoState.PAID, f"it was paid meanwhile, and is issued as {state}"

    def test_a_boleto_of_somebody_else_cannot_be_had(self) -> None:
        """Neither another customer's nor one nobody has: `Permanent`. Rule: S13, B2.

        When this fails: compare the customer of what the outside gives with the one asked for, also where the
        outside needs the boleto's id alone.
        """
        port = self._sample()
        self._only_issuing(port)
        theirs = self._boleto(customer=self.other_customer, contract=None)
        for request in (
            self._boleto_request(theirs, self.customer),
            self._boleto_request(self._boleto(stocked=False)),
        ):
            self._had_not(lambda request=request: port.issue_boleto(request), "not a boleto of theirs")  # type: ignore[misc]

    def test_boletos_that_are_not_offered_are_refused(self) -> None:
        """Without a form in `capabilities.boletos` none is issued: `Permanent`. Rule: B4.

        When this fails: declare the forms a boleto can be sent as, or raise `Permanent("not_offered")`.
        """
        port = self._sample()
        if self._capabilities(port).boletos:
            pytest.skip("capabilities.boletos is declared")
        request = self._boleto_request(self._boleto())
        self._had_not(lambda: port.issue_boleto(request), "capabilities.boletos is empty")

    # --- invoices ---------------------------------------------------------------------------------------------

    def test_invoices_are_told_as_they_stand(self) -> None:
        """Of each model, cancelled ones too, with number, date and key as the outside has them. Rule: S14, B7.

        When this fails: ids and numbers are texts, zeros in front and all. The core leaves out cancelled ones
        where they are sent; a screen shows them.
        """
        port = self._sample()
        self._only_invoicing(port)
        key = "35260312345678000195620010000012341000012349"
        held = [
            self._invoice(number="000123", series="001"),
            self._invoice(model=InvoiceModel.NFSE, issued_on=date(2024, 2, 29)),
            self._invoice(model=InvoiceModel.NFCOM, access_key=key),
            self._invoice(cancelled=True),
        ]
        told_of = self._told(port, "invoices", self.customer)
        for each in held:
            assert each.id in told_of, f"an invoice of model {each.model} was left out"
            self._alike(told_of[each.id], each)

    def test_an_invoice_is_fetched_with_its_document(self) -> None:
        """As it stands, with its document, as often as it is asked for. Rule: S14.

        When this fails: an invoice is always asked for with its document; `Permanent` where there is none.
        """
        port = self._sample()
        self._only_invoicing(port)
        held = self._invoice()
        self._invoice()
        request = self._invoice_request(held)
        for again in (request, request, self._invoice_request(held)):
            issued = self._read(lambda again=again: port.issue_invoice(again))  # type: ignore[misc]
            assert type(issued) is IssuedInvoice, f"issue_invoice answers an IssuedInvoice, not {issued!r}"
            self._alike(issued.invoice, held)
            self._is_document(issued.document, held)

    def test_an_invoice_of_somebody_else_cannot_be_had(self) -> None:
        """Neither another customer's nor one nobody has: `Permanent`. Rule: S14, B2.

        When this fails: compare the customer of what the outside gives with the one asked for.
        """
        port = self._sample()
        self._only_invoicing(port)
        theirs = self._invoice(customer=self.other_customer, contract=None)
        for request in (
            self._invoice_request(theirs, self.customer),
            self._invoice_request(self._invoice(stocked=False)),
        ):
            self._had_not(lambda request=request: port.issue_invoice(request), "not an invoice of theirs")  # type: ignore[misc]

    def test_invoices_that_are_not_offered_are_refused(self) -> None:
        """Without `capabilities.invoices` none is fetched: `Permanent`. Rule: B7.

        When this fails: declare that there are invoices, or raise `Permanent("not_offered")`.
        """
        port = self._sample()
        if self._capabilities(port).invoices:
            pytest.skip("capabilities.invoices is True")
        request = self._invoice_request(self._invoice())
        self._had_not(lambda: port.issue_invoice(request), "capabilities.invoices is False")

    # --- when the outside fails -------------------------------------------------------------------------------

    @pytest.mark.parametrize("how", READS)
    @pytest.mark.parametrize("what", ["boletos", "invoices"])
    def test_who_cannot_tell_now_says_so(self, what: str, how: Failing) -> None:
        """While the outside fails, a list is `Temporary`, never empty: that would say that nothing is owed.

        When this fails: look for an `except` that answers an empty tuple, for an error page read as an empty
        list, and, for SILENT, for a wait not bounded by `deadline`.
        """
        port = self._sample()
        if what == "invoices":
            self._only_invoicing(port)
        self._boleto()
        self._cannot_tell(how, lambda deadline: getattr(port, what)(self.customer, deadline=deadline))

    @pytest.mark.parametrize("how", READS)
    @pytest.mark.parametrize("what", ["boleto", "invoice"])
    def test_what_cannot_be_issued_now_is_asked_for_again(self, what: str, how: Failing) -> None:
        """However the outside fails, issuing is `Temporary`, or a doubt; never `Permanent`. Rule: S13, S14.

        When this fails: Permanent ends it, and the customer gets nothing. Issuing may be asked for twice.
        """
        port = self._sample()
        if what == "invoice":
            self._only_invoicing(port)
            invoice = self._invoice_request(self._invoice())
            self._cannot_tell(
                how,
                lambda deadline: port.issue_invoice(attrs.evolve(invoice, deadline=deadline)),
                OutcomeUnknown,
            )
        else:
            self._only_issuing(port)
            boleto = self._boleto_request(self._boleto())
            self._cannot_tell(
                how, lambda deadline: port.issue_boleto(attrs.evolve(boleto, deadline=deadline)), OutcomeUnknown
            )
