"""Moments coming in, being read in a zone, and going out in words. Rules: H1, M1."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.errors import InvalidValue
from chatcore.moments import (
    check_zone,
    from_epoch,
    from_local,
    local,
    local_day,
    parse_moment,
    utc,
    words,
    zone,
)
from chatcore.testing.strategies import hostile_text, moments

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def code_of(error: pytest.ExceptionInfo[InvalidValue]) -> tuple[str, str]:
    (problem,) = error.value.problems
    return problem.path, problem.code


def is_plain_utc(value: object) -> bool:
    return type(value) is datetime and value.tzinfo is UTC


class NoOffset(tzinfo):
    """A zone that does not know."""

    def utcoffset(self, moment: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


def test_importing_loads_no_pendulum() -> None:
    """Importing is light: pendulum comes when first needed."""
    code = "import sys, chatcore.moments; sys.exit('pendulum' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- utc -----------------------------------------------------------------------------------------------------


@given(moments())
def test_a_moment_in_utc_comes_back_itself(moment: datetime) -> None:
    """Law: utc(m) is m, for m in UTC."""
    assert utc(moment) is moment


@given(moments(), st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_every_zone_becomes_utc_and_stays_the_same_moment(moment: datetime, minutes: int) -> None:
    """Law: utc(m in any zone) == m, and it is a plain datetime in UTC."""
    there = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert utc(there) == moment
    assert is_plain_utc(utc(there))


def test_a_pendulum_moment_becomes_a_plain_one() -> None:
    """Both readings of the hour that a clock shows twice keep their moment."""
    for fold in (0, 1):
        twice = pendulum.datetime(2018, 2, 17, 23, 30, tz="America/Sao_Paulo", fold=fold)
        assert is_plain_utc(utc(twice))
        assert utc(twice).timestamp() == twice.timestamp()
    assert utc(pendulum.datetime(2026, 3, 1, 12)) == NOON


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (datetime(2026, 3, 1), "naive_moment"),
        (datetime(2026, 3, 1, tzinfo=NoOffset()), "naive_moment"),
        (date(2026, 3, 1), "not_a_moment"),
        ("2026-03-01T12:00:00Z", "not_a_moment"),
        (1_772_366_400, "not_a_moment"),
        (None, "not_a_moment"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "moment_out_of_range"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-1))), "moment_out_of_range"),
    ],
)
def test_what_is_no_aware_moment_is_refused(value: object, code: str) -> None:
    """The error names the field and the reason."""
    with pytest.raises(InvalidValue) as error:
        utc(value, "at")
    assert code_of(error) == ("at", code)


# --- RFC 3339 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01t12:00:00z", NOON),
        ("2026-03-01T09:00:00-03:00", NOON),
        ("2026-03-01T12:00:00-00:00", NOON),
        ("2026-03-01T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-03-01T12:00:00.123456789Z", NOON + timedelta(microseconds=123_456)),
        ("2026-03-02T11:59:00+23:59", NOON),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_rfc_3339_is_read(text: str, moment: datetime) -> None:
    """The result is a plain datetime in UTC."""
    assert parse_moment(text) == moment
    assert is_plain_utc(parse_moment(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_moment"),
        ("now", "not_a_moment"),
        ("2026-03-01", "not_a_moment"),
        ("2026-03-01T12:00Z", "not_a_moment"),
        ("2026-03-01 12:00:00Z", "not_a_moment"),
        ("2026-03-01T12:00:00Z\n", "not_a_moment"),
        (" 2026-03-01T12:00:00Z", "not_a_moment"),
        ("20260301T120000Z", "not_a_moment"),
        ("2026-W09-7T12:00:00Z", "not_a_moment"),
        ("2026-060T12:00:00Z", "not_a_moment"),
        ("2026-03-01T12:00:00,5Z", "not_a_moment"),
        ("2026-03-01T12:00:00.Z", "not_a_moment"),
        ("2026-03-01T12:00:00.1234567890Z", "not_a_moment"),
        ("2026-03-01T12:00:00+03", "not_a_moment"),
        ("2026-03-01T12:00:00+0300", "not_a_moment"),
        ("2026-03-01T12:00:00+24:00", "not_a_moment"),
        ("2026-03-01T12:00:00+05:60", "not_a_moment"),
        ("2026-03-01T24:00:00Z", "not_a_moment"),
        ("2016-12-31T23:59:60Z", "not_a_moment"),
        ("2026-02-29T12:00:00Z", "not_a_moment"),
        ("2026-13-01T12:00:00Z", "not_a_moment"),
        ("0000-01-01T00:00:00Z", "not_a_moment"),
        ("٢٠٢٦-03-01T12:00:00Z", "not_a_moment"),
        ("2026-03-01T12:00:00ZZ", "not_a_moment"),
        ("2026-03-01T12:00:00", "naive_moment"),
        ("0001-01-01T00:00:00+01:00", "moment_out_of_range"),
        ("9999-12-31T23:59:59-01:00", "moment_out_of_range"),
    ],
)
def test_what_rfc_3339_does_not_have_is_refused(text: str, code: str) -> None:
    """pendulum reads more than RFC 3339; none of that passes."""
    with pytest.raises(InvalidValue) as error:
        parse_moment(text, "since")
    assert code_of(error) == ("since", code)


@given(st.one_of(hostile_text(), st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")))
def test_any_other_text_is_refused_and_nothing_else_escapes(text: str) -> None:
    """Law: parse_moment(x) is a plain datetime in UTC, or InvalidValue."""
    with contextlib.suppress(InvalidValue):
        assert is_plain_utc(parse_moment(text))


@given(moments())
def test_what_isoformat_writes_is_read_back(moment: datetime) -> None:
    """Law: parse_moment(m.isoformat()) == m."""
    assert parse_moment(moment.isoformat()) == moment


@pytest.mark.parametrize("value", [None, 5, b"2026-03-01T12:00:00Z", NOON])
def test_only_a_text_is_parsed(value: object) -> None:
    """Another type is no moment's text."""
    with pytest.raises(InvalidValue):
        parse_moment(value)  # type: ignore[arg-type]


# --- seconds -------------------------------------------------------------------------------------------------


@given(st.integers(0, 253_402_300_799))
def test_seconds_become_a_moment_and_back(seconds: int) -> None:
    """Law: from_epoch(s).timestamp() == s, within the years a datetime has."""
    moment = from_epoch(seconds)
    assert is_plain_utc(moment)
    assert moment.timestamp() == seconds


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (-1, "moment_out_of_range"),
        (253_402_300_800, "moment_out_of_range"),
        (10**400, "moment_out_of_range"),
        (True, "not_a_moment"),
        (1.5, "not_a_moment"),
        ("1700000000", "not_a_moment"),
        (None, "not_a_moment"),
    ],
)
def test_other_seconds_are_refused(seconds: object, code: str) -> None:
    """No overflow escapes, and a bool is no number of seconds."""
    with pytest.raises(InvalidValue) as error:
        from_epoch(seconds, "timestamp")  # type: ignore[arg-type]
    assert code_of(error) == ("timestamp", code)


# --- zones ---------------------------------------------------------------------------------------------------


def test_a_zone_is_loaded_once() -> None:
    """Rule: H1."""
    check_zone("America/Sao_Paulo")
    assert zone("America/Sao_Paulo") is zone("America/Sao_Paulo")
    assert zone("UTC").utcoffset(NOON) == timedelta(0)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nope",
        "Nope/Nowhere",
        "local",
        "localtime",
        "posix/America/Sao_Paulo",
        "right/UTC",
        "America",
        "america/sao_paulo",
        "America/Sao_Paulo\0",
        "America/Sao_Paulo\n",
        "../America/Sao_Paulo",
        "America/../America/Sao_Paulo",
        "/etc/localtime",
        "+03:00",
        "A" * 500,
        "Am\ud800rica",
        None,
        3,
    ],
)
def test_what_names_no_zone_is_refused(name: object) -> None:
    """No path escapes the database, and no lookup error escapes the function. Rule: H1."""
    with pytest.raises(InvalidValue) as error:
        check_zone(name, "time_zone")
    assert code_of(error) == ("time_zone", "unknown_zone")


@given(hostile_text())
def test_any_text_is_a_zone_or_refused(name: str) -> None:
    """Law: zone(x) is a tzinfo or InvalidValue. Rule: H1."""
    with contextlib.suppress(InvalidValue):
        assert isinstance(zone(name), tzinfo)


@given(moments(), st.sampled_from(["America/Sao_Paulo", "America/Noronha", "America/Rio_Branco", "UTC"]))
def test_a_local_reading_is_the_same_moment(moment: datetime, name: str) -> None:
    """Law: utc(local(m, zone)) == m, and a plain datetime. Rule: H1."""
    there = local(moment, name)
    assert type(there) is datetime
    assert utc(there) == moment
    assert local_day(moment, name) == there.date()


def test_a_day_ends_by_the_clocks_of_the_zone() -> None:
    """01:30 in UTC is still yesterday in São Paulo. Rule: H1."""
    late = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert local_day(late, "America/Sao_Paulo") == date(2026, 3, 1)
    assert local_day(late, "UTC") == date(2026, 3, 2)
    assert local(late, "America/Sao_Paulo").hour == 22


def test_a_reading_past_the_last_year_is_refused() -> None:
    """No overflow escapes. Rule: H1."""
    for edge, name in ((datetime.min, "America/Sao_Paulo"), (datetime.max, "Asia/Tokyo")):
        with pytest.raises(InvalidValue) as error:
            local(edge.replace(tzinfo=UTC), name)
        assert code_of(error) == ("moment", "moment_out_of_range")


def test_a_naive_moment_has_no_local_reading() -> None:
    """Rule: H1."""
    with pytest.raises(InvalidValue):
        local(datetime(2026, 3, 1), "America/Sao_Paulo")


@pytest.mark.parametrize(
    ("day", "minutes", "zone_name", "moment"),
    [
        (date(2026, 3, 1), 0, "America/Sao_Paulo", "2026-03-01T03:00:00Z"),
        (date(2026, 3, 1), 570, "America/Sao_Paulo", "2026-03-01T12:30:00Z"),
        (date(2026, 3, 1), 1440, "America/Sao_Paulo", "2026-03-02T03:00:00Z"),
        (date(2024, 2, 29), 1440, "UTC", "2024-03-01T00:00:00Z"),
        # Skipped: 00:00 to 01:00, 02:00 to 03:00, half an hour, a whole day.
        (date(2018, 11, 3), 1440, "America/Sao_Paulo", "2018-11-04T03:00:00Z"),
        (date(2018, 11, 4), 0, "America/Sao_Paulo", "2018-11-04T03:00:00Z"),
        (date(2018, 11, 4), 59, "America/Sao_Paulo", "2018-11-04T03:00:00Z"),
        (date(2018, 11, 4), 60, "America/Sao_Paulo", "2018-11-04T03:00:00Z"),
        (date(2018, 11, 4), 61, "America/Sao_Paulo", "2018-11-04T03:01:00Z"),
        (date(2026, 3, 8), 150, "America/New_York", "2026-03-08T07:00:00Z"),
        (date(2024, 10, 6), 149, "Australia/Lord_Howe", "2024-10-05T15:30:00Z"),
        (date(2011, 12, 29), 1440, "Pacific/Apia", "2011-12-30T10:00:00Z"),
        (date(2011, 12, 30), 720, "Pacific/Apia", "2011-12-30T10:00:00Z"),
        (date(2011, 12, 31), 0, "Pacific/Apia", "2011-12-30T10:00:00Z"),
        # Shown twice: the first.
        (date(2018, 2, 17), 1410, "America/Sao_Paulo", "2018-02-18T01:30:00Z"),
        (date(2018, 2, 17), 1440, "America/Sao_Paulo", "2018-02-18T03:00:00Z"),
        (date(2026, 11, 1), 90, "America/New_York", "2026-11-01T05:30:00Z"),
        (date(2026, 11, 1), 120, "America/New_York", "2026-11-01T07:00:00Z"),
        (date(2010, 11, 7), 0, "America/St_Johns", "2010-11-07T02:30:00Z"),
    ],
)
def test_a_local_reading_becomes_a_moment(day: date, minutes: int, zone_name: str, moment: str) -> None:
    """The moment right after a gap that holds it; the first of two. Rule: H1."""
    found = from_local(day, minutes, zone_name)
    assert found == parse_moment(moment)
    assert is_plain_utc(found)


CHANGING = ("America/Sao_Paulo", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns")


@given(moments(), st.sampled_from(CHANGING))
def test_a_moment_shown_once_is_told_by_its_reading(moment: datetime, name: str) -> None:
    """Law: from_local(local(m)) == m, or an hour the clocks show twice. Rule: H1."""
    minute = moment.replace(second=0, microsecond=0)
    there = local(minute, name)
    found = from_local(there.date(), there.hour * 60 + there.minute, name)
    assert found == minute if not there.fold and not there.second else found < moment


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.integers(0, 1440), st.sampled_from(CHANGING))
def test_no_earlier_moment_shows_the_reading_or_a_later_one(day: date, minutes: int, name: str) -> None:
    """Law: the clocks show less right before from_local, and no less at it; so it never runs back. Rule: H1."""
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    found = from_local(day, minutes, name)
    assert local(found, name).replace(tzinfo=None) >= wanted
    assert local(found - timedelta(microseconds=1), name).replace(tzinfo=None) < wanted
    if minutes:
        assert from_local(day, minutes - 1, name) <= found


@pytest.mark.parametrize(
    ("day", "minutes", "zone_name", "found"),
    [
        (datetime(2026, 3, 1), 0, "UTC", ("day", "not_a_date")),
        ("2026-03-01", 0, "UTC", ("day", "not_a_date")),
        (None, 0, "UTC", ("day", "not_a_date")),
        (date(2026, 3, 1), -1, "UTC", ("minutes", "out_of_bounds")),
        (date(2026, 3, 1), 1441, "UTC", ("minutes", "out_of_bounds")),
        (date(2026, 3, 1), True, "UTC", ("minutes", "out_of_bounds")),
        (date(2026, 3, 1), 1.5, "UTC", ("minutes", "out_of_bounds")),
        (date(2026, 3, 1), 0, "nope", ("zone", "unknown_zone")),
        (date.max, 1440, "UTC", ("day", "moment_out_of_range")),
        (date.max, 1439, "America/Sao_Paulo", ("day", "moment_out_of_range")),
        (date.min, 0, "Asia/Tokyo", ("day", "moment_out_of_range")),
    ],
)
def test_what_is_no_local_reading_is_refused(
    day: object, minutes: object, zone_name: str, found: tuple[str, str]
) -> None:
    """Rule: H1."""
    with pytest.raises(InvalidValue) as error:
        from_local(day, minutes, zone_name)  # type: ignore[arg-type]
    assert code_of(error) == found


# --- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "portuguese", "english"),
    [
        (timedelta(seconds=30), "há 30 segundos", "30 seconds ago"),
        (timedelta(minutes=1), "há 1 minuto", "1 minute ago"),
        (timedelta(minutes=5, seconds=30), "há 5 minutos", "5 minutes ago"),
        (timedelta(hours=3), "há 3 horas", "3 hours ago"),
        (timedelta(days=1), "há 1 dia", "1 day ago"),
        (timedelta(days=9), "há 1 semana", "1 week ago"),
        (timedelta(minutes=-10), "em 10 minutos", "in 10 minutes"),
    ],
)
def test_words_for_people(ago: timedelta, portuguese: str, english: str) -> None:
    """Past and future, in Portuguese unless asked otherwise."""
    assert words(NOON - ago, NOON) == portuguese
    assert words(NOON - ago, NOON, "en") == english


@given(moments(), moments(), st.sampled_from(["pt_BR", "en"]))
def test_any_two_moments_have_words(moment: datetime, now: datetime, locale: str) -> None:
    """Law: words(m, now) is a sentence of one line, never negative."""
    said = words(moment, now, locale)
    assert said.isprintable()
    assert "-" not in said


def test_another_language_is_refused() -> None:
    """The locales are pt_BR and en."""
    with pytest.raises(InvalidValue) as error:
        words(NOON, NOON, "xx")
    assert code_of(error) == ("locale", "unknown_locale")
    with pytest.raises(InvalidValue):
        words(datetime(2026, 3, 1), NOON)
