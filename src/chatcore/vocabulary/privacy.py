"""The wrapper that keeps personal text out of logs."""

from __future__ import annotations

import attrs

__all__ = [
    "Private",
    "redacted",
]


class Private:
    """A personal text (a phone, a document, a name, a message body) that prints as ``<redacted>``.

    Equality and hashing are those of the text. Reading it is explicit::

        >>> body = Private("meu CPF é 123")
        >>> body
        <redacted>
        >>> f"{body}"
        '<redacted>'
        >>> body.reveal()
        'meu CPF é 123'
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str, /) -> None:
        if type(text) is not str:
            raise TypeError("a Private wraps a str")
        _keep(self, "_text", text)

    def reveal(self) -> str:
        """The text itself. The caller answers for where it goes."""
        return self._text

    def __repr__(self) -> str:
        return "<redacted>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<redacted>"

    def __eq__(self, other: object) -> bool:
        if type(other) is Private:
            return self._text == other._text
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __setattr__(self, name: str, value: object) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __delattr__(self, name: str) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __reduce__(self) -> tuple[type[Private], tuple[str]]:
        return Private, (self._text,)


_keep = object.__setattr__


def redacted(value: object) -> str:
    """How an id that holds personal data prints: some providers' message ids contain the customer's number."""
    return "None" if value is None else "<redacted>"
