"""Reading what a command needs, in one statement, so at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import TextClause, text

from chatcore.entities import Effect, Entity, Workspace
from chatcore.events import Envelope
from chatcore.ports import Due, ReadSet, Receipt, Snapshot
from chatcore.search.pages import check_limit
from chatcore.search.query import micros
from chatcore.vocabulary import EntityKind, Ref, kind_of
from chatcore_sqlalchemy._bodies import load
from chatcore_sqlalchemy._connection import Connection
from chatcore_sqlalchemy._kinds import KINDS
from chatcore_sqlalchemy._lists import LARGEST, Lists, lists_of, storable

__all__ = ["due", "read", "stream", "versions"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_HOLDING: Final = "state IN ('intended', 'in_flight')"

_OWNER: Final = "coalesce(c.owner, c.expiring)"
_OWNERS: Final = (
    f"SELECT 'owner' AS part, c.key AS key, {_OWNER} AS owner, 0 AS number, coalesce("
    + ", ".join(f"t{n}.body" for n in range(len(KINDS)))
    + ") AS body FROM claims AS c "
    + " ".join(
        f"LEFT JOIN {kind.table} AS t{n} ON t{n}.tenant = :tenant AND t{n}.id = {_OWNER}"
        for n, kind in enumerate(KINDS.values())
    )
    + f" WHERE c.tenant = :tenant AND {_OWNER} IS NOT NULL"
    + " AND {one_of}"
)
"""Who owns claims, with their states, of whatever kind they are."""


async def read(connection: Connection, tenant: str, wanted: ReadSet) -> Snapshot:
    """Read states, owners, counts and receipts."""
    lists = lists_of(connection.dialect)
    values: dict[str, object] = {"tenant": tenant}
    parts: list[str] = []
    for kind, ids in _by_kind(wanted.refs).items():
        parts.append(kind)
        values[f"in_{kind}"] = lists.value(ids)
    for part, keys in (("owner", wanted.owners), ("tally", wanted.tallies), ("head", wanted.lanes)):
        if known := [key for key in keys if storable(key)]:
            parts.append(part)
            values[f"in_{part}"] = lists.value(known)
    for part, value in (
        ("receipt", wanted.key),
        ("committed", wanted.command),
        ("newer", wanted.workspace_after),
    ):
        if value is not None and storable(value):
            parts.append(part)
            values[part] = value
    rows = await connection.rows(_statement(connection.dialect, tuple(parts)), values) if parts else ()
    return _snapshot(wanted, rows)


def _by_kind(refs: Iterable[Ref]) -> dict[EntityKind, list[Ref]]:
    """Refs by kind; what is no ref is nowhere."""
    found: dict[EntityKind, list[Ref]] = {}
    for ref in refs:
        try:
            kind = kind_of(ref)
        except ValueError:
            continue
        if storable(ref):
            found.setdefault(kind, []).append(ref)
    return found


def _snapshot(wanted: ReadSet, rows: Sequence[Any]) -> Snapshot:
    states: dict[Ref, Entity] = {}
    owners: dict[str, Ref] = {}
    tallies = dict.fromkeys(wanted.tallies, 0)
    heads: dict[str, Effect] = {}
    receipt: Receipt | None = None
    committed: Receipt | None = None
    workspace: Workspace | None = None
    for part, key, owner, number, body in rows:
        if part == "owner":
            owners[key] = owner
            if body is not None and owner not in states:
                states[owner] = load(body, KINDS[kind_of(owner)].made)
        elif part == "tally":
            tallies[key] = number
        elif part == "head":
            if body is not None:
                heads[key] = load(body, Effect)
        elif part == "receipt":
            receipt = load(body, Receipt)
        elif part == "committed":
            committed = load(body, Receipt)
        elif part == "newer":
            workspace = load(body, Workspace)
        elif key not in states:
            states[key] = load(body, KINDS[EntityKind(part)].made)
    return Snapshot(states, owners, tallies, heads, receipt, committed, workspace)


@lru_cache(maxsize=256)
def _statement(dialect: str, parts: tuple[str, ...]) -> TextClause:
    """What reads these parts: each a branch of one union, so that all of it is seen at one moment."""
    lists = lists_of(dialect)
    return text(" UNION ALL ".join(_branch(lists, part) for part in parts))


def _branch(lists: Lists, part: str) -> str:
    nothing = lists.nothing
    match part:
        case "owner":
            return _OWNERS.format(one_of=lists.has("c.key", "in_owner"))
        case "tally":
            return (
                f"SELECT 'tally' AS part, key, NULL AS owner, count AS number, {nothing} AS body FROM tallies "
                f"WHERE tenant = :tenant AND {lists.has('key', 'in_tally')}"
            )
        case "head":
            return (
                "SELECT 'head' AS part, l.value AS key, NULL AS owner, 0 AS number, (SELECT e.body "
                f"FROM effects AS e WHERE e.tenant = :tenant AND e.lane = l.value AND e.{_HOLDING} "
                f"ORDER BY e.position, e.id LIMIT 1) AS body FROM {lists.each('in_head')} AS l"
            )
        case "receipt" | "committed":
            column = "key" if part == "receipt" else "command"
            return (
                f"SELECT '{part}' AS part, command AS key, NULL AS owner, 0 AS number, body FROM receipts "
                f"WHERE tenant = :tenant AND {column} = :{part}"
            )
        case "newer":
            return (
                "SELECT 'newer' AS part, id AS key, NULL AS owner, version AS number, body FROM workspaces "
                "WHERE tenant = :tenant AND version > :newer"
            )
        case _:
            table, one_of = KINDS[EntityKind(part)].table, lists.has("id", f"in_{part}")
            return (
                f"SELECT '{part}' AS part, id AS key, NULL AS owner, version AS number, body "
                f"FROM {table} WHERE tenant = :tenant AND {one_of}"
            )


# --- versions ------------------------------------------------------------------------------------------------


async def versions(connection: Connection, tenant: str, refs: tuple[Ref, ...]) -> Mapping[Ref, int]:
    """The versions of states, of those that are there."""
    lists = lists_of(connection.dialect)
    wanted = _by_kind(refs)
    if not wanted:
        return {}
    values: dict[str, object] = {f"in_{kind}": lists.value(ids) for kind, ids in wanted.items()}
    rows = await connection.rows(_versions(connection.dialect, tuple(wanted)), {"tenant": tenant, **values})
    return {row[0]: row[1] for row in rows}


@lru_cache(maxsize=64)
def _versions(dialect: str, kinds: tuple[EntityKind, ...]) -> TextClause:
    has = lists_of(dialect).has
    return text(
        " UNION ALL ".join(
            f"SELECT id, version FROM {KINDS[kind].table} WHERE tenant = :tenant AND {has('id', f'in_{kind}')}"
            for kind in kinds
        )
    )


# --- what is due ---------------------------------------------------------------------------------------------

_DUE: Final = text(
    f"""SELECT s.due_at, s.body FROM effects AS s WHERE s.tenant = :tenant AND s.due_at IS NOT NULL
    AND (s.state <> 'intended' OR s.lane IS NULL OR NOT EXISTS (
        SELECT 1 FROM effects AS e WHERE e.tenant = :tenant AND e.lane = s.lane AND e.{_HOLDING}
        AND (e.position, e.id) < (s.position, s.id)
    )) ORDER BY s.due_at, s.id LIMIT :most"""
)


async def due(connection: Connection, tenant: str, *, now: datetime, limit: int) -> Due:
    """What is due; one row more than asked for says when the next is."""
    until = micros(now)
    rows = await connection.rows(_DUE, {"tenant": tenant, "most": min(limit, LARGEST - 1) + 1})
    found = [row for row in rows[:limit] if row[0] <= until]
    later = rows[len(found)][0] if len(rows) > len(found) else None
    next_at = None if later is None else _EPOCH + timedelta(microseconds=later)
    return Due(tuple([load(row[1], Effect) for row in found]), next_at)


# --- streams -------------------------------------------------------------------------------------------------

_STREAM: Final = text(
    """SELECT body FROM events WHERE tenant = :tenant AND ref = :ref AND version > :after
    ORDER BY version LIMIT :most"""
)


async def stream(
    connection: Connection, tenant: str, ref: Ref, *, after: int, limit: int
) -> tuple[Envelope, ...]:
    """The events of one entity."""
    values = {"tenant": tenant, "ref": ref, "after": min(after, LARGEST), "most": check_limit(limit)}
    if not storable(ref):
        return ()
    return tuple([load(body, Envelope) for (body,) in await connection.rows(_STREAM, values)])
