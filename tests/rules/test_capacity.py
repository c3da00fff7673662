"""Who may get a conversation: there, active, with access, and with room."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.errors import AgentInactive, AtCapacity, NotAMember, NotFound, NotPermitted
from chatcore.rules.capacity import check_capacity, check_over_capacity, check_recipient
from chatcore.vocabulary import SYSTEM, Ability, Role
from tests.given import ADA, ANA, AURO, ROBO, SARA, agent, granted, workspace


@pytest.mark.parametrize(
    ("max_open", "open", "room"),
    [(0, 0, True), (0, 10**6, True), (1, 0, True), (1, 1, False), (1, 2, False), (2, 1, True), (2, 2, False)],
)
def test_room_is_below_the_limit(max_open: int, open: int, room: bool) -> None:
    """0 is unlimited; at the limit one is full, and over it too. Rule: L7."""
    someone = agent("ana", max_open=max_open)
    if room:
        check_capacity(someone, {"ana": open})
        return
    with pytest.raises(AtCapacity) as full:
        check_capacity(someone, {"ana": open})
    assert (full.value.agent, full.value.open, full.value.limit) == ("ana", open, max_open)


def test_an_agent_nobody_counted_has_none_open() -> None:
    """Other agents' loads do not count. Rule: L7."""
    check_capacity(agent("ana", max_open=1), {})
    check_capacity(agent("ana", max_open=1), {"beto": 9})
    with pytest.raises(AtCapacity):
        check_capacity(agent("ana", max_open=1), {"ana": 1, "beto": 0})


@pytest.mark.parametrize(
    ("by", "may"), [(SARA, True), (ANA, False), (ADA, False), (AURO, False), (ROBO, False), (SYSTEM, False)]
)
def test_a_supervisor_may_go_over(by: Any, may: bool) -> None:
    """And nobody else. Rule: L7."""
    if may:
        check_over_capacity(workspace(), by)
        return
    with pytest.raises(NotPermitted) as refused:
        check_over_capacity(workspace(), by)
    assert refused.value.ability == Ability.OVER_CAPACITY


def recipient(to: str, department: str = "sup", *, over: bool = False, ws: Any = None, **loads: int) -> None:
    check_recipient(ws or workspace(), to, department, loads, over=over)


def test_somebody_who_can_have_it_passes() -> None:
    """A member with room; a supervisor anywhere; one who may take anywhere. Rule: L7, L9."""
    recipient("ana", ana=1)
    recipient("sara", "fin")
    recipient("ana", "fin", ws=workspace(granted("ana", Ability.TAKE_ANYWHERE)))


def test_nobody_can_have_it() -> None:
    """There is no such agent."""
    with pytest.raises(NotFound) as missing:
        recipient("nobody")
    assert (missing.value.what, missing.value.id) == ("agent", "nobody")


def test_the_inactive_cannot_have_it() -> None:
    """Before their department is asked. Rule: L9."""
    with pytest.raises(AgentInactive) as inactive:
        recipient("davi", "fin")
    assert inactive.value.agent == "davi"


@pytest.mark.parametrize("to", ["carla", "auro"])
def test_outsiders_cannot_have_it(to: str) -> None:
    """Not members, and without the ability; going over the limit does not help. Rule: L7, L9."""
    for over in (False, True):
        with pytest.raises(NotAMember) as refused:
            recipient(to, over=over)
        assert (refused.value.agent, refused.value.department) == (to, "sup")


def test_the_full_can_have_it_over_the_limit_only() -> None:
    """Rule: L7."""
    with pytest.raises(AtCapacity) as full:
        recipient("ana", ana=2)
    assert (full.value.agent, full.value.open, full.value.limit) == ("ana", 2, 2)
    recipient("ana", over=True, ana=2)


def test_nobody_is_given_what_they_could_not_take() -> None:
    """An auditor, and an agent who may not take, cannot serve, member or not. Rule: L9."""
    for someone in (
        agent("auro", Role.AUDITOR, departments=("sup",)),
        agent("auro", departments=("sup",), withdrawn=(Ability.TAKE,)),
    ):
        with pytest.raises(NotAMember):
            recipient("auro", ws=workspace(someone))
