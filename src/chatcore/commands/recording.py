"""What arrives from outside, to be recorded."""

from __future__ import annotations

from datetime import datetime

import attrs

from chatcore._shape import not_id, not_utc, refuse
from chatcore.commands._checks import failure_code, ids, private, private_or_none, required
from chatcore.entities import MediaPointer
from chatcore.entities.capabilities import MEDIA
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
    "RecordEcho",
    "RecordEdit",
    "RecordReaction",
    "RecordRevocation",
    "RecordStatus",
]


@attrs.frozen(slots=True, kw_only=True)
class ReceiveMessage:
    """Record a customer's message. Its text is never refused: it is repaired, flagged, kept. Rule: M1, M14.

    `address` is exactly as the channel gave it; `sent_at` is the provider's clock; `raw` keeps an unknown
    kind as it came; `media` points at its file (M17); `reply_to` is the provider's id of what it answers (M9).
    """

    channel: ChannelId
    address: Private = attrs.field(converter=private)
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    text: Private | None = attrs.field(default=None, converter=private_or_none)
    kind: MessageKind = MessageKind.TEXT
    name: Private | None = attrs.field(default=None, converter=private_or_none)
    raw: Private | None = attrs.field(default=None, converter=private_or_none)
    media: MediaPointer | None = None
    reply_to: str | None = attrs.field(default=None, repr=redacted)

    def __attrs_post_init__(self) -> None:
        bad = _arrival_problems(self) + _content_problems(self) + ids(reply_to=self.reply_to)
        if self.name is not None and type(self.name) is not Private:
            bad.append(Problem("name", "not_a_text"))
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


def _arrival_problems(
    command: ReceiveMessage | RecordEcho | RecordReaction | RecordEdit | RecordRevocation,
) -> list[Problem]:
    """What is wrong with where, from whom and when something came."""
    bad = required(command, "channel", "provider_id")
    if type(command.address) is not Private or not_id(command.address.reveal()):
        bad.append(Problem("address", "not_an_address", "M10"))
    if not_utc(command.sent_at):
        bad.append(Problem("sent_at", "not_utc", "L12"))
    return bad


def _content_problems(command: ReceiveMessage | RecordEcho) -> list[Problem]:
    """What is wrong with what a message says and carries."""
    bad: list[Problem] = []
    if type(command.kind) is not MessageKind or command.kind in (MessageKind.NOTE, MessageKind.TEMPLATE):
        bad.append(Problem("kind", "not_a_kind", "M8"))
    given = {"text": command.text, "raw": command.raw}
    bad += [Problem(n, "not_a_text") for n, v in given.items() if v is not None and type(v) is not Private]
    if command.kind is MessageKind.TEXT and command.text is None:
        bad.append(Problem("text", "missing"))
    if command.media is not None and type(command.media) is not MediaPointer:
        bad.append(Problem("media", "not_media", "M17"))
    elif type(command.kind) is MessageKind and (command.kind in MEDIA) is (command.media is None):
        bad.append(Problem("media", "media_means_pointer", "M17"))
    return bad


@attrs.frozen(slots=True, kw_only=True)
class RecordEcho:
    """Record a message that was sent to the customer beside the service, from the phone. Rule: M12."""

    channel: ChannelId
    address: Private = attrs.field(converter=private)
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    text: Private | None = attrs.field(default=None, converter=private_or_none)
    kind: MessageKind = MessageKind.TEXT
    raw: Private | None = attrs.field(default=None, converter=private_or_none)
    media: MediaPointer | None = None

    def __attrs_post_init__(self) -> None:
        refuse(_arrival_problems(self) + _content_problems(self))


@attrs.frozen(slots=True, kw_only=True)
class RecordReaction:
    """Record the emoji that a customer put on a message; without one, they took it away. Rule: M9.

    `target` is the provider's id of that message. What is about a message nobody knows changes nothing.
    """

    channel: ChannelId
    address: Private = attrs.field(converter=private)
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    target: str = attrs.field(repr=redacted)
    emoji: Private | None = attrs.field(default=None, converter=private_or_none)

    def __attrs_post_init__(self) -> None:
        bad = _arrival_problems(self) + required(self, "target")
        if self.emoji is not None and type(self.emoji) is not Private:
            bad.append(Problem("emoji", "not_a_text"))
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class RecordEdit:
    """Record that a customer changed a message of theirs; the original stays. Rule: M18, M14."""

    channel: ChannelId
    address: Private = attrs.field(converter=private)
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    target: str = attrs.field(repr=redacted)
    text: Private = attrs.field(converter=private)

    def __attrs_post_init__(self) -> None:
        bad = _arrival_problems(self) + required(self, "target")
        refuse(bad + ([] if type(self.text) is Private else [Problem("text", "not_a_text")]))


@attrs.frozen(slots=True, kw_only=True)
class RecordRevocation:
    """Record that a customer took a message of theirs back; the original stays. Rule: M18."""

    channel: ChannelId
    address: Private = attrs.field(converter=private)
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    target: str = attrs.field(repr=redacted)

    def __attrs_post_init__(self) -> None:
        refuse(_arrival_problems(self) + required(self, "target"))
