"""Moving a conversation on: transfer, department, queue, bot, reopening, marking read."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import ChangeDepartment, MarkRead, Reopen, ReturnToBot, ReturnToQueue, Transfer
from chatcore.entities import Channel
from chatcore.errors import (
    AgentInactive,
    AlreadyLive,
    AlreadyTaken,
    AtCapacity,
    ChatcoreError,
    NoBot,
    NotAMember,
    NotFound,
    NotPermitted,
    TooManyTransfers,
)
from chatcore.events import DepartmentChanged, MarkedRead, Queued, Reopened, ReturnedToBot, Transferred
from chatcore.limits import TRANSFERS
from chatcore.rules import decide
from chatcore.vocabulary import Ability, Actor, ChannelKind, Role, Situation
from tests.given import (
    ANA,
    BETO,
    CV,
    NOW,
    ROBO,
    SARA,
    after,
    agent,
    conversation,
    granted,
    on_conversation,
    on_reopening,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
WITH_BOT = workspace(
    channels=(Channel(id="wa", kind=ChannelKind.WHATSAPP_CLOUD, account="1", department="sup", bot=True),)
)


def moved(
    command: Any, situation: Situation = OPEN, by: Actor = SARA, loads: Any = None, **changes: Any
) -> Any:
    ws = changes.pop("workspace", None) or workspace()
    live = changes.pop("live", None)
    before = conversation(situation, **changes)
    if isinstance(command, Reopen):
        return decide(command, on_reopening(before, by, loads, live=live, workspace=ws))
    return decide(command, on_conversation(before, by, loads, workspace=ws))


def refused(kind: type[ChatcoreError], *args: Any, **values: Any) -> dict[str, Any]:
    with pytest.raises(kind) as caught:
        moved(*args, **values)
    return vars(caught.value)


# --- transfer ------------------------------------------------------------------------------------------------


def test_an_open_conversation_goes_to_another_agent() -> None:
    """By who has it, or a supervisor; the count goes up, the rest stays. Rule: S12, L9."""
    for by in (ANA, SARA):
        decision = moved(Transfer(CV, "beto"), by=by)
        assert decision == ((CV, Transferred(assignee="beto")),)
    now = after(conversation(OPEN), decision[0][1], at=NOW)
    assert (now.situation, now.assignee, now.last_assignee, now.transfers) == (OPEN, "beto", "beto", 1)
    assert (now.seq, now.unread, now.taken_at) == (1, 1, NOW)


def test_a_transfer_to_the_present_assignee_is_refused() -> None:
    """A person meant something by it. Rule: L9, L19."""
    assert refused(AlreadyTaken, Transfer(CV, "ana")) == {"conversation": CV, "assignee": "ana"}


def test_a_transfer_goes_to_somebody_who_can_have_it() -> None:
    """There, active, with access, with room; a supervisor may go over. Rule: L7, L9."""
    ws = workspace(
        agent("beto", max_open=1),
        agent("ana"),
        agent("davi", active=False),
        agent("carla", departments=("fin",)),
    )
    assert refused(NotFound, Transfer(CV, "nobody"), by=ANA, workspace=ws)["what"] == "agent"
    assert refused(AgentInactive, Transfer(CV, "davi"), by=ANA, workspace=ws) == {"agent": "davi"}
    assert refused(NotAMember, Transfer(CV, "carla"), by=ANA, workspace=ws)["agent"] == "carla"
    assert refused(AtCapacity, Transfer(CV, "beto"), by=ANA, loads={"beto": 1}, workspace=ws)["limit"] == 1
    over = Transfer(CV, "beto", over_capacity=True)
    assert refused(NotPermitted, over, by=ANA, loads={"beto": 1}, workspace=ws) == {
        "ability": Ability.OVER_CAPACITY
    }
    assert moved(Transfer(CV, "beto", over_capacity=True), loads={"beto": 9})


def test_a_conversation_is_transferred_fifty_times_at_most() -> None:
    """The fiftieth goes, the next does not. Rule: L9."""
    assert moved(Transfer(CV, "beto"), transfers=TRANSFERS - 1)
    assert refused(TooManyTransfers, Transfer(CV, "beto"), transfers=TRANSFERS) == {"limit": 50}


def test_another_agents_conversation_is_not_theirs_to_move() -> None:
    """Rule: section P."""
    for command in (Transfer(CV, "beto"), ChangeDepartment(CV, "fin"), ReturnToQueue(CV), ReturnToBot(CV)):
        refused(NotPermitted, command, by=BETO)


# --- department ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("situation", [BOT, QUEUE])
def test_a_waiting_conversation_changes_department_where_it_stands(situation: Situation) -> None:
    """Rule: S18, L8."""
    decision = moved(ChangeDepartment(CV, "fin"), situation)
    assert decision == ((CV, DepartmentChanged(department="fin")),)
    before = conversation(situation)
    now = after(before, decision[0][1])
    assert (now.department, now.situation, now.queued_at) == ("fin", situation, before.queued_at)


def test_an_assignee_of_both_departments_keeps_it() -> None:
    """Rule: L8."""
    ws = workspace(agent("ana", departments=("sup", "fin")))
    assert moved(ChangeDepartment(CV, "fin"), workspace=ws) == ((CV, DepartmentChanged(department="fin")),)


def test_an_assignee_without_access_gives_it_to_the_queue() -> None:
    """Cleared, and kept as the last one; so does one who is inactive by now. Rule: L8."""
    decision = moved(
        ChangeDepartment(CV, "fin"), by=ANA, workspace=workspace(agent("ana", departments=("sup",)))
    )
    assert decision == ((CV, Queued(department="fin")),)
    now = after(conversation(OPEN), decision[0][1])
    assert (now.situation, now.assignee, now.last_assignee, now.department) == (QUEUE, None, "ana", "fin")
    gone = workspace(agent("ana", departments=("sup", "fin"), active=False), agent("sara", Role.SUPERVISOR))
    assert moved(ChangeDepartment(CV, "fin"), workspace=gone) == ((CV, Queued(department="fin")),)


def test_the_same_department_changes_nothing_and_no_department_is_refused() -> None:
    """Rule: L19."""
    assert moved(ChangeDepartment(CV, "sup")) == ()
    assert refused(NotFound, ChangeDepartment(CV, "nowhere")) == {"what": "department", "id": "nowhere"}


# --- queue and bot -------------------------------------------------------------------------------------------


def test_it_returns_to_the_queue() -> None:
    """From its assignee, and from the bot that hands over. Rule: S18, L14, L22."""
    for by, situation in ((ANA, OPEN), (SARA, BOT), (ROBO, BOT)):
        assert moved(ReturnToQueue(CV), situation, by) == ((CV, Queued(department="sup")),)
    assert moved(ReturnToQueue(CV), QUEUE) == ()
    refused(NotFound, ReturnToQueue(CV), OPEN, ROBO)


def test_it_returns_to_a_bot_that_is_there() -> None:
    """By a person: by itself the bot does not come back. Rule: L14."""
    for situation in (QUEUE, OPEN):
        decision = moved(ReturnToBot(CV), situation, workspace=WITH_BOT)
        assert decision == ((CV, ReturnedToBot()),)
    now = after(conversation(OPEN), decision[0][1])
    assert (now.situation, now.assignee, now.last_assignee) == (BOT, None, "ana")
    assert moved(ReturnToBot(CV), BOT) == ()
    assert refused(NoBot, ReturnToBot(CV)) == {"channel": "wa"}


# --- reopening -----------------------------------------------------------------------------------------------


def test_a_closed_conversation_goes_on_in_the_queue() -> None:
    """By who had it last, or a supervisor; a new opening, without the old reason. Rule: L18, P."""
    for by in (ANA, SARA):
        decision = moved(Reopen(CV), CLOSED, by)
        assert decision == ((CV, Reopened()),)
    now = after(conversation(CLOSED), decision[0][1], at=NOW)
    assert (now.situation, now.assignee, now.reason, now.opened_at) == (QUEUE, None, None, NOW)
    refused(NotPermitted, Reopen(CV), CLOSED, BETO)


def test_it_may_go_on_with_the_agent_at_once() -> None:
    """With oneself, if there is room; with another by who may assign. Rule: L7, L17."""
    assert moved(Reopen(CV, "ana"), CLOSED, ANA) == ((CV, Reopened(assignee="ana")),)
    assert moved(Reopen(CV, "beto"), CLOSED, SARA) == ((CV, Reopened(assignee="beto")),)
    assert refused(NotPermitted, Reopen(CV, "beto"), CLOSED, ANA) == {"ability": Ability.ASSIGN}
    ws = workspace(granted("ana", Ability.ASSIGN))
    assert moved(Reopen(CV, "beto"), CLOSED, ANA, workspace=ws)
    full = workspace(agent("ana", max_open=1))
    assert refused(AtCapacity, Reopen(CV, "ana"), CLOSED, ANA, loads={"ana": 1}, workspace=full)["limit"] == 1
    assert refused(NotFound, Reopen(CV, "nobody"), CLOSED)["what"] == "agent"


def test_a_live_conversation_stands_in_the_way() -> None:
    """And is named. Rule: L3."""
    live = conversation(QUEUE, id="cv_9")
    assert refused(AlreadyLive, Reopen(CV), CLOSED, live=live) == {"conversation": "cv_9"}


# --- marking read --------------------------------------------------------------------------------------------


def test_marking_read_clears_the_count_and_not_the_waiting() -> None:
    """The customer still waits for an answer. Rule: L15, L23."""
    decision = moved(MarkRead(CV), by=ANA)
    assert decision == ((CV, MarkedRead()),)
    before = conversation(OPEN)
    now = after(before, decision[0][1])
    assert (now.unread, now.waiting_since, now.seq) == (0, before.waiting_since, before.seq)
    assert moved(MarkRead(CV), unread=0) == ()
