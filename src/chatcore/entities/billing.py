"""What the billing side has of a customer: boletos, fiscal invoices; and what may be given, a bonus.

A provider's line, code or key that does not hold is not refused here: it is flagged, and not sent as text,
while the document still may be (B5).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import attrs

from chatcore._shape import id_problem, not_id, refuse, switch_problems
from chatcore.br import Money, parse_access_key, parse_line, parse_money, parse_pix
from chatcore.entities.attachment import Attachment
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import BONUS_DAYS
from chatcore.vocabulary import (
    BoletoForm,
    BoletoId,
    BoletoState,
    BonusKind,
    ContractId,
    CustomerId,
    InvoiceId,
    InvoiceModel,
    Private,
    redacted,
)

__all__ = ["Boleto", "Bonus", "Invoice", "IssuedBoleto", "IssuedInvoice", "period_problems"]


def _owner_problems(thing: Boleto | Invoice) -> list[Problem]:
    bad = [id_problem(name, id) for name in ("id", "customer") if not_id(id := getattr(thing, name))]
    if thing.contract is not None and not_id(thing.contract):
        bad.append(id_problem("contract", thing.contract))
    if type(thing.amount) is not Money:
        bad.append(Problem("amount", "not_money", "B10"))
    return bad


def _date_problems(thing: object, *names: str) -> list[Problem]:
    days = [(name, getattr(thing, name)) for name in names]
    return [
        Problem(name, "not_a_date", "B3") for name, day in days if day is not None and type(day) is not date
    ]


def _issue_problems(invoice: Invoice) -> list[Problem]:
    return [] if type(invoice.issued_on) is date else [Problem("issued_on", "not_a_date", "B7")]


@attrs.frozen(slots=True, kw_only=True)
class Boleto:
    """A bank slip of a customer, as the billing side knows it. Rule: B3, B4, B5, B6.

    * `label` is what the billing side calls its state; `paid_on` and `paid` are evidence of payment, which
      beats the label.
    * `line` is its digitable line and `pix` its Pix code, as the billing side has them; `document` says whether
      there is one to be had.
    """

    id: BoletoId
    customer: CustomerId = attrs.field(repr=redacted)
    amount: Money
    due: date | None
    label: BoletoState = BoletoState.OPEN
    contract: ContractId | None = None
    paid_on: date | None = None
    paid: Money | None = None
    line: str | None = attrs.field(default=None, repr=redacted)
    pix: Private | None = None
    document: bool = True

    def state(self, today: date) -> BoletoState:
        """How it stands on a day of the workspace's calendar. Rule: B3.

        A payment of nothing is no payment. It is overdue from the day after its due date on.
        """
        if self.paid_on is not None or (self.paid is not None and self.paid.cents):
            return BoletoState.PAID
        if self.label in (BoletoState.PAID, BoletoState.CANCELLED):
            return self.label
        is_late = self.due is not None and self.due < today
        return BoletoState.OVERDUE if is_late else BoletoState.OPEN

    @property
    def forms(self) -> tuple[BoletoForm, ...]:
        """What it can be sent as: a line or a code only where it holds. Rule: B4, B5, B6."""
        there = {
            BoletoForm.DOCUMENT: self.document,
            BoletoForm.LINE: self._line_holds,
            BoletoForm.PIX: self._pix_holds,
        }
        return tuple(form for form, is_there in there.items() if is_there)

    @property
    def flags(self) -> tuple[str, ...]:
        """What the billing side has of it that does not hold: ``line``, ``pix``. Rule: B5."""
        bad_line = self.line is not None and not self._line_holds
        bad_pix = self.pix is not None and not self._pix_holds
        return (("line",) if bad_line else ()) + (("pix",) if bad_pix else ())

    @property
    def _line_holds(self) -> bool:
        try:
            parse_line(self.line or "")
        except InvalidValue:
            return False
        return True

    @property
    def _pix_holds(self) -> bool:
        try:
            parse_pix("" if self.pix is None else self.pix.reveal())
        except InvalidValue:
            return False
        return True

    def __attrs_post_init__(self) -> None:
        bad = _owner_problems(self) + _date_problems(self, "due", "paid_on") + switch_problems(self, "document")
        if type(self.label) is not BoletoState:
            bad.append(Problem("label", "not_a_state", "B3"))
        if self.paid is not None and type(self.paid) is not Money:
            bad.append(Problem("paid", "not_money", "B10"))
        if self.line is not None and type(self.line) is not str:
            bad.append(Problem("line", "not_a_text", "B5"))
        if self.pix is not None and type(self.pix) is not Private:
            bad.append(Problem("pix", "not_private", "B6"))
        refuse(bad)


@attrs.frozen(slots=True)
class IssuedBoleto:
    """A boleto as it stands now, with its document, if one was wanted and can be had. Rule: S13."""

    boleto: Boleto
    document: Attachment | None = None

    def __attrs_post_init__(self) -> None:
        bad = [] if type(self.boleto) is Boleto else [Problem("boleto", "not_a_boleto", "S13")]
        if self.document is not None and type(self.document) is not Attachment:
            bad.append(Problem("document", "not_an_attachment", "M17"))
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class Invoice:
    """A fiscal invoice of a customer. `access_key` is as the billing side has it. Rule: B7."""

    id: InvoiceId
    customer: CustomerId = attrs.field(repr=redacted)
    model: InvoiceModel
    number: str
    issued_on: date
    amount: Money
    series: str | None = None
    contract: ContractId | None = None
    access_key: str | None = attrs.field(default=None, repr=redacted)
    cancelled: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """What the billing side has of it that does not hold: ``access_key``, where one is due. Rule: B7."""
        if self.model is not InvoiceModel.NFCOM:
            return ()
        try:
            parse_access_key(self.access_key or "")
        except InvalidValue:
            return ("access_key",)
        return ()

    def __attrs_post_init__(self) -> None:
        bad = _owner_problems(self) + _issue_problems(self) + switch_problems(self, "cancelled")
        if type(self.model) is not InvoiceModel:
            bad.append(Problem("model", "not_a_model", "B7"))
        if not_id(self.number):
            bad.append(id_problem("number", self.number))
        if self.series is not None and not_id(self.series):
            bad.append(id_problem("series", self.series))
        if self.access_key is not None and type(self.access_key) is not str:
            bad.append(Problem("access_key", "not_a_text", "B7"))
        refuse(bad)


@attrs.frozen(slots=True)
class IssuedInvoice:
    """A fiscal invoice as it stands now, with its document. Rule: S14."""

    invoice: Invoice
    document: Attachment

    def __attrs_post_init__(self) -> None:
        bad = [] if type(self.invoice) is Invoice else [Problem("invoice", "not_an_invoice", "S14")]
        if type(self.document) is not Attachment:
            bad.append(Problem("document", "not_an_attachment", "M17"))
        refuse(bad)


def _whole_hundredths(value: Decimal) -> bool:
    """Whether a percentage has two places at most, whatever the caller's own context is like."""
    try:
        parse_money(value)
    except InvalidValue:
        return False
    return True


_PERIOD = r"[0-9]{4}-(0[1-9]|1[0-2])"


@attrs.frozen(slots=True)
class Bonus:
    """A bonus by kind and value: `Money`, a percentage as `Decimal`, or days as int. Rule: B8, B10.

        >>> Bonus.amount("20.00")
        Bonus(kind=<BonusKind.AMOUNT: 'amount'>, value=Money(cents=2000))
        >>> Bonus.percent("12.5").covers(Bonus.percent("10"))
        True

    Raises:
        InvalidValue: the value is none of its kind, or not above zero; a percentage is over 100 or has more
            than two places; there are more than 366 days.
    """

    kind: BonusKind
    value: Money | Decimal | int

    @classmethod
    def amount(cls, reais: str | Decimal | int) -> Bonus:
        """So much money, in reais, as `parse_money` reads it."""
        return cls(BonusKind.AMOUNT, parse_money(reais, "value"))

    @classmethod
    def percent(cls, percent: str | Decimal | int) -> Bonus:
        """So many percent of what the period costs."""
        return cls(BonusKind.PERCENT, parse_money(percent, "value").amount)

    @classmethod
    def days(cls, days: int) -> Bonus:
        """So many days."""
        return cls(BonusKind.DAYS, days)

    def covers(self, other: Bonus) -> bool:
        """Whether another bonus of this kind is no larger."""
        return self.kind is other.kind and bool(other.value <= self.value)  # type: ignore[operator]

    def __attrs_post_init__(self) -> None:
        value: object = self.value
        if type(self.kind) is not BonusKind:
            raise InvalidValue.of("kind", "not_a_kind", rule="B8")
        if self.kind is BonusKind.AMOUNT:
            fits = type(value) is Money and value.cents > 0
        elif self.kind is BonusKind.PERCENT:
            fits = (
                type(value) is Decimal and value.is_finite() and 0 < value <= 100 and _whole_hundredths(value)
            )
        else:
            fits = type(value) is int and 0 < value <= BONUS_DAYS
        if not fits:
            raise InvalidValue.of("value", "not_a_bonus", rule="B8")


def period_problems(period: object, path: str = "period") -> list[Problem]:
    """What is wrong with a period: a month like ``2026-11``. Rule: B8."""
    fits = type(period) is str and re.fullmatch(_PERIOD, period)
    return [] if fits else [Problem(path, "not_a_period", "B8")]
