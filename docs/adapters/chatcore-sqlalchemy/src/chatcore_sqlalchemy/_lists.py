"""What fits into a statement: texts, numbers, and lists of texts, each as one value however long it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

__all__ = ["LARGEST", "Lists", "lists_of", "storable"]

LARGEST: Final = (1 << 63) - 1
"""The largest number of a column."""


def storable(value: object) -> bool:
    """Whether it can stand in a column at all. What cannot is nowhere, and need not be looked for."""
    if isinstance(value, str):
        return "\0" not in value and (
            value.isascii() or not any("\ud800" <= each <= "\udfff" for each in value)
        )
    return isinstance(value, int) and abs(value) <= LARGEST


class Lists(Protocol):
    """What a database says of lists."""

    nothing: str
    """Where a body would stand."""

    def value(self, texts: Iterable[str]) -> object:
        """The value to bind."""

    def has(self, column: str, name: str) -> str:
        """That a column is one of the texts bound to a name."""

    def each(self, name: str) -> str:
        """A table of the texts bound to a name, in its column `value`."""

    def paired(self, name: str, pairs: Sequence[tuple[str, int]]) -> dict[str, object]:
        """The values to bind for pairs of a text and a number."""

    def pairs(self, name: str) -> str:
        """A table of the pairs bound to a name, in its columns `id` and `version`."""


class _OnSqlite:
    nothing = "NULL"

    def value(self, texts: Iterable[str]) -> object:
        return json.dumps([*texts])

    def has(self, column: str, name: str) -> str:
        return f"{column} IN (SELECT value FROM json_each(:{name}))"

    def each(self, name: str) -> str:
        return f"(SELECT DISTINCT value FROM json_each(:{name}))"

    def paired(self, name: str, pairs: Sequence[tuple[str, int]]) -> dict[str, object]:
        return {name: json.dumps(pairs)}

    def pairs(self, name: str) -> str:
        first, second = ("json_extract(value, '$[0]')", "json_extract(value, '$[1]')")
        return f"(SELECT {first} AS id, {second} AS version FROM json_each(:{name}))"


class _OnPostgresql:
    nothing = "CAST(NULL AS bytea)"

    def value(self, texts: Iterable[str]) -> object:
        return [*texts]

    def has(self, column: str, name: str) -> str:
        return f"{column} = ANY(CAST(:{name} AS text[]))"

    def each(self, name: str) -> str:
        return f'(SELECT DISTINCT unnest(CAST(:{name} AS text[])) COLLATE "C" AS value)'

    def paired(self, name: str, pairs: Sequence[tuple[str, int]]) -> dict[str, object]:
        return {name: [id for id, _ in pairs], f"{name}_versions": [version for _, version in pairs]}

    def pairs(self, name: str) -> str:
        columns = f"unnest(CAST(:{name} AS text[]), CAST(:{name}_versions AS bigint[]))"
        return f'(SELECT id COLLATE "C" AS id, version FROM {columns} AS u(id, version))'


_LISTS: Final[dict[str, Lists]] = {"sqlite": _OnSqlite(), "postgresql": _OnPostgresql()}


def lists_of(dialect: str) -> Lists:
    """Lists as this database has them."""
    return _LISTS[dialect]
