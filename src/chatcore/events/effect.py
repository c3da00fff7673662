"""What happens to an effect."""

from __future__ import annotations

from datetime import datetime

import attrs

from chatcore.entities import Demand, KeptStatus
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    EffectKind,
    MessageId,
    Private,
    redacted,
)

__all__ = [
    "Cancelled",
    "Claimed",
    "Dismissed",
    "Doubted",
    "EvidenceKept",
    "Failed",
    "Intended",
    "LeftUnconfirmed",
    "LookedUp",
    "Postponed",
    "SentToReview",
    "StatusKept",
    "Succeeded",
]


@attrs.frozen(slots=True, kw_only=True)
class Intended:
    """Something is to be done outside, or kept in hand; the fields are those of `Effect`."""

    kind: EffectKind
    expires_at: datetime
    due_at: datetime
    channel: ChannelId | None = None
    agent: AgentId | None = None
    conversation: ConversationId | None = None
    contact: ContactId | None = None
    message: MessageId | None = None
    lane: str | None = None
    position: int = 0
    reference: str | None = attrs.field(default=None, repr=redacted)
    kept: tuple[KeptStatus, ...] = ()
    demand: Demand | None = None


@attrs.frozen(slots=True, kw_only=True)
class Claimed:
    """Somebody is doing it, until the lease ends; `at` is the clock's moment, where it is behind the record."""

    lease_until: datetime
    at: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class Postponed:
    """It was certainly not done; it may be tried again from `due_at` on, with the same key."""

    due_at: datetime
    detail: str | None = None


@attrs.frozen(slots=True, kw_only=True)
class Succeeded:
    """It was done; `reference` is the outside's id for it."""

    reference: str | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class Failed:
    """It was not done and will not be; `detail` is the code of why."""

    detail: str


@attrs.frozen(slots=True, kw_only=True)
class Cancelled:
    """It was given up before it was tried; `detail` is the code of why."""

    detail: str


@attrs.frozen(slots=True, kw_only=True)
class Doubted:
    """It may have been done, may not; `due_at` is when to find out more, `at` as in `Claimed`."""

    due_at: datetime
    detail: str
    at: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class LookedUp:
    """A look-up could not tell yet; `due_at` is when to ask again."""

    due_at: datetime


@attrs.frozen(slots=True, kw_only=True)
class LeftUnconfirmed:
    """The doubt about a message could not be resolved; a person sees it."""


@attrs.frozen(slots=True, kw_only=True)
class SentToReview:
    """Something about a money-like effect cannot be resolved; a second person decides.

    It is not `guarded` where another one owns its business guard by now. Rule: B11.
    """

    guarded: bool = True


@attrs.frozen(slots=True, kw_only=True)
class Dismissed:
    """A person closed the doubt."""


@attrs.frozen(slots=True, kw_only=True)
class StatusKept:
    """Another status came for a message nobody knows yet. Rule: M3."""

    report: KeptStatus


@attrs.frozen(slots=True, kw_only=True)
class EvidenceKept:
    """Something was learnt that the state could not take in, or a person found out: `note` says what."""

    finding: str
    reference: str | None = attrs.field(default=None, repr=redacted)
    note: Private | None = None
