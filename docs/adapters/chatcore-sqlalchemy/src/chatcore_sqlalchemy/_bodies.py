"""How a value stands in a column: the document that `chatcore.serialization` makes of it."""

from __future__ import annotations

from typing import TypeVar

from chatcore.errors import NotDecodable, Permanent
from chatcore.serialization import decode, encode

__all__ = ["dump", "load"]

T = TypeVar("T")


def dump(value: object) -> bytes:
    """The document of a value."""
    return encode(value)


def load(body: bytes, kind: type[T]) -> T:
    """The value of a document, which must be of this kind.

    Raises:
        Permanent: ``not_decodable``, for a document that this version of chatcore cannot read.
    """
    try:
        return decode(body, kind)
    except NotDecodable as error:
        raise Permanent("not_decodable") from error
