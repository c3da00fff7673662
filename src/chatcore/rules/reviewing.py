"""What people do about effects: taking back what has not gone out, settling what nothing else tells.

Rule: B11.

1. Only what certainly has not gone out is withdrawn: intended, and no attempt at it in doubt.
2. A review is settled by a second person, with evidence; all that was known before stays.
3. A review says what is known, and what a person must find out, in codes that `i18n` has words for.
"""

from __future__ import annotations

from chatcore.commands import SettleReview, Withdraw
from chatcore.entities import Effect
from chatcore.errors import NotInReview, NotWithdrawable, SecondPersonRequired
from chatcore.events import Cancelled, EvidenceKept, Failed, Succeeded
from chatcore.rules.facts import Decision, OnEffect
from chatcore.rules.settling import lost
from chatcore.vocabulary import EffectState

__all__ = ["settle_review", "to_find_out", "withdraw"]


def withdraw(_: Withdraw, facts: OnEffect) -> Decision:
    """Take back what was asked for.

    Raises:
        NotWithdrawable: it may have gone out, or has ended.
    """
    effect = facts.effect
    if effect.state is not EffectState.INTENDED or effect.unresolved:
        raise NotWithdrawable(effect.id, effect.state)
    return ((effect.id, Cancelled(detail="withdrawn")), *lost(effect, facts.message, "withdrawn"))


def settle_review(command: SettleReview, facts: OnEffect) -> Decision:
    """Say what became of it, as a second person.

    Raises:
        NotInReview: nothing waits for that.
        SecondPersonRequired: it was they who asked for it.
    """
    effect = facts.effect
    if effect.state is not EffectState.REVIEW:
        raise NotInReview(effect.id, effect.state)
    if facts.actor == effect.requested_by:
        raise SecondPersonRequired
    said = "reviewed:applied" if command.applied else "reviewed:not_applied"
    kept = EvidenceKept(finding=said, reference=command.reference, note=command.evidence)
    end = Succeeded(reference=command.reference) if command.applied else Failed(detail="reviewed")
    return ((effect.id, kept), (effect.id, end))


def to_find_out(effect: Effect) -> tuple[str, ...]:
    """What a person must find out about an effect in review; nothing about any other."""
    if effect.state is not EffectState.REVIEW:
        return ()
    references = {e.reference for e in effect.evidence if e.finding == "done"} | {effect.reference}
    several = len(references - {None}) > 1
    asks = ["was_it_applied_twice" if several else "was_it_applied"]
    if not effect.guarded:
        asks.append("which_one_counts")
    return tuple(asks)
