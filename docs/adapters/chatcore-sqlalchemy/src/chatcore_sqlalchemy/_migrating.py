"""Bringing the tables of a database to this version, by Alembic; whole or not at all.

Several processes may do so at once: the first one does it while the others wait, and then find it done.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from chatcore_sqlalchemy._version import VERSION_TABLE

__all__ = ["migrate", "migrate_async", "schema_version"]

_PLACE: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x63_68_61_74
"""What those who migrate a PostgreSQL database wait for: a number of our own."""


def migrate(engine: Engine) -> None:
    """Make the tables, or bring them to this version; does nothing where they are.

    Raises:
        ValueError: the database is neither SQLite nor PostgreSQL.
        alembic.util.CommandError: the tables are of a later version than this package.
        sqlalchemy.exc.SQLAlchemyError: the database refused; nothing has changed.
    """
    with engine.connect() as connection:
        _upgrade(connection)
        connection.commit()


async def migrate_async(engine: AsyncEngine) -> None:
    """As `migrate`."""
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade)
        await connection.commit()


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
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif dialect == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    else:
        raise ValueError("neither SQLite nor PostgreSQL")
    config = Config()
    config.set_main_option("script_location", str(_PLACE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
