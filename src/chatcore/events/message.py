"""What happens to a message."""

from __future__ import annotations

from datetime import datetime

import attrs

from chatcore.vocabulary import (
    Actor,
    ChannelId,
    ConversationId,
    DeliveryStatus,
    EffectId,
    MessageKind,
    Private,
    redacted,
)

__all__ = [
    "AnomalyRecorded",
    "MessageAccepted",
    "MessageDoubted",
    "MessageNotSent",
    "MessageReceived",
    "MessageWritten",
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
    automatic: str | None = None


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
