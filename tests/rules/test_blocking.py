"""Blocking and unblocking a contact."""

from __future__ import annotations

from chatcore.commands import BlockContact, UnblockContact
from chatcore.events import ContactBlocked, ContactUnblocked
from chatcore.rules import decide
from tests.given import ANA, CT, after, blocked_contact, contact, on_contact


def test_a_contact_is_blocked_with_a_why() -> None:
    """Rule: S20."""
    decision = decide(BlockContact(CT, "spam"), on_contact(contact(), ANA))
    assert decision == ((CT, ContactBlocked(why="spam")),)
    assert after(contact(), decision[0][1], by=ANA).blocked.by == ANA


def test_a_contact_is_unblocked() -> None:
    """Rule: S20."""
    assert decide(UnblockContact(CT), on_contact(blocked_contact(), ANA)) == ((CT, ContactUnblocked()),)


def test_asking_for_what_already_is_changes_nothing() -> None:
    """Who blocked first, and why, stays. Rule: L19."""
    assert decide(BlockContact(CT, "other"), on_contact(blocked_contact(), ANA)) == ()
    assert decide(UnblockContact(CT), on_contact(contact(), ANA)) == ()
