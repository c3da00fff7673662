"""What happens to a contact."""

from __future__ import annotations

import attrs

from chatcore.entities import Address, Block, Customer, FieldValue, FieldValues
from chatcore.vocabulary import ChannelId, ContactId, CustomerId, FieldId, Private, redacted

__all__ = [
    "ContactAbsorbed",
    "ContactBlocked",
    "ContactCreated",
    "ContactEdited",
    "ContactMerged",
    "ContactUnblocked",
    "CustomerLinked",
    "CustomerUnlinked",
    "CustomersSuggested",
    "InboundRefused",
]


@attrs.frozen(slots=True, kw_only=True)
class ContactCreated:
    """A person became known."""

    addresses: tuple[Address, ...]
    name: Private | None = None


@attrs.frozen(slots=True, kw_only=True)
class ContactBlocked:
    """Nothing is received from, or sent to, this contact any more. Rule: S20."""

    why: str | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class ContactUnblocked:
    """Messages pass again."""


@attrs.frozen(slots=True, kw_only=True)
class InboundRefused:
    """A blocked contact's message was not received: one count in the ledger. Rule: M13."""

    channel: ChannelId
    provider_id: str = attrs.field(repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class ContactEdited:
    """What is known of a contact changed: name and opt-out as they are now, and the fields given. Rule: S8."""

    name: Private | None
    opted_out: bool
    values: tuple[tuple[FieldId, FieldValue | None], ...] = attrs.field(default=(), repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class CustomerLinked:
    """Who the contact is to the billing side became known. Rule: S18, B2."""

    customer: CustomerId = attrs.field(repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class CustomerUnlinked:
    """Who the contact is to the billing side is open again. Rule: S18."""


@attrs.frozen(slots=True, kw_only=True)
class ContactAbsorbed:
    """Another contact turned out to be this one; the fields are those of this one from now on. Rule: M11."""

    contact: ContactId
    addresses: tuple[Address, ...]
    name: Private | None
    customer: CustomerId | None = attrs.field(repr=redacted)
    fields: FieldValues = attrs.field(repr=redacted)
    opted_out: bool
    blocked: Block | None
    refused: int
    merged: tuple[ContactId, ...]
    suggestions: tuple[Customer, ...] = ()


@attrs.frozen(slots=True, kw_only=True)
class ContactMerged:
    """This contact turned out to be another one, which has its addresses now.

    On none of these `channels` can it have a live conversation any more. Rule: M11, L3.
    """

    into: ContactId
    channels: tuple[ChannelId, ...] = ()


@attrs.frozen(slots=True, kw_only=True)
class CustomersSuggested:
    """The contact may be one of these customers; nobody, if there are none. Rule: B2."""

    customers: tuple[Customer, ...]
