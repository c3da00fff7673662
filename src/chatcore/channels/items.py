"""What a provider's payload becomes: a batch of items in provider-neutral words.

A codec makes these and changes nothing on the way: text and names are as they came, not yet repaired (M14),
and nothing is dropped (M8) but what no conversation is made of (M19). What is then done with an item is the
desk's matter.

Of every item, `account` is the provider's id for our side; `address` the customer's exactly as the channel gave
it: a number, or a user id of the channel's own where it hides the number (M10, M11); `sent_at` the provider's
clock in UTC, to the second, which orders nothing (M4).

Provider ids and callback keys print as ``<redacted>``: WhatsApp's message ids hold the customer's number in
base64, and a key may be another application's.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from chatcore.entities.attachment import MediaPointer
from chatcore.vocabulary import ChannelKind, DeliveryStatus, MessageKind, Private, redacted

__all__ = [
    "Batch",
    "Echo",
    "Edited",
    "Ignored",
    "Inbound",
    "Item",
    "Reaction",
    "Revoked",
    "Status",
    "Unhandled",
]


@attrs.frozen(slots=True)
class Inbound:
    """A message from a customer.

    * `text` is what a TEXT says, which may be nothing, or the caption of a file, None where it has none.
    * `raw` belongs to UNKNOWN: the message's own JSON, compact, its members in their order, so that any kind
      can be read later. Rule: M8.
    * `reply_to` is the provider's id of the message this one answers. Rule: M9.
    * `media` belongs to the kinds that carry a file, and to them only. Rule: M17.
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
    media: MediaPointer | None = None


@attrs.frozen(slots=True)
class Echo:
    """A message of ours that was sent beside the API, from the phone. Rule: M12.

    `address` is the customer it went to. The rest is as in `Inbound`.
    """

    account: str
    address: Private
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    kind: MessageKind
    text: Private | None
    media: MediaPointer | None
    raw: Private | None


@attrs.frozen(slots=True)
class Reaction:
    """An emoji that a customer put on a message, or took off it: `emoji` is None. Rule: M9.

    `target` is the provider's id of that message, which may be ours or the customer's own; `provider_id` that
    of the reaction itself.
    """

    account: str
    address: Private
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    target: str = attrs.field(repr=redacted)
    emoji: Private | None


@attrs.frozen(slots=True)
class Edited:
    """A customer changed a message: `target` says `text` from now on. Rule: M18.

    `text` is the whole new text or caption; empty where the caption was taken away.
    """

    account: str
    address: Private
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    target: str = attrs.field(repr=redacted)
    text: Private


@attrs.frozen(slots=True)
class Revoked:
    """A customer took a message back: `target` is deleted on their side. Rule: M18."""

    account: str
    address: Private
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    target: str = attrs.field(repr=redacted)


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
class Ignored:
    """Something of a group, a broadcast or a newsletter, to be counted and no more. Rule: M19.

    `what` is ``group_…``, ``broadcast_…`` or ``newsletter_…`` with ``message``, ``echo`` or ``status``. Nothing
    of what it said, or who said it, is kept.
    """

    account: str
    what: str


@attrs.frozen(slots=True)
class Unhandled:
    """Anything else, kept as it came: compact JSON, members in their order. Rule: M8.

    `what` is a short stable code: ``change:…``, ``part:…``, ``status:…``, ``error:…``, ``malformed_…``, or
    ``echo:…`` for what was done from the phone to a message there (a reaction, an edit, a revocation).
    `account` is None when the payload does not tell it.
    """

    account: str | None
    what: str
    raw: Private


Item: TypeAlias = Inbound | Echo | Reaction | Edited | Revoked | Status | Ignored | Unhandled
"""One thing a payload tells."""


@attrs.frozen(slots=True)
class Batch:
    """The items of one payload, in the payload's order; the order proves nothing. Rule: M4."""

    channel_kind: ChannelKind
    items: tuple[Item, ...]
