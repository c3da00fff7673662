"""What a workspace decides beforehand: what is said by itself, when people serve, what may be given."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from chatcore.entities import AutomaticMessages, BillingPolicies, BusinessHours, Interval, Policies, Reason
from chatcore.entities.replies import ALWAYS_KNOWN, BOLETO_VARIABLES, INVOICE_VARIABLES, VARIABLES
from chatcore.testing.strategies._billing import bonuses
from chatcore.testing.strategies._capabilities import boleto_forms
from chatcore.testing.strategies._texts import one_line_text
from chatcore.vocabulary import Ability, AgentsRead

__all__ = [
    "abilities",
    "automatic_messages",
    "billing_policies",
    "business_hours",
    "intervals",
    "policies",
    "prepared_text",
]


def prepared_text(*, without_agent: bool = False, also: frozenset[str] = frozenset()) -> st.SearchStrategy[str]:
    """A text that variables are filled into, those of `also` too; with `without_agent`, one nobody has to mend.

    Rule: C7
    """
    bare = sorted((ALWAYS_KNOWN if without_agent else VARIABLES) | (also - {"due_date"}))
    use = st.one_of(
        st.sampled_from(bare).map("{{{{{}}}}}".format),
        st.builds("{{{{{}|{}}}}}".format, st.sampled_from(sorted(VARIABLES | also)), one_line_text(max_size=8)),
    )
    return st.lists(st.one_of(one_line_text(max_size=12), use), min_size=1, max_size=4).map("".join)


def automatic_messages() -> st.SearchStrategy[AutomaticMessages]:
    """What is said by itself, at some of the triggers. Rule: L20."""
    text = st.none() | prepared_text(without_agent=True)
    return st.builds(AutomaticMessages, greeting=text, queued=text, after_hours=text, closing=text)


def intervals() -> st.SearchStrategy[Interval]:
    """A span of a day, in minutes. Rule: H1."""
    ends = st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True).map(sorted)
    return ends.map(lambda pair: Interval(*pair))


def business_hours() -> st.SearchStrategy[BusinessHours]:
    """When people serve: up to two intervals a weekday, and some holidays. Rule: H1."""
    minutes = st.lists(st.integers(0, 1440), max_size=4, unique=True).map(sorted)
    day = minutes.map(lambda m: tuple(map(Interval, m[0 : len(m) // 2 * 2 : 2], m[1::2])))
    holidays = st.lists(st.dates(date(2025, 1, 1), date(2029, 12, 31)), max_size=3, unique=True)
    return st.builds(
        BusinessHours, week=st.tuples(*[day] * 7), holidays=holidays.map(lambda days: tuple(sorted(days)))
    )


def billing_policies() -> st.SearchStrategy[BillingPolicies]:
    """What is decided about boletos, invoices and bonuses. Rule: B4, B8, C7."""
    limits = st.lists(bonuses(), max_size=3, unique_by=lambda bonus: bonus.kind).map(tuple)
    return st.builds(
        BillingPolicies,
        boleto_forms=boleto_forms(),
        boleto_text=st.none() | prepared_text(without_agent=True, also=BOLETO_VARIABLES),
        invoice_text=st.none() | prepared_text(without_agent=True, also=INVOICE_VARIABLES),
        bonus_limits=limits,
    )


def policies(reasons: tuple[Reason, ...] = ()) -> st.SearchStrategy[Policies]:
    """Policies that fit a workspace with these reasons."""
    usable = [reason.id for reason in reasons if not (reason.archived or reason.departments)]
    span = st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=30))
    values: dict[str, st.SearchStrategy[Any]] = {
        "reopen_within": span,
        "reopen_to_assignee": st.booleans(),
        "read_receipts": st.booleans(),
        "automatic": automatic_messages(),
        "hours": st.none() | business_hours(),
        "idle_spares_waiting": st.booleans(),
        "bot_timeout": span,
        "max_bot_turns": st.none() | st.integers(1, 10),
        "bot_granted": abilities(),
        "billing": billing_policies(),
        "agents_read": st.sampled_from(AgentsRead),
    }
    plain = st.builds(Policies, **values)
    if not usable:
        return plain
    return plain | st.builds(Policies, default_reason=st.sampled_from(usable), close_after_idle=span, **values)


def abilities() -> st.SearchStrategy[tuple[Ability, ...]]:
    """Up to three abilities, none of them twice. Rule: P."""
    return st.lists(st.sampled_from(Ability), max_size=3, unique=True).map(tuple)
