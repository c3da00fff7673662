"""Settling an effect: what a finding leads to.

1. A success is taken in whoever brings it, for it is a fact; any other finding settles only at the fence, the
   effect's version at its claim, and behind it is kept as evidence.
2. What is money-like is more careful: a claim that was overtaken settles nothing while another one is at it; a
   success after the end, or a second one under another name, goes to a second person (B11).
3. Fetching a file ends with the file, or with its loss (M17). Inner work never fails and never expires: a step
   that was interrupted is taken again, and it goes on until there is nothing left to do (L13, L16, L22).
"""

from __future__ import annotations

from datetime import timedelta

from chatcore.commands import Finding, FindingKind, RecordResult, SettleEffect
from chatcore.entities import (
    Attachment,
    Effect,
    Evidence,
    Found,
    IssuedBoleto,
    IssuedInvoice,
    LooksUpByKey,
    Message,
    Workspace,
)
from chatcore.entities.effect import INNER, REPEATABLE
from chatcore.entities.message import UNSPECIFIED
from chatcore.errors import InvalidValue, LeaseLost
from chatcore.events import (
    Doubted,
    EvidenceKept,
    Failed,
    LeftUnconfirmed,
    LookedUp,
    MediaLost,
    MediaStored,
    MessageAccepted,
    MessageDoubted,
    MessageNotSent,
    Postponed,
    SentToReview,
    StatusReported,
    Succeeded,
)
from chatcore.limits import DELIVERY_ATTEMPTS
from chatcore.rules.billing import delivered
from chatcore.rules.customers import found
from chatcore.rules.facts import Decision, OnEffect
from chatcore.rules.guards import hindrance
from chatcore.rules.steps import backoff, clock, patience, pause
from chatcore.transitions import MONEY_LIKE
from chatcore.vocabulary import EffectKind, EffectState, MessageId

__all__ = [
    "accepted",
    "evidence",
    "left_to_a_person",
    "lost",
    "put_off",
    "report",
    "reported",
    "settle",
    "succeeded",
]


_DONE = "done"
"""The finding that says that something was done."""


def settle(command: SettleEffect, facts: OnEffect) -> Decision:
    """Take in what was found out about an effect.

    Raises:
        LeaseLost: the claim was overtaken, and the finding holds nothing worth keeping.
    """
    effect, finding = facts.effect, command.finding
    if finding.kind is FindingKind.DONE and _goes_on(effect, facts.workspace):
        finding = Finding(kind=FindingKind.NOT_DONE)
    if finding.kind is FindingKind.DONE:
        if effect.kind in INNER or effect.kind in REPEATABLE:
            return _done(effect, finding, facts)
        if effect.kind in MONEY_LIKE:
            is_overtaken = effect.state is EffectState.IN_FLIGHT and command.fence != effect.fence
            return (
                evidence(effect, _DONE, finding.reference)
                if is_overtaken
                else _applied(finding.reference, facts)
            )
        if facts.namesake is not None and facts.message is not None:
            return _named_alike(effect, finding.reference, facts.message)
        return succeeded(effect, finding.reference, facts.message, facts.keeper)
    if command.fence != effect.fence or effect.state not in (EffectState.IN_FLIGHT, EffectState.UNKNOWN):
        if finding.kind not in (FindingKind.REFUSED, FindingKind.NOT_DONE):
            raise LeaseLost(effect.id)
        return evidence(effect, f"{finding.kind}:{finding.detail or UNSPECIFIED}", finding.reference)
    if finding.kind is FindingKind.REFUSED:
        return _failed(effect, finding.detail or "refused", facts.message)
    if effect.state is EffectState.IN_FLIGHT:
        return _attempt_ended(finding, facts)
    return _doubt_looked_into(finding, facts)


def _goes_on(effect: Effect, workspace: Workspace) -> bool:
    """Whether a sweep's policy stands after all: who switched it on again found this one and began no other."""
    if effect.kind is EffectKind.CLOSE_IDLE:
        return workspace.policies.close_after_idle is not None
    return effect.kind is EffectKind.TIME_OUT_BOT and workspace.policies.bot_timeout is not None


def succeeded(
    effect: Effect, reference: str | None, message: Message | None, keeper: Effect | None = None
) -> Decision:
    """What a success leads to: the effect ends, its message is accepted, early statuses are taken in."""
    if effect.state is EffectState.SUCCEEDED:
        return () if effect.reference == reference else evidence(effect, "done_again", reference)
    if effect.state is EffectState.REVIEW:
        return evidence(effect, "done", reference)
    decision: Decision = ((effect.id, Succeeded(reference=reference)),)
    if message is not None and reference is not None and message.provider_id is None:
        decision += accepted(message, reference, keeper)
    return decision


def _done(effect: Effect, finding: Finding, facts: OnEffect) -> Decision:
    """The end of inner work, or of what brings something: brought twice, it is there once."""
    if effect.state in (EffectState.SUCCEEDED, EffectState.CANCELLED, EffectState.FAILED):
        return ()
    brought = finding.brought
    if isinstance(brought, Found):
        return found(effect, brought.customers, facts.contact)
    if isinstance(brought, IssuedBoleto | IssuedInvoice):
        return delivered(effect, brought, facts, hindrance(facts))
    decision: Decision = ((effect.id, Succeeded()),)
    if facts.message is not None and isinstance(brought, Attachment):
        decision += ((facts.message.id, MediaStored(attachment=brought)),)
    return decision


# --- what is money-like --------------------------------------------------------------------------------------


def _applied(reference: str | None, facts: OnEffect) -> Decision:
    """A money-like effect was applied, so somebody says. Rule: B11.

    Where it had ended otherwise, or was applied under another name as well, a second person must see. What is
    known already is nothing new, however often it is told.
    """
    effect = facts.effect
    state, known = effect.state, evidence(effect, _DONE, reference)
    if state is EffectState.REVIEW:
        return known
    if state is EffectState.SUCCEEDED:
        if reference is None or reference == effect.reference or not known:
            return ()
        names = {effect.reference, *(each.reference for each in _told(effect))} - {None}
        return (*known, (effect.id, SentToReview(guarded=effect.guarded))) if names else known
    if state in (EffectState.FAILED, EffectState.CANCELLED):
        if facts.rival is not None and facts.beside is not None:
            return known  # A person looks at this contract and period already.
        return (*known, (effect.id, SentToReview(guarded=facts.rival is None))) if known else ()
    done: Decision = ((effect.id, Succeeded(reference=reference)),)
    others = {each.reference for each in _told(effect)} - {reference, None}
    return (*done, (effect.id, SentToReview(guarded=effect.guarded))) if others else done


def _told(effect: Effect) -> tuple[Evidence, ...]:
    """What was told of a success by who could not settle: it must not get lost over what the next one finds."""
    if effect.kind not in MONEY_LIKE:
        return ()
    return tuple(each for each in effect.evidence if each.finding == _DONE)


def report(command: RecordResult, facts: OnEffect) -> Decision:
    """Take in what a port reports by key: the callback of one that does. Rule: B11.

    Raises:
        InvalidValue: nothing is reported so of this kind of effect.
    """
    effect = facts.effect
    if effect.kind not in MONEY_LIKE:
        raise InvalidValue.of("effect", "not_reported_so", rule="B11")
    if command.applied:
        return _applied(command.reference, facts)
    code = command.failure or UNSPECIFIED
    if effect.state in (EffectState.IN_FLIGHT, EffectState.UNKNOWN):
        return _failed(effect, code, None)
    if effect.state is EffectState.FAILED and effect.detail == code:
        return ()
    return evidence(effect, f"refused:{code}", command.reference)


# --- what is not done, or in doubt ---------------------------------------------------------------------------


def _named_alike(effect: Effect, reference: str | None, message: Message) -> Decision:
    """It was done, but under the name of another message: reports by that name are not about this one."""
    if effect.state in (EffectState.SUCCEEDED, EffectState.REVIEW):
        return evidence(effect, "named_alike", reference)
    return (
        (effect.id, Succeeded()),
        (effect.id, EvidenceKept(finding="named_alike", reference=reference)),
        (message.id, MessageAccepted(provider_id=None)),
    )


def evidence(effect: Effect, finding: str, reference: str | None) -> Decision:
    """Keep what a state cannot take in, once however often it is told."""
    if any(kept.finding == finding and kept.reference == reference for kept in effect.evidence):
        return ()
    return ((effect.id, EvidenceKept(finding=finding, reference=reference)),)


def accepted(message: Message, reference: str, keeper: Effect | None) -> Decision:
    """The provider named a message: early reports are taken in, and their keeper is done. Rule: M3."""
    decision: Decision = ((message.id, MessageAccepted(provider_id=reference)),)
    return decision + reported(message.id, keeper, reference)


def reported(message: MessageId, keeper: Effect | None, reference: str) -> Decision:
    """What came early about a message, now that it is known; its keeper is done. Rule: M3."""
    if keeper is None or keeper.state is not EffectState.INTENDED:
        return ()
    early: Decision = tuple(
        (message, StatusReported(status=k.status, occurred_at=k.occurred_at, failure=k.failure))
        for k in keeper.kept
    )
    return (*early, (keeper.id, Succeeded(reference=reference)))


def _failed(effect: Effect, detail: str, message: Message | None) -> Decision:
    if _told(effect):
        return ((effect.id, Failed(detail=detail)), (effect.id, SentToReview(guarded=effect.guarded)))
    return ((effect.id, Failed(detail=detail)), *lost(effect, message, detail))


def put_off(facts: OnEffect, detail: str) -> Decision:
    """What a claim leads to that cannot be followed by a call now."""
    return _attempt_ended(Finding(kind=FindingKind.NOT_DONE, detail=detail), facts, 1)


def _attempt_ended(finding: Finding, facts: OnEffect, more: int = 0) -> Decision:
    """An attempt ended without a success: certainly not done, or in doubt; `more` are yet to be counted."""
    effect, now = facts.effect, facts.now
    attempts = effect.attempts + more
    detail = finding.detail or finding.kind.value
    if effect.kind in INNER:
        if finding.kind is FindingKind.NOT_DONE:
            return ((effect.id, Postponed(due_at=now + (finding.retry_after or timedelta(0)))),)
        return ((effect.id, Doubted(due_at=now, detail=detail, at=clock(facts))),)
    if finding.kind is FindingKind.NOT_DONE:
        if told := _told(effect):
            return _applied(told[0].reference, facts)
        wait = max(finding.retry_after or timedelta(0), backoff(attempts))
        if attempts < DELIVERY_ATTEMPTS and wait < effect.expires_at - now:
            return ((effect.id, Postponed(due_at=now + wait, detail=detail)),)
        if not effect.unresolved and effect.state is not EffectState.UNKNOWN:
            return _failed(effect, detail, facts.message)
    due_at = now + patience(effect, facts.nature)
    return ((effect.id, Doubted(due_at=due_at, detail=detail, at=clock(facts))),)


def _doubt_looked_into(finding: Finding, facts: OnEffect) -> Decision:
    effect, now, nature = facts.effect, facts.now, facts.nature
    if finding.kind is FindingKind.OVERDUE:
        return left_to_a_person(effect, facts.message)
    if (
        finding.kind is FindingKind.ABSENT
        and isinstance(nature, LooksUpByKey)
        and effect.doubted_at is not None
        and now - effect.doubted_at >= nature.horizon
    ):
        if effect.attempts >= DELIVERY_ATTEMPTS or _told(effect):
            return _failed(effect, "absent", facts.message)
        return ((effect.id, Postponed(due_at=now, detail="absent")),)
    return ((effect.id, LookedUp(due_at=now + pause(effect, now))),)


def left_to_a_person(effect: Effect, message: Message | None, detail: str = "overdue") -> Decision:
    """What an unresolved doubt ends in: a person sees it."""
    if effect.kind in REPEATABLE:
        return _failed(effect, detail, message)
    if effect.kind in MONEY_LIKE:
        return ((effect.id, SentToReview(guarded=effect.guarded)),)
    doubted: Decision = () if message is None else ((message.id, MessageDoubted()),)
    return ((effect.id, LeftUnconfirmed()), *doubted)


def lost(effect: Effect, message: Message | None, detail: str) -> Decision:
    """What it means for its message that an effect is not done."""
    if message is None or effect.kind is EffectKind.SEND_RECEIPT:
        return ()
    if effect.kind is EffectKind.FETCH_MEDIA:
        return ((message.id, MediaLost(detail=detail)),)
    return ((message.id, MessageNotSent(detail=detail)),)
