"""A message in doubt: sent once more, or the doubt dismissed. Rule: M2."""

from __future__ import annotations

from chatcore.commands import Dismiss, Resend
from chatcore.errors import (
    NotInDoubt,
)
from chatcore.events import (
    Dismissed,
    DoubtDismissed,
    MessageResent,
)
from chatcore.rules.facts import Decision, OnMessage
from chatcore.rules.passing import check_carried, check_passes
from chatcore.rules.writing import sending
from chatcore.vocabulary import (
    EffectId,
    EffectState,
)

__all__ = [
    "dismiss",
    "resend",
]


def resend(command: Resend, facts: OnMessage) -> Decision:
    """Send a message in doubt once more, by a new effect; it may arrive twice, and a person takes that on.

    Raises:
        NotInDoubt: it is not. Rule: M2.
        ContactBlocked, WindowClosed, OptedOut, …: it cannot go now. Rule: L21, M5, M6, M16.
    """
    message, conversation, now = facts.message, facts.conversation, facts.now
    _check_in_doubt(facts)
    check_passes(message.kind, facts.contact, facts.capabilities, conversation.window_until, now)
    check_carried(message, facts.contact, facts.capabilities, facts.workspace)
    effect = EffectId(f"ef_{facts.root}.{message.seq}")
    return (
        (facts.effect.id, Dismissed()),
        (message.id, MessageResent(effect=effect)),
        (
            effect,
            sending(conversation.id, facts.contact.id, conversation.channel, message.id, message.seq, now),
        ),
    )


def dismiss(_: Dismiss, facts: OnMessage) -> Decision:
    """Close the doubt about a message; evidence that comes later still counts.

    Raises:
        NotInDoubt: it is not. Rule: M2.
    """
    _check_in_doubt(facts)
    return ((facts.effect.id, Dismissed()), (facts.message.id, DoubtDismissed()))


def _check_in_doubt(facts: OnMessage) -> None:
    if facts.effect.state is not EffectState.UNCONFIRMED or not facts.message.unconfirmed:
        raise NotInDoubt(facts.message.id)
