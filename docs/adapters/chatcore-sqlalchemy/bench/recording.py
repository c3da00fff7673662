"""What a command sends to PostgreSQL, noted at the driver: statements, values, and whether each stood alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
from sqlalchemy import Engine, create_engine

__all__ = ["Sent", "noted", "recording_engine"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement as it was given to psycopg; `alone` if it was in no transaction."""

    sql: str
    values: Any
    alone: bool


class _Noting(psycopg.Cursor[Any]):
    """Notes what it runs."""

    sent: ClassVar[list[Sent]] = []

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        self.sent.append(Sent(str(query), params, self.connection.autocommit))
        return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> Any:
        rows = list(params_seq)
        self.sent.append(Sent(str(query), rows, self.connection.autocommit))
        return super().executemany(query, rows, **options)


def recording_engine(url: str) -> Engine:
    """An engine whose statements are noted; it does not wait for the disk, for nothing is timed on it."""
    unhurried = "-c synchronous_commit=off"
    return create_engine(url, connect_args={"cursor_factory": _Noting, "options": unhurried})


def noted(work: Callable[[], object]) -> tuple[Sent, ...]:
    """What a recording engine sends while this is done."""
    _Noting.sent.clear()
    work()
    return tuple(_Noting.sent)
