"""What a customer does to a message: reacts to it, changes it, takes it back. Rule: M9, M18, M1.

Each is told by the provider under an id of its own, and taken in once: also where it changes nothing, or a late
repeat of it would undo what came after. What is about a message nobody knows, or comes from a blocked contact
(M13) or from somebody else than its conversation is with, changes nothing; only what the customer wrote can the
customer change.
"""

from __future__ import annotations

from chatcore.commands import RecordEdit, RecordReaction, RecordRevocation
from chatcore.entities import Message
from chatcore.events import MessageEdited, MessageRevoked, Reacted
from chatcore.limits import INBOUND_TEXT, REACTION_LENGTH
from chatcore.rules.facts import Decision, OnMark
from chatcore.text import repair
from chatcore.vocabulary import Direction, Private

__all__ = ["change", "react", "revoke"]


def _marked(facts: OnMark) -> Message | None:
    """The message it is about, if it is to be taken in."""
    contact = facts.contact
    if facts.seen or contact is None or contact.blocked is not None or not facts.theirs:
        return None
    return facts.message


def react(command: RecordReaction, facts: OnMark) -> Decision:
    """Put an emoji on a message instead of the one before, or take it away. Rule: M9."""
    message = _marked(facts)
    if message is None:
        return ()
    given = "" if command.emoji is None else repair(command.emoji.reveal(), REACTION_LENGTH).text
    emoji = Private(given) if given else None
    reacted = Reacted(
        channel=command.channel,
        provider_id=command.provider_id,
        direction=Direction.INBOUND,
        emoji=emoji,
        sent_at=command.sent_at,
    )
    return ((message.id, reacted),)


def change(command: RecordEdit, facts: OnMark) -> Decision:
    """Change what a message says; what it said stays. Rule: M18, M14."""
    message = _marked(facts)
    if message is None or message.direction is not Direction.INBOUND:
        return ()
    body = Private(repair(command.text.reveal(), INBOUND_TEXT).text)
    edited = MessageEdited(
        channel=command.channel, provider_id=command.provider_id, body=body, sent_at=command.sent_at
    )
    return ((message.id, edited),)


def revoke(command: RecordRevocation, facts: OnMark) -> Decision:
    """Take a message back; it stays, and is shown as taken back. Rule: M18."""
    message = _marked(facts)
    if message is None or message.direction is not Direction.INBOUND or message.extras.revoked_at is not None:
        return ()
    revoked = MessageRevoked(channel=command.channel, provider_id=command.provider_id, sent_at=command.sent_at)
    return ((message.id, revoked),)
