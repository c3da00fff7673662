"""Forgetting what is kept for a while only."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import text

from chatcore.search.query import micros
from chatcore_sqlalchemy._connection import Connection

__all__ = ["forget"]

_OLD: Final = (
    text("DELETE FROM receipts WHERE tenant = :tenant AND recorded_at < :before"),
    text("DELETE FROM claims WHERE tenant = :tenant AND since < :before AND owner IS NULL"),
    text(
        """UPDATE claims SET expiring = NULL, since = NULL
        WHERE tenant = :tenant AND since < :before AND owner IS NOT NULL"""
    ),
)


async def forget(connection: Connection, tenant: str, *, before: datetime) -> int:
    """Drop receipts and expiring claims of before a moment, and say how many."""
    values = {"tenant": tenant, "before": micros(before)}
    dropped = 0
    for statement in _OLD:
        dropped += await connection.change(statement, values)
    return dropped
