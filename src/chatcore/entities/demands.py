"""What an effect asks of contracts or billing: for whom, about what. It never copies a message's body.

The customer and the contract are those of the intent. Whether they still belong together is asked again before
anything goes out (B2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from chatcore._shape import id_problem, not_id, not_tuple_of, not_utc_or_none, refuse
from chatcore.entities.billing import Bonus, period_problems
from chatcore.errors import Problem
from chatcore.limits import JUSTIFICATION_LENGTH, ORDER_DESCRIPTION, ORDER_SUBJECT
from chatcore.text import outbound_problems
from chatcore.vocabulary import (
    BoletoForm,
    BoletoId,
    ContractId,
    CustomerId,
    EffectKind,
    InvoiceId,
    Priority,
    Private,
    redacted,
)

__all__ = [
    "DEMANDS",
    "BoletoDemand",
    "BonusDemand",
    "Demand",
    "InvoiceDemand",
    "OrderDemand",
    "order_problems",
    "words_problems",
]


def _id_problems(demand: object, *names: str, optional: tuple[str, ...] = ()) -> list[Problem]:
    ids = [(name, getattr(demand, name)) for name in (*names, *optional)]
    return [id_problem(name, id) for name, id in ids if not_id(id) and not (id is None and name in optional)]


def words_problems(text: object, path: str, limit: int) -> list[Problem]:
    """What is wrong with a personal text of bounded length. Rule: M14."""
    if type(text) is not Private:
        return [Problem(path, "not_a_text", "M14")]
    bad, size = list(outbound_problems(text.reveal(), path)), len(text.reveal())
    return [*bad, Problem(path, "too_long", limit=limit, actual=size)] if size > limit else bad


@attrs.frozen(slots=True, kw_only=True)
class BoletoDemand:
    """A boleto is to be issued or fetched, and sent to the customer in these forms. Rule: S13, B4."""

    customer: CustomerId = attrs.field(repr=redacted)
    boleto: BoletoId
    forms: tuple[BoletoForm, ...]
    contract: ContractId | None = None

    def __attrs_post_init__(self) -> None:
        bad = _id_problems(self, "customer", "boleto", optional=("contract",))
        if not_tuple_of(BoletoForm, self.forms) or not self.forms:
            bad.append(Problem("forms", "not_forms", "B4"))
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class InvoiceDemand:
    """A fiscal invoice's document is to be fetched, and sent to the customer. Rule: S14."""

    customer: CustomerId = attrs.field(repr=redacted)
    invoice: InvoiceId
    contract: ContractId | None = None

    def __attrs_post_init__(self) -> None:
        refuse(_id_problems(self, "customer", "invoice", optional=("contract",)))


@attrs.frozen(slots=True, kw_only=True)
class BonusDemand:
    """A bonus is to be granted: one per contract and `period`, a month like ``2026-11``. Rule: S15, B8, B11."""

    customer: CustomerId = attrs.field(repr=redacted)
    contract: ContractId
    bonus: Bonus
    period: str
    justification: Private

    def __attrs_post_init__(self) -> None:
        bad = _id_problems(self, "customer", "contract") + period_problems(self.period)
        if type(self.bonus) is not Bonus:
            bad.append(Problem("bonus", "not_a_bonus", "B8"))
        refuse(bad + words_problems(self.justification, "justification", JUSTIFICATION_LENGTH))


@attrs.frozen(slots=True, kw_only=True)
class OrderDemand:
    """A service order is to be opened. Rule: S17, B11, B12.

    * `customer` is None where nobody knows yet who it is for.
    * `type` is what the contracts side calls this kind of order; `schedule` when somebody is to come.
    * `transcript` is the number of the last message of the transcript that goes along; 0: none does.
    """

    customer: CustomerId | None = attrs.field(repr=redacted)
    contract: ContractId | None
    type: str
    subject: Private
    description: Private
    priority: Priority
    protocol: str
    schedule: datetime | None = None
    transcript: int = 0

    def __attrs_post_init__(self) -> None:
        bad = _id_problems(self, "protocol", optional=("customer", "contract")) + order_problems(self)
        if type(self.transcript) is not int or self.transcript < 0:
            bad.append(Problem("transcript", "negative", "B12"))
        refuse(bad)


def order_problems(order: object) -> list[Problem]:
    """What is wrong with what a service order says, in a demand or in the command for it. Rule: B12."""
    bad = _id_problems(order, "type")
    bad += words_problems(getattr(order, "subject"), "subject", ORDER_SUBJECT)  # noqa: B009
    bad += words_problems(getattr(order, "description"), "description", ORDER_DESCRIPTION)  # noqa: B009
    if type(getattr(order, "priority")) is not Priority:  # noqa: B009
        bad.append(Problem("priority", "not_a_priority", "B12"))
    if not_utc_or_none(getattr(order, "schedule")):  # noqa: B009
        bad.append(Problem("schedule", "not_utc", "B12"))
    return bad


Demand: TypeAlias = BoletoDemand | InvoiceDemand | BonusDemand | OrderDemand
"""What is asked of contracts or billing."""

DEMANDS: Final[Mapping[EffectKind, type[Demand]]] = MappingProxyType(
    {
        EffectKind.ISSUE_BOLETO: BoletoDemand,
        EffectKind.ISSUE_INVOICE: InvoiceDemand,
        EffectKind.GRANT_BONUS: BonusDemand,
        EffectKind.OPEN_ORDER: OrderDemand,
    }
)
"""The kinds of effect that carry a demand, and which."""
