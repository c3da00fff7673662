"""Claiming an effect: taking it in hand for a lease, or cancelling what must not go out any more.

1. Intent, claim, call, settlement: each is committed before the next begins, so a crash anywhere leaves a
   state that says how far it came. The fence is the effect's version at its claim.
2. A lane keeps order: only its head may be claimed; doubts and ends do not hold it (M20).
3. Guards on the outside world (block, window, customer, contract) are checked again at the claim; where nothing
   can have left yet they cancel, and where a doubt stands they leave it to a person. Where the contracts side
   cannot tell, it is put off.
"""

from __future__ import annotations

from chatcore.commands import ClaimEffect
from chatcore.entities import Effect, Message
from chatcore.entities.effect import INNER
from chatcore.errors import EffectPending
from chatcore.events import Cancelled, Claimed, Doubted
from chatcore.limits import CLAIM_LEASE
from chatcore.rules.facts import Decision, OnEffect
from chatcore.rules.guards import hindrance
from chatcore.rules.settling import left_to_a_person, lost, put_off
from chatcore.rules.steps import Step, clock, next_step, repeats
from chatcore.vocabulary import DeliveryStatus, EffectKind, EffectState

__all__ = ["claim"]


def claim(command: ClaimEffect, facts: OnEffect) -> Decision:
    """Take an effect in hand, or cancel one that must not go out any more.

    Raises:
        EffectPending: it is not due, in other hands, ended, or behind another one of its lane.
    """
    effect, now = facts.effect, facts.now
    if next_step(effect, facts.nature, now) is not Step.CLAIM:
        raise EffectPending(effect.id)
    if facts.head is not None and facts.head.position < effect.position:
        raise EffectPending(effect.id)
    if _went_before(effect, facts.message):
        return ((effect.id, Cancelled(detail="already_sent")),)
    why = _why_not(facts)
    claimed = (effect.id, Claimed(lease_until=now + CLAIM_LEASE, at=clock(facts)))
    if why is None:
        return (claimed,) if facts.untold is None else (claimed, *put_off(facts, facts.untold))
    if effect.state is EffectState.UNKNOWN:
        return left_to_a_person(effect, facts.message, why)
    if effect.unresolved:
        doubted = Doubted(due_at=now, detail=why, at=clock(facts))
        return ((effect.id, Claimed(lease_until=now)), (effect.id, doubted))
    return ((effect.id, Cancelled(detail=why)), *lost(effect, facts.message, why))


def _why_not(facts: OnEffect) -> str | None:
    """The code of why an effect must not be dispatched any more; None when it may be."""
    effect, now = facts.effect, facts.now
    if effect.kind not in INNER and now >= effect.expires_at:
        return "expired"
    if effect.unresolved and effect.kind not in INNER and not repeats(effect, facts.nature, now):
        return "not_repeatable"
    return hindrance(facts)


def _went_before(effect: Effect, message: Message | None) -> bool:
    """Whether what was sent once more turned out to have gone out at first, before it went again. Rule: M2."""
    if (
        effect.kind is not EffectKind.SEND_MESSAGE
        or effect.state is not EffectState.INTENDED
        or effect.unresolved
    ):
        return False
    return (
        message is not None and message.provider_id is not None and message.status is not DeliveryStatus.FAILED
    )
