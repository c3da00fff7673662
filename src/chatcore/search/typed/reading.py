"""Reading a typed search: pieces, then conditions, in one pass over each.

query := both (OR both)*     both := one+     one := [-] (bracket | key:value | words)
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from unicodedata import normalize

import attrs

from chatcore.br import parse_tax_id
from chatcore.entities import Channel, FieldValue, Item, Workspace
from chatcore.entities.workspace import PLACES
from chatcore.errors import InvalidValue, NotASearch, Problem
from chatcore.limits import QUERY_DEPTH, QUERY_PARTS, QUERY_TEXT
from chatcore.moments import from_local, parse_moment
from chatcore.search.conditions import (
    Between,
    Condition,
    Documented,
    Filled,
    Has,
    Is,
    Mark,
    Named,
    Numbered,
    Says,
    Trait,
    When,
)
from chatcore.search.typed.keys import DATES, KEYS, MARKS, MOMENTS, OPERATORS, PARTS, VALUES
from chatcore.text import fold, label_key, words_of
from chatcore.vocabulary import FieldId, FieldType, Part, Private

__all__ = ["parse_search", "underlined"]


def underlined(text: str, span: tuple[int, int]) -> str:
    """The text with a span of it underlined, on two lines: for whoever typed it, and for no log."""
    start, end = span
    line = re.sub(r"\s", " ", text)
    return f"{line}\n{' ' * start}{'^' * max(end - start, 1)}"


_PIECE: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<bracket>[()])
    | (?P<minus>-(?=[^\s-]))
    | (?P<key>[^\W\d_][\w.\u0300-\u036f-]*:(?=[^\s)]))
    | (?P<quoted>~?"[^"]*")
    | (?P<open>~?"[^"]*\Z)
    | (?P<word>[^\s()"]+)
    """,
    re.VERBOSE,
)
_DAYS: Final = ("2026-01-31", "31/01/2026")
_MOMENT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]"
_DAY: Final = r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{2})/([0-9]{2})/([0-9]{4})"


@attrs.frozen(slots=True)
class _Piece:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def parse_search(text: str, workspace: Workspace) -> Condition:
    """Read a search as people type it.

    Raises:
        NotASearch: it is empty, too long or cannot be read; says where, and what may have been meant.
    """
    if type(text) is not str:
        raise NotASearch(Problem("search", "not_a_text", "S6"))
    if len(text) > QUERY_TEXT:
        raise NotASearch(Problem("search", "too_long", "S6", QUERY_TEXT, len(text)))
    return _Reader(text, workspace).read()


def _refused(code: str, start: int, end: int, suggestions: Iterable[str] = ()) -> NotASearch:
    return NotASearch(Problem("search", code, "S6", span=(start, end)), suggestions=tuple(suggestions))


class _Reader:
    """Reads one search."""

    def __init__(self, text: str, workspace: Workspace) -> None:
        self._text = text
        self._workspace = workspace
        self._pieces = list(_pieces(text))
        self._next = 0
        self._count = 0

    def read(self) -> Condition:
        try:
            condition = self._either(0)
        except NotASearch:
            raise
        except InvalidValue as error:  # What is combined lies too deep.
            raise _refused(error.problems[0].code, 0, len(self._text)) from None
        if self._next < len(self._pieces):
            piece = self._pieces[self._next]
            raise _refused("unmatched_bracket", piece.start, piece.end)
        if condition is None:
            raise _refused("no_words", 0, len(self._text))
        return condition

    def _peek(self) -> _Piece | None:
        return self._pieces[self._next] if self._next < len(self._pieces) else None

    def _operator(self) -> str | None:
        piece = self._peek()
        return (
            OPERATORS.get(normalize("NFC", piece.text)) if piece is not None and piece.kind == "word" else None
        )

    def _either(self, depth: int) -> Condition | None:
        """Conditions with OR between them."""
        found = self._both(depth)
        while self._operator() == "or":
            sign = self._pieces[self._next]
            self._next += 1
            other = self._both(depth)
            if found is None or other is None:
                raise _refused("nothing_beside_or", sign.start, sign.end, [f'"{sign.text.lower()}"'])
            found = found | other
        return found

    def _both(self, depth: int) -> Condition | None:
        """Conditions side by side."""
        found: list[Condition] = []
        while (piece := self._peek()) is not None and piece.text != ")":
            operator = self._operator()
            if operator == "or":
                break
            if operator == "and" and found:
                self._next += 1
                if (after := self._peek()) is None or after.text == ")" or self._operator() in ("or", "and"):
                    raise _refused("nothing_beside_and", piece.start, piece.end, [f'"{piece.text.lower()}"'])
                continue
            one = self._one(depth)
            if one is not None:
                found.append(one)
        if not found:
            return None
        together = found[0]
        for each in found[1:]:
            together = together & each
        return together

    def _one(self, depth: int) -> Condition | None:
        """One condition, denied any number of times."""
        denied, first = False, self._pieces[self._next]
        while (piece := self._peek()) is not None and (piece.kind == "minus" or self._operator() == "not"):
            denied = not denied
            self._next += 1
        piece = self._peek()
        if piece is None or piece.text == ")":
            meant = [f'"{first.text.lower()}"'] if first.kind == "word" else []
            raise _refused("nothing_denied", first.start, first.end, meant)
        self._next += 1
        condition = self._bracket(piece, depth) if piece.kind == "bracket" else self._leaf(piece)
        return ~condition if condition is not None and denied else condition

    def _bracket(self, opening: _Piece, depth: int) -> Condition | None:
        if depth >= QUERY_DEPTH:
            raise _refused("too_deep", opening.start, opening.end)
        inside = self._either(depth + 1)
        closing = self._peek()
        if closing is None:
            raise _refused("unmatched_bracket", opening.start, opening.end)
        self._next += 1
        return inside

    def _leaf(self, piece: _Piece) -> Condition | None:
        self._count += 1
        if self._count > QUERY_PARTS:
            raise _refused("too_many", piece.start, piece.end)
        if piece.kind == "key":
            return self._keyed(piece)
        if piece.kind == "open":
            raise _refused("unclosed_quote", piece.start, piece.end)
        words, prefix = _unquoted(piece)
        try:
            return Says(words, prefix=prefix) if words_of(words) else None
        except InvalidValue as error:
            raise _refused(error.problems[0].code, piece.start, piece.end) from None

    # --- key:value -------------------------------------------------------------------------------------------

    def _keyed(self, key: _Piece) -> Condition:
        value = self._peek()
        assert value is not None
        self._next += 1
        if value.kind == "open":
            raise _refused("unclosed_quote", value.start, value.end)
        if value.kind not in ("quoted", "word", "key", "minus") or value.start != key.end:
            raise _refused("value_missing", key.start, key.end)
        text, prefix = self._value(value)
        end = self._pieces[self._next - 1].end
        name = fold(key.text[:-1])
        head, _, tail = name.partition(".")
        try:
            return self._meant(name, head, tail, text, prefix)
        except _NoSuchKey:
            close = difflib.get_close_matches(name, KEYS, 3, 0.6)
            raise _refused("unknown_key", key.start, key.end, [f"{each}:" for each in close]) from None
        except _NoSuchValue as error:
            problem = attrs.evolve(error.problem, span=(value.start, end))
            raise NotASearch(problem, suggestions=error.suggestions) from None
        except InvalidValue as error:
            raise _refused(error.problems[0].code, value.start, end) from None

    def _value(self, value: _Piece) -> tuple[str, bool]:
        """The value behind a key: quoted, or up to the next space, whatever stands in it."""
        if value.kind == "quoted":
            return _unquoted(value)
        text = value.text
        while (more := self._peek()) is not None and more.start == value.start + len(text):
            if more.kind not in ("word", "key", "minus"):
                break
            text += more.text
            self._next += 1
        return text, True

    def _meant(self, name: str, head: str, tail: str, text: str, prefix: bool) -> Condition:
        asked = KEYS.get(head if tail else name)
        if asked == "field" and tail:
            return self._field(tail, text)
        if tail:
            when = next((w for w, names in MOMENTS.items() if head in map(fold, names)), None)
            if when is None or KEYS.get(tail) not in DATES:
                raise _NoSuchKey
            return self._dated(str(KEYS[tail]), when, text)
        if asked in DATES:
            return self._dated(str(asked), When.SENT, text)
        if isinstance(asked, Trait):
            return Has(asked, self._named(asked, text))
        if asked == "name":
            return Named(text, prefix=prefix)
        if asked == "number":
            return Numbered(text)
        if asked == "document":
            return Documented(parse_tax_id(text))
        if asked == "is":
            return Is(_marked(text))
        raise _NoSuchKey

    def _named(self, trait: Trait, text: str) -> str:
        """The id, or the value, that a text names."""
        if trait in VALUES:
            meant = {fold(name): value for value, names in VALUES[trait].items() for name in names}
            return _chosen(fold(text), meant)
        part = PARTS.get(trait)
        if part is None:
            return text
        items = _items(self._workspace, part)
        ids = {str(item.id) for item in items}
        if text in ids:
            return text
        return _chosen(label_key(text), {label_key(_name(item)): str(item.id) for item in items})

    def _dated(self, relation: str, when: When, text: str) -> Between:
        if re.match(_MOMENT, text):
            first, between, last = text.partition("..")
            since = parse_moment(first, "date")
            until = parse_moment(last, "date") if between else since
            if bool(between) is not (relation == "on"):
                raise _NoSuchValue(Problem("search", "not_a_day", "S6"))
        else:
            since, until = self._day(text)
        if relation == "since":
            return Between(when, since=since)
        if relation == "after":
            return Between(when, since=until)
        if relation == "before":
            return Between(when, until=since)
        if relation == "until":
            return Between(when, until=until)
        return Between(when, since=since, until=until)

    def _day(self, text: str) -> tuple[datetime, datetime]:
        """The beginning and the end of a day on the workspace's calendar."""
        first, zone = _day_of(text), self._workspace.time_zone
        try:
            return from_local(first, 0, zone), from_local(first + timedelta(days=1), 0, zone)
        except OverflowError:
            raise _NoSuchValue(Problem("search", "not_a_day", "S6"), _DAYS) from None

    def _field(self, name: str, text: str) -> Filled:
        fields = {label_key(field.name).replace(" ", "-"): field for field in self._workspace.fields}
        fields |= {fold(str(field.id)): field for field in self._workspace.fields}
        field = fields.get(name)
        if field is None:
            raise _NoSuchKey
        return Filled(FieldId(field.id), _field_value(field.type, text))


class _NoSuchKey(Exception):
    """Nothing is asked for by this key."""


class _NoSuchValue(Exception):
    """A value that means nothing here, and those that may have been meant."""

    def __init__(self, problem: Problem, suggestions: tuple[str, ...] = ()) -> None:
        self.problem = problem
        self.suggestions = suggestions


def _pieces(text: str) -> Iterable[_Piece]:
    position = 0
    while position < len(text):
        found = _PIECE.match(text, position)
        if found is None:  # A lone quote mark or the like stands for nothing.
            position += 1
            continue
        kind = str(found.lastgroup)
        if kind != "space":
            yield _Piece(kind, found[0], position)
        position = found.end()


def _unquoted(piece: _Piece) -> tuple[str, bool]:
    """The words of a piece, and whether the last may go on."""
    if piece.kind != "quoted":
        return piece.text, True
    goes_on = piece.text.startswith("~")
    return piece.text[1 + goes_on : -1], goes_on


def _chosen(text: str, known: dict[str, str]) -> str:
    if text in known:
        return known[text]
    raise _NoSuchValue(
        Problem("search", "unknown_value", "S6"), tuple(difflib.get_close_matches(text, known, 3, 0.5))
    )


def _marked(text: str) -> Mark:
    known = {fold(name): mark.value for mark, names in MARKS.items() for name in names}
    return Mark(_chosen(fold(text), known))


def _items(workspace: Workspace, part: Part) -> tuple[Item, ...]:
    items: tuple[Item, ...] = getattr(workspace, PLACES[part][0])
    return items


def _name(item: Item) -> str:
    """What people call a part; a channel has only its id."""
    return item.id if isinstance(item, Channel) else item.name


def _day_of(text: str) -> date:
    found = re.fullmatch(_DAY, text)
    if found is None:
        raise _NoSuchValue(Problem("search", "not_a_day", "S6"), _DAYS)
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise _NoSuchValue(Problem("search", "not_a_day", "S6"), _DAYS) from None


def _field_value(type: FieldType, text: str) -> FieldValue:
    """What a typed value of a custom field is. Rule: C9."""
    if type is FieldType.NUMBER:
        if not re.fullmatch(r"-?[0-9]{1,30}([.,][0-9]{1,30})?", text):
            raise _NoSuchValue(Problem("search", "not_a_number", "S6"))
        return Decimal(text.replace(",", "."))
    if type is FieldType.YES_NO:
        meant = {"sim": True, "yes": True, "s": True, "nao": False, "no": False, "n": False}
        if fold(text) not in meant:
            raise _NoSuchValue(Problem("search", "not_yes_or_no", "S6"), ("sim", "não"))
        return meant[fold(text)]
    if type is FieldType.DATE:
        return _day_of(text)
    return Private(text)
