"""How a message changes: it was said, and then how far it came only grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatcore.entities import (
    Message,
)
from chatcore.entities.message import RANKS, UNSPECIFIED
from chatcore.events import (
    AnomalyRecorded,
    Envelope,
    Event,
    MessageAccepted,
    MessageDoubted,
    MessageNotSent,
    MessageReceived,
    MessageWritten,
    StatusReported,
)
from chatcore.vocabulary import (
    DeliveryStatus,
    Direction,
    MessageId,
)

__all__ = ["BIRTHS", "STEPS"]


def _message_received(_: None, envelope: Envelope, event: MessageReceived) -> Message:
    return Message(
        id=MessageId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        conversation=event.conversation,
        seq=event.seq,
        channel=event.channel,
        direction=Direction.INBOUND,
        kind=event.kind,
        body=event.body,
        provider_id=event.provider_id,
        sent_at=event.sent_at,
        flags=event.flags,
        raw=event.raw,
    )


def _message_written(_: None, envelope: Envelope, event: MessageWritten) -> Message:
    return Message(
        id=MessageId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        conversation=event.conversation,
        seq=event.seq,
        channel=event.channel,
        direction=Direction.OUTBOUND,
        kind=event.kind,
        body=event.body,
        author=event.author,
        automatic=event.automatic,
        effect=event.effect,
    )


def _message(
    old: Message,
    envelope: Envelope,
    provider_id: str | None,
    reached: DeliveryStatus,
    failure: str | None,
    not_sent: str | None,
    unconfirmed: bool,
    anomalies: int,
) -> Message:
    return Message(
        id=old.id,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        conversation=old.conversation,
        seq=old.seq,
        channel=old.channel,
        direction=old.direction,
        kind=old.kind,
        body=old.body,
        author=old.author,
        automatic=old.automatic,
        effect=old.effect,
        provider_id=provider_id,
        sent_at=old.sent_at,
        reached=reached,
        failure=failure,
        not_sent=not_sent,
        unconfirmed=unconfirmed,
        flags=old.flags,
        raw=old.raw,
        anomalies=anomalies,
    )


def _further(old: DeliveryStatus, new: DeliveryStatus) -> DeliveryStatus:
    return new if RANKS[new] > RANKS[old] else old


def _message_accepted(old: Message, envelope: Envelope, event: MessageAccepted) -> Message:
    reached = _further(old.reached, DeliveryStatus.SENT)
    return _message(
        old, envelope, event.provider_id or old.provider_id, reached, old.failure, None, False, old.anomalies
    )


def _message_not_sent(old: Message, envelope: Envelope, event: MessageNotSent) -> Message:
    return _message(
        old, envelope, old.provider_id, old.reached, old.failure, event.detail, old.unconfirmed, old.anomalies
    )


def _message_doubted(old: Message, envelope: Envelope, _: MessageDoubted) -> Message:
    return _message(old, envelope, old.provider_id, old.reached, old.failure, old.not_sent, True, old.anomalies)


def _status_reported(old: Message, envelope: Envelope, event: StatusReported) -> Message:
    failure: str | None
    if event.status is DeliveryStatus.FAILED:
        reached = old.reached
        code = event.failure or UNSPECIFIED
        failure = code if old.failure is None else min(old.failure, code)
    else:
        reached, failure = _further(old.reached, event.status), old.failure
    return _message(
        old, envelope, old.provider_id, reached, failure, old.not_sent, old.unconfirmed, old.anomalies
    )


def _anomaly_recorded(old: Message, envelope: Envelope, _: AnomalyRecorded) -> Message:
    return _message(
        old,
        envelope,
        old.provider_id,
        old.reached,
        old.failure,
        old.not_sent,
        old.unconfirmed,
        old.anomalies + 1,
    )


BIRTHS: dict[type[Event], Callable[[Any, Envelope, Any], Message]] = {
    MessageReceived: _message_received,
    MessageWritten: _message_written,
}
STEPS: dict[type[Event], Callable[[Any, Envelope, Any], Message]] = {
    MessageAccepted: _message_accepted,
    MessageNotSent: _message_not_sent,
    MessageDoubted: _message_doubted,
    StatusReported: _status_reported,
    AnomalyRecorded: _anomaly_recorded,
}
