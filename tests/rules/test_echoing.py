"""Messages sent from the phone beside the service."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import RecordEcho
from chatcore.entities import AutomaticMessages, Media, MediaPointer, Policies
from chatcore.errors import NotPermitted
from chatcore.events import MessageAdded, MessageEchoed, StatusReported, Succeeded
from chatcore.limits import INBOUND_TEXT, RAW_LENGTH
from chatcore.rules import decide
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    DeliveryStatus,
    Direction,
    EffectState,
    MessageKind,
    Private,
    Situation,
)
from tests.given import (
    ANA,
    CV,
    DAY,
    HOUR,
    NOW,
    PHONE,
    ROBO,
    SARA,
    after,
    blocked_contact,
    born,
    conversation,
    keeper,
    kept,
    on_arrival,
    outbound,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED


def message(**changes: Any) -> RecordEcho:
    values = {
        "channel": "wa",
        "address": PHONE,
        "provider_id": "wamid.out",
        "sent_at": NOW - HOUR,
        "text": "Já vou",
    }
    return RecordEcho(**{**values, **changes})


def echoed(command: RecordEcho | None = None, by: Actor = SYSTEM, **facts: Any) -> Any:
    return decide(command or message(), on_arrival(by, **facts))


def said(**changes: Any) -> MessageEchoed:
    values: dict[str, Any] = {
        "conversation": CV,
        "seq": 2,
        "channel": "wa",
        "kind": MessageKind.TEXT,
        "body": Private("Já vou"),
        "provider_id": "wamid.out",
        "sent_at": NOW - HOUR,
    }
    return MessageEchoed(**{**values, **changes})


ADDED = MessageAdded(message="cv_1.2", seq=2, direction=Direction.OUTBOUND, human=True)


@pytest.mark.parametrize("situation", Situation)
def test_it_joins_the_live_conversation_or_the_last_closed_one(situation: Situation) -> None:
    """Outbound, with the next number, whatever the situation; nobody is to send it again. Rule: M12, M4."""
    having = conversation(situation)
    where = "last" if situation is CLOSED else "live"
    assert echoed(**{where: having}) == ((CV, ADDED), ("cv_1.2", said()))


def test_the_live_one_comes_first() -> None:
    """Rule: M12."""
    older = conversation(CLOSED, id="cv_0")
    assert echoed(live=conversation(), last=older)[0] == (CV, ADDED)


def test_with_neither_nothing_is_recorded() -> None:
    """A conversation does not begin by what nobody here said. Rule: M12."""
    assert echoed() == ()
    assert echoed(contact=None) == ()


@pytest.mark.parametrize("situation", Situation)
def test_it_opens_no_window_and_reopens_nothing(situation: Situation) -> None:
    """Who answered from the phone answered: the customer waits no longer. Rule: M12, M5, L15, L23."""
    having = conversation(situation, window_until=NOW - DAY, unread=2)
    told = after(having, ADDED)
    assert (told.situation, told.assignee, told.window_until) == (situation, having.assignee, NOW - DAY)
    assert (told.unread, told.waiting_since, told.talk.robot) == (0, None, having.talk.robot)


def test_nothing_else_is_said_by_itself() -> None:
    """No greeting, no word of a queue: nobody came. Rule: M12, L20."""
    words = AutomaticMessages(greeting="Olá", queued="Aguarde", after_hours="Fechado", closing="Tchau")
    ws = workspace(policies=Policies(automatic=words, reopen_within=DAY))
    assert len(echoed(last=conversation(CLOSED), workspace=ws)) == 2


def test_what_was_said_to_a_blocked_contact_was_said() -> None:
    """The block is on what they send; this went out already. Rule: M12, M13."""
    assert len(echoed(live=conversation(), contact=blocked_contact())) == 2


def test_a_repeat_changes_nothing() -> None:
    """Neither of an echo, nor of what the service itself sent. Rule: M1, M12."""
    assert echoed(live=conversation(), seen=outbound(provider_id="wamid.out")) == ()


def test_it_has_left_already() -> None:
    """It shows as sent, from nobody of the service, with no effect. Rule: M2, M12."""
    shown = born("cv_1.2", said(), by=SYSTEM)
    assert (shown.status, shown.direction) == (DeliveryStatus.SENT, Direction.OUTBOUND)
    assert (shown.author, shown.effect, shown.sent_at) == (SYSTEM, None, NOW - HOUR)


def test_reports_that_came_before_it_are_taken_in() -> None:
    """With their keeper done, as with any message. Rule: M3."""
    early = keeper(kept(DeliveryStatus.DELIVERED), kept(DeliveryStatus.FAILED, "131026"))
    decision = echoed(live=conversation(), keeper=early)
    assert decision[2:] == (
        ("cv_1.2", StatusReported(status=DeliveryStatus.DELIVERED, occurred_at=NOW - HOUR)),
        ("cv_1.2", StatusReported(status=DeliveryStatus.FAILED, occurred_at=NOW - HOUR, failure="131026")),
        (early.id, Succeeded(reference="wamid.out")),
    )
    shown = after(born("cv_1.2", said()), decision[2][1], decision[3][1])
    assert shown.status is DeliveryStatus.DELIVERED
    done = keeper(state=EffectState.SUCCEEDED, due_at=None)
    assert len(echoed(live=conversation(), keeper=done)) == 2


def test_its_text_is_repaired_and_flagged() -> None:
    """What is on the phone cannot be refused. Rule: M14, M8."""
    command = message(text="a\0b", raw="{\0" + "x" * RAW_LENGTH)
    event = echoed(command, live=conversation())[1][1]
    assert (event.body, event.flags) == (Private("ab"), ("nul_removed", "raw_nul_removed", "raw_cut"))
    assert len(event.raw.reveal()) == RAW_LENGTH
    long = echoed(message(text="x" * (INBOUND_TEXT + 1)), live=conversation())[1][1]
    assert (len(long.body.reveal()), long.flags) == (INBOUND_TEXT, ("cut",))


def test_kinds_and_files_are_kept() -> None:
    """A file as the pointer it came as; what nobody knows as it came. Rule: M17, M8."""
    pointer = MediaPointer(reference="media.7", mime="image/jpeg")
    sent = echoed(message(kind=MessageKind.IMAGE, text=None, media=pointer), live=conversation())[1][1]
    assert sent == said(kind=MessageKind.IMAGE, body=Private(""), media=Media(pointer=pointer))
    odd = echoed(message(kind=MessageKind.UNKNOWN, text=None, raw="{}"), live=conversation())[1][1]
    assert odd == said(kind=MessageKind.UNKNOWN, body=Private(""), raw=Private("{}"))


@pytest.mark.parametrize("by", [ANA, SARA, ROBO])
def test_only_the_system_records(by: Actor) -> None:
    """Rule: section P."""
    with pytest.raises(NotPermitted):
        echoed(by=by, live=conversation(BOT))
