"""Saying something: what may be sent, and what sending it leads to."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import SendMessage
from chatcore.errors import ContactBlocked, TextTooLong, WindowClosed
from chatcore.events import Intended, MessageAdded, MessageWritten
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.rules import decide
from chatcore.rules.talking import check_sendable, window_open
from chatcore.vocabulary import Actor, Direction, EffectKind, MessageKind, Private, Situation
from tests.given import (
    ANA,
    CV,
    DAY,
    NOW,
    ROBO,
    ROOT,
    SARA,
    TICK,
    after,
    blocked_contact,
    born,
    capabilities,
    conversation,
    on_talk,
)

OPEN = Situation.OPEN
TEXT = SendMessage(CV, "Olá!")


def sent(
    by: Actor = ANA, situation: Situation = OPEN, text: str = "Olá!", changes: Any = None, **facts: Any
) -> Any:
    return decide(SendMessage(CV, text), on_talk(conversation(situation, **(changes or {})), by, **facts))


def test_a_text_is_counted_written_and_sent_by_an_effect() -> None:
    """The next seq, the message, and an effect in the conversation's lane, due at once. Rule: M4, M20."""
    assert sent(changes={"seq": 7}) == (
        (CV, MessageAdded(message="cv_1.8", seq=8, direction=Direction.OUTBOUND, human=True)),
        (
            "cv_1.8",
            MessageWritten(
                conversation=CV,
                seq=8,
                channel="wa",
                kind=MessageKind.TEXT,
                body=Private("Olá!"),
                effect=f"ef_{ROOT}.8",
                author=ANA,
            ),
        ),
        (
            f"ef_{ROOT}.8",
            Intended(
                kind=EffectKind.SEND_MESSAGE,
                channel="wa",
                conversation=CV,
                contact="ct_1",
                message="cv_1.8",
                lane=f"{CV}:messaging",
                position=8,
                due_at=NOW,
                expires_at=NOW + DELIVERY_DEADLINE,
            ),
        ),
    )


def test_what_it_leads_to_can_be_folded() -> None:
    """Each event is one its stream can take."""
    (_, added), (message, written), (effect, intended) = sent()
    assert after(conversation(OPEN), added).seq == 2
    assert born(message, written).effect == effect
    assert born(effect, intended).message == message


@pytest.mark.parametrize(
    ("by", "situation", "human"),
    [(ANA, OPEN, True), (SARA, Situation.QUEUE, True), (ROBO, Situation.BOT, False)],
)
def test_only_a_person_answers(by: Actor, situation: Situation, human: bool) -> None:
    """A supervisor's message answers the customer; a bot's does not. Rule: L15, L23."""
    added = sent(by, situation)[0][1]
    assert added.human is human
    told = after(conversation(situation, unread=2), added)
    assert (told.unread, told.waiting_since is None) == ((0, True) if human else (2, False))


def test_an_effect_never_copies_the_body() -> None:
    """It refers to the message. Rule: the design, effects."""
    assert "segredo" not in repr(sent(text="segredo"))
    intended = sent(text="segredo")[2][1]
    assert not any(isinstance(getattr(intended, f), Private) for f in intended.__slots__ if f != "__weakref__")


def test_nothing_goes_to_a_blocked_contact() -> None:
    """Whatever else is wrong. Rule: L21."""
    with pytest.raises(ContactBlocked):
        sent(contact=blocked_contact(), text="x" * 5000, changes={"window_until": None})


@pytest.mark.parametrize(
    ("until", "is_open"),
    [(NOW + TICK, True), (NOW, False), (NOW - TICK, False), (None, False), (NOW + DAY, True)],
)
def test_the_window_is_open_before_its_end(until: Any, is_open: bool) -> None:
    """Strictly; and never where the customer has not written. Rule: M5."""
    assert window_open(capabilities(), until, NOW) is is_open
    assert window_open(capabilities(window=None), until, NOW) is True
    if is_open:
        assert sent(changes={"window_until": until})
        return
    with pytest.raises(WindowClosed) as shut:
        sent(changes={"window_until": until})
    assert shut.value.closed_at == until
    assert sent(changes={"window_until": until}, capabilities=capabilities(window=None))


@pytest.mark.parametrize(("length", "fits"), [(10, True), (11, False)])
def test_the_channel_says_how_long_a_text_may_be(length: int, fits: bool) -> None:
    """In code points, checked before anything is recorded. Rule: M6."""
    short = capabilities(text_limit=10)
    if fits:
        assert sent(text="😀" * length, capabilities=short)
        return
    with pytest.raises(TextTooLong) as long:
        sent(text="😀" * length, capabilities=short)
    assert (long.value.limit, long.value.actual) == (10, 11)


def test_a_shut_window_is_told_before_the_length() -> None:
    """One refusal at a time, the one that no other text would pass first. Rule: M5, M6."""
    with pytest.raises(WindowClosed):
        sent(text="x" * 5000, changes={"window_until": None})


def test_who_is_not_known_yet_is_not_blocked() -> None:
    """A first message to a number. Rule: S3."""
    check_sendable(Private("x"), None, capabilities(window=None), None, NOW)
