"""The facts of what is done with a conversation."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from chatcore._engine.addressing import reached_at
from chatcore._engine.gathering.reads import (
    Asked,
    Gathered,
    Reads,
    channel_of,
    common,
    missing,
    one,
    owner,
)
from chatcore.br import parse_phone
from chatcore.commands import (
    Assign,
    Close,
    Dismiss,
    EditConversation,
    Reopen,
    Resend,
    SendMessage,
    StartConversation,
    Take,
    Transfer,
)
from chatcore.entities import Contact, Conversation, Effect, Entity, Message, Workspace
from chatcore.errors import ContactMerged, InvalidValue, NotInDoubt, Problem
from chatcore.ports import Snapshot
from chatcore.rules.facts import OnConversation, OnEdit, OnMessage, OnReopening, OnStart, OnTalk
from chatcore.rules.invariants import (
    address_claim,
    live_claim,
    load_tally,
)
from chatcore.rules.permissions import agent_behind, scope_of
from chatcore.rules.table import check_contracted
from chatcore.vocabulary import AgentId, ConversationId, Ref, Situation

_COUNTED = (Take, Assign, Transfer)
"""The commands that give a conversation to somebody, and so ask how many they have."""


async def on_conversation(reads: Reads, asked: Asked) -> Gathered:
    command = asked.command
    agent: AgentId = getattr(command, "to", asked.actor.id)
    tally = load_tally(agent)
    counted = (tally,) if type(command) in _COUNTED else ()
    read, workspace = await reads.first_read(asked, refs=(command.conversation,), tallies=counted)
    conversation = one(Conversation, read, command.conversation)
    if conversation is None:
        raise missing(asked, workspace, "conversation", command.conversation)
    facts = OnConversation(
        workspace=workspace,
        actor=asked.actor,
        agent=agent_behind(asked.actor, workspace),
        now=asked.now,
        root=asked.root,
        conversation=conversation,
        loads={agent: read.tallies.get(tally, 0)} if counted else {},
    )
    return Gathered(facts, read.states)


async def on_reopening(reads: Reads, asked: Asked) -> Gathered:
    command: Reopen = asked.command
    tallies = () if command.to is None else (load_tally(command.to),)
    read, workspace = await reads.first_read(asked, refs=(command.conversation,), tallies=tallies)
    conversation = one(Conversation, read, command.conversation)
    if conversation is None:
        raise missing(asked, workspace, "conversation", command.conversation)
    known = dict(read.states)
    contact, live = await _who_and_what(reads, asked, workspace, conversation, known)
    window_until, quiet_until = await _left(reads, contact, conversation)
    facts = OnReopening(
        conversation=conversation,
        contact=contact,
        live=live,
        window_until=window_until,
        quiet_until=quiet_until,
        loads=reads.loads(read),
        **common(asked, workspace),
    )
    return Gathered(facts, known)


async def _left(
    reads: Reads, contact: Contact, conversation: Conversation
) -> tuple[datetime | None, datetime | None]:
    """What the last closed conversations leave to one of them that goes on."""
    channel = conversation.channel
    rows = await reads.last_closed(contact, channel)
    return reads.left_open(rows, channel, reads.addresses.inbound_key(channel, conversation.address))


async def _who_and_what(
    reads: Reads, asked: Asked, workspace: Workspace, conversation: Conversation, known: dict[Ref, Entity]
) -> tuple[Contact, Conversation | None]:
    """Whom a conversation is with by now, and another one live with them on its channel. Rule: L3, M11."""
    claim = live_claim(conversation.contact, conversation.channel)
    second = await reads.read(refs=(conversation.contact,), owners=(claim,))
    first = one(Contact, second, conversation.contact)
    if first is None:
        raise missing(asked, workspace, "contact", conversation.contact)
    known[first.id] = first
    contact = await reads.standing(first, known)
    if contact is not first:
        claim = live_claim(contact.id, conversation.channel)
        second = await reads.read(owners=(claim,))
    live = owner(Conversation, second, claim)
    return contact, None if live is None or live.id == conversation.id else live


async def on_talk(reads: Reads, asked: Asked) -> Gathered:
    command: SendMessage | Close = asked.command
    read, workspace = await reads.first_read(asked, refs=(command.conversation,))
    conversation = one(Conversation, read, command.conversation)
    if conversation is None:
        raise missing(asked, workspace, "conversation", command.conversation)
    channel = channel_of(asked, workspace, conversation.channel)
    second = await reads.read(refs=(conversation.contact,))
    contact = one(Contact, second, conversation.contact)
    if contact is None:
        raise missing(asked, workspace, "contact", conversation.contact)
    known = {**read.states, **second.states}
    facts = OnTalk(
        conversation=conversation,
        contact=await reads.standing(contact, known),
        capabilities=reads.capabilities(channel),
        **common(asked, workspace),
    )
    return Gathered(facts, known)


def _unknown_places(command: StartConversation, workspace: Workspace) -> list[Problem]:
    """What a start names that is not there: one of them alone is `NotFound`."""
    bad: list[Problem] = []
    if workspace.channel(command.channel) is None:
        bad.append(Problem("channel", "unknown_channel", "S3"))
    if command.department is not None and workspace.department(command.department) is None:
        bad.append(Problem("department", "unknown_department", "C4"))
    if command.template is not None and workspace.template(command.template) is None:
        bad.append(Problem("template", "unknown_template", "M6"))
    return bad


async def on_start(reads: Reads, asked: Asked) -> Gathered:
    command: StartConversation = asked.command
    canonical = key = None
    claims: tuple[str, ...] = ()
    if command.address is not None:
        canonical = parse_phone(command.address.reveal(), "address").reveal()
        key = reads.addresses.key(canonical)
        claims = (address_claim(key),)
    refs = () if command.contact is None else (command.contact,)
    read, workspace = await reads.first_read(
        asked, refs=refs, owners=claims, tallies=(load_tally(asked.actor.id),)
    )
    bad = _unknown_places(command, workspace)
    if len(bad) > 1:
        check_contracted(asked.actor, workspace)
        raise InvalidValue(*bad)
    channel = channel_of(asked, workspace, command.channel)
    department = command.department or channel.department
    if workspace.department(department) is None:
        raise missing(asked, workspace, "department", department)
    contact = next((s for s in read.states.values() if isinstance(s, Contact)), None)
    named = command.contact
    if named is not None and (contact is None or not await reads.visible(contact, asked.actor, workspace)):
        raise missing(asked, workspace, "contact", named)
    if contact is not None and contact.merged_into is not None:
        check_contracted(asked.actor, workspace)
        raise ContactMerged(contact.merged_into)
    live, second = None, Snapshot()
    rows: tuple[Conversation, ...] = ()
    if contact is not None:
        claim = live_claim(contact.id, channel.id)
        second = await reads.read(owners=(claim,))
        live = owner(Conversation, second, claim)
        rows = () if live is not None else await reads.last_closed(contact, channel.id)
    address = reached_at(contact, rows, key, canonical, partial(reads.addresses.inbound_key, channel.id))
    window_until, quiet_until = reads.left_open(rows, channel.id, address.key)
    facts = OnStart(
        channel=channel,
        department=department,
        capabilities=reads.capabilities(channel),
        contact=contact,
        address=address,
        live=live,
        window_until=window_until,
        quiet_until=quiet_until,
        loads=reads.loads(read),
        finds=reads.finds,
        **common(asked, workspace),
    )
    return Gathered(facts, {**read.states, **second.states})


async def on_message(reads: Reads, asked: Asked) -> Gathered:
    command: Resend | Dismiss = asked.command
    id = ConversationId(command.message.partition(".")[0])
    read, workspace = await reads.first_read(asked, refs=(id, command.message))
    conversation, message = one(Conversation, read, id), one(Message, read, command.message)
    if conversation is None:
        raise missing(asked, workspace, "message", command.message)
    scope = scope_of(asked.actor, workspace)
    if message is None or not scope.admits(conversation):
        raise missing(asked, workspace, "message", command.message)
    wanted = (conversation.contact,) if message.effect is None else (conversation.contact, message.effect)
    second = await reads.read(refs=wanted)
    contact = one(Contact, second, conversation.contact)
    effect = None if message.effect is None else one(Effect, second, message.effect)
    if contact is None:
        raise missing(asked, workspace, "contact", conversation.contact)
    if effect is None:
        check_contracted(asked.actor, workspace)
        raise NotInDoubt(message.id)
    facts = OnMessage(
        conversation=conversation,
        contact=contact,
        capabilities=reads.capabilities(channel_of(asked, workspace, conversation.channel)),
        message=message,
        effect=effect,
        **common(asked, workspace),
    )
    return Gathered(facts, {**read.states, **second.states})


async def on_edit(reads: Reads, asked: Asked) -> Gathered:
    command: EditConversation = asked.command
    agents = (asked.actor.id,) if command.to is None else (asked.actor.id, command.to)
    tallies = tuple(dict.fromkeys(load_tally(agent) for agent in agents))
    read, workspace = await reads.first_read(asked, refs=(command.conversation,), tallies=tallies)
    conversation = one(Conversation, read, command.conversation)
    if conversation is None:
        raise missing(asked, workspace, "conversation", command.conversation)
    known = dict(read.states)
    contact, live = await _who_and_what(reads, asked, workspace, conversation, known)
    window_until = quiet_until = None
    if conversation.situation is Situation.CLOSED:
        window_until, quiet_until = await _left(reads, contact, conversation)
    facts = OnEdit(
        window_until=window_until,
        quiet_until=quiet_until,
        conversation=conversation,
        contact=contact,
        capabilities=reads.capabilities(channel_of(asked, workspace, conversation.channel)),
        live=live,
        loads=reads.loads(read),
        **common(asked, workspace),
    )
    return Gathered(facts, known)
