"""Addresses: how a contact is found by one, and where a new conversation's messages go.

A contact is found by a keyed hash of the canonical address, so that every spelling of a number leads to the
same person (M11), and whoever lacks the desk's secret cannot tell whose it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from chatcore.br import parse_phone
from chatcore.entities import Address, Contact, Conversation
from chatcore.errors import InvalidValue
from chatcore.vocabulary import ChannelId, Private

__all__ = ["Addresses", "reached_at"]


class Addresses:
    """The keys of addresses, under one desk's secret."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def key(self, canonical: str) -> str:
        """The key of a canonical address."""
        data = canonical.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=16, key=self._secret).hexdigest()

    def inbound_key(self, channel: ChannelId, address: Private) -> str:
        """The key of an address that came in: a phone in any spelling, else the channel's own user id."""
        try:
            return self.key(parse_phone(address.reveal(), region=None).reveal())
        except InvalidValue:
            return self.key(f"{channel}:{address.reveal()}")


def reached_at(
    contact: Contact | None,
    rows: tuple[Conversation, ...],
    key: str | None,
    canonical: str | None,
    key_of: Callable[[Private], str],
) -> Address:
    """Where a new conversation's messages go: as the channel last gave it, else to a phone. Rule: M10.

    `key` is that of the number that was chosen, if one was: then they go there and nowhere else. Else they go
    where the service window is open longest, of the last closed conversations `rows`, latest first.

    Raises:
        InvalidValue: the contact is known by another channel's own user id only.
    """
    if contact is None:
        assert key is not None
        assert canonical is not None
        return Address(key, Private(canonical))
    known = [row for row in rows if key is None or key_of(row.address) == key]
    if known:
        last = max(known, key=lambda row: row.window_until or row.opened_at) if key is None else known[0]
        return Address(key_of(last.address), last.address)
    for address in [a for a in contact.addresses if a.key == key] or contact.addresses:
        try:
            parse_phone(address.exact.reveal(), region=None)
        except InvalidValue:
            continue
        return address
    raise InvalidValue.of("contact", "not_on_this_channel", rule="M10")
