"""What asking contracts or billing leads to: the conversation notes it, an effect carries it out.

Rule: B11, L12. The conversation's version gives each its place in the lane, so that what was asked first goes
out first.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatcore.entities import Demand
from chatcore.entities.effect import PORT_OF
from chatcore.events import ActionRequested, Intended
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.rules.facts import Decision, OnTalk
from chatcore.vocabulary import EffectId, EffectKind

__all__ = ["asked"]


def asked(kind: EffectKind, demands: Iterable[Demand], facts: OnTalk) -> Decision:
    """The effects that meet these demands, in order."""
    conversation, decision = facts.conversation, list[tuple[object, object]]()
    for n, demand in enumerate(demands, 1):
        effect = EffectId(f"ef_{facts.root}.{n}")
        intended = Intended(
            kind=kind,
            conversation=conversation.id,
            contact=facts.contact.id,
            lane=f"{conversation.id}:{PORT_OF[kind]}",
            position=conversation.version + n,
            due_at=facts.now,
            expires_at=facts.now + DELIVERY_DEADLINE,
            demand=demand,
        )
        decision += [(conversation.id, ActionRequested(effect=effect, kind=kind)), (effect, intended)]
    return tuple(decision)  # type: ignore[arg-type]
