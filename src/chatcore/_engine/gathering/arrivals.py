"""The facts of what arrives."""

from __future__ import annotations

from collections.abc import Mapping

from chatcore._engine.gathering.reads import (
    Asked,
    Gathered,
    Reads,
    channel_of,
    common,
    one,
    owner,
)
from chatcore.commands import (
    ReceiveMessage,
    RecordEcho,
    RecordEdit,
    RecordReaction,
    RecordRevocation,
    RecordStatus,
)
from chatcore.entities import (
    Address,
    Contact,
    Conversation,
    Effect,
    Message,
)
from chatcore.rules.facts import (
    OnArrival,
    OnMark,
    OnStatus,
)
from chatcore.rules.invariants import (
    address_claim,
    inbound_claim,
    live_claim,
    load_tally,
    provider_claim,
)
from chatcore.vocabulary import (
    AgentId,
    EffectKind,
    Ref,
)


async def on_arrival(reads: Reads, asked: Asked) -> Gathered:
    command: ReceiveMessage | RecordEcho = asked.command
    echo = isinstance(command, RecordEcho)
    answers = None if isinstance(command, RecordEcho) else command.reply_to
    address = Address(reads.addresses.inbound_key(command.channel, command.address), command.address)
    by_address = address_claim(address.key)
    by_id = inbound_claim(command.channel, command.provider_id)
    by_ours = provider_claim(command.channel, command.provider_id)
    claims = [by_ours if echo else by_id, by_address]
    replied: tuple[str, ...] = ()
    if answers is not None:
        replied = (inbound_claim(command.channel, answers), provider_claim(command.channel, answers))
        claims += replied
    read, workspace = await reads.first_read(asked, owners=tuple(dict.fromkeys(claims)))
    channel = channel_of(asked, workspace, command.channel)
    seen = owner(Message, read, claims[0]) or (None if echo else owner(Contact, read, by_id))
    answered = None
    if replied:
        answered = owner(Message, read, replied[0]) or owner(Message, read, replied[1])
    contact = owner(Contact, read, by_address)
    live = last = window_until = quiet_until = None
    known = dict(read.states)
    loads: Mapping[AgentId, int] = {}
    if contact is not None and seen is None:
        by_contact = live_claim(contact.id, channel.id)
        second = await reads.read(owners=(by_contact,))
        known.update(second.states)
        live = owner(Conversation, second, by_contact)
        if live is None:
            rows = await reads.last_closed(contact, channel.id)
            last = rows[0] if rows else None
            window_until, quiet_until = reads.left_open(rows, channel.id, address.key)
    if last is not None:
        known[last.id] = last
        if last.last_assignee is not None and not echo:
            loads = reads.loads(await reads.read(tallies=(load_tally(last.last_assignee),)))
    facts = OnArrival(
        channel=channel,
        capabilities=reads.capabilities(channel),
        address=address,
        seen=seen,
        contact=contact,
        live=live,
        last=last,
        window_until=window_until,
        quiet_until=quiet_until,
        loads=loads,
        available=last is not None and reads.is_available(last.last_assignee),
        answered=answered,
        keeper=owner(Effect, read, by_ours) if echo else None,
        fetches=reads.fetches(channel),
        finds=reads.finds,
        **common(asked, workspace),
    )
    return Gathered(facts, known)


async def on_mark(reads: Reads, asked: Asked) -> Gathered:
    command: RecordReaction | RecordEdit | RecordRevocation = asked.command
    by_id = inbound_claim(command.channel, command.provider_id)
    by_address = address_claim(reads.addresses.inbound_key(command.channel, command.address))
    targets = (inbound_claim(command.channel, command.target), provider_claim(command.channel, command.target))
    read, workspace = await reads.first_read(asked, owners=(by_id, by_address, *targets))
    channel_of(asked, workspace, command.channel)
    message = owner(Message, read, targets[0]) or owner(Message, read, targets[1])
    contact, known = owner(Contact, read, by_address), dict(read.states)
    theirs = False
    if message is not None and contact is not None:
        second = await reads.read(refs=(message.conversation,))
        home = one(Conversation, second, message.conversation)
        theirs = home is not None and home.contact in (contact.id, *contact.merged)
    facts = OnMark(
        message=message,
        contact=contact,
        theirs=theirs,
        seen=by_id in read.owners,
        **common(asked, workspace),
    )
    return Gathered(facts, known)


async def on_status(reads: Reads, asked: Asked) -> Gathered:
    command: RecordStatus = asked.command
    claim = provider_claim(command.channel, command.provider_id)
    refs = () if command.key is None else (command.key,)
    read, workspace = await reads.first_read(asked, refs=refs, owners=(claim,))
    channel_of(asked, workspace, command.channel)
    message = owner(Message, read, claim)
    keeper = owner(Effect, read, claim)
    effect = None if command.key is None else one(Effect, read, command.key)
    if effect is not None and (effect.channel != command.channel or effect.kind is not EffectKind.SEND_MESSAGE):
        effect = None
    known = dict(read.states)
    wanted: Ref | None = None
    if message is None and effect is not None:
        wanted = effect.message
    elif message is not None and (effect is None or effect.message != message.id):
        wanted = message.effect
    if wanted is not None:
        second = await reads.read(refs=(wanted,))
        known.update(second.states)
        if message is None:
            message = one(Message, second, wanted)
        else:
            effect = one(Effect, second, wanted)
    facts = OnStatus(message=message, effect=effect, keeper=keeper, **common(asked, workspace))
    return Gathered(facts, known)
