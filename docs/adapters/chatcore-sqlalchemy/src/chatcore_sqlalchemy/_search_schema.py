"""What searching needs of a database: indexes of views, and indexes of words that keep themselves up to date.

1. SQLite: FTS5 tables without content of their own, filled by triggers from the columns of words. They point
   at `place`, the rowid by name, as an unnamed one may change when the database is vacuumed.
2. PostgreSQL: `tokens`, computed from the columns of words, with an index. A term begins with the tenant's
   marker, so that the terms of one tenant lie together. One text has at most a megabyte of terms: words are
   cut to `LONGEST_TERM` signs, and a text that is still too long stands under the marker alone and is always
   looked at.
"""

from __future__ import annotations

from typing import Final

from chatcore.search import Order
from chatcore_sqlalchemy._words import LONGEST_TERM

__all__ = ["on_postgresql", "on_sqlite"]

_TOO_LONG: Final = 300_000
"""Bytes of words beyond which a text could have more than a megabyte of terms."""

_ORDERS: Final = tuple(order.value for order in Order)
_INDEXES: Final = (
    *(
        f"CREATE INDEX conversations_by_{order} ON conversations (tenant, situation, by_{order}, id)"
        for order in _ORDERS
    ),
    "CREATE INDEX conversations_contact ON conversations (tenant, contact)",
    "CREATE INDEX conversations_protocol ON conversations (tenant, protocol)",
    "CREATE INDEX conversations_assignee ON conversations (tenant, assignee) WHERE assignee IS NOT NULL",
    "CREATE INDEX conversations_last_assignee ON conversations (tenant, last_assignee) "
    "WHERE last_assignee IS NOT NULL",
    "CREATE INDEX messages_by_newest ON messages (tenant, by_newest, id)",
    "CREATE INDEX contacts_person ON contacts (tenant, person)",
    "CREATE INDEX contacts_customer ON contacts (tenant, customer, id) WHERE customer IS NOT NULL",
    "CREATE INDEX contacts_blocked ON contacts (tenant, id) WHERE blocked",
    "CREATE INDEX effects_state ON effects (tenant, state, id)",
    "CREATE INDEX effects_conversation ON effects (tenant, conversation, id)",
)


def on_sqlite() -> tuple[str, ...]:
    """The statements that make them in SQLite; `messages` and `contacts` have a `place` already."""
    return (
        *_INDEXES,
        *_kept("message_words", "messages", ("words",), "detail=none"),
        *_kept("contact_words", "contacts", ("names", "keys"), "detail=column, prefix='1 2 3'"),
    )


def _kept(index: str, table: str, columns: tuple[str, ...], options: str) -> tuple[str, ...]:
    """An index of words, and what keeps it up to date."""
    names = ", ".join(columns)
    new, old = (", ".join(f"{row}.{name}" for name in columns) for row in ("new", "old"))
    put = f"INSERT INTO {index} (rowid, {names}) VALUES (new.place, {new});"
    drop = f"INSERT INTO {index} ({index}, rowid, {names}) VALUES ('delete', old.place, {old});"
    changed = " OR ".join(f"old.{name} <> new.{name}" for name in columns)
    return (
        f"CREATE VIRTUAL TABLE {index} USING fts5({names}, content='', {options}, columnsize=0, "
        "tokenize = \"ascii tokenchars '_'\")",
        f"CREATE TRIGGER {index}_put AFTER INSERT ON {table} BEGIN {put} END",
        f"CREATE TRIGGER {index}_drop AFTER DELETE ON {table} BEGIN {drop} END",
        f"CREATE TRIGGER {index}_change AFTER UPDATE OF {names} ON {table} WHEN {changed} "
        f"BEGIN {drop} {put} END",
    )


def on_postgresql() -> tuple[str, ...]:
    """The statements that make them in PostgreSQL."""
    return (
        *_INDEXES,
        f"ALTER TABLE messages ADD COLUMN tokens tsvector GENERATED ALWAYS AS ({_tokens('words', '')}) STORED",
        "ALTER TABLE contacts ADD COLUMN tokens tsvector GENERATED ALWAYS AS "
        f"({_tokens('names', 'n')} || {_tokens('keys', 'k')}) STORED",
        "ALTER TABLE messages ALTER COLUMN tokens SET STATISTICS 1000",
        "ALTER TABLE contacts ALTER COLUMN tokens SET STATISTICS 1000",
        "CREATE INDEX message_words ON messages USING gin (tokens)",
        "CREATE INDEX contact_words ON contacts USING gin (tokens)",
    )


def _tokens(column: str, kind: str) -> str:
    """The terms of a column: each word cut, after the tenant's marker."""
    marked = f"left(md5(tenant), 8) || '{kind}'"
    words = f"regexp_replace({column}, ' ([^ ]{{1,{LONGEST_TERM}}})[^ ]*', ' ' || {marked} || '\\1', 'g')"
    return (
        f"CASE WHEN octet_length({column}) > {_TOO_LONG} THEN array_to_tsvector(ARRAY[left(md5(tenant), 8)]) "
        f"ELSE array_to_tsvector(string_to_array(btrim({words}), ' ')) END"
    )
