"""The root of the tree, malformed input, and what is not there."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs

__all__ = [
    "ChatcoreError",
    "ErrorKind",
    "InvalidValue",
    "NotASearch",
    "NotDecodable",
    "NotFound",
    "Problem",
    "shown",
]


class ErrorKind(enum.StrEnum):
    """What a caller can do about an error; closed, so a service can map each to one HTTP status."""

    INVALID = "invalid"
    REFUSED = "refused"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    NOT_CONTRACTED = "not_contracted"
    UNAVAILABLE = "unavailable"
    IN_DOUBT = "in_doubt"
    DEFECT = "defect"


class ChatcoreError(Exception):
    """The root of every error chatcore raises on purpose."""

    code: ClassVar[str] = "error"
    kind: ClassVar[ErrorKind] = ErrorKind.DEFECT
    rule: ClassVar[str | None] = None
    sentence: ClassVar[str] = "something is wrong"

    def __str__(self) -> str:
        return self.sentence.format_map(vars(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._attributes())})"

    def _attributes(self) -> list[tuple[str, Any]]:
        """What the error says in its own words, without what others noted on it."""
        return [(name, value) for name, value in vars(self).items() if not name.startswith("_")]

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), dict(vars(self)))

    def document(self) -> dict[str, Any]:
        """A JSON-ready account of the error for an HTTP answer: code, kind, rule, message, details."""
        return {
            "code": self.code,
            "kind": self.kind.value,
            "rule": self.rule,
            "message": str(self),
            "details": {name: _plain(value) for name, value in self._attributes()},
        }


def shown(id: str) -> str:
    """An id as an error may show it: one that reads like a phone or a document does not belong there."""
    digits = sum(character.isdigit() for character in id)
    return "<redacted>" if digits >= _NUMBER and not id.strip("+0123456789 ()./-") else id


_NUMBER = 8
"""Digits from which on an id of nothing else could be somebody's number."""


def _restore(cls: type[ChatcoreError], state: dict[str, Any]) -> ChatcoreError:
    error = cls.__new__(cls)
    vars(error).update(state)
    return error


def _plain(value: object) -> object:
    """Turn an attribute into what JSON can hold."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Problem):
        return value.document()
    return value


# --- malformed input -----------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class Problem:
    """One thing wrong with one field: where, what, and how much was allowed. Never the value itself."""

    path: str
    code: str
    rule: str | None = None
    limit: int | None = None
    actual: int | None = None
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        sizes = [
            "" if self.actual is None else str(self.actual),
            "" if self.limit is None else f"at most {self.limit}",
        ]
        size = f" ({', '.join(filter(None, sizes))})" if any(sizes) else ""
        place = f" at {self.span[0]}..{self.span[1]}" if self.span is not None else ""
        return f"{self.path}: {self.code}{size}{place}"

    def document(self) -> dict[str, Any]:
        """The problem with only what it has to say."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in attrs.asdict(self, recurse=False).items()
            if value is not None
        }


class InvalidValue(ChatcoreError, ValueError):
    """Malformed input: every bad field at once, each with its path and a code of its own."""

    code = "invalid_value"
    kind = ErrorKind.INVALID

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems

    @classmethod
    def of(
        cls,
        path: str,
        code: str,
        *,
        rule: str | None = None,
        limit: int | None = None,
        actual: int | None = None,
        span: tuple[int, int] | None = None,
    ) -> InvalidValue:
        """The error for one problem."""
        return cls(Problem(path, code, rule, limit, actual, span))

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


class NotASearch(InvalidValue):
    """A typed search that cannot be read: `problems` have the spans, `suggestions` what may have been meant."""

    code = "not_a_search"

    def __init__(self, *problems: Problem, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(*problems)
        self.suggestions = suggestions


class NotDecodable(InvalidValue):
    """A document that cannot be read: `problems` name the places, as ``value.tags[3]``, never what is there."""

    code = "not_decodable"


class NotFound(ChatcoreError):
    """There is no such thing, or this person may not see it: the two look the same. Rule: section P."""

    code = "not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "no {what} with this id"

    def __init__(self, what: str, id: str) -> None:
        self.what = what
        self.id = shown(id)
