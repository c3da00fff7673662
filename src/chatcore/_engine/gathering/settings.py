"""The facts of contacts, and of the configuration."""

from __future__ import annotations

from chatcore._engine.gathering.reads import Asked, Gathered, Reads, common, missing, one, owner
from chatcore.br import parse_phone
from chatcore.commands import MergeContacts, UnblockContact
from chatcore.entities import Address, Contact, Conversation, Effect, Entity
from chatcore.rules.facts import OnContact, OnMerge, OnWorkspace
from chatcore.rules.invariants import SWEEPS, address_claim, live_claim, sweep_claim
from chatcore.rules.permissions import may_list_blocked
from chatcore.vocabulary import Private, Ref


async def on_contact(reads: Reads, asked: Asked) -> Gathered:
    command = asked.command
    number: Private | None = getattr(command, "address", None)
    if number is not None:
        canonical = parse_phone(number.reveal(), "address").reveal()
        address = Address(reads.addresses.key(canonical), Private(canonical))
        claim = address_claim(address.key)
        read, workspace = await reads.first_read(asked, owners=(claim,))
        contact = owner(Contact, read, claim)
    else:
        address = None
        read, workspace = await reads.first_read(asked, refs=(command.contact,))
        contact = one(Contact, read, command.contact)
        if contact is None:
            raise missing(asked, workspace, "contact", command.contact)
    visible = contact is None or number is not None or await reads.visible(contact, asked.actor, workspace)
    if contact is not None and isinstance(command, UnblockContact) and contact.blocked is not None:
        visible = visible or may_list_blocked(asked.actor, workspace)
    facts = OnContact(
        contact=contact,
        address=address,
        visible=visible,
        **common(asked, workspace),
    )
    return Gathered(facts, read.states)


async def on_merge(reads: Reads, asked: Asked) -> Gathered:
    command: MergeContacts = asked.command
    read, workspace = await reads.first_read(asked, refs=(command.contact, command.into))
    gone, kept = one(Contact, read, command.contact), one(Contact, read, command.into)
    if gone is None or kept is None:
        raise missing(asked, workspace, "contact", command.contact if gone is None else command.into)
    claims = tuple(live_claim(each.id, channel.id) for channel in workspace.channels for each in (gone, kept))
    second = await reads.read(owners=claims)
    lives = [live for claim in claims if (live := owner(Conversation, second, claim)) is not None]
    for contact in (gone, kept):
        if not await reads.visible(contact, asked.actor, workspace):
            raise missing(asked, workspace, "contact", contact.id)
    facts = OnMerge(
        contact=gone,
        into=kept,
        visible=True,
        lives=tuple((live, reads.capabilities_of(live.channel, workspace)) for live in lives),
        **common(asked, workspace),
    )
    return Gathered(facts, {**read.states, **second.states})


async def on_workspace(reads: Reads, asked: Asked) -> Gathered:
    sweeps = {sweep_claim(kind): kind for kind in SWEEPS}
    read, workspace = await reads.first_read(asked, owners=tuple(sweeps))
    known: dict[Ref, Entity] = {workspace.id: workspace} if workspace.version else {}
    going = {kind: owner(Effect, read, claim) for claim, kind in sweeps.items()}
    known.update({effect.id: effect for effect in going.values() if effect is not None})
    facts = OnWorkspace(
        sweeps={kind: effect for kind, effect in going.items() if effect is not None},
        **common(asked, workspace),
    )
    return Gathered(facts, known)
