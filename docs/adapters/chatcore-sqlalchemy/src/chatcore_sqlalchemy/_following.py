"""Following what is committed: nothing is left out, and no entity's events change places.

1. On SQLite one set is committed at a time, and its events get numbers that only grow: their order is that of
   the commits.
2. On PostgreSQL sets are committed side by side, and no number drawn before a commit tells when it came. An
   event stands at (tx, n), its transaction and its place there. A reader is shown those of transactions below
   the oldest that still runs: below it nothing more can appear, as every later commit has a higher number.
3. So one transaction that writes and goes on for long holds up whoever follows, in whatever database of the
   server it runs. Nothing is lost by it.
4. A cursor says where to go on, and whose it is. It is good for one database, not for a copy of it: another
   server counts its transactions by itself.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from sqlalchemy import text

from chatcore.errors import InvalidValue
from chatcore.events import Envelope
from chatcore.search import Page
from chatcore.search.pages import check_limit
from chatcore_sqlalchemy._bodies import load
from chatcore_sqlalchemy._connection import Connection

__all__ = ["changes", "head"]

_LOW: Final = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
_HIGH: Final = "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"

_ON_POSTGRESQL: Final = text(
    f"""WITH bounds AS MATERIALIZED (SELECT {_LOW} AS low, {_HIGH} AS high)
    SELECT b.high, e.tx, e.n, e.body FROM bounds AS b LEFT JOIN LATERAL (
        SELECT tx, n, body FROM events
        WHERE tenant = :tenant AND (tx, n) >= (:tx, :n) AND tx < b.low ORDER BY tx, n LIMIT :most
    ) AS e ON true ORDER BY e.tx, e.n"""
)
_ON_SQLITE: Final = text(
    """SELECT 0 AS high, tx, n, body FROM events WHERE tenant = :tenant AND (tx, n) >= (:tx, :n)
    ORDER BY tx, n LIMIT :most"""
)
_LAST: Final = text("SELECT 0, coalesce(max(n), -1) + 1 FROM events WHERE tenant = :tenant AND tx = 0")
_SHOWN: Final = text(
    f"""SELECT tx, n + 1 FROM events WHERE tenant = :tenant AND tx < {_LOW} ORDER BY tx DESC, n DESC LIMIT 1"""
)

_CURSOR: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})\.([0-9a-f]{8})", re.ASCII)


async def changes(connection: Connection, tenant: str, *, after: str | None, limit: int) -> Page[Envelope]:
    """What was committed since a cursor; there is always a next one."""
    check_limit(limit)
    tx, n = (0, 0) if after is None else _place_of(after, tenant)
    values = {"tenant": tenant, "tx": tx, "n": n, "most": limit}
    if connection.dialect == "postgresql":
        rows = await connection.rows(_ON_POSTGRESQL, values)
        end = (rows[0][0], 0)
    else:
        rows = await connection.rows(_ON_SQLITE, values)
        end = (0, n) if rows else await _end(connection, tenant)
    if (tx, n) > end:
        raise InvalidValue.of("after", "not_a_cursor")
    rows = [row for row in rows if row[3] is not None]
    if rows:
        tx, n = rows[-1][1], rows[-1][2] + 1
    return Page(tuple([load(row[3], Envelope) for row in rows]), _cursor(tx, n, tenant))


async def head(connection: Connection, tenant: str) -> str:
    """The cursor behind everything committed by now."""
    return _cursor(*await _end(connection, tenant), tenant)


async def _end(connection: Connection, tenant: str) -> tuple[int, int]:
    """The place behind the last event that is shown by now.

    No higher place will do: what rolled back before a crash leaves its number to others.
    """
    statement = _SHOWN if connection.dialect == "postgresql" else _LAST
    rows = await connection.rows(statement, {"tenant": tenant})
    return (rows[0][0], rows[0][1]) if rows else (0, 0)


def _cursor(tx: int, n: int, tenant: str) -> str:
    return f"{tx}.{n}.{_mark(tenant)}"


def _place_of(cursor: str, tenant: str) -> tuple[int, int]:
    """Where a cursor goes on."""
    found = _CURSOR.fullmatch(cursor) if type(cursor) is str else None
    if found is None:
        raise InvalidValue.of("after", "not_a_cursor")
    if found[3] != _mark(tenant):
        raise InvalidValue.of("after", "foreign_cursor")
    return int(found[1]), int(found[2])


def _mark(tenant: str) -> str:
    """A short digest of whose cursor it is."""
    return hashlib.blake2b(tenant.encode("utf-8"), digest_size=4).hexdigest()
