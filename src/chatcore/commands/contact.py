"""What people ask about a contact."""

from __future__ import annotations

import attrs

from chatcore.commands._checks import (
    refuse,
    required,
)
from chatcore.errors import Problem
from chatcore.limits import NOTE_LENGTH
from chatcore.text import outbound_problems
from chatcore.vocabulary import (
    ContactId,
    redacted,
)

__all__ = [
    "BlockContact",
    "UnblockContact",
]


@attrs.frozen(slots=True)
class BlockContact:
    """Receive nothing from, and send nothing to, a contact any more. Rule: S20."""

    contact: ContactId
    why: str | None = attrs.field(default=None, repr=redacted)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "contact")
        if self.why is not None:
            bad += outbound_problems(self.why, "why")
            if type(self.why) is str and len(self.why) > NOTE_LENGTH:
                bad.append(Problem("why", "too_long", limit=NOTE_LENGTH, actual=len(self.why)))
        refuse(bad)


@attrs.frozen(slots=True)
class UnblockContact:
    """Let a contact's messages pass again. Rule: S20."""

    contact: ContactId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "contact"))
