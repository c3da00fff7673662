"""Saying why a conversation is held: which reasons may be chosen, and when."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import SetReason
from chatcore.entities import Reason
from chatcore.errors import InvalidValue, NotFound, NotPermitted
from chatcore.events import ReasonSet
from chatcore.rules import decide
from chatcore.vocabulary import Actor, Situation
from tests.given import ANA, BETO, CV, ROBO, SARA, after, conversation, on_conversation, workspace

HERE = Reason(id="here", name="Daqui", departments=("sup",))
THERE = Reason(id="there", name="De lá", departments=("fin",), archived=True)
WS = workspace(reasons=(HERE, THERE, Reason(id="moved", name="Mudança")))


def said(to: str, situation: Situation = Situation.OPEN, by: Actor = SARA, **changes: Any) -> Any:
    return decide(SetReason(CV, to), on_conversation(conversation(situation, **changes), by, workspace=WS))


@pytest.mark.parametrize("situation", Situation)
def test_a_reason_is_set_in_every_situation(situation: Situation) -> None:
    """Also of a closed conversation, which stays closed. Rule: S11, L18."""
    decision = said("here", situation)
    assert decision == ((CV, ReasonSet(reason="here")),)
    now = after(conversation(situation), decision[0][1])
    assert (now.reason, now.situation) == ("here", situation)


def test_the_reason_it_has_changes_nothing() -> None:
    """Even one that is archived by now. Rule: L19, C3."""
    assert said("here", reason="here") == ()
    assert said("there", reason="there") == ()


def test_all_misfits_are_told_at_once() -> None:
    """Archived, and for other departments. Rule: C3, C4."""
    with pytest.raises(InvalidValue) as refused:
        said("there")
    assert [(p.path, p.code, p.rule) for p in refused.value.problems] == [
        ("reason", "archived", "C3"),
        ("reason", "other_department", "C4"),
    ]
    with pytest.raises(NotFound):
        said("nowhere")


def test_who_says_why() -> None:
    """Who has it, or had it last; the bot in its flow. Rule: section P."""
    for by, situation in ((ANA, Situation.OPEN), (ANA, Situation.CLOSED), (ROBO, Situation.BOT)):
        assert said("here", situation, by)
    for by, situation in ((BETO, Situation.OPEN), (BETO, Situation.CLOSED), (ANA, Situation.QUEUE)):
        with pytest.raises(NotPermitted):
            said("here", situation, by)
