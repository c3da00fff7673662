"""Engines as SQLite is best served by them; for PostgreSQL SQLAlchemy's own `create_engine` does."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

__all__ = ["sqlite_engine"]


def sqlite_engine(path: str | os.PathLike[str], *, wait: float = 5.0, **options: Any) -> Engine:
    """An engine on a SQLite file, in which readers never wait for a writer.

    Any SQLite engine works. This one keeps a write-ahead log, and waits up to `wait` seconds for another
    writer. `options` go to `create_engine`.
    """
    url = URL.create("sqlite", database=os.fspath(path))
    given = {"timeout": wait, **options.pop("connect_args", {})}
    engine = create_engine(url, connect_args=given, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()

    return engine
