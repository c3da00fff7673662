"""Claiming an effect: taking it in hand for a lease, or cancelling what must not go out any more.

1. Intent, claim, call, settlement: each is committed before the next begins, so a crash anywhere leaves a
   state that says how far it came. The fence is the effect's version at its claim.
2. A lane keeps order: only its head may be claimed; doubts and ends do not hold it (M20).
3. Guards on the outside world (block, window, expiry) are checked again at the claim; where nothing can have
   left yet they cancel, and where a doubt stands they leave it to a person.
"""

from __future__ import annotations

from chatcore.commands import ClaimEffect
from chatcore.entities import Effect, Message
from chatcore.entities.effect import INNER
from chatcore.errors import EffectPending, InvalidValue, RuleViolation
from chatcore.events import Cancelled, Claimed, Doubted
from chatcore.limits import CLAIM_LEASE
from chatcore.rules.facts import Decision, OnEffect
from chatcore.rules.passing import check_carried, passes
from chatcore.rules.settling import left_to_a_person, lost
from chatcore.rules.steps import Step, clock, next_step
from chatcore.vocabulary import DeliveryStatus, EffectKind, EffectState, Situation

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
    hindrance = _hindrance(facts)
    if hindrance is None:
        return ((effect.id, Claimed(lease_until=now + CLAIM_LEASE, at=clock(facts))),)
    if effect.state is EffectState.UNKNOWN:
        return left_to_a_person(effect, facts.message, hindrance)
    if effect.unresolved:
        doubted = Doubted(due_at=now, detail=hindrance, at=clock(facts))
        return ((effect.id, Claimed(lease_until=now)), (effect.id, doubted))
    return ((effect.id, Cancelled(detail=hindrance)), *lost(effect, facts.message, hindrance))


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


def _hindrance(facts: OnEffect) -> str | None:
    """The code of why an effect must not go out now; None when it may."""
    effect, now = facts.effect, facts.now
    if effect.kind in INNER:
        return None
    if now >= effect.expires_at:
        return "expired"
    if effect.kind is EffectKind.KEEP_STATUS or effect.kind is EffectKind.FETCH_MEDIA:
        return None
    if facts.contact is not None and facts.contact.blocked is not None:
        return "contact_blocked"
    if effect.kind is EffectKind.SEND_RECEIPT:
        is_open = facts.conversation is not None and facts.conversation.situation is Situation.OPEN
        return None if is_open and facts.workspace.policies.read_receipts else "not_wanted"
    if effect.kind is not EffectKind.SEND_MESSAGE:
        return None
    until = None if facts.conversation is None else facts.conversation.window_until
    capabilities, message = facts.capabilities, facts.message
    if capabilities is None or message is None:
        return None
    if not passes(message.kind, capabilities, until, now):
        return "window_closed"
    try:
        check_carried(message, facts.contact, capabilities, facts.workspace)
    except RuleViolation as error:
        return error.code
    except InvalidValue:
        return "template_archived"
    return None
