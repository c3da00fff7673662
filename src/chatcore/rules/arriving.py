"""A customer's message arrives: once, never refused, in the conversation it belongs to.

1. A provider's message id is accepted once per channel (M1). What it stood for the first time is kept.
2. A blocked contact's message is not received; it counts in the ledger (M13).
3. The text is repaired, never refused (M14).
4. It joins the live conversation; with none it reopens the last one if the policy says so, else a new one
   starts, with the bot where the channel has one (L4, L5).
5. The service window runs from the customer's own clock, and never from the future (M5).
"""

from __future__ import annotations

from chatcore.commands import ReceiveMessage
from chatcore.entities import Contact, Conversation
from chatcore.errors import AtCapacity
from chatcore.events import (
    AnomalyRecorded,
    ContactCreated,
    Event,
    InboundRefused,
    MessageAdded,
    MessageReceived,
    Reopened,
    Started,
)
from chatcore.limits import INBOUND_TEXT, NAME_LENGTH, RAW_LENGTH
from chatcore.rules.capacity import check_capacity
from chatcore.rules.facts import Decision, OnArrival
from chatcore.rules.permissions import has_access
from chatcore.rules.protocols import protocol_number
from chatcore.text import repair
from chatcore.vocabulary import (
    AgentId,
    ContactId,
    ConversationId,
    Direction,
    Private,
    Ref,
    message_id,
)

__all__ = ["receive"]


def receive(command: ReceiveMessage, facts: OnArrival) -> Decision:
    """Record a customer's message; a repeat changes nothing, but for the anomaly of another body."""
    body, flags = _repaired(command.text or Private(""), INBOUND_TEXT)
    raw, raw_flags = (None, ()) if command.raw is None else _repaired(command.raw, RAW_LENGTH)
    seen, contact = facts.seen, facts.contact
    if seen is not None:
        if isinstance(seen, Contact) or (seen.body == body and seen.raw == raw) or seen.anomalies:
            return ()
        return ((seen.id, AnomalyRecorded()),)
    if contact is not None and contact.blocked is not None:
        refused = InboundRefused(channel=command.channel, provider_id=command.provider_id)
        return ((contact.id, refused),)
    contact_id, born = _contact(command, facts)
    conversation, seq, opened, pinned = _conversation(facts, contact_id)
    message = message_id(conversation, seq)
    window = facts.capabilities.window
    added = MessageAdded(
        message=message,
        seq=seq,
        direction=Direction.INBOUND,
        window_until=None if window is None else min(facts.now, command.sent_at) + window,
        address=None if pinned == facts.address.exact else facts.address.exact,
    )
    received = MessageReceived(
        conversation=conversation,
        seq=seq,
        channel=command.channel,
        kind=command.kind,
        body=body,
        provider_id=command.provider_id,
        sent_at=command.sent_at,
        flags=flags + tuple(f"raw_{flag}" for flag in raw_flags),
        raw=raw,
    )
    return (*born, *opened, (conversation, added), (message, received))


def _repaired(text: Private, limit: int) -> tuple[Private, tuple[str, ...]]:
    repaired = repair(text.reveal(), limit)
    return (Private(repaired.text) if repaired.flags else text), repaired.flags


def _contact(command: ReceiveMessage, facts: OnArrival) -> tuple[ContactId, tuple[tuple[Ref, Event], ...]]:
    if facts.contact is not None:
        return facts.contact.id, ()
    id = ContactId(f"ct_{facts.root}")
    name = None if command.name is None else _repaired(command.name, NAME_LENGTH)[0]
    created = ContactCreated(addresses=(facts.address,), name=name if name and name.reveal() else None)
    return id, ((id, created),)


def _conversation(
    facts: OnArrival, contact: ContactId
) -> tuple[ConversationId, int, tuple[tuple[Ref, Event], ...], Private]:
    """Where a message belongs: the conversation, its seq there, and what has to happen first. Rule: L4.

    The last is where replies of that conversation went until now.
    """
    live, last = facts.live, facts.last
    if live is not None:
        return live.id, live.seq + 1, (), live.address
    if last is not None and _reopens(last, facts):
        reopened = (last.id, Reopened(assignee=_back_to(last, facts)))
        return last.id, last.seq + 1, (reopened,), last.address
    id = ConversationId(f"cv_{facts.root}")
    started = Started(
        contact=contact,
        channel=facts.channel.id,
        address=facts.address.exact,
        protocol=protocol_number(facts.root, facts.now, facts.workspace.time_zone),
        department=facts.channel.department,
        bot=facts.channel.bot,
        window_until=None if last is None else last.window_until,
    )
    return id, 1, ((id, started),), facts.address.exact


def _reopens(last: Conversation, facts: OnArrival) -> bool:
    within = facts.workspace.policies.reopen_within
    return within is not None and last.closed_at is not None and facts.now - last.closed_at < within


def _back_to(last: Conversation, facts: OnArrival) -> AgentId | None:
    """The last assignee, where the policy, their presence, their department and their room allow it."""
    if not facts.workspace.policies.reopen_to_assignee or last.last_assignee is None or not facts.available:
        return None
    agent = facts.workspace.agent(last.last_assignee)
    if agent is None or not agent.active or not has_access(agent, last.department):
        return None
    try:
        check_capacity(agent, facts.loads)
    except AtCapacity:
        return None
    return agent.id
