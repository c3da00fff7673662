"""Blocking and unblocking a contact. Asking for what already is changes nothing. Rule: S20, L19."""

from __future__ import annotations

from chatcore.commands import BlockContact, UnblockContact
from chatcore.events import ContactBlocked, ContactUnblocked
from chatcore.rules.facts import Decision, OnContact

__all__ = ["block", "unblock"]


def block(command: BlockContact, facts: OnContact) -> Decision:
    """Receive nothing from the contact, and send nothing, from now on; live conversations stay (L21)."""
    if facts.contact.blocked is not None:
        return ()
    return ((facts.contact.id, ContactBlocked(why=command.why)),)


def unblock(_: UnblockContact, facts: OnContact) -> Decision:
    """Let the contact's messages pass again."""
    if facts.contact.blocked is None:
        return ()
    return ((facts.contact.id, ContactUnblocked()),)
