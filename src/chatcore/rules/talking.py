"""Saying something to the customer: what may be sent, and what sending it leads to. Rule: M5, M6, M20, L15."""

from __future__ import annotations

from datetime import datetime

from chatcore.commands import SendMessage
from chatcore.entities import ChannelCapabilities, Contact
from chatcore.errors import ContactBlocked, TextTooLong, WindowClosed
from chatcore.events import Event, Intended, MessageAdded, MessageWritten
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.rules.facts import Decision, OnTalk
from chatcore.vocabulary import (
    Actor,
    ActorKind,
    ChannelId,
    ContactId,
    ConversationId,
    Direction,
    EffectId,
    EffectKind,
    MessageKind,
    Private,
    Ref,
    message_id,
)

__all__ = ["check_sendable", "send", "window_open", "written"]


def send(command: SendMessage, facts: OnTalk) -> Decision:
    """Write a text; its delivery is an effect in the conversation's lane.

    Raises:
        ContactBlocked, WindowClosed, TextTooLong: the message cannot go. Rule: L21, M5, M6.
    """
    conversation = facts.conversation
    check_sendable(command.text, facts.contact, facts.capabilities, conversation.window_until, facts.now)
    return written(
        command.text,
        facts.now,
        facts.root,
        conversation.id,
        conversation.seq + 1,
        facts.contact.id,
        conversation.channel,
        author=facts.actor,
    )


def window_open(capabilities: ChannelCapabilities, window_until: datetime | None, now: datetime) -> bool:
    """Whether free-form messages pass now: always where there is no window, else before its end. Rule: M5."""
    return capabilities.window is None or (window_until is not None and now < window_until)


def check_sendable(
    text: Private,
    contact: Contact | None,
    capabilities: ChannelCapabilities,
    window_until: datetime | None,
    now: datetime,
) -> None:
    """Refuse what cannot go out, before anything is recorded; `contact` None is one not known yet."""
    if contact is not None and contact.blocked is not None:
        raise ContactBlocked
    if not window_open(capabilities, window_until, now):
        raise WindowClosed(window_until)
    size = len(text.reveal())
    if size > capabilities.text_limit:
        raise TextTooLong(capabilities.text_limit, size)


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
    automatic: str | None = None,
) -> tuple[tuple[Ref, Event], ...]:
    """What writing a text leads to: the conversation counts it, the message says it, an effect sends it."""
    message = message_id(conversation, seq)
    effect = EffectId(f"ef_{root}.{seq}")
    human = author is not None and author.kind is ActorKind.AGENT
    return (
        (conversation, MessageAdded(message=message, seq=seq, direction=Direction.OUTBOUND, human=human)),
        (
            message,
            MessageWritten(
                conversation=conversation,
                seq=seq,
                channel=channel,
                kind=MessageKind.TEXT,
                body=text,
                effect=effect,
                author=author,
                automatic=automatic,
            ),
        ),
        (
            effect,
            Intended(
                kind=EffectKind.SEND_MESSAGE,
                channel=channel,
                conversation=conversation,
                contact=contact,
                message=message,
                lane=f"{conversation}:messaging",
                position=seq,
                due_at=now,
                expires_at=now + DELIVERY_DEADLINE,
            ),
        ),
    )
