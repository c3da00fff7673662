"""Closing: the reason it demands, and the closing message."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import Close
from chatcore.entities import AutomaticMessages, Policies, Robot
from chatcore.errors import FieldsRequired, InvalidValue, NotAdmitted, NotFound, NotPermitted, ReasonRequired
from chatcore.events import Closed, Intended, MessageAdded, MessageWritten
from chatcore.rules import decide
from chatcore.vocabulary import SYSTEM, Actor, Direction, FieldOn, Private, Situation, Trigger
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    CV,
    NOW,
    ROBO,
    ROOT,
    SARA,
    TICK,
    after,
    blocked_contact,
    capabilities,
    contact,
    conversation,
    on_talk,
    required_field,
    with_fields,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
GOODBYE = workspace(policies=Policies(automatic=AutomaticMessages(closing="Até logo!")))
DEFAULT = workspace(policies=Policies(default_reason="slow"))


def close(
    by: Actor, situation: Situation, reason: str | None = "moved", changes: Any = None, **facts: Any
) -> Any:
    return decide(Close(CV, reason), on_talk(conversation(situation, **(changes or {})), by, **facts))


# Every door through which a conversation can be closed.
DOORS = [
    pytest.param(ANA, OPEN, id="its assignee"),
    *[pytest.param(by, s, id=f"{by.id} in {s}") for by in (SARA, ADA) for s in (BOT, QUEUE, OPEN)],
    pytest.param(ROBO, BOT, id="the bot"),
    *[pytest.param(SYSTEM, s, id=f"system in {s}") for s in (BOT, QUEUE, OPEN)],
]
EVERY_DOOR = pytest.mark.parametrize(("by", "situation"), DOORS)


@EVERY_DOOR
def test_no_door_closes_without_a_reason(by: Actor, situation: Situation) -> None:
    """None set, none given: one is asked for, and the closing message does not go either. Rule: S19, L2."""
    with pytest.raises(ReasonRequired):
        close(by, situation, None, workspace=GOODBYE)


@EVERY_DOOR
def test_each_door_closes_with_one(by: Actor, situation: Situation) -> None:
    """Given with the command, or set before. Rule: S19, L10."""
    assert close(by, situation) == ((CV, Closed(reason="moved")),)
    assert close(by, situation, None, {"reason": "slow"}) == ((CV, Closed(reason="slow")),)
    closed = after(conversation(situation), Closed(reason="moved"), by=by)
    assert (closed.situation, closed.reason, closed.closed_by, closed.assignee) == (CLOSED, "moved", by, None)


@pytest.mark.parametrize(
    ("by", "situation"), [(BETO, OPEN), (BETO, QUEUE), (ANA, QUEUE), (ANA, BOT), (AURO, OPEN)]
)
def test_others_do_not_close(by: Actor, situation: Situation) -> None:
    """Only the assignee, a supervisor, an admin, the bot its own flow, the system. Rule: L10."""
    with pytest.raises(NotPermitted):
        close(by, situation)


def test_what_is_closed_is_not_closed_again() -> None:
    """Rule: L18."""
    with pytest.raises(NotAdmitted):
        close(SARA, CLOSED)


def test_the_default_reason_is_for_the_system() -> None:
    """People are asked; a reason set or given counts before it. Rule: L10."""
    assert close(SYSTEM, OPEN, None, workspace=DEFAULT) == ((CV, Closed(reason="slow")),)
    assert close(SYSTEM, OPEN, None, {"reason": "sup"}, workspace=DEFAULT) == ((CV, Closed(reason="sup")),)
    assert close(SYSTEM, OPEN, "moved", workspace=DEFAULT) == ((CV, Closed(reason="moved")),)
    for by, situation in ((ANA, OPEN), (SARA, QUEUE), (ROBO, BOT)):
        with pytest.raises(ReasonRequired):
            close(by, situation, None, workspace=DEFAULT)


# --- which reasons -------------------------------------------------------------------------------------------


def test_a_reason_that_is_not_there_is_not_found() -> None:
    """Rule: S11."""
    with pytest.raises(NotFound) as missing:
        close(ANA, OPEN, "whatever")
    assert (missing.value.what, missing.value.id) == ("reason", "whatever")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("old", [("reason", "archived", "C3")]),
        ("fin", [("reason", "other_department", "C4")]),
        ("worst", [("reason", "archived", "C3"), ("reason", "other_department", "C4")]),
    ],
)
def test_a_reason_that_does_not_fit_is_refused_with_all_misfits(reason: str, expected: list[Any]) -> None:
    """Archived, or of other departments. Rule: C3, C4."""
    with pytest.raises(InvalidValue) as refused:
        close(ANA, OPEN, reason)
    assert [(p.path, p.code, p.rule) for p in refused.value.problems] == expected


def test_a_reason_of_several_departments_fits_each() -> None:
    """Rule: C4."""
    assert close(ANA, OPEN, "sup") == ((CV, Closed(reason="sup")),)
    assert close(SARA, OPEN, "fin", {"department": "fin"}) == ((CV, Closed(reason="fin")),)


def test_a_reason_that_is_set_already_may_stay() -> None:
    """Even if it was archived since: history is not rewritten. Rule: C3."""
    assert close(ANA, OPEN, "old", {"reason": "old"}) == ((CV, Closed(reason="old")),)
    assert close(ANA, OPEN, None, {"reason": "old"}) == ((CV, Closed(reason="old")),)


def test_another_reason_may_be_given_at_the_close() -> None:
    """Rule: S11."""
    assert close(ANA, OPEN, "moved", {"reason": "slow"}) == ((CV, Closed(reason="moved")),)


# --- the closing message -------------------------------------------------------------------------------------


@EVERY_DOOR
def test_one_closing_message_stands_before_the_close(by: Actor, situation: Situation) -> None:
    """Exactly one, from nobody, named by its trigger; it answers nobody. Rule: L10, L20, L15."""
    decision = close(by, situation, changes={"seq": 4, "unread": 2}, workspace=GOODBYE)
    (one, added), (message, written), (effect, intended), (two, closed) = decision
    assert one == two == CV
    assert added == MessageAdded(message="cv_1.5", seq=5, direction=Direction.OUTBOUND, trigger=Trigger.CLOSING)
    assert message == "cv_1.5"
    assert isinstance(written, MessageWritten)
    assert (written.body.reveal(), written.automatic, written.author) == ("Até logo!", "closing", None)
    assert effect == written.effect == f"ef_{ROOT}.5"
    assert isinstance(intended, Intended)
    assert (intended.message, intended.position) == ("cv_1.5", 5)
    assert closed == Closed(reason="moved")
    done = after(conversation(situation, seq=4, unread=2), added, closed, by=by)
    assert (done.situation, done.seq, done.unread) == (CLOSED, 5, 2)


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({}, {"workspace": workspace()}),
        ({}, {"workspace": GOODBYE, "contact": blocked_contact()}),
        ({"window_until": NOW}, {"workspace": GOODBYE}),
        ({"window_until": None}, {"workspace": GOODBYE}),
    ],
    ids=["none configured", "blocked", "window shut", "no window yet"],
)
def test_closing_goes_on_without_its_message(changes: dict[str, Any], facts: dict[str, Any]) -> None:
    """None configured, the contact blocked, the window shut: it closes all the same. Rule: L10, L21."""
    assert close(ANA, OPEN, changes=changes, **facts) == ((CV, Closed(reason="moved")),)


def test_the_message_goes_while_the_window_is_open() -> None:
    """To its last microsecond; and always where the channel has none. Rule: M5, L10."""
    assert len(close(ANA, OPEN, changes={"window_until": NOW + TICK}, workspace=GOODBYE)) == 4
    without = capabilities(window=None)
    assert len(close(ANA, OPEN, changes={"window_until": None}, workspace=GOODBYE, capabilities=without)) == 4


def test_the_closing_message_is_filled_in() -> None:
    """With what is known of the contact, the protocol and the day; without a value its fallback stands.

    Rule: C7, L11, L20
    """
    text = "Até logo, {{first_name|cliente}}! {{protocol}} {{date}} {{agent|equipe}} {{workspace}}"
    ws = workspace(policies=Policies(automatic=AutomaticMessages(closing=text)))
    named, nobody = contact(name=Private("Maria Silva")), contact()
    said = [close(ANA, OPEN, workspace=ws, contact=named), close(SARA, QUEUE, workspace=ws, contact=nobody)]
    assert [decision[1][1].body.reveal() for decision in said] == [
        "Até logo, Maria! 202603101234567890 10/03/2026 Ana Provedor",
        "Até logo, cliente! 202603101234567890 10/03/2026 equipe Provedor",
    ]


def test_the_closing_message_goes_once_per_opening() -> None:
    """Said already since the opening, it is not said again; after reopening it is. Rule: L20, L10."""
    told = {"robot": Robot(said=(Trigger.CLOSING,))}
    assert close(ANA, OPEN, changes=told, workspace=GOODBYE) == ((CV, Closed(reason="moved")),)
    greeted = {"robot": Robot(said=(Trigger.GREETING, Trigger.QUEUED))}
    assert len(close(ANA, OPEN, changes=greeted, workspace=GOODBYE)) == 4


def test_a_closing_message_too_long_for_the_channel_stays_unsaid() -> None:
    """Closing never waits for it. Rule: L10, M6."""
    short = capabilities(text_limit=8)
    assert close(ANA, OPEN, workspace=GOODBYE, capabilities=short) == ((CV, Closed(reason="moved")),)
    just = capabilities(text_limit=9)
    assert len(close(ANA, OPEN, workspace=GOODBYE, capabilities=just)) == 4


# --- required fields -----------------------------------------------------------------------------------------

PEOPLE = [(ANA, OPEN), (SARA, QUEUE), (ADA, BOT), (ROBO, BOT)]


@pytest.mark.parametrize(("by", "situation"), PEOPLE, ids=lambda v: getattr(v, "id", None))
def test_required_fields_without_a_value_are_all_named(by: Actor, situation: Situation) -> None:
    """Of the conversation and of the contact, in the workspace's order; nothing closes, nothing is said.

    Rule: C9, S19
    """
    ws = with_fields(
        required_field("cause"),
        required_field("cep", FieldOn.CONTACT),
        policies=GOODBYE.policies,
    )
    with pytest.raises(FieldsRequired) as refused:
        close(by, situation, workspace=ws)
    assert refused.value.fields == ("cause", "cep")
    half = {"fields": (("cause", Private("raio")),)}
    with pytest.raises(FieldsRequired) as refused:
        close(by, situation, changes=half, workspace=ws)
    assert refused.value.fields == ("cep",)
    known = contact(fields=(("cep", Private("01001-000")),))
    assert close(by, situation, changes=half, workspace=ws, contact=known)[-1] == (CV, Closed(reason="moved"))


def test_a_value_of_the_contact_is_none_of_the_conversation() -> None:
    """Each field is filled where it belongs. Rule: C9."""
    ws = with_fields(required_field("cause"))
    with pytest.raises(FieldsRequired):
        close(ANA, OPEN, workspace=ws, contact=contact(fields=(("cause", Private("raio")),)))


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({"reasons": ("moved",)}, True),
        ({"reasons": ("slow",)}, False),
        ({"reasons": ("slow", "moved")}, True),
        ({"departments": ("sup",)}, True),
        ({"departments": ("fin",)}, False),
        ({"departments": ("sup",), "reasons": ("moved",)}, True),
        ({"departments": ("fin",), "reasons": ("moved",)}, False),
        ({"departments": ("sup",), "reasons": ("slow",)}, False),
        ({"archived": True}, False),
        ({"required_at_close": False}, False),
    ],
)
def test_a_field_may_be_required_for_some_closes_only(changes: dict[str, Any], needed: bool) -> None:
    """For some reasons, in some departments, or both; never once it is archived. Rule: C9, C3."""
    ws = with_fields(required_field("cause", **changes))
    if needed:
        with pytest.raises(FieldsRequired):
            close(ANA, OPEN, "moved", workspace=ws)
    else:
        assert close(ANA, OPEN, "moved", workspace=ws) == ((CV, Closed(reason="moved")),)


def test_the_reason_given_with_the_close_counts_for_its_fields() -> None:
    """Not the one that was set before. Rule: C9, S11."""
    ws = with_fields(required_field("cause", reasons=("moved",)))
    assert close(ANA, OPEN, "slow", {"reason": "moved"}, workspace=ws) == ((CV, Closed(reason="slow")),)
    with pytest.raises(FieldsRequired):
        close(ANA, OPEN, "moved", {"reason": "slow"}, workspace=ws)
    with pytest.raises(FieldsRequired):
        close(ANA, OPEN, None, {"reason": "moved"}, workspace=ws)


def test_the_reason_is_asked_for_before_the_fields() -> None:
    """Which fields are needed depends on it. Rule: S19, C9."""
    with pytest.raises(ReasonRequired):
        close(ANA, OPEN, None, workspace=with_fields(required_field()))


def test_the_system_closes_without_fields() -> None:
    """Nobody is there to fill them in. Rule: C9, L10, L16."""
    ws = with_fields(required_field(), policies=DEFAULT.policies)
    assert close(SYSTEM, OPEN, None, workspace=ws) == ((CV, Closed(reason="slow")),)
