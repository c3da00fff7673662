"""Committing a change set: one transaction of conditional writes; the one that changes nothing is the conflict.

1. Nothing is looked at before it is written: a write says in its own condition what must be so, and how many
   rows it changed tells whether it was. What was only read is a condition of the receipt, which comes first.
2. So a set is a list of statements that do not wait for one another, each for all rows of a table. They are
   sent together where the driver can, and looked at together.
3. Where a statement for several rows changed too few, the set is tried once more row by row, in a transaction
   of its own, which tells whose row it was. So it is with a claim given up that expires besides, and with a set
   that the database refused: what failed first is what is told.
4. On PostgreSQL an event stands at (transaction, place). Versions and transactions must rise together, for an
   entity's events are followed by its transactions: a state written by a younger transaction than this one is
   not passed, and the set is begun anew in a younger one still.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final, TypeAlias

import attrs
from sqlalchemy import TextClause, text

from chatcore.entities import Contact
from chatcore.errors import ClaimTaken, Permanent, TallyFull, VersionConflict
from chatcore.ports import ChangeSet, TallyChange, Write
from chatcore.search.query import micros
from chatcore.vocabulary import EntityKind, Ref, kind_of
from chatcore_sqlalchemy._bodies import dump
from chatcore_sqlalchemy._columns import PERSON
from chatcore_sqlalchemy._connection import Connection
from chatcore_sqlalchemy._failing import DRIVERS, Meaning, meaning_of
from chatcore_sqlalchemy._kinds import KINDS
from chatcore_sqlalchemy._lists import LARGEST, lists_of
from chatcore_sqlalchemy._reading import versions
from chatcore_sqlalchemy._running import Overtaken, Runner

__all__ = ["apply"]

_MINE: Final = {"postgresql": "CAST(CAST(pg_current_xact_id() AS text) AS bigint)", "sqlite": "0"}
"""The number of the transaction that runs."""

_SIGNED: Final = text(
    "SELECT command, key FROM receipts WHERE tenant = :tenant AND (command = :command OR key = :key)"
)

_GIVE_UP: Final = text(
    "DELETE FROM claims WHERE tenant = :tenant AND key = :key AND owner = :owner AND expiring IS NULL"
)
_LET_EXPIRE: Final = text(
    """UPDATE claims SET owner = NULL
    WHERE tenant = :tenant AND key = :key AND owner = :owner AND expiring IS NOT NULL"""
)
_OWNED: Final = text("SELECT 1 FROM claims WHERE tenant = :tenant AND key = :key AND owner IS NOT NULL")

_FREE: Final = "coalesce(claims.owner, claims.expiring, :owner) IN (:owner, :released)"
_CLAIM: Final = text(
    f"""INSERT INTO claims (tenant, key, owner) VALUES (:tenant, :key, :owner)
    ON CONFLICT (tenant, key) DO UPDATE SET owner = excluded.owner WHERE {_FREE}"""
)
_EXPIRING: Final = text(
    f"""INSERT INTO claims (tenant, key, expiring, since) VALUES (:tenant, :key, :owner, :since)
    ON CONFLICT (tenant, key) DO UPDATE SET expiring = excluded.expiring, since = excluded.since
    WHERE {_FREE}"""
)

_COUNT: Final = text(
    """INSERT INTO tallies (tenant, key, count, sealed)
    SELECT :tenant, :key, CAST(:delta AS bigint), false
    WHERE CAST(:delta AS bigint) <= CAST(:most AS bigint)
        OR EXISTS (SELECT 1 FROM tallies WHERE tenant = :tenant AND key = :key)
    ON CONFLICT (tenant, key) DO UPDATE SET count = tallies.count + excluded.count
    WHERE excluded.count <= 0
        OR (NOT tallies.sealed AND tallies.count + excluded.count <= CAST(:most AS bigint))"""
)
_SEAL: Final = text(
    """INSERT INTO tallies (tenant, key, count, sealed) VALUES (:tenant, :key, 0, :sealed)
    ON CONFLICT (tenant, key) DO UPDATE SET sealed = excluded.sealed"""
)


_Row: TypeAlias = Mapping[str, Any]


_Told: TypeAlias = Callable[[Connection, _Row], Awaitable[None]]
"""Says why a row was not changed, by raising it; or that it need not be, by not."""


@attrs.frozen(slots=True)
class _Step:
    """A statement, the rows that it writes, and who says why one was not."""

    statement: TextClause
    rows: Sequence[_Row]
    told: _Told


class _Short(Exception):
    """Which row was not written, and why, can only be seen row by row."""


async def apply(runner: Runner, tenant: str, change: ChangeSet) -> None:
    """Commit a change set, all or nothing. Raises what `Storage.apply` does."""
    prepared = _Prepared(tenant, change)
    try:
        await runner.write(prepared.run, True)
    except _Short:
        await runner.write(prepared.run, False)


class _Prepared:
    """A change set as rows, made once for any number of attempts."""

    def __init__(self, tenant: str, change: ChangeSet) -> None:
        self._tenant = tenant
        self._change = change
        receipt = change.receipt
        self._reads = _grouped_reads(change.reads)
        self._receipt: dict[str, Any] = {
            "tenant": tenant,
            "command": receipt.command,
            "key": receipt.key,
            "recorded_at": micros(receipt.recorded_at),
            "body": dump(receipt),
        }
        self._writes = _grouped(tenant, change.writes)
        self._merged = [
            {"tenant": tenant, "id": state.id, "into": state.merged_into}
            for state in (write.state for write in change.writes)
            if isinstance(state, Contact) and state.merged_into is not None
        ]
        self._events = [
            {"tenant": tenant, "ref": event.ref, "version": event.version, "n": n, "body": dump(event)}
            for n, event in enumerate(event for write in change.writes for event in write.events)
        ]

    async def run(self, connection: Connection, together: bool) -> None:
        """Write everything, `together` or row by row; whatever is not as expected raises."""
        steps = [step for step in self._steps(connection.dialect) if step.rows]
        if not together:
            for step in steps:
                for row in step.rows:
                    if not await connection.change(step.statement, row):
                        await step.told(connection, row)
            return
        try:
            changed = await connection.changes([(step.statement, step.rows) for step in steps])
        except DRIVERS as error:
            if meaning_of(error) is Meaning.REFUSED:
                raise _Short from None  # A conflict in a statement before it would be told instead.
            raise
        for step, count in zip(steps, changed, strict=True):
            if count < len(step.rows):
                if len(step.rows) > 1 or step.told is _told_by_owner:
                    raise _Short
                await step.told(connection, step.rows[0])

    def _steps(self, dialect: str) -> Iterator[_Step]:
        """What to write. Counts come last: of all rows they are wanted most."""
        change = self._change
        lists = lists_of(dialect)
        read = {
            name: value
            for kind, pairs in self._reads.items()
            for name, value in lists.paired(f"read_{kind}", pairs).items()
        }
        counts = {f"of_{kind}": len(pairs) for kind, pairs in self._reads.items()}
        signed = self._receipt | read | counts
        yield _Step(_receipt(dialect, tuple(self._reads)), [signed], self._refuse)
        for (kind, new), rows in self._writes.items():
            yield _Step((_insert if new else _update)(kind, dialect), rows, _told_by_version(kind))
        yield _Step(PERSON, self._merged, _fits)
        yield _Step(_event(dialect), self._events, _doubled)
        if change.claims or change.releases or change.expiring:
            yield _Step(_GIVE_UP, self._claims(change.releases), _told_by_owner)
            yield _Step(_CLAIM, self._claims(change.claims), _taken)
            yield _Step(_EXPIRING, self._claims(change.expiring), _taken)
        tallies = sorted(change.tallies, key=lambda tally: tally.key)
        yield _Step(_COUNT, [_counted(self._tenant, tally) for tally in tallies], _full)
        seals = [{"tenant": self._tenant, "key": key, "sealed": sealed} for key, sealed in sorted(change.seals)]
        yield _Step(_SEAL, seals, _full)

    def _claims(self, claims: Sequence[tuple[str, str]]) -> list[_Row]:
        """Claims with who gives them up in this set, if anybody does."""
        released = dict(self._change.releases)
        since = self._receipt["recorded_at"]
        return [
            {"tenant": self._tenant, "key": key, "owner": owner, "released": released.get(key), "since": since}
            for key, owner in sorted(claims)
        ]

    async def _refuse(self, connection: Connection, _: _Row) -> None:
        """Say why there is no receipt: one of the command, one of its key, or something read that has moved."""
        receipt, reads = self._change.receipt, self._change.reads
        for command, _key in await connection.rows(_SIGNED, self._receipt):
            same = command == receipt.command
            raise ClaimTaken(f"command:{command}" if same else f"key:{receipt.key}")
        found = await versions(connection, self._tenant, tuple(ref for ref, _ in reads))
        for ref, version in reads:
            if found.get(ref, 0) != version:
                raise VersionConflict(ref, version)
        raise Overtaken


def _counted(tenant: str, tally: TallyChange) -> _Row:
    bounded = tally.delta > 0 and tally.at_most is not None
    most = tally.at_most if bounded else LARGEST
    return {"tenant": tenant, "key": tally.key, "delta": tally.delta, "most": most}


def _grouped_reads(reads: Iterable[tuple[Ref, int]]) -> dict[EntityKind, list[tuple[Ref, int]]]:
    """What was read, by kind."""
    grouped: dict[EntityKind, list[tuple[Ref, int]]] = {}
    for ref, version in reads:
        grouped.setdefault(kind_of(ref), []).append((ref, version))
    return {kind: grouped[kind] for kind in KINDS if kind in grouped}


def _grouped(tenant: str, writes: Sequence[Write]) -> dict[tuple[EntityKind, bool], list[_Row]]:
    """The rows of each table, those that are new apart, in the order in which every set writes them."""
    grouped: dict[tuple[EntityKind, bool], list[_Row]] = {}
    for write in sorted(writes, key=lambda write: write.ref):
        state = write.state
        kind = kind_of(write.ref)
        row = KINDS[kind].columns(state)
        row["tenant"] = tenant
        row["id"] = write.ref
        row["version"] = state.version
        row["expected"] = write.expected
        row["body"] = dump(state)
        grouped.setdefault((kind, write.expected == 0), []).append(row)
    ordered = ((kind, new) for kind in KINDS for new in (False, True))
    return {place: grouped[place] for place in ordered if place in grouped}


@cache
def _told_by_version(kind: EntityKind) -> _Told:
    version = text(f"SELECT version FROM {KINDS[kind].table} WHERE tenant = :tenant AND id = :id")

    async def told(connection: Connection, row: _Row) -> None:
        found = await connection.rows(version, row)
        if row["expected"] == (found[0][0] if found else 0):
            raise Overtaken
        raise VersionConflict(row["id"], row["expected"])

    return told


async def _told_by_owner(connection: Connection, row: _Row) -> None:
    for statement in (_LET_EXPIRE, _GIVE_UP):  # Between the two it may have been forgotten.
        if await connection.change(statement, row):
            return
    if await connection.rows(_OWNED, row):
        raise ClaimTaken(row["key"])


async def _taken(_: Connection, row: _Row) -> None:
    raise ClaimTaken(row["key"])


async def _fits(_: Connection, __: _Row) -> None:
    """It is as well."""


async def _doubled(_: Connection, __: _Row) -> None:
    raise Permanent("event_exists")


async def _full(_: Connection, row: _Row) -> None:
    raise TallyFull(row["key"])


@lru_cache(maxsize=256)
def _receipt(dialect: str, read: tuple[EntityKind, ...]) -> TextClause:
    """Leaves the receipt, once for a command and once for a key, if all that was read is as it was.

    What was not there has the version 0, and so has what is not there now.
    """
    lists = lists_of(dialect)
    conditions = [
        f"(SELECT count(*) FROM {lists.pairs(f'read_{kind}')} AS r LEFT JOIN {KINDS[kind].table} AS s "
        f"ON s.tenant = :tenant AND s.id = r.id WHERE coalesce(s.version, 0) = r.version) = :of_{kind}"
        for kind in read
    ]
    return text(
        "INSERT INTO receipts (tenant, command, key, recorded_at, body) "
        f"SELECT :tenant, :command, :key, :recorded_at, :body WHERE {' AND '.join(conditions) or '1 = 1'} "
        "ON CONFLICT DO NOTHING"
    )


@cache
def _insert(kind: EntityKind, dialect: str) -> TextClause:
    names = ("tenant", "id", "version", "body", *KINDS[kind].names)
    return text(
        f"INSERT INTO {KINDS[kind].table} (tx, {', '.join(names)}) "
        f"VALUES ({_MINE[dialect]}, {', '.join(f':{name}' for name in names)}) ON CONFLICT DO NOTHING"
    )


@cache
def _update(kind: EntityKind, dialect: str) -> TextClause:
    mine = _MINE[dialect]
    put = ", ".join(f"{name} = :{name}" for name in ("version", "body", *KINDS[kind].names))
    older = f" AND tx < {mine}" if dialect == "postgresql" else ""
    return text(
        f"UPDATE {KINDS[kind].table} SET tx = {mine}, {put} "
        f"WHERE tenant = :tenant AND id = :id AND version = :expected{older}"
    )


@cache
def _event(dialect: str) -> TextClause:
    n, place = (", n", ", :n") if dialect == "postgresql" else ("", "")
    return text(
        f"INSERT INTO events (tenant, ref, version, tx, body{n}) "
        f"VALUES (:tenant, :ref, :version, {_MINE[dialect]}, :body{place}) ON CONFLICT DO NOTHING"
    )
