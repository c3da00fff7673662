"""Money in reais, exactly. Rule: B10."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal, Inexact, Rounded, getcontext, localcontext
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.br.money import Money, parse_money
from chatcore.errors import InvalidValue
from chatcore.limits import MONEY_CENTS
from chatcore.testing.strategies import hostile_text

CENTS = st.integers(0, MONEY_CENTS)
MOST = Decimal("99999999999.99")


class Text(str):
    """A str by another name."""


class Whole(int):
    """An int by another name."""


class Exact(Decimal):
    """A Decimal by another name."""


def refused(value: object) -> str:
    """The code with which an amount is refused."""
    with pytest.raises(InvalidValue) as error:
        parse_money(value, "bonus.value")  # type: ignore[arg-type]
    (problem,) = error.value.problems
    assert (problem.path, problem.rule) == ("bonus.value", "B10")
    assert error.value.__cause__ is None
    assert error.value.__context__ is None
    return problem.code


@given(CENTS)
def test_an_amount_is_what_is_written_of_it(cents: int) -> None:
    """Law: text and decimal of an amount read as that amount, to the cent. Rule: B10."""
    money = Money(cents)
    assert parse_money(str(money)) == money
    assert parse_money(money.amount) == money
    assert parse_money(f"{money}000000000000000000") == money
    assert parse_money(money.written()[3:].replace(".", "").replace(",", ".")) == money
    assert money.amount * 100 == cents
    assert money.amount.as_tuple().exponent == -2
    assert hash(parse_money(str(money))) == hash(money)


@pytest.mark.parametrize(
    ("value", "cents"),
    [
        ("0", 0),
        ("0.00", 0),
        ("1234.56", 123_456),
        ("1234.5", 123_450),
        ("1234", 123_400),
        ("000000000001", 100),
        ("0.01", 1),
        ("0.10000000000000000000", 10),
        ("99999999999.99", MONEY_CENTS),
        (Decimal("99999999999.990"), MONEY_CENTS),
        (99_999_999_999, MONEY_CENTS - 99),
        (0, 0),
        (7, 700),
        (Decimal("7"), 700),
        (Decimal("1E+3"), 100_000),
        (Decimal("12E-2"), 12),
        (Decimal("-0.00"), 0),
        (Decimal("0E+999999"), 0),
        (Decimal("0E-999999"), 0),
        (Decimal("1." + "0" * 60), 100),
    ],
)
def test_an_exact_amount_is_read(value: str | Decimal | int, cents: int) -> None:
    """Whole reais and cents, however many zeros follow. Rule: B10."""
    assert parse_money(value) == Money(cents)


@pytest.mark.parametrize(
    "value",
    [
        0.1,
        1.0,
        float("nan"),
        float("inf"),
        True,
        False,
        None,
        b"1.00",
        Fraction(1, 2),
        complex(1),
        Money(100),
        [1],
        Text("1.00"),
        Whole(1),
        Exact("1.00"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-NaN12"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
        "",
        " ",
        "NaN",
        "inf",
        "1e3",
        "1E+3",
        "+1.00",
        " 1.00",
        "1.00 ",
        "1.00\n",
        "1,00",
        "1.234,56",
        "1,234.56",
        "1_000",
        "R$ 1,00",
        ".50",
        "1.",
        "--1",
        "1.0.0",
        "0x10",
        "١.٠٠",
        "１.００",
        "1234567890123",
        "1." + "0" * 21,
        pytest.param("9" * 1_000_000, id="a million digits"),
    ],
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    """Floats and bools, numbers that are none, other spellings: one typed error. Rule: B10."""
    assert refused(value) == "not_an_amount"


@pytest.mark.parametrize(
    "value",
    [
        "1.234",
        "0.001",
        "0.005",
        "99999999998.99999999999999999999",
        Decimal("0.009"),
        Decimal("1.00" + "0" * 60 + "1"),
        Decimal("1E-999999"),
        Decimal("1E-999999999999"),
    ],
)
def test_less_than_a_cent_is_refused_and_never_rounded(value: str | Decimal) -> None:
    """Rule: B10."""
    assert refused(value) == "not_whole_cents"


@pytest.mark.parametrize(
    "value",
    [
        "-1.00",
        "-0.01",
        -1,
        pytest.param(-(10**100_000), id="huge"),
        Decimal("-0.01"),
        Decimal("-1E-999999"),
        Decimal("-1E+999999"),
    ],
)
def test_less_than_nothing_is_refused(value: str | Decimal | int) -> None:
    """Rule: B10."""
    assert refused(value) == "negative"


@pytest.mark.parametrize(
    "value",
    [
        "100000000000",
        "99999999999.991",
        "999999999999.99",
        100_000_000_000,
        pytest.param(10**100_000, id="huge"),
        MOST + Decimal("0.01"),
        Decimal("1E+11"),
        Decimal("1E+999999"),
        Decimal("9E+999999999999"),
    ],
)
def test_more_than_the_most_is_refused(value: str | Decimal | int) -> None:
    """The most is 9,999,999,999,999 cents, all of which can be said. Rule: B10."""
    assert refused(value) == "too_much"
    assert parse_money(MOST).cents == MONEY_CENTS


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.integers() | st.floats() | hostile_text())
def test_anything_is_an_exact_amount_or_refused(value: object) -> None:
    """Law: what is read is equal to what was given, and all else is InvalidValue. Rule: B10."""
    try:
        money = parse_money(value)  # type: ignore[arg-type]
    except InvalidValue:
        return
    assert type(value) in (str, Decimal, int)
    assert Fraction(value) == Fraction(money.cents, 100)  # type: ignore[arg-type]


@given(st.decimals(Decimal("0"), MOST, places=2))
def test_every_amount_in_bounds_is_read(value: Decimal) -> None:
    """Law: no amount of whole cents up to the most is refused. Rule: B10."""
    assert parse_money(value).amount == value


@pytest.mark.parametrize("trapped", [False, True])
def test_the_caller_s_precision_changes_nothing(trapped: bool) -> None:
    """An amount is the same under any decimal context, and leaves no flag in it. Rule: B10."""
    with localcontext() as context:
        context.prec = 3
        context.traps[Inexact] = context.traps[Rounded] = trapped
        context.clear_flags()
        assert parse_money("1234.56") == Money(123_456)
        assert parse_money(Decimal("99999999999.99")).cents == MONEY_CENTS
        assert str(Money(MONEY_CENTS).amount) == "99999999999.99"
        assert refused("1234.567") == "not_whole_cents"
        assert not any(getcontext().flags.values())


@pytest.mark.parametrize(
    ("cents", "plain", "written"),
    [
        (0, "0.00", "R$ 0,00"),
        (1, "0.01", "R$ 0,01"),
        (99, "0.99", "R$ 0,99"),
        (100, "1.00", "R$ 1,00"),
        (99_999, "999.99", "R$ 999,99"),
        (100_000, "1000.00", "R$ 1.000,00"),
        (123_456_789, "1234567.89", "R$ 1.234.567,89"),
        (MONEY_CENTS, "99999999999.99", "R$ 99.999.999.999,99"),
    ],
)
def test_an_amount_is_written_as_brazilians_do(cents: int, plain: str, written: str) -> None:
    """With points between thousands and a comma before the cents. Rule: B10."""
    assert str(Money(cents)) == f"{Money(cents)}" == plain
    assert Money(cents).written() == written
    assert Money(cents).amount == Decimal(plain)


@given(CENTS, CENTS)
def test_amounts_are_ordered_as_their_cents(one: int, other: int) -> None:
    """Law: order and equality are those of the cents. Rule: B10."""
    assert (Money(one) < Money(other)) == (one < other)
    assert (Money(one) <= Money(other)) == (one <= other)
    assert (Money(one) == Money(other)) == (one == other)
    assert max(Money(one), Money(other)).cents == max(one, other)


@pytest.mark.parametrize("other", [100, Decimal("1.00"), 1.0, "1.00", None])
def test_an_amount_is_compared_with_amounts_only(other: object) -> None:
    """A number is no amount: it does not say whether it is reais or cents. Rule: B10."""
    assert Money(100) != other
    with pytest.raises(TypeError):
        assert Money(100) < other  # type: ignore[operator]


@pytest.mark.parametrize(
    ("cents", "code"),
    [
        (1.0, "not_cents"),
        (True, "not_cents"),
        ("1", "not_cents"),
        (Decimal(1), "not_cents"),
        (Whole(1), "not_cents"),
        (None, "not_cents"),
        (-1, "negative"),
        (MONEY_CENTS + 1, "too_much"),
        pytest.param(10**100_000, "too_much", id="huge"),
    ],
)
def test_an_amount_holds_whole_cents_only(cents: object, code: str) -> None:
    """However it is made, it is checked. Rule: B10."""
    with pytest.raises(InvalidValue) as error:
        Money(cents)  # type: ignore[arg-type]
    assert [(each.path, each.code) for each in error.value.problems] == [("amount", code)]


def test_an_amount_is_a_frozen_value() -> None:
    """It pickles, copies, and cannot be changed."""
    money = Money(123_456)
    assert pickle.loads(pickle.dumps(money)) == money
    assert copy.deepcopy(money) == money
    assert repr(money) == "Money(cents=123456)"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        money.cents = 1  # type: ignore[misc]
