"""Starting a conversation from the service's side. Rule: S3, L3, L5, L7, L11."""

from __future__ import annotations

from chatcore.commands import StartConversation
from chatcore.entities import Contact
from chatcore.errors import AlreadyLive, ContactBlocked
from chatcore.events import ContactCreated, Event, Started
from chatcore.rules.capacity import check_capacity, check_over_capacity
from chatcore.rules.facts import Decision, OnStart
from chatcore.rules.permissions import check_active
from chatcore.rules.protocols import protocol_number
from chatcore.rules.talking import check_sendable, written
from chatcore.vocabulary import ContactId, ConversationId, Ref

__all__ = ["start"]


def start(command: StartConversation, facts: OnStart) -> Decision:
    """Open a conversation with the agent who asks as its assignee, and say the first thing, if given.

    Raises:
        AlreadyLive: names the conversation that is live with this contact here. Rule: L3.
        ContactBlocked, AtCapacity, WindowClosed, TextTooLong: as they say.
    """
    agent = check_active(facts.agent, facts.actor)
    contact = facts.contact
    if facts.live is not None:
        raise AlreadyLive(facts.live.id)
    if contact is not None and contact.blocked is not None:
        raise ContactBlocked
    if command.over_capacity:
        check_over_capacity(facts.workspace, facts.actor)
    else:
        check_capacity(agent, facts.loads)
    conversation = ConversationId(f"cv_{facts.root}")
    contact_id, born = _contact(contact, facts)
    started = Started(
        contact=contact_id,
        channel=facts.channel.id,
        address=facts.address.exact,
        protocol=protocol_number(facts.root, facts.now, facts.workspace.time_zone),
        department=facts.department,
        assignee=agent.id,
        window_until=None if facts.last is None else facts.last.window_until,
    )
    decision: Decision = (*born, (conversation, started))
    if command.text is None:
        return decision
    check_sendable(command.text, contact, facts.capabilities, started.window_until, facts.now)
    first = written(
        command.text, facts.now, facts.root, conversation, 1, contact_id, facts.channel.id, author=facts.actor
    )
    return decision + first


def _contact(contact: Contact | None, facts: OnStart) -> tuple[ContactId, tuple[tuple[Ref, Event], ...]]:
    if contact is not None:
        return contact.id, ()
    id = ContactId(f"ct_{facts.root}")
    return id, ((id, ContactCreated(addresses=(facts.address,))),)
