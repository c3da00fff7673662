"""What happens to a contact."""

from __future__ import annotations

import attrs

from chatcore.entities import Address
from chatcore.vocabulary import (
    ChannelId,
    Private,
    redacted,
)

__all__ = [
    "ContactBlocked",
    "ContactCreated",
    "ContactUnblocked",
    "InboundRefused",
]


@attrs.frozen(slots=True, kw_only=True)
class ContactCreated:
    """A person became known."""

    addresses: tuple[Address, ...]
    name: Private | None = None


@attrs.frozen(slots=True, kw_only=True)
class ContactBlocked:
    """Nothing is received from, or sent to, this contact any more. Rule: S20."""

    why: str | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class ContactUnblocked:
    """Messages pass again."""


@attrs.frozen(slots=True, kw_only=True)
class InboundRefused:
    """A blocked contact's message was not received: one count in the ledger. Rule: M13."""

    channel: ChannelId
    provider_id: str = attrs.field(repr=redacted)
