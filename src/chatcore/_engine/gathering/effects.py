"""The facts of an effect."""

from __future__ import annotations

from chatcore._engine.gathering.reads import (
    Asked,
    Gathered,
    Reads,
    channel_of,
    common,
    missing,
    one,
    other,
    owner,
)
from chatcore.commands import ClaimEffect, SettleEffect
from chatcore.entities import Contact, Conversation, Effect, Message
from chatcore.entities.effect import INNER
from chatcore.errors import ContractViolation
from chatcore.rules.facts import OnEffect
from chatcore.rules.invariants import provider_claim
from chatcore.rules.steps import nature_of


async def on_effect(reads: Reads, asked: Asked) -> Gathered:
    command: ClaimEffect | SettleEffect = asked.command
    read, workspace = await reads.first_read(asked, refs=(command.effect,))
    effect = one(Effect, read, command.effect)
    if effect is None:
        raise missing(asked, workspace, "effect", command.effect)
    refs = tuple(r for r in (effect.message, effect.conversation, effect.contact) if r is not None)
    claims: tuple[str, ...] = ()
    if (
        isinstance(command, SettleEffect)
        and command.finding.reference is not None
        and effect.channel is not None
    ):
        claims = (provider_claim(effect.channel, command.finding.reference),)
    lanes = () if effect.lane is None else (effect.lane,)
    second = await reads.read(refs=refs, owners=claims, lanes=lanes)
    if any(ref not in second.states for ref in refs):
        raise ContractViolation("storage", "read")
    known = {**read.states, **second.states}
    conversation = None if effect.conversation is None else one(Conversation, second, effect.conversation)
    contact = None if effect.contact is None else one(Contact, second, effect.contact)
    if contact is not None and conversation is not None and conversation.contact != contact.id:
        third = await reads.read(refs=(conversation.contact,))
        contact = one(Contact, third, conversation.contact)
        known.update(third.states)
    if contact is not None:
        contact = await reads.standing(contact, known)
    capabilities = None
    if effect.kind not in INNER and effect.channel is not None:
        capabilities = reads.capabilities(channel_of(asked, workspace, effect.channel))
    facts = OnEffect(
        effect=effect,
        message=None if effect.message is None else one(Message, second, effect.message),
        conversation=conversation,
        contact=contact,
        capabilities=capabilities,
        nature=nature_of(effect, capabilities),
        head=None if effect.lane is None else second.heads.get(effect.lane),
        keeper=owner(Effect, second, claims[0]) if claims else None,
        namesake=other(owner(Message, second, claims[0]), effect.message) if claims else None,
        **common(asked, workspace),
    )
    return Gathered(facts, known)
