"""What is asked about an effect, and what may be found out about one."""

from __future__ import annotations

import enum
from datetime import timedelta
from typing import TypeAlias

import attrs

from chatcore._shape import refuse
from chatcore.commands._checks import failure_code, ids, private, required, switch
from chatcore.entities import Attachment, Found, IssuedBoleto, IssuedInvoice
from chatcore.entities.demands import words_problems
from chatcore.errors import Problem
from chatcore.limits import JUSTIFICATION_LENGTH
from chatcore.vocabulary import (
    EffectId,
    Private,
    redacted,
)

__all__ = [
    "Brought",
    "ClaimEffect",
    "Finding",
    "FindingKind",
    "RecordResult",
    "SettleEffect",
    "SettleReview",
    "Withdraw",
]


class FindingKind(enum.StrEnum):
    """What can be found out about an effect that was tried."""

    DONE = "done"
    REFUSED = "refused"
    NOT_DONE = "not_done"
    DOUBT = "doubt"
    ABSENT = "absent"
    OVERDUE = "overdue"


Brought: TypeAlias = Attachment | IssuedBoleto | IssuedInvoice | Found
"""What an effect may bring from outside."""

_BROUGHT = (Attachment, IssuedBoleto, IssuedInvoice, Found)


@attrs.frozen(slots=True, kw_only=True)
class Finding:
    """What was found out about an effect.

    DONE carries the outside's `reference`, or what it `brought`: a file, a boleto, an invoice, customers;
    REFUSED its code in `detail`; NOT_DONE (certainly) may carry `retry_after`; DOUBT says why in `detail`;
    ABSENT is a look-up that found nothing; OVERDUE means that there is nothing left to ask.
    """

    kind: FindingKind
    reference: str | None = attrs.field(default=None, repr=redacted)
    detail: str | None = None
    retry_after: timedelta | None = None
    brought: Brought | None = None

    def __attrs_post_init__(self) -> None:
        bad = ids(reference=self.reference, detail=self.detail)
        if type(self.kind) is not FindingKind:
            bad.append(Problem("kind", "not_a_kind"))
        if self.retry_after is not None and type(self.retry_after) is not timedelta:
            bad.append(Problem("retry_after", "not_a_span"))
        if self.brought is not None and type(self.brought) not in _BROUGHT:
            bad.append(Problem("brought", "not_brought"))
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


@attrs.frozen(slots=True, kw_only=True)
class RecordResult:
    """Record what a port reports of an effect by its key: that it was applied, or refused. Rule: B11.

    This is the callback of a port that reports by key; `reference` is the outside's id for what was done,
    `failure` its code, where it was not. It may come at any time, and any number of times.
    """

    effect: EffectId
    applied: bool
    reference: str | None = attrs.field(default=None, repr=redacted)
    failure: str | None = attrs.field(default=None, converter=failure_code)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "effect") + ids(reference=self.reference, failure=self.failure)
        if self.applied is True and self.failure is not None:
            bad.append(Problem("failure", "applied_or_failure", "B11"))
        refuse(bad + switch(self.applied, "applied"))


@attrs.frozen(slots=True)
class Withdraw:
    """Take back what was asked for and certainly has not gone out yet. Rule: B11."""

    effect: EffectId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "effect"))


@attrs.frozen(slots=True)
class SettleReview:
    """Say what became of an effect in review, as a second person who has looked: was it `applied`? Rule: B11.

    `evidence` says how one knows; `reference` is the outside's id for what was done, if it was.
    """

    effect: EffectId
    applied: bool
    evidence: Private = attrs.field(converter=private)
    reference: str | None = attrs.field(default=None, kw_only=True, repr=redacted)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "effect") + switch(self.applied, "applied") + ids(reference=self.reference)
        refuse(bad + words_problems(self.evidence, "evidence", JUSTIFICATION_LENGTH))
