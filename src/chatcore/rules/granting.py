"""Granting a bonus: once per contract and period, by agents up to a limit. Rule: S15, B8, B11.

The guard is claimed with the intent, so that of two who ask at once one is told who was first. It is free again
only when that one has FAILED or is CANCELLED.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from chatcore.commands import GrantBonus
from chatcore.entities import Agent, Bonus, BonusDemand, Workspace
from chatcore.errors import AlreadyAsked, BonusOverLimit, InvalidValue, NotOffered, NotPermitted
from chatcore.limits import BONUS_MONTHS
from chatcore.moments import local_day
from chatcore.rules.asking import asked
from chatcore.rules.customers import check_theirs, customer_of
from chatcore.rules.facts import Decision, OnBonus
from chatcore.vocabulary import Ability, BonusKind, EffectKind, Role

__all__ = ["check_limit", "grant", "limit_of", "period_of"]

_UNLIMITED: Final = Role.SUPERVISOR


def grant(command: GrantBonus, facts: OnBonus) -> Decision:
    """Have a bonus granted.

    Raises:
        NotLinked, NotTheirs: there is no customer, or the contract is none of theirs. Rule: B2.
        NotOffered: the billing side grants none of this kind.
        BonusOverLimit: an agent may not grant as much. Rule: B8.
        InvalidValue: the period is past, or too far ahead.
        AlreadyAsked: one was asked for this contract and period already; names it. Rule: B11.
    """
    customer = customer_of(facts)
    check_theirs(command.contract, facts)
    if facts.offers.bonus is None or command.bonus.kind not in facts.offers.bonus_kinds:
        raise NotOffered(f"bonus:{command.bonus.kind}")
    check_limit(command.bonus, facts.agent, facts.workspace)
    period = _period(command, facts)
    if facts.rival is not None:
        raise AlreadyAsked(facts.rival.id, facts.rival.state)
    demand = BonusDemand(
        customer=customer,
        contract=command.contract,
        bonus=command.bonus,
        period=period,
        justification=command.justification,
    )
    return asked(EffectKind.GRANT_BONUS, (demand,), facts)


def period_of(day: date) -> str:
    """The period that a day lies in: its month, like ``2026-11``."""
    return f"{day.year:04d}-{day.month:02d}"


def _period(command: GrantBonus, facts: OnBonus) -> str:
    today = local_day(facts.now, facts.workspace.time_zone)
    if command.period is None:
        return period_of(today)
    year, month = map(int, command.period.split("-"))
    ahead = (year - today.year) * 12 + month - today.month
    if not 0 <= ahead <= BONUS_MONTHS:
        raise InvalidValue.of("period", "out_of_bounds", rule="B8", limit=BONUS_MONTHS)
    return command.period


def limit_of(kind: BonusKind, workspace: Workspace) -> Bonus | None:
    """The most that an agent who is no supervisor may grant of a kind; None: nothing. Rule: B8."""
    return next((limit for limit in workspace.policies.billing.bonus_limits if limit.kind is kind), None)


def check_limit(bonus: Bonus, agent: Agent | None, workspace: Workspace) -> None:
    """Refuse more than an agent may grant; a supervisor grants directly. Rule: B8."""
    if agent is None:
        raise NotPermitted(Ability.GRANT_BONUS)
    if _UNLIMITED in agent.roles:
        return
    limit = limit_of(bonus.kind, workspace)
    if limit is None or not limit.covers(bonus):
        raise BonusOverLimit(bonus.kind, None if limit is None else str(limit.value))
