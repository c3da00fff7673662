"""Two contacts that are one: two spellings of a number, or a number and a channel's own user id. Rule: M11.

1. The one merged gives its addresses and all that is known of it; what both say, the other's word stands.
2. Whoever of them is blocked, the person is.
3. Live conversations go along. Where that makes two on one channel, the newer closes with the default reason,
   as the system closes; the older goes on (L3).
4. Closed conversations stay where they are and are found through `Contact.merged`.
5. Merging what is merged already, be it through a third, changes nothing (L19).
"""

from __future__ import annotations

from chatcore.commands import MergeContacts
from chatcore.entities import ChannelCapabilities, Contact, Conversation
from chatcore.entities.fields import with_values
from chatcore.errors import NoDefaultReason, NotAMember, NotFound, NotPermitted
from chatcore.events import ContactAbsorbed, ContactMerged, ContactReplaced
from chatcore.limits import CUSTOMERS
from chatcore.rules.closing import ended
from chatcore.rules.contacts import check_standing
from chatcore.rules.facts import Decision, OnMerge
from chatcore.rules.permissions import check_access
from chatcore.vocabulary import Ability, ChannelId

__all__ = ["merge"]


def merge(command: MergeContacts, facts: OnMerge) -> Decision:
    """Make two contacts one.

    Raises:
        ContactMerged: one of them is another contact already.
        NotPermitted: a conversation has to close that the actor may not close, or not see. Rule: P.
        NoDefaultReason: a conversation has to close, and there is no default reason. Rule: L10.
    """
    gone, kept = facts.contact, facts.into
    if gone.merged_into == kept.id or gone.id in kept.merged:
        return ()
    check_standing(gone)
    check_standing(kept)
    decision: Decision = ((gone.id, _merged(gone, kept, facts)), (kept.id, _absorbed(gone, kept)))
    by_channel: dict[ChannelId, list[tuple[Conversation, ChannelCapabilities]]] = {}
    for live in facts.lives:
        by_channel.setdefault(live[0].channel, []).append(live)
    closes: Decision = ()
    moves: Decision = ()
    for n, lives in enumerate(by_channel.values()):
        lives.sort(key=lambda live: (live[0].started_at, live[0].id))
        for newer, capabilities in lives[1:]:
            closes += _closed(newer, capabilities, facts, f"{facts.root}.{n}")
        oldest, newer_ones = lives[0][0], [live[0] for live in lives[1:]]
        if newer_ones or oldest.contact != kept.id:
            moves += ((oldest.id, _goes_on(oldest, newer_ones, kept)),)
    return decision + closes + moves


def _merged(gone: Contact, kept: Contact, facts: OnMerge) -> ContactMerged:
    return ContactMerged(into=kept.id, channels=tuple(channel.id for channel in facts.workspace.channels))


def _goes_on(oldest: Conversation, newer: list[Conversation], kept: Contact) -> ContactReplaced:
    """The one that goes on takes over what those that close for it leave open. Rule: M5, L15, L20, L23."""
    talks = [each.talk for each in newer]
    open_for = [(t.window_until, t.address) for t in talks if t.window_until is not None]
    window, address = max(open_for, key=lambda each: each[0], default=(None, None))
    if window is None or (oldest.window_until is not None and window <= oldest.window_until):
        window = address = None
    return ContactReplaced(
        contact=kept.id,
        address=None if address == oldest.address else address,
        window_until=window,
        quiet_until=max((q for t in talks if (q := t.robot.quiet_until) is not None), default=None),
        waiting_since=min((t.waiting_since for t in talks if t.waiting_since is not None), default=None),
        unread=sum(t.unread for t in talks),
    )


def _absorbed(gone: Contact, kept: Contact) -> ContactAbsorbed:
    customer = kept.customer or gone.customer
    suggested = {each.id: each for each in (*kept.suggestions, *gone.suggestions)}
    return ContactAbsorbed(
        contact=gone.id,
        addresses=kept.addresses + gone.addresses,
        name=kept.name or gone.name,
        customer=customer,
        fields=with_values(gone.fields, kept.fields),
        opted_out=kept.opted_out or gone.opted_out,
        blocked=kept.blocked or gone.blocked,
        refused=kept.refused + gone.refused,
        merged=(*kept.merged, gone.id, *gone.merged),
        suggestions=() if customer is not None else tuple(suggested.values())[:CUSTOMERS],
    )


def _closed(
    conversation: Conversation, capabilities: ChannelCapabilities, facts: OnMerge, root: str
) -> Decision:
    try:
        check_access(Ability.CLOSE, facts.actor, facts.agent, facts.workspace, conversation)
    except (NotFound, NotAMember):
        raise NotPermitted(Ability.CLOSE) from None
    reason = conversation.reason or facts.workspace.policies.default_reason
    if reason is None:
        raise NoDefaultReason
    # Whoever of them is blocked, the person is: then nothing is said to either.
    gone, kept = facts.contact, facts.into
    own = gone if conversation.contact == gone.id else kept
    contact = next((each for each in (gone, kept) if each.blocked is not None), own)
    return ended(conversation, contact, reason, capabilities, facts, root)
