"""Moments and spans of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

__all__ = ["moments", "spans"]


def moments() -> st.SearchStrategy[datetime]:
    """A moment as the core holds it: aware, in UTC, from 1970 to 2199."""
    return st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))


def spans(least: timedelta = timedelta(0)) -> st.SearchStrategy[timedelta]:
    """A span of time, to thirty days."""
    return st.timedeltas(least, timedelta(days=30))
