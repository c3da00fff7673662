"""Conditions: what is asked of a conversation, a message or a contact, as frozen values that combine.

``a & b`` asks for both, ``a | b`` for either, ``~a`` for what is not so. What a condition means is said in
`search.matching`, for every storage. Rule: S2, S6.

    >>> Says("segunda via") & ~Says("pago")
    AllOf(parts=(Says(words=('segunda', 'via'), prefix=False), Not(part=Says(words=('pago',), prefix=False))))
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import attrs

from chatcore._shape import id_problem, not_id, not_utc_or_none, refuse
from chatcore.br import TaxId, parse_phone, parse_tax_id
from chatcore.entities import FieldValue
from chatcore.entities.fields import value_problems
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import QUERY_DEPTH, QUERY_PARTS, QUERY_TEXT, QUERY_WORDS
from chatcore.text import words_of
from chatcore.vocabulary import Direction, FieldId, MessageKind, Private, Situation, redacted

__all__ = [
    "UNRESOLVED",
    "AllOf",
    "AnyOf",
    "Between",
    "Condition",
    "Documented",
    "Filled",
    "Has",
    "Is",
    "Mark",
    "Named",
    "Not",
    "Nothing",
    "Numbered",
    "Reached",
    "Says",
    "Trait",
    "When",
    "leaves",
]


class Condition:
    """Something that is so or is not; combine conditions with ``&``, ``|`` and ``~``."""

    __slots__ = ()

    def __and__(self, other: Condition) -> AllOf:
        return AllOf((*_parts(self, AllOf), *_parts(other, AllOf)))

    def __or__(self, other: Condition) -> AnyOf:
        return AnyOf((*_parts(self, AnyOf), *_parts(other, AnyOf)))

    def __invert__(self) -> Condition:
        return self.part if isinstance(self, Not) else Not(self)


def _parts(condition: object, kind: type[AllOf] | type[AnyOf]) -> tuple[Condition, ...]:
    if not isinstance(condition, Condition):
        raise InvalidValue.of("where", "not_a_condition")
    return condition.parts if isinstance(condition, kind) else (condition,)


def _check_parts(parts: object) -> None:
    if type(parts) is not tuple or not parts or not all(isinstance(part, Condition) for part in parts):
        raise InvalidValue.of("parts", "not_conditions")
    if (size := sum(1 for part in parts for _ in leaves(part))) > QUERY_PARTS:
        raise InvalidValue.of("parts", "too_many", limit=QUERY_PARTS, actual=size)
    if (depth := max(map(_depth, parts)) + 1) > QUERY_DEPTH:
        raise InvalidValue.of("parts", "too_deep", limit=QUERY_DEPTH, actual=depth)


def _depth(condition: Condition) -> int:
    """How many combinations lie inside one another."""
    deepest, waiting = 0, [(condition, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, AllOf | AnyOf | Not):
            parts = (each.part,) if isinstance(each, Not) else each.parts
            waiting += [(part, depth + 1) for part in parts]
            deepest = max(deepest, depth + 1)
    return deepest


@attrs.frozen(slots=True)
class AllOf(Condition):
    """Each of these."""

    parts: tuple[Condition, ...]

    def __attrs_post_init__(self) -> None:
        _check_parts(self.parts)


@attrs.frozen(slots=True)
class AnyOf(Condition):
    """At least one of these."""

    parts: tuple[Condition, ...]

    def __attrs_post_init__(self) -> None:
        _check_parts(self.parts)


@attrs.frozen(slots=True)
class Not(Condition):
    """What is not so."""

    part: Condition

    def __attrs_post_init__(self) -> None:
        _check_parts((self.part,))


def leaves(condition: Condition) -> Iterator[Condition]:
    """The conditions that a condition is combined of, from left to right."""
    waiting = [condition]
    while waiting:
        each = waiting.pop()
        if isinstance(each, AllOf | AnyOf):
            waiting += reversed(each.parts)
        elif isinstance(each, Not):
            waiting.append(each.part)
        else:
            yield each


# --- words ---------------------------------------------------------------------------------------------------


def _folded(words: object) -> tuple[str, ...]:
    """Words given as one text, or as words already; folded and split as texts are."""
    if type(words) is tuple and all(type(word) is str for word in words):
        words = " ".join(words)
    if type(words) is not str or len(words) > QUERY_TEXT:
        raise InvalidValue.of("words", "not_words", rule="S6", limit=QUERY_TEXT)
    return words_of(words)


def _check_words(words: tuple[str, ...], prefix: object) -> None:
    bad = [] if type(prefix) is bool else [Problem("prefix", "not_a_bool")]
    if not words:
        bad.append(Problem("words", "no_words", "S6"))
    elif len(words) > QUERY_WORDS:
        bad.append(Problem("words", "too_many", "S6", QUERY_WORDS, len(words)))
    refuse(bad)


@attrs.frozen(slots=True)
class Says(Condition):
    """A message that says these words, one right after another. With `prefix` the last may go on. Rule: S6.

    Given as a text: case, accents, width and what stands between words do not count.

    Raises:
        InvalidValue: ``no_words``, ``too_many``, or ``not_words`` for another type or too long a text.
    """

    words: tuple[str, ...] = attrs.field(converter=_folded)
    prefix: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_words(self.words, self.prefix)


@attrs.frozen(slots=True)
class Named(Condition):
    """A contact whose name has these words, as in `Says`; half a last word will do, by default. Rule: S2."""

    words: tuple[str, ...] = attrs.field(converter=_folded)
    prefix: bool = attrs.field(default=True, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_words(self.words, self.prefix)


# --- what things are -----------------------------------------------------------------------------------------


class Trait(enum.StrEnum):
    """What a thing has by name: a conversation; DIRECTION and KIND a message, CUSTOMER a contact."""

    SITUATION = "situation"
    AGENT = "agent"
    DEPARTMENT = "department"
    CHANNEL = "channel"
    TAG = "tag"
    REASON = "reason"
    CONTACT = "contact"
    PROTOCOL = "protocol"
    DIRECTION = "direction"
    KIND = "kind"
    CUSTOMER = "customer"


_CLOSED_LISTS: Final[Mapping[Trait, type[enum.StrEnum]]] = MappingProxyType(
    {Trait.SITUATION: Situation, Trait.DIRECTION: Direction, Trait.KIND: MessageKind}
)


def _value(value: str | enum.StrEnum) -> str:
    return str(value.value) if isinstance(value, enum.StrEnum) else value


@attrs.frozen(slots=True)
class Has(Condition):
    """What has this, by its id: ``Has(Trait.TAG, "vip")``; of a closed list, by its value."""

    trait: Trait
    value: str = attrs.field(converter=_value)

    def __attrs_post_init__(self) -> None:
        if type(self.trait) is not Trait:
            raise InvalidValue.of("trait", "not_a_trait")
        if not_id(self.value):
            raise InvalidValue(id_problem("value", self.value))
        known = _CLOSED_LISTS.get(self.trait)
        if known is not None and self.value not in {member.value for member in known}:
            raise InvalidValue.of("value", "not_a_value")


class Mark(enum.StrEnum):
    """What a thing is or is not: the last two are a contact's."""

    WAITING = "waiting"
    UNREAD = "unread"
    ASSIGNED = "assigned"
    BLOCKED = "blocked"
    LINKED = "linked"


@attrs.frozen(slots=True)
class Is(Condition):
    """A conversation that waits for an answer, is unread, is assigned; a contact that is blocked, or linked."""

    mark: Mark

    def __attrs_post_init__(self) -> None:
        if type(self.mark) is not Mark:
            raise InvalidValue.of("mark", "not_a_mark")


class When(enum.StrEnum):
    """The moments that one may ask about; SENT is a message's, the others are a conversation's."""

    STARTED = "started"
    OPENED = "opened"
    CLOSED = "closed"
    ACTIVE = "active"
    WAITING = "waiting"
    SENT = "sent"


@attrs.frozen(slots=True)
class Between(Condition):
    """What happened at or after `since` and before `until`, both in UTC; either may be left open."""

    when: When
    since: datetime | None = attrs.field(default=None, kw_only=True)
    until: datetime | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = [] if type(self.when) is When else [Problem("when", "not_a_moment")]
        bad += [Problem(n, "not_utc") for n in ("since", "until") if not_utc_or_none(getattr(self, n))]
        if self.since is None and self.until is None:
            bad.append(Problem("since", "since_or_until"))
        refuse(bad)


@attrs.frozen(slots=True)
class Filled(Condition):
    """A conversation, or a contact, whose custom field has this value. Rule: C9."""

    field: FieldId
    value: FieldValue = attrs.field(repr=redacted)

    def __attrs_post_init__(self) -> None:
        if self.value is None:
            raise InvalidValue.of("value", "not_a_value", rule="C9")
        refuse(value_problems(((self.field, self.value),), "value"))


@attrs.frozen(slots=True)
class Reached(Condition):
    """A contact reached at one of these addresses, by key; the desk makes it of a number. Rule: M11."""

    keys: tuple[str, ...]

    def __attrs_post_init__(self) -> None:
        if type(self.keys) is not tuple or not self.keys or any(map(not_id, self.keys)):
            raise InvalidValue.of("keys", "not_keys", rule="M11")


def _private(value: str | Private) -> Private:
    return Private(value) if type(value) is str else value  # type: ignore[return-value]


def _tax_id(value: str | TaxId) -> TaxId:
    return parse_tax_id(value) if type(value) is str else value  # type: ignore[return-value]


@attrs.frozen(slots=True)
class Numbered(Condition):
    """A contact with this phone number, in any spelling. A desk turns it into `Reached`. Rule: M11."""

    number: Private = attrs.field(converter=_private)

    def __attrs_post_init__(self) -> None:
        if type(self.number) is not Private:
            raise InvalidValue.of("number", "not_a_phone", rule="M11")
        parse_phone(self.number.reveal(), "number")


@attrs.frozen(slots=True)
class Documented(Condition):
    """A contact linked to a customer with this CPF or CNPJ. A desk asks the contracts side. Rule: R5, B2."""

    document: TaxId = attrs.field(converter=_tax_id)

    def __attrs_post_init__(self) -> None:
        if type(self.document) is not TaxId:
            raise InvalidValue.of("document", "not_a_tax_id", rule="R5")


@attrs.frozen(slots=True)
class Nothing(Condition):
    """What is never so: what is left of a document that nobody has."""


UNRESOLVED: Final = (Numbered, Documented)
"""The conditions that only a desk can resolve: no storage is asked them."""
