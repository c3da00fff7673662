"""What a provider's payload becomes: a batch of items in provider-neutral words.

A codec makes these and changes nothing on the way: text and names are as they came, not yet repaired (M14),
and nothing is dropped (M8). What is then done with an item is the desk's matter.

Provider ids and callback keys print as ``<redacted>``: WhatsApp's message ids hold the customer's number in
base64, and a key may be another application's.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from chatcore.vocabulary import ChannelKind, DeliveryStatus, MessageKind, Private, redacted

__all__ = ["Batch", "Inbound", "Item", "Status", "Unhandled"]


@attrs.frozen(slots=True)
class Inbound:
    """A message from a customer.

    * `account` is the provider's id for our side, `address` the sender exactly as the channel gave it: a
      number, or a user id of the channel's own where it hides the number. Rule: M10, M11.
    * `sent_at` is the provider's clock in UTC, to the second; it orders nothing. Rule: M4.
    * `text` belongs to TEXT and may be empty; `raw` to UNKNOWN: the message's own JSON, compact, its members in
      their order, so that any kind can be read later. Rule: M8.
    * `reply_to` is the provider's id of the message this one answers. Rule: M9.
    """

    account: str
    address: Private
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    kind: MessageKind
    text: Private | None
    name: Private | None
    raw: Private | None
    reply_to: str | None = attrs.field(repr=redacted)


@attrs.frozen(slots=True)
class Status:
    """A report on one message we sent. Reports come in any order, and more than once. Rule: M2.

    `key` is what we gave the provider with the message, when it reports by key (M7). `failure` is the
    provider's error code, and stands exactly when `status` is FAILED; ``"unknown"`` when no code came.
    """

    account: str
    provider_id: str = attrs.field(repr=redacted)
    status: DeliveryStatus
    occurred_at: datetime
    key: str | None = attrs.field(repr=redacted)
    failure: str | None


@attrs.frozen(slots=True)
class Unhandled:
    """Anything else, kept as it came: compact JSON, members in their order. Rule: M8.

    `what` is a short stable code: ``change:…``, ``part:…``, ``status:…``, ``error:…``, ``malformed_…``, or one
    of ``group_message`` and ``group_status`` (M19). `account` is None when the payload does not tell it.
    """

    account: str | None
    what: str
    raw: Private


Item: TypeAlias = Inbound | Status | Unhandled
"""One thing a payload tells."""


@attrs.frozen(slots=True)
class Batch:
    """The items of one payload, in the payload's order; the order proves nothing. Rule: M4."""

    channel_kind: ChannelKind
    items: tuple[Item, ...]
