"""Carrying out effects: what may be claimed, what a finding settles, and what comes next.

1. Intent, claim, call, settlement: each is committed before the next begins, so a crash anywhere leaves a
   state that says how far it came.
2. The fence is the effect's version at its claim. A success is taken in whoever brings it, for it is a fact;
   any other finding settles only at the fence, and behind it is kept as evidence.
3. A lane keeps order: only its head may be claimed; doubts and ends do not hold it (M20).
4. Guards on the outside world (block, window, expiry) are checked again at the claim; where nothing can have
   left yet they cancel, and where a doubt stands they leave it to a person.
5. What a doubt leads to is the port's nature: repeat by key, look up by key, wait for a report, or nothing.
6. Fetching a file ends with the file, or with its loss (M17). Inner work never fails and never expires: a step
   that was interrupted is taken again, and it goes on until there is nothing left to do (L13, L16, L22).
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from chatcore.commands import ClaimEffect, Finding, FindingKind, SettleEffect
from chatcore.entities import (
    ChannelCapabilities,
    Effect,
    LooksUpByKey,
    Message,
    Nature,
    RepeatsByKey,
    ReportsByKey,
    Workspace,
)
from chatcore.entities.effect import INNER, REPEATABLE
from chatcore.entities.message import UNSPECIFIED
from chatcore.errors import EffectPending, InvalidValue, LeaseLost, RuleViolation
from chatcore.events import (
    Cancelled,
    Claimed,
    Doubted,
    Event,
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
    StatusReported,
    Succeeded,
)
from chatcore.limits import (
    CLAIM_LEASE,
    DELIVERY_ATTEMPTS,
    DELIVERY_DEADLINE,
    DOUBT_DEADLINE,
    FIRST_RETRY,
    LONGEST_RETRY,
)
from chatcore.rules.facts import Decision, OnEffect
from chatcore.rules.passing import check_carried, passes
from chatcore.vocabulary import DeliveryStatus, EffectKind, EffectState, MessageId, Ref, Situation

__all__ = ["Step", "accepted", "claim", "evidence", "nature_of", "next_step", "reported", "settle", "succeeded"]

_Events: TypeAlias = tuple[tuple[Ref, Event], ...]


class Step(enum.StrEnum):
    """What is to be done about an effect now."""

    CLAIM = "claim"
    EXPIRE = "expire"
    LOOK_UP = "look_up"
    GIVE_UP = "give_up"
    WAIT = "wait"


_ANY_NUMBER_OF_TIMES: Final = RepeatsByKey(DELIVERY_DEADLINE)


def nature_of(effect: Effect, capabilities: ChannelCapabilities | None) -> Nature:
    """What is promised about repeating an effect: inner work, files and receipts may be done over and over."""
    if capabilities is None or effect.kind in INNER or effect.kind in REPEATABLE:
        return _ANY_NUMBER_OF_TIMES
    return capabilities.nature


def next_step(effect: Effect, nature: Nature, now: datetime, *, asks: bool = True) -> Step:
    """What is to be done about an effect at this moment; `asks` says whether the adapter offers look-ups."""
    if effect.due_at is None or now < effect.due_at:
        return Step.WAIT
    if effect.state is EffectState.INTENDED:
        return Step.CLAIM
    if effect.state is EffectState.IN_FLIGHT:
        return Step.EXPIRE
    if effect.state is not EffectState.UNKNOWN:
        return Step.WAIT
    if effect.kind in INNER or _repeats(effect, nature, now):
        return Step.CLAIM
    if isinstance(nature, LooksUpByKey) and asks and _may_ask(effect, nature, now):
        return Step.LOOK_UP
    return Step.GIVE_UP


def _repeats(effect: Effect, nature: Nature, now: datetime) -> bool:
    return (
        isinstance(nature, RepeatsByKey)
        and effect.attempts < DELIVERY_ATTEMPTS
        and effect.dispatched_at is not None
        and now - effect.dispatched_at < nature.retention
    )


def _may_ask(effect: Effect, nature: LooksUpByKey, now: datetime) -> bool:
    """A doubt is looked into until a while after "absent" would have been final."""
    return now - (effect.doubted_at or effect.recorded_at) - DOUBT_DEADLINE < nature.horizon


# --- the claim -----------------------------------------------------------------------------------------------


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
        return ((effect.id, Claimed(lease_until=now + CLAIM_LEASE, at=_clock(facts))),)
    if effect.state is EffectState.UNKNOWN:
        return _left_to_a_person(effect, facts.message, hindrance)
    if effect.unresolved:
        doubted = Doubted(due_at=now, detail=hindrance, at=_clock(facts))
        return ((effect.id, Claimed(lease_until=now)), (effect.id, doubted))
    return ((effect.id, Cancelled(detail=hindrance)), *_lost(effect, facts.message, hindrance))


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


def _clock(facts: OnEffect) -> datetime | None:
    """The clock's moment, where it is behind the record: retention and horizons go by it. Rule: L12."""
    states = (facts.effect, facts.message, facts.conversation, facts.contact)
    behind = any(state is not None and state.recorded_at > facts.now for state in states)
    return facts.now if behind else None


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


def _left_to_a_person(effect: Effect, message: Message | None, detail: str = "overdue") -> Decision:
    if effect.kind in REPEATABLE:
        return _failed(effect, detail, message)
    doubted: _Events = () if message is None else ((message.id, MessageDoubted()),)
    return ((effect.id, LeftUnconfirmed()), *doubted)


def _lost(effect: Effect, message: Message | None, detail: str) -> _Events:
    """What it means for its message that an effect is not done."""
    if message is None or effect.kind is EffectKind.SEND_RECEIPT:
        return ()
    if effect.kind is EffectKind.FETCH_MEDIA:
        return ((message.id, MediaLost(detail=detail)),)
    return ((message.id, MessageNotSent(detail=detail)),)


# --- the settlement ------------------------------------------------------------------------------------------


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
            return _done(effect, finding, facts.message)
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


def _done(effect: Effect, finding: Finding, message: Message | None) -> Decision:
    """The end of inner work, or a file that is there now; found twice, it is there once."""
    if effect.state in (EffectState.SUCCEEDED, EffectState.CANCELLED, EffectState.FAILED):
        return ()
    decision: Decision = ((effect.id, Succeeded()),)
    if message is not None and finding.attachment is not None:
        decision += ((message.id, MediaStored(attachment=finding.attachment)),)
    return decision


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
    return ((effect.id, Failed(detail=detail)), *_lost(effect, message, detail))


def _attempt_ended(finding: Finding, facts: OnEffect) -> Decision:
    """An attempt ended without a success: certainly not done, or in doubt."""
    effect, now = facts.effect, facts.now
    detail = finding.detail or finding.kind.value
    if effect.kind in INNER:
        if finding.kind is FindingKind.NOT_DONE:
            return ((effect.id, Postponed(due_at=now + (finding.retry_after or timedelta(0)))),)
        return ((effect.id, Doubted(due_at=now, detail=detail, at=_clock(facts))),)
    if finding.kind is FindingKind.NOT_DONE:
        wait = max(finding.retry_after or timedelta(0), _backoff(effect))
        if effect.attempts < DELIVERY_ATTEMPTS and wait < effect.expires_at - now:
            return ((effect.id, Postponed(due_at=now + wait, detail=detail)),)
        if not effect.unresolved:
            return _failed(effect, detail, facts.message)
    due_at = now + _patience(effect, facts.nature)
    return ((effect.id, Doubted(due_at=due_at, detail=detail, at=_clock(facts))),)


def _doubt_looked_into(finding: Finding, facts: OnEffect) -> Decision:
    effect, now, nature = facts.effect, facts.now, facts.nature
    if finding.kind is FindingKind.OVERDUE:
        return _left_to_a_person(effect, facts.message)
    if (
        finding.kind is FindingKind.ABSENT
        and isinstance(nature, LooksUpByKey)
        and effect.doubted_at is not None
        and now - effect.doubted_at >= nature.horizon
    ):
        if effect.attempts >= DELIVERY_ATTEMPTS:
            return _failed(effect, "absent", facts.message)
        return ((effect.id, Postponed(due_at=now, detail="absent")),)
    return ((effect.id, LookedUp(due_at=now + _pause(effect, now))),)


def _backoff(effect: Effect) -> timedelta:
    """The wait before the next try: it doubles with each attempt, up to the longest."""
    return min(FIRST_RETRY * (1 << min(max(effect.attempts - 1, 0), 20)), LONGEST_RETRY)


def _pause(effect: Effect, now: datetime) -> timedelta:
    """The wait before the next look-up: as long as the doubt has lasted, so that it doubles; bounded too."""
    return min(max(now - (effect.doubted_at or now), FIRST_RETRY), LONGEST_RETRY)


def _patience(effect: Effect, nature: Nature) -> timedelta:
    """How long to leave a fresh doubt alone."""
    if isinstance(nature, ReportsByKey):
        return DOUBT_DEADLINE
    if isinstance(nature, RepeatsByKey | LooksUpByKey):
        return _backoff(effect)
    return timedelta(0)
