"""Timed work: what happens to a conversation when its time has come, if it still has to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatcore.commands import CloseIdle, ReleaseConversation, TimeOutBot
from chatcore.entities import AutomaticMessages, Policies, Robot
from chatcore.errors import NotPermitted
from chatcore.events import Closed, MessageAdded, Queued, ReturnedToBot, Started
from chatcore.rules import decide
from chatcore.rules.timing import bot_still_since
from chatcore.vocabulary import SYSTEM, Actor, Direction, Situation, Trigger
from tests.given import (
    ADA,
    ANA,
    CT,
    CV,
    DAY,
    HOUR,
    NOW,
    PHONE,
    ROBO,
    SARA,
    TICK,
    after,
    agent,
    blocked_contact,
    born,
    conversation,
    on_conversation,
    on_talk,
    required_field,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED


# --- what a deactivated agent still has ----------------------------------------------------------------------


def released(having: Any, who: str = "davi", *agents: Any, by: Actor = SYSTEM) -> Any:
    facts = on_conversation(having, by, workspace=workspace(*agents))
    return decide(ReleaseConversation(CV, who), facts)


DAVIS = conversation(OPEN, assignee="davi", last_assignee="davi", department="fin", unread=2)


def test_it_waits_in_its_department_again() -> None:
    """With whatever the customer still waits for. Rule: L13."""
    decision = released(DAVIS)
    assert decision == ((CV, Queued(department="fin")),)
    back = after(DAVIS, decision[0][1])
    assert (back.situation, back.assignee, back.last_assignee) == (QUEUE, None, "davi")
    assert (back.unread, back.waiting_since) == (2, DAVIS.waiting_since)


def test_so_does_what_was_with_somebody_who_is_gone() -> None:
    """Removed from the workspace altogether. Rule: L13."""
    gone = conversation(OPEN, assignee="zeca", last_assignee="zeca")
    assert released(gone, "zeca") == ((CV, Queued(department="sup")),)


@pytest.mark.parametrize(
    ("having", "agents"),
    [
        (conversation(OPEN), ()),
        (conversation(QUEUE, last_assignee="davi"), ()),
        (conversation(BOT, last_assignee="davi"), ()),
        (conversation(CLOSED, last_assignee="davi"), ()),
        (DAVIS, (agent("davi"),)),
    ],
    ids=["another has it", "queued", "with the bot", "closed", "active again"],
)
def test_it_is_left_alone_where_that_is_over(having: Any, agents: Any) -> None:
    """Looked at once more, whatever was found before. Rule: L13."""
    assert released(having, "davi", *agents) == ()


# --- what is idle --------------------------------------------------------------------------------------------

IDLE = {"close_after_idle": DAY, "default_reason": "slow"}


def closed(having: Any, by: Actor = SYSTEM, **changes: Any) -> Any:
    policies = Policies(**{**IDLE, **changes.pop("policies", {})})
    facts = {"workspace": workspace(policies=policies, **changes.pop("parts", {})), **changes}
    return decide(CloseIdle(CV), on_talk(having, by, **facts))


def still(situation: Situation = OPEN, since: timedelta = DAY, **changes: Any) -> Any:
    return conversation(situation, **{"recorded_at": NOW - since, "waiting_since": None, **changes})


@pytest.mark.parametrize("situation", [QUEUE, OPEN])
def test_what_was_still_for_so_long_is_closed(situation: Situation) -> None:
    """With the default reason, or the one it has; from the end of the span on. Rule: L16, L10."""
    assert closed(still(situation)) == ((CV, Closed(reason="slow")),)
    assert closed(still(situation, DAY + TICK)) == ((CV, Closed(reason="slow")),)
    assert closed(still(situation, reason="moved")) == ((CV, Closed(reason="moved")),)
    done = after(still(situation), Closed(reason="slow"))
    assert (done.situation, done.closed_by) == (CLOSED, SYSTEM)


@pytest.mark.parametrize(
    ("having", "policies"),
    [
        (still(since=DAY - TICK), {}),
        (still(QUEUE, since=timedelta(0)), {}),
        (still(), {"close_after_idle": None}),
        (still(), {"close_after_idle": DAY + TICK}),
        (still(BOT), {}),
        (still(CLOSED), {}),
    ],
    ids=["activity since", "just now", "switched off", "more patience", "with the bot", "closed"],
)
def test_what_is_not_idle_any_more_stays(having: Any, policies: Any) -> None:
    """Looked at once more, whatever was found before. Rule: L16."""
    assert closed(having, policies=policies) == ()


def test_who_waits_for_an_answer_is_spared_if_the_policy_says_so() -> None:
    """Rule: L16."""
    waiting = still(waiting_since=NOW - DAY)
    assert closed(waiting) == ()
    assert closed(waiting, policies={"idle_spares_waiting": False}) == ((CV, Closed(reason="slow")),)


def test_nobody_is_there_to_fill_in_fields() -> None:
    """What people must fill in before they close does not keep it open for ever. Rule: L16, C9."""
    assert closed(still(), parts={"fields": (required_field(),)}) == ((CV, Closed(reason="slow")),)


def test_it_says_goodbye_where_it_can() -> None:
    """Rule: L10, L16, L21."""
    words = {"automatic": AutomaticMessages(closing="Até logo!")}
    kinds = [type(event).__name__ for _, event in closed(still(), policies=words)]
    assert kinds == ["MessageAdded", "MessageWritten", "Intended", "Closed"]
    for nowhere in ({"contact": blocked_contact()}, {"now": NOW + DAY}):
        assert closed(still(), policies=words, **nowhere) == ((CV, Closed(reason="slow")),)


# --- a bot that is still -------------------------------------------------------------------------------------


def handed(having: Any, by: Actor = SYSTEM, patience: timedelta | None = HOUR, **policies: Any) -> Any:
    ws = workspace(policies=Policies(bot_timeout=patience, **policies))
    return decide(TimeOutBot(CV), on_talk(having, by, workspace=ws))


def test_what_a_bot_left_still_waits_for_people() -> None:
    """From the end of the span on; the customer waits on since they wrote. Rule: L22, L15."""
    waiting = still(BOT, HOUR, waiting_since=NOW - HOUR)
    decision = handed(waiting)
    assert decision == ((CV, Queued(department="sup")),)
    assert handed(still(BOT, HOUR + TICK)) == decision
    queued = after(waiting, decision[0][1])
    assert (queued.situation, queued.queued_at, queued.waiting_since) == (QUEUE, NOW, NOW - HOUR)


def test_the_customer_is_told_that_they_wait_now() -> None:
    """After the hand-over, with the next number. Rule: L20, L22."""
    words = AutomaticMessages(queued="Já vamos atender.")
    (_, queued), (_, added), (_, written), _ = handed(still(BOT, HOUR), automatic=words)
    assert queued == Queued(department="sup")
    assert (added.seq, added.trigger, written.automatic) == (2, "queued", "queued")


@pytest.mark.parametrize(("moved", "hands_over"), [(HOUR - TICK, False), (HOUR, True), (DAY, True)])
def test_only_what_the_bot_does_gives_it_time(moved: timedelta, hands_over: bool) -> None:
    """Whatever the customer wrote meanwhile: they write on because nobody answers. Rule: L22."""
    written_to = still(BOT, TICK, robot=Robot(moved_at=NOW - moved), waiting_since=NOW - HOUR)
    assert (handed(written_to) == ((CV, Queued(department="sup")),)) is hands_over
    assert (handed(written_to) == ()) is not hands_over


def test_when_the_bot_last_did_something() -> None:
    """When it got the conversation, or said something; nothing that others do counts. Rule: L22, L14."""
    started = Started(contact=CT, channel="wa", address=PHONE, protocol="1", department="sup", bot=True)
    talking = born(CV, started, at=NOW)
    assert bot_still_since(talking) == NOW
    heard = MessageAdded(message=f"{CV}.1", seq=1, direction=Direction.INBOUND)
    greeted = MessageAdded(message=f"{CV}.2", seq=2, direction=Direction.OUTBOUND, trigger=Trigger.GREETING)
    answered = MessageAdded(message=f"{CV}.3", seq=3, direction=Direction.OUTBOUND, bot=True)
    noted = MessageAdded(message=f"{CV}.4", seq=4, direction=Direction.INTERNAL)
    for n, (event, since) in enumerate(((heard, 0), (greeted, 0), (answered, 3), (noted, 3)), start=1):
        talking = after(talking, event, at=NOW + n * HOUR)
        assert bot_still_since(talking) == NOW + since * HOUR
    taken = after(talking, Queued(department="sup"), at=NOW + 5 * HOUR)
    back = after(taken, ReturnedToBot(), at=NOW + 6 * HOUR)
    assert bot_still_since(back) == NOW + 6 * HOUR


@pytest.mark.parametrize(
    ("having", "patience"),
    [
        (still(BOT, HOUR - TICK), HOUR),
        (still(BOT, HOUR), None),
        (still(BOT, HOUR), 2 * HOUR),
        (still(QUEUE, HOUR), HOUR),
        (still(OPEN, HOUR), HOUR),
        (still(CLOSED, HOUR), HOUR),
    ],
    ids=["activity since", "switched off", "more patience", "queued", "taken", "closed"],
)
def test_a_bot_that_is_at_work_or_out_of_it_is_left_alone(having: Any, patience: timedelta | None) -> None:
    """Looked at once more, whatever was found before. Rule: L22, L14."""
    assert handed(having, patience=patience) == ()


# --- by whom -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [ANA, SARA, ADA, ROBO])
def test_timed_work_is_the_systems_alone(by: Actor) -> None:
    """No person and no bot may hurry it. Rule: section P."""
    for having, work in ((still(BOT), handed), (still(BOT), closed)):
        with pytest.raises(NotPermitted):
            work(having, by)
    with pytest.raises(NotPermitted):
        released(still(BOT), by=by)
