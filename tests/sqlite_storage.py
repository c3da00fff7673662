"""A throwaway storage in SQL, to hold the storage port against: states pickled, what is asked for in columns.

It needs an atomic `apply` and nothing else: every check of a change set is a conditional write, except that
`reads` are compared by a plain select. What columns do not tell of a query, `matches` does, row after row.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from chatcore.entities import Contact, Conversation, Effect, Message
from chatcore.errors import ClaimTaken, InvalidValue, TallyFull, VersionConflict
from chatcore.events import Envelope
from chatcore.ports import ChangeSet, Due, ReadSet, Snapshot, TallyChange, Write
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Order,
    Page,
    Query,
    matches,
    sort_key,
)
from chatcore.search.pages import check_limit, cursor_after, position_of
from chatcore.vocabulary import WORKSPACE, EffectState, EntityKind, Ref, kind_of

__all__ = ["SqliteStorage"]

_SCHEMA = """
CREATE TABLE states (
    ref TEXT PRIMARY KEY, version INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL,
    situation TEXT, contact TEXT, channel TEXT, department TEXT, assignee TEXT, last_assignee TEXT,
    by_waiting INTEGER, by_opened INTEGER, by_activity INTEGER, by_closed INTEGER,
    by_idle INTEGER, waits INTEGER, by_newest INTEGER,
    conversation TEXT, seq INTEGER, blocked INTEGER,
    state TEXT, due_at INTEGER, lane TEXT, position INTEGER
) WITHOUT ROWID;
CREATE INDEX inbox ON states (situation, by_activity, ref) WHERE kind = 'conversation';
CREATE INDEX of_contact ON states (contact, channel, situation, by_closed) WHERE kind = 'conversation';
CREATE INDEX of_conversation ON states (conversation, seq) WHERE kind = 'message';
CREATE INDEX due ON states (due_at, ref) WHERE due_at IS NOT NULL;
CREATE INDEX lanes ON states (lane, position, ref) WHERE state IN ('intended', 'in_flight');
CREATE TABLE events (
    n INTEGER PRIMARY KEY, ref TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL,
    UNIQUE (ref, version)
);
CREATE TABLE claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL, since INTEGER) WITHOUT ROWID;
CREATE TABLE tallies (key TEXT PRIMARY KEY, count INTEGER NOT NULL, sealed INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE receipts (
    command TEXT PRIMARY KEY, key TEXT UNIQUE, recorded_at INTEGER NOT NULL, body BLOB NOT NULL
);
"""

_COLUMNS = (
    "situation contact channel department assignee last_assignee by_waiting by_opened by_activity by_closed"
    " by_idle waits by_newest conversation seq blocked state due_at lane position"
).split()

_HEAD = """NOT EXISTS (
    SELECT 1 FROM states AS e WHERE e.lane = s.lane AND e.state IN ('intended', 'in_flight')
    AND (e.position, e.ref) < (s.position, s.ref)
)"""


class SqliteStorage:
    """Everything of one tenant, in one SQLite connection."""

    def __init__(self, path: str = ":memory:") -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript(_SCHEMA)

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def _transaction(self, mode: str = "DEFERRED") -> Iterator[None]:
        self.connection.execute(f"BEGIN {mode}")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return self.connection.execute(sql, values).fetchall()

    # --- reading ---------------------------------------------------------------------------------------------

    def read(self, wanted: ReadSet, /) -> Snapshot:
        """One transaction makes it one moment; only what is wanted is asked for."""
        states: dict[Ref, Any] = {}
        owners: dict[str, Ref] = {}
        heads: dict[str, Any] = {}
        receipt = committed = workspace = None
        with self._transaction():
            if wanted.refs or wanted.workspace_after is not None:
                after = wanted.workspace_after
                sql = f"SELECT ref, body, 0 FROM states WHERE ref IN ({_marks(wanted.refs)})"
                values: tuple[object, ...] = wanted.refs
                if after is not None:
                    sql += " UNION ALL SELECT ref, body, 1 FROM states WHERE ref = ? AND version > ?"
                    values += (WORKSPACE, after)
                for ref, body, is_workspace in self._rows(sql, *values):
                    if is_workspace:
                        workspace = pickle.loads(body)
                    else:
                        states[ref] = pickle.loads(body)
            if wanted.owners:
                sql = f"""SELECT c.key, c.owner, s.body FROM claims AS c JOIN states AS s ON s.ref = c.owner
                    WHERE c.key IN ({_marks(wanted.owners)})"""
                for key, owner, body in self._rows(sql, *wanted.owners):
                    owners[key] = owner
                    states[owner] = pickle.loads(body)
            tallies = dict.fromkeys(wanted.tallies, 0)
            if wanted.tallies:
                sql = f"SELECT key, count FROM tallies WHERE key IN ({_marks(wanted.tallies)})"
                tallies.update(self._rows(sql, *wanted.tallies))
            for lane in wanted.lanes:
                sql = """SELECT body FROM states WHERE lane = ? AND state IN ('intended', 'in_flight')
                    ORDER BY position, ref LIMIT 1"""
                for (body,) in self._rows(sql, lane):
                    heads[lane] = pickle.loads(body)
            if wanted.key is not None:
                receipt = self._receipt("key", wanted.key)
            if wanted.command is not None:
                committed = self._receipt("command", wanted.command)
        return Snapshot(
            states=states,
            owners=owners,
            tallies=tallies,
            heads=heads,
            receipt=receipt,
            committed=committed,
            workspace=workspace,
        )

    def _receipt(self, column: str, value: str) -> Any:
        rows = self._rows(f"SELECT body FROM receipts WHERE {column} = ?", value)
        return pickle.loads(rows[0][0]) if rows else None

    # --- committing ------------------------------------------------------------------------------------------

    def apply(self, change: ChangeSet, /) -> None:
        """One transaction; a conditional write that finds nothing to write rolls it back."""
        receipt, at = change.receipt, _micros(change.receipt.recorded_at)
        run = self.connection.execute
        with self._transaction("IMMEDIATE"):
            try:
                run(
                    "INSERT INTO receipts VALUES (?, ?, ?, ?)",
                    (receipt.command, receipt.key, at, pickle.dumps(receipt)),
                )
            except sqlite3.IntegrityError as error:
                name = "key" if "receipts.key" in str(error) else "command"
                raise ClaimTaken(f"{name}:{getattr(receipt, name)}") from None
            for write in change.writes:
                self._write(write)
            for ref, version in change.reads:
                if (self._rows("SELECT version FROM states WHERE ref = ?", ref) or [(0,)])[0][0] != version:
                    raise VersionConflict(ref, version)
            for key, owner in change.releases:
                released = run("DELETE FROM claims WHERE key = ? AND owner = ? AND since IS NULL", (key, owner))
                if not released.rowcount and self._rows(
                    "SELECT 1 FROM claims WHERE key = ? AND since IS NULL", key
                ):
                    raise ClaimTaken(key)
            for key, owner in change.claims:
                self._claim(key, owner, None)
            for key, owner in change.expiring:
                self._claim(key, owner, at)
            for tally in change.tallies:
                self._count(tally)
            for key, sealed in change.seals:
                run(
                    "INSERT INTO tallies VALUES (?, 0, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
                    (key, sealed),
                )

    def _write(self, write: Write) -> None:
        row = {"version": write.state.version, "body": pickle.dumps(write.state), **_columns(write.state)}
        names = ", ".join(row)
        if write.expected:
            sql = f"UPDATE states SET ({names}) = ({_marks(row)}) WHERE ref = ? AND version = ?"
            written = self.connection.execute(sql, (*row.values(), write.ref, write.expected))
        else:
            sql = f"INSERT INTO states ({names}, ref, kind) VALUES ({_marks(row)}, ?, ?) ON CONFLICT DO NOTHING"
            written = self.connection.execute(sql, (*row.values(), write.ref, kind_of(write.ref)))
        if not written.rowcount:
            raise VersionConflict(write.ref, write.expected)
        rows = [(write.ref, e.version, pickle.dumps(e)) for e in write.events]
        values = ", ".join("(?, ?, ?)" for _ in rows)
        self.connection.execute(
            f"INSERT INTO events (ref, version, body) VALUES {values}", [cell for row in rows for cell in row]
        )

    def _claim(self, key: str, owner: Ref, since: int | None) -> None:
        sql = """INSERT INTO claims VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET since = excluded.since WHERE owner = excluded.owner"""
        if not self.connection.execute(sql, (key, owner, since)).rowcount:
            raise ClaimTaken(key)

    def _count(self, tally: TallyChange) -> None:
        sql = """INSERT INTO tallies SELECT :key, :delta, 0
            WHERE EXISTS (SELECT 1 FROM tallies WHERE key = :key) OR :most IS NULL OR :delta <= :most
            ON CONFLICT DO UPDATE SET count = count + :delta
            WHERE :delta <= 0 OR (NOT sealed AND (:most IS NULL OR count + :delta <= :most))"""
        bound = {"key": tally.key, "delta": tally.delta, "most": tally.at_most if tally.delta > 0 else None}
        if not self.connection.execute(sql, bound).rowcount:
            raise TallyFull(tally.key)

    # --- asking ----------------------------------------------------------------------------------------------

    def due(self, *, now: datetime, limit: int) -> Due:
        """Heads of lanes by an anti-join; one row more than asked for says when the next falls due."""
        sql = f"""SELECT body, due_at FROM states AS s WHERE due_at IS NOT NULL
            AND (state <> 'intended' OR lane IS NULL OR {_HEAD}) ORDER BY due_at, ref LIMIT ?"""
        rows = self._rows(sql, limit + 1)
        found = [body for body, due_at in rows if due_at <= _micros(now)][:limit]
        later = rows[len(found)][1] if len(rows) > len(found) else None
        return Due(tuple(pickle.loads(body) for body in found), None if later is None else _moment(later))

    def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        return self._page(EntityKind.CONVERSATION, f"by_{query.order}", query, _where(query), limit, cursor)

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        if isinstance(query, ConversationQuery) and query.where is not None:
            rows = self._matching(EntityKind.CONVERSATION, "0 + 0", query, _where(query))
            return sum(1 for _ in islice(rows, at_most))
        if isinstance(query, EffectQuery):
            kind, where = EntityKind.EFFECT, _where_of_effects(query)
        else:
            kind, where = EntityKind.CONVERSATION, _where(query)
        sql = f"""SELECT count(*) FROM (SELECT 1 FROM states WHERE kind = ?
            {"".join(f" AND {condition}" for condition, _ in where)} LIMIT ?)"""
        ((count,),) = self._rows(sql, kind, *(value for _, values in where for value in values), at_most)
        return int(count)

    def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        if query.conversation is None:
            return self._page(EntityKind.MESSAGE, "by_newest", query, [], limit, cursor)
        order = "-seq" if query.newest_first else "seq"
        where: list[Any] = [("conversation = ?", (query.conversation,))]
        if query.start is not None:
            where.append((f"seq {'<=' if query.newest_first else '>='} ?", (query.start,)))
        return self._page(EntityKind.MESSAGE, order, query, where, limit, cursor)

    def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        where: list[Any] = [] if query.blocked is None else [("blocked = ?", (query.blocked,))]
        return self._page(EntityKind.CONTACT, "0 + 0", query, where, limit, cursor)

    def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        return self._page(EntityKind.EFFECT, "0 + 0", query, _where_of_effects(query), limit, cursor)

    def _page(
        self,
        kind: EntityKind,
        order: str,
        query: Query,
        where: list[tuple[str, tuple[object, ...]]],
        limit: int,
        cursor: str | None,
    ) -> Page[Any]:
        check_limit(limit)
        after = None if cursor is None else position_of(query, cursor)
        rows = tuple(islice(self._matching(kind, order, query, where, after), limit + 1))
        more = len(rows) > limit
        return Page(rows[:limit], cursor_after(query, sort_key(query, rows[limit - 1])) if more else None)

    def _matching(
        self,
        kind: EntityKind,
        order: str,
        query: Query,
        where: list[tuple[str, tuple[object, ...]]],
        after: tuple[int, str] | None = None,
    ) -> Iterator[Any]:
        """The rows beyond a key, in order, as far as they are asked for; what matches of those SQL finds."""
        where = [("kind = ?", (kind,)), *where]
        if after is not None:
            where.append((f"({order}, ref) > (?, ?)", after))
        sql = f"SELECT body FROM states WHERE {' AND '.join(c for c, _ in where)} ORDER BY {order}, ref"
        alone = not isinstance(query, ConversationQuery | MessageQuery | ContactQuery) or (
            query.where is None and not (isinstance(query, MessageQuery) and not query.scope.everything)
        )
        for (body,) in self.connection.execute(sql, [value for _, values in where for value in values]):
            row = pickle.loads(body)
            conversation = self._one(row.conversation) if isinstance(row, Message) and not alone else None
            home = conversation if conversation is not None else row
            contact = self._person(home.contact) if isinstance(home, Conversation) and not alone else None
            if matches(query, row, conversation, contact):
                yield row

    def _one(self, ref: Ref) -> Any:
        rows = self._rows("SELECT body FROM states WHERE ref = ?", ref)
        return pickle.loads(rows[0][0]) if rows else None

    def _person(self, ref: Ref) -> Any:
        """A contact as who they are by now."""
        found = self._one(ref)
        while found is not None and found.merged_into is not None:
            found = self._one(found.merged_into)
        return found

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        sql = "SELECT body FROM events WHERE ref = ? AND version > ? ORDER BY version LIMIT ?"
        return tuple(pickle.loads(body) for (body,) in self._rows(sql, ref, after, check_limit(limit)))

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        """By the row's number: right here, as one writer commits at a time; see the test for where it isn't."""
        if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 20):
            raise InvalidValue.of("after", "not_a_cursor")
        start = int(after or 0)
        sql = "SELECT n, body FROM events WHERE n > ? ORDER BY n LIMIT ?"
        rows = self._rows(sql, start, check_limit(limit))
        return Page(tuple(pickle.loads(body) for _, body in rows), str(rows[-1][0] if rows else start))

    def head(self) -> str:
        ((last,),) = self._rows("SELECT max(n) FROM events")
        return str(last or 0)

    def forget(self, *, before: datetime) -> int:
        with self._transaction("IMMEDIATE"):
            claims = self.connection.execute("DELETE FROM claims WHERE since < ?", (_micros(before),))
            receipts = self.connection.execute("DELETE FROM receipts WHERE recorded_at < ?", (_micros(before),))
        return claims.rowcount + receipts.rowcount


def _where(query: ConversationQuery) -> list[tuple[str, tuple[object, ...]]]:
    """What a query asks of conversations, condition by condition."""
    where: list[tuple[str, tuple[object, ...]]] = [
        (f"{name} = ?", (value,))
        for name in ("situation", "assignee", "department", "channel")
        if (value := getattr(query, name)) is not None
    ]
    if query.contact is not None:
        contacts = (query.contact, *query.also)
        where.append((f"contact IN ({_marks(contacts)})", contacts))
    if query.waiting is not None:
        where.append(("waits = ?", (query.waiting,)))
    scope = query.scope
    if not scope.everything:
        own = "(? IN (assignee, last_assignee))" if scope.assignee is not None else "(? AND 0)"
        where.append(
            (
                f"({own} OR department IN ({_marks(scope.departments)}) OR (? AND situation = 'bot') OR "
                f"(department IN ({_marks(scope.waiting)}) AND assignee IS NULL AND situation <> 'closed'))",
                (scope.assignee or 0, *scope.departments, scope.bot, *scope.waiting),
            )
        )
    return where


def _where_of_effects(query: EffectQuery) -> list[tuple[str, tuple[object, ...]]]:
    return [
        (f"{name} = ?", (value,))
        for name in ("state", "conversation")
        if (value := getattr(query, name)) is not None
    ]


def _columns(state: object) -> dict[str, object]:
    """What of a state is asked for by queries; None where a column is not of its kind."""
    row: dict[str, object] = dict.fromkeys(_COLUMNS)
    if isinstance(state, Conversation):
        names = ("situation", "contact", "channel", "department", "assignee", "last_assignee")
        row |= {name: getattr(state, name) for name in names}
        row |= {"waits": state.waiting_since is not None}
        row |= {f"by_{order}": sort_key(ConversationQuery(order=order), state)[0] for order in Order}
    elif isinstance(state, Message):
        row |= {"conversation": state.conversation, "seq": state.seq}
        row |= {"by_newest": sort_key(MessageQuery(), state)[0]}
    elif isinstance(state, Contact):
        row |= {"blocked": state.blocked is not None}
    elif isinstance(state, Effect):
        names = ("conversation", "lane", "position")
        row |= {name: getattr(state, name) for name in names}
        row |= {"state": EffectState(state.state), "due_at": state.due_at and _micros(state.due_at)}
    return row


def _marks(values: Any) -> str:
    return ", ".join("?" for _ in values)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)
