"""Broken storages: values that do not come back as they were given."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import normalize

import attrs

from chatcore.entities import Contact, Effect
from chatcore.events import Envelope
from chatcore.ports import Due, Receipt, Snapshot
from chatcore.search import Page
from chatcore.vocabulary import Private
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


def mapped(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """A value with each plain value in it changed; ids of things, which are names, stay."""
    if isinstance(value, Private):
        return Private(leaf(value.reveal()))
    if isinstance(value, tuple):
        return tuple(mapped(each, leaf) for each in value)
    if attrs.has(type(value)):
        fields = {field.name: getattr(value, field.name) for field in attrs.fields(type(value)) if field.init}
        after = {name: mapped(each, leaf) for name, each in fields.items()}
        if all(after[name] is fields[name] or after[name] == fields[name] for name in fields):
            return value
        return attrs.evolve(value, **after)
    return value if isinstance(value, enum.Enum) else leaf(value)


class _Changed(PlainStorage):
    def kept(self, value: Any) -> Any:
        return mapped(value, self.leaf)

    def leaf(self, value: Any) -> Any:
        return value


def of_private(change: Callable[[str], str]) -> Callable[[PlainStorage, Any], Any]:
    """Change texts that are hidden, which are those that people wrote."""

    def kept(_: PlainStorage, value: Any) -> Any:
        return _inside(value, change)

    return kept


def _inside(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Private):
        after = change(value.reveal())
        return Private(after) if after else value
    if isinstance(value, tuple):
        return tuple(_inside(each, change) for each in value)
    if not attrs.has(type(value)):
        return value
    fields = {field.name: getattr(value, field.name) for field in attrs.fields(type(value)) if field.init}
    after = {name: _inside(each, change) for name, each in fields.items()}
    return value if after == fields else attrs.evolve(value, **after)


# --- moments -------------------------------------------------------------------------------------------------


class Milliseconds(_Changed):
    """Moments are kept to the millisecond."""

    def leaf(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        return value.replace(microsecond=value.microsecond // 1000 * 1000)


class ReceiptsToTheSecond(PlainStorage):
    """When a receipt was recorded is kept to the second."""

    def kept(self, value: Any) -> Any:
        if not isinstance(value, Receipt):
            return value
        return attrs.evolve(value, recorded_at=value.recorded_at.replace(microsecond=0))


class EventsToTheSecond(PlainStorage):
    """`changes` takes the moment of an event from a column that has seconds."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        page = super().changes(after=after, limit=limit)
        rows = [attrs.evolve(row, recorded_at=row.recorded_at.replace(microsecond=0)) for row in page.rows]
        return Page(tuple(rows), page.next)


class NaiveNextAt(PlainStorage):
    """The moment when the next effect falls due comes back without its time zone."""

    def due(self, *, now: datetime, limit: int) -> Due:
        found = super().due(now=now, limit=limit)
        return attrs.evolve(found, next_at=found.next_at and found.next_at.replace(tzinfo=None))


class LocalTime(_Changed):
    """Moments of states are written in the server's time and read as UTC."""

    def leaf(self, value: Any) -> Any:
        return value - timedelta(hours=3) if isinstance(value, datetime) else value


# --- texts ---------------------------------------------------------------------------------------------------


class TextsStripped(PlainStorage):
    """Blanks at the ends of texts are stripped."""

    kept = of_private(str.strip)


class TextsNormalized(PlainStorage):
    """Texts are normalized to NFC."""

    kept = of_private(lambda text: normalize("NFC", text))


class CutAtNul(PlainStorage):
    """Texts end at the first NUL."""

    kept = of_private(lambda text: text.partition("\0")[0])


class NulDropped(PlainStorage):
    """A NUL in a text is dropped, since the database does not take it."""

    kept = of_private(lambda text: text.replace("\0", ""))


class EmojiLost(PlainStorage):
    """The column holds three bytes a character, and an emoji becomes a question mark."""

    kept = of_private(lambda text: "".join("?" if char > "\uffff" else char for char in text))


class LongTextsCut(PlainStorage):
    """Texts are cut after 4,096 characters."""

    kept = of_private(lambda text: text[:4_096])


class LineEndsChanged(PlainStorage):
    """Line ends are changed on the way."""

    kept = of_private(lambda text: text.replace("\r\n", "\n"))


class HostileTextRaises(PlainStorage):
    """A text with a NUL makes the driver raise an error of its own."""

    def kept(self, value: Any) -> Any:
        def look(text: str) -> str:
            if "\0" in text:
                raise ValueError("A string literal cannot contain NUL (0x00) characters.")
            return text

        return _inside(value, look)


class EmptyTextAsNone(PlainStorage):
    """An empty text is kept as null, and comes back as none at all."""

    def kept(self, value: Any) -> Any:
        if not isinstance(value, Contact) or value.blocked is None or value.blocked.why != "":
            return value
        return attrs.evolve(value, blocked=attrs.evolve(value.blocked, why=None))


# --- numbers and collections ---------------------------------------------------------------------------------


class DecimalAsFloat(_Changed):
    """Decimals are kept as floats."""

    def leaf(self, value: Any) -> Any:
        return Decimal(str(float(value))) if isinstance(value, Decimal) else value


class SmallIntegers(PlainStorage):
    """The position in a lane is kept in 32 bits."""

    def kept(self, value: Any) -> Any:
        if not isinstance(value, Effect):
            return value
        return attrs.evolve(value, position=(value.position + 2**31) % 2**32 - 2**31)


class TruthAsNumber(PlainStorage):
    """A custom field that is true comes back as 1."""

    def kept(self, value: Any) -> Any:
        fields = getattr(value, "fields", ())
        if not any(type(given) is bool for _, given in fields):
            return value
        numbers = tuple((id, Decimal(given) if type(given) is bool else given) for id, given in fields)
        if hasattr(value, "details"):
            return attrs.evolve(value, details=attrs.evolve(value.details, fields=numbers))
        return attrs.evolve(value, fields=numbers)


class TuplesSorted(PlainStorage):
    """Tags come back in the order of the alphabet, from a table of their own."""

    def kept(self, value: Any) -> Any:
        if not hasattr(value, "details"):
            return value
        tags = tuple(sorted(value.tags))
        return attrs.evolve(value, details=attrs.evolve(value.details, tags=tags))


class OutcomeEmptied(PlainStorage):
    """A receipt comes back without what its command has changed."""

    def kept(self, value: Any) -> Any:
        if not isinstance(value, Receipt):
            return value
        return attrs.evolve(value, outcome=attrs.evolve(value.outcome, changed=()))


class RowsAsList(PlainStorage):
    """The rows of a page come as a list, which its reader may change."""

    def cut(self, query: Any, rows: list[Any], limit: int) -> Page[Any]:
        page = super().cut(query, rows, limit)
        return Page(list(page.rows), page.next)  # type: ignore[arg-type]


class StreamAsList(PlainStorage):
    """The events of a stream come as a list, which its reader may change."""

    def stream(self, ref: Any, /, *, after: int, limit: int) -> Any:
        return list(super().stream(ref, after=after, limit=limit))


class SnapshotIsLive(PlainStorage):
    """The counts of a snapshot are the storage's own, and move after it was taken."""

    def counts(self, keys: Any) -> dict[str, int]:
        for key in keys:
            self.tables.tallies.setdefault(key, 0)
        return self.tables.tallies


class SnapshotReadLater(PlainStorage):
    """The states of a snapshot are read when they are looked at."""

    def read(self, wanted: Any, /) -> Snapshot:
        found = super().read(wanted)
        return attrs.evolve(found, states=_Later(self, tuple(found.states)))


class _Later(Mapping[Any, Any]):
    def __init__(self, storage: PlainStorage, refs: tuple[Any, ...]) -> None:
        self._storage = storage
        self._refs = refs

    def __getitem__(self, ref: Any) -> Any:
        if ref not in self._refs:
            raise KeyError(ref)
        return self._storage.state(ref)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._refs)

    def __len__(self) -> int:
        return len(self._refs)


BROKEN = storages(vars())
