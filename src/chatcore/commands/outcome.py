"""The answer to a command."""

from __future__ import annotations

import attrs

from chatcore.vocabulary import (
    CommandId,
    ContactId,
    ConversationId,
    EffectId,
    EntityKind,
    MessageId,
    Ref,
    kind_of,
)

__all__ = [
    "Outcome",
]


@attrs.frozen(slots=True)
class Outcome:
    """What a command committed: each entity it changed, with its version after; empty if nothing had to be."""

    command: CommandId
    changed: tuple[tuple[Ref, int], ...] = ()

    def version_of(self, ref: Ref) -> int | None:
        """The version of an entity after the command, if the command changed it."""
        return next((version for changed, version in self.changed if changed == ref), None)

    @property
    def conversation(self) -> ConversationId | None:
        """The conversation it changed."""
        return next((ConversationId(r) for r in self._refs(EntityKind.CONVERSATION)), None)

    @property
    def contact(self) -> ContactId | None:
        """The contact it changed."""
        return next((ContactId(r) for r in self._refs(EntityKind.CONTACT)), None)

    @property
    def message(self) -> MessageId | None:
        """The first message it added or changed."""
        return next((MessageId(r) for r in self._refs(EntityKind.MESSAGE)), None)

    @property
    def effects(self) -> tuple[EffectId, ...]:
        """The effects it gave birth to or changed."""
        return tuple(EffectId(r) for r in self._refs(EntityKind.EFFECT))

    def _refs(self, kind: EntityKind) -> list[Ref]:
        return [ref for ref, _ in self.changed if kind_of(ref) is kind]
