"""What a port can do, as values: declared once, asked for without I/O, checked before anything is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypeAlias

import attrs

from chatcore._shape import not_tuple_of, refuse, switch_problems
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import LONGEST_WINDOW
from chatcore.vocabulary import BoletoForm, BonusKind, CustomerKey, DeliveryStatus, MessageKind

__all__ = [
    "MEDIA",
    "AtMostOnce",
    "BillingCapabilities",
    "ChannelCapabilities",
    "ContractsCapabilities",
    "LooksUpByKey",
    "MediaCapability",
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


MEDIA: Final = frozenset(
    {MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.AUDIO, MessageKind.DOCUMENT, MessageKind.STICKER}
)
"""The kinds of message that carry a file."""

_NATURES = (RepeatsByKey, LooksUpByKey, ReportsByKey, AtMostOnce)


@attrs.frozen(slots=True)
class MediaCapability:
    """What a channel carries of one kind of media: MIME types, bytes at most, and whether with a caption."""

    kind: MessageKind
    types: tuple[str, ...]
    max_bytes: int
    captions: bool = True

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.kind) is not MessageKind or self.kind not in MEDIA:
            bad.append(Problem("kind", "not_a_kind", "M6"))
        if not_tuple_of(str, self.types) or not self.types:
            bad.append(Problem("types", "not_a_tuple", "M6"))
        if type(self.max_bytes) is not int or self.max_bytes < 1:
            bad.append(Problem("max_bytes", "not_positive", "M6"))
        bad += switch_problems(self, "captions")
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True, kw_only=True)
class ChannelCapabilities:
    """What one kind of channel carries. Rule: M6.

    * `text_limit` and `caption_limit` are in code points.
    * `window` is how long after a customer's message free-form messages pass; None means always. Outside it
      only the kinds of `outside_window` do. Rule: M5.
    * `media` has one entry per kind of media and set of types; `templates` says whether approved ones go.
    * `reports` are the statuses it tells of a message, besides FAILED. Rule: M2.
    """

    text_limit: int
    nature: Nature
    window: timedelta | None = None
    outside_window: tuple[MessageKind, ...] = (MessageKind.TEMPLATE,)
    caption_limit: int = 1024
    media: tuple[MediaCapability, ...] = ()
    templates: bool = False
    reports: tuple[DeliveryStatus, ...] = (DeliveryStatus.SENT,)

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        for name in ("text_limit", "caption_limit"):
            size = getattr(self, name)
            bad += [] if type(size) is int and size > 0 else [Problem(name, "not_positive", "M6")]
        if self.window is not None and (type(self.window) is not timedelta or self.window <= timedelta(0)):
            bad.append(Problem("window", "not_positive", "M5"))
        elif self.window is not None and self.window > LONGEST_WINDOW:
            bad.append(Problem("window", "too_long", "M5"))
        if type(self.nature) not in _NATURES:
            bad.append(Problem("nature", "not_a_nature"))
        if not_tuple_of(MessageKind, self.outside_window):
            bad.append(Problem("outside_window", "not_kinds", "M6"))
        if not_tuple_of(MediaCapability, self.media):
            bad.append(Problem("media", "not_media", "M6"))
        bad += switch_problems(self, "templates")
        if not_tuple_of(DeliveryStatus, self.reports):
            bad.append(Problem("reports", "not_statuses", "M6"))
        if bad:
            raise InvalidValue(*bad)


def _nature_problems(thing: object, name: str) -> list[Problem]:
    """A write that is not offered has no nature."""
    nature = getattr(thing, name)
    return [] if nature is None or type(nature) in _NATURES else [Problem(name, "not_a_nature")]


@attrs.frozen(slots=True, kw_only=True)
class ContractsCapabilities:
    """What the contracts side offers: what customers are found by, and service orders. Rule: B2, B12.

    `orders` is the nature of opening one, None where none is opened; `transcripts`: whether one takes along
    what was said.
    """

    finds_by: tuple[CustomerKey, ...] = tuple(CustomerKey)
    orders: Nature | None = None
    transcripts: bool = False

    def __attrs_post_init__(self) -> None:
        bad = _nature_problems(self, "orders") + switch_problems(self, "transcripts")
        if not_tuple_of(CustomerKey, self.finds_by):
            bad.append(Problem("finds_by", "not_keys", "B2"))
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class BillingCapabilities:
    """What the billing side offers: the forms of a boleto, fiscal invoices, and bonuses. Rule: B4, B7, B8.

    `bonus` is the nature of granting one, None where none is granted; `bonus_kinds` which ones are.
    """

    boletos: tuple[BoletoForm, ...] = ()
    invoices: bool = False
    bonus: Nature | None = None
    bonus_kinds: tuple[BonusKind, ...] = tuple(BonusKind)

    def __attrs_post_init__(self) -> None:
        bad = _nature_problems(self, "bonus") + switch_problems(self, "invoices")
        if not_tuple_of(BoletoForm, self.boletos):
            bad.append(Problem("boletos", "not_forms", "B4"))
        if not_tuple_of(BonusKind, self.bonus_kinds):
            bad.append(Problem("bonus_kinds", "not_kinds", "B8"))
        refuse(bad)
