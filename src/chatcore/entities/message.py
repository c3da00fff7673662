"""The message: one thing said in a conversation, and how far it came."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from chatcore._shape import id_problem, not_id, not_tuple_of, not_utc_or_none
from chatcore.entities.attachment import Media
from chatcore.errors import InvalidValue, Problem
from chatcore.vocabulary import (
    Actor,
    ChannelId,
    ConversationId,
    CustomerId,
    DeliveryStatus,
    Direction,
    EffectId,
    MessageId,
    MessageKind,
    Private,
    TemplateId,
    Trigger,
    redacted,
)

__all__ = ["RANKS", "UNSPECIFIED", "Edit", "Extras", "Message", "Reaction"]

RANKS = {
    DeliveryStatus.PENDING: 0,
    DeliveryStatus.SENT: 1,
    DeliveryStatus.DELIVERED: 2,
    DeliveryStatus.READ: 3,
    DeliveryStatus.PLAYED: 4,
}
"""The order of what a message may have reached. Rule: M2."""

UNSPECIFIED = "unspecified"
"""The failure code of a report that gives none."""

_INBOUND = Direction.INBOUND


@attrs.frozen(slots=True)
class Edit:
    """What the customer changed a message to, and when. Rule: M18."""

    at: datetime
    body: Private


@attrs.frozen(slots=True)
class Reaction:
    """The emoji last put on a message, by us or by the customer; None where it was taken away again. Rule: M9.

    `at` is the provider's clock: of two, the later one counts, whichever comes first.
    """

    direction: Direction
    emoji: Private | None
    at: datetime


@attrs.frozen(slots=True, kw_only=True)
class Extras:
    """What few messages have.

    * `media`: its file. Rule: M17.
    * `template`, `parameters`: the approved template it was made of. Rule: M5.
    * `reply_to`: the message it answers, if known. Rule: M9.
    * `reactions`: the last one each way. Rule: M9.
    * `customer`: whom what it brings belongs to; it goes to nobody else. Rule: B2.
    * `edits`, `revoked_at`: what the customer changed and took back; the original stays. Rule: M18.
    """

    media: Media | None = None
    template: TemplateId | None = None
    parameters: tuple[Private, ...] = ()
    reply_to: MessageId | None = None
    reactions: tuple[Reaction, ...] = ()
    edits: tuple[Edit, ...] = ()
    revoked_at: datetime | None = None
    customer: CustomerId | None = attrs.field(default=None, repr=redacted)

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if self.media is not None and type(self.media) is not Media:
            bad.append(Problem("media", "not_media", "M17"))
        if not_tuple_of(Private, self.parameters):
            bad.append(Problem("parameters", "not_parameters", "M5"))
        if not_tuple_of(Reaction, self.reactions):
            bad.append(Problem("reactions", "not_reactions", "M9"))
        if not_tuple_of(Edit, self.edits):
            bad.append(Problem("edits", "not_edits", "M18"))
        if self.customer is not None and not_id(self.customer):
            bad.append(id_problem("customer", self.customer))
        if not_utc_or_none(self.revoked_at):
            bad.append(Problem("revoked_at", "not_utc", "L12"))
        if bad:
            raise InvalidValue(*bad)


_NOTHING = Private("")

NO_EXTRAS = Extras()
"""A message with none of these."""


@attrs.frozen(slots=True, kw_only=True)
class Message:
    """One message as it stands; its id is ``conversation.seq``. Rule: M4.

    * `author` is who wrote it; None for the customer. `automatic` names the trigger of an automatic message.
    * `reached` is the furthest delivery known and `failure` the first, by alphabet, of the failure codes
      reported, so reports commute; `status` reads them together. Rule: M2.
    * `not_sent` is the code of why our own attempt did not leave; the provider's acceptance ends it.
    * `sent_at` is the provider's clock, for an inbound message.
    * `flags` say what was repaired on the way in; `raw` keeps an unknown kind as it came. Rule: M8, M14.
    * `first_recorded` is when it was recorded, once it has changed since; `said_at` tells it in any case.
    * `anomalies` is above 0 once its provider id came again with another body. Rule: M1.
    """

    id: MessageId
    version: int
    recorded_at: datetime
    conversation: ConversationId
    seq: int
    channel: ChannelId
    direction: Direction
    kind: MessageKind
    body: Private
    author: Actor | None = None
    automatic: Trigger | None = None
    effect: EffectId | None = None
    provider_id: str | None = attrs.field(default=None, repr=redacted)
    sent_at: datetime | None = None
    reached: DeliveryStatus = DeliveryStatus.PENDING
    failure: str | None = None
    not_sent: str | None = None
    unconfirmed: bool = False
    flags: tuple[str, ...] = ()
    raw: Private | None = None
    anomalies: int = 0
    extras: Extras = NO_EXTRAS
    first_recorded: datetime | None = None

    @property
    def media(self) -> Media | None:
        """Its file. Rule: M17."""
        return self.extras.media

    @property
    def said_at(self) -> datetime:
        """When it was recorded; `recorded_at` is when it last changed."""
        return self.first_recorded or self.recorded_at

    @property
    def text(self) -> Private:
        """What it says now: as last changed, by the provider's clock, or else as it came. Rule: M18.

        That clock shows seconds: of two changes in one, the one recorded later counts.
        """
        edits = self.extras.edits
        return max(reversed(edits), key=lambda edit: edit.at).body if edits else self.body

    @property
    def shown(self) -> Private:
        """What is shown of it: nothing, once it was taken back. Rule: M18."""
        return _NOTHING if self.extras.revoked_at is not None else self.text

    @property
    def status(self) -> DeliveryStatus:
        """What a screen shows. Evidence of delivery beats a failure; a doubt shows until there is evidence."""
        reached = self.reached
        if (self.failure is not None or self.not_sent is not None) and (
            RANKS[reached] < RANKS[DeliveryStatus.DELIVERED]
        ):
            return DeliveryStatus.FAILED
        if reached is DeliveryStatus.PENDING and self.unconfirmed:
            return DeliveryStatus.UNCONFIRMED
        return reached

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.seq) is not int or self.seq < 1:
            bad.append(Problem("seq", "not_positive", "M4"))
        elif self.id != f"{self.conversation}.{self.seq}":
            bad.append(Problem("id", "not_this_message", "M4"))
        if type(self.version) is not int or self.version < 1:
            bad.append(Problem("version", "not_positive"))
        if type(self.body) is not Private:
            bad.append(Problem("body", "not_private"))
        if type(self.reached) is not DeliveryStatus or self.reached not in RANKS:
            bad.append(Problem("reached", "not_a_rank", "M2"))
        if type(self.extras) is not Extras:
            bad.append(Problem("extras", "not_extras"))
        if (self.direction is _INBOUND) is not (self.author is None and self.automatic is None):
            bad.append(Problem("author", "outbound_means_author", "L12"))
        if not_utc_or_none(self.first_recorded):
            bad.append(Problem("first_recorded", "not_utc", "L12"))
        if type(self.recorded_at) is not datetime or self.recorded_at.tzinfo is not UTC:
            bad.append(Problem("recorded_at", "not_utc", "L12"))
        if self.sent_at is not None and (type(self.sent_at) is not datetime or self.sent_at.tzinfo is not UTC):
            bad.append(Problem("sent_at", "not_utc", "L12"))
        if bad:
            raise InvalidValue(*bad)
