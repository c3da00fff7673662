"""A storage for chatcore on SQLAlchemy: SQLite and PostgreSQL, sync and async."""

from chatcore_sqlalchemy._engines import sqlite_engine
from chatcore_sqlalchemy._migrating import migrate, migrate_async, schema_version
from chatcore_sqlalchemy._storage import AsyncSqlStorage, SqlStorage

__all__ = ["AsyncSqlStorage", "SqlStorage", "migrate", "migrate_async", "schema_version", "sqlite_engine"]
