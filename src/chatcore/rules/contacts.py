"""What is known of a contact: edited, linked to a customer, blocked. Rule: S8, S18, S20, M13, L19.

Asking for what already is changes nothing. A contact that turned out to be another one is not touched any more.
"""

from __future__ import annotations

from chatcore.commands import BlockContact, EditContact, LinkCustomer, UnblockContact, UnlinkCustomer
from chatcore.entities import Contact
from chatcore.errors import ContactMerged, InvalidValue, NotFound
from chatcore.events import (
    ContactBlocked,
    ContactCreated,
    ContactEdited,
    ContactUnblocked,
    CustomerLinked,
    CustomerUnlinked,
)
from chatcore.rules.facts import Decision, OnContact
from chatcore.rules.tagging import field_misfits, new_values
from chatcore.vocabulary import ContactId, FieldOn

__all__ = ["block", "check_standing", "edit", "link", "unblock", "unlink"]


def check_standing(contact: Contact) -> None:
    """Refuse to touch a contact that is another one now.

    Raises:
        ContactMerged: says which. Rule: M11.
    """
    if contact.merged_into is not None:
        raise ContactMerged(contact.merged_into)


def _known(facts: OnContact) -> Contact:
    if facts.contact is None:
        raise NotFound("contact", "")
    check_standing(facts.contact)
    return facts.contact


def edit(command: EditContact, facts: OnContact) -> Decision:
    """Change the name, the opt-out, custom fields.

    Raises:
        ContactMerged: it is another contact now.
        InvalidValue: a field is not there, archived, or of another type; all misfits at once. Rule: C9.
    """
    contact = _known(facts)
    bad = field_misfits(command.fields, FieldOn.CONTACT, "fields", facts.workspace)
    if bad:
        raise InvalidValue(*bad)
    name = contact.name if command.name is None else command.name
    opted_out = contact.opted_out if command.opted_out is None else command.opted_out
    values = new_values(command.fields, contact.fields)
    if (name, opted_out, values) == (contact.name, contact.opted_out, ()):
        return ()
    return ((contact.id, ContactEdited(name=name, opted_out=opted_out, values=values)),)


def link(command: LinkCustomer, facts: OnContact) -> Decision:
    """Link the contact to a customer, instead of whoever it was before."""
    contact = _known(facts)
    if contact.customer == command.customer:
        return ()
    return ((contact.id, CustomerLinked(customer=command.customer)),)


def unlink(_: UnlinkCustomer, facts: OnContact) -> Decision:
    """Leave open who the contact is."""
    contact = _known(facts)
    return () if contact.customer is None else ((contact.id, CustomerUnlinked()),)


def block(command: BlockContact, facts: OnContact) -> Decision:
    """Receive nothing from the contact, and send nothing, from now on; live conversations stay (L21).

    A number that nobody has yet becomes a contact, and is blocked.
    """
    if facts.contact is None:
        assert facts.address is not None
        id = ContactId(f"ct_{facts.root}")
        return (
            (id, ContactCreated(addresses=(facts.address,))),
            (id, ContactBlocked(why=command.why)),
        )
    contact = _known(facts)
    if contact.blocked is not None:
        return ()
    return ((contact.id, ContactBlocked(why=command.why)),)


def unblock(_: UnblockContact, facts: OnContact) -> Decision:
    """Let the contact's messages pass again."""
    contact = _known(facts)
    return () if contact.blocked is None else ((contact.id, ContactUnblocked()),)
