"""What a person reads: a sentence for every error, a word for every situation, role, event, command and code.

In Brazilian Portuguese and in English. The words stand as plain dicts in one private package a language; this
module puts an error's typed attributes into them. An id that a caller typed is never repeated, and a `Private`
prints as everywhere else.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

import attrs

from chatcore import commands, events, vocabulary
from chatcore._shape import code_or
from chatcore.br import parse_money
from chatcore.errors import BonusOverLimit, ChatcoreError, CompanyRefusal, InvalidValue, Problem
from chatcore.i18n._en import EN
from chatcore.i18n._language import Language
from chatcore.i18n._pt_br import PT_BR
from chatcore.vocabulary import Ability, BonusKind, Module, Situation

__all__ = ["explain", "label"]

_LANGUAGES: Final = {"pt_BR": PT_BR, "pt-BR": PT_BR, "en": EN}

_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""An attribute's name; one that begins with an underscore is nobody's to show."""

_MEANT: Final[Mapping[str, type[enum.StrEnum]]] = {"ability": Ability, "module": Module, "origin": Situation}
"""The enumeration that a plain string means, by the attribute that holds it."""


def explain(error: Exception, locale: str = "pt_BR", catalogue: Mapping[str, str] | None = None) -> str:
    """Say to a person what an error means, in ``pt_BR`` (or ``pt-BR``) or ``en``.

    An `InvalidValue` is told problem by problem, each with its field's path. `catalogue` holds the sentences
    of a company's own codes, of errors, of refusals (``acme:weekend``) and of problems, in this language;
    ``{name}`` in them stands for the attribute of that name, and they come before the library's. A code
    without a sentence, or a sentence that cannot be filled, gives way to that of the next class up, and at the
    end to a general one.

        >>> from chatcore.errors import AlreadyTaken, InvalidValue
        >>> explain(AlreadyTaken("cv_1", "ana"))
        'O atendente “ana” já assumiu esta conversa.'
        >>> explain(InvalidValue.of("text", "empty"), "en")
        'The field “text” is empty.'

    Raises:
        InvalidValue: ``unknown_locale``.
    """
    language = _language(locale)
    own = {} if catalogue is None else catalogue
    if isinstance(error, InvalidValue) and error.problems:
        return " ".join(_problem_said(problem, language, own) for problem in error.problems)
    values = _values(error, language)
    for sentence in _sentences(error, language, own):
        said = _filled(sentence, values, language)
        if said is not None:
            return said
    return language.errors[ChatcoreError.code]


def label(thing: object, locale: str = "pt_BR") -> str:
    """A few words for a member of the vocabulary, an event or a command (by class as well), or a code.

    Codes are what a screen holds as text: what is known of a `Review` and what to find out, why an effect
    failed or a light cannot be told, what of a boleto or an invoice does not hold, what a `Verdict` warns of.
    One that something outside made up is named as it is.

        >>> from chatcore.events import Taken
        >>> label(Situation.QUEUE), label(Taken), label(Taken, "en")
        ('na fila', 'assumiu', 'took')
        >>> label("was_it_applied"), label("refused:E42")
        ('se foi feito ou não', 'recusado (código E42)')

    Raises:
        InvalidValue: ``unknown_locale``, or ``no_label`` for a thing that is not one of these.
    """
    language = _language(locale)
    is_code = isinstance(thing, str) and not isinstance(thing, enum.Enum)
    said = _code_said(str(thing), language) if is_code else _labelled(thing, language)
    if said is None:
        raise InvalidValue.of("thing", "no_label")
    return said


def _language(locale: object) -> Language:
    language = _LANGUAGES.get(locale) if isinstance(locale, str) else None
    if language is None:
        raise InvalidValue.of("locale", "unknown_locale")
    return language


def _labelled(thing: object, language: Language) -> str | None:
    """The label of a thing; None for one that only bears the name of one of ours, or none at all."""
    kind = thing if isinstance(thing, type) else type(thing)
    name = kind.__name__
    if isinstance(thing, enum.Enum):
        ours = getattr(vocabulary, name, None) is kind
        return language.members.get(name, {}).get(thing.name) if ours else None
    if getattr(events, name, None) is kind:
        return language.events.get(name)
    if getattr(commands, name, None) is kind:
        return language.commands.get(name)
    return None


def _code_said(code: str, language: Language) -> str | None:
    """A code in words; None for what is no code at all, which could be anybody's name."""
    said = language.codes.get(code)
    if said is not None:
        return said
    kind, _, detail = code.partition(":")
    sentence = language.outside.get(kind) if detail else None
    if sentence is not None:
        inner = language.codes.get(detail) or _named(detail, language)
        return None if inner is None else sentence.replace("{code}", inner)
    return _named(code, language)


def _named(code: str, language: Language) -> str | None:
    """A code that there are no words for."""
    name = code_or(code, "")
    return language.any_code.replace("{code}", name) if name else None


def _sentences(error: Exception, language: Language, own: Mapping[str, str]) -> Iterator[object]:
    """What may be said of an error: of its own code first, then of those of the classes above it."""
    if isinstance(error, CompanyRefusal):
        yield own.get(error.company_code)
    codes = [getattr(each, "code", None) for each in (error, *type(error).__mro__)]
    for code in codes:
        if isinstance(code, str):
            yield own.get(code)
            yield language.errors.get(code)
            yield language.plain_errors.get(code)


def _values(error: Exception, language: Language) -> Mapping[str, object]:
    """An error's attributes, with an amount written as people write it."""
    values = vars(error)
    if isinstance(error, BonusOverLimit) and isinstance(error.limit, str):
        return {**values, "limit": _limit_written(error.bonus_kind, error.limit, language)}
    return values


def _limit_written(kind: BonusKind, limit: str, language: Language) -> str:
    """The most that a bonus may be, in what its kind is counted in; as it is where it is no such number."""
    try:
        if kind is BonusKind.AMOUNT:
            return parse_money(limit).written()
        number = f"{Decimal(limit).normalize():f}"
    except (InvalidValue, InvalidOperation):
        return limit
    if kind is BonusKind.PERCENT:
        return number.replace(".", language.point) + "%"
    return language.day if number == "1" else language.days.format(number)


def _problem_said(problem: Problem, language: Language, own: Mapping[str, str]) -> str:
    values = attrs.asdict(problem, recurse=False)
    if problem.span is not None:
        start, end = problem.span
        values["span"] = str(end) if end - start <= 1 else f"{start + 1}-{end}"  # A person counts from 1.
    code = problem.code
    for sentence in (own.get(code), language.problems.get(code), language.plain_problems.get(code)):
        said = _filled(sentence, values, language)
        if said is not None:
            return said
    return language.any_problem.replace("{path}", problem.path)


def _filled(sentence: object, values: Mapping[str, object], language: Language) -> str | None:
    """A sentence with its values in place, never scanned again; None if one is not known, or it is broken."""
    if not isinstance(sentence, str):
        return None
    parts: list[str] = []
    for i, part in enumerate(_PLACEHOLDER.split(sentence)):
        word = _word(part, values.get(part), language) if i % 2 else part
        if word is None or (i % 2 == 0 and ("{" in part or "}" in part)):
            return None
        parts.append(word)
    return "".join(parts)


def _word(name: str, value: object, language: Language) -> str | None:
    """How an attribute is said; None if it holds nothing, or a name of ours that has no word here."""
    if value is None:
        return None
    if isinstance(value, enum.Enum):
        return _labelled(value, language) or str(value.value)
    if isinstance(value, datetime):
        return (
            language.moment.format(value.astimezone(UTC)) if value.tzinfo else value.isoformat(" ", "minutes")
        )
    if isinstance(value, timedelta):
        return _length(value)
    if isinstance(value, tuple | list):
        words = [_word(name, each, language) for each in value]
        return ", ".join(word for word in words if word is not None) or None
    if isinstance(value, str):
        if name in _MEANT:
            member = next((each for each in _MEANT[name] if each.value == value), None)
            return None if member is None else _labelled(member, language)
        named = {"what": language.things, "event": language.events, "command": language.commands}
        return named[name].get(value) if name in named else value
    return str(value)


def _length(span: timedelta) -> str:
    """A span in its largest even unit, in signs that both languages share; whole seconds, rounded up."""
    seconds = -(-span // timedelta(seconds=1))
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
