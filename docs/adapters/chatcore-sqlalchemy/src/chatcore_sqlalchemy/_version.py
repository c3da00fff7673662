"""Which version of the tables this package works with, and where the database says which it has."""

from __future__ import annotations

from typing import Final

__all__ = ["SCHEMA_VERSION", "VERSION_TABLE"]

SCHEMA_VERSION: Final = "0001"
VERSION_TABLE: Final = "chatcore_schema"
