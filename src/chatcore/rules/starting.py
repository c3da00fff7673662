"""Starting a conversation from the service's side. Rule: S3, L3, L5, L7, L11."""

from __future__ import annotations

from chatcore.commands import StartConversation
from chatcore.entities import Contact
from chatcore.errors import AlreadyLive, ContactBlocked, ContactMerged, NotAMember
from chatcore.events import ContactCreated, Event, Started
from chatcore.rules.capacity import check_capacity, check_over_capacity
from chatcore.rules.customers import looking_up
from chatcore.rules.facts import Decision, OnStart
from chatcore.rules.passing import check_sendable, check_template
from chatcore.rules.permissions import check_active, has_access
from chatcore.rules.places import check_places
from chatcore.rules.protocols import protocol_number
from chatcore.rules.writing import written
from chatcore.vocabulary import ContactId, ConversationId, MessageKind, Ref

__all__ = ["start"]


def start(command: StartConversation, facts: OnStart) -> Decision:
    """Open a conversation with the agent who asks as its assignee, and say the first thing, if given.

    Raises:
        AlreadyLive: names the conversation that is live with this contact here. Rule: L3.
        InvalidValue: the channel or the department is archived. Rule: C3.
        ContactMerged, ContactBlocked, AtCapacity: as they say.
        And for the first message whatever `send` and `send_template` raise.
    """
    agent = check_active(facts.agent, facts.actor)
    contact = facts.contact
    if facts.live is not None:
        raise AlreadyLive(facts.live.id)
    if contact is not None and contact.merged_into is not None:
        raise ContactMerged(contact.merged_into)
    if contact is not None and contact.blocked is not None:
        raise ContactBlocked
    check_places(facts.workspace, facts.channel, facts.department)
    if not has_access(agent, facts.department):
        raise NotAMember(agent.id, facts.department)
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
        window_until=facts.window_until,
        quiet_until=facts.quiet_until,
    )
    looked_up = looking_up(contact, contact_id, conversation, facts)
    decision: Decision = (*born, (conversation, started), *looked_up)
    if command.template is not None:
        body = check_template(
            command.template, command.parameters, facts.channel.id, contact, started.window_until, facts
        )
        return decision + written(
            body,
            facts.now,
            facts.root,
            conversation,
            1,
            contact_id,
            facts.channel.id,
            author=facts.actor,
            kind=MessageKind.TEMPLATE,
            template=command.template,
            parameters=command.parameters,
        )
    if command.text is None:
        return decision
    check_sendable(command.text, contact, facts.capabilities, started.window_until, facts.now)
    return decision + written(
        command.text, facts.now, facts.root, conversation, 1, contact_id, facts.channel.id, author=facts.actor
    )


def _contact(contact: Contact | None, facts: OnStart) -> tuple[ContactId, tuple[tuple[Ref, Event], ...]]:
    if contact is not None:
        return contact.id, ()
    id = ContactId(f"ct_{facts.root}")
    return id, ((id, ContactCreated(addresses=(facts.address,))),)
