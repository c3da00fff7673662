"""Boletos, fiscal invoices, bonuses, and what a workspace and a port say of them: every check, every state."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.br import Money
from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    BillingPolicies,
    Bonus,
    ContractsCapabilities,
    IssuedBoleto,
    IssuedInvoice,
    LooksUpByKey,
    Policies,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.entities.billing import period_problems
from chatcore.errors import InvalidValue
from chatcore.limits import BONUS_DAYS, MONEY_CENTS
from chatcore.vocabulary import BoletoForm, BoletoState, BonusKind, CustomerKey, InvoiceModel, Private
from tests.given import BOLETO, LINE, PIX, boleto, invoice

F, K, M, S = BoletoForm, BonusKind, InvoiceModel, BoletoState
DAY = timedelta(days=1)
DUE = date(2026, 3, 20)
NFCOM = "35170458716523000119620010000000121000123450"

Problems = list[tuple[str, str, str | None]]


def problems(make: Any, *args: Any, **values: Any) -> Problems:
    """The paths, codes and rules that a value is refused with."""
    with pytest.raises(InvalidValue) as caught:
        make(*args, **values)
    return [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


def one_digit_off(text: str) -> str:
    """The same with its last digit one up: the checks of lines, codes and keys all see that."""
    return text[:-1] + ("0" if text[-1] == "9" else chr(ord(text[-1]) + 1))


BAD_LINE = LINE.replace("40144.816069", "40144.816068")
BAD_PIX = Private(one_digit_off(PIX.reveal()))

# --- boletos -------------------------------------------------------------------------------------------------

_IDS: tuple[Any, ...] = ("", None, 5, "a\nb")
_NO_MONEY: tuple[Any, ...] = (None, 100, 10.0, Decimal("1.00"), "1.00")

BOLETO_MISFITS: list[tuple[dict[str, Any], Problems]] = [
    *(({name: id}, [(name, "not_an_id", None)]) for name in ("id", "customer") for id in _IDS),
    *(({"contract": id}, [("contract", "not_an_id", None)]) for id in ("", 5)),
    *(({"amount": value}, [("amount", "not_money", "B10")]) for value in _NO_MONEY),
    *(({"paid": value}, [("paid", "not_money", "B10")]) for value in _NO_MONEY[1:]),
    *(
        ({name: day}, [(name, "not_a_date", "B3")])
        for name in ("due", "paid_on")
        for day in ("2026-03-20", datetime(2026, 3, 20), 20)
    ),
    *(({"label": label}, [("label", "not_a_state", "B3")]) for label in (None, "open", M.NF_21)),
    *(({"line": line}, [("line", "not_a_text", "B5")]) for line in (5, Private(LINE))),
    *(({"pix": pix}, [("pix", "not_private", "B6")]) for pix in (5, PIX.reveal())),
    *(({"document": there}, [("document", "not_a_bool", None)]) for there in (None, 1, BOLETO)),
    (
        {"id": "", "amount": 1.5, "due": "x", "label": None, "line": 5, "pix": 5},
        [
            ("id", "not_an_id", None),
            ("amount", "not_money", "B10"),
            ("due", "not_a_date", "B3"),
            ("label", "not_a_state", "B3"),
            ("line", "not_a_text", "B5"),
            ("pix", "not_private", "B6"),
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), BOLETO_MISFITS, ids=range(len(BOLETO_MISFITS)))
def test_a_boleto_says_all_that_does_not_fit(values: dict[str, Any], expected: Problems) -> None:
    """Each misfit at its path, all of them at once. Rule: B3, B5, B6, B10."""
    assert problems(boleto, **values) == expected


# The state of a boleto by its label (rows) and by how its due date lies to the day (columns).
STATES = """
          | due yesterday | due today | due tomorrow | no due date
open      | overdue       | open      | open         | open
overdue   | overdue       | open      | open         | open
paid      | paid          | paid      | paid         | paid
cancelled | cancelled     | cancelled | cancelled    | cancelled
"""
COLUMNS = {"due yesterday": -DAY, "due today": 0 * DAY, "due tomorrow": DAY, "no due date": None}


def states() -> list[tuple[BoletoState, date | None, BoletoState]]:
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in STATES.strip("\n").splitlines()]
    return [
        (S(row[0]), None if (away := COLUMNS[column]) is None else DUE + away, S(cell))
        for row in rows
        for column, cell in zip(head[1:], row[1:], strict=True)
    ]


@pytest.mark.parametrize(("label", "due", "state"), states())
def test_overdue_is_derived_and_never_taken_from_the_label(
    label: BoletoState, due: date | None, state: BoletoState
) -> None:
    """A boleto is overdue from the day after its due date on, whatever it is labelled. Rule: B3."""
    assert boleto(label=label, due=due).state(DUE) is state


def test_the_table_of_states_is_complete() -> None:
    """Every label meets every kind of due date. Rule: B3."""
    assert {label for label, _, _ in states()} == {*S}
    assert len(states()) == 16


NO_PAYMENTS: tuple[dict[str, Any], ...] = ({}, {"paid": Money(0)})
PAYMENTS: tuple[dict[str, Any], ...] = (
    {"paid_on": DUE},
    {"paid_on": DUE, "paid": Money(0)},
    {"paid": Money(1)},
    {"paid_on": DUE - 400 * DAY, "paid": Money(10_000)},
)


@pytest.mark.parametrize(("label", "due", "_"), states())
@pytest.mark.parametrize("payment", PAYMENTS, ids=str)
def test_evidence_of_payment_beats_the_label(
    label: BoletoState, due: date | None, _: BoletoState, payment: dict[str, Any]
) -> None:
    """A date or a value of payment makes it paid, whatever it is labelled: cancelled, too. Rule: B3."""
    assert boleto(label=label, due=due, **payment).state(DUE) is S.PAID


@pytest.mark.parametrize(("label", "due", "state"), states())
def test_a_payment_of_nothing_is_no_payment(label: BoletoState, due: date | None, state: BoletoState) -> None:
    """Zero paid proves nothing: label and due date decide. Rule: B3."""
    assert {boleto(label=label, due=due, **none).state(DUE) for none in NO_PAYMENTS} == {state}


@given(due=st.dates(), today=st.dates())
def test_it_is_overdue_just_on_the_days_after_its_due_date(due: date, today: date) -> None:
    """Unpaid and due before the day: overdue; else open. Rule: B3."""
    assert (boleto(due=due).state(today) is S.OVERDUE) is (due < today)


HAD: tuple[tuple[dict[str, Any], F], ...] = (
    ({"document": True}, F.DOCUMENT),
    ({"line": LINE}, F.LINE),
    ({"pix": PIX}, F.PIX),
)


@pytest.mark.parametrize("had", [had for n in range(4) for had in itertools.combinations(HAD, n)], ids=len)
def test_a_boleto_is_had_in_the_forms_that_are_there(had: tuple[tuple[dict[str, Any], F], ...]) -> None:
    """Document, line and code, each where the billing side has it; nothing of them is flagged. Rule: B4."""
    values: dict[str, Any] = {"document": False, "line": None, "pix": None}
    for changes, _ in had:
        values |= changes
    there = boleto(**values)
    assert set(there.forms) == {form for _, form in had}
    assert there.flags == ()


@pytest.mark.parametrize("line", [BAD_LINE, "", "123", "x" * 47, LINE + "0", LINE[:-1]])
def test_a_line_that_does_not_hold_is_flagged_and_no_form(line: str) -> None:
    """It is kept, flagged, and cannot be sent as text; document and code still can. Rule: B5."""
    there = boleto(line=line)
    assert (there.line, there.flags) == (line, ("line",))
    assert set(there.forms) == {F.DOCUMENT, F.PIX}


@pytest.mark.parametrize("pix", [BAD_PIX, Private(""), Private("123"), Private(PIX.reveal()[:-1])])
def test_a_code_that_does_not_hold_is_flagged_and_no_form(pix: Private) -> None:
    """It is kept, flagged, and cannot be sent as text; document and line still can. Rule: B6."""
    there = boleto(pix=pix)
    assert (there.pix, there.flags) == (pix, ("pix",))
    assert set(there.forms) == {F.DOCUMENT, F.LINE}


def test_both_flags_stand_together() -> None:
    """Line and code may both be bad; the document is what is left. Rule: B5, B6."""
    there = boleto(line=BAD_LINE, pix=BAD_PIX)
    assert (there.flags, there.forms) == (("line", "pix"), (F.DOCUMENT,))


def test_a_line_with_48_digits_holds_too() -> None:
    """A slip of a public utility has another line, with checks of its own. Rule: B5."""
    assert boleto(line="83640000001-1 33120138000-2 81288462711-6 08013618155-1").flags == ()


def test_what_pays_a_boleto_stays_out_of_sight() -> None:
    """Neither customer, line nor code shows where a boleto is printed. Rule: B5, B6."""
    shown = repr(boleto(customer="987654321"))
    assert not any(secret in shown for secret in ("987654321", LINE, "br.gov.bcb.pix"))


# --- fiscal invoices -----------------------------------------------------------------------------------------

INVOICE_MISFITS: list[tuple[dict[str, Any], Problems]] = [
    *(({name: id}, [(name, "not_an_id", None)]) for name in ("id", "customer", "number") for id in _IDS),
    *(({name: id}, [(name, "not_an_id", None)]) for name in ("contract", "series") for id in ("", 5)),
    *(({"amount": value}, [("amount", "not_money", "B10")]) for value in _NO_MONEY),
    *(
        ({"issued_on": day}, [("issued_on", "not_a_date", "B7")])
        for day in (None, "2026-03-01", datetime(2026, 3, 1))
    ),
    *(({"model": model}, [("model", "not_a_model", "B7")]) for model in (None, "21", 62)),
    *(({"access_key": key}, [("access_key", "not_a_text", "B7")]) for key in (5, Private(NFCOM))),
    *(({"cancelled": said}, [("cancelled", "not_a_bool", None)]) for said in (None, 0, "no")),
    (
        {"customer": "", "amount": 5, "issued_on": None, "model": None, "number": ""},
        [
            ("customer", "not_an_id", None),
            ("amount", "not_money", "B10"),
            ("issued_on", "not_a_date", "B7"),
            ("model", "not_a_model", "B7"),
            ("number", "not_an_id", None),
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), INVOICE_MISFITS, ids=range(len(INVOICE_MISFITS)))
def test_an_invoice_says_all_that_does_not_fit(values: dict[str, Any], expected: Problems) -> None:
    """Each misfit at its path, all of them at once. Rule: B7, B10."""
    assert problems(invoice, **values) == expected


@pytest.mark.parametrize(
    ("model", "key", "flags"),
    [
        (M.NFCOM, NFCOM, ()),
        (M.NFCOM, None, ("access_key",)),
        (M.NFCOM, "", ("access_key",)),
        (M.NFCOM, one_digit_off(NFCOM), ("access_key",)),
        (M.NFCOM, NFCOM[:-1], ("access_key",)),
        (M.NF_21, None, ()),
        (M.NF_22, None, ()),
        (M.NFSE, None, ()),
    ],
)
def test_a_key_is_due_where_the_model_has_one(
    model: InvoiceModel, key: str | None, flags: tuple[str, ...]
) -> None:
    """An NFCom has an access key of 44 digits, flagged where it does not hold; the other models have none.

    Rule: B7.
    """
    there = invoice(model=model, access_key=key)
    assert (there.access_key, there.flags) == (key, flags)


def test_whose_an_invoice_is_stays_out_of_sight() -> None:
    """Neither customer nor access key shows where an invoice is printed. Rule: B7."""
    shown = repr(invoice(customer="987654321", model=M.NFCOM, access_key=NFCOM))
    assert "987654321" not in shown
    assert NFCOM not in shown


# --- what was issued -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "args", "expected"),
    [
        (IssuedBoleto, (None,), [("boleto", "not_a_boleto", "S13")]),
        (IssuedBoleto, (invoice(),), [("boleto", "not_a_boleto", "S13")]),
        (IssuedBoleto, (boleto(), b"%PDF"), [("document", "not_an_attachment", "M17")]),
        (
            IssuedBoleto,
            (5, "x"),
            [("boleto", "not_a_boleto", "S13"), ("document", "not_an_attachment", "M17")],
        ),
        (IssuedInvoice, (boleto(), BOLETO), [("invoice", "not_an_invoice", "S14")]),
        (IssuedInvoice, (invoice(), None), [("document", "not_an_attachment", "M17")]),
        (
            IssuedInvoice,
            (None, None),
            [("invoice", "not_an_invoice", "S14"), ("document", "not_an_attachment", "M17")],
        ),
    ],
)
def test_what_was_issued_is_a_thing_and_its_document(make: Any, args: Any, expected: Problems) -> None:
    """A boleto may come without a document, an invoice may not. Rule: S13, S14, M17."""
    assert problems(make, *args) == expected
    assert IssuedBoleto(boleto()).document is None
    assert IssuedInvoice(invoice(), BOLETO).document == BOLETO


# --- bonuses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (K.AMOUNT, Money(1)),
        (K.AMOUNT, Money(MONEY_CENTS)),
        (K.PERCENT, Decimal("0.01")),
        (K.PERCENT, Decimal("12.5")),
        (K.PERCENT, Decimal(100)),
        (K.DAYS, 1),
        (K.DAYS, BONUS_DAYS),
    ],
)
def test_a_bonus_reaches_from_just_above_nothing_to_its_bound(kind: BonusKind, value: Any) -> None:
    """Money, a percentage up to 100, days up to a year. Rule: B8, B10."""
    assert Bonus(kind, value).value == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((K.AMOUNT, value) for value in (Money(0), 10, 10.0, Decimal(10), "10", None)),
        *((K.PERCENT, Decimal(text)) for text in ("0", "-1", "100.01", "12.345", "NaN", "sNaN", "Infinity")),
        *((K.PERCENT, value) for value in (10, 10.0, "10", Money(1000), None)),
        *((K.DAYS, value) for value in (0, -1, BONUS_DAYS + 1, 1.0, True, "1", Decimal(1), Money(1), None)),
    ],
)
def test_a_bonus_of_nothing_too_much_or_of_another_type_is_none(kind: BonusKind, value: Any) -> None:
    """Zero, below, above the bound, a float, another kind's value: refused. Rule: B8, B10."""
    assert problems(Bonus, kind, value) == [("value", "not_a_bonus", "B8")]


@pytest.mark.parametrize("kind", [None, "amount", M.NF_21])
def test_a_bonus_has_a_kind(kind: Any) -> None:
    """Amount, percent or days, and nothing else. Rule: B8."""
    assert problems(Bonus, kind, Money(1)) == [("kind", "not_a_kind", "B8")]


def test_a_bonus_is_written_shortly() -> None:
    """Reais, percent and days are read exactly. Rule: B8, B10."""
    assert Bonus.amount("20.50").value == Money(2050)
    assert Bonus.amount(20) == Bonus.amount(Decimal("20.00")) == Bonus(K.AMOUNT, Money(2000))
    assert Bonus.percent("12.5").value == Decimal("12.5")
    assert Bonus.days(5).value == 5


@pytest.mark.parametrize("make", [Bonus.amount, Bonus.percent])
@pytest.mark.parametrize("value", [10.0, True, "1,50", "-1", "NaN", "1.005", None, "1e3", "999999999999999"])
def test_a_shortly_written_bonus_is_exact_or_refused(make: Any, value: Any) -> None:
    """A float, a sign, a fraction of a cent or an overflow is refused, and rounds nowhere. Rule: B10."""
    assert [path for path, _, _ in problems(make, value)] == ["value"]


@pytest.mark.parametrize(
    ("limit", "other", "covers"),
    [
        (Bonus.amount("20"), Bonus.amount("20"), True),
        (Bonus.amount("20"), Bonus.amount("0.01"), True),
        (Bonus.amount("20"), Bonus.amount("20.01"), False),
        (Bonus.percent("10"), Bonus.percent("10.00"), True),
        (Bonus.percent("10"), Bonus.percent("10.01"), False),
        (Bonus.days(5), Bonus.days(5), True),
        (Bonus.days(5), Bonus.days(6), False),
        *((one, other, False) for one, other in itertools.permutations(
            (Bonus.amount("5"), Bonus.percent("5"), Bonus.days(5)), 2
        )),
    ],
)  # fmt: skip
def test_a_bonus_covers_one_of_its_kind_that_is_no_larger(limit: Bonus, other: Bonus, covers: bool) -> None:
    """Equal is covered, a cent or a day more is not, another kind never. Rule: B8."""
    assert limit.covers(other) is covers


@pytest.mark.parametrize("period", ["2026-01", "2026-11", "2026-12", "0001-01", "9999-12"])
def test_a_period_is_a_month(period: str) -> None:
    """Four digits and two. Rule: B8."""
    assert period_problems(period) == []


@pytest.mark.parametrize(
    "period",
    ["2026-00", "2026-13", "2026-1", "26-01", "2026-01-01", "2026/01", " 2026-01", "2026-01\n", "", None, 2026],
)
def test_a_period_is_nothing_else(period: Any) -> None:
    """No day, no thirteenth month, no other spelling. Rule: B8."""
    assert [(p.path, p.code, p.rule) for p in period_problems(period)] == [("period", "not_a_period", "B8")]


# --- what the ports offer ------------------------------------------------------------------------------------

NATURES = (RepeatsByKey(DAY), LooksUpByKey(DAY), ReportsByKey(), AtMostOnce())


@pytest.mark.parametrize("nature", [None, *NATURES], ids=str)
def test_a_write_has_one_of_four_natures_or_is_not_offered(nature: Any) -> None:
    """Orders and bonuses each say theirs. Rule: B11."""
    assert ContractsCapabilities(orders=nature).orders == nature
    assert BillingCapabilities(bonus=nature).bonus == nature


@pytest.mark.parametrize(
    ("make", "values", "expected"),
    [
        *(
            (make, {name: value}, [(name, "not_a_nature", None)])
            for make, name in ((ContractsCapabilities, "orders"), (BillingCapabilities, "bonus"))
            for value in ("once", True, AtMostOnce, DAY)
        ),
        *(
            (ContractsCapabilities, {"finds_by": value}, [("finds_by", "not_keys", "B2")])
            for value in (None, [CustomerKey.PHONE], ("phone",))
        ),
        (ContractsCapabilities, {"transcripts": 1}, [("transcripts", "not_a_bool", None)]),
        *(
            (BillingCapabilities, {"boletos": value}, [("boletos", "not_forms", "B4")])
            for value in (None, [F.PIX], ("pix",), F.PIX)
        ),
        (BillingCapabilities, {"invoices": None}, [("invoices", "not_a_bool", None)]),
        *(
            (BillingCapabilities, {"bonus_kinds": value}, [("bonus_kinds", "not_kinds", "B8")])
            for value in (None, [K.DAYS], ("days",))
        ),
        (
            ContractsCapabilities,
            {"orders": 1, "transcripts": None, "finds_by": None},
            [
                ("orders", "not_a_nature", None),
                ("transcripts", "not_a_bool", None),
                ("finds_by", "not_keys", "B2"),
            ],
        ),
        (
            BillingCapabilities,
            {"bonus": 1, "invoices": 1, "boletos": None, "bonus_kinds": None},
            [
                ("bonus", "not_a_nature", None),
                ("invoices", "not_a_bool", None),
                ("boletos", "not_forms", "B4"),
                ("bonus_kinds", "not_kinds", "B8"),
            ],
        ),
    ],
)
def test_a_port_says_all_that_does_not_fit(make: Any, values: dict[str, Any], expected: Problems) -> None:
    """Each misfit of its capabilities at its path, all of them at once. Rule: B2, B4, B8."""
    assert problems(make, **values) == expected


def test_a_port_offers_nothing_until_it_says_so() -> None:
    """Without a word there are no boletos, invoices, bonuses or orders. Rule: B4, B8, B12."""
    contracts, billing = ContractsCapabilities(), BillingCapabilities()
    assert (contracts.orders, contracts.transcripts) == (None, False)
    assert (billing.boletos, billing.invoices, billing.bonus) == ((), False, None)


# --- what a workspace decides --------------------------------------------------------------------------------

POLICY_MISFITS: list[tuple[dict[str, Any], Problems]] = [
    *(
        ({"boleto_forms": forms}, [("boleto_forms", "not_forms", "B4")])
        for forms in ((), None, [F.PIX], ("pix",), F.PIX)
    ),
    ({"boleto_forms": (F.PIX, F.LINE, F.PIX)}, [("boleto_forms", "repeated", "B4")]),
    *(
        ({"bonus_limits": limits}, [("bonus_limits", "not_bonuses", "B8")])
        for limits in (None, [Bonus.days(1)], (5,), Bonus.days(1))
    ),
    ({"bonus_limits": (Bonus.days(1), Bonus.days(2))}, [("bonus_limits", "repeated", "B8")]),
    ({"boleto_text": "{{number}}"}, [("boleto_text", "unknown_variable", "C7")]),
    ({"invoice_text": "{{due_date|x}}"}, [("invoice_text", "unknown_variable", "C7")]),
    ({"boleto_text": "Vence em {{due_date}}."}, [("boleto_text", "fallback_required", "C7")]),
    ({"boleto_text": "{{contact}}"}, [("boleto_text", "fallback_required", "C7")]),
    ({"invoice_text": "{{agent}}"}, [("invoice_text", "fallback_required", "C7")]),
    (
        {"boleto_forms": (), "boleto_text": "{{x}}", "invoice_text": "{{y}}", "bonus_limits": None},
        [
            ("boleto_forms", "not_forms", "B4"),
            ("boleto_text", "unknown_variable", "C7"),
            ("invoice_text", "unknown_variable", "C7"),
            ("bonus_limits", "not_bonuses", "B8"),
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), POLICY_MISFITS, ids=range(len(POLICY_MISFITS)))
def test_billing_policies_say_all_that_does_not_fit(values: dict[str, Any], expected: Problems) -> None:
    """Each misfit at its path, all of them at once. Rule: B4, B8, C7."""
    said = problems(BillingPolicies, **values)
    assert [each[:2] for each in said] == [each[:2] for each in expected]


@pytest.mark.parametrize("text", ["", "a\0b", "\ud800"])
@pytest.mark.parametrize("name", ["boleto_text", "invoice_text"])
def test_a_text_that_could_never_be_sent_is_refused_when_it_is_decided(name: str, text: str) -> None:
    """Nobody is there to mend it later. Rule: M14, L20."""
    assert {path for path, _, _ in problems(BillingPolicies, **{name: text})} == {name}


def test_texts_may_use_what_they_go_with() -> None:
    """A boleto's text its amount and due date, an invoice's its number and issue date; and the usual ones.

    Rule: C7, S13, S14.
    """
    there = BillingPolicies(
        boleto_text="{{amount}} {{due_date|breve}} {{protocol}} {{contact|cliente}}",
        invoice_text="{{number}} {{amount}} {{issue_date}} {{greeting}}",
    )
    assert there.boleto_text is not None
    assert there.invoice_text is not None


def test_agents_grant_nothing_and_every_form_goes_until_a_workspace_decides() -> None:
    """By default agents grant no bonus, boletos go in every form, nothing is said with them. Rule: B4, B8."""
    there = Policies().billing
    assert there == BillingPolicies()
    assert (there.bonus_limits, there.boleto_text, there.invoice_text) == ((), None, None)
    assert set(there.boleto_forms) == {*F}


@pytest.mark.parametrize("value", [None, {}, BillingPolicies])
def test_a_workspace_has_billing_policies(value: Any) -> None:
    """Nothing else stands in for them. Rule: B8."""
    assert problems(Policies, billing=value) == [("billing", "not_policies", "B8")]


@pytest.mark.parametrize(
    "thing", [boleto(), invoice(), Bonus.days(1), BillingPolicies(), BillingCapabilities()]
)
def test_what_is_known_of_billing_is_values(thing: Any) -> None:
    """Equal where all is equal; nothing in them changes. Rule: B10."""
    assert thing == attrs.evolve(thing)
    assert hash(thing) == hash(attrs.evolve(thing))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(thing, attrs.fields(type(thing))[0].name, None)
