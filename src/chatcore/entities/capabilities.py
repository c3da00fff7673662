"""What a port can do, as values: declared once, asked for without I/O, checked before anything is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

import attrs

from chatcore.errors import InvalidValue, Problem
from chatcore.limits import LONGEST_WINDOW

__all__ = [
    "AtMostOnce",
    "ChannelCapabilities",
    "LooksUpByKey",
    "Nature",
    "RepeatsByKey",
    "ReportsByKey",
]


def _check_span(value: object, path: str) -> None:
    if type(value) is not timedelta or value < timedelta(0):
        raise InvalidValue.of(path, "not_a_span")


@attrs.frozen(slots=True)
class RepeatsByKey:
    """A write may be repeated with its key for `retention` after the first try; the outside does it once."""

    retention: timedelta

    def __attrs_post_init__(self) -> None:
        _check_span(self.retention, "retention")


@attrs.frozen(slots=True)
class LooksUpByKey:
    """A write can be looked up by its key; "absent" is final only `horizon` after the last try."""

    horizon: timedelta

    def __attrs_post_init__(self) -> None:
        _check_span(self.horizon, "horizon")


@attrs.frozen(slots=True)
class ReportsByKey:
    """The outside reports each write with its key, some time later, by a callback."""


@attrs.frozen(slots=True)
class AtMostOnce:
    """None of these: a write is tried once, and each doubt ends in sight of a person."""


Nature: TypeAlias = RepeatsByKey | LooksUpByKey | ReportsByKey | AtMostOnce
"""What a port promises about one of its writes; exactly once needs one of the first two."""


_NATURES = (RepeatsByKey, LooksUpByKey, ReportsByKey, AtMostOnce)


@attrs.frozen(slots=True, kw_only=True)
class ChannelCapabilities:
    """What one kind of channel carries. Rule: M6.

    `text_limit` is in code points. `window` is how long after a customer's message free-form messages pass;
    None means always. Rule: M5.
    """

    text_limit: int
    nature: Nature
    window: timedelta | None = None

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.text_limit) is not int or self.text_limit < 1:
            bad.append(Problem("text_limit", "not_positive", "M6"))
        if self.window is not None and (type(self.window) is not timedelta or self.window <= timedelta(0)):
            bad.append(Problem("window", "not_positive", "M5"))
        elif self.window is not None and self.window > LONGEST_WINDOW:
            bad.append(Problem("window", "too_long", "M5"))
        if type(self.nature) not in _NATURES:
            bad.append(Problem("nature", "not_a_nature"))
        if bad:
            raise InvalidValue(*bad)
