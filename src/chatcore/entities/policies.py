"""What a workspace decides about service, as one value."""

from __future__ import annotations

from datetime import timedelta

import attrs

from chatcore._shape import id_problem, not_id, not_tuple_of, refuse, switch_problems
from chatcore.entities.billing import Bonus
from chatcore.entities.hours import BusinessHours
from chatcore.entities.replies import BOLETO_VARIABLES, INVOICE_VARIABLES, message_text_problems
from chatcore.errors import Problem
from chatcore.vocabulary import Ability, AgentsRead, BoletoForm, ReasonId, Trigger

__all__ = ["DEFAULT", "AutomaticMessages", "BillingPolicies", "Policies"]


@attrs.frozen(slots=True, kw_only=True)
class AutomaticMessages:
    """What is said by itself, each at its trigger; None: nothing. Rule: L10, L20, C7.

    Variables that may have no value need a fallback here: nobody is there to mend a text when it is sent.
    """

    greeting: str | None = None
    queued: str | None = None
    after_hours: str | None = None
    closing: str | None = None

    def at(self, trigger: Trigger) -> str | None:
        """The text for a trigger."""
        text: str | None = getattr(self, trigger.value)
        return text

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        for trigger in Trigger:
            if (text := self.at(trigger)) is not None:
                bad += message_text_problems(text, trigger.value, without_agent=True)
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class BillingPolicies:
    """What a workspace decides about boletos, invoices and bonuses.

    * `boleto_forms`: what a boleto is sent as, in this order, as far as it can be had. Rule: B4.
    * `boleto_text`, `invoice_text`: what is said with it; None: nothing. Besides the usual variables a
      boleto's text may use ``amount`` and ``due_date``, an invoice's ``amount``, ``number`` and
      ``issue_date``. Rule: C7.
    * `bonus_limits`: what an agent may grant at most, one of each kind; a kind that is not there they may not
      grant at all. Supervisors have no limit. Rule: B8.
    """

    boleto_forms: tuple[BoletoForm, ...] = (BoletoForm.DOCUMENT, BoletoForm.PIX, BoletoForm.LINE)
    boleto_text: str | None = None
    invoice_text: str | None = None
    bonus_limits: tuple[Bonus, ...] = ()

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if not_tuple_of(BoletoForm, self.boleto_forms) or not self.boleto_forms:
            bad.append(Problem("boleto_forms", "not_forms", "B4"))
        elif len(set(self.boleto_forms)) != len(self.boleto_forms):
            bad.append(Problem("boleto_forms", "repeated", "B4"))
        for name, also in (("boleto_text", BOLETO_VARIABLES), ("invoice_text", INVOICE_VARIABLES)):
            if (text := getattr(self, name)) is not None:
                bad += message_text_problems(text, name, without_agent=True, also=also)
        if not_tuple_of(Bonus, self.bonus_limits):
            bad.append(Problem("bonus_limits", "not_bonuses", "B8"))
        elif len({limit.kind for limit in self.bonus_limits}) != len(self.bonus_limits):
            bad.append(Problem("bonus_limits", "repeated", "B8"))
        refuse(bad)


NOTHING_GRANTED = BillingPolicies()
"""Boletos go in every form there is; agents grant no bonus."""

SILENT = AutomaticMessages()
"""Nothing is said by itself."""


@attrs.frozen(slots=True, kw_only=True)
class Policies:
    """What a workspace decides about service.

    * `reopen_within`: a customer's message reopens the conversation closed less than this ago; None: never.
      With `reopen_to_assignee`, to its last assignee where possible. Rule: L4.
    * `automatic`: what is said by itself. Rule: L20.
    * `hours`: when the service is there; None: always. Rule: H1.
    * `default_reason`: used where the system closes. Rule: L10.
    * `close_after_idle`: a conversation in which nothing happened for that long is closed; None: never. With
      `idle_spares_waiting`, not while the customer waits for an answer. Needs a default reason. Rule: L16.
    * `bot_timeout`, `max_bot_turns`: a bot hands over when nothing happened for that long, or after that many
      messages of its own; None: never. `bot_granted`: what bots may do besides. Rule: L14, L22, P.
    * `read_receipts`: whether the customer is told that their messages were read. Rule: L23.
    * `billing`: boletos, invoices, bonuses. Rule: B4, B8.
    * `agents_read`: which conversations agents may read. Rule: P.
    """

    reopen_within: timedelta | None = None
    reopen_to_assignee: bool = False
    automatic: AutomaticMessages = SILENT
    hours: BusinessHours | None = None
    default_reason: ReasonId | None = None
    close_after_idle: timedelta | None = None
    idle_spares_waiting: bool = True
    bot_timeout: timedelta | None = None
    max_bot_turns: int | None = None
    bot_granted: tuple[Ability, ...] = ()
    read_receipts: bool = False
    billing: BillingPolicies = NOTHING_GRANTED
    agents_read: AgentsRead = AgentsRead.ALL

    def __attrs_post_init__(self) -> None:
        bad = switch_problems(self, "reopen_to_assignee", "idle_spares_waiting", "read_receipts")
        for name, rule in (("reopen_within", "L4"), ("close_after_idle", "L16"), ("bot_timeout", "L22")):
            span = getattr(self, name)
            if span is not None and (type(span) is not timedelta or span <= timedelta(0)):
                bad.append(Problem(name, "not_positive", rule))
        turns: object = self.max_bot_turns
        if turns is not None and (type(turns) is not int or turns < 1):
            bad.append(Problem("max_bot_turns", "not_positive", "L14"))
        if type(self.automatic) is not AutomaticMessages:
            bad.append(Problem("automatic", "not_messages", "L20"))
        if self.hours is not None and type(self.hours) is not BusinessHours:
            bad.append(Problem("hours", "not_hours", "H1"))
        if self.default_reason is not None and not_id(self.default_reason):
            bad.append(id_problem("default_reason", self.default_reason))
        elif self.close_after_idle is not None and self.default_reason is None:
            bad.append(Problem("close_after_idle", "default_reason_required", "L16"))
        if type(self.billing) is not BillingPolicies:
            bad.append(Problem("billing", "not_policies", "B8"))
        if not_tuple_of(Ability, self.bot_granted):
            bad.append(Problem("bot_granted", "not_abilities", "P"))
        if type(self.agents_read) is not AgentsRead:
            bad.append(Problem("agents_read", "not_a_policy", "P"))
        refuse(bad)


DEFAULT = Policies()
"""What holds until a workspace decides otherwise."""
