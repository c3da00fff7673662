"""Broken storages: pages, their order, their cursors and counts."""

from __future__ import annotations

import base64
import json
from typing import Any

import attrs

from chatcore.entities import Conversation, Effect, Scope
from chatcore.errors import InvalidValue
from chatcore.search import (
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Order,
    Page,
    Query,
)
from chatcore.search.pages import cursor_after, position_of
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class LastRowAgain(PlainStorage):
    """The last row of a page is the first of the next one, too: `>=` for `>`."""

    def beyond(self, key: tuple[int, str], after: tuple[int, str]) -> bool:
        return key >= after


class RowBetweenLost(PlainStorage):
    """One row is fetched to see whether there is more, and the next page begins after it."""

    def cut(self, query: Query, rows: list[Any], limit: int) -> Page[Any]:
        if len(rows) <= limit:
            return Page(tuple(rows))
        return Page(tuple(rows[:limit]), self.cursor(query, rows[limit]))


class PageOneShort(PlainStorage):
    """A page has one row fewer than asked for, and so one that asks for a single row has none."""

    def cut(self, query: Query, rows: list[Any], limit: int) -> Page[Any]:
        page = super().cut(query, rows, limit)
        return page if page.next is None else Page(page.rows[:-1] or page.rows, page.next)


class PageOneLong(PlainStorage):
    """A page has the row that was only fetched to see whether there is more."""

    def cut(self, query: Query, rows: list[Any], limit: int) -> Page[Any]:
        if len(rows) <= limit:
            return Page(tuple(rows))
        return Page(tuple(rows[: limit + 1]), self.cursor(query, rows[limit - 1]))


class FullPageHasCursor(PlainStorage):
    """A last page that is just full has a cursor, to a page with nothing in it."""

    def cut(self, query: Query, rows: list[Any], limit: int) -> Page[Any]:
        more = len(rows) >= limit
        return Page(tuple(rows[:limit]), self.cursor(query, rows[limit - 1]) if more else None)


class LastPageHasCursor(PlainStorage):
    """Every page with rows has a cursor, the last one as well."""

    def cut(self, query: Query, rows: list[Any], limit: int) -> Page[Any]:
        return Page(tuple(rows[:limit]), self.cursor(query, rows[:limit][-1]) if rows else None)


class NoSecondPage(PlainStorage):
    """There is no cursor: who wants more has to ask for more at once."""

    def cut(self, query: Query, rows: list[Any], limit: int) -> Page[Any]:
        return Page(tuple(rows[:limit]))


class LimitUnchecked(PlainStorage):
    """A limit may be anything: 0, below, or a million."""

    def check_limit(self, limit: int) -> None:
        pass

    def cut(self, query: Query, rows: list[Any], limit: int) -> Page[Any]:
        return super().cut(query, rows, limit) if limit > 0 else Page(())


class LimitClamped(PlainStorage):
    """A limit out of bounds is moved into them without a word."""

    def page(self, query: Query, limit: int, cursor: str | None) -> Page[Any]:
        return super().page(query, min(max(limit, 1), 200), cursor)


class LimitAssertFails(PlainStorage):
    """A limit out of bounds is a ValueError."""

    def check_limit(self, limit: int) -> None:
        if not 1 <= limit <= 200:
            raise ValueError("limit")


class JoinedTwice(PlainStorage):
    """A conversation with two tags comes twice, once for each row of the join."""

    def found(self, query: Query) -> list[Any]:
        rows = []
        for row in super().found(query):
            rows += [row] * (len(row.tags) if isinstance(row, Conversation) and row.tags else 1)
        return rows


class OrderIgnored(PlainStorage):
    """Conversations come by their last activity, whichever order is asked for."""

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        if isinstance(query, ConversationQuery):
            query = attrs.evolve(query, order=Order.ACTIVITY)
        return super().key(query, row)


class IdleNewestFirst(PlainStorage):
    """The longest idle come last."""

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        if isinstance(query, ConversationQuery) and query.order is Order.IDLE:
            query = attrs.evolve(query, order=Order.ACTIVITY)
        return super().key(query, row)


class WaitingByColumn(PlainStorage):
    """Who waits for no answer comes first, as null does, and not by when they were queued or opened."""

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        if isinstance(query, ConversationQuery) and query.order is Order.WAITING and row.waiting_since is None:
            return 0, row.id
        return super().key(query, row)


class ClosedByColumn(PlainStorage):
    """By closing, those that are not closed come last, as null does, and not by when they were opened."""

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        if isinstance(query, ConversationQuery) and query.order is Order.CLOSED and row.closed_at is None:
            return 0, row.id
        return super().key(query, row)


class TiesByCode(PlainStorage):
    """Ties go by id without case, as a collation has it, and not by code points."""

    def found(self, query: Query) -> list[Any]:
        return sorted(super().found(query), key=lambda row: (self.key(query, row)[0], row.id.lower()))


class TiesAsTheyCome(PlainStorage):
    """Rows that tie come in any order; the cursor goes on by id."""

    def found(self, query: Query) -> list[Any]:
        rows = super().found(query)
        rows.reverse()
        return sorted(rows, key=lambda row: self.key(query, row)[0])


class TiesDescending(PlainStorage):
    """What is newest first has its ties by id the other way round, too."""

    def found(self, query: Query) -> list[Any]:
        rows = super().found(query)
        if isinstance(query, ConversationQuery) and query.order in (Order.ACTIVITY, Order.CLOSED):
            rows.reverse()
            rows.sort(key=lambda row: self.key(query, row)[0])
        return rows

    def beyond(self, key: tuple[int, str], after: tuple[int, str]) -> bool:
        return key[0] > after[0] or (key[0] == after[0] and key[1] < after[1]) or super().beyond(key, after)


class OrderToTheMillisecond(PlainStorage):
    """The column that orders has milliseconds, and what lies closer goes by id."""

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        order, id = super().key(query, row)
        return (order // 1000 * 1000 if isinstance(row, Conversation) else order), id


class MessagesByMoment(PlainStorage):
    """The messages of a conversation are ordered by when they were recorded, and not by their number."""

    def found(self, query: Query) -> list[Any]:
        rows = super().found(query)
        if not isinstance(query, MessageQuery) or query.conversation is None:
            return rows
        return sorted(rows, key=lambda row: (row.said_at, row.id), reverse=query.newest_first)


class MessagesByText(PlainStorage):
    """The messages of a conversation are ordered by their ids, so that 10 comes before 2."""

    def found(self, query: Query) -> list[Any]:
        rows = super().found(query)
        if not isinstance(query, MessageQuery) or query.conversation is None:
            return rows
        return sorted(rows, key=lambda row: row.id, reverse=query.newest_first)


class SearchOldestFirst(PlainStorage):
    """Messages of all conversations come oldest first."""

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        order, id = super().key(query, row)
        return (-order if isinstance(query, MessageQuery) and query.conversation is None else order), id


class SearchByLastChange(PlainStorage):
    """Messages of all conversations go by when they last changed, and not by when they were said."""

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        if isinstance(query, MessageQuery) and query.conversation is None:
            row = attrs.evolve(row, first_recorded=None)
        return super().key(query, row)


class EffectsByMoment(PlainStorage):
    """Effects come by when they last changed, and not by id."""

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        order, id = super().key(query, row)
        return (int(row.recorded_at.timestamp()) if isinstance(row, Effect) else order), id


class CursorWithoutTieBreaker(PlainStorage):
    """A page goes on after the moment of the last row, and what ties with it is lost."""

    def beyond(self, key: tuple[int, str], after: tuple[int, str]) -> bool:
        return key[0] > after[0] if key[0] else key > after


class CursorByOffset(PlainStorage):
    """A cursor counts rows, so that a page moves when rows come or go before it."""

    def page(self, query: Query, limit: int, cursor: str | None) -> Page[Any]:
        self.check_limit(limit)
        start = 0 if cursor is None else self.position(query, cursor)[0]
        with self.moment():
            found = self.found(query)
        rows, rest = found[start : start + limit], found[start + limit :]
        return Page(tuple(rows), cursor_after(query, (start + limit, "x"), self.tenant) if rest else None)


class CursorNeedsItsRow(PlainStorage):
    """A page goes on after the row that the cursor names, and begins anew when that one is gone."""

    def page(self, query: Query, limit: int, cursor: str | None) -> Page[Any]:
        self.check_limit(limit)
        with self.moment():
            found = self.found(query)
        last = None if cursor is None else self.position(query, cursor)[1]
        start = next((n for n, row in enumerate(found, 1) if row.id == last), 0)
        return self.cut(query, found[start:], limit)


class CursorOfAnyQuery(PlainStorage):
    """A cursor is taken whatever query it was made for."""

    def cursor(self, query: Query, row: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(self.key(query, row)).encode()).decode()

    def position(self, query: Query, cursor: str) -> tuple[int, str]:
        try:
            order, id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
            return int(order), str(id)
        except (ValueError, TypeError):
            raise InvalidValue.of("cursor", "not_a_cursor") from None


class CursorOfOtherFilters(PlainStorage):
    """A cursor names the order it was made for, but not what was asked for."""

    def _bare(self, query: Query) -> Query:
        if isinstance(query, ConversationQuery):
            return ConversationQuery(order=query.order)
        return type(query)()

    def cursor(self, query: Query, row: Any) -> str:
        return cursor_after(self._bare(query), self.key(query, row), self.tenant)

    def position(self, query: Query, cursor: str) -> tuple[int, str]:
        return position_of(self._bare(query), cursor, self.tenant)


class BadCursorLeaks(PlainStorage):
    """What is no cursor makes the decoder raise its own error."""

    def position(self, query: Query, cursor: str) -> tuple[int, str]:
        json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        return super().position(query, cursor)


class BadCursorBeginsAnew(PlainStorage):
    """What is no cursor gives the first page."""

    def page(self, query: Query, limit: int, cursor: str | None) -> Page[Any]:
        try:
            return super().page(query, limit, cursor)
        except InvalidValue as error:
            if cursor is None or "limit" in str(error):
                raise
            return super().page(query, limit, None)


class EmptyCursorIsNone(PlainStorage):
    """An empty cursor gives the first page: `if cursor` for `if cursor is not None`."""

    def page(self, query: Query, limit: int, cursor: str | None) -> Page[Any]:
        return super().page(query, limit, cursor or None)


class CountsBeyondBound(PlainStorage):
    """`count` counts on beyond `at_most`."""

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        return len(self.found(query))


class CountOneShort(PlainStorage):
    """`count` stops one before `at_most`."""

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        return min(super().count(query, at_most=at_most), max(at_most - 1, 1))


class CountIgnoresWhere(PlainStorage):
    """`count` counts what a page would leave out by its condition."""

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        if isinstance(query, ConversationQuery):
            query = attrs.evolve(query, where=None)
        return super().count(query, at_most=at_most)


class CountIgnoresScope(PlainStorage):
    """`count` counts what a person may not see."""

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        if isinstance(query, ConversationQuery):
            query = attrs.evolve(query, scope=Scope(everything=True))
        return super().count(query, at_most=at_most)


class CountIgnoresState(PlainStorage):
    """`count` counts effects in any state."""

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        if isinstance(query, EffectQuery):
            query = attrs.evolve(query, state=None)
        return super().count(query, at_most=at_most)


BROKEN = storages(vars())
