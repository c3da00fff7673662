"""Automatic messages: what is said by itself, at its trigger, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chatcore.commands import (
    Close,
    CloseIdle,
    ReceiveMessage,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    Take,
    TimeOutBot,
)
from chatcore.entities import AutomaticMessages, Policies
from chatcore.entities.conversation import Robot
from chatcore.entities.hours import BusinessHours
from chatcore.events import Intended, MessageAdded, MessageWritten, Queued, Started
from chatcore.limits import HOURS_AHEAD
from chatcore.rules import decide
from chatcore.vocabulary import SYSTEM, Actor, Direction, Private, Situation, Trigger
from tests.given import (
    BOT_CHANNEL,
    CHANNEL,
    CT,
    CV,
    DAY,
    HOUR,
    NOW,
    PHONE,
    ROBO,
    ROOT,
    SARA,
    SECOND,
    TICK,
    after,
    blocked_contact,
    born,
    capabilities,
    contact,
    conversation,
    on_arrival,
    on_conversation,
    on_reopening,
    on_talk,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
GREETING, QUEUED, AFTER_HOURS, CLOSING = Trigger

WORDS = AutomaticMessages(
    greeting="Olá! Seu protocolo é {{protocol}}.",
    queued="Já vamos atender.",
    after_hours="Voltamos no próximo dia útil.",
    closing="Até logo!",
)
HOURS = BusinessHours.of(weekdays="08:00-12:00, 13:30-18:00", holidays=[date(2026, 3, 12)])


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of day in March 2026 in São Paulo, three hours behind UTC; the 10th is a Tuesday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) + 3 * HOUR


class Tale:
    """What happens between one contact and the service, step by step; each step gives what was said by itself.

    On the way every message takes the next number, and what is said by itself answers nobody. Rule: M4, L15.
    """

    def __init__(self, *, bot: bool = False, hours: BusinessHours | None = None, **policies: Any) -> None:
        decided = {"automatic": WORDS, "hours": hours, "default_reason": "moved", **policies}
        self.workspace = workspace(policies=Policies(**decided), channels=(CHANNEL, BOT_CHANNEL))
        self.channel = BOT_CHANNEL if bot else CHANNEL
        self.conversation: Any = None
        self.steps = 0

    def facts(self, now: datetime) -> dict[str, Any]:
        self.steps += 1
        return {"workspace": self.workspace, "now": now, "root": f"{ROOT}{self.steps}"}

    def heard(self, now: datetime, sent_at: datetime | None = None) -> list[Trigger]:
        """The customer writes."""
        known = self.conversation
        closed = known is not None and known.situation is CLOSED
        facts = self.facts(now)
        command = ReceiveMessage(
            channel=self.channel.id,
            address=PHONE,
            provider_id=f"wamid.{self.steps}",
            sent_at=sent_at or now,
            text="Oi",
        )
        there = {"live": None if closed else known, "last": known if closed else None}
        return self.then(decide(command, on_arrival(channel=self.channel, **there, **facts)), SYSTEM, now)

    def talk(self, command: Any, by: Actor, now: datetime, **facts: Any) -> list[Trigger]:
        """A command about what is said: closing, handing over."""
        told = on_talk(self.conversation, by, **{**self.facts(now), **facts})
        return self.then(decide(command, told), by, now)

    def close(self, now: datetime, by: Actor = SARA) -> list[Trigger]:
        return self.talk(Close(self.conversation.id, "moved"), by, now)

    def hand_over(self, now: datetime, by: Actor = ROBO, **facts: Any) -> list[Trigger]:
        return self.talk(ReturnToQueue(self.conversation.id), by, now, **facts)

    def back_to_bot(self, now: datetime) -> list[Trigger]:
        facts = on_conversation(self.conversation, SARA, **self.facts(now))
        return self.then(decide(ReturnToBot(self.conversation.id), facts), SARA, now)

    def take(self, now: datetime) -> list[Trigger]:
        facts = on_conversation(self.conversation, SARA, **self.facts(now))
        return self.then(decide(Take(self.conversation.id), facts), SARA, now)

    def reopen(self, now: datetime) -> list[Trigger]:
        facts = on_reopening(self.conversation, SARA, **self.facts(now))
        return self.then(decide(Reopen(self.conversation.id), facts), SARA, now)

    def then(self, decision: Any, by: Actor, now: datetime) -> list[Trigger]:
        said = []
        for ref, event in decision:
            if isinstance(event, Started):
                self.conversation = born(ref, event, by=by, at=now)
            elif self.conversation is not None and ref == self.conversation.id:
                before = self.conversation
                self.conversation = after(before, event, by=by, at=now)
                if isinstance(event, MessageAdded):
                    assert event.seq == before.seq + 1
                    if event.trigger is not None:
                        assert self.conversation.unread == before.unread
                        assert self.conversation.waiting_since == before.waiting_since
                        assert self.conversation.window_until == before.window_until
            elif isinstance(event, MessageWritten) and event.automatic is not None:
                said.append(event.automatic)
        return said


# --- each at its trigger -------------------------------------------------------------------------------------


def test_a_new_conversation_is_greeted_and_told_that_it_waits() -> None:
    """Greeting with the protocol, then the queue; nothing more with the next messages. Rule: L20, L11."""
    tale = Tale()
    assert tale.heard(NOW) == [GREETING, QUEUED]
    assert tale.heard(NOW + SECOND) == []
    assert tale.conversation.seq == 4


@pytest.mark.parametrize("trigger", Trigger)
def test_what_is_not_written_is_not_said(trigger: Trigger) -> None:
    """Each of them alone, or none. Rule: L20."""
    only = AutomaticMessages(**{trigger.value: "Oi"})
    tale = Tale(automatic=only, hours=HOURS)
    said = tale.heard(at(10, 9)) + tale.heard(at(10, 20)) + tale.close(at(10, 21))
    assert said == [trigger]
    silent = Tale(automatic=AutomaticMessages(), hours=HOURS)
    assert silent.heard(at(10, 9)) + silent.heard(at(10, 20)) + silent.close(at(10, 21)) == []


def test_with_the_bot_one_is_greeted_and_does_not_wait_yet() -> None:
    """Who comes from the bot is told then, whoever or whatever handed over. Rule: L20, L22."""
    for by in (ROBO, SARA):
        tale = Tale(bot=True)
        assert tale.heard(NOW) == [GREETING]
        assert tale.hand_over(NOW, by) == [QUEUED]
    tale = Tale(bot=True, bot_timeout=HOUR)
    tale.heard(NOW)
    assert tale.talk(TimeOutBot(tale.conversation.id), SYSTEM, NOW + HOUR) == [QUEUED]


def test_what_is_said_is_a_message_of_its_own_from_nobody() -> None:
    """In the conversation's lane, named by its trigger. Rule: L20, M20."""
    tale = Tale(bot=True)
    tale.heard(NOW)
    facts = on_talk(tale.conversation, ROBO, workspace=tale.workspace)
    id = tale.conversation.id
    (cv, queued), (one, added), (message, written), (effect, intended) = decide(ReturnToQueue(id), facts)
    assert (cv, one, queued) == (id, id, Queued(department="sup"))
    assert added == MessageAdded(message=f"{id}.3", seq=3, direction=Direction.OUTBOUND, trigger=QUEUED)
    assert isinstance(written, MessageWritten)
    assert (message, written.author, written.automatic, written.effect) == (f"{id}.3", None, QUEUED, effect)
    assert written.body == Private("Já vamos atender.")
    assert isinstance(intended, Intended)
    assert (intended.message, intended.position, intended.contact) == (message, 3, CT)


# --- once an opening -----------------------------------------------------------------------------------------


def test_each_is_said_once_an_opening() -> None:
    """However often a conversation comes by its trigger; and again after a reopening. Rule: L20."""
    tale = Tale(bot=True, reopen_within=DAY)
    assert tale.heard(NOW) == [GREETING]
    assert tale.hand_over(NOW) == [QUEUED]
    assert tale.back_to_bot(NOW) == []
    assert tale.hand_over(NOW) == []
    assert tale.take(NOW) == []
    assert tale.hand_over(NOW, SARA) == []
    assert tale.close(NOW) == [CLOSING]
    assert tale.conversation.talk.robot.said == (GREETING, QUEUED, CLOSING)
    assert tale.heard(NOW + HOUR) == [GREETING, QUEUED]
    assert tale.back_to_bot(NOW + HOUR) == []
    assert tale.hand_over(NOW + HOUR) == []
    assert tale.close(NOW + HOUR) == [CLOSING]


def test_a_reopening_by_a_person_is_an_opening_too() -> None:
    """The customer did nothing, so nothing is said then; at the next close it is. Rule: L20."""
    tale = Tale()
    tale.heard(NOW)
    assert tale.close(NOW) == [CLOSING]
    assert tale.reopen(NOW) == []
    assert tale.heard(NOW) == []
    assert tale.close(NOW) == [CLOSING]


def test_what_goes_back_to_its_assignee_does_not_wait() -> None:
    """It is greeted and not told of a queue, nor of closed doors. Rule: L4, L20."""
    for now in (at(10, 9), at(10, 20)):
        tale = Tale(hours=HOURS, reopen_within=DAY, reopen_to_assignee=True)
        tale.heard(now)
        tale.take(now)
        tale.close(now)
        assert tale.heard(now) == [GREETING]
        assert tale.conversation.assignee == "sara"


# --- after hours ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(10, 8) - TICK, False),
        (at(10, 8), True),
        (at(10, 12) - TICK, True),
        (at(10, 12), False),
        (at(10, 13, 30) - TICK, False),
        (at(10, 13, 30), True),
        (at(10, 18) - TICK, True),
        (at(10, 18), False),
        (at(12, 10), False),
        (at(14, 10), False),
    ],
)
def test_while_closed_one_is_told_so_instead(moment: datetime, is_open: bool) -> None:
    """Hours are half-open, by the workspace's clocks; also on holidays and at weekends. Rule: L20, H1."""
    expected = QUEUED if is_open else AFTER_HOURS
    assert Tale(hours=HOURS).heard(moment) == [GREETING, expected]
    tale = Tale(bot=True, hours=HOURS)
    tale.heard(moment)
    assert tale.hand_over(moment) == [expected]


def test_once_a_closed_period() -> None:
    """Not again until the doors have been open; then again, without an opening. Rule: L20, H1."""
    tale = Tale(hours=HOURS)
    assert tale.heard(at(10, 18)) == [GREETING, AFTER_HOURS]
    assert tale.heard(at(10, 23)) == []
    assert tale.heard(at(11, 8) - TICK) == []
    assert tale.heard(at(11, 8)) == []
    assert tale.heard(at(11, 12) - TICK) == []
    assert tale.heard(at(11, 12)) == [AFTER_HOURS]
    assert tale.heard(at(11, 13)) == []
    assert tale.heard(at(11, 18)) == [AFTER_HOURS]
    # The 12th is a holiday: all one closed period, until the 13th.
    assert tale.heard(at(12, 10)) == []
    assert tale.heard(at(13, 7)) == []
    assert tale.heard(at(13, 20)) == [AFTER_HOURS]
    assert tale.heard(at(15, 20)) == []


def test_once_a_closed_period_across_conversations() -> None:
    """Closed and reopened, or begun anew, by the customer: they know it already. Rule: L20, H1."""
    for within in (None, DAY):
        tale = Tale(hours=HOURS, reopen_within=within)
        assert tale.heard(at(10, 19)) == [GREETING, AFTER_HOURS]
        first = tale.conversation.id
        tale.close(at(10, 20))
        assert tale.heard(at(10, 21)) == [GREETING]
        assert (tale.conversation.id == first) is (within is not None)
        assert tale.heard(at(10, 22)) == []
        tale.close(at(10, 23))
        assert tale.heard(at(11, 20)) == [GREETING, AFTER_HOURS]


def test_a_reopening_by_a_person_forgets_nothing_of_the_night() -> None:
    """Rule: L20, H1."""
    tale = Tale(hours=HOURS)
    tale.heard(at(10, 19))
    tale.close(at(10, 20))
    tale.reopen(at(10, 21))
    assert tale.heard(at(10, 22)) == []
    assert tale.heard(at(11, 19)) == [AFTER_HOURS]


def test_who_is_being_served_is_not_told_that_it_is_closed() -> None:
    """Nor who is with the bot. Rule: L20."""
    tale = Tale(hours=HOURS)
    tale.heard(at(10, 9))
    tale.take(at(10, 9))
    assert tale.heard(at(10, 20)) == []
    tale = Tale(bot=True, hours=HOURS)
    assert tale.heard(at(10, 20)) == [GREETING]
    assert tale.heard(at(10, 21)) == []


def test_a_service_that_never_opens_says_so_once_as_far_as_hours_are_searched() -> None:
    """It is one closed period, however long the customer goes on writing. Rule: L20, H1."""
    tale = Tale(hours=BusinessHours.of())
    assert tale.heard(NOW) == [GREETING, AFTER_HOURS]
    for days in (1, 2, 30, HOURS_AHEAD - 1):
        assert tale.heard(NOW + days * DAY) == []
    assert tale.heard(NOW + HOURS_AHEAD * DAY - TICK) == []
    assert tale.heard(NOW + HOURS_AHEAD * DAY) == [AFTER_HOURS]


def test_what_is_said_night_after_night_is_remembered_as_one() -> None:
    """However long the customer waits, nothing grows with it. Rule: L20, H1."""
    tale = Tale(hours=HOURS)
    for day in (16, 17, 18, 19):
        assert AFTER_HOURS in tale.heard(at(day, 20))
        assert tale.conversation.talk.robot.said == (GREETING, AFTER_HOURS)
        assert tale.conversation.talk.robot.quiet_until == at(day + 1, 8)


# --- what cannot be said is not said -------------------------------------------------------------------------


def test_nothing_is_said_to_a_blocked_contact() -> None:
    """Handing over and closing work all the same. Rule: L10, L20, L21."""
    tale = Tale(bot=True)
    tale.heard(NOW)
    assert tale.hand_over(NOW, contact=blocked_contact()) == []
    assert tale.conversation.situation is QUEUE
    assert tale.talk(Close(tale.conversation.id, "moved"), SARA, NOW, contact=blocked_contact()) == []
    assert tale.conversation.situation is CLOSED


@pytest.mark.parametrize(("since", "said"), [(DAY - TICK, [QUEUED]), (DAY, []), (3 * DAY, [])])
def test_nothing_is_said_outside_the_window(since: timedelta, said: list[Trigger]) -> None:
    """Nor does it wait for the window. Rule: M5, L20."""
    tale = Tale(bot=True)
    tale.heard(NOW)
    assert tale.hand_over(NOW + since) == said
    closing = [CLOSING] if said else []
    assert tale.close(NOW + since) == closing


def test_a_message_that_comes_too_late_opens_no_window_to_answer_it() -> None:
    """The provider kept it for days. Rule: M5, L20."""
    assert Tale().heard(NOW, sent_at=NOW - DAY) == []
    assert Tale().heard(NOW, sent_at=NOW - DAY + TICK) == [GREETING, QUEUED]
    without = Tale()
    facts = without.facts(NOW)
    late = ReceiveMessage(channel="wa", address=PHONE, provider_id="w", sent_at=NOW - 9 * DAY, text="Oi")
    decision = decide(late, on_arrival(capabilities=capabilities(window=None), **facts))
    assert without.then(decision, SYSTEM, NOW) == [GREETING, QUEUED]


def test_a_message_that_comes_late_does_not_shut_what_is_open() -> None:
    """The window is the one the conversation has after it. Rule: M5, L20."""
    tale = Tale(hours=HOURS)
    tale.heard(at(10, 17))
    assert tale.heard(at(10, 20), sent_at=at(8, 20)) == [AFTER_HOURS]
    tale = Tale(hours=HOURS)
    tale.heard(at(10, 9))
    tale.close(at(10, 9))
    assert tale.heard(at(10, 10), sent_at=at(8, 20)) == [GREETING, QUEUED]


def test_what_is_too_long_for_the_channel_is_left_out() -> None:
    """After its variables are filled in; the others go, and take the next numbers. Rule: M6, L20, M4."""
    protocol_length = 18
    at_most = len("Olá! Seu protocolo é .") + protocol_length
    for limit, said in ((at_most, [GREETING, QUEUED]), (at_most - 1, [QUEUED])):
        tale = Tale()
        facts = on_arrival(capabilities=capabilities(text_limit=limit), **tale.facts(NOW))
        command = ReceiveMessage(channel="wa", address=PHONE, provider_id="w", sent_at=NOW, text="Oi")
        assert tale.then(decide(command, facts), SYSTEM, NOW) == said
        assert tale.conversation.seq == 1 + len(said)


def test_an_empty_text_is_not_said() -> None:
    """A fallback may leave nothing of it; no provider takes that. Rule: L20, M14."""
    words = AutomaticMessages(greeting="{{first_name|}}", queued=" {{first_name|}} ")
    for name, said in ((None, []), (Private("Maria Silva"), [GREETING, QUEUED])):
        tale = Tale(automatic=words)
        command = ReceiveMessage(channel="wa", address=PHONE, provider_id="w", sent_at=NOW, text="Oi")
        decision = decide(command, on_arrival(contact=contact(name=name), **tale.facts(NOW)))
        assert tale.then(decision, SYSTEM, NOW) == said
        assert tale.conversation.seq == 1 + len(said)


def hello(greeting: str, name: str | None, limit: int) -> str | None:
    """What a contact of this name is greeted with on a channel that takes texts of this length."""
    tale = Tale(automatic=AutomaticMessages(greeting=greeting))
    known = contact(name=None if name is None else Private(name))
    facts = on_arrival(contact=known, capabilities=capabilities(text_limit=limit), **tale.facts(NOW))
    command = ReceiveMessage(channel="wa", address=PHONE, provider_id="w", sent_at=NOW, text="Oi")
    decision = decide(command, facts)
    said = [event.body.reveal() for _, event in decision if isinstance(event, MessageWritten)]
    assert len(said) == len(tale.then(decision, SYSTEM, NOW)) <= 1
    return said[0] if said else None


def test_a_name_that_no_message_holds_keeps_nobody_from_being_greeted() -> None:
    """Control characters are left out of it, and a name of nothing else is none. Rule: L20, M14, C7."""
    assert hello("Oi {{contact|cliente}}!", "\x07Ana\x1b", 99) == "Oi Ana!"
    assert hello("Oi {{first_name|cliente}}!", "\x07Ana Lima", 99) == "Oi Ana!"
    assert hello("Oi {{contact|cliente}}!", "\x07", 99) == "Oi cliente!"
    assert hello("{{contact|cliente}}", "\u200b", 99) == "cliente"


def test_a_name_that_makes_it_too_long_is_left_out() -> None:
    """The fallback is said instead; where that is too long as well, nothing. Rule: M6, L20."""
    text, longest = "Oi {{contact|cliente}}!", len("Oi Maria Silva!")
    assert hello(text, "Maria Silva", longest) == "Oi Maria Silva!"
    assert hello(text, "Maria Silva", longest - 1) == "Oi cliente!"
    assert hello(text, "Maria Silva", len("Oi cliente!") - 1) is None


def test_idle_closing_says_goodbye_like_any_close() -> None:
    """Rule: L10, L16, L20."""
    tale = Tale(close_after_idle=HOUR, idle_spares_waiting=False)
    tale.heard(NOW)
    assert tale.talk(CloseIdle(tale.conversation.id), SYSTEM, NOW + HOUR) == [CLOSING]
    assert tale.conversation.situation is CLOSED


# --- what it leaves alone ------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", Trigger)
def test_it_answers_nobody(trigger: Trigger) -> None:
    """The customer waits on, unread; the window stays; what was said before is kept, each once.

    Rule: L15, L20, L23, M5
    """
    waiting = conversation(QUEUE, unread=3, robot=Robot(said=(GREETING,), turns=2))
    added = MessageAdded(message=f"{CV}.2", seq=2, direction=Direction.OUTBOUND, trigger=trigger)
    told = after(waiting, added)
    assert (told.unread, told.waiting_since, told.window_until) == (
        3,
        waiting.waiting_since,
        waiting.window_until,
    )
    said = (GREETING,) if trigger is GREETING else (GREETING, trigger)
    assert told.talk.robot == Robot(said=said, turns=2)
