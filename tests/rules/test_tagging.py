"""What people put on a conversation: tags, values of custom fields, notes; and what a close asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from chatcore.commands import AddNote, AddTags, Close, EditContact, RemoveTags, SetFields
from chatcore.entities import Field, Tag, Workspace
from chatcore.errors import FieldsRequired, InvalidValue, NotPermitted, Problem, TooManyTags
from chatcore.events import Closed, FieldsSet, MessageAdded, NoteAdded, Tagged, Untagged
from chatcore.limits import FIELD_DIGITS, FIELD_TEXT, TAGS
from chatcore.rules import decide
from chatcore.rules.tagging import tag_misfits
from chatcore.vocabulary import SYSTEM, Actor, Direction, FieldOn, FieldType, Private, Situation
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    CT,
    CV,
    FIELDS,
    NOW,
    ROBO,
    SARA,
    VALUES,
    after,
    born,
    contact,
    conversation,
    on_contact,
    on_conversation,
    on_talk,
    required_field,
    stocked,
    with_fields,
)

OPEN, CLOSED = Situation.OPEN, Situation.CLOSED
WS = stocked()
EVERY_SITUATION = pytest.mark.parametrize("situation", Situation)


def told(
    command: Any, situation: Situation = OPEN, by: Actor = SARA, ws: Workspace = WS, **changes: Any
) -> Any:
    return decide(command, on_conversation(conversation(situation, **changes), by, workspace=ws))


def refused(command: Any, **about: Any) -> list[tuple[str, str, str | None]]:
    """Every problem a command is refused with."""
    with pytest.raises(InvalidValue) as error:
        told(command, **about)
    return [(p.path, p.code, p.rule) for p in error.value.problems]


# --- tags ----------------------------------------------------------------------------------------------------


@EVERY_SITUATION
def test_tags_are_put_on_in_every_situation(situation: Situation) -> None:
    """Also on a closed conversation, which stays closed. They stand in the order they came. Rule: S7, L18."""
    decision = told(AddTags(CV, ["fibre", "vip"]), situation)
    assert decision == ((CV, Tagged(tags=("fibre", "vip"))),)
    now = after(conversation(situation), decision[0][1])
    assert (now.details.tags, now.situation) == (("fibre", "vip"), situation)


@EVERY_SITUATION
def test_tags_are_taken_off_in_every_situation(situation: Situation) -> None:
    """Rule: S7, L18."""
    had = conversation(situation, tags=("vip", "fibre"))
    decision = told(RemoveTags(CV, ["vip"]), situation, tags=("vip", "fibre"))
    assert decision == ((CV, Untagged(tags=("vip",))),)
    now = after(had, decision[0][1])
    assert (now.details.tags, now.situation) == (("fibre",), situation)


def test_what_is_on_already_is_not_put_on_again() -> None:
    """Nothing happens where all are there; else only the new ones happen. Rule: C5, L19."""
    assert told(AddTags(CV, ["vip"]), tags=("vip",)) == ()
    assert told(AddTags(CV, ["vip", "fibre"]), tags=("fibre", "vip")) == ()
    assert told(AddTags(CV, ["vip", "fibre"]), tags=("vip",)) == ((CV, Tagged(tags=("fibre",))),)


def test_what_is_not_on_is_not_taken_off() -> None:
    """Not even a tag that nobody knows stands in the way. Rule: L19."""
    assert told(RemoveTags(CV, ["vip", "x"])) == ()
    assert told(RemoveTags(CV, ["x", "vip", "fibre"]), tags=("vip",)) == ((CV, Untagged(tags=("vip",))),)


def test_all_misfits_of_a_list_are_told_at_once() -> None:
    """Unknown, archived, for other departments, or both; what fits among them does not go either.

    Rule: C3, C4
    """
    assert refused(AddTags(CV, ["vip", "x", "adsl", "debt", "fibre", "paper"])) == [
        ("tags[1]", "unknown_tag", "C4"),
        ("tags[2]", "archived", "C3"),
        ("tags[3]", "other_department", "C4"),
        ("tags[5]", "archived", "C3"),
        ("tags[5]", "other_department", "C4"),
    ]
    assert refused(AddTags(CV, ["fibre", "debt"]), department="fin") == [("tags[0]", "other_department", "C4")]


def test_a_misfit_is_named_by_its_place_in_the_command() -> None:
    """Also where tags stand before it that are on already, and need not fit any more. Rule: C3, C4, L19."""
    assert refused(AddTags(CV, ["vip", "adsl", "x"]), tags=("vip", "adsl")) == [
        ("tags[2]", "unknown_tag", "C4")
    ]


def test_what_is_on_stays_on() -> None:
    """Archived since, or of the department it was in before: history is not rewritten. Rule: C3."""
    on = ("adsl", "debt", "paper")
    assert told(AddTags(CV, list(on)), tags=on) == ()
    assert told(AddTags(CV, ["vip", *on]), tags=on) == ((CV, Tagged(tags=("vip",))),)
    assert told(RemoveTags(CV, list(on)), tags=on) == ((CV, Untagged(tags=on)),)


def test_tags_are_checked_without_a_conversation() -> None:
    """As a pure function of the tags, the department and the workspace. Rule: C3, C4."""
    assert tag_misfits(["vip", "fibre"], "sup", WS) == []
    assert tag_misfits(["debt", "x"], "sup", WS) == [
        Problem("tags[0]", "other_department", "C4"),
        Problem("tags[1]", "unknown_tag", "C4"),
    ]
    assert tag_misfits(["debt"], "fin", WS) == []


MANY = stocked(tags=tuple(Tag(id=f"t{n}", name=f"Etiqueta {n}") for n in range(TAGS + 2)))
IDS = tuple(tag.id for tag in MANY.tags)


@pytest.mark.parametrize(("on", "more"), [(0, 20), (19, 1), (1, 19), (10, 10)])
def test_twenty_tags_fit(on: int, more: int) -> None:
    """However they come. Rule: C5."""
    assert TAGS == 20
    (one,) = told(AddTags(CV, list(IDS[on : on + more])), ws=MANY, tags=IDS[:on])
    assert one == (CV, Tagged(tags=IDS[on : on + more]))
    assert len(after(conversation(OPEN, tags=IDS[:on]), one[1]).details.tags) == 20


@pytest.mark.parametrize(("on", "more"), [(0, 21), (20, 1), (20, 2), (10, 11)])
def test_one_more_does_not(on: int, more: int) -> None:
    """None of them goes then. Rule: C5."""
    with pytest.raises(TooManyTags) as error:
        told(AddTags(CV, list(IDS[on : on + more])), ws=MANY, tags=IDS[:on])
    assert (error.value.limit, error.value.actual) == (20, on + more)


def test_only_new_ones_count() -> None:
    """What is on already, named again, makes none too many; taking one off makes room. Rule: C5, L19."""
    full = IDS[:20]
    assert told(AddTags(CV, list(full)), ws=MANY, tags=full) == ()
    assert told(AddTags(CV, list(full)), ws=MANY, tags=full[1:]) == ((CV, Tagged(tags=full[:1])),)
    with pytest.raises(TooManyTags) as error:
        told(AddTags(CV, [full[0], IDS[20]]), ws=MANY, tags=full)
    assert error.value.actual == 21
    room = after(conversation(OPEN, tags=full), Untagged(tags=(full[3],)))
    assert decide(AddTags(CV, [IDS[20]]), on_conversation(room, SARA, workspace=MANY))


@pytest.mark.parametrize("kind", [AddTags, RemoveTags])
def test_a_list_of_tags_is_one(kind: Any) -> None:
    """Not empty, no tag twice, each an id: all that is wrong is told when it is made. Rule: S7."""
    for tags, expected in (
        ([], [("tags", "empty")]),
        (["vip", "vip"], [("tags", "repeated")]),
        (["", "vip", 7], [("tags[0]", "not_an_id"), ("tags[2]", "not_an_id")]),
        ("vip", [("tags", "not_a_tuple")]),
        (None, [("tags", "not_a_tuple")]),
    ):
        with pytest.raises(InvalidValue) as error:
            kind(CV, tags)
        assert [(p.path, p.code) for p in error.value.problems] == expected


def test_who_tags() -> None:
    """Who has the conversation, or had it last; the bot in its flow; who leads. Rule: section P."""
    for command in (AddTags(CV, ["vip"]), RemoveTags(CV, ["debt"])):
        for by, situation in (
            (ANA, OPEN),
            (ANA, CLOSED),
            (ROBO, Situation.BOT),
            (SARA, Situation.QUEUE),
            (ADA, OPEN),
        ):
            assert told(command, situation, by, tags=("debt",))
        for by, situation in (
            (BETO, OPEN),
            (BETO, CLOSED),
            (ANA, Situation.QUEUE),
            (AURO, OPEN),
            (SYSTEM, OPEN),
        ):
            with pytest.raises(NotPermitted):
                told(command, situation, by, tags=("debt",))


# --- custom fields -------------------------------------------------------------------------------------------

ON_CONVERSATION = [field for field in FIELDS if field.on is FieldOn.CONVERSATION and not field.archived]
BY_TYPE = {field.type: field for field in ON_CONVERSATION}
CODES = {
    FieldType.TEXT: "not_a_text",
    FieldType.NUMBER: "not_a_number",
    FieldType.DATE: "not_a_day",
    FieldType.YES_NO: "not_a_bool",
    FieldType.CHOICE: "not_a_choice",
}
OF_TYPE: dict[FieldType, list[Any]] = {
    FieldType.TEXT: ["Ligar antes", "500M", "true", "1", "2026-03-12"],
    FieldType.NUMBER: [Decimal("0.10"), 7, -1, 0],
    FieldType.DATE: [date(2026, 3, 12), date.min, date.max],
    FieldType.YES_NO: [True, False],
    FieldType.CHOICE: ["100M", "500M"],
}


def kept(value: Any) -> Any:
    """A value as it is kept."""
    if isinstance(value, str):
        return Private(value)
    return Decimal(value) if type(value) is int else value


def test_there_is_a_field_of_every_type() -> None:
    """Rule: C9."""
    assert set(BY_TYPE) == set(OF_TYPE) == set(CODES) == set(FieldType)


@pytest.mark.parametrize(("type", "value"), [(type, value) for type, them in OF_TYPE.items() for value in them])
def test_a_value_of_its_type_fits(type: FieldType, value: Any) -> None:
    """It is kept, and found again. Rule: C9."""
    field = BY_TYPE[type].id
    decision = told(SetFields(CV, {field: value}))
    assert decision == ((CV, FieldsSet(values=((field, kept(value)),))),)
    assert after(conversation(OPEN), decision[0][1]).details.fields == ((field, kept(value)),)


WRONG = [
    (type, value)
    for type in FieldType
    for other, values in OF_TYPE.items()
    for value in values
    if other is not type and not (type is FieldType.TEXT and other is FieldType.CHOICE)
    if not (type is FieldType.CHOICE and value in OF_TYPE[FieldType.CHOICE])
]


@pytest.mark.parametrize(("type", "value"), [*WRONG, (FieldType.CHOICE, "500m"), (FieldType.CHOICE, " 500M")])
def test_a_value_of_another_type_does_not(type: FieldType, value: Any) -> None:
    """Each with the code of what it should have been; a choice is just one of the choices. Rule: C9."""
    field = BY_TYPE[type].id
    assert refused(SetFields(CV, {field: value})) == [(f"values.{field}", CODES[type], "C9")]


def test_all_misfits_of_the_values_are_told_at_once() -> None:
    """Unknown, a contact's, archived, of another type; what fits does not go either. Rule: C9, C3."""
    given = {"plan": "1G", "visit": True, "speed": 300, "modem": "TP", "cpf": "529.982.247-25", "x": "y"}
    assert refused(SetFields(CV, given)) == [
        ("values.cpf", "unknown_field", "C9"),
        ("values.modem", "archived", "C3"),
        ("values.plan", "not_a_choice", "C9"),
        ("values.visit", "not_a_day", "C9"),
        ("values.x", "unknown_field", "C9"),
    ]
    assert refused(SetFields(CV, {"modem": 5, "x": None, "cpf": None})) == [
        ("values.cpf", "unknown_field", "C9"),
        ("values.modem", "archived", "C3"),
        ("values.modem", "not_a_text", "C9"),
        ("values.x", "unknown_field", "C9"),
    ]


@pytest.mark.parametrize(
    ("value", "code", "rule"),
    [
        ("", "empty", "M14"),
        (" \u200b", "empty", "M14"),
        ("a\0b", "control_character", "M14"),
        ("a\ud800", "surrogate", "M14"),
        ("x" * (FIELD_TEXT + 1), "too_long", "C9"),
        (Decimal("NaN"), "not_a_number", "C9"),
        (Decimal("Infinity"), "not_a_number", "C9"),
        (Decimal(10**FIELD_DIGITS), "too_long", "C9"),
        (Decimal("1e999"), "too_long", "C9"),
        (0.5, "not_a_value", "C9"),
        (datetime(2026, 3, 10, tzinfo=UTC), "not_a_value", "C9"),
        (b"x", "not_a_value", "C9"),
        (["x"], "not_a_value", "C9"),
    ],
)
@pytest.mark.parametrize(("make", "path"), [(SetFields, "values"), (EditContact, "fields")])
def test_what_is_no_value_at_all_is_refused_at_once(
    make: Any, path: str, value: Any, code: str, rule: str
) -> None:
    """For a conversation and for a contact, before anybody asks which field it is for. Rule: C9, M14."""
    with pytest.raises(InvalidValue) as error:
        make(CV, values={"f": value}) if make is SetFields else make(CT, fields={"f": value})
    assert [(p.path, p.code, p.rule) for p in error.value.problems] == [(f"{path}.f", code, rule)]
    assert "x" * 9 not in str(error.value)


def test_values_have_their_limits_exactly() -> None:
    """1,000 code points, 30 digits. Rule: C9."""
    assert (FIELD_TEXT, FIELD_DIGITS) == (1_000, 30)
    assert told(SetFields(CV, {"notes": "x" * 1_000, "speed": 10**30 - 1}))


def test_values_are_filled_in_changed_and_taken_away() -> None:
    """What is not named stays; None takes a value away. Rule: C9."""
    filled = after(conversation(OPEN), told(SetFields(CV, VALUES))[0][1])
    assert dict(filled.details.fields) == VALUES
    change = SetFields(CV, {"solved": False, "notes": None})
    ((_, event),) = decide(change, on_conversation(filled, SARA, workspace=WS))
    assert event == FieldsSet(values=(("notes", None), ("solved", False)))
    assert dict(after(filled, event).details.fields) == {
        "plan": VALUES["plan"],
        "visit": VALUES["visit"],
        "speed": VALUES["speed"],
        "solved": False,
    }


def test_filling_in_what_is_there_changes_nothing() -> None:
    """Nor taking away what is not; only what changes happens. Rule: L19."""
    had = {"fields": tuple(sorted(VALUES.items()))}
    assert told(SetFields(CV, VALUES), **had) == ()
    assert told(SetFields(CV, {"speed": Decimal("300.0")}), **had) == ()
    assert told(SetFields(CV, {"speed": None, "notes": None})) == ()
    assert told(SetFields(CV, {}), **had) == ()
    assert told(SetFields(CV, {**VALUES, "plan": "100M"}), **had) == (
        (CV, FieldsSet(values=(("plan", Private("100M")),))),
    )


@pytest.mark.parametrize(("old", "new"), [(Decimal(1), True), (Decimal(0), False)])
def test_yes_is_not_the_number_one(old: Any, new: Any) -> None:
    """A field that was a number once holds its old value until it is filled in anew. Rule: C9, L19."""
    asked = Field(id="speed", name="Velocidade", on=FieldOn.CONVERSATION, type=FieldType.YES_NO)
    ws = stocked(fields=tuple(asked if field.id == "speed" else field for field in FIELDS))
    assert told(SetFields(CV, {"speed": new}), ws=ws, fields=(("speed", old),)) == (
        (CV, FieldsSet(values=(("speed", new),))),
    )


def test_an_archived_field_keeps_its_value_until_it_is_taken_away() -> None:
    """It cannot be filled in any more, not even with what it holds. Rule: C3, C9."""
    had = {"fields": (("modem", Private("TP")),)}
    assert refused(SetFields(CV, {"modem": "TP"}), **had) == [("values.modem", "archived", "C3")]
    assert told(SetFields(CV, {"modem": None}), **had) == ((CV, FieldsSet(values=(("modem", None),))),)


@EVERY_SITUATION
def test_fields_are_filled_in_in_every_situation(situation: Situation) -> None:
    """Also of a closed conversation. Rule: C9, L18."""
    ((_, event),) = told(SetFields(CV, {"solved": True}), situation)
    assert after(conversation(situation), event).situation is situation


def test_who_fills_in() -> None:
    """Who has the conversation, or had it last; no bot. Rule: section P."""
    command = SetFields(CV, {"solved": True})
    for by, situation in ((ANA, OPEN), (ANA, CLOSED), (SARA, Situation.QUEUE), (ADA, OPEN)):
        assert told(command, situation, by)
    for by, situation in (
        (BETO, OPEN),
        (ANA, Situation.QUEUE),
        (AURO, OPEN),
        (ROBO, Situation.BOT),
        (SYSTEM, OPEN),
    ):
        with pytest.raises(NotPermitted):
            told(command, situation, by)


def test_a_conversation_and_a_contact_do_not_share_fields() -> None:
    """What is asked of one cannot be filled in at the other. Rule: C9."""
    assert refused(SetFields(CV, {"since": date(2020, 1, 1)})) == [("values.since", "unknown_field", "C9")]
    with pytest.raises(InvalidValue) as error:
        decide(EditContact(CT, fields={"solved": True}), on_contact(contact(), ANA, workspace=WS))
    assert error.value.problems == (Problem("fields.solved", "unknown_field", "C9"),)


def test_values_do_not_show() -> None:
    """They may be personal: neither command nor event prints them. Rule: C9."""
    command = SetFields(CV, {"notes": "529.982.247-25"})
    assert "529" not in repr(command) + repr(told(command))


CHOICES = {"on": FieldOn.CONVERSATION, "type": FieldType.CHOICE}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"type": FieldType.CHOICE}, [("choices", "choice_means_choices", "C9")]),
        ({"choices": ("a",)}, [("choices", "choice_means_choices", "C9")]),
        ({**CHOICES, "choices": ["a"]}, [("choices", "not_a_tuple", "C9")]),
        (
            {**CHOICES, "choices": ("Sim", "SIM", "não", "nao")},
            [("choices[1]", "repeated", "C1"), ("choices[3]", "repeated", "C1")],
        ),
        (
            {**CHOICES, "choices": ("a\u200b", "x" * 81)},
            [("choices[0]", "zero_width_character", "C2"), ("choices[1]", "too_long", "C2")],
        ),
        ({**CHOICES, "choices": tuple(f"opção {n}" for n in range(101))}, [("choices", "too_many", "C9")]),
        (
            {"name": "", "on": "contact", "type": "text", "reasons": ("moved", "moved"), "archived": 1},
            [
                ("name", "empty", "C2"),
                ("archived", "not_a_bool", None),
                ("reasons", "repeated", "C9"),
                ("on", "not_a_place", "C9"),
                ("type", "not_a_type", "C9"),
            ],
        ),
    ],
)
def test_a_field_says_all_that_is_wrong_with_it(changes: Any, expected: Any) -> None:
    """Choices belong to choices, and are told apart by folding. Rule: C9, C1, C2."""
    with pytest.raises(InvalidValue) as error:
        Field(**{"id": "new", "name": "Nova", "on": FieldOn.CONVERSATION, **changes})
    assert [(p.path, p.code, p.rule) for p in error.value.problems] == expected


# --- what a close asks for -----------------------------------------------------------------------------------


def close(*fields: Field, by: Actor = ANA, reason: str = "moved", who: Any = None, **changes: Any) -> Any:
    """Close a conversation in a workspace that asks for these fields as well."""
    facts = {"workspace": with_fields(*fields), "contact": who or contact()}
    return decide(Close(CV, reason), on_talk(conversation(OPEN, **changes), by, **facts))


def asked_for(*fields: Field, **about: Any) -> tuple[str, ...]:
    """The fields that a close is refused for."""
    with pytest.raises(FieldsRequired) as error:
        close(*fields, **about)
    return error.value.fields


DONE = ((CV, Closed(reason="moved")),)


def test_a_field_is_asked_for_at_every_close() -> None:
    """Until it has a value, whichever. Rule: C9."""
    field = required_field()
    assert asked_for(field) == ("cause",)
    assert close(field, fields=(("cause", Private("Chuva")),)) == DONE
    asked = required_field(type=FieldType.YES_NO)
    assert close(asked, fields=(("cause", False),)) == DONE
    number = required_field(type=FieldType.NUMBER)
    assert close(number, fields=(("cause", Decimal(0)),)) == DONE


def test_a_contact_is_asked_too() -> None:
    """The value is the contact's then; one of the conversation does not count. Rule: C9."""
    field = required_field(on=FieldOn.CONTACT)
    assert asked_for(field, fields=(("cause", Private("x")),)) == ("cause",)
    assert close(field, who=contact(fields=(("cause", Private("x")),))) == DONE
    theirs = required_field()
    assert asked_for(theirs, who=contact(fields=(("cause", Private("x")),))) == ("cause",)


@pytest.mark.parametrize(
    ("changes", "asking"),
    [
        ({"reasons": ("moved",)}, [("moved", "sup"), ("moved", "fin")]),
        (
            {"reasons": ("slow", "moved")},
            [("moved", "sup"), ("moved", "fin"), ("slow", "sup"), ("slow", "fin")],
        ),
        ({"departments": ("sup",)}, [("moved", "sup"), ("slow", "sup")]),
        ({"departments": ("fin",), "reasons": ("slow",)}, [("slow", "fin")]),
        ({"required_at_close": False, "reasons": ("moved",)}, []),
        ({"archived": True}, []),
    ],
)
def test_a_field_is_asked_for_where_it_matters(changes: Any, asking: list[tuple[str, str]]) -> None:
    """Only for some reasons, in some departments, or both; never once it is archived. Rule: C9, C3."""
    field = required_field(**changes)
    for reason in ("moved", "slow"):
        for department in ("sup", "fin"):
            about: Any = {"reason": reason, "department": department, "by": SARA}
            if (reason, department) in asking:
                assert asked_for(field, **about) == ("cause",)
            else:
                assert close(field, **about) == ((CV, Closed(reason=reason)),)


def test_the_reason_it_closes_with_counts() -> None:
    """Not the one that was set before; with none given, that one. Rule: C9, S19."""
    field = required_field(reasons=("slow",))
    assert close(field, reason="moved", fields=()) == DONE
    had = conversation(OPEN, reason="slow")
    facts = on_talk(had, ANA, workspace=with_fields(field))
    assert decide(Close(CV, "moved"), facts) == DONE
    with pytest.raises(FieldsRequired):
        decide(Close(CV), facts)


def test_all_missing_fields_are_named() -> None:
    """In the order the workspace lists them. Rule: C9, C8."""
    fields = (
        required_field("zone"),
        required_field("alone", on=FieldOn.CONTACT),
        required_field("blank"),
        required_field("other", reasons=("slow",)),
    )
    assert asked_for(*fields, fields=(("blank", Private("x")),)) == ("zone", "alone")


def test_the_system_closes_without() -> None:
    """There is nobody to ask. Rule: C9, L16."""
    assert close(required_field(), by=SYSTEM) == DONE


@pytest.mark.parametrize("by", [ANA, SARA, ADA])
def test_nobody_else_does(by: Actor) -> None:
    """Whoever they are. Rule: C9."""
    assert asked_for(required_field(), by=by) == ("cause",)


# --- notes ---------------------------------------------------------------------------------------------------


@EVERY_SITUATION
def test_a_note_answers_nobody(situation: Situation) -> None:
    """It stands in its place in the conversation, also a closed one; the customer waits on. Rule: M15, L15."""
    had = conversation(situation, seq=4, unread=2)
    (one, added), (message, written) = told(AddNote(CV, "Cliente VIP"), situation, seq=4, unread=2)
    assert (one, message) == (CV, "cv_1.5")
    assert added == MessageAdded(message="cv_1.5", seq=5, direction=Direction.INTERNAL)
    assert written == NoteAdded(conversation=CV, seq=5, channel="wa", body=Private("Cliente VIP"))
    now = after(had, added)
    assert (now.seq, now.situation) == (5, situation)
    assert now.talk == attrs.evolve(had.talk, seq=5)
    note = born("cv_1.5", written, by=ANA)
    assert (note.direction, note.author, note.effect) == (Direction.INTERNAL, ANA, None)
    assert note.recorded_at == NOW
