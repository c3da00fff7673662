"""What happens to a message."""

from __future__ import annotations

from datetime import datetime

import attrs

from chatcore.entities import Attachment, Media
from chatcore.vocabulary import (
    Actor,
    ChannelId,
    ConversationId,
    CustomerId,
    DeliveryStatus,
    Direction,
    EffectId,
    MessageId,
    MessageKind,
    Private,
    TemplateId,
    Trigger,
    redacted,
)

__all__ = [
    "AnomalyRecorded",
    "DoubtDismissed",
    "MediaLost",
    "MediaStored",
    "MessageAccepted",
    "MessageDoubted",
    "MessageEchoed",
    "MessageEdited",
    "MessageNotSent",
    "MessageReceived",
    "MessageResent",
    "MessageRevoked",
    "MessageWritten",
    "NoteAdded",
    "Reacted",
    "StatusReported",
]


@attrs.frozen(slots=True, kw_only=True)
class MessageReceived:
    """A customer's message came in. Rule: M1, M8, M14."""

    conversation: ConversationId
    seq: int
    channel: ChannelId
    kind: MessageKind
    body: Private
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    flags: tuple[str, ...] = ()
    raw: Private | None = None
    media: Media | None = None
    reply_to: MessageId | None = None


@attrs.frozen(slots=True, kw_only=True)
class MessageWritten:
    """A message to the customer was written; `effect` carries it out. `automatic` names its trigger."""

    conversation: ConversationId
    seq: int
    channel: ChannelId
    kind: MessageKind
    body: Private
    effect: EffectId
    author: Actor | None = None
    automatic: Trigger | None = None
    media: Media | None = None
    template: TemplateId | None = None
    parameters: tuple[Private, ...] = ()
    customer: CustomerId | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class MessageAccepted:
    """The provider accepted the message and named it; None where it gave the name of another message again."""

    provider_id: str | None = attrs.field(repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class MessageNotSent:
    """The message did not leave; `detail` is the code of why."""

    detail: str


@attrs.frozen(slots=True, kw_only=True)
class MessageDoubted:
    """Nobody can tell whether the message left; a person sees it as UNCONFIRMED. Rule: M2."""


@attrs.frozen(slots=True, kw_only=True)
class StatusReported:
    """The provider reported how far the message came. Rule: M2."""

    status: DeliveryStatus
    occurred_at: datetime
    failure: str | None = None


@attrs.frozen(slots=True, kw_only=True)
class AnomalyRecorded:
    """The same provider id came again with another body; the first is kept. Rule: M1."""


@attrs.frozen(slots=True, kw_only=True)
class NoteAdded:
    """A note was left for colleagues; it goes nowhere. Rule: M15."""

    conversation: ConversationId
    seq: int
    channel: ChannelId
    body: Private


@attrs.frozen(slots=True, kw_only=True)
class MessageEchoed:
    """A message was sent to the customer beside the service, from the phone itself. Rule: M12."""

    conversation: ConversationId
    seq: int
    channel: ChannelId
    kind: MessageKind
    body: Private
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
    flags: tuple[str, ...] = ()
    raw: Private | None = None
    media: Media | None = None


@attrs.frozen(slots=True, kw_only=True)
class MessageResent:
    """A person had a message in doubt sent once more; `effect` carries it out. Rule: M2."""

    effect: EffectId


@attrs.frozen(slots=True, kw_only=True)
class DoubtDismissed:
    """A person closed the doubt about a message: it counts as sent. Rule: M2."""


@attrs.frozen(slots=True, kw_only=True)
class MediaStored:
    """The file of a message was fetched and kept. Rule: M17."""

    attachment: Attachment


@attrs.frozen(slots=True, kw_only=True)
class MediaLost:
    """The file of a message can't be had any more; `detail` is the code of why. Rule: M17."""

    detail: str


@attrs.frozen(slots=True, kw_only=True)
class Reacted:
    """An emoji was put on a message, instead of the one before; None takes it away. Rule: M9."""

    channel: ChannelId
    provider_id: str = attrs.field(repr=redacted)
    direction: Direction
    emoji: Private | None
    sent_at: datetime


@attrs.frozen(slots=True, kw_only=True)
class MessageEdited:
    """The customer changed what a message says; the original stays. Rule: M18."""

    channel: ChannelId
    provider_id: str = attrs.field(repr=redacted)
    body: Private
    sent_at: datetime


@attrs.frozen(slots=True, kw_only=True)
class MessageRevoked:
    """The customer took a message back; the original stays for who may see it. Rule: M18."""

    channel: ChannelId
    provider_id: str = attrs.field(repr=redacted)
    sent_at: datetime
