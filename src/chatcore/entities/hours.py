"""Business hours: when people serve, week by week, by the clocks of the workspace's zone. Rule: H1.

1. Hours are a value: minutes of the local clock for each weekday, and the days on which all stays closed. The
   zone is not part of them; each question is given it.
2. An interval of a day opens at the first moment at which the clocks show its start or later, and closes at the
   first at which they show its end or later (`from_local`). So an interval that the clocks skip is no time at
   all, one they jump into opens right after the jump, and when they go back it neither opens nor closes again.
3. An opening runs from a start to an end, half-open: open at 08:00 sharp, closed at 18:00 sharp. Where one ends
   at the moment at which the next starts, across midnight too, they are one opening.
4. What lies ahead is searched for `HOURS_AHEAD` days past the local day of the moment asked about, no further.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

import attrs

from chatcore._shape import not_tuple_of
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import HOLIDAYS, HOURS_AHEAD, INTERVALS_A_DAY
from chatcore.moments import from_local, local, local_day, utc

__all__ = ["BusinessHours", "Interval"]

_DAY_MINUTES: Final = 1440
_CLOCK: Final = r"((?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
_INTERVAL: Final = re.compile(rf" *{_CLOCK} *- *{_CLOCK} *")


@attrs.frozen(slots=True)
class Interval:
    """A part of a day, from `start` to before `end`, in minutes of the local clock since midnight. Rule: H1.

    0 <= start < end <= 1440; an end of 1440, 24:00, closes the day.

        >>> Interval.parse("08:00-12:00")
        Interval(start=480, end=720)
    """

    start: int
    end: int

    def __attrs_post_init__(self) -> None:
        ends = (("start", self.start), ("end", self.end))
        bad = [
            Problem(name, "out_of_bounds", "H1", limit=_DAY_MINUTES)
            for name, value in ends
            if type(value) is not int or not 0 <= value <= _DAY_MINUTES
        ]
        if not bad and self.end <= self.start:
            bad.append(Problem("end", "ends_before_start", "H1"))
        if bad:
            raise InvalidValue(*bad)

    def __str__(self) -> str:
        return f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"

    @classmethod
    def parse(cls, text: str, path: str = "interval") -> Interval:
        """Read two times of day with a hyphen between, ``HH:MM-HH:MM``; ``24:00`` closes the day.

        Spaces around either time are skipped.

        Raises:
            InvalidValue: ``not_a_text``, ``malformed``, or ``ends_before_start``, which equal times are too.
        """
        if type(text) is not str:
            raise InvalidValue.of(path, "not_a_text", rule="H1")
        found = _INTERVAL.fullmatch(text)
        if found is None:
            raise InvalidValue.of(path, "malformed", rule="H1")
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in found.groups())
        if end <= start:
            raise InvalidValue.of(path, "ends_before_start", rule="H1")
        return cls(start, end)


@attrs.frozen(slots=True, kw_only=True)
class BusinessHours:
    """When people serve: the intervals of each weekday, and the days closed all day. Rule: H1.

    `week` has the seven weekdays, Monday first; the intervals of a day come in order and share no minute. They
    may touch, and are kept as written: hours that touch and hours written as one open alike but are not equal.
    `holidays` come in order, each once. At most `INTERVALS_A_DAY` and `HOLIDAYS` of them.

        >>> hours = BusinessHours.of(weekdays="08:00-12:00, 13:30-18:00", holidays=[date(2026, 5, 1)])
        >>> hours.is_open(datetime.fromisoformat("2026-05-04T08:00:00-03:00"), "America/Sao_Paulo")
        True

    Every question below takes a moment in any zone and the name of the workspace's, answers moments in UTC,
    and raises InvalidValue as `local` does: ``unknown_zone``, ``naive_moment``, ``moment_out_of_range``, ….
    """

    week: tuple[tuple[Interval, ...], ...]
    holidays: tuple[date, ...] = ()

    def __attrs_post_init__(self) -> None:
        bad = [*_week_problems(self.week), *_holiday_problems(self.holidays)]
        if bad:
            raise InvalidValue(*bad)

    @classmethod
    def of(
        cls,
        *,
        weekdays: str = "",
        monday: str | None = None,
        tuesday: str | None = None,
        wednesday: str | None = None,
        thursday: str | None = None,
        friday: str | None = None,
        saturday: str = "",
        sunday: str = "",
        holidays: Iterable[date] = (),
    ) -> BusinessHours:
        """Hours as people write them: the intervals of a day with commas between, and none when it is closed.

        Monday to Friday are as `weekdays` says, save those given themselves. Holidays may come in any order.

            >>> BusinessHours.of(weekdays="09:00-18:00", friday="09:00-17:00", saturday="").week[4]
            (Interval(start=540, end=1020),)

        Raises:
            InvalidValue: what is wrong with each interval and holiday, at a path such as ``week[4][0]``.
        """
        days = [weekdays if day is None else day for day in (monday, tuesday, wednesday, thursday, friday)]
        bad: list[Problem] = []
        week = tuple(_day(text, f"week[{i}]", bad) for i, text in enumerate([*days, saturday, sunday]))
        off = tuple(holidays)
        if not not_tuple_of(date, off):
            off = tuple(sorted(off))
        told = {problem.path for problem in bad}
        bad += [each for each in _week_problems(week) if each.path not in told]
        bad += _holiday_problems(off)
        if bad:
            raise InvalidValue(*bad)
        return cls(week=tuple(tuple(each for each in day if each is not None) for day in week), holidays=off)

    def is_open(self, moment: datetime, zone_name: str) -> bool:
        """Whether people serve at that moment."""
        there = local(moment, zone_name)
        if there.fold:  # The clocks went back, so what they show was open or closed the first time.
            now, today = utc(moment), there.date()
            return any(start <= now for start, _ in self._openings(now, today, 1, zone_name))
        minute = there.hour * 60 + there.minute
        return any(each.start <= minute < each.end for each in self._intervals(there.date()))

    def next_opening(self, moment: datetime, zone_name: str) -> datetime | None:
        """The first moment from that one on at which people serve: itself while open.

        None when they never do, as far as is looked ahead. From any moment of one closed period it is the
        same, and from another period another: so it can stand for the period.
        """
        now, today = utc(moment), local_day(moment, zone_name)
        for start, _ in self._openings(now, today, HOURS_AHEAD, zone_name):
            return max(start, now)
        return None

    def next_closing(self, moment: datetime, zone_name: str) -> datetime | None:
        """The moment at which the opening going on ends.

        None while closed, and when it does not end as far as is looked ahead.
        """
        now, today = utc(moment), local_day(moment, zone_name)
        if not self.is_open(now, zone_name):
            return None
        closing: datetime | None = None
        for start, end in self._openings(now, today, HOURS_AHEAD, zone_name):
            if closing is not None and closing < start:
                return closing
            closing = end
        if closing is None or closing >= _end_of(today, HOURS_AHEAD, zone_name):
            return None
        return closing

    def after(self, moment: datetime, span: timedelta, zone_name: str) -> datetime:
        """The deadline: the first moment by which that much business time has passed since `moment`.

        One that falls exactly on closing time stays there. No span at all is over at once, also while closed.

        Raises:
            InvalidValue: also ``not_a_span`` for a negative one, and ``out_of_reach`` when the days looked
                ahead do not hold that much business time.
        """
        if type(span) is not timedelta or span < timedelta(0):
            raise InvalidValue.of("span", "not_a_span", rule="H1")
        now, today = utc(moment), local_day(moment, zone_name)
        if not span:
            return now
        left = span
        for start, end in self._openings(now, today, HOURS_AHEAD, zone_name):
            start = max(start, now)
            if left <= end - start:
                return start + left
            left -= end - start
        raise InvalidValue.of("span", "out_of_reach", rule="H1")

    def between(self, start: datetime, end: datetime, zone_name: str) -> timedelta:
        """The business time from one moment to another; takes time in proportion to the days between.

        For every span that `after` can answer, ``between(m, after(m, span)) == span``.

        Raises:
            InvalidValue: also ``ends_before_start``.
        """
        first, last = utc(start, "start"), utc(end, "end")
        if last < first:
            raise InvalidValue.of("end", "ends_before_start", rule="H1")
        today = local_day(first, zone_name)
        days = (local_day(last, zone_name) - today).days + 1  # The clocks may have gone back over midnight.
        passed = timedelta(0)
        for opens, closes in self._openings(first, today, days, zone_name):
            if last <= opens:
                break
            passed += min(closes, last) - max(opens, first)
        return passed

    def _intervals(self, day: date) -> tuple[Interval, ...]:
        """The intervals of one day of the calendar: none on a holiday."""
        place = bisect_left(self.holidays, day)
        if place < len(self.holidays) and self.holidays[place] == day:
            return ()
        return self.week[day.weekday()]

    def _openings(
        self, moment: datetime, today: date, days: int, zone_name: str
    ) -> Iterator[tuple[datetime, datetime]]:
        """When each interval opens and closes, in order, from the first that ends after the moment.

        Looks at `today` and so many days more. Those of the days before have all ended by a moment of `today`.
        """
        first = today.toordinal()
        for ordinal in range(first, min(first + days, _LAST_DAY) + 1):
            day = date.fromordinal(ordinal)
            for each in self._intervals(day):
                end = from_local(day, each.end, zone_name)
                if end > moment and (start := from_local(day, each.start, zone_name)) < end:
                    yield start, end


_LAST_DAY: Final = date.max.toordinal()


def _end_of(today: date, days: int, zone_name: str) -> datetime:
    """The midnight that ends the last of the days looked ahead."""
    last = date.fromordinal(min(today.toordinal() + days, _LAST_DAY))
    return from_local(last, _DAY_MINUTES, zone_name)


def _day(text: str, path: str, bad: list[Problem]) -> tuple[Interval | None, ...]:
    """Read the intervals of one day; what is wrong goes to `bad`, and None stands where an interval is."""
    if type(text) is not str:
        bad.append(Problem(path, "not_a_text", "H1"))
        return ()
    pieces = text.split(",") if text.strip(" ") else []
    if len(pieces) > INTERVALS_A_DAY:
        bad.append(Problem(path, "too_long", "H1", limit=INTERVALS_A_DAY, actual=len(pieces)))
        return ()
    intervals: list[Interval | None] = []
    for j, piece in enumerate(pieces):
        try:
            intervals.append(Interval.parse(piece, f"{path}[{j}]"))
        except InvalidValue as error:
            bad += error.problems
            intervals.append(None)
    return tuple(intervals)


def _week_problems(week: object) -> Iterator[Problem]:
    if type(week) is not tuple:
        yield Problem("week", "not_a_tuple", "H1")
        return
    if len(week) != 7:
        yield Problem("week", "wrong_length", "H1", limit=7, actual=len(week))
        return
    for i, day in enumerate(week):
        if type(day) is not tuple:
            yield Problem(f"week[{i}]", "not_a_tuple", "H1")
        elif len(day) > INTERVALS_A_DAY:
            yield Problem(f"week[{i}]", "too_long", "H1", limit=INTERVALS_A_DAY, actual=len(day))
        else:
            yield from _day_problems(f"week[{i}]", day)


def _day_problems(path: str, day: tuple[object, ...]) -> Iterator[Problem]:
    ended = 0
    for j, each in enumerate(day):
        if type(each) is not Interval:
            yield Problem(f"{path}[{j}]", "malformed", "H1")
            continue
        if each.start < ended:
            yield Problem(f"{path}[{j}]", "overlapping", "H1")
        ended = max(ended, each.end)


def _holiday_problems(holidays: object) -> Iterator[Problem]:
    if type(holidays) is not tuple:
        yield Problem("holidays", "not_a_tuple", "H1")
        return
    if len(holidays) > HOLIDAYS:
        yield Problem("holidays", "too_long", "H1", limit=HOLIDAYS, actual=len(holidays))
        return
    before: date | None = None
    for i, day in enumerate(holidays):
        if type(day) is not date:
            yield Problem(f"holidays[{i}]", "not_a_date", "H1")
            continue
        if before is not None and day <= before:
            yield Problem(f"holidays[{i}]", "repeated" if day == before else "not_in_order", "H1")
        before = day
