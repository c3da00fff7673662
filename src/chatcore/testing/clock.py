"""Time that only the test moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from chatcore.moments import parse_moment, utc

__all__ = ["Clock"]


class Clock:
    """A clock that stands still until it is moved. Moving it runs nothing: timed work is for the workers.

    >>> clock = Clock("2026-03-08T10:00:00-03:00")
    >>> clock.advance(hours=2)
    >>> clock.now.isoformat()
    '2026-03-08T15:00:00+00:00'
    """

    __slots__ = ("_now",)

    def __init__(self, now: datetime | str) -> None:
        self.set(now)

    @property
    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self._now

    def advance(self, span: timedelta | None = None, /, **units: float) -> None:
        """Move on by a span: a `timedelta`, or its units (``hours=2, minutes=30``).

        Raises:
            ValueError: it is not positive; to go back, `set` the clock.
        """
        by = timedelta(**units) if span is None else span + timedelta(**units)
        if by <= timedelta(0):
            raise ValueError("a clock advances by more than nothing; to go back, set it")
        self._now += by

    def set(self, moment: datetime | str, /) -> None:
        """Move to a moment, also an earlier one: an aware `datetime`, or a text with its offset (RFC 3339).

        Raises:
            InvalidValue: ``not_a_moment``, or ``naive_moment`` where the offset is missing.
        """
        self._now = parse_moment(moment) if isinstance(moment, str) else utc(moment)

    def __call__(self) -> datetime:
        """The present moment, as a desk asks for it."""
        return self._now

    def __repr__(self) -> str:
        return f"<Clock at {self._now.isoformat()}>"
