"""What people ask of contracts and billing for the customer they talk with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from chatcore._shape import refuse
from chatcore.commands._checks import id_tuple_problems, ids, private, required, switch
from chatcore.entities import Bonus
from chatcore.entities.billing import period_problems
from chatcore.entities.demands import order_problems, words_problems
from chatcore.errors import Problem
from chatcore.limits import BOLETOS, JUSTIFICATION_LENGTH
from chatcore.vocabulary import (
    BoletoForm,
    BoletoId,
    ContractId,
    ConversationId,
    InvoiceId,
    Priority,
    Private,
)

__all__ = ["GrantBonus", "OpenServiceOrder", "PinContract", "SendBoletos", "SendInvoices"]


def _boletos(values: Iterable[BoletoId]) -> tuple[BoletoId, ...]:
    return tuple(values) if isinstance(values, list) else values  # type: ignore[return-value]


def _invoices(values: Iterable[InvoiceId]) -> tuple[InvoiceId, ...]:
    return tuple(values) if isinstance(values, list) else values  # type: ignore[return-value]


def _forms(values: Iterable[BoletoForm] | None) -> tuple[BoletoForm, ...] | None:
    return tuple(values) if isinstance(values, list) else values  # type: ignore[return-value]


def _several(values: object, path: str, rule: str) -> list[Problem]:
    bad = id_tuple_problems(values, path)
    if not bad and isinstance(values, tuple) and len(values) > BOLETOS:
        bad.append(Problem(path, "too_many", rule, BOLETOS, len(values)))
    return bad


@attrs.frozen(slots=True)
class PinContract:
    """Say which of the customer's contracts a conversation is about; None: none in particular. Rule: S5."""

    conversation: ConversationId
    contract: ContractId | None

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + ids(contract=self.contract))


@attrs.frozen(slots=True)
class SendBoletos:
    """Send boletos to the customer: each is issued or fetched, then goes out as messages. Rule: S13, B3, B4.

    Without `forms` they go in those that the workspace prefers, as far as each can be had.
    """

    conversation: ConversationId
    boletos: tuple[BoletoId, ...] = attrs.field(converter=_boletos)
    forms: tuple[BoletoForm, ...] | None = attrs.field(default=None, converter=_forms, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation") + _several(self.boletos, "boletos", "S13")
        if self.forms is not None and (
            type(self.forms) is not tuple
            or not self.forms
            or any(type(form) is not BoletoForm for form in self.forms)
            or len(set(self.forms)) != len(self.forms)
        ):
            bad.append(Problem("forms", "not_forms", "B4"))
        refuse(bad)


@attrs.frozen(slots=True)
class SendInvoices:
    """Send fiscal invoices to the customer, each as its document. Rule: S14, B7."""

    conversation: ConversationId
    invoices: tuple[InvoiceId, ...] = attrs.field(converter=_invoices)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + _several(self.invoices, "invoices", "S14"))


@attrs.frozen(slots=True)
class GrantBonus:
    """Grant the customer a bonus: one per contract and period. Rule: S15, B8, B11.

    `period` is a month like ``2026-11``: this one, without it, or one of the next twelve.
    """

    conversation: ConversationId
    contract: ContractId
    bonus: Bonus
    justification: Private = attrs.field(converter=private)
    period: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation", "contract")
        if type(self.bonus) is not Bonus:
            bad.append(Problem("bonus", "not_a_bonus", "B8"))
        bad += words_problems(self.justification, "justification", JUSTIFICATION_LENGTH)
        refuse(bad if self.period is None else bad + period_problems(self.period))


@attrs.frozen(slots=True)
class OpenServiceOrder:
    """Open a service order for whom the conversation is with; it carries the protocol. Rule: S17, B11, B12.

    `type` is what the contracts side calls this kind; `schedule` when somebody is to come, in UTC. With
    `transcript` goes what was said so far, private notes left out.
    """

    conversation: ConversationId
    type: str
    subject: Private = attrs.field(converter=private)
    description: Private = attrs.field(converter=private)
    priority: Priority = attrs.field(default=Priority.NORMAL, kw_only=True)
    contract: ContractId | None = attrs.field(default=None, kw_only=True)
    schedule: datetime | None = attrs.field(default=None, kw_only=True)
    transcript: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation") + ids(contract=self.contract)
        refuse(bad + order_problems(self) + switch(self.transcript, "transcript"))
