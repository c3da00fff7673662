"""How a message changes: it was said, and then how far it came only grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from chatcore.entities import Edit, Extras, Media, Message, Reaction
from chatcore.entities.message import NO_EXTRAS, RANKS, UNSPECIFIED
from chatcore.events import (
    AnomalyRecorded,
    DoubtDismissed,
    Envelope,
    Event,
    MediaLost,
    MediaStored,
    MessageAccepted,
    MessageDoubted,
    MessageEchoed,
    MessageEdited,
    MessageNotSent,
    MessageReceived,
    MessageResent,
    MessageRevoked,
    MessageWritten,
    NoteAdded,
    Reacted,
    StatusReported,
)
from chatcore.vocabulary import DeliveryStatus, Direction, EffectId, MessageId, MessageKind

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
        extras=_extras(event.media, event.reply_to),
    )


def _extras(media: Media | None, reply_to: MessageId | None) -> Extras:
    return NO_EXTRAS if media is None and reply_to is None else Extras(media=media, reply_to=reply_to)


def _message_echoed(_: None, envelope: Envelope, event: MessageEchoed) -> Message:
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
        author=envelope.actor,
        provider_id=event.provider_id,
        sent_at=event.sent_at,
        reached=DeliveryStatus.SENT,
        flags=event.flags,
        raw=event.raw,
        extras=_extras(event.media, None),
    )


def _note_added(_: None, envelope: Envelope, event: NoteAdded) -> Message:
    return Message(
        id=MessageId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        conversation=event.conversation,
        seq=event.seq,
        channel=event.channel,
        direction=Direction.INTERNAL,
        kind=MessageKind.NOTE,
        body=event.body,
        author=envelope.actor,
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
        extras=NO_EXTRAS
        if event.media is None and event.template is None and event.customer is None
        else Extras(
            media=event.media,
            template=event.template,
            parameters=event.parameters,
            customer=event.customer,
        ),
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
    effect: EffectId | None = None,
    extras: Extras | None = None,
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
        effect=effect or old.effect,
        provider_id=provider_id,
        sent_at=old.sent_at,
        reached=reached,
        failure=failure,
        not_sent=not_sent,
        unconfirmed=unconfirmed,
        flags=old.flags,
        raw=old.raw,
        anomalies=anomalies,
        extras=extras or old.extras,
        first_recorded=old.said_at,
    )


def _with(
    old: Message,
    envelope: Envelope,
    *,
    unconfirmed: bool | None = None,
    effect: EffectId | None = None,
    extras: Extras | None = None,
) -> Message:
    """The message with something else about it than how far it came."""
    doubt = old.unconfirmed if unconfirmed is None else unconfirmed
    came = (old.provider_id, old.reached, old.failure, old.not_sent)
    return _message(old, envelope, *came, doubt, old.anomalies, effect, extras)


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
    return _with(old, envelope, unconfirmed=True)


def _message_resent(old: Message, envelope: Envelope, event: MessageResent) -> Message:
    return _with(old, envelope, unconfirmed=False, effect=event.effect)


def _doubt_dismissed(old: Message, envelope: Envelope, _: DoubtDismissed) -> Message:
    """A person takes it as sent; what is reported later still counts."""
    reached = _further(old.reached, DeliveryStatus.SENT)
    return _message(old, envelope, old.provider_id, reached, old.failure, old.not_sent, False, old.anomalies)


def _changed(extras: Extras, **changes: Any) -> Extras:
    return Extras(**{**{name: getattr(extras, name) for name in _EXTRA_NAMES}, **changes})


_EXTRA_NAMES = tuple(field.name for field in attrs.fields(Extras))


def _media_settled(old: Message, envelope: Envelope, event: MediaStored | MediaLost) -> Message:
    pointer = None if old.media is None else old.media.pointer
    if isinstance(event, MediaStored):
        media = Media(pointer=pointer, attachment=event.attachment)
    else:
        media = Media(pointer=pointer, lost=event.detail)
    return _with(old, envelope, extras=_changed(old.extras, media=media))


def _reacted(old: Message, envelope: Envelope, event: Reacted) -> Message:
    """Of two reactions the later by the provider's clock counts, whichever comes first."""
    same = [r for r in old.extras.reactions if r.direction is event.direction]
    if same and same[0].at > event.sent_at:
        return _with(old, envelope)
    others = tuple(r for r in old.extras.reactions if r.direction is not event.direction)
    new = Reaction(event.direction, event.emoji, event.sent_at)
    both = tuple(sorted((*others, new), key=lambda reaction: reaction.direction))
    return _with(old, envelope, extras=_changed(old.extras, reactions=both))


def _message_edited(old: Message, envelope: Envelope, event: MessageEdited) -> Message:
    edits = (*old.extras.edits, Edit(event.sent_at, event.body))
    return _with(old, envelope, extras=_changed(old.extras, edits=edits))


def _message_revoked(old: Message, envelope: Envelope, event: MessageRevoked) -> Message:
    return _with(old, envelope, extras=_changed(old.extras, revoked_at=event.sent_at))


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
    MessageEchoed: _message_echoed,
    NoteAdded: _note_added,
}
STEPS: dict[type[Event], Callable[[Any, Envelope, Any], Message]] = {
    MessageAccepted: _message_accepted,
    MessageNotSent: _message_not_sent,
    MessageDoubted: _message_doubted,
    MessageResent: _message_resent,
    DoubtDismissed: _doubt_dismissed,
    MediaStored: _media_settled,
    MediaLost: _media_settled,
    Reacted: _reacted,
    MessageEdited: _message_edited,
    MessageRevoked: _message_revoked,
    StatusReported: _status_reported,
    AnomalyRecorded: _anomaly_recorded,
}
