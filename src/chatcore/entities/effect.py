"""The effect: something to be done outside, or a long inner work, exactly as often as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType, NoneType
from typing import Final

import attrs

from chatcore._shape import moment_problems, not_utc, not_utc_or_none
from chatcore.entities.demands import DEMANDS, Demand
from chatcore.errors import InvalidValue, Problem
from chatcore.vocabulary import (
    Actor,
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DeliveryStatus,
    EffectId,
    EffectKind,
    EffectState,
    MessageId,
    PortKind,
    Private,
    redacted,
)

__all__ = ["INNER", "PORT_OF", "REPEATABLE", "Effect", "Evidence", "KeptStatus"]


@attrs.frozen(slots=True)
class Evidence:
    """Something learnt about an effect that its state could not take in, or that a person found out; kept.

    `note` is what a person says of it, `by` who that is.
    """

    at: datetime
    finding: str
    reference: str | None = attrs.field(default=None, repr=redacted)
    note: Private | None = None
    by: Actor | None = None


@attrs.frozen(slots=True)
class KeptStatus:
    """A delivery status whose message is not known yet. Rule: M3."""

    status: DeliveryStatus
    occurred_at: datetime
    failure: str | None = None


PORT_OF: Final[Mapping[EffectKind, PortKind]] = MappingProxyType(
    {
        EffectKind.SEND_MESSAGE: PortKind.MESSAGING,
        EffectKind.KEEP_STATUS: PortKind.MESSAGING,
        EffectKind.FETCH_MEDIA: PortKind.MESSAGING,
        EffectKind.SEND_RECEIPT: PortKind.MESSAGING,
        EffectKind.FIND_CUSTOMER: PortKind.CONTRACTS,
        EffectKind.OPEN_ORDER: PortKind.CONTRACTS,
        EffectKind.ISSUE_BOLETO: PortKind.BILLING,
        EffectKind.ISSUE_INVOICE: PortKind.BILLING,
        EffectKind.GRANT_BONUS: PortKind.BILLING,
    }
)
"""The port that effects of each kind go out through; inner work goes through none."""

INNER: Final = frozenset(EffectKind) - PORT_OF.keys()
"""The kinds of long inner work: nothing outside is asked, and it is done in bounded steps."""

REPEATABLE: Final = frozenset(
    {
        EffectKind.FETCH_MEDIA,
        EffectKind.SEND_RECEIPT,
        EffectKind.FIND_CUSTOMER,
        EffectKind.ISSUE_BOLETO,
        EffectKind.ISSUE_INVOICE,
    }
)
"""The kinds that may be done outside any number of times, whatever the nature of the port's writes."""

_ABOUT_MESSAGES: Final = frozenset({EffectKind.SEND_MESSAGE, EffectKind.FETCH_MEDIA, EffectKind.SEND_RECEIPT})
_LATER_MOMENTS = ("due_at", "lease_until", "dispatched_at", "doubted_at")


@attrs.frozen(slots=True, kw_only=True)
class Effect:
    """One effect as it stands. Its id is the key given to the outside.

    * `lane` and `position` keep order: it waits while an earlier one of its lane is INTENDED or IN_FLIGHT.
    * `due_at`: when something is next to be done about it; None when nothing is.
    * `fence`: its version at its last step; whoever settles names the one they saw.
    * `lease_until`: how long its claimer has it, while IN_FLIGHT.
    * `expires_at`: it is not dispatched at or after this moment.
    * `dispatched_at`: its first claim; `doubted_at`: its last doubt.
    * `unresolved`: an attempt ended in doubt, and nothing has resolved that doubt since.
    * `correlation`: the mark of the command that asked for it; it goes with every step of it.
    * `reference`: the outside's id for what was done; for KEEP_STATUS, the provider id waited for.
    * `agent`: for RELEASE_AGENT, whose conversations go back to the queue.
    * `demand`: what is asked of contracts or billing. With `guarded`, the business guard it has is its own from
      the intent on, until it has FAILED or is CANCELLED. Rule: B11.
    * `detail`: the code of why it failed, was cancelled or is in doubt.
    """

    id: EffectId
    version: int
    recorded_at: datetime
    kind: EffectKind
    state: EffectState
    channel: ChannelId | None
    conversation: ConversationId | None
    contact: ContactId | None
    message: MessageId | None
    requested_by: Actor
    expires_at: datetime
    correlation: str | None = None
    agent: AgentId | None = None
    lane: str | None = None
    position: int = 0
    attempts: int = 0
    due_at: datetime | None = None
    fence: int = 1
    lease_until: datetime | None = None
    dispatched_at: datetime | None = None
    doubted_at: datetime | None = None
    unresolved: bool = False
    reference: str | None = attrs.field(default=None, repr=redacted)
    detail: str | None = None
    evidence: tuple[Evidence, ...] = ()
    kept: tuple[KeptStatus, ...] = ()
    demand: Demand | None = None
    guarded: bool = True

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.id) is not str or not self.id.startswith("ef_"):
            bad.append(Problem("id", "not_an_effect"))
        if type(self.version) is not int or self.version < 1:
            bad.append(Problem("version", "not_positive"))
        if type(self.state) is not EffectState:
            bad.append(Problem("state", "not_a_state"))
        elif (self.state is EffectState.IN_FLIGHT) is not (self.lease_until is not None):
            bad.append(Problem("lease_until", "in_flight_means_lease"))
        if type(self.attempts) is not int or self.attempts < 0:
            bad.append(Problem("attempts", "negative"))
        if type(self.kind) is not EffectKind:
            bad.append(Problem("kind", "not_a_kind"))
        else:
            if (self.kind in _ABOUT_MESSAGES) is not (self.message is not None):
                bad.append(Problem("message", "send_means_message"))
            if (PORT_OF.get(self.kind) is PortKind.MESSAGING) is (self.channel is None):
                bad.append(Problem("channel", "messaging_means_channel"))
            if type(self.demand) is not DEMANDS.get(self.kind, NoneType):
                bad.append(Problem("demand", "not_its_demand", "B11"))
        if (
            not_utc(self.recorded_at)
            or not_utc(self.expires_at)
            or not_utc_or_none(self.due_at)
            or not_utc_or_none(self.lease_until)
            or not_utc_or_none(self.dispatched_at)
            or not_utc_or_none(self.doubted_at)
        ):
            bad += moment_problems(self, ("recorded_at", "expires_at"), _LATER_MOMENTS)
        if bad:
            raise InvalidValue(*bad)
