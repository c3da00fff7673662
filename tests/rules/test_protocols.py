"""Protocol numbers: given at the opening, from the day and the id root alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.errors import InvalidValue
from chatcore.rules.protocols import protocol_number
from chatcore.testing.strategies import moments
from tests.given import NOW, ROOT

SAO_PAULO = "America/Sao_Paulo"


@given(st.text(max_size=40).filter(lambda t: t.isprintable()), moments())
def test_a_number_is_eighteen_digits(root: str, now: datetime) -> None:
    """Law: the local day and ten digits; the same root and moment give the same number. Rule: L11, R1."""
    number = protocol_number(root, now, "UTC")
    assert len(number) == 18
    assert number.isdecimal()
    assert number.isascii()
    assert number[:8] == f"{now:%Y%m%d}"
    assert number == protocol_number(root, now, "UTC")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 10, 2, 59, 59, tzinfo=UTC), "20260309"),
        (datetime(2026, 3, 10, 3, 0, tzinfo=UTC), "20260310"),
        (datetime(2026, 1, 1, 0, 0, tzinfo=UTC), "20251231"),
    ],
)
def test_the_day_is_that_of_the_workspace(moment: datetime, day: str) -> None:
    """As its calendars show it. Rule: L11, H1."""
    assert protocol_number(ROOT, moment, SAO_PAULO).startswith(day)


def test_each_root_draws_its_own() -> None:
    """Numbers of one day do not follow one another, so none can be guessed from the last. Rule: L11."""
    drawn = {protocol_number(f"{n:032x}", NOW, SAO_PAULO) for n in range(2000)}
    assert len(drawn) == 2000


def test_years_before_the_thousandth_keep_their_eight_digits() -> None:
    """A clock far off still gives a number of the same length. Rule: L11."""
    assert len(protocol_number(ROOT, datetime(999, 5, 5, tzinfo=UTC), "UTC")) == 18


def test_a_zone_that_is_none_is_refused() -> None:
    """Rule: H1."""
    with pytest.raises(InvalidValue):
        protocol_number(ROOT, NOW, "Brasilia")
