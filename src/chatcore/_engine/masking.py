"""Masking: what an auditor reads, with the personal data taken out. Rule: P.

Every personal text becomes one same mark, and so does every id that is printed as redacted because it holds
personal data; custom fields are left out. Ids, times and counts stay: an audit follows those.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, TypeVar, cast

import attrs

from chatcore.entities import Contract
from chatcore.vocabulary import Private, redacted

__all__ = ["masked"]

T = TypeVar("T")

_MARK: Final = "***"


def masked(value: T) -> T:
    """The value with the personal data in it, however deep, taken out."""
    return cast("T", _masked(value))


def _masked(value: object) -> object:
    if type(value) is Private:
        return Private(_MARK)
    if type(value) is tuple:
        return tuple(map(_masked, value))
    cls: type[Any] = type(value)
    if not attrs.has(cls):
        return value
    given = {name.lstrip("_"): _field(getattr(value, name), hidden) for name, hidden in _fields(cls)}
    return cls(**(given if cls is not Contract else given | {"link": None}))


def _field(value: object, hidden: bool) -> object:
    if not hidden or value is None:
        return _masked(value)
    return () if type(value) is tuple else _MARK


@cache
def _fields(cls: Any) -> tuple[tuple[str, bool], ...]:
    return tuple((field.name, field.repr is redacted) for field in attrs.fields(cls) if field.init)
