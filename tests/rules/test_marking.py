"""What a customer does to a message: reacts to it, changes it, takes it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from chatcore.commands import RecordEdit, RecordReaction, RecordRevocation
from chatcore.entities import Message
from chatcore.errors import NotPermitted
from chatcore.events import MessageEdited, MessageRevoked, Reacted
from chatcore.limits import INBOUND_TEXT, REACTION_LENGTH
from chatcore.rules import decide
from chatcore.vocabulary import SYSTEM, Actor, Direction, Private
from tests.given import (
    ANA,
    HOUR,
    MSG,
    NOW,
    PHONE,
    ROBO,
    SARA,
    SECOND,
    after,
    blocked_contact,
    inbound,
    note,
    on_mark,
    outbound,
)

LATER = {"channel": "wa", "address": PHONE, "provider_id": "wamid.2", "sent_at": NOW, "target": "wamid.in"}
REACTION = RecordReaction(**LATER, emoji="👍")
EDIT = RecordEdit(**LATER, text="Oi, tudo bem?")
REVOCATION = RecordRevocation(**LATER)
EVERY_MARK = pytest.mark.parametrize(
    "command", [REACTION, EDIT, REVOCATION], ids=["reaction", "edit", "revocation"]
)


def reaction(emoji: str | None, message: Message | None = None, **facts: Any) -> Any:
    return decide(RecordReaction(**LATER, emoji=emoji), on_mark(message=message or inbound(), **facts))


def edit(text: str, message: Message, **facts: Any) -> Any:
    return decide(RecordEdit(**LATER, text=text), on_mark(message=message, **facts))


def reacted(emoji: str | None, at: datetime = NOW) -> Reacted:
    shown = None if emoji is None else Private(emoji)
    return Reacted(channel="wa", provider_id="wamid.2", direction=Direction.INBOUND, emoji=shown, sent_at=at)


# --- what is taken in ----------------------------------------------------------------------------------------


@EVERY_MARK
def test_each_is_taken_in_once(command: Any) -> None:
    """A repeat under the same id changes nothing. Rule: M1."""
    assert len(decide(command, on_mark())) == 1
    assert decide(command, on_mark(seen=True)) == ()


@EVERY_MARK
def test_what_is_about_nothing_known_changes_nothing(command: Any) -> None:
    """Rule: M9, M18."""
    assert decide(command, on_mark(message=None)) == ()


@EVERY_MARK
def test_nothing_comes_from_a_blocked_contact(command: Any) -> None:
    """Rule: M13, S20."""
    assert decide(command, on_mark(contact=blocked_contact())) == ()


@EVERY_MARK
def test_nothing_comes_from_somebody_else(command: Any) -> None:
    """Only whom the conversation is with does anything to its messages; nobody who is not known does. Rule: M9,
    M18."""
    assert decide(command, on_mark(theirs=False)) == ()
    assert decide(command, on_mark(contact=None, theirs=False)) == ()
    assert decide(command, on_mark(contact=None)) == ()


@EVERY_MARK
@pytest.mark.parametrize("by", [ANA, SARA, ROBO])
def test_only_the_system_records(command: Any, by: Actor) -> None:
    """Rule: section P."""
    with pytest.raises(NotPermitted):
        decide(command, on_mark(by))


# --- reactions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", [inbound(), outbound(), note()], ids=["theirs", "ours", "note"])
def test_a_reaction_is_put_on_a_message(message: Message) -> None:
    """On theirs or on ours. Rule: M9."""
    decision = reaction("👍", message)
    assert decision == ((MSG, reacted("👍")),)
    shown = after(message, decision[0][1]).extras.reactions
    assert [(r.direction, r.emoji.reveal()) for r in shown] == [(Direction.INBOUND, "👍")]


def test_another_stands_instead_of_the_one_before() -> None:
    """One each way at most; the same again is taken in, so that a late repeat of it is known. Rule: M9, M1."""
    liked = after(inbound(), reacted("👍"))
    assert reaction("👍", liked) == ((MSG, reacted("👍")),)
    assert after(liked, reacted("👍")).extras == liked.extras
    assert reaction("❤️", liked) == ((MSG, reacted("❤️")),)
    loved = after(liked, reacted("❤️"))
    assert [r.emoji.reveal() for r in loved.extras.reactions] == ["❤️"]


@pytest.mark.parametrize("nothing", [None, "", "\0"], ids=["none", "empty", "nul"])
def test_without_an_emoji_it_is_taken_away(nothing: str | None) -> None:
    """Also where nothing is left of it after its repair; with none there it is taken in. Rule: M1, M9, M14."""
    liked = after(inbound(), reacted("👍"))
    assert reaction(nothing, liked) == ((MSG, reacted(None)),)
    gone = after(liked, reacted(None))
    assert [r.emoji for r in gone.extras.reactions] == [None]
    assert reaction(nothing, inbound()) == ((MSG, reacted(None)),)


def test_one_that_comes_late_changes_nothing_of_what_came_after_it() -> None:
    """It is taken in all the same, with the provider's time; by that the later counts. Rule: M9, M1."""
    for shown in ("❤️", None):
        now = after(inbound(), reacted(shown, NOW + SECOND))
        assert reaction("👍", now) == ((MSG, reacted("👍")),)
        assert after(now, reacted("👍")).extras == now.extras


def test_a_reaction_is_repaired() -> None:
    """Never refused: joined, cleaned, cut. Rule: M14, S22."""
    assert reaction("\ud83d\ude00") == ((MSG, reacted("😀")),)
    assert reaction("\0👍") == ((MSG, reacted("👍")),)
    long = reaction("x" * (REACTION_LENGTH + 1))[0][1].emoji.reveal()
    assert long == "x" * REACTION_LENGTH
    assert reaction("x" * REACTION_LENGTH)[0][1].emoji.reveal() == long


def test_a_reaction_stays_on_what_was_taken_back() -> None:
    """Rule: M9, M18."""
    assert reaction("👍", revoked(inbound())) == ((MSG, reacted("👍")),)


# --- edits and revocations -----------------------------------------------------------------------------------


def revoked(message: Message) -> Any:
    return after(message, MessageRevoked(channel="wa", provider_id="wamid.9", sent_at=NOW - SECOND))


def edited(message: Message, text: str, at: Any = NOW) -> Any:
    return after(message, MessageEdited(channel="wa", provider_id="wamid.8", body=Private(text), sent_at=at))


def test_an_edit_says_it_anew_and_the_original_stays() -> None:
    """Each of them, with its time. Rule: M18."""
    decision = edit("Oi, tudo bem?", inbound())
    expected = MessageEdited(channel="wa", provider_id="wamid.2", body=Private("Oi, tudo bem?"), sent_at=NOW)
    assert decision == ((MSG, expected),)
    once = after(inbound(), expected)
    twice = edited(once, "Esquece", NOW + HOUR)
    assert (once.body, once.text) == (Private("Oi"), Private("Oi, tudo bem?"))
    assert (twice.body, twice.text) == (Private("Oi"), Private("Esquece"))
    assert [(e.at, e.body.reveal()) for e in twice.extras.edits] == [
        (NOW, "Oi, tudo bem?"),
        (NOW + HOUR, "Esquece"),
    ]


def test_an_edit_to_what_it_says_is_taken_in() -> None:
    """So that a late repeat of it is known, and cannot undo what came after. Rule: M1, M18."""
    assert len(edit("Oi", inbound())) == 1
    once = edited(inbound(), "Olá")
    assert edited(once, "Olá").text == once.text == Private("Olá")
    assert len(edit("Oi", once)) == 1


def test_an_edit_is_repaired() -> None:
    """Never refused. Rule: M14, M18."""
    assert edit("a\0b", inbound())[0][1].body == Private("ab")
    assert edit("O\0i", inbound())[0][1].body == Private("Oi")
    assert len(edit("x" * (INBOUND_TEXT + 1), inbound())[0][1].body.reveal()) == INBOUND_TEXT


def test_a_message_taken_back_stays_and_says_so() -> None:
    """With what it said, for who may see it. Rule: M18."""
    decision = decide(REVOCATION, on_mark())
    assert decision == ((MSG, MessageRevoked(channel="wa", provider_id="wamid.2", sent_at=NOW)),)
    gone = after(edited(inbound(), "Olá"), decision[0][1])
    assert (gone.extras.revoked_at, gone.body, gone.text) == (NOW, Private("Oi"), Private("Olá"))


def test_an_edit_that_comes_after_the_revocation_is_recorded() -> None:
    """The two may come in any order: either way the message is taken back, and says what it said. Rule: M18."""
    gone = revoked(inbound())
    decision = edit("Olá", gone)
    expected = MessageEdited(channel="wa", provider_id="wamid.2", body=Private("Olá"), sent_at=NOW)
    assert decision == ((MSG, expected),)
    now = after(gone, expected)
    assert (now.extras.revoked_at, now.body, now.text) == (NOW - SECOND, Private("Oi"), Private("Olá"))
    assert revoked(after(inbound(), expected)) == now


def test_what_was_taken_back_is_not_taken_back_again() -> None:
    """It keeps the first time. Rule: M18."""
    assert decide(REVOCATION, on_mark(message=revoked(inbound()))) == ()


@pytest.mark.parametrize("message", [outbound(), note()], ids=["ours", "note"])
def test_a_customer_changes_only_what_they_wrote(message: Message) -> None:
    """Rule: M18."""
    assert edit("Olá", message) == ()
    assert decide(REVOCATION, on_mark(SYSTEM, message=message)) == ()
