"""Whether two values are the same to the last digit: of the same types, not only equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

import attrs

from chatcore.vocabulary import Private

__all__ = ["differences"]


def differences(found: object, expected: object, path: str = "") -> Iterator[str]:
    """Where a value is not just what it was: `True` is not 1, 1.5 not 1.50, a list no tuple."""
    where = path or "the value"
    if type(found) is not type(expected):
        yield f"{where} is {type(found).__name__}, and was {type(expected).__name__}"
    elif isinstance(expected, Private) and isinstance(found, Private):
        if found.reveal() != expected.reveal():
            yield f"{where} is another text: {len(found.reveal())} code points, of {len(expected.reveal())}"
    elif isinstance(expected, Decimal) and isinstance(found, Decimal):
        if found.as_tuple() != expected.as_tuple():
            yield f"{where} is a number with other digits"
    elif isinstance(expected, datetime) and isinstance(found, datetime):
        if found != expected or found.tzinfo is not expected.tzinfo:
            yield f"{where} is another moment, or in another zone object than UTC: {found!r}, not {expected!r}"
    elif isinstance(expected, tuple) and isinstance(found, tuple):
        if len(found) != len(expected):
            yield f"{where} has {len(found)} items, of {len(expected)}"
        else:
            for n, (one, other) in enumerate(zip(found, expected, strict=True)):
                yield from differences(one, other, f"{path}[{n}]")
    elif isinstance(expected, Mapping) and isinstance(found, Mapping):
        if list(found) != list(expected):
            yield f"{where} has other names in it, or in another order"
        for name in expected:
            yield from differences(found.get(name), expected[name], f"{path}[{name!r}]")
    elif attrs.has(kind := type(expected)):
        for field in attrs.fields(kind):
            name = field.name
            yield from differences(getattr(found, name), getattr(expected, name), f"{path}.{name}".lstrip("."))
    elif found != expected:
        yield f"{where} is {found!r}, and was {expected!r}"
