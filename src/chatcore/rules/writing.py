"""What saying something leads to: the conversation counts it, it is a message, an effect carries it out.

Rule: M4, M20, L15.
"""

from __future__ import annotations

from datetime import datetime

from chatcore.entities import (
    Media,
)
from chatcore.events import (
    Event,
    Intended,
    MessageAdded,
    MessageWritten,
)
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.vocabulary import (
    Actor,
    ActorKind,
    ChannelId,
    ContactId,
    ConversationId,
    CustomerId,
    Direction,
    EffectId,
    EffectKind,
    MessageId,
    MessageKind,
    Private,
    Ref,
    TemplateId,
    Trigger,
    message_id,
)

__all__ = [
    "fetching",
    "sending",
    "written",
]

_TEXT = MessageKind.TEXT
_PERSON = ActorKind.AGENT


def sending(
    conversation: ConversationId,
    contact: ContactId,
    channel: ChannelId,
    message: MessageId,
    seq: int,
    now: datetime,
) -> Intended:
    """The effect that carries a message out, in the conversation's lane. Rule: M20."""
    return Intended(
        kind=EffectKind.SEND_MESSAGE,
        channel=channel,
        conversation=conversation,
        contact=contact,
        message=message,
        lane=f"{conversation}:messaging",
        position=seq,
        due_at=now,
        expires_at=now + DELIVERY_DEADLINE,
    )


def fetching(conversation: ConversationId, channel: ChannelId, message: MessageId, now: datetime) -> Intended:
    """The effect that fetches the file of a message. Rule: M17."""
    return Intended(
        kind=EffectKind.FETCH_MEDIA,
        channel=channel,
        conversation=conversation,
        message=message,
        due_at=now,
        expires_at=now + DELIVERY_DEADLINE,
    )


def written(
    text: Private,
    now: datetime,
    root: str,
    conversation: ConversationId,
    seq: int,
    contact: ContactId,
    channel: ChannelId,
    *,
    author: Actor | None = None,
    automatic: Trigger | None = None,
    quiet_until: datetime | None = None,
    kind: MessageKind = _TEXT,
    media: Media | None = None,
    template: TemplateId | None = None,
    parameters: tuple[Private, ...] = (),
    customer: CustomerId | None = None,
) -> tuple[tuple[Ref, Event], ...]:
    """What writing a message leads to: the conversation counts it, the message says it, an effect sends it."""
    message = message_id(conversation, seq)
    effect = EffectId(f"ef_{root}.{seq}")
    if author is not None and author.kind is _PERSON:
        added = MessageAdded(message=message, seq=seq, direction=Direction.OUTBOUND, human=True)
    else:
        added = MessageAdded(
            message=message,
            seq=seq,
            direction=Direction.OUTBOUND,
            bot=author is not None and author.kind is ActorKind.BOT,
            trigger=automatic,
            quiet_until=quiet_until,
        )
    said = MessageWritten(
        conversation=conversation,
        seq=seq,
        channel=channel,
        kind=kind,
        body=text,
        effect=effect,
        author=author,
        automatic=automatic,
        media=media,
        template=template,
        parameters=parameters,
        customer=customer,
    )
    intended = sending(conversation, contact, channel, message, seq, now)
    return ((conversation, added), (message, said), (effect, intended))
