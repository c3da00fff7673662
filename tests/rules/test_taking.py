"""Taking and assigning: how a waiting conversation gets its assignee."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import Assign, Take
from chatcore.errors import (
    AgentInactive,
    AlreadyTaken,
    AtCapacity,
    ChatcoreError,
    NotAMember,
    NotFound,
    NotPermitted,
)
from chatcore.events import Taken
from chatcore.rules import decide
from chatcore.rules.taking import take
from chatcore.vocabulary import Ability, Actor, Situation
from tests.given import ANA, BETO, CARLA, CV, SARA, after, conversation, granted, on_conversation, workspace

BOT, QUEUE, OPEN = Situation.BOT, Situation.QUEUE, Situation.OPEN


def taken(
    command: Any, situation: Situation, by: Actor, loads: Any = None, ws: Any = None, **changes: Any
) -> Any:
    facts = on_conversation(conversation(situation, **changes), by, loads, workspace=ws or workspace())
    return decide(command, facts)


def refused(kind: type[ChatcoreError], *args: Any, **values: Any) -> dict[str, Any]:
    with pytest.raises(kind) as caught:
        taken(*args, **values)
    return vars(caught.value)


@pytest.mark.parametrize("situation", [BOT, QUEUE])
def test_an_agent_takes_what_waits(situation: Situation) -> None:
    """And becomes its assignee. Rule: S4."""
    decision = taken(Take(CV), situation, ANA, {"ana": 1})
    assert decision == ((CV, Taken(assignee="ana")),)
    assert after(conversation(situation), *[event for _, event in decision]).assignee == "ana"


def test_taking_what_one_has_changes_nothing() -> None:
    """Also when one is full, for it is counted already. Rule: L19."""
    assert taken(Take(CV), OPEN, ANA, {"ana": 2}) == ()
    assert taken(Take(CV, over_capacity=True), OPEN, ANA, {"ana": 2}) == ()


def test_who_comes_second_is_told_who_has_it() -> None:
    """Rule: L6."""
    assert refused(AlreadyTaken, Take(CV), OPEN, BETO) == {"conversation": CV, "assignee": "ana"}
    assert refused(AlreadyTaken, Take(CV, over_capacity=True), OPEN, SARA) == {
        "conversation": CV,
        "assignee": "ana",
    }


def test_the_full_take_no_more() -> None:
    """With their count and their limit. Rule: L7."""
    assert refused(AtCapacity, Take(CV), QUEUE, ANA, {"ana": 2}) == {"agent": "ana", "open": 2, "limit": 2}
    assert taken(Take(CV), QUEUE, BETO, {"beto": 99})


def test_only_who_may_goes_over_the_limit() -> None:
    """A supervisor does; an agent who asks for it is refused, full or not. Rule: L7."""
    ws = workspace(granted("ana", max_open=1))
    for load in (0, 1):
        refusal = refused(NotPermitted, Take(CV, over_capacity=True), QUEUE, ANA, {"ana": load}, ws)
        assert refusal == {"ability": Ability.OVER_CAPACITY}
    assert taken(Take(CV, over_capacity=True), QUEUE, SARA, {"sara": 99}) == ((CV, Taken(assignee="sara")),)


def test_outsiders_take_nothing() -> None:
    """Membership of the department, or the granted ability. Rule: L7."""
    assert refused(NotAMember, Take(CV), QUEUE, CARLA) == {"agent": "carla", "department": "sup"}
    ws = workspace(granted("carla", Ability.TAKE_ANYWHERE, departments=("fin",)))
    assert taken(Take(CV), QUEUE, CARLA, ws=ws) == ((CV, Taken(assignee="carla")),)


def test_the_rule_itself_wants_an_agent() -> None:
    """Nobody else becomes an assignee, whatever was checked before. Rule: L1."""
    with pytest.raises(NotFound):
        take(Take(CV), on_conversation(conversation(QUEUE), Actor.bot("ana")))


@pytest.mark.parametrize("situation", [BOT, QUEUE])
def test_a_supervisor_assigns_what_waits(situation: Situation) -> None:
    """The event names who has it; its envelope will name who gave it. Rule: L17."""
    assert taken(Assign(CV, "beto"), situation, SARA) == ((CV, Taken(assignee="beto")),)


def test_an_agent_assigns_if_granted() -> None:
    """Rule: L17."""
    assert refused(NotPermitted, Assign(CV, "beto"), QUEUE, ANA) == {"ability": Ability.ASSIGN}
    ws = workspace(granted("ana", Ability.ASSIGN))
    assert taken(Assign(CV, "beto"), QUEUE, ANA, ws=ws) == ((CV, Taken(assignee="beto")),)
    assert taken(Assign(CV, "ana"), QUEUE, ANA, ws=ws) == ((CV, Taken(assignee="ana")),)


def test_what_somebody_has_is_not_assigned() -> None:
    """That would be a transfer; it says who has it. Rule: L17, L6."""
    assert refused(AlreadyTaken, Assign(CV, "beto"), OPEN, SARA) == {"conversation": CV, "assignee": "ana"}


@pytest.mark.parametrize(
    ("to", "kind", "attributes"),
    [
        ("nobody", NotFound, {"what": "agent", "id": "nobody"}),
        ("davi", AgentInactive, {"agent": "davi"}),
        ("carla", NotAMember, {"agent": "carla", "department": "sup"}),
        ("ana", AtCapacity, {"agent": "ana", "open": 2, "limit": 2}),
    ],
)
def test_who_cannot_have_it_is_not_given_it(
    to: str, kind: type[ChatcoreError], attributes: dict[str, Any]
) -> None:
    """Unknown, inactive, outside, or full. Rule: L7, L17, L9."""
    assert refused(kind, Assign(CV, to), QUEUE, SARA, {"ana": 2}) == attributes


def test_assigning_over_the_limit_is_a_supervisors() -> None:
    """By the one who assigns, not by the one who gets it. Rule: L7."""
    decision = taken(Assign(CV, "ana", over_capacity=True), QUEUE, SARA, {"ana": 2})
    assert decision == ((CV, Taken(assignee="ana")),)
    ws = workspace(granted("beto", Ability.ASSIGN))
    refusal = refused(NotPermitted, Assign(CV, "sara", over_capacity=True), QUEUE, BETO, {}, ws)
    assert refusal == {"ability": Ability.OVER_CAPACITY}
    assert refused(NotAMember, Assign(CV, "carla", over_capacity=True), QUEUE, SARA)
