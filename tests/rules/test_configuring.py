"""Configuring the workspace: as a whole, its policies, and what a change of it sets going."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore.commands import AddItem, ArchiveItem, ChangeItem, Command, Configure, RestoreItem, SetPolicies
from chatcore.entities import Agent, AutomaticMessages, Department, Item, Policies, Workspace
from chatcore.errors import InvalidValue, NotPermitted, Problem
from chatcore.events import (
    EvidenceKept,
    Intended,
    ItemAdded,
    ItemArchived,
    ItemChanged,
    PoliciesChanged,
    WorkspaceConfigured,
)
from chatcore.rules import decide
from chatcore.rules.invariants import load_tally, seals_of
from chatcore.vocabulary import SYSTEM, Ability, Actor, AgentsRead, EffectKind, Part, Role, Trigger
from tests.given import (
    ADA,
    AGENTS,
    ANA,
    HOUR,
    NOW,
    ROBO,
    ROOT,
    SARA,
    SECOND,
    after,
    agent,
    inner,
    on_workspace,
    stocked,
)

WS = stocked()
UNCONFIGURED = Workspace(name="unconfigured")


def told(command: Command, ws: Workspace = WS, by: Actor = ADA, **facts: Any) -> Any:
    return decide(command, on_workspace(by, workspace=ws, **facts))


def refused(command: Command, ws: Workspace = WS, by: Actor = ADA) -> list[tuple[str, str, str | None]]:
    with pytest.raises(InvalidValue) as error:
        told(command, ws, by)
    return [(p.path, p.code, p.rule) for p in error.value.problems]


# --- the whole document --------------------------------------------------------------------------------------


def test_the_first_configuration_comes_from_outside() -> None:
    """Before it nobody is anybody, so the system makes it. Rule: section P."""
    assert told(Configure(WS), UNCONFIGURED, SYSTEM) == (("ws", WorkspaceConfigured(workspace=WS)),)


def test_an_empty_first_configuration_is_one() -> None:
    """What holds before it is nobody's word, so saying the same is not asking for what is. Rule: section P."""
    same = Configure(UNCONFIGURED)
    assert told(same, UNCONFIGURED, SYSTEM) == (("ws", WorkspaceConfigured(workspace=UNCONFIGURED)),)


def test_an_admin_changes_it() -> None:
    """Adding, renaming, archiving and deactivating. Rule: section P, C3."""
    new = stocked(name="Outro", departments=(*WS.departments, Department(id="new", name="Novo")))
    assert told(Configure(new)) == (("ws", WorkspaceConfigured(workspace=new)),)
    now = after(WS, *[event for _, event in told(Configure(new))])
    assert (now.name, now.departments, now.version) == ("Outro", new.departments, WS.version + 1)


PLACES = ("departments", "agents", "reasons", "tags", "quick_replies", "templates", "fields", "channels")


@pytest.mark.parametrize("place", [place for place in PLACES if place not in ("departments", "channels")])
def test_no_part_of_any_kind_is_left_out(place: str) -> None:
    """What was there once stays, archived or deactivated; every one left out is named. Rule: C3."""
    items: tuple[Item, ...] = getattr(WS, place)
    changes: dict[str, Any] = {place: items[1:-1]}
    if place == "agents":
        changes["quick_replies"] = tuple(attrs.evolve(reply, agents=()) for reply in WS.quick_replies)
    assert refused(Configure(stocked(**changes))) == [
        (f"{place}[{items[0].id}]", "left_out", "C3"),
        (f"{place}[{items[-1].id}]", "left_out", "C3"),
    ]


def test_nothing_at_all_is_left_out() -> None:
    """An empty configuration is refused with everything that it forgets, whoever brings it. Rule: C3."""
    expected = [(f"{place}[{item.id}]", "left_out", "C3") for place in PLACES for item in getattr(WS, place)]
    for by in (ADA, SYSTEM):
        assert refused(Configure(Workspace(name="Provedor")), by=by) == expected


def test_configuring_what_already_is_changes_nothing() -> None:
    """Whatever version the same configuration carries, and whoever asks. Rule: L19."""
    same = attrs.evolve(WS, version=7)
    assert told(Configure(same)) == told(Configure(same), by=SYSTEM) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Outro"},
        {"time_zone": "America/Manaus"},
        {"policies": Policies(agents_read=AgentsRead.OWN)},
        {"tags": WS.tags[::-1]},
        {"agents": (*AGENTS, agent("new"))},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_differs_is_a_change(changes: dict[str, Any]) -> None:
    """Name, clock, policies, order, parts. Rule: L19, C8."""
    new = stocked(**changes)
    assert told(Configure(new)) == (("ws", WorkspaceConfigured(workspace=new)),)


def test_what_is_contracted_comes_from_outside() -> None:
    """An admin neither locks the tenant out nor gives it more; the system does. Rule: S23."""
    less = stocked(modules=())
    with pytest.raises(NotPermitted) as denied:
        told(Configure(less))
    assert denied.value.ability == Ability.CONFIGURE
    assert told(Configure(less), by=SYSTEM) == (("ws", WorkspaceConfigured(workspace=less)),)
    with pytest.raises(NotPermitted):
        told(Configure(attrs.evolve(less, modules=WS.modules)), WS, ANA)


def test_who_configures_the_whole() -> None:
    """An admin, or a supervisor to whom it was given. Rule: section P."""
    new = stocked(agent("sara", Role.SUPERVISOR, departments=(), granted=(Ability.CONFIGURE,)))
    assert told(Configure(stocked(name="Outro", agents=new.agents)), new, SARA)
    for by in (SARA, ANA, ROBO):
        with pytest.raises(NotPermitted):
            told(Configure(stocked(name="Outro")), by=by)


# --- policies ------------------------------------------------------------------------------------------------

POLICIES = Policies(
    reopen_within=24 * HOUR,
    automatic=AutomaticMessages(greeting="Olá, {{first_name|tudo bem}}!", closing="Até logo!"),
    default_reason="slow",
    max_bot_turns=5,
    bot_granted=(Ability.LINK,),
    agents_read=AgentsRead.DEPARTMENTS,
)


def test_policies_are_decided_otherwise() -> None:
    """As one value; nothing else of the workspace changes. Rule: L4, L10, L14, L20, P."""
    assert told(SetPolicies(POLICIES)) == (("ws", PoliciesChanged(policies=POLICIES)),)
    now = after(WS, PoliciesChanged(policies=POLICIES))
    assert now == attrs.evolve(WS, policies=POLICIES, version=WS.version + 1, recorded_at=NOW)


def test_deciding_what_is_decided_changes_nothing() -> None:
    """Rule: L19."""
    assert told(SetPolicies(Policies())) == ()
    assert told(SetPolicies(POLICIES), stocked(policies=POLICIES)) == ()


@pytest.mark.parametrize(
    ("reason", "code", "rule"),
    [("x", "unknown_reason", "L10"), ("old", "archived", "C3"), ("fin", "other_department", "C4")],
)
def test_the_default_reason_is_one_that_can_be_chosen_anywhere(reason: str, code: str, rule: str) -> None:
    """There, not archived, and for all departments: by SetPolicies and by Configure. Rule: L10, C3, C4."""
    expected = [("policies.default_reason", code, rule)]
    assert refused(SetPolicies(Policies(default_reason=reason))) == expected
    with pytest.raises(InvalidValue) as error:
        stocked(policies=Policies(default_reason=reason))
    assert [(p.path, p.code, p.rule) for p in error.value.problems] == expected


def test_idle_closing_needs_a_default_reason() -> None:
    """Where the system closes, something has to say why; together with whatever else is wrong. Rule: L16."""
    with pytest.raises(InvalidValue) as error:
        Policies(close_after_idle=HOUR)
    assert error.value.problems == (Problem("close_after_idle", "default_reason_required", "L16"),)
    with pytest.raises(InvalidValue) as error:
        Policies(close_after_idle=timedelta(0), bot_timeout=-HOUR, reopen_within=timedelta(0), max_bot_turns=0)
    assert [(p.path, p.code, p.rule) for p in error.value.problems] == [
        ("reopen_within", "not_positive", "L4"),
        ("close_after_idle", "not_positive", "L16"),
        ("bot_timeout", "not_positive", "L22"),
        ("max_bot_turns", "not_positive", "L14"),
        ("close_after_idle", "default_reason_required", "L16"),
    ]


def test_the_default_reason_stays_while_idle_closing_needs_it() -> None:
    """It can be replaced, and both can go together. Rule: L16."""
    ws = stocked(policies=Policies(default_reason="slow", close_after_idle=HOUR))
    other = Policies(default_reason="moved", close_after_idle=HOUR)
    assert refused(ArchiveItem(Part.REASON, "slow"), ws) == [("policies.default_reason", "in_use", "C3")]
    going = {"sweeps": {EffectKind.CLOSE_IDLE: inner(EffectKind.CLOSE_IDLE)}}
    assert told(SetPolicies(other), ws, **going) == (("ws", PoliciesChanged(policies=other)),)
    assert told(ArchiveItem(Part.REASON, "slow"), stocked(policies=other), **going) == (
        ("ws", ItemArchived(part=Part.REASON, id="slow")),
    )
    assert told(SetPolicies(Policies()), ws) == (("ws", PoliciesChanged(policies=Policies())),)


@pytest.mark.parametrize("trigger", Trigger)
def test_an_automatic_message_can_always_be_said(trigger: Trigger) -> None:
    """What may have no value needs a fallback; what is unknown is told with its place. Rule: L20, C7."""
    for name in ("contact", "first_name", "agent"):
        with pytest.raises(InvalidValue) as error:
            AutomaticMessages(**{trigger.value: f"Oi {{{{{name}}}}}"})
        assert error.value.problems == (
            Problem(trigger.value, "fallback_required", "C7", span=(5, 5 + len(name))),
        )
        AutomaticMessages(**{trigger.value: f"Oi {{{{{name}|você}}}}"})
    with pytest.raises(InvalidValue) as error:
        AutomaticMessages(**{trigger.value: "Oi {{cpf}}"})
    (problem,) = error.value.problems
    assert (problem.path, problem.code, problem.rule) == (trigger.value, "unknown_variable", "C7")
    assert problem.span is not None
    assert "Oi {{cpf}}"[slice(*problem.span)].strip("{}") == "cpf"


# --- sweeps --------------------------------------------------------------------------------------------------

IDLE = Policies(default_reason="slow", close_after_idle=HOUR)
STILL = Policies(bot_timeout=HOUR)
BOTH = Policies(default_reason="slow", close_after_idle=HOUR, bot_timeout=2 * HOUR)
FAR = NOW + timedelta(days=36_500)
CLOSING, TIMING_OUT = EffectKind.CLOSE_IDLE, EffectKind.TIME_OUT_BOT


def sweep(kind: EffectKind) -> tuple[str, Intended]:
    """The inner work that goes on from now on."""
    return f"ef_{ROOT}.{kind}", Intended(kind=kind, due_at=NOW, expires_at=FAR)


@pytest.mark.parametrize(
    ("policies", "kinds"),
    [(POLICIES, []), (IDLE, [CLOSING]), (STILL, [TIMING_OUT]), (BOTH, [CLOSING, TIMING_OUT])],
)
def test_a_policy_sets_its_sweep_going(policies: Policies, kinds: list[EffectKind]) -> None:
    """Born with it, due at once, for good; by SetPolicies and by Configure, the first too. Rule: L16, L22."""
    born = tuple(sweep(kind) for kind in kinds)
    new = stocked(policies=policies)
    assert told(SetPolicies(policies)) == (("ws", PoliciesChanged(policies=policies)), *born)
    assert told(Configure(new)) == (("ws", WorkspaceConfigured(workspace=new)), *born)
    assert told(Configure(new), UNCONFIGURED, SYSTEM) == (("ws", WorkspaceConfigured(workspace=new)), *born)


def test_a_sweep_that_goes_on_is_not_born_again() -> None:
    """Whether the policy becomes stricter or was off for a while; each kind by itself. Rule: L16, L22.

    One that was off is told of it: about to end, it goes on.
    """
    both = {CLOSING: inner(CLOSING, id="ef_c"), TIMING_OUT: inner(TIMING_OUT, id="ef_t")}
    one = {CLOSING: both[CLOSING]}
    changed = ("ws", PoliciesChanged(policies=BOTH))
    on = EvidenceKept(finding="switched_on")
    assert told(SetPolicies(BOTH), sweeps=one) == (changed, ("ef_c", on), sweep(TIMING_OUT))
    assert told(SetPolicies(BOTH), sweeps=both) == (changed, ("ef_c", on), ("ef_t", on))
    stricter = attrs.evolve(BOTH, close_after_idle=SECOND)
    assert told(SetPolicies(stricter), stocked(policies=BOTH), sweeps=both) == (
        ("ws", PoliciesChanged(policies=stricter)),
    )
    new = stocked(policies=BOTH, name="Outro")
    was = stocked(policies=BOTH)
    assert told(Configure(new), was, sweeps=both) == (("ws", WorkspaceConfigured(workspace=new)),)


def test_switching_off_sets_nothing_going() -> None:
    """The sweep that goes on finds that out by itself. Rule: L16, L22."""
    for sweeps in ({}, {CLOSING: inner(CLOSING), TIMING_OUT: inner(TIMING_OUT)}):
        assert told(SetPolicies(POLICIES), stocked(policies=BOTH), sweeps=sweeps) == (
            ("ws", PoliciesChanged(policies=POLICIES)),
        )


# --- deactivating --------------------------------------------------------------------------------------------


def release(n: int, id: str) -> tuple[str, Intended]:
    """The inner work that returns the conversations of one agent, the n-th of the workspace, to the queue."""
    intended = Intended(kind=EffectKind.RELEASE_AGENT, agent=id, due_at=NOW, expires_at=FAR)
    return f"ef_{ROOT}.release{n}", intended


def inactive(agent: Agent, **changes: Any) -> Agent:
    return attrs.evolve(agent, active=False, **changes)


DOORS = ["archive", "change", "configure"]


def deactivated(door: str, agent: Agent, ws: Workspace = WS) -> Any:
    """What one of the three ways to deactivate an agent leads to."""
    gone = inactive(agent)
    if door == "archive":
        return told(ArchiveItem(Part.AGENT, agent.id), ws)
    if door == "change":
        return told(ChangeItem(gone), ws)
    agents = tuple(gone if each.id == gone.id else each for each in ws.agents)
    return told(Configure(attrs.evolve(ws, agents=agents)), ws)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("n", "who"), [(0, AGENTS[0]), (2, AGENTS[2]), (4, AGENTS[4])])
def test_whoever_is_deactivated_gives_up_their_conversations(door: str, n: int, who: Agent) -> None:
    """Whichever way it happens: one piece of inner work is born with it, due at once, and from that moment on
    nothing is given to them any more. Rule: L13
    """
    (ref, event), *rest = deactivated(door, who)
    assert ref == "ws"
    assert rest == [release(n, who.id)]
    now = after(WS, event)
    assert now.agent(who.id) == inactive(who)
    assert load_tally(who.id) not in seals_of(WS)
    assert seals_of(now) == {*seals_of(WS), load_tally(who.id)}


def test_the_doors_are_three_events() -> None:
    """Rule: L13."""
    (_, one), *_ = deactivated("archive", AGENTS[0])
    (_, two), *_ = deactivated("change", AGENTS[0])
    assert (one, two) == (ItemArchived(part=Part.AGENT, id="ana"), ItemChanged(item=inactive(AGENTS[0])))


def test_several_are_deactivated_at_once() -> None:
    """Each has inner work of their own. Rule: L13."""
    agents = tuple(inactive(each) if each.id in ("ana", "carla", "davi") else each for each in WS.agents)
    new = stocked(agents=agents)
    assert told(Configure(new)) == (
        ("ws", WorkspaceConfigured(workspace=new)),
        release(0, "ana"),
        release(2, "carla"),
    )


@pytest.mark.parametrize("door", DOORS)
def test_who_is_away_already_gives_up_nothing(door: str) -> None:
    """Davi has none left to give up. Rule: L13, L19."""
    assert deactivated(door, AGENTS[3]) == ()


def test_only_deactivating_releases() -> None:
    """Not renaming who is away, nor bringing them back, nor bringing somebody in who never began. Rule: L13."""
    renamed = attrs.evolve(AGENTS[3], name="David")
    assert told(ChangeItem(renamed)) == (("ws", ItemChanged(item=renamed)),)
    assert len(told(RestoreItem(Part.AGENT, "davi"))) == 1
    assert told(AddItem(agent("new", active=False))) == (("ws", ItemAdded(item=agent("new", active=False))),)
    fewer = attrs.evolve(AGENTS[0], departments=(), roles=(Role.AUDITOR,))
    assert told(ChangeItem(fewer)) == (("ws", ItemChanged(item=fewer)),)


@pytest.mark.parametrize("door", DOORS)
def test_who_came_back_is_released_again(door: str) -> None:
    """Every time they go. Rule: L13."""
    ws = WS
    for command in (ArchiveItem(Part.AGENT, "ana"), RestoreItem(Part.AGENT, "ana")):
        (_, event), *_ = told(command, ws)
        ws = after(ws, event)
    assert ws.agent("ana") == AGENTS[0]
    assert seals_of(ws) == seals_of(WS)
    _, *rest = deactivated(door, AGENTS[0], ws)
    assert rest == [release(0, "ana")]
