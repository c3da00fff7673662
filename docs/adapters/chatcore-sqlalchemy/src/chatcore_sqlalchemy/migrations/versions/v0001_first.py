"""The first tables.

1. Every key begins with the tenant, then with the entity or the conversation it is about; so a store may spread
   tenants and conversations over machines.
2. Ids compare by code points, as Python does. Moments are microseconds since the epoch.
3. `tx` and `n` say where an event stands among all that was committed. On PostgreSQL `tx` is the transaction
   that wrote it, also on the state it led to, and `n` its place in there. On SQLite `n` counts on and on.
4. SQLite's `place` is the row's number by name, which nothing changes: the index of words points at it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from chatcore_sqlalchemy import _search_schema
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null, primary_key=key)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _body() -> sa.Column[bytes]:
    return sa.Column("body", sa.LargeBinary, nullable=False)


def upgrade() -> None:
    """Make the tables."""
    sqlite = op.get_context().dialect.name == "sqlite"
    _entity("workspaces")
    _entity(
        "conversations",
        *map(_text, ("situation", "department", "contact", "channel", "protocol", "tags", "fields")),
        *(_text(name, null=True) for name in ("assignee", "last_assignee", "reason")),
        _flag("unread"),
        *(_number(f"by_{order}") for order in ("waiting", "opened", "activity", "closed", "idle")),
        _number("started_at"),
        _number("closed_at", null=True),
        _number("waiting_since", null=True),
    )
    _entity(
        "messages",
        *map(_text, ("conversation", "direction", "kind", "words")),
        *map(_number, ("seq", "by_newest")),
        placed=sqlite,
    )
    op.create_index("messages_seq", "messages", ["tenant", "conversation", "seq"], unique=True)
    _entity(
        "contacts",
        *map(_text, ("person", "merged", "names", "keys", "fields")),
        *(_text(name, null=True) for name in ("merged_into", "customer")),
        _flag("blocked"),
        placed=sqlite,
    )
    _entity(
        "effects",
        _text("state"),
        _text("conversation", null=True),
        _text("lane", null=True),
        _number("position"),
        _number("due_at", null=True),
    )
    _partial("effects_due", "effects", ["tenant", "due_at", "id"], "due_at IS NOT NULL")
    _partial(
        "effects_lane", "effects", ["tenant", "lane", "position", "id"], "state IN ('intended', 'in_flight')"
    )
    _ledger(sqlite)
    for statement in _search_schema.on_sqlite() if sqlite else _search_schema.on_postgresql():
        op.execute(statement)


def _entity(name: str, *columns: sa.Column[Any], placed: bool = False) -> None:
    """The states of one kind of entity; `placed` where an index of words points at them."""
    key = ("tenant", "id")
    own = [sa.Column("place", sa.Integer, primary_key=True)] if placed else []
    key_column = [sa.UniqueConstraint(*key)] if placed else []
    op.create_table(
        name,
        *own,
        *(_text(each, key=not placed) for each in key),
        _number("version"),
        _number("tx"),
        *columns,
        _body(),
        *key_column,
    )


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _ledger(sqlite: bool) -> None:
    """Events, claims, tallies and receipts."""
    op.create_table(
        "events",
        _text("tenant"),
        _text("ref"),
        _number("version"),
        _number("tx"),
        sa.Column("n", sa.Integer, primary_key=True) if sqlite else _number("n"),
        _body(),
        sqlite_autoincrement=True,
    )
    op.create_index("events_ref", "events", ["tenant", "ref", "version"], unique=True)
    op.create_index("events_tx", "events", ["tenant", "tx", "n"], unique=True)
    op.create_table(
        "claims",
        _text("tenant", key=True),
        _text("key", key=True),
        _text("owner", null=True),
        _text("expiring", null=True),
        _number("since", null=True),
        sqlite_with_rowid=False,
    )
    _partial("claims_since", "claims", ["tenant", "since"], "since IS NOT NULL")
    op.create_table(
        "tallies",
        _text("tenant", key=True),
        _text("key", key=True),
        _number("count"),
        _flag("sealed"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipts",
        _text("tenant", key=True),
        _text("command", key=True),
        _text("key", null=True),
        _number("recorded_at"),
        _body(),
    )
    op.create_index("receipts_recorded_at", "receipts", ["tenant", "recorded_at"])
    op.create_index(
        "receipts_key",
        "receipts",
        ["tenant", "key"],
        unique=True,
        postgresql_where=sa.text("key IS NOT NULL"),
        sqlite_where=sa.text("key IS NOT NULL"),
    )
