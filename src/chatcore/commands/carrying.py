"""What is asked about an effect, and what may be found out about one."""

from __future__ import annotations

import enum
from datetime import timedelta

import attrs

from chatcore._shape import refuse
from chatcore.commands._checks import ids, required
from chatcore.entities import Attachment
from chatcore.errors import Problem
from chatcore.vocabulary import (
    EffectId,
    redacted,
)

__all__ = [
    "ClaimEffect",
    "Finding",
    "FindingKind",
    "SettleEffect",
]


class FindingKind(enum.StrEnum):
    """What can be found out about an effect that was tried."""

    DONE = "done"
    REFUSED = "refused"
    NOT_DONE = "not_done"
    DOUBT = "doubt"
    ABSENT = "absent"
    OVERDUE = "overdue"


@attrs.frozen(slots=True, kw_only=True)
class Finding:
    """What was found out about an effect.

    DONE carries the outside's `reference`, or the `attachment` that was fetched; REFUSED its code in `detail`;
    NOT_DONE (certainly) may carry `retry_after`; DOUBT says why in `detail`; ABSENT is a look-up that found
    nothing; OVERDUE means that there is nothing left to ask.
    """

    kind: FindingKind
    reference: str | None = attrs.field(default=None, repr=redacted)
    detail: str | None = None
    retry_after: timedelta | None = None
    attachment: Attachment | None = None

    def __attrs_post_init__(self) -> None:
        bad = ids(reference=self.reference, detail=self.detail)
        if type(self.kind) is not FindingKind:
            bad.append(Problem("kind", "not_a_kind"))
        if self.retry_after is not None and type(self.retry_after) is not timedelta:
            bad.append(Problem("retry_after", "not_a_span"))
        if self.attachment is not None and type(self.attachment) is not Attachment:
            bad.append(Problem("attachment", "not_an_attachment", "M17"))
        refuse(bad)


@attrs.frozen(slots=True)
class ClaimEffect:
    """Take an effect in hand, for the length of a lease; its version after that is the fence."""

    effect: EffectId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "effect"))


@attrs.frozen(slots=True)
class SettleEffect:
    """Record what was found out about an effect seen at version `fence`."""

    effect: EffectId
    fence: int
    finding: Finding

    def __attrs_post_init__(self) -> None:
        bad = required(self, "effect")
        if type(self.fence) is not int or self.fence < 1:
            bad.append(Problem("fence", "not_positive"))
        if type(self.finding) is not Finding:
            bad.append(Problem("finding", "not_a_finding"))
        refuse(bad)
