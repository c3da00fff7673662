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
from chatcore.errors import NoDefaultReason
from chatcore.events import ContactAbsorbed, ContactMerged, ContactReplaced
from chatcore.rules.closing import ended
from chatcore.rules.contacts import check_standing
from chatcore.rules.facts import Decision, OnMerge
from chatcore.vocabulary import ChannelId

__all__ = ["merge"]


def merge(command: MergeContacts, facts: OnMerge) -> Decision:
    """Make two contacts one.

    Raises:
        ContactMerged: one of them is another contact already.
        NoDefaultReason: a conversation has to close, and there is no default reason. Rule: L10.
    """
    gone, kept = facts.contact, facts.into
    if gone.merged_into == kept.id or gone.id in kept.merged:
        return ()
    check_standing(gone)
    check_standing(kept)
    decision: Decision = ((gone.id, ContactMerged(into=kept.id)), (kept.id, _absorbed(gone, kept)))
    by_channel: dict[ChannelId, list[tuple[Conversation, ChannelCapabilities]]] = {}
    for live in facts.lives:
        by_channel.setdefault(live[0].channel, []).append(live)
    closes: Decision = ()
    moves: Decision = ()
    for n, lives in enumerate(by_channel.values()):
        lives.sort(key=lambda live: (live[0].started_at, live[0].id))
        for newer, capabilities in lives[1:]:
            closes += _closed(newer, capabilities, facts, f"{facts.root}.{n}")
        oldest = lives[0][0]
        if oldest.contact != kept.id:
            moves += ((oldest.id, ContactReplaced(contact=kept.id)),)
    return decision + closes + moves


def _absorbed(gone: Contact, kept: Contact) -> ContactAbsorbed:
    return ContactAbsorbed(
        contact=gone.id,
        addresses=kept.addresses + gone.addresses,
        name=kept.name or gone.name,
        customer=kept.customer or gone.customer,
        fields=with_values(gone.fields, kept.fields),
        opted_out=kept.opted_out or gone.opted_out,
        blocked=kept.blocked or gone.blocked,
        refused=kept.refused + gone.refused,
        merged=(*kept.merged, gone.id, *gone.merged),
    )


def _closed(
    conversation: Conversation, capabilities: ChannelCapabilities, facts: OnMerge, root: str
) -> Decision:
    reason = conversation.reason or facts.workspace.policies.default_reason
    if reason is None:
        raise NoDefaultReason
    # Whoever of them is blocked, the person is: then nothing is said to either.
    gone, kept = facts.contact, facts.into
    own = gone if conversation.contact == gone.id else kept
    contact = next((each for each in (gone, kept) if each.blocked is not None), own)
    return ended(conversation, contact, reason, capabilities, facts, root)
