"""Broken storages: events that were committed."""

from __future__ import annotations

import itertools
from typing import Any

from chatcore.errors import InvalidValue
from chatcore.events import Envelope
from chatcore.ports import ChangeSet
from chatcore.search import Page
from chatcore.vocabulary import Ref
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class OnlyLastEvent(PlainStorage):
    """Of several events of one step only the last is kept."""

    def write_states(self, change: ChangeSet) -> None:
        super().write_states(change)
        for write in change.writes:
            for event in write.events[:-1]:
                self.tables.streams[write.ref].remove(event)
                self.tables.log.remove(event)


class EventsOfOneWrite(PlainStorage):
    """Of several entities of one set only the first one's events are kept."""

    def write_states(self, change: ChangeSet) -> None:
        super().write_states(change)
        for write in change.writes[1:]:
            for event in write.events:
                self.tables.streams[write.ref].remove(event)
                self.tables.log.remove(event)


class StepsBackwards(PlainStorage):
    """The events of one step are written the other way round."""

    def write_states(self, change: ChangeSet) -> None:
        before = len(self.tables.log)
        super().write_states(change)
        self.tables.log[before:] = reversed(self.tables.log[before:])


class ChangesNewestFirst(PlainStorage):
    """A page of `changes` has its newest event first."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        page = super().changes(after=after, limit=limit)
        return Page(page.rows[::-1], page.next)


class ChangesById(PlainStorage):
    """A page of `changes` has its events by id."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        page = super().changes(after=after, limit=limit)
        return Page(tuple(sorted(page.rows, key=lambda event: event.id)), page.next)


class ChangesByMoment(PlainStorage):
    """`changes` goes on after a moment, and what was recorded at the same one is left out."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        page = super().changes(after=after, limit=limit)
        last = page.rows[-1:] or self.tables.log[int(after or 0) - 1 : int(after or 0)]
        end = int(page.next or 0)
        with self.moment():
            rest = (event.recorded_at for event in self.tables.log[end:])
            end += sum(1 for _ in itertools.takewhile(lambda at: last and at <= last[0].recorded_at, rest))
        return Page(page.rows, str(end))


class ChangesEnd(PlainStorage):
    """The last page of `changes` has no cursor to ask again with."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        page = super().changes(after=after, limit=limit)
        with self.moment():
            return page if int(page.next or 0) < len(self.tables.log) else Page(page.rows)


class ChangesBeginAnew(PlainStorage):
    """The cursor of an empty page of `changes` is the beginning."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        page = super().changes(after=after, limit=limit)
        return page if page.rows else Page((), "0")


class ChangesSkipOne(PlainStorage):
    """A page of `changes` that is full leaves out the event after it."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        page = super().changes(after=after, limit=limit)
        with self.moment():
            skipped = len(page.rows) == limit and int(page.next or 0) < len(self.tables.log)
        return Page(page.rows, str(int(page.next or 0) + skipped))


class ChangesBeyondLimit(PlainStorage):
    """A page of `changes` has all that is there."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        self.check_limit(limit)
        return super().changes(after=after, limit=200)


class ChangesLimitUnchecked(PlainStorage):
    """`changes` takes any limit."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        return super().changes(after=after, limit=min(max(limit, 1), 200))


class ChangesTakeAnyCursor(PlainStorage):
    """`changes` begins anew where its cursor is none."""

    def place_of(self, after: str) -> int:
        try:
            return super().place_of(after)
        except InvalidValue:
            return 0


class ChangesCursorLeaks(PlainStorage):
    """`changes` raises a ValueError where its cursor is none."""

    def place_of(self, after: str) -> int:
        return int(after)


class HeadBehind(PlainStorage):
    """The head stands before the last event."""

    def head(self) -> str:
        return str(max(int(super().head()) - 1, 0))


class HeadAhead(PlainStorage):
    """The head stands where the next event will be, which is then left out."""

    def place_of(self, after: str) -> int:
        return min(super().place_of(str(max(int(after) - 1, 0))) + 1, int(after))

    def head(self) -> str:
        return str(int(super().head()) + 1)


class HeadOfNothingEmpty(PlainStorage):
    """While nothing was committed, the head is an empty text, which is no cursor."""

    def head(self) -> str:
        return super().head() if self.tables.log else ""


class StreamIncludesAfter(PlainStorage):
    """A stream begins with the version it should begin after."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        return super().stream(ref, after=after - 1, limit=limit)


class StreamSkipsOne(PlainStorage):
    """A stream leaves out the version that comes next."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        return super().stream(ref, after=after + 1 if after > 0 else after, limit=limit)


class StreamIgnoresLimit(PlainStorage):
    """A stream has all events, however many are asked for."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        self.check_limit(limit)
        return super().stream(ref, after=after, limit=200)


class StreamFromTheEnd(PlainStorage):
    """A stream that does not fit the limit is cut at its beginning."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        self.check_limit(limit)
        return super().stream(ref, after=after, limit=200)[-limit:]


class StreamAsWritten(PlainStorage):
    """A stream has its events as the text of their versions sorts."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        self.check_limit(limit)
        events = super().stream(ref, after=after, limit=200)
        return tuple(sorted(events, key=lambda event: str(event.version))[:limit])


class StreamOfNothingRaises(PlainStorage):
    """The stream of what is not there is a KeyError."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        self.tables.states[ref]
        return super().stream(ref, after=after, limit=limit)


class StreamByPrefix(PlainStorage):
    """The stream of a conversation has the events of its messages as well."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        found: list[Any] = []
        for each in list(self.tables.streams):
            if each.startswith(ref):
                found += super().stream(each, after=after, limit=limit)
        return tuple(found[:limit])


class StreamLimitUnchecked(PlainStorage):
    """A stream takes any limit."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        return super().stream(ref, after=after, limit=min(max(limit, 1), 200))


BROKEN = storages(vars())
