"""Bringing the tables of a database to this version, by Alembic; whole or not at all.

1. Several processes may do so at once, and several threads: the first one does it while the others wait, and
   then find it done. Whoever waited must see what was done meanwhile, so it is READ COMMITTED on PostgreSQL.
2. A database that was restored on another PostgreSQL has numbers of transactions that are still to come there:
   nothing would be written over them, and no event shown. They are put into the past.
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from chatcore.errors import Permanent
from chatcore_sqlalchemy._kinds import KINDS
from chatcore_sqlalchemy._version import VERSION_TABLE

__all__ = ["migrate", "migrate_async", "schema_version"]

_PLACE: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x63_68_61_74
"""What those who migrate a PostgreSQL database wait for: a number of our own."""


_ISOLATION: Final = "READ COMMITTED"
_one_at_a_time: Final = threading.Lock()
"""Alembic keeps what it is at in one place for the whole process."""

_MINE: Final = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
_FROM_ELSEWHERE: Final = f"""WITH RECURSIVE tenants (tenant) AS (
        (SELECT tenant FROM events ORDER BY tenant LIMIT 1)
        UNION ALL
        SELECT (SELECT e.tenant FROM events AS e WHERE e.tenant > t.tenant ORDER BY e.tenant LIMIT 1)
        FROM tenants AS t WHERE t.tenant IS NOT NULL
    )
    SELECT 1 FROM tenants AS t
    WHERE (SELECT max(e.tx) FROM events AS e WHERE e.tenant = t.tenant) >= {_MINE} LIMIT 1"""
"""Whether any tenant has events from the future; it looks at one row of each."""

_INTO_THE_PAST: Final = (
    *(f"UPDATE {kind.table} SET tx = 0 WHERE tx >= {_MINE}" for kind in KINDS.values()),
    """WITH past AS (SELECT coalesce(max(n), -1) AS n FROM events WHERE tx = 0),
    placed AS (
        SELECT tenant, tx, n, row_number() OVER (PARTITION BY tenant ORDER BY tx, n) AS place
        FROM events WHERE tx > 0
    )
    UPDATE events AS e SET tx = 0, n = past.n + placed.place FROM past, placed
    WHERE e.tenant = placed.tenant AND e.tx = placed.tx AND e.n = placed.n""",
)


def migrate(engine: Engine) -> None:
    """Make the tables, or bring them to this version; does nothing where they are.

    Raises:
        ValueError: the database is neither SQLite nor PostgreSQL.
        Permanent: ``not_utf8``, for a PostgreSQL database in another encoding.
        alembic.util.CommandError: the tables are of a later version than this package.
        sqlalchemy.exc.SQLAlchemyError: the database refused; nothing has changed.
    """
    with _one_at_a_time, engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level=_ISOLATION)
        _upgrade(connection)
        connection.commit()


async def migrate_async(engine: AsyncEngine) -> None:
    """As `migrate`."""
    while not _one_at_a_time.acquire(blocking=False):
        await asyncio.sleep(0.01)
    try:
        async with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execution_options(isolation_level=_ISOLATION)
            await connection.run_sync(_upgrade)
            await connection.commit()
    finally:
        _one_at_a_time.release()


def schema_version(engine: Engine) -> str | None:
    """The version of the tables that a database has; None where it has none."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        version: str | None = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
        return version


def _upgrade(connection: Connection) -> None:
    dialect = connection.dialect.name
    if dialect == "sqlite":
        connection.begin()
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif dialect == "postgresql":
        if connection.exec_driver_sql("SHOW server_encoding").scalar() != "UTF8":
            raise Permanent("not_utf8")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    else:
        raise ValueError("neither SQLite nor PostgreSQL")
    config = Config()
    config.set_main_option("script_location", str(_PLACE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if dialect == "postgresql" and connection.exec_driver_sql(_FROM_ELSEWHERE).first() is not None:
        for statement in _INTO_THE_PAST:
            connection.exec_driver_sql(statement)
