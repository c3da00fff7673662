"""The text forms of moments, days, spans, numbers and amounts: one each, and read back exactly."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.br import Money
from chatcore.entities.fields import value_problems
from chatcore.errors import InvalidValue
from chatcore.limits import MONEY_CENTS
from chatcore.serialization import _texts
from chatcore.vocabulary import Private

READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "moment": (_texts.MOMENT, _texts.moment_of),
    "day": (_texts.DAY, _texts.day_of),
    "span": (_texts.SPAN, _texts.span_of),
    "number": (_texts.NUMBER, _texts.number_of),
    "money": (_texts.MONEY, _texts.money_of),
    "tax id": (_texts.TAX_ID, _texts.tax_id_of),
}


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999), timezones=st.just(UTC)))
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
def test_moments_are_written_in_utc_with_microseconds(moment: datetime) -> None:
    """As `isoformat` writes them, but for the Z; always with six digits of a second. Rule: L12."""
    quoted = _texts.quoted_moment(moment)
    assert quoted == f'"{moment.isoformat(timespec="microseconds").replace("+00:00", "Z")}"'
    back = _texts.moment_of(quoted[1:-1])
    assert back == moment
    assert back.tzinfo is UTC


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=5))
def test_moments_sort_as_their_texts_do(moments: list[datetime]) -> None:
    """In a database, or in a file of lines."""
    texts = [_texts.quoted_moment(moment) for moment in moments]
    assert sorted(texts) == [_texts.quoted_moment(moment) for moment in sorted(moments)]


@given(st.dates())
def test_days_come_back(day: date) -> None:
    """As the calendar writes them."""
    assert _texts.day_of(day.isoformat()) == day


@given(st.timedeltas())
@example(timedelta.min)
@example(timedelta.max)
@example(timedelta(microseconds=-1))
@example(timedelta(0))
def test_spans_come_back(span: timedelta) -> None:
    """Exactly, however long or short, forwards and back."""
    text = _texts.span_text(span)
    assert re.fullmatch(_texts.SPAN, text)
    assert _texts.span_of(text) == span


@given(st.decimals(allow_nan=False, allow_infinity=False))
@example(Decimal("-0.00"))
@example(Decimal("1E+27"))
@example(Decimal("0E-28"))
@example(Decimal(1).scaleb(-29))
def test_numbers_come_back_with_their_places(number: Decimal) -> None:
    """All that a custom field takes, digit by digit, whatever the caller's own context says. Rule: C9."""
    if value_problems((("f", number),), "values"):
        return
    with localcontext(Context(prec=2, capitals=0)):
        back = _texts.number_of(_texts.number_text(number))
    assert back.as_tuple() == number.as_tuple()


@given(st.integers(0, MONEY_CENTS))
@example(MONEY_CENTS)
def test_amounts_come_back_to_the_cent(cents: int) -> None:
    """In reais with two places. Rule: B10."""
    assert _texts.money_of(str(Money(cents))) == Money(cents)


@pytest.mark.parametrize("form", READERS)
def test_what_a_pattern_takes_is_all_that_is_read(form: str) -> None:
    """The patterns stand in the JSON Schema: what is read fits them, and no other error comes up."""
    pattern, read = READERS[form]

    @given(st.from_regex(pattern, fullmatch=True) | st.text("0123456789-+:.TZPSEW ", max_size=30))
    def check(text: str) -> None:
        try:
            value = read(text)
        except ValueError:
            return
        assert re.fullmatch(pattern, text)
        assert value is not None

    check()


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+1000000", "1" * 100])
def test_what_is_no_number_is_not_written(text: str) -> None:
    """Nor what has more digits than would be read."""
    with pytest.raises(InvalidValue):
        _texts.number_text(Decimal(text))


def test_a_tax_id_is_read_by_its_key() -> None:
    """With its check digits. Rule: R5."""
    assert _texts.tax_id_of("52998224725").key == Private("52998224725")
    with pytest.raises(ValueError, match="check_digits"):
        _texts.tax_id_of("52998224724")
