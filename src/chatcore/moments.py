"""Moments: inside chatcore every moment is an aware `datetime` whose tzinfo is `datetime.UTC` itself.

This module is where other notions of time come in (an RFC 3339 text, a provider's seconds, any zone) and go out
(a workspace's local day, words for a person). It reads no clock: the present moment is always given.

A moment lies in the years 1 to 9999 and has microseconds; pendulum is loaded when first needed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from chatcore.errors import InvalidValue

__all__ = [
    "check_zone",
    "from_epoch",
    "from_local",
    "local",
    "local_day",
    "parse_moment",
    "utc",
    "words",
    "zone",
]


# --- coming in -----------------------------------------------------------------------------------------------


def utc(value: object, path: str = "moment") -> datetime:
    """The same moment in UTC; one that is there already comes back itself.

    Raises:
        InvalidValue: ``not_a_moment`` for another type, ``naive_moment`` without an offset,
            ``moment_out_of_range`` when it leaves the years 1 to 9999 on the way.
    """
    if type(value) is datetime and value.tzinfo is UTC:
        return value
    if not isinstance(value, datetime):
        raise InvalidValue.of(path, "not_a_moment")
    if value.utcoffset() is None:
        raise InvalidValue.of(path, "naive_moment")
    plain = datetime(
        value.year,
        value.month,
        value.day,
        value.hour,
        value.minute,
        value.second,
        value.microsecond,
        tzinfo=value.tzinfo,
        fold=value.fold,
    )
    try:
        return plain.astimezone(UTC)
    except OverflowError:
        raise InvalidValue.of(path, "moment_out_of_range") from None


_RFC_3339: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def parse_moment(text: str, path: str = "moment") -> datetime:
    """Read an RFC 3339 date-time: full date, ``T``, seconds, and an offset or ``Z``.

    Digits beyond microseconds (up to nine) are dropped. A leap second (``:60``) has no `datetime` and is
    refused.

        >>> parse_moment("2026-03-01T09:30:00-03:00")
        datetime.datetime(2026, 3, 1, 12, 30, tzinfo=datetime.timezone.utc)

    Raises:
        InvalidValue: ``naive_moment`` when only the offset is missing, ``not_a_moment`` for all else that is
            not RFC 3339, ``moment_out_of_range`` when it leaves the years 1 to 9999 in UTC.
    """
    if type(text) is not str:
        raise InvalidValue.of(path, "not_a_moment")
    # pendulum reads week dates, ordinal dates, missing parts and the word "now" too, so the shape comes first.
    if not re.fullmatch(_RFC_3339, text):
        without_offset = re.fullmatch(_RFC_3339, f"{text}Z") and text[-1:] not in "Zz"
        raise InvalidValue.of(path, "naive_moment" if without_offset else "not_a_moment")
    import pendulum

    try:
        moment = pendulum.parse(text.upper())
    except (ValueError, OverflowError):
        raise InvalidValue.of(path, "not_a_moment") from None
    return utc(moment, path)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND: Final = 253_402_300_799


def from_epoch(seconds: int, path: str = "moment") -> datetime:
    """The moment that many whole seconds after 1970-01-01T00:00:00Z, as providers' clocks count.

    Raises:
        InvalidValue: ``not_a_moment`` for anything but an int (a bool is none), ``moment_out_of_range`` below
            zero or past the year 9999.
    """
    if type(seconds) is not int:
        raise InvalidValue.of(path, "not_a_moment")
    if not 0 <= seconds <= _LAST_SECOND:
        raise InvalidValue.of(path, "moment_out_of_range")
    return _EPOCH + timedelta(seconds=seconds)


# --- zones ---------------------------------------------------------------------------------------------------

_ZONE_NAME: Final = r"(?=.{1,64}\Z)[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}"


def check_zone(name: object, path: str = "zone") -> None:
    """Refuse what does not name a zone of the IANA time zone database. Rule: H1.

    Raises:
        InvalidValue: ``unknown_zone``.
    """
    zone(name, path)


def zone(name: object, path: str = "zone") -> tzinfo:
    """The zone of that IANA name, spelled exactly; an offset or ``local`` names none. Rule: H1.

    Raises:
        InvalidValue: ``unknown_zone``.
    """
    if type(name) is str and re.fullmatch(_ZONE_NAME, name):
        try:
            return _load_zone(name)
        except (ValueError, OSError):
            pass
    raise InvalidValue.of(path, "unknown_zone", rule="H1")


@lru_cache(maxsize=64)
def _load_zone(name: str) -> tzinfo:
    import pendulum

    return pendulum.timezone(name)


def local(moment: datetime, zone_name: str) -> datetime:
    """The moment as the clocks of a zone show it: the same moment, another reading. Rule: H1.

    Raises:
        InvalidValue: ``unknown_zone``, what `utc` says of the moment, or ``moment_out_of_range`` when it
            leaves the years 1 to 9999 in that zone.
    """
    there = zone(zone_name)
    try:
        return utc(moment).astimezone(there)
    except (OverflowError, ValueError) as error:
        if isinstance(error, InvalidValue):
            raise
        raise InvalidValue.of("moment", "moment_out_of_range") from None


def local_day(moment: datetime, zone_name: str) -> date:
    """The day on the calendars of a zone at that moment. Raises what `local` raises. Rule: H1."""
    return local(moment, zone_name).date()


_MIDNIGHT: Final = time()
_SECOND: Final = timedelta(seconds=1)
_DAY_MINUTES: Final = 1440


def from_local(day: date, minutes: int, zone_name: str) -> datetime:
    """The first moment at which the clocks of a zone show that reading, or a later one. Rule: H1.

    The reading is so many minutes of the clock past the day's midnight, 0 to 1440; 1440 is the midnight that
    ends the day. A reading that the clocks skip is the moment right after the gap, a whole skipped day too; of
    one that they show twice it is the first. So a later reading never lies at an earlier moment.

        >>> from_local(date(2026, 3, 1), 8 * 60, "America/Sao_Paulo")
        datetime.datetime(2026, 3, 1, 11, 0, tzinfo=datetime.timezone.utc)

    Raises:
        InvalidValue: ``not_a_date``, ``out_of_bounds`` for the minutes, ``unknown_zone``, or
            ``moment_out_of_range`` when it leaves the years 1 to 9999 on the way.
    """
    if type(day) is not date:
        raise InvalidValue.of("day", "not_a_date", rule="H1")
    if type(minutes) is not int or not 0 <= minutes <= _DAY_MINUTES:
        raise InvalidValue.of("minutes", "out_of_bounds", rule="H1", limit=_DAY_MINUTES)
    there = zone(zone_name)
    try:
        reading = datetime.combine(day, _MIDNIGHT, there) + timedelta(minutes=minutes)
        moment = reading.astimezone(UTC)
        low = reading.replace(fold=1).astimezone(UTC)
        if low >= moment:  # Shown once, or twice.
            return moment
        # Skipped: `low` lies before the gap, `moment` after it, and clocks change at a whole second.
        wanted = reading.replace(tzinfo=None)
        while moment - low > _SECOND:
            middle = low + (moment - low) // _SECOND // 2 * _SECOND
            if middle.astimezone(there).replace(tzinfo=None) < wanted:
                low = middle
            else:
                moment = middle
    except (OverflowError, ValueError):
        raise InvalidValue.of("day", "moment_out_of_range", rule="H1") from None
    return moment


# --- words ---------------------------------------------------------------------------------------------------

_LOCALES: Final = {"pt_BR": "pt_br", "en": "en"}


def words(moment: datetime, now: datetime, locale: str = "pt_BR") -> str:
    """Say how far a moment lies from `now`, in ``pt_BR`` or ``en``, in its largest unit.

        >>> words(parse_moment("2026-03-01T12:00:00Z"), parse_moment("2026-03-01T12:05:30Z"))
        'há 5 minutos'

    Raises:
        InvalidValue: ``unknown_locale``, or what `utc` says of either moment.
    """
    language = _LOCALES.get(locale)
    if language is None:
        raise InvalidValue.of("locale", "unknown_locale")
    then, present = utc(moment), utc(now, "now")
    import pendulum

    difference = pendulum.instance(then).diff(pendulum.instance(present))
    return pendulum.format_diff(difference, is_now=True, locale=language)
