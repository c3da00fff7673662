"""What arrives from outside, to be recorded."""

from __future__ import annotations

from datetime import datetime

import attrs

from chatcore._shape import not_id, not_utc
from chatcore.commands._checks import (
    failure_code,
    ids,
    private,
    private_or_none,
    refuse,
    required,
)
from chatcore.errors import Problem
from chatcore.vocabulary import (
    ChannelId,
    DeliveryStatus,
    EffectId,
    MessageKind,
    Private,
    redacted,
)

__all__ = [
    "ReceiveMessage",
    "RecordStatus",
]


@attrs.frozen(slots=True, kw_only=True)
class ReceiveMessage:
    """Record a customer's message. Its text is never refused: it is repaired, flagged, kept. Rule: M1, M14.

    `address` is exactly as the channel gave it; `sent_at` is the provider's clock; `raw` keeps an unknown
    kind as it came.
    """

    channel: ChannelId
    address: Private = attrs.field(converter=private)
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    text: Private | None = attrs.field(default=None, converter=private_or_none)
    kind: MessageKind = MessageKind.TEXT
    name: Private | None = attrs.field(default=None, converter=private_or_none)
    raw: Private | None = attrs.field(default=None, converter=private_or_none)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "channel", "provider_id")
        if type(self.address) is not Private or not_id(self.address.reveal()):
            bad.append(Problem("address", "not_an_address", "M10"))
        if not_utc(self.sent_at):
            bad.append(Problem("sent_at", "not_utc", "L12"))
        if type(self.kind) is not MessageKind:
            bad.append(Problem("kind", "not_a_kind", "M8"))
        for name in ("text", "name", "raw"):
            if getattr(self, name) is not None and type(getattr(self, name)) is not Private:
                bad.append(Problem(name, "not_a_text"))
        if self.kind is MessageKind.TEXT and self.text is None:
            bad.append(Problem("text", "missing"))
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class RecordStatus:
    """Record how far a message came, known already or not. Rule: M2, M3, M7.

    `key` is the effect's id, where the channel returns it; `failure` is the provider's code.
    """

    channel: ChannelId
    provider_id: str = attrs.field(repr=redacted)
    status: DeliveryStatus
    occurred_at: datetime
    key: EffectId | None = None
    failure: str | None = attrs.field(default=None, converter=failure_code)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "channel", "provider_id") + ids(key=self.key, failure=self.failure)
        if type(self.status) is not DeliveryStatus or self.status in (
            DeliveryStatus.PENDING,
            DeliveryStatus.UNCONFIRMED,
        ):
            bad.append(Problem("status", "not_a_report", "M2"))
        if not_utc(self.occurred_at):
            bad.append(Problem("occurred_at", "not_utc", "L12"))
        refuse(bad)
