"""What an error of a database or its driver means; none of them leaves this package.

Databases tell by codes: PostgreSQL by its SQLSTATE, SQLite by its result code. Messages are never looked at,
and never passed on: they may hold what somebody wrote.
"""

from __future__ import annotations

import enum
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from chatcore.errors import Permanent, PortFailure, Temporary

__all__ = ["DRIVERS", "Meaning", "failure_of", "meaning_of"]

DRIVERS: Final = (SQLAlchemyError, sqlite3.Error, OSError, OverflowError, UnicodeEncodeError)
"""What a database, its driver or the way to it raises; the last two for what no column can hold."""


class Meaning(enum.Enum):
    """What to make of an error."""

    AGAIN = "somebody else was in the way; the same may well pass now"
    LOST = "the connection is gone; another one may do"
    LATER = "not now: too slow, full, locked, closed to writing"
    SCHEMA = "the tables are not those of this version"
    REFUSED = "asking again would be refused again"


_LATER: Final = ("25006", "53", "55", "57", "58")
"""Read-only, out of something, in use, told to stop, trouble of the machine."""

_UNSENT: Final = frozenset({"DataError", "ProgrammingError"})
"""What every driver calls its errors about what it would not even send; they have no SQLSTATE."""

_SCHEMA: Final = ("3F000", "42703", "42P01", "42883")
"""No such schema, column, table, function."""

_SQLITE_LATER: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


def meaning_of(error: BaseException) -> Meaning:
    """What an error of `DRIVERS` means."""
    if isinstance(error, NoConnectionLeft):
        return Meaning.LATER
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _on_sqlite(cause)
    if isinstance(cause, OSError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return Meaning.LOST
    if not isinstance(error, DBAPIError):
        return Meaning.REFUSED
    state = getattr(cause, "sqlstate", None)
    if state is None and _UNSENT & {cls.__name__ for cls in type(cause).__mro__}:
        return Meaning.REFUSED
    return _on_postgresql(state)


def _on_postgresql(state: str | None) -> Meaning:
    if state is None or state.startswith(("08", "57P")):
        return Meaning.LOST
    if state in ("40001", "40P01"):
        return Meaning.AGAIN
    if state.startswith(_LATER):
        return Meaning.LATER
    return Meaning.SCHEMA if state in _SCHEMA else Meaning.REFUSED


def _on_sqlite(error: sqlite3.Error) -> Meaning:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return Meaning.REFUSED
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT):
        return Meaning.AGAIN
    primary = code & 0xFF
    if primary in _SQLITE_LATER:
        return Meaning.LATER
    # SQLite has one code for every statement that does not fit the tables; ours fit those of this version.
    return Meaning.SCHEMA if primary == sqlite3.SQLITE_ERROR else Meaning.REFUSED


def failure_of(meaning: Meaning, error: BaseException) -> PortFailure:
    """What is raised for an error, where nothing was done and no further attempt is made."""
    if meaning is Meaning.SCHEMA:
        return Permanent("schema_version")
    if meaning is not Meaning.REFUSED:
        return Temporary()
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return Permanent("database" if code is None else f"database_{code}")
