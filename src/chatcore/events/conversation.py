"""What happens to a conversation."""

from __future__ import annotations

from datetime import datetime

import attrs

from chatcore.entities import FieldValue
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ContractId,
    DepartmentId,
    Direction,
    EffectId,
    EffectKind,
    FieldId,
    MessageId,
    Private,
    ReasonId,
    TagId,
    Trigger,
    redacted,
)

__all__ = [
    "ActionRequested",
    "Closed",
    "ContactReplaced",
    "ContractPinned",
    "DepartmentChanged",
    "FieldsSet",
    "MarkedRead",
    "MessageAdded",
    "Queued",
    "ReasonSet",
    "Reopened",
    "ReturnedToBot",
    "Started",
    "Tagged",
    "Taken",
    "Transferred",
    "Untagged",
]


@attrs.frozen(slots=True, kw_only=True)
class Started:
    """A conversation began: with the bot, in the queue, or OPEN when it names an assignee. Rule: L5, L11.

    `window_until`: the customer's last message here keeps the service window open into it (M5); and they were
    told that the service is closed until `quiet_until` (L20).
    """

    contact: ContactId
    channel: ChannelId
    address: Private
    protocol: str
    department: DepartmentId
    bot: bool = False
    assignee: AgentId | None = None
    window_until: datetime | None = None
    quiet_until: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class Queued:
    """It waits for service, in this department."""

    department: DepartmentId


@attrs.frozen(slots=True, kw_only=True)
class Taken:
    """An agent became its assignee; the envelope's actor is who made it so. Rule: S4, L17."""

    assignee: AgentId


@attrs.frozen(slots=True, kw_only=True)
class Transferred:
    """Another agent became its assignee. Rule: S12, L9."""

    assignee: AgentId


@attrs.frozen(slots=True, kw_only=True)
class ReturnedToBot:
    """The bot has it again."""


@attrs.frozen(slots=True, kw_only=True)
class Closed:
    """It is finished, for this reason. Rule: S19, L2."""

    reason: ReasonId


@attrs.frozen(slots=True, kw_only=True)
class Reopened:
    """It goes on: in the queue, or OPEN when it names an assignee. Rule: L4.

    `window_until` and `quiet_until` come from a later conversation with the same person here, as in `Started`.
    """

    assignee: AgentId | None = None
    window_until: datetime | None = None
    quiet_until: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class DepartmentChanged:
    """It belongs to another department now, where it stands. Rule: L8."""

    department: DepartmentId


@attrs.frozen(slots=True, kw_only=True)
class ReasonSet:
    """Why it is held was said. Rule: S11."""

    reason: ReasonId


@attrs.frozen(slots=True, kw_only=True)
class MarkedRead:
    """What the customer wrote was read; whether they wait for an answer is another matter. Rule: L23."""


@attrs.frozen(slots=True, kw_only=True)
class MessageAdded:
    """A message took the next `seq`. It counts here; what it says is in the message's own stream.

    `human` is true for what a person of the service wrote, and false for what is automatic. `window_until`
    is the end of the service window that a customer's message opened; `address`, where replies go from now
    on, if that changed. `bot` is true for the bot's; `trigger` names an automatic one, and `quiet_until` the
    end of the closed period it told of. Rule: M4, M5, M10, L14, L15, L20, L23.
    """

    message: MessageId
    seq: int
    direction: Direction
    human: bool = False
    window_until: datetime | None = None
    address: Private | None = None
    bot: bool = False
    trigger: Trigger | None = None
    quiet_until: datetime | None = None


@attrs.frozen(slots=True, kw_only=True)
class Tagged:
    """Tags were put on it. Rule: S7."""

    tags: tuple[TagId, ...]


@attrs.frozen(slots=True, kw_only=True)
class Untagged:
    """Tags were taken off it. Rule: S7."""

    tags: tuple[TagId, ...]


@attrs.frozen(slots=True, kw_only=True)
class FieldsSet:
    """Custom fields were filled in; None takes a value away. Rule: C9."""

    values: tuple[tuple[FieldId, FieldValue | None], ...] = attrs.field(repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class ContactReplaced:
    """It is with this contact: whom it was with turned out to be them. Rule: M11.

    It takes over what another conversation with them, which closes for it, leaves open: the window, with the
    address it is open for; the closed period told of, since when the customer waits, and how many messages
    nobody has read.
    """

    contact: ContactId
    address: Private | None = None
    window_until: datetime | None = None
    quiet_until: datetime | None = None
    waiting_since: datetime | None = None
    unread: int = 0


@attrs.frozen(slots=True, kw_only=True)
class ContractPinned:
    """It is about this contract; None: about none in particular. Rule: S5."""

    contract: ContractId | None


@attrs.frozen(slots=True, kw_only=True)
class ActionRequested:
    """Something was asked of contracts or billing; the effect says what. Rule: S13, S14, S15, S17."""

    effect: EffectId
    kind: EffectKind
