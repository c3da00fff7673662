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
from chatcore.commands import ClaimEffect, RecordResult, SettleEffect, SettleReview, Withdraw
from chatcore.entities import (
    AtMostOnce,
    ChannelCapabilities,
    Contact,
    Contract,
    Conversation,
    Effect,
    Message,
    Nature,
    Workspace,
)
from chatcore.errors import ChatcoreError, ContractViolation
from chatcore.limits import COMMAND_READ
from chatcore.rules.facts import OnEffect
from chatcore.rules.invariants import beside, guard_claim, provider_claim
from chatcore.rules.permissions import scope_of
from chatcore.rules.steps import nature_of
from chatcore.vocabulary import EffectKind


async def on_effect(reads: Reads, asked: Asked) -> Gathered:
    command: ClaimEffect | SettleEffect | RecordResult | Withdraw | SettleReview = asked.command
    read, workspace = await reads.first_read(asked, refs=(command.effect,))
    effect = one(Effect, read, command.effect)
    if effect is None:
        raise missing(asked, workspace, "effect", command.effect)
    refs = tuple(r for r in (effect.message, effect.conversation, effect.contact) if r is not None)
    found: str | None = None
    if (
        isinstance(command, SettleEffect)
        and command.finding.reference is not None
        and effect.channel is not None
    ):
        found = provider_claim(effect.channel, command.finding.reference)
    guard = guard_claim(effect.demand)
    place = None if guard is None else beside(guard)
    lanes = () if effect.lane is None else (effect.lane,)
    second = await reads.read(
        refs=refs, owners=tuple(c for c in (found, guard, place) if c is not None), lanes=lanes
    )
    if any(ref not in second.states for ref in refs):
        raise ContractViolation("storage", "read")
    known = {**second.states, **read.states}  # The guard's owner is the effect itself, by now perhaps another.
    conversation = None if effect.conversation is None else one(Conversation, second, effect.conversation)
    if asked.row.admits is not None and (
        conversation is None or not scope_of(asked.actor, workspace).admits(conversation)
    ):
        raise missing(asked, workspace, "effect", effect.id)
    contact = None if effect.contact is None else one(Contact, second, effect.contact)
    if contact is not None and conversation is not None and conversation.contact != contact.id:
        third = await reads.read(refs=(conversation.contact,))
        contact = one(Contact, third, conversation.contact)
        known.update(third.states)
    if contact is not None:
        contact = await reads.standing(contact, known)
    capabilities, contracts, untold = None, None, None
    nature: Nature = AtMostOnce()
    if isinstance(command, ClaimEffect | SettleEffect):
        capabilities = _capabilities(reads, asked, workspace, effect, conversation)
        nature = nature_of(effect.kind, reads.outside.declared(effect.kind, capabilities))
    if type(command) is ClaimEffect:
        contracts, untold = await _contracts(reads, asked, effect)
    rival = None if guard is None else owner(Effect, second, guard)
    other_rival = None if place is None else owner(Effect, second, place)
    facts = OnEffect(
        effect=effect,
        message=None if effect.message is None else one(Message, second, effect.message),
        conversation=conversation,
        contact=contact,
        capabilities=capabilities,
        nature=nature,
        head=None if effect.lane is None else second.heads.get(effect.lane),
        keeper=None if found is None else owner(Effect, second, found),
        namesake=None if found is None else other(owner(Message, second, found), effect.message),
        rival=None if rival is None or rival.id == effect.id else rival,
        beside=None if other_rival is None or other_rival.id == effect.id else other_rival,
        contracts=contracts,
        untold=untold,
        **common(asked, workspace),
    )
    return Gathered(facts, known)


def _capabilities(
    reads: Reads, asked: Asked, workspace: Workspace, effect: Effect, conversation: Conversation | None
) -> ChannelCapabilities | None:
    """What carries the messages that an effect is about, or will lead to."""
    if effect.channel is not None:
        return reads.capabilities(channel_of(asked, workspace, effect.channel))
    if effect.kind in _ISSUES and conversation is not None:
        return reads.capabilities(channel_of(asked, workspace, conversation.channel))
    return None


_ISSUES = (EffectKind.ISSUE_BOLETO, EffectKind.ISSUE_INVOICE)


async def _contracts(
    reads: Reads, asked: Asked, effect: Effect
) -> tuple[tuple[Contract, ...] | None, str | None]:
    """The contracts of the customer that an effect is for, or why they cannot be told. Rule: B2."""
    demand = effect.demand
    if demand is None or demand.customer is None or demand.contract is None:
        return None, None
    try:
        port = reads.outside.to_contracts()
        told = await port.contracts((demand.customer,), asked.now + COMMAND_READ)
    except ChatcoreError as error:
        return None, error.code
    return told[demand.customer], None
