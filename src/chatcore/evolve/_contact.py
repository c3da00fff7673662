"""How a contact changes: known, blocked, unblocked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatcore.entities import (
    Block,
    Contact,
)
from chatcore.events import (
    ContactBlocked,
    ContactCreated,
    ContactUnblocked,
    Envelope,
    Event,
    InboundRefused,
)
from chatcore.vocabulary import (
    ContactId,
)

__all__ = ["BIRTHS", "STEPS"]


def _contact_created(_: None, envelope: Envelope, event: ContactCreated) -> Contact:
    return Contact(
        id=ContactId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        addresses=event.addresses,
        name=event.name,
    )


def _contact(old: Contact, envelope: Envelope, blocked: Block | None, refused: int) -> Contact:
    return Contact(
        id=old.id,
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        addresses=old.addresses,
        name=old.name,
        blocked=blocked,
        refused=refused,
    )


def _contact_blocked(old: Contact, envelope: Envelope, event: ContactBlocked) -> Contact:
    return _contact(old, envelope, Block(envelope.actor, envelope.recorded_at, event.why), old.refused)


def _contact_unblocked(old: Contact, envelope: Envelope, _: ContactUnblocked) -> Contact:
    return _contact(old, envelope, None, old.refused)


def _inbound_refused(old: Contact, envelope: Envelope, _: InboundRefused) -> Contact:
    return _contact(old, envelope, old.blocked, old.refused + 1)


BIRTHS: dict[type[Event], Callable[[Any, Envelope, Any], Contact]] = {ContactCreated: _contact_created}
STEPS: dict[type[Event], Callable[[Any, Envelope, Any], Contact]] = {
    ContactBlocked: _contact_blocked,
    ContactUnblocked: _contact_unblocked,
    InboundRefused: _inbound_refused,
}
