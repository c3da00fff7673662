"""What an effect asks of contracts or billing: every check, and which effect asks for what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from chatcore.entities import BoletoDemand, Bonus, BonusDemand, InvoiceDemand, OrderDemand
from chatcore.entities.demands import DEMANDS
from chatcore.entities.effect import PORT_OF
from chatcore.errors import InvalidValue
from chatcore.limits import ID_LENGTH, JUSTIFICATION_LENGTH, ORDER_DESCRIPTION, ORDER_SUBJECT
from chatcore.vocabulary import BoletoForm, EffectKind, EffectState, PortKind, Priority, Private
from tests.given import ASKED, action, effect

K = EffectKind
BOLETO, INVOICE = ASKED[K.ISSUE_BOLETO], ASKED[K.ISSUE_INVOICE]
BONUS, ORDER = ASKED[K.GRANT_BONUS], ASKED[K.OPEN_ORDER]
SECRET = "987654321"

Problems = list[tuple[str, str, str | None]]


def problems(demand: Any, **changes: Any) -> Problems:
    """The paths, codes and rules that a demand with these changes is refused with."""
    with pytest.raises(InvalidValue) as caught:
        attrs.evolve(demand, **changes)
    return [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


def ids(demand: Any, *names: str, optional: tuple[str, ...] = ()) -> list[tuple[Any, dict[str, Any], Problems]]:
    long = "x" * (ID_LENGTH + 1)
    return [
        *((demand, {n: bad}, [(n, "not_an_id", None)]) for n in (*names, *optional) for bad in ("", 5, "a\nb")),
        *((demand, {name: None}, [(name, "not_an_id", None)]) for name in names),
        *((demand, {name: long}, [(name, "too_long", None)]) for name in (*names, *optional)),
    ]


def words(demand: Any, name: str, limit: int) -> list[tuple[Any, dict[str, Any], Problems]]:
    return [
        *((demand, {name: text}, [(name, "not_a_text", "M14")]) for text in (None, "text", 5)),
        *((demand, {name: Private(text)}, [(name, "empty", "M14")]) for text in ("", " \n\t ")),
        (demand, {name: Private("a\0b")}, [(name, "control_character", "M14")]),
        (demand, {name: Private("a\ud800b")}, [(name, "surrogate", "M14")]),
        (demand, {name: Private("x" * (limit + 1))}, [(name, "too_long", None)]),
    ]


MISFITS = [
    *ids(BOLETO, "customer", "boleto", optional=("contract",)),
    *(
        (BOLETO, {"forms": forms}, [("forms", "not_forms", "B4")])
        for forms in ((), None, [BoletoForm.PIX], ("pix",))
    ),
    *ids(INVOICE, "customer", "invoice", optional=("contract",)),
    *ids(BONUS, "customer", "contract"),
    *((BONUS, {"period": p}, [("period", "not_a_period", "B8")]) for p in ("2026-13", "", None, 202603)),
    *((BONUS, {"bonus": b}, [("bonus", "not_a_bonus", "B8")]) for b in (None, 10, "10")),
    *words(BONUS, "justification", JUSTIFICATION_LENGTH),
    *ids(ORDER, "protocol", "type", optional=("customer", "contract")),
    *words(ORDER, "subject", ORDER_SUBJECT),
    *words(ORDER, "description", ORDER_DESCRIPTION),
    *((ORDER, {"priority": p}, [("priority", "not_a_priority", "B12")]) for p in (None, "high", 1)),
    *(
        (ORDER, {"schedule": moment}, [("schedule", "not_utc", "B12")])
        for moment in (
            datetime(2026, 3, 12),
            datetime(2026, 3, 12, tzinfo=timezone(timedelta(hours=-3))),
            "tomorrow",
        )
    ),
    *((ORDER, {"transcript": n}, [("transcript", "negative", "B12")]) for n in (-1, True, None, 1.0)),
    (
        BONUS,
        {"customer": "", "contract": None, "period": "x", "bonus": 1, "justification": Private("")},
        [
            ("customer", "not_an_id", None),
            ("contract", "not_an_id", None),
            ("period", "not_a_period", "B8"),
            ("bonus", "not_a_bonus", "B8"),
            ("justification", "empty", "M14"),
        ],
    ),
    (
        ORDER,
        {"protocol": "", "type": "", "subject": None, "priority": None, "schedule": 5, "transcript": -1},
        [
            ("protocol", "not_an_id", None),
            ("type", "not_an_id", None),
            ("subject", "not_a_text", "M14"),
            ("priority", "not_a_priority", "B12"),
            ("schedule", "not_utc", "B12"),
            ("transcript", "negative", "B12"),
        ],
    ),
]


@pytest.mark.parametrize(("demand", "changes", "expected"), MISFITS, ids=range(len(MISFITS)))
def test_a_demand_says_all_that_does_not_fit(demand: Any, changes: dict[str, Any], expected: Problems) -> None:
    """Each misfit at its path, all of them at once. Rule: S13, S14, S15, S17, B4, B8, B10, B12."""
    assert problems(demand, **changes) == expected


def test_an_order_needs_neither_customer_nor_contract() -> None:
    """Someone who is to become a customer may need a visit too. Rule: S17, B12."""
    there = attrs.evolve(ORDER, customer=None, contract=None)
    assert isinstance(there, OrderDemand)
    assert (there.customer, there.contract, there.schedule, there.transcript) == (None, None, None, 0)


def test_a_demand_may_be_as_long_as_the_limits_say() -> None:
    """The limits themselves fit. Rule: B8, B12."""
    attrs.evolve(BONUS, justification=Private("j" * JUSTIFICATION_LENGTH))
    longest = attrs.evolve(
        ORDER,
        subject=Private("s" * ORDER_SUBJECT),
        description=Private("d" * ORDER_DESCRIPTION),
        schedule=datetime(2026, 3, 12, tzinfo=UTC),
        priority=Priority.URGENT,
        transcript=1_000_000,
    )
    assert isinstance(longest, OrderDemand)


@pytest.mark.parametrize("demand", ASKED.values(), ids=[kind.value for kind in ASKED])
def test_whom_a_demand_is_for_and_what_was_said_stay_out_of_sight(demand: Any) -> None:
    """Neither the customer's id nor a person's words show where a demand is printed. Rule: B2, B8, B12."""
    said = {n: Private(SECRET) for n in ("justification", "subject", "description") if hasattr(demand, n)}
    assert SECRET not in repr(attrs.evolve(demand, customer=SECRET, **said))


def test_each_kind_of_effect_asks_for_its_own() -> None:
    """Boletos, invoices, bonuses and orders, each by one kind; through billing, or contracts. Rule: B11."""
    assert dict(DEMANDS) == {
        K.ISSUE_BOLETO: BoletoDemand,
        K.ISSUE_INVOICE: InvoiceDemand,
        K.GRANT_BONUS: BonusDemand,
        K.OPEN_ORDER: OrderDemand,
    }
    assert {kind: PORT_OF[kind] for kind in DEMANDS} == {
        K.ISSUE_BOLETO: PortKind.BILLING,
        K.ISSUE_INVOICE: PortKind.BILLING,
        K.GRANT_BONUS: PortKind.BILLING,
        K.OPEN_ORDER: PortKind.CONTRACTS,
    }


@pytest.mark.parametrize("kind", DEMANDS)
@pytest.mark.parametrize("demand", [None, *ASKED.values(), "bonus"])
def test_an_effect_has_the_demand_of_its_kind(kind: EffectKind, demand: Any) -> None:
    """It asks for what it is about, and for nothing else; never for nothing. Rule: B11."""
    if type(demand) is DEMANDS[kind]:
        assert action(kind, demand=demand).demand == demand
        return
    with pytest.raises(InvalidValue) as caught:
        action(kind, demand=demand)
    assert [(p.path, p.code, p.rule) for p in caught.value.problems] == [("demand", "not_its_demand", "B11")]


def test_what_sends_a_message_asks_for_nothing_else() -> None:
    """A demand on a message's effect is refused. Rule: B11."""
    with pytest.raises(InvalidValue) as caught:
        effect(EffectState.INTENDED, demand=BONUS)
    assert [p.code for p in caught.value.problems] == ["not_its_demand"]


def test_a_bonus_asked_for_is_exactly_what_was_meant() -> None:
    """Kind, value, contract, period and justification are those of the intent. Rule: S15, B8, B10."""
    assert isinstance(BONUS, BonusDemand)
    assert BONUS.bonus == Bonus.amount("10.00")
    assert (BONUS.contract, BONUS.period) == ("k1", "2026-03")
