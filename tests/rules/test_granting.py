"""Granting a bonus: by whom, up to how much, for which period, and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatcore.commands import GrantBonus
from chatcore.entities import (
    AtMostOnce,
    BillingPolicies,
    Bonus,
    BonusDemand,
    LooksUpByKey,
    Policies,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import (
    AgentInactive,
    AlreadyAsked,
    BonusOverLimit,
    ErrorKind,
    InvalidValue,
    NotAdmitted,
    NotContracted,
    NotFound,
    NotLinked,
    NotOffered,
    NotPermitted,
    NotTheirs,
)
from chatcore.events import ActionRequested, Intended
from chatcore.limits import BONUS_MONTHS, DELIVERY_DEADLINE
from chatcore.rules import decide
from chatcore.rules.granting import period_of
from chatcore.rules.invariants import beside, claims_of, guard_claim
from chatcore.vocabulary import SYSTEM, Actor, BonusKind, EffectKind, EffectState, Private, Role, Situation
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    CONTRACT,
    CT,
    CUSTOMER,
    CV,
    DAY,
    NOW,
    ROBO,
    ROOT,
    SARA,
    TICK,
    action,
    after,
    agent,
    billing_offers,
    blocked_contact,
    born,
    changed,
    contact,
    contract,
    conversation,
    on_bonus,
    workspace,
)

E, K = EffectState, BonusKind
OPEN, CLOSED = Situation.OPEN, Situation.CLOSED
WHY = Private("Ficou dois dias sem sinal")
TWENTY, FIVE_DAYS = Bonus.amount("20"), Bonus.days(5)
LIMITS = Policies(billing=BillingPolicies(bonus_limits=(TWENTY, FIVE_DAYS)))
SMALL = Bonus.amount("0.01")


def command(bonus: Bonus = SMALL, contract_: str = CONTRACT, period: str | None = None) -> GrantBonus:
    return GrantBonus(CV, contract_, bonus, WHY, period=period)


def granted(
    command_: GrantBonus | None = None, by: Actor = ANA, situation: Situation = OPEN, **facts: Any
) -> Any:
    talk = conversation(situation, **facts.pop("talk", {}))
    told = on_bonus(talk, by, **{"workspace": workspace(policies=LIMITS), **facts})
    return decide(command_ or command(), told)


def demand(decision: Any) -> BonusDemand:
    (_, _), (_, intended) = decision
    assert isinstance(intended, Intended)
    assert isinstance(intended.demand, BonusDemand)
    return intended.demand


def refused(kind: Any, *args: Any, **values: Any) -> Any:
    with pytest.raises(kind) as caught:
        granted(*args, **values)
    return caught.value


# --- what it leads to ----------------------------------------------------------------------------------------


def test_a_bonus_is_asked_for_by_an_effect() -> None:
    """Kind, value, contract, month and justification; nothing is granted yet. Rule: S15, B8, B11."""
    talk = {"version": 7}
    (cv, noted), (ref, intended) = granted(command(TWENTY), talk=talk)
    assert (cv, noted) == (CV, ActionRequested(effect=ref, kind=EffectKind.GRANT_BONUS))
    assert intended == Intended(
        kind=EffectKind.GRANT_BONUS,
        conversation=CV,
        contact=CT,
        lane=f"{CV}:billing",
        position=8,
        due_at=NOW,
        expires_at=NOW + DELIVERY_DEADLINE,
        demand=BonusDemand(
            customer=CUSTOMER, contract=CONTRACT, bonus=TWENTY, period="2026-03", justification=WHY
        ),
    )
    assert ref.startswith(f"ef_{ROOT}")


def test_who_granted_it_is_kept() -> None:
    """The effect remembers who asked; whoever settles its doubts must be somebody else. Rule: B8, L12."""
    _, (ref, intended) = granted(by=SARA)
    assert born(ref, intended, by=SARA).requested_by == SARA


def test_deciding_twice_asks_for_the_same() -> None:
    """So that a retry with fresh facts never asks for two. Rule: B11."""
    assert granted() == granted()


# --- up to how much ------------------------------------------------------------------------------------------

# By kind: the limit where agents have one, what is just within it, and just above it.
BOUNDS: list[tuple[Bonus, Bonus, Bonus]] = [
    (TWENTY, Bonus.amount("20.00"), Bonus.amount("20.01")),
    (Bonus.percent("10"), Bonus.percent("10.00"), Bonus.percent("10.01")),
    (FIVE_DAYS, Bonus.days(5), Bonus.days(6)),
]


def up_to(*limits: Bonus) -> Any:
    return workspace(policies=Policies(billing=BillingPolicies(bonus_limits=limits)))


@pytest.mark.parametrize(("limit", "within", "above"), BOUNDS, ids=lambda bonus: str(bonus.value))
def test_an_agent_grants_up_to_the_limit_of_its_kind(limit: Bonus, within: Bonus, above: Bonus) -> None:
    """The limit itself is granted, the least above it refused, naming the limit. Rule: B8."""
    assert demand(granted(command(within), workspace=up_to(limit))).bonus == within
    error = refused(BonusOverLimit, command(above), workspace=up_to(limit))
    assert vars(error) == {"bonus_kind": limit.kind, "limit": str(limit.value)}
    assert error.kind is ErrorKind.NOT_ALLOWED


@pytest.mark.parametrize(("_limit", "within", "above"), BOUNDS, ids=lambda bonus: str(bonus.value))
def test_agents_grant_nothing_where_nobody_said_so(_limit: Bonus, within: Bonus, above: Bonus) -> None:
    """The default; so it is with a kind that has no limit, whatever the others' are. Rule: B8."""
    others = [limit for limit, _, _ in BOUNDS if limit.kind is not within.kind]
    for workspace_ in (workspace(), up_to(*others)):
        for bonus in (within, above):
            error = refused(BonusOverLimit, command(bonus), workspace=workspace_)
            assert vars(error) == {"bonus_kind": bonus.kind, "limit": None}


@pytest.mark.parametrize(
    "bonus", [Bonus.amount("99999999999.99"), Bonus.percent(100), Bonus.days(366)], ids=lambda b: b.kind.value
)
def test_a_supervisor_grants_directly(bonus: Bonus) -> None:
    """Whatever the limit, in anybody's conversation. Rule: B8, P."""
    for workspace_ in (workspace(), workspace(policies=LIMITS)):
        assert demand(granted(command(bonus), SARA, workspace=workspace_)).bonus == bonus


# Several roles at once: what counts is whether one of them is the supervisor's, or else the agent's.
ROLES: list[tuple[tuple[Role, ...], str]] = [
    ((Role.AGENT,), "limited"),
    ((Role.SUPERVISOR,), "free"),
    ((Role.ADMIN,), "refused"),
    ((Role.AUDITOR,), "refused"),
    ((Role.AGENT, Role.SUPERVISOR), "free"),
    ((Role.SUPERVISOR, Role.ADMIN), "free"),
    ((Role.AGENT, Role.ADMIN), "limited"),
    ((Role.AGENT, Role.AUDITOR), "limited"),
    ((Role.ADMIN, Role.AUDITOR), "refused"),
]


@pytest.mark.parametrize(("roles", "reach"), ROLES, ids=lambda v: "+".join(v) if isinstance(v, tuple) else None)
def test_what_a_person_grants_goes_by_all_their_roles(roles: tuple[Role, ...], reach: str) -> None:
    """A supervisor without limit, an agent up to it, who is neither not at all. Rule: B8, P."""
    facts = {"workspace": workspace(agent("ana", *roles), policies=LIMITS)}
    above = command(Bonus.amount("20.01"))
    if reach == "refused":
        refused(NotPermitted, command(SMALL), **facts)
        refused(NotPermitted, above, **facts)
        return
    assert demand(granted(command(TWENTY), **facts)).bonus == TWENTY
    if reach == "free":
        assert demand(granted(above, **facts)).bonus == above.bonus
    else:
        refused(BonusOverLimit, above, **facts)


def test_agents_grant_in_their_own_conversations_only() -> None:
    """Not a colleague's, and not one that nobody has. Rule: B8, P."""
    refused(NotPermitted, by=BETO)
    refused(NotPermitted, situation=Situation.QUEUE)
    assert demand(granted(by=SARA, situation=Situation.QUEUE)).bonus == SMALL


@pytest.mark.parametrize(
    ("by", "error"),
    [
        (ADA, NotPermitted),
        (AURO, NotPermitted),
        (SYSTEM, NotPermitted),
        (ROBO, NotFound),
        (Actor.agent("nobody"), NotFound),
    ],
    ids=lambda v: getattr(v, "id", None),
)
def test_nobody_else_grants_anything(by: Actor, error: Any) -> None:
    """No admin, no auditor, no bot, no machine. Rule: B8, P."""
    refused(error, by=by)
    refused(NotPermitted, by=ROBO, situation=Situation.BOT)


def test_who_is_deactivated_or_not_contracted_for_grants_nothing() -> None:
    """As with all else. Rule: P, S23."""
    gone = workspace(agent("ana", active=False), policies=LIMITS)
    refused((AgentInactive, NotFound), workspace=gone)
    refused(NotContracted, workspace=workspace(policies=LIMITS, modules=()))


# --- for whom and where --------------------------------------------------------------------------------------


def test_a_bonus_needs_a_linked_customer_and_a_contract_of_theirs() -> None:
    """Of several it is the one named. Rule: S15, B2."""
    refused(NotLinked, contact=contact())
    assert refused(NotTheirs, command(contract_="k9")).contract == "k9"
    refused(NotTheirs, contracts=())
    several = (contract("k1"), contract("k2"))
    assert demand(granted(command(contract_="k2"), contracts=several)).contract == "k2"


def test_a_bonus_is_granted_in_live_conversations_only() -> None:
    """In a closed one it is refused. Rule: L18."""
    refused(NotAdmitted, by=SARA, situation=CLOSED)


@pytest.mark.parametrize("kind", BonusKind)
def test_what_the_billing_side_does_not_grant_is_refused(kind: BonusKind) -> None:
    """No bonus at all, or none of this kind; the error says which. Rule: B8."""
    bonus = {K.AMOUNT: TWENTY, K.PERCENT: Bonus.percent(1), K.DAYS: FIVE_DAYS}[kind]
    others = tuple(each for each in BonusKind if each is not kind)
    for offers in (billing_offers(bonus=None), billing_offers(bonus_kinds=others)):
        assert refused(NotOffered, command(bonus), SARA, offers=offers).what == f"bonus:{kind}"


@pytest.mark.parametrize(
    "nature", [RepeatsByKey(DAY), LooksUpByKey(DAY), ReportsByKey(), AtMostOnce()], ids=str
)
def test_a_bonus_is_asked_for_whatever_the_port_promises(nature: Any) -> None:
    """What differs is how a doubt ends. Rule: B11."""
    assert granted(offers=billing_offers(nature)) == granted()


def test_a_bonus_says_nothing_to_the_customer() -> None:
    """So neither the window nor a block stands in its way. Rule: S15, M5."""
    shut = {"window_until": NOW - TICK}
    assert demand(granted(talk=shut)).bonus == SMALL
    assert demand(granted(contact=blocked_contact(customer=CUSTOMER))).bonus == SMALL


# --- for which period ----------------------------------------------------------------------------------------

SAO_PAULO = "America/Sao_Paulo"

# The moment, the zone of the workspace, and the month that it is there.
MONTHS = [
    (datetime(2026, 4, 1, 2, 59, 59, 999_999, tzinfo=UTC), SAO_PAULO, "2026-03"),
    (datetime(2026, 4, 1, 3, tzinfo=UTC), SAO_PAULO, "2026-04"),
    (datetime(2027, 1, 1, 2, 59, 59, tzinfo=UTC), SAO_PAULO, "2026-12"),
    (datetime(2027, 1, 1, 3, tzinfo=UTC), SAO_PAULO, "2027-01"),
    (datetime(2028, 3, 1, 2, 59, tzinfo=UTC), SAO_PAULO, "2028-02"),
    (datetime(2028, 3, 1, 3, tzinfo=UTC), SAO_PAULO, "2028-03"),
    (datetime(2026, 4, 1, 4, 59, tzinfo=UTC), "America/Rio_Branco", "2026-03"),
    (datetime(2026, 4, 1, 5, tzinfo=UTC), "America/Rio_Branco", "2026-04"),
    (datetime(2026, 3, 31, 22, tzinfo=UTC), "Europe/Berlin", "2026-04"),
    (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), "Europe/Berlin", "2026-03"),
    # Daylight time ends at the end of a month, so that its last hour is there twice.
    (datetime(2026, 10, 31, 23, 30, tzinfo=UTC), "Europe/Berlin", "2026-11"),
    (datetime(2026, 10, 31, 22, 30, tzinfo=UTC), "Europe/Berlin", "2026-10"),
]


def moved(period: str, months: int) -> str:
    """The month so many months later."""
    year, month = map(int, period.split("-"))
    count = year * 12 + month - 1 + months
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


@pytest.mark.parametrize(("now", "zone", "month"), MONTHS, ids=lambda v: getattr(v, "isoformat", v.__str__)())
def test_the_period_is_this_month_in_the_workspaces_zone(now: datetime, zone: str, month: str) -> None:
    """Where none is named; to the microsecond, whatever month it is in UTC. Rule: S15, B8, H1."""
    facts = {"now": now, "workspace": workspace(policies=LIMITS, time_zone=zone)}
    assert demand(granted(**facts)).period == month
    assert demand(granted(command(period=month), **facts)).period == month


@pytest.mark.parametrize(("now", "zone", "month"), MONTHS, ids=lambda v: getattr(v, "isoformat", v.__str__)())
def test_a_period_is_this_month_or_one_of_the_next_twelve(now: datetime, zone: str, month: str) -> None:
    """Neither past nor further ahead, counted from the month it is in the workspace's zone. Rule: B8."""
    facts = {"now": now, "workspace": workspace(policies=LIMITS, time_zone=zone)}
    for ahead in (0, 1, 11, 12):
        named = moved(month, ahead)
        assert demand(granted(command(period=named), **facts)).period == named
    for ahead in (-13, -12, -1, 13, 25):
        error = refused(InvalidValue, command(period=moved(month, ahead)), **facts)
        assert [(p.path, p.code, p.rule, p.limit) for p in error.problems] == [
            ("period", "out_of_bounds", "B8", BONUS_MONTHS)
        ]


def test_a_period_far_away_is_refused_quietly() -> None:
    """The first and the last year there are. Rule: B8."""
    for period in ("0001-01", "9999-12"):
        refused(InvalidValue, command(period=period))


def test_the_period_of_a_day_is_its_month() -> None:
    """Four digits and two. Rule: B8."""
    assert period_of(NOW.date()) == "2026-03"
    assert period_of(datetime(987, 1, 31).date()) == "0987-01"


# --- once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in E if state not in (E.FAILED, E.CANCELLED)])
def test_a_second_one_for_the_contract_and_the_period_is_told_of_the_first(state: EffectState) -> None:
    """Whoever asks, whatever amount: the error names the effect that has the guard. Rule: B11."""
    rival = action(EffectKind.GRANT_BONUS, state, id="ef_first")
    for bonus, by in ((SMALL, ANA), (TWENTY, ANA), (Bonus.days(1), SARA)):
        error = refused(AlreadyAsked, command(bonus), by, rival=rival)
        assert vars(error) == {"effect": "ef_first", "state": state}
        assert error.kind is ErrorKind.CONFLICT


def test_the_guard_is_of_contract_and_period() -> None:
    """Another amount, kind or requester has the same; another contract or month another. Rule: B11."""
    several = (contract("k1"), contract("k2"))

    def guard(bonus: Bonus = SMALL, contract_: str = "k1", period: str | None = None, by: Actor = ANA) -> Any:
        return guard_claim(demand(granted(command(bonus, contract_, period), by, contracts=several)))

    first = guard()
    assert first is not None
    assert {guard(), guard(TWENTY), guard(FIVE_DAYS), guard(by=SARA), guard(period="2026-03")} == {first}
    assert (
        len({first, guard(contract_="k2"), guard(period="2026-04"), guard(contract_="k2", period="2026-04")})
        == 4
    )


@pytest.mark.parametrize("state", E)
def test_the_guard_is_held_from_the_intent_until_it_failed_or_is_cancelled(state: EffectState) -> None:
    """By every other state, doubt and review too; beside another one's, where that has it. Rule: B11."""
    held = action(EffectKind.GRANT_BONUS, state)
    guard = guard_claim(held.demand)
    assert guard is not None
    given_up = state in (E.FAILED, E.CANCELLED)
    assert claims_of(held) == (() if given_up else (guard,))
    assert claims_of(changed(held, guarded=False)) == (() if given_up else (beside(guard),))


def test_the_guard_is_claimed_with_the_intent() -> None:
    """In the same commit, so of two at once only one is recorded. Rule: B11."""
    _, (ref, intended) = granted()
    assert claims_of(born(ref, intended, by=ANA)) == (guard_claim(intended.demand),)
    noted = granted()[0][1]
    assert after(conversation(OPEN), noted).version == conversation(OPEN).version + 1


def test_rules_of_money_come_before_who_was_first() -> None:
    """Who may not grant so much hears that, and nothing of what others asked for. Rule: B8."""
    rival = action(EffectKind.GRANT_BONUS, E.SUCCEEDED, id="ef_first")
    refused(BonusOverLimit, command(Bonus.amount("20.01")), rival=rival)
    refused(NotTheirs, command(contract_="k9"), rival=rival)
    refused(InvalidValue, command(period="2025-01"), rival=rival)


def test_late_in_the_month_the_deadline_does_not_move_the_period() -> None:
    """What is asked for in March is granted for March, even if it leaves in April. Rule: B8."""
    last = datetime(2026, 4, 1, 2, 59, tzinfo=UTC)
    _, (_, intended) = granted(now=last)
    assert intended.demand.period == "2026-03"
    assert intended.expires_at == last + DELIVERY_DEADLINE > last + timedelta(minutes=1)
