"""Messages sent from the phone beside the service. Rule: M12.

They count as outbound, never open a window and reopen nothing: they join the live conversation, or else the
last closed one. With neither, a conversation would have to begin by what nobody here said: nothing is recorded.
Who answered from the phone answered: the customer waits no longer (L15).
"""

from __future__ import annotations

from chatcore.commands import RecordEcho
from chatcore.entities import Media
from chatcore.events import MessageAdded, MessageEchoed
from chatcore.limits import INBOUND_TEXT, RAW_LENGTH
from chatcore.rules.facts import Decision, OnArrival
from chatcore.rules.settling import reported
from chatcore.rules.writing import fetching
from chatcore.text import repair
from chatcore.vocabulary import Direction, EffectId, Private, message_id

__all__ = ["echo"]


def echo(command: RecordEcho, facts: OnArrival) -> Decision:
    """Record what was said from the phone; a repeat changes nothing."""
    conversation = facts.live or facts.last
    if facts.seen is not None or conversation is None:
        return ()
    seq = conversation.seq + 1
    message = message_id(conversation.id, seq)
    said = repair("" if command.text is None else command.text.reveal(), INBOUND_TEXT)
    raw = None if command.raw is None else repair(command.raw.reveal(), RAW_LENGTH)
    echoed = MessageEchoed(
        conversation=conversation.id,
        seq=seq,
        channel=command.channel,
        kind=command.kind,
        body=Private(said.text),
        provider_id=command.provider_id,
        sent_at=command.sent_at,
        flags=said.flags + (() if raw is None else tuple(f"raw_{flag}" for flag in raw.flags)),
        raw=None if raw is None else Private(raw.text),
        media=None if command.media is None else Media(pointer=command.media),
    )
    added = MessageAdded(message=message, seq=seq, direction=Direction.OUTBOUND, human=True)
    decision: Decision = ((conversation.id, added), (message, echoed))
    if command.media is not None and facts.fetches:
        fetch = fetching(conversation.id, command.channel, message, facts.now)
        decision += ((EffectId(f"ef_{facts.root}.{seq}.media"), fetch),)
    return decision + reported(message, facts.keeper, command.provider_id)
