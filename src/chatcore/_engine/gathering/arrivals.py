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
    command: ReceiveMessage = asked.command
    address = Address(reads.addresses.inbound_key(command.channel, command.address), command.address)
    by_address = address_claim(address.key)
    by_id = inbound_claim(command.channel, command.provider_id)
    read, workspace = await reads.first_read(asked, owners=(by_id, by_address))
    channel = channel_of(asked, workspace, command.channel)
    seen = owner(Message, read, by_id) or owner(Contact, read, by_id)
    contact = owner(Contact, read, by_address)
    live = last = None
    known = dict(read.states)
    loads: Mapping[AgentId, int] = {}
    if contact is not None and seen is None:
        by_contact = live_claim(contact.id, channel.id)
        second = await reads.read(owners=(by_contact,))
        known.update(second.states)
        live = owner(Conversation, second, by_contact)
        if live is None:
            last = await reads.last_closed(contact, channel)
    if last is not None:
        known[last.id] = last
        if last.last_assignee is not None:
            loads = reads.loads(await reads.read(tallies=(load_tally(last.last_assignee),)))
    facts = OnArrival(
        channel=channel,
        capabilities=reads.capabilities(channel),
        address=address,
        seen=seen,
        contact=contact,
        live=live,
        last=last,
        loads=loads,
        available=last is not None and reads.is_available(last.last_assignee),
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
