"""Business hours: the value and its checks, and its answers held against a clock watched minute by minute."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities.hours import BusinessHours, Interval
from chatcore.errors import InvalidValue
from chatcore.limits import HOLIDAYS, HOURS_AHEAD, INTERVALS_A_DAY
from chatcore.testing.strategies import hostile_text, moments

SP = "America/Sao_Paulo"
NY = "America/New_York"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOTHING = timedelta(0)
TICK = timedelta(microseconds=1)

OFFICE = BusinessHours.of(
    weekdays="08:00-12:00,13:30-18:00", saturday="08:00-12:00", holidays=[date(2026, 5, 1)]
)
NEVER = BusinessHours.of()
ALWAYS = BusinessHours.of(weekdays="00:00-24:00", saturday="00:00-24:00", sunday="00:00-24:00")


def at(reading: str, zone: str = SP, *, fold: int = 0) -> datetime:
    """The moment at which the clocks of a zone show this, told by another library than the one under test."""
    return datetime.fromisoformat(reading).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def daily(text: str, **others: Any) -> BusinessHours:
    """The same hours on all seven days."""
    return BusinessHours.of(weekdays=text, saturday=text, sunday=text, **others)


def problems(make: Any, /, *args: Any, **values: Any) -> list[tuple[str, str]]:
    """The paths and codes something is refused with, each under rule H1."""
    with pytest.raises(InvalidValue) as caught:
        make(*args, **values)
    assert {problem.rule for problem in caught.value.problems} == {"H1"}
    return [(problem.path, problem.code) for problem in caught.value.problems]


# --- an interval ---------------------------------------------------------------------------------------------


def intervals() -> st.SearchStrategy[Interval]:
    ends = st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True).map(sorted)
    return ends.map(lambda pair: Interval(*pair))


@given(intervals())
def test_an_interval_is_read_back_from_what_it_shows(interval: Interval) -> None:
    """Law: Interval.parse(str(x)) == x. Rule: H1."""
    assert Interval.parse(str(interval)) == interval


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("00:00-24:00", 0, 1440),
        ("08:00-12:00", 480, 720),
        (" 13:30 - 18:00 ", 810, 1080),
        ("23:59-24:00", 1439, 1440),
    ],
)
def test_an_interval_is_read_as_people_write_it(text: str, start: int, end: int) -> None:
    """24:00 closes a day. Rule: H1."""
    assert Interval.parse(text) == Interval(start, end)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed"),
        ("08:00", "malformed"),
        ("8:00-12:00", "malformed"),
        ("08:00-12:60", "malformed"),
        ("08:00-24:01", "malformed"),
        ("08:00-25:00", "malformed"),
        ("08:00-12:00\n", "malformed"),
        ("08:00-12:00-13:00", "malformed"),
        ("08:00\u201312:00", "malformed"),
        ("\u0660\u0668:00-12:00", "malformed"),
        ("08:00:00-12:00", "malformed"),
        ("24:00-24:00", "ends_before_start"),
        ("12:00-12:00", "ends_before_start"),
        ("22:00-06:00", "ends_before_start"),
        (None, "not_a_text"),
        (b"08:00-12:00", "not_a_text"),
        (480, "not_a_text"),
    ],
)
def test_what_is_no_interval_is_refused(text: Any, code: str) -> None:
    """A night is two intervals, one on each day. Rule: H1."""
    assert problems(Interval.parse, text, "hours") == [("hours", code)]


@given(hostile_text())
def test_any_text_is_an_interval_or_refused(text: str) -> None:
    """Law: parse(x) is an interval, or InvalidValue. Rule: H1."""
    with contextlib.suppress(InvalidValue):
        assert type(Interval.parse(text)) is Interval


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (-1, 1441, [("start", "out_of_bounds"), ("end", "out_of_bounds")]),
        (True, 60, [("start", "out_of_bounds")]),
        (8.0, 60, [("start", "out_of_bounds")]),
        (0, "60", [("end", "out_of_bounds")]),
        (60, 60, [("end", "ends_before_start")]),
        (61, 60, [("end", "ends_before_start")]),
    ],
)
def test_an_interval_has_minutes_of_one_day_in_order(
    start: Any, end: Any, found: list[tuple[str, str]]
) -> None:
    """Rule: H1."""
    assert problems(Interval, start, end) == found


# --- the value -----------------------------------------------------------------------------------------------

CLOSED: tuple[tuple[Interval, ...], ...] = ((),) * 7
MORNING, AFTERNOON = Interval(480, 720), Interval(810, 1080)


def week(day: Any) -> tuple[Any, ...]:
    """A week with this on Wednesday alone."""
    return (*CLOSED[:2], day, *CLOSED[3:])


def test_hours_are_written_by_the_weekday() -> None:
    """Monday to Friday share what `weekdays` says unless one says otherwise; empty is closed. Rule: H1."""
    hours = BusinessHours.of(weekdays="08:00-12:00, 13:30-18:00", tuesday="", friday="08:00-12:00", sunday=" ")
    full = (MORNING, AFTERNOON)
    assert hours == BusinessHours(week=(full, (), full, full, (MORNING,), (), ()))
    assert BusinessHours.of() == BusinessHours(week=CLOSED)


def test_holidays_may_be_given_in_any_order() -> None:
    """They are kept in order. Rule: H1."""
    days = [date(2026, 12, 25), date(2026, 5, 1)]
    assert BusinessHours.of(holidays=days).holidays == (date(2026, 5, 1), date(2026, 12, 25))


def test_hours_cannot_change_and_can_be_compared_and_kept() -> None:
    """Equal hours are equal keys, and survive pickling. Rule: H1."""
    same = BusinessHours(week=OFFICE.week, holidays=OFFICE.holidays)
    assert same == OFFICE
    assert len({same, OFFICE, NEVER}) == 2
    assert pickle.loads(pickle.dumps(OFFICE)) == OFFICE
    for thing, name in ((OFFICE, "week"), (MORNING, "start")):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(thing, name, ())


def test_touching_intervals_are_kept_as_written() -> None:
    """Touching is no overlap; the hours open alike and yet are another value. Rule: H1."""
    touching, one = BusinessHours.of(monday="08:00-12:00,12:00-18:00"), BusinessHours.of(monday="08:00-18:00")
    assert touching != one
    noon = at("2026-03-02T12:00")
    assert touching.is_open(noon, SP)
    assert touching.next_closing(at("2026-03-02T09:00"), SP) == at("2026-03-02T18:00")


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"week": None}, [("week", "not_a_tuple")]),
        ({"week": [()] * 7}, [("week", "not_a_tuple")]),
        ({"week": CLOSED[:6]}, [("week", "wrong_length")]),
        ({"week": (*CLOSED, ())}, [("week", "wrong_length")]),
        ({"week": week([MORNING])}, [("week[2]", "not_a_tuple")]),
        ({"week": week((MORNING, (810, 1080)))}, [("week[2][1]", "malformed")]),
        ({"week": week((AFTERNOON, MORNING))}, [("week[2][1]", "overlapping")]),
        ({"week": week((MORNING, MORNING))}, [("week[2][1]", "overlapping")]),
        ({"week": week((MORNING, Interval(719, 800)))}, [("week[2][1]", "overlapping")]),
        (
            {"week": week((Interval(0, 1440), MORNING, AFTERNOON))},
            [("week[2][1]", "overlapping"), ("week[2][2]", "overlapping")],
        ),
        (
            {"week": week(tuple(Interval(i, i + 1) for i in range(INTERVALS_A_DAY + 1)))},
            [("week[2]", "too_long")],
        ),
        ({"holidays": [date(2026, 5, 1)]}, [("holidays", "not_a_tuple")]),
        ({"holidays": (date(2026, 5, 1), "2026-05-02")}, [("holidays[1]", "not_a_date")]),
        ({"holidays": (datetime(2026, 5, 1, tzinfo=UTC),)}, [("holidays[0]", "not_a_date")]),
        ({"holidays": (date(2026, 5, 1),) * 2}, [("holidays[1]", "repeated")]),
        ({"holidays": (date(2026, 5, 2), date(2026, 5, 1))}, [("holidays[1]", "not_in_order")]),
        (
            {"holidays": tuple(date(2026, 1, 1) + timedelta(i) for i in range(HOLIDAYS + 1))},
            [("holidays", "too_long")],
        ),
        (
            {"week": (None, (None,), (AFTERNOON, MORNING), (), (), (), ()), "holidays": (1,)},
            [
                ("week[0]", "not_a_tuple"),
                ("week[1][0]", "malformed"),
                ("week[2][1]", "overlapping"),
                ("holidays[0]", "not_a_date"),
            ],
        ),
    ],
)
def test_every_misfit_is_named_at_once(values: dict[str, Any], found: list[tuple[str, str]]) -> None:
    """Rule: H1."""
    assert problems(BusinessHours, **({"week": CLOSED} | values)) == found


def test_every_misfit_of_written_hours_is_named_at_once() -> None:
    """Each at its place in the week, also past an interval that cannot be read. Rule: H1."""
    assert problems(
        BusinessHours.of,
        weekdays="08:00-12:00",
        monday="8h-12h, 13:00-18:00, 17:00-19:00",
        tuesday="18:00-08:00,",
        wednesday=5,
        saturday=",".join(["08:00-12:00"] * (INTERVALS_A_DAY + 1)),
        holidays=[date(2026, 5, 1), date(2026, 5, 1)],
    ) == [
        ("week[0][0]", "malformed"),
        ("week[1][0]", "ends_before_start"),
        ("week[1][1]", "malformed"),
        ("week[2]", "not_a_text"),
        ("week[5]", "too_long"),
        ("week[0][2]", "overlapping"),
        ("holidays[1]", "repeated"),
    ]
    assert problems(BusinessHours.of, holidays=["2026-05-01", date(2026, 5, 1)]) == [
        ("holidays[0]", "not_a_date")
    ]


def test_the_most_there_may_be_is_accepted() -> None:
    """Twelve intervals on each day, a thousand holidays. Rule: H1."""
    day = tuple(Interval(i * 100, i * 100 + 50) for i in range(INTERVALS_A_DAY))
    off = tuple(date(2026, 1, 1) + timedelta(i) for i in range(HOLIDAYS))
    hours = BusinessHours(week=(day,) * 7, holidays=off)
    assert not hours.is_open(at("2026-01-01T00:00"), SP)
    assert not hours.is_open(datetime.combine(off[-1], datetime.min.time(), ZoneInfo(SP)), SP)
    assert hours.is_open(datetime.combine(off[-1] + timedelta(1), datetime.min.time(), ZoneInfo(SP)), SP)


# --- open, by examples ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reading", "opened"),
    [
        ("2026-03-02T07:59:59.999999", False),
        ("2026-03-02T08:00:00", True),
        ("2026-03-02T11:59:59.999999", True),
        ("2026-03-02T12:00:00", False),
        ("2026-03-02T13:30:00", True),
        ("2026-03-02T17:59:59.999999", True),
        ("2026-03-02T18:00:00", False),
        ("2026-03-07T09:00:00", True),
        ("2026-03-07T14:00:00", False),
        ("2026-03-08T09:00:00", False),
        ("2026-05-01T09:00:00", False),
    ],
)
def test_an_interval_is_half_open(reading: str, opened: bool) -> None:
    """Open from its first microsecond to before its end, and never on a holiday. Rule: H1."""
    assert OFFICE.is_open(at(reading), SP) is opened


def test_the_zone_decides_what_day_it_is() -> None:
    """The same moment is open in one zone and closed in another, whatever zone it is given in. Rule: H1."""
    moment = at("2026-03-07T11:30")
    assert OFFICE.is_open(moment, SP)
    assert not OFFICE.is_open(moment, "Asia/Tokyo")
    elsewhere = moment.astimezone(timezone(timedelta(hours=9)))
    assert OFFICE.is_open(elsewhere, SP)
    assert OFFICE.next_opening(elsewhere, SP) == moment


def test_the_answers_are_moments_in_utc() -> None:
    """A plain datetime with the zone UTC itself comes back. Rule: H1."""
    moment = at("2026-03-02T09:00").astimezone(ZoneInfo(SP))
    answers = [
        OFFICE.next_opening(moment, SP),
        OFFICE.next_closing(moment, SP),
        OFFICE.after(moment, HOUR, SP),
        OFFICE.after(moment, NOTHING, SP),
        OFFICE.next_opening(moment - 2 * HOUR, SP),
    ]
    for answer in answers:
        assert type(answer) is datetime
        assert answer.tzinfo is UTC


@pytest.mark.parametrize(
    ("reading", "opening"),
    [
        ("2026-03-02T07:00", "2026-03-02T08:00"),
        ("2026-03-02T09:15:00.000001", "2026-03-02T09:15:00.000001"),
        ("2026-03-02T12:00", "2026-03-02T13:30"),
        ("2026-03-02T18:00", "2026-03-03T08:00"),
        ("2026-03-07T12:00", "2026-03-09T08:00"),
        ("2026-04-30T18:00", "2026-05-02T08:00"),
    ],
)
def test_the_next_opening(reading: str, opening: str) -> None:
    """The moment itself while open; past nights, Sundays and holidays otherwise. Rule: H1, L20."""
    assert OFFICE.next_opening(at(reading), SP) == at(opening)


@pytest.mark.parametrize(
    ("reading", "closing"),
    [
        ("2026-03-02T08:00", "2026-03-02T12:00"),
        ("2026-03-02T17:59:59.999999", "2026-03-02T18:00"),
        ("2026-03-02T12:00", None),
        ("2026-03-08T09:00", None),
    ],
)
def test_the_next_closing(reading: str, closing: str | None) -> None:
    """None while closed. Rule: H1."""
    assert OFFICE.next_closing(at(reading), SP) == (closing and at(closing))


def test_a_night_is_one_opening() -> None:
    """24:00 of a day and 00:00 of the next are one moment. Rule: H1."""
    night = BusinessHours.of(friday="22:00-24:00", saturday="00:00-06:00")
    late, early = at("2026-03-06T23:00"), at("2026-03-07T01:00")
    assert night.next_closing(late, SP) == at("2026-03-07T06:00")
    assert night.next_opening(early, SP) == early
    assert night.after(late, 7 * HOUR, SP) == at("2026-03-07T06:00")
    assert daily("00:00-24:00", holidays=[date(2026, 3, 10)]).next_closing(late, SP) == at("2026-03-10T00:00")


def test_what_never_opens_has_no_opening_and_what_never_closes_no_closing() -> None:
    """Rule: H1."""
    moment = at("2026-03-02T09:00")
    assert not NEVER.is_open(moment, SP)
    assert NEVER.next_opening(moment, SP) is None
    assert NEVER.next_closing(moment, SP) is None
    assert problems(NEVER.after, moment, TICK, SP) == [("span", "out_of_reach")]
    assert NEVER.after(moment, NOTHING, SP) == moment
    assert NEVER.between(moment, moment + timedelta(days=30), SP) == NOTHING
    assert ALWAYS.next_opening(moment, SP) == moment
    assert ALWAYS.next_closing(moment, SP) is None
    assert ALWAYS.after(moment, timedelta(days=300), SP) == moment + timedelta(days=300)


@pytest.mark.parametrize(
    ("days", "found"), [(HOURS_AHEAD - 1, True), (HOURS_AHEAD, True), (HOURS_AHEAD + 1, False)]
)
def test_the_look_ahead_ends(days: int, found: bool) -> None:
    """Openings, closings and deadlines are looked for so many days ahead, today not counted. Rule: H1."""
    today = date(2026, 3, 2)
    off = [today + timedelta(i) for i in range(1, days)]
    moment = at("2026-03-02T18:00")
    hours = daily("08:00-18:00", holidays=off)
    opening = datetime.combine(today + timedelta(days), datetime.min.time(), ZoneInfo(SP)) + 8 * HOUR
    assert hours.next_opening(moment, SP) == (opening if found else None)
    if found:
        assert hours.after(moment, HOUR, SP) == opening + HOUR
    else:
        assert problems(hours.after, moment, HOUR, SP) == [("span", "out_of_reach")]
    assert hours.next_closing(moment - HOUR, SP) == moment
    closes = daily("00:00-24:00", holidays=[today + timedelta(days)])
    end = opening - 8 * HOUR
    assert closes.next_closing(moment, SP) == (end if found else None)


# --- business time, by examples ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reading", "span", "deadline"),
    [
        ("2026-03-02T08:00", 4 * HOUR, "2026-03-02T12:00"),
        ("2026-03-02T08:00", 4 * HOUR + TICK, "2026-03-02T13:30:00.000001"),
        ("2026-03-02T17:00", HOUR, "2026-03-02T18:00"),
        ("2026-03-02T17:30", HOUR, "2026-03-03T08:30"),
        ("2026-03-02T12:30", HOUR, "2026-03-02T14:30"),
        ("2026-03-07T13:00", HOUR, "2026-03-09T09:00"),
        ("2026-04-30T17:00", 2 * HOUR, "2026-05-02T09:00"),
        ("2026-03-08T13:00", NOTHING, "2026-03-08T13:00"),
    ],
)
def test_a_deadline_counts_only_business_time(reading: str, span: timedelta, deadline: str) -> None:
    """One that falls exactly on closing time stays on that day. Rule: H1."""
    assert OFFICE.after(at(reading), span, SP) == at(deadline)
    assert OFFICE.between(at(reading), at(deadline), SP) == span


def test_a_whole_week_between() -> None:
    """Forty-two and a half hours from Monday to Friday, four on Saturday. Rule: H1, H2."""
    monday = at("2026-03-02T00:00")
    assert OFFICE.between(monday, monday + timedelta(days=7), SP) == 46.5 * HOUR
    assert OFFICE.between(at("2026-03-02T11:00"), at("2026-03-02T14:00"), SP) == 1.5 * HOUR
    assert OFFICE.between(monday, monday, SP) == NOTHING


def test_a_leap_day_counts_in_leap_years_alone() -> None:
    """29 February 2024 is a Thursday like any other. Rule: H1."""
    hours = daily("08:00-18:00")
    assert hours.after(at("2024-02-28T17:00"), 12 * HOUR, SP) == at("2024-03-01T09:00")
    assert hours.after(at("2026-02-28T17:00"), 2 * HOUR, SP) == at("2026-03-01T09:00")
    off = daily("08:00-18:00", holidays=[date(2024, 2, 29)])
    assert off.next_opening(at("2024-02-28T18:00"), SP) == at("2024-03-01T08:00")


@pytest.mark.parametrize("span", [-TICK, 5, None, timedelta.min])
def test_only_a_span_of_time_makes_a_deadline(span: Any) -> None:
    """Rule: H1."""
    assert problems(OFFICE.after, at("2026-03-02T09:00"), span, SP) == [("span", "not_a_span")]


def test_a_deadline_out_of_reach_is_refused() -> None:
    """However much is asked for. Rule: H1."""
    for hours in (OFFICE, ALWAYS):
        assert problems(hours.after, at("2026-03-02T09:00"), timedelta.max, SP) == [("span", "out_of_reach")]


def test_an_end_before_its_start_is_refused() -> None:
    """Rule: H1."""
    moment = at("2026-03-02T09:00")
    assert problems(OFFICE.between, moment, moment - TICK, SP) == [("end", "ends_before_start")]


def test_every_question_refuses_other_zones_and_moments() -> None:
    """Also hours that are never open ask for a zone that there is. Rule: H1."""
    moment = at("2026-03-02T09:00")
    for hours in (OFFICE, NEVER, ALWAYS):
        for ask in (
            hours.is_open,
            hours.next_opening,
            hours.next_closing,
            lambda m, z, hours=hours: hours.after(m, NOTHING, z),
            lambda m, z, hours=hours: hours.between(m, m, z),
        ):
            for m, z, code in (
                (moment, "Nope/Nowhere", "unknown_zone"),
                (moment.replace(tzinfo=None), SP, "naive_moment"),
                ("2026-03-02T09:00:00Z", SP, "not_a_moment"),
                (datetime.min.replace(tzinfo=UTC), SP, "moment_out_of_range"),
            ):
                with pytest.raises(InvalidValue) as caught:
                    ask(m, z)
                assert [problem.code for problem in caught.value.problems] == [code]


@pytest.mark.parametrize("zone", [SP, "UTC", "Asia/Tokyo"])
@pytest.mark.parametrize("hours", [OFFICE, NEVER, ALWAYS])
def test_the_last_days_of_the_calendar_let_no_overflow_escape(hours: BusinessHours, zone: str) -> None:
    """An answer, or InvalidValue. Rule: H1."""
    for moment in (datetime.max.replace(tzinfo=UTC), datetime(9999, 12, 1, 12, tzinfo=UTC)):
        for ask in (
            lambda m: hours.is_open(m, zone),
            lambda m: hours.next_opening(m, zone),
            lambda m: hours.next_closing(m, zone),
            lambda m: hours.after(m, 5000 * HOUR, zone),
            lambda m: hours.between(m, datetime.max.replace(tzinfo=UTC), zone),
        ):
            with contextlib.suppress(InvalidValue):
                ask(moment)


# --- when the clocks change, by examples ---------------------------------------------------------------------


def test_a_midnight_that_the_clocks_skip_opens_right_after() -> None:
    """São Paulo skipped 00:00 to 01:00 on 4 November 2018. Rule: H1."""
    jump = at("2018-11-04T01:00")
    assert daily("00:00-06:00").next_opening(at("2018-11-03T12:00"), SP) == jump
    assert daily("00:00-06:00").between(jump, jump + timedelta(days=1), SP) == 5 * HOUR + HOUR
    assert daily("00:00-01:00").next_opening(at("2018-11-03T12:00"), SP) == at("2018-11-05T00:00")
    assert daily("01:00-02:00, 22:00-24:00").next_closing(at("2018-11-03T23:00"), SP) == at("2018-11-04T02:00")


def test_an_hour_that_the_clocks_show_twice_opens_once() -> None:
    """New York went back from 02:00 to 01:00 on 1 November 2026. Rule: H1."""
    first, second = at("2026-11-01T01:30", NY), at("2026-11-01T01:30", NY, fold=1)
    assert second - first == HOUR
    until = daily("00:00-01:30")
    assert until.next_closing(first - HOUR, NY) == first
    assert not until.is_open(second - MINUTE, NY)
    since = daily("01:30-03:00")
    assert not since.is_open(first - MINUTE, NY)
    assert since.is_open(second - MINUTE, NY)
    assert since.between(first, first + timedelta(hours=12), NY) == 2.5 * HOUR
    whole = daily("01:00-02:00")
    assert whole.next_closing(at("2026-11-01T01:00", NY), NY) == at("2026-11-01T02:00", NY)
    assert whole.between(first - HOUR, second + HOUR, NY) == 2 * HOUR


def test_clocks_that_go_back_over_midnight_do_not_open_the_day_before_again() -> None:
    """St John's went back from 00:01 to 23:01 on 7 November 2010. Rule: H1."""
    zone = "America/St_Johns"
    evening, midnight = at("2010-11-06T22:00", zone), at("2010-11-07T00:00", zone)
    hours = BusinessHours.of(saturday="22:00-24:00")
    assert hours.next_closing(evening, zone) == midnight
    assert not hours.is_open(at("2010-11-06T23:30", zone, fold=1), zone)
    sunday = BusinessHours.of(sunday="00:00-02:00")
    assert sunday.is_open(at("2010-11-06T23:30", zone, fold=1), zone)
    assert sunday.between(evening, evening + timedelta(days=1), zone) == 3 * HOUR


def test_a_day_that_the_calendar_skips_has_no_business_time() -> None:
    """Samoa had no 30 December 2011, a Friday. Rule: H1."""
    zone = "Pacific/Apia"
    thursday = at("2011-12-29T17:00", zone)
    assert BusinessHours.of(friday="00:00-24:00").next_opening(thursday, zone) == at("2012-01-06T00:00", zone)
    assert daily("08:00-18:00").after(thursday, 2 * HOUR, zone) == at("2011-12-31T09:00", zone)
    night = BusinessHours.of(thursday="22:00-24:00", saturday="00:00-02:00")
    late = at("2011-12-29T23:00", zone)
    assert night.next_closing(late, zone) == at("2011-12-31T02:00", zone)
    assert night.after(late, 3 * HOUR, zone) == at("2011-12-31T02:00", zone)


# --- held against a clock watched minute by minute -----------------------------------------------------------


class Days(NamedTuple):
    """Four days of one zone, and what their clocks show that is worth opening or closing at."""

    zone: str
    middle: datetime
    minutes: tuple[int, ...] = ()


DAYS = (
    Days(SP, datetime(2018, 11, 4, 3, tzinfo=UTC), (0, 30, 60)),
    Days(SP, datetime(2018, 2, 18, 2, tzinfo=UTC), (1380, 1410, 1440, 0)),
    Days(NY, datetime(2026, 3, 8, 7, tzinfo=UTC), (120, 150, 180)),
    Days(NY, datetime(2026, 11, 1, 6, tzinfo=UTC), (60, 90, 120)),
    Days("Australia/Lord_Howe", datetime(2024, 10, 5, 15, 30, tzinfo=UTC), (120, 135, 150)),
    Days("Australia/Lord_Howe", datetime(2024, 4, 6, 15, tzinfo=UTC), (90, 105, 120)),
    Days("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC), (0, 720, 1440)),
    Days("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC), (1381, 1439, 1440, 0, 1, 2)),
    Days("Asia/Kolkata", datetime(2024, 2, 29, 6, tzinfo=UTC)),
)
TICKS = 4 * 1440


@lru_cache
def watched(days: Days) -> tuple[datetime, list[tuple[date, int]]]:
    """What the clocks show each minute, save that a clock gone back counts only once it is past its highest."""
    begin = days.middle - timedelta(days=2)
    zone = ZoneInfo(days.zone)
    highest = datetime.min
    shown = []
    for i in range(-1440, TICKS):
        highest = max(highest, (begin + i * MINUTE).astimezone(zone).replace(tzinfo=None))
        if i >= 0:
            shown.append((highest.date(), highest.hour * 60 + highest.minute))
    return begin, shown


def open_minutes(hours: BusinessHours, days: Days) -> list[bool]:
    """Whether each minute of the four days is open: nothing but the rule, minute by minute."""
    return [
        day not in hours.holidays and any(each.start <= minute < each.end for each in hours.week[day.weekday()])
        for day, minute in watched(days)[1]
    ]


@st.composite
def hours_near(draw: st.DrawFn, days: Days) -> BusinessHours:
    """Hours that often open and close where the clocks change, with holidays around."""
    minute = st.one_of(
        st.sampled_from((*days.minutes, 0, 480, 1080, 1440)), st.sampled_from((0, 1440)), st.integers(0, 1440)
    )
    day = st.lists(minute, max_size=6, unique=True).map(sorted).map(pairs)
    nights = st.just((Interval(0, 360), Interval(1320, 1440)))
    middle = days.middle.date()
    off = st.sets(st.integers(-2, 3).map(lambda i: middle + timedelta(i)), max_size=2).map(sorted).map(tuple)
    several = st.tuples(*[day | nights | st.just((Interval(0, 1440),))] * 7)
    return BusinessHours(week=draw(several), holidays=draw(st.just(()) | off))


def pairs(ends: list[int]) -> tuple[Interval, ...]:
    """Intervals with gaps between, of every two ends; touching ones of all ends, when their number is odd."""
    if len(ends) % 2:
        return tuple(map(Interval, ends, ends[1:]))
    return tuple(map(Interval, ends[::2], ends[1::2]))


def index_of(value: bool, minutes: list[bool], start: int) -> int | None:
    return next((i for i in range(start, len(minutes)) if minutes[i] is value), None)


@given(st.data())
def test_every_answer_is_that_of_a_clock_watched_minute_by_minute(data: st.DataObject) -> None:
    """Law: each answer within four days is what one finds by watching the clock. Rule: H1."""
    days = data.draw(st.sampled_from(DAYS))
    hours = data.draw(hours_near(days))
    minutes = open_minutes(hours, days)
    begin, zone = watched(days)[0], days.zone
    middle = TICKS // 2
    near = st.integers(middle - 90, middle + 90)
    i = data.draw(near | st.integers(0, TICKS - 1))
    fraction = data.draw(st.sampled_from((NOTHING, TICK, timedelta(seconds=59, microseconds=999_999))))
    moment = begin + i * MINUTE + fraction
    finish = begin + TICKS * MINUTE

    assert hours.is_open(moment, zone) is minutes[i]
    opening, closing = hours.next_opening(moment, zone), hours.next_closing(moment, zone)
    if minutes[i]:
        assert opening == moment
        end = index_of(False, minutes, i)
        assert closing == begin + end * MINUTE if end is not None else closing is None or closing >= finish
    else:
        assert closing is None
        start = index_of(True, minutes, i)
        assert opening == begin + start * MINUTE if start is not None else opening is None or opening >= finish

    i, j = sorted((i, data.draw(near | st.integers(0, TICKS - 1))))
    first, last = begin + i * MINUTE, begin + j * MINUTE
    assert hours.between(first, last, zone) == sum(minutes[i:j]) * MINUTE
    if span := sum(minutes[i:j]):
        *_, latest = (k for k in range(i, j) if minutes[k])
        assert hours.after(first, span * MINUTE, zone) == begin + (latest + 1) * MINUTE


# --- laws ----------------------------------------------------------------------------------------------------

ZONES = (SP, NY, "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "Europe/Lisbon", "UTC")


def any_hours() -> st.SearchStrategy[BusinessHours]:
    return st.sampled_from(DAYS).flatmap(hours_near) | st.sampled_from((OFFICE, NEVER, ALWAYS))


def spans() -> st.SearchStrategy[timedelta]:
    return st.timedeltas(NOTHING, timedelta(days=20))


@given(any_hours(), moments(), spans(), st.sampled_from(ZONES))
def test_a_deadline_lies_its_span_of_business_time_ahead(
    hours: BusinessHours, moment: datetime, span: timedelta, zone: str
) -> None:
    """Law: between(m, after(m, s)) == s, and no earlier moment will do. Rule: H1."""
    if hours.between(moment, moment + timedelta(days=HOURS_AHEAD - 1), zone) < span:
        assert problems(hours.after, moment, span, zone) == [("span", "out_of_reach")]
        return
    deadline = hours.after(moment, span, zone)
    assert hours.between(moment, deadline, zone) == span
    if deadline > moment:
        assert hours.between(moment, deadline - TICK, zone) == span - TICK


@given(any_hours(), st.tuples(moments(), spans(), spans()), st.sampled_from(ZONES))
def test_business_time_adds_up(
    hours: BusinessHours, given: tuple[datetime, timedelta, timedelta], zone: str
) -> None:
    """Law: between(a, b) + between(b, c) == between(a, c), and at most the time there is. Rule: H1."""
    start, some, more = given
    middle, end = start + some, start + some + more
    parts = hours.between(start, middle, zone), hours.between(middle, end, zone)
    assert sum(parts, NOTHING) == hours.between(start, end, zone)
    assert NOTHING <= parts[0] <= some


def openings(hours: BusinessHours, moment: datetime, zone: str) -> Iterator[datetime]:
    """Each opening and closing in turn, up to the eighth."""
    for _ in range(4):
        opening = hours.next_opening(moment, zone)
        if opening is None:
            return
        yield opening
        closing = hours.next_closing(opening, zone)
        if closing is None:
            return
        yield closing
        moment = closing


@given(any_hours(), moments(), st.sampled_from(ZONES))
def test_openings_and_closings_take_turns(hours: BusinessHours, moment: datetime, zone: str) -> None:
    """Law: open at each opening and until the closing, closed from there until the next. Rule: H1, L20."""
    turns = list(openings(hours, moment, zone))
    assert turns == sorted(set(turns))
    for n, turn in enumerate(turns):
        opens = n % 2 == 0
        assert hours.is_open(turn, zone) is opens
        if turn > moment:
            assert hours.is_open(turn - TICK, zone) is not opens
            if opens:
                assert hours.next_opening(turn - TICK, zone) == turn
    for closing, opening in zip(turns[1::2], turns[2::2], strict=False):
        between = closing + (opening - closing) / 2
        assert hours.next_opening(between, zone) == hours.next_opening(closing, zone) == opening
