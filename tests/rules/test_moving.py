"""Moving a conversation on: transfer, department, queue, bot, reopening, marking read."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import ChangeDepartment, MarkRead, Reopen, ReturnToBot, ReturnToQueue, Transfer
from chatcore.entities import AutomaticMessages, BusinessHours, Channel, Department, Interval, Policies, Robot
from chatcore.errors import (
    AgentInactive,
    AlreadyLive,
    AlreadyTaken,
    AtCapacity,
    ChatcoreError,
    InvalidValue,
    NoBot,
    NotAMember,
    NotFound,
    NotPermitted,
    TooManyTransfers,
)
from chatcore.events import (
    DepartmentChanged,
    Intended,
    MarkedRead,
    MessageAdded,
    MessageWritten,
    Queued,
    Reopened,
    ReturnedToBot,
    Transferred,
)
from chatcore.limits import DELIVERY_DEADLINE, TRANSFERS
from chatcore.rules import decide
from chatcore.vocabulary import (
    Ability,
    Actor,
    ChannelKind,
    Direction,
    EffectKind,
    Private,
    Role,
    Situation,
    Trigger,
)
from tests.given import (
    ANA,
    BETO,
    CV,
    DAY,
    NOW,
    ROBO,
    ROOT,
    SARA,
    TICK,
    after,
    agent,
    blocked_contact,
    capabilities,
    contact,
    conversation,
    granted,
    on_conversation,
    on_reopening,
    on_talk,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
NAME = Private("Maria Silva")
WITH_BOT = workspace(
    channels=(Channel(id="wa", kind=ChannelKind.WHATSAPP_CLOUD, account="1", department="sup", bot=True),)
)


def moved(
    command: Any, situation: Situation = OPEN, by: Actor = SARA, loads: Any = None, **changes: Any
) -> Any:
    ws = changes.pop("workspace", None) or workspace()
    live = changes.pop("live", None)
    talk = {name: changes.pop(name) for name in ("contact", "capabilities") if name in changes}
    before = conversation(situation, **changes)
    if isinstance(command, ReturnToQueue):
        return decide(command, on_talk(before, by, workspace=ws, **talk))
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


def test_an_archived_department_is_not_chosen_any_more() -> None:
    """One that a conversation is in already stays, and asking for it again changes nothing. Rule: C3, L19."""
    ws = workspace(
        departments=(
            Department(id="sup", name="Suporte", archived=True),
            Department(id="fin", name="Financeiro", archived=True),
        ),
        channels=(),
    )
    for situation in (BOT, QUEUE, OPEN):
        with pytest.raises(InvalidValue) as archived:
            moved(ChangeDepartment(CV, "fin"), situation, workspace=ws)
        assert [(p.path, p.code, p.rule) for p in archived.value.problems] == [("department", "archived", "C3")]
        assert moved(ChangeDepartment(CV, "sup"), situation, workspace=ws) == ()


# --- queue and bot -------------------------------------------------------------------------------------------


def test_it_returns_to_the_queue() -> None:
    """From its assignee, and from the bot that hands over. Rule: S18, L14, L22."""
    for by, situation in ((ANA, OPEN), (SARA, BOT), (ROBO, BOT)):
        assert moved(ReturnToQueue(CV), situation, by) == ((CV, Queued(department="sup")),)
    assert moved(ReturnToQueue(CV), QUEUE) == ()
    refused(NotFound, ReturnToQueue(CV), OPEN, ROBO)


OFFICE = BusinessHours(week=((Interval.parse("08:00-18:00"),),) * 7)


def saying(**policies: Any) -> Any:
    """The workspace with something to say to who waits, and when it is closed."""
    said = AutomaticMessages(queued="Aguarde, {{first_name|cliente}}.", after_hours="Voltamos às 8h.")
    return workspace(policies=Policies(automatic=said, **policies))


@pytest.mark.parametrize("by", [SARA, ROBO], ids=lambda a: a.id)
def test_who_comes_from_the_bot_is_told_that_they_wait(by: Actor) -> None:
    """One automatic message, named by its trigger, which answers nobody. Rule: L20, L22, L15."""
    decision = moved(ReturnToQueue(CV), BOT, by, workspace=saying(), contact=contact(name=NAME), seq=4)
    (one, queued), (two, added), (message, written), (effect, intended) = decision
    assert (one, queued) == (CV, Queued(department="sup"))
    assert (two, added) == (
        CV,
        MessageAdded(message="cv_1.5", seq=5, direction=Direction.OUTBOUND, trigger=Trigger.QUEUED),
    )
    assert message == "cv_1.5"
    assert isinstance(written, MessageWritten)
    assert (written.body.reveal(), written.automatic, written.author) == ("Aguarde, Maria.", "queued", None)
    assert effect == written.effect == f"ef_{ROOT}.5"
    assert isinstance(intended, Intended)
    now = after(conversation(BOT, seq=4), queued, added)
    assert (now.situation, now.seq, now.unread, now.talk.robot.said) == (QUEUE, 5, 1, (Trigger.QUEUED,))
    assert now.waiting_since == conversation(BOT).waiting_since


def test_who_comes_from_the_bot_after_hours_is_told_that() -> None:
    """Instead of their place in the queue; once in a closed period, and again in the next. Rule: L20, H1."""
    shut = saying(hours=OFFICE)
    night = NOW.replace(hour=3)  # Midnight in São Paulo.
    morning = NOW.replace(hour=11)
    told = conversation(BOT, robot=Robot(quiet_until=morning))
    for before, said in ((conversation(BOT), True), (told, False)):
        decision = decide(ReturnToQueue(CV), on_talk(before, ROBO, workspace=shut, now=night))
        assert [type(event) for _, event in decision[:1]] == [Queued]
        texts = [event.body.reveal() for _, event in decision if isinstance(event, MessageWritten)]
        assert texts == (["Voltamos às 8h."] if said else [])
        added = [event for _, event in decision if isinstance(event, MessageAdded)]
        assert [each.quiet_until for each in added] == ([morning] if said else [])
    another = decide(ReturnToQueue(CV), on_talk(told, ROBO, workspace=shut, now=night + DAY))
    assert len(another) == 4


@pytest.mark.parametrize(
    ("situation", "changes"),
    [
        (OPEN, {}),
        (BOT, {"robot": Robot(said=(Trigger.QUEUED,))}),
        (BOT, {"contact": blocked_contact()}),
        (BOT, {"window_until": NOW}),
        (BOT, {"capabilities": capabilities(text_limit=3)}),
        (BOT, {"workspace": workspace()}),
    ],
    ids=["from an agent", "told already", "blocked", "window shut", "too long", "nothing to say"],
)
def test_it_returns_to_the_queue_without_a_word(situation: Situation, changes: dict[str, Any]) -> None:
    """Told once per opening; and what cannot be said now is not said. Rule: L20, L21, M5, M6."""
    decision = moved(ReturnToQueue(CV), situation, **{"workspace": saying(), **changes})
    assert decision == ((CV, Queued(department="sup")),)


def test_the_bot_begins_its_turns_anew_when_it_gets_it_again() -> None:
    """It has its time from then on; what was said by itself stays said. Rule: L14, L20, L22."""
    robot = Robot(said=(Trigger.GREETING,), quiet_until=NOW, turns=5, moved_at=NOW - DAY)
    now = after(conversation(OPEN, robot=robot), ReturnedToBot())
    assert now.talk.robot == Robot(said=(Trigger.GREETING,), quiet_until=NOW, moved_at=NOW)


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


@pytest.mark.parametrize("to", [None, "ana"])
@pytest.mark.parametrize(
    ("left", "carried"),
    [(None, False), (NOW - TICK, False), (NOW, False), (NOW + TICK, True)],
    ids=["nothing", "less", "the same", "more"],
)
def test_what_a_later_conversation_left_goes_on_here(left: Any, carried: bool, to: str | None) -> None:
    """The customer's window, and the night they were told of: each where it is later. Rule: M5, L20, H1."""
    before = conversation(CLOSED, window_until=NOW, robot=Robot(said=(Trigger.CLOSING,), quiet_until=NOW))
    for facts in (
        {"window_until": left, "quiet_until": None},
        {"window_until": None, "quiet_until": left},
        {"window_until": left, "quiet_until": left},
    ):
        decision = decide(Reopen(CV, to), on_reopening(before, ANA, **facts))
        later = {name: at for name, at in facts.items() if carried and at is not None}
        assert decision == ((CV, Reopened(assignee=to, **later)),)
        now = after(before, decision[0][1])
        assert now.window_until == later.get("window_until", NOW)
        assert now.talk.robot == Robot(quiet_until=later.get("quiet_until", NOW))


def test_what_knew_of_no_window_and_no_night_takes_what_was_left() -> None:
    """Rule: M5, L20."""
    before = conversation(CLOSED, window_until=None)
    left = {"window_until": NOW + DAY, "quiet_until": NOW + DAY}
    assert decide(Reopen(CV), on_reopening(before, ANA, **left)) == ((CV, Reopened(**left)),)


# --- marking read --------------------------------------------------------------------------------------------


def test_marking_read_clears_the_count_and_not_the_waiting() -> None:
    """The customer still waits for an answer. Rule: L15, L23."""
    decision = moved(MarkRead(CV), by=ANA)
    assert decision == ((CV, MarkedRead()),)
    before = conversation(OPEN)
    now = after(before, decision[0][1])
    assert (now.unread, now.waiting_since, now.seq) == (0, before.waiting_since, before.seq)
    assert moved(MarkRead(CV), unread=0) == ()


TELLS = workspace(policies=Policies(read_receipts=True))


def test_the_customer_is_told_what_their_assignee_read() -> None:
    """Up to the last message they wrote, where the policy says so. Rule: L23."""
    decision = moved(MarkRead(CV), by=ANA, workspace=TELLS, seq=5, heard=3)
    (one, read), (effect, intended) = decision
    assert (one, read) == (CV, MarkedRead())
    assert effect == f"ef_{ROOT}.receipt"
    assert intended == Intended(
        kind=EffectKind.SEND_RECEIPT,
        channel="wa",
        conversation=CV,
        contact="ct_1",
        message="cv_1.3",
        due_at=NOW,
        expires_at=NOW + DELIVERY_DEADLINE,
    )
    assert intended.lane is None


@pytest.mark.parametrize(
    ("by", "situation", "changes"),
    [
        (ANA, QUEUE, {}),
        (SARA, QUEUE, {}),
        (SARA, BOT, {}),
        (SARA, OPEN, {}),
        (BETO, OPEN, {}),
        (ANA, OPEN, {"workspace": workspace()}),
    ],
    ids=["in the queue", "a supervisor there", "with the bot", "a supervisor", "a colleague", "no such policy"],
)
def test_nobody_else_tells_the_customer(by: Actor, situation: Situation, changes: dict[str, Any]) -> None:
    """Never from the queue, and only its assignee. Rule: L23."""
    decision = moved(MarkRead(CV), situation, by, **{"workspace": TELLS, **changes})
    assert decision == ((CV, MarkedRead()),)


def test_what_was_read_already_is_not_told_again() -> None:
    """Rule: L19, L23."""
    assert moved(MarkRead(CV), by=ANA, workspace=TELLS, unread=0) == ()
