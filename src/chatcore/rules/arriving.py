"""A customer's message arrives: once, never refused, in the conversation it belongs to.

1. A provider's message id is accepted once per channel (M1). What it stood for the first time is kept.
2. A blocked contact's message is not received; it counts in the ledger (M13).
3. The text is repaired, never refused (M14).
4. It joins the live conversation; with none it reopens the last one if the policy says so, else a new one
   starts, with the bot where the channel has one (L4, L5).
5. The service window runs from the customer's own clock, and never from the future (M5).
6. At an opening the customer is greeted, and in the queue told that they wait, or that nobody is there (L20).
7. Its file is fetched by an effect of its own (M17), and who the customer is looked up by another (B2).
"""

from __future__ import annotations

from datetime import datetime

from chatcore.commands import ReceiveMessage
from chatcore.entities import Contact, Conversation, Media, Robot
from chatcore.errors import AtCapacity
from chatcore.events import (
    AnomalyRecorded,
    ContactCreated,
    ContactReplaced,
    Event,
    InboundRefused,
    MessageAdded,
    MessageReceived,
    Reopened,
    Started,
)
from chatcore.limits import INBOUND_TEXT, NAME_LENGTH, RAW_LENGTH
from chatcore.rules.automatic import said, waiting_triggers
from chatcore.rules.capacity import check_capacity
from chatcore.rules.customers import looking_up
from chatcore.rules.facts import Decision, OnArrival
from chatcore.rules.moving import reopened
from chatcore.rules.permissions import has_access
from chatcore.rules.protocols import protocol_number
from chatcore.rules.variables import Setting
from chatcore.rules.writing import fetching
from chatcore.text import repair
from chatcore.transitions import situation_after
from chatcore.vocabulary import (
    AgentId,
    ContactId,
    ConversationId,
    Direction,
    EffectId,
    Private,
    Ref,
    Situation,
    Trigger,
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
    answered = facts.answered
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
        media=None if command.media is None else Media(pointer=command.media),
        reply_to=None if answered is None else answered.id,
    )
    decision: Decision = (*born, *opened, (conversation, added), (message, received))
    if command.media is not None and facts.fetches:
        decision += (
            (
                EffectId(f"ef_{facts.root}.{seq}.media"),
                fetching(conversation, facts.channel.id, message, facts.now),
            ),
        )
    if opened:
        decision += looking_up(contact, contact_id, conversation, facts)
    if opened or facts.workspace.policies.hours is not None:
        decision += _answers(command, facts, decision, contact_id, conversation, seq)
    return decision


def _answers(
    command: ReceiveMessage,
    facts: OnArrival,
    decision: Decision,
    contact: ContactId,
    conversation: ConversationId,
    seq: int,
) -> Decision:
    """What is said by itself to who has just written. Rule: L20."""
    before = facts.live or (facts.last if facts.last is not None and facts.last.id == conversation else None)
    opening = next((e for _, e in decision if isinstance(e, Started | Reopened)), None)
    if opening is None:
        assert before is not None
        situation, robot, agent = before.situation, before.talk.robot, before.assignee
    else:
        situation, agent = situation_after(_origin(opening), opening), opening.assignee
        robot = Robot(quiet_until=facts.quiet_until)
    triggers: list[tuple[Trigger, datetime | None]] = []
    if opening is not None:
        triggers.append((Trigger.GREETING, None))
    if situation is Situation.QUEUE:
        trigger = waiting_triggers(facts.workspace, facts.now)
        if opening is not None or trigger[0] is Trigger.AFTER_HOURS:
            triggers.append(trigger)
    known = facts.contact or _as_known(decision, contact, facts)
    setting = Setting(
        workspace=facts.workspace,
        now=facts.now,
        contact=known,
        conversation=conversation,
        protocol=before.protocol if before is not None else _protocol(facts),
        department=facts.channel.department if before is None else before.department,
        agent=agent,
    )
    return said(
        triggers,
        setting,
        robot,
        root=facts.root,
        seq=seq,
        to=contact,
        channel=facts.channel.id,
        capabilities=facts.capabilities,
        window_until=_window_until(command, facts),
    )


def _window_until(command: ReceiveMessage, facts: OnArrival) -> datetime | None:
    """Before when something may be said: a message that comes late does not shut what is open. Rule: M5."""
    if facts.capabilities.window is None:
        return None
    before = facts.window_until if facts.live is None else facts.live.window_until
    opened = min(facts.now, command.sent_at) + facts.capabilities.window
    return opened if before is None else max(before, opened)


def _origin(opening: Started | Reopened) -> Situation | None:
    return None if isinstance(opening, Started) else Situation.CLOSED


def _as_known(decision: Decision, contact: ContactId, facts: OnArrival) -> Contact:
    """The contact that this very message makes known."""
    created = next(e for _, e in decision if isinstance(e, ContactCreated))
    return Contact(id=contact, version=1, recorded_at=facts.now, addresses=created.addresses, name=created.name)


def _protocol(facts: OnArrival) -> str:
    return protocol_number(facts.root, facts.now, facts.workspace.time_zone)


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
        again = (last.id, reopened(last, _back_to(last, facts), facts))
        if last.contact == contact:
            return last.id, last.seq + 1, (again,), last.address
        moved = (last.id, ContactReplaced(contact=contact))
        return last.id, last.seq + 1, (moved, again), last.address
    id = ConversationId(f"cv_{facts.root}")
    started = Started(
        contact=contact,
        channel=facts.channel.id,
        address=facts.address.exact,
        protocol=_protocol(facts),
        department=facts.channel.department,
        bot=facts.channel.bot,
        window_until=facts.window_until,
        quiet_until=facts.quiet_until,
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
