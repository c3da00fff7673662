"""How a contact changes: known, edited, linked, blocked, found to be another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatcore.entities import Block, Contact
from chatcore.entities.fields import with_values
from chatcore.events import (
    ContactAbsorbed,
    ContactBlocked,
    ContactCreated,
    ContactEdited,
    ContactMerged,
    ContactUnblocked,
    CustomerLinked,
    CustomersSuggested,
    CustomerUnlinked,
    Envelope,
    Event,
    InboundRefused,
)
from chatcore.evolve._changing import changed
from chatcore.vocabulary import ContactId

__all__ = ["BIRTHS", "STEPS"]


def _contact_created(_: None, envelope: Envelope, event: ContactCreated) -> Contact:
    return Contact(
        id=ContactId(envelope.ref),
        version=envelope.version,
        recorded_at=envelope.recorded_at,
        addresses=event.addresses,
        name=event.name,
    )


def _contact_edited(old: Contact, envelope: Envelope, event: ContactEdited) -> Contact:
    fields = with_values(old.fields, event.values)
    return changed(old, envelope, name=event.name, opted_out=event.opted_out, fields=fields)


def _customer_linked(old: Contact, envelope: Envelope, event: CustomerLinked) -> Contact:
    return changed(old, envelope, customer=event.customer, suggestions=())


def _customer_unlinked(old: Contact, envelope: Envelope, _: CustomerUnlinked) -> Contact:
    return changed(old, envelope, customer=None)


def _customers_suggested(old: Contact, envelope: Envelope, event: CustomersSuggested) -> Contact:
    return changed(old, envelope, suggestions=event.customers)


def _contact_blocked(old: Contact, envelope: Envelope, event: ContactBlocked) -> Contact:
    return changed(old, envelope, blocked=Block(envelope.actor, envelope.recorded_at, event.why))


def _contact_unblocked(old: Contact, envelope: Envelope, _: ContactUnblocked) -> Contact:
    return changed(old, envelope, blocked=None)


def _inbound_refused(old: Contact, envelope: Envelope, _: InboundRefused) -> Contact:
    return changed(old, envelope, refused=old.refused + 1)


def _contact_absorbed(old: Contact, envelope: Envelope, event: ContactAbsorbed) -> Contact:
    return changed(
        old,
        envelope,
        addresses=event.addresses,
        name=event.name,
        customer=event.customer,
        fields=event.fields,
        opted_out=event.opted_out,
        blocked=event.blocked,
        refused=event.refused,
        merged=event.merged,
        suggestions=event.suggestions,
    )


def _contact_merged(old: Contact, envelope: Envelope, event: ContactMerged) -> Contact:
    return changed(old, envelope, addresses=(), merged=(), merged_into=event.into, silent_on=event.channels)


BIRTHS: dict[type[Event], Callable[[Any, Envelope, Any], Contact]] = {ContactCreated: _contact_created}
STEPS: dict[type[Event], Callable[[Any, Envelope, Any], Contact]] = {
    ContactEdited: _contact_edited,
    CustomerLinked: _customer_linked,
    CustomerUnlinked: _customer_unlinked,
    CustomersSuggested: _customers_suggested,
    ContactBlocked: _contact_blocked,
    ContactUnblocked: _contact_unblocked,
    InboundRefused: _inbound_refused,
    ContactAbsorbed: _contact_absorbed,
    ContactMerged: _contact_merged,
}
