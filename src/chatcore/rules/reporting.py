"""Delivery reports: in any order, any number of times, also before their message is known. Rule: M2, M3.

1. A report whose message is known moves the message along its order; one that says nothing new changes nothing.
2. A report that carries our key settles the effect too: it is the callback of a channel that reports by key.
3. A report about nobody's message is kept by an effect that waits for it, under the very claim the message
   will need: whichever of the two comes second finds the first.
"""

from __future__ import annotations

from chatcore.commands import RecordStatus
from chatcore.entities import Effect, KeptStatus, Message
from chatcore.entities.message import RANKS, UNSPECIFIED
from chatcore.events import Cancelled, Failed, Intended, StatusKept, StatusReported
from chatcore.limits import STATUS_KEPT
from chatcore.rules.facts import Decision, OnStatus
from chatcore.rules.settling import accepted, evidence, succeeded
from chatcore.vocabulary import (
    DeliveryStatus,
    EffectId,
    EffectKind,
    EffectState,
)

__all__ = ["record"]

_OPEN_ENDED = (EffectState.IN_FLIGHT, EffectState.UNKNOWN)


def record(command: RecordStatus, facts: OnStatus) -> Decision:
    """Take in how far a message came."""
    message = facts.message
    if message is None:
        return _keep(command, facts)
    effect = facts.effect
    decision: Decision = ()
    if effect is not None and effect.state is not EffectState.SUCCEEDED:
        decision = _settled(command, effect)
    elif effect is not None and effect.reference != command.provider_id:
        decision = succeeded(effect, command.provider_id, message)
    if command.status is DeliveryStatus.FAILED and effect is not None and message.effect != effect.id:
        return decision  # The first attempt at a message that was sent once more.
    if message.provider_id is None:
        decision += accepted(message, command.provider_id, facts.keeper)
    elif message.provider_id != command.provider_id:
        return decision
    if _says_something_new(command, message):
        report = StatusReported(status=command.status, occurred_at=command.occurred_at, failure=command.failure)
        decision += ((message.id, report),)
    return decision


def _settled(command: RecordStatus, effect: Effect) -> Decision:
    """What a report means for an effect that has not succeeded: a failure refuses it, all else proves it."""
    if command.status is not DeliveryStatus.FAILED:
        return succeeded(effect, command.provider_id, None)
    code = command.failure or UNSPECIFIED
    if effect.state in _OPEN_ENDED:
        return ((effect.id, Failed(detail=code)),)
    if effect.state is EffectState.INTENDED:
        return ((effect.id, Cancelled(detail=code)),)
    if effect.state in (EffectState.FAILED, EffectState.CANCELLED) and effect.detail == code:
        return ()
    return evidence(effect, f"refused:{code}", command.provider_id)


def _says_something_new(command: RecordStatus, message: Message) -> bool:
    if command.status is DeliveryStatus.FAILED:
        return message.failure is None or (command.failure or UNSPECIFIED) < message.failure
    return RANKS[command.status] > RANKS[message.reached]


def _keep(command: RecordStatus, facts: OnStatus) -> Decision:
    report = KeptStatus(command.status, command.occurred_at, command.failure)
    keeper = facts.keeper
    if keeper is not None:
        if any(k.status is report.status and k.failure == report.failure for k in keeper.kept):
            return ()
        return ((keeper.id, StatusKept(report=report)),)
    until = facts.now + STATUS_KEPT
    intended = Intended(
        kind=EffectKind.KEEP_STATUS,
        channel=command.channel,
        expires_at=until,
        due_at=until,
        reference=command.provider_id,
        kept=(report,),
    )
    return ((EffectId(f"ef_{facts.root}"), intended),)
