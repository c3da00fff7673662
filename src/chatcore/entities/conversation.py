"""The conversation: one contact, on one channel, from its opening to its close.

It does not hold its messages, only their count, so a command costs the same whatever was said before.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from chatcore._shape import moment_problems, not_utc, not_utc_or_none
from chatcore.errors import InvalidValue, Problem
from chatcore.vocabulary import (
    Actor,
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    Private,
    ReasonId,
    Situation,
)

__all__ = ["Conversation"]


_LATER_MOMENTS = ("queued_at", "taken_at", "closed_at", "waiting_since", "window_until")


@attrs.frozen(slots=True, kw_only=True)
class Conversation:
    """One conversation as it stands.

    * OPEN exactly when it has an assignee; `last_assignee` stays. Rule: L1.
    * CLOSED has a reason, a closer and a closing time. Rule: L2.
    * `address` is the exact address replies go to. Rule: M10.
    * `protocol` is given at the opening and never changes. Rule: L11.
    * `seq` is the number of the last message, from 1 without gaps; 0 before the first. Rule: M4.
    * `opened_at`: start or last reopening; `queued_at`, `taken_at`: last of each since then.
    * `waiting_since`: first customer message no human has answered. Rule: L15.
    * `window_until`: free-form messages pass before this moment; None where the channel has no window or
      the customer has not written yet. Rule: M5.
    """

    id: ConversationId
    version: int
    recorded_at: datetime
    contact: ContactId
    channel: ChannelId
    address: Private
    protocol: str
    situation: Situation
    department: DepartmentId
    assignee: AgentId | None
    last_assignee: AgentId | None
    reason: ReasonId | None
    started_at: datetime
    opened_at: datetime
    queued_at: datetime | None
    taken_at: datetime | None
    closed_at: datetime | None
    closed_by: Actor | None
    seq: int
    unread: int
    waiting_since: datetime | None
    window_until: datetime | None
    transfers: int

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.id) is not str or not self.id.startswith("cv_") or "." in self.id:
            bad.append(Problem("id", "not_a_conversation"))
        if type(self.version) is not int or self.version < 1:
            bad.append(Problem("version", "not_positive"))
        if type(self.situation) is not Situation:
            bad.append(Problem("situation", "not_a_situation", "S1"))
        else:
            if (self.situation is Situation.OPEN) is not (self.assignee is not None):
                bad.append(Problem("assignee", "open_means_assignee", "L1"))
            if self.situation is Situation.CLOSED and (
                self.reason is None or self.closed_by is None or self.closed_at is None
            ):
                bad.append(Problem("reason", "closed_means_reason", "L2"))
        if type(self.address) is not Private:
            bad.append(Problem("address", "not_private", "M10"))
        if type(self.seq) is not int or self.seq < 0:
            bad.append(Problem("seq", "negative", "M4"))
        if type(self.unread) is not int or self.unread < 0:
            bad.append(Problem("unread", "negative", "L23"))
        if type(self.transfers) is not int or self.transfers < 0:
            bad.append(Problem("transfers", "negative", "L9"))
        if not self.protocol:
            bad.append(Problem("protocol", "empty", "L11"))
        if (
            not_utc(self.recorded_at)
            or not_utc(self.started_at)
            or not_utc(self.opened_at)
            or not_utc_or_none(self.queued_at)
            or not_utc_or_none(self.taken_at)
            or not_utc_or_none(self.closed_at)
            or not_utc_or_none(self.waiting_since)
            or not_utc_or_none(self.window_until)
        ):
            bad += moment_problems(self, ("recorded_at", "started_at", "opened_at"), _LATER_MOMENTS)
        if bad:
            raise InvalidValue(*bad)
