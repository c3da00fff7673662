"""Custom fields: what may be asked, the values given and kept, and which value fits which field."""

from __future__ import annotations

import contextlib
import pickle
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities import Field
from chatcore.entities.fields import as_values, misfit, value_problems, with_values
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import FIELD_CHOICES, FIELD_DIGITS, FIELD_TEXT, LABEL_LENGTH
from chatcore.testing.strategies import field_values, fields, outside_ids
from chatcore.vocabulary import FieldOn, FieldType, Private

PLAN: dict[str, Any] = {
    "id": "plan",
    "name": "Plano",
    "on": FieldOn.CONVERSATION,
    "type": FieldType.CHOICE,
    "choices": ("500 Mega", "1 Giga"),
    "required_at_close": True,
    "reasons": ("moved",),
    "departments": ("sup",),
    "archived": True,
}


def made(**changes: Any) -> Field:
    return Field(**{**PLAN, **changes})


def problems(**changes: Any) -> list[tuple[str, str, str | None]]:
    """The paths, codes and rules that a field is refused with."""
    with pytest.raises(InvalidValue) as caught:
        made(**changes)
    return [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


# --- the field -----------------------------------------------------------------------------------------------

REFUSALS: list[tuple[dict[str, Any], list[tuple[str, str, str | None]]]] = [
    ({"id": ""}, [("id", "not_an_id", None)]),
    ({"name": ""}, [("name", "empty", "C2")]),
    ({"name": "x" * (LABEL_LENGTH + 1)}, [("name", "too_long", "C2")]),
    ({"name": "a\u202eb"}, [("name", "bidi_character", "C2")]),
    ({"on": "contact"}, [("on", "not_a_place", "C9")]),
    ({"on": None}, [("on", "not_a_place", "C9")]),
    ({"type": "date", "choices": ()}, [("type", "not_a_type", "C9")]),
    ({"required_at_close": 1}, [("required_at_close", "not_a_bool", None)]),
    ({"archived": None}, [("archived", "not_a_bool", None)]),
    ({"reasons": ["moved"]}, [("reasons", "not_a_tuple", "C9")]),
    ({"reasons": ("moved", "moved")}, [("reasons", "repeated", "C9")]),
    ({"reasons": ("moved", "")}, [("reasons[1]", "not_an_id", None)]),
    ({"departments": "sup"}, [("departments", "not_a_tuple", "C9")]),
    ({"departments": ("sup", "sup")}, [("departments", "repeated", "C9")]),
    ({"choices": ["500 Mega"]}, [("choices", "not_a_tuple", "C9")]),
    ({"choices": "500"}, [("choices", "not_a_tuple", "C9")]),
    ({"choices": (500,)}, [("choices", "not_a_tuple", "C9")]),
    ({"choices": ()}, [("choices", "choice_means_choices", "C9")]),
    *(
        ({"type": type}, [("choices", "choice_means_choices", "C9")])
        for type in FieldType
        if type is not FieldType.CHOICE
    ),
    ({"choices": ("a", "")}, [("choices[1]", "empty", "C2")]),
    ({"choices": ("a", "x" * (LABEL_LENGTH + 1))}, [("choices[1]", "too_long", "C2")]),
    ({"choices": ("1 Giga", "1 GIGA ")}, [("choices[1]", "repeated", "C1")]),
    ({"choices": ("São", "b", "sao")}, [("choices[2]", "repeated", "C1")]),
    (
        {"choices": tuple(f"c{n}" for n in range(FIELD_CHOICES + 1))},
        [("choices", "too_many", "C9")],
    ),
    (
        {
            "id": "",
            "name": "",
            "on": None,
            "type": None,
            "choices": None,
            "required_at_close": 1,
            "reasons": [],
            "departments": None,
            "archived": 1,
        },
        [
            ("id", "not_an_id", None),
            ("name", "empty", "C2"),
            ("required_at_close", "not_a_bool", None),
            ("archived", "not_a_bool", None),
            ("reasons", "not_a_tuple", "C9"),
            ("departments", "not_a_tuple", "C9"),
            ("on", "not_a_place", "C9"),
            ("type", "not_a_type", "C9"),
            ("choices", "not_a_tuple", "C9"),
        ],
    ),
    (
        {"choices": ("a\0", "\u202e", "a\0")},
        [
            ("choices[0]", "control_character", "C2"),
            ("choices[1]", "empty", "C2"),
            ("choices[1]", "bidi_character", "C2"),
            ("choices[2]", "control_character", "C2"),
            ("choices[2]", "repeated", "C1"),
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), REFUSALS, ids=range(len(REFUSALS)))
def test_each_misfit_is_refused_at_its_path(
    values: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    """All of them at once, each with its code and rule. Rule: C9, C1, C2."""
    assert problems(**values) == expected


def test_too_many_choices_say_how_many() -> None:
    """What there is and what there may be; as many as there may be are taken. Rule: C9."""
    many = tuple(f"c{n}" for n in range(FIELD_CHOICES + 1))
    with pytest.raises(InvalidValue) as caught:
        made(choices=many)
    assert [(p.limit, p.actual) for p in caught.value.problems] == [(FIELD_CHOICES, FIELD_CHOICES + 1)]
    assert made(choices=many[:-1]).choices == many[:-1]
    assert made(choices=("x" * LABEL_LENGTH,)).choices == ("x" * LABEL_LENGTH,)


def test_what_is_left_out_is_the_plain_case() -> None:
    """A text that nobody has to fill in. Rule: C9."""
    field = Field(id="plan", name="Plano", on=FieldOn.CONTACT)
    assert (field.type, field.choices, field.required_at_close) == (FieldType.TEXT, (), False)
    assert (field.reasons, field.departments, field.archived) == ((), (), False)


@pytest.mark.parametrize(
    ("changes", "department", "reason", "required"),
    [
        ({}, "sup", "moved", True),
        ({}, "fin", "moved", False),
        ({}, "sup", "slow", False),
        ({}, "sup", None, False),
        ({"reasons": ()}, "sup", "slow", True),
        ({"reasons": ()}, "sup", None, True),
        ({"reasons": ()}, "fin", "slow", False),
        ({"departments": ()}, "fin", "moved", True),
        ({"departments": ()}, "fin", "slow", False),
        ({"reasons": (), "departments": ()}, "any", None, True),
        ({"required_at_close": False}, "sup", "moved", False),
        ({"archived": True}, "sup", "moved", False),
    ],
)
def test_when_a_field_is_required(
    changes: dict[str, Any], department: str, reason: str | None, required: bool
) -> None:
    """Always, or only for some reasons, or in some departments; an archived one never. Rule: C9, C3."""
    assert made(**{"archived": False, **changes}).required(department, reason) is required


HOSTILE = (None, True, 5, -1, 1.5, b"x", "x\0", "", [], ["x"], {}, {"x": 1}, set(), (None,), ([],), object())


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(Field)])
def test_values_of_wrong_types_meet_one_error_only(name: str) -> None:
    """Whatever stands in a field, the only error is InvalidValue, and nothing mutable is let in."""
    for hostile in HOSTILE:
        with contextlib.suppress(InvalidValue):
            hash(made(**{name: hostile}))


@given(fields())
def test_fields_are_values(field: Field) -> None:
    """Law: frozen, slotted, hashable, equal to their like, and they pickle."""
    twin = pickle.loads(pickle.dumps(field))
    assert twin == field
    assert hash(twin) == hash(field)
    assert not hasattr(field, "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        field.name = "x"  # type: ignore[misc]


# --- values as given and as kept -----------------------------------------------------------------------------


def test_what_is_given_is_kept_in_one_form() -> None:
    """By field, texts wrapped, whole numbers exact; yes is not 1. Rule: C9."""
    given = {"b": "x", "a": 5, "c": True, "d": date(2026, 3, 10), "e": Decimal("1.50"), "f": None}
    kept = as_values(given)
    assert kept == (
        ("a", Decimal(5)),
        ("b", Private("x")),
        ("c", True),
        ("d", date(2026, 3, 10)),
        ("e", Decimal("1.50")),
        ("f", None),
    )
    assert isinstance(kept, tuple)
    assert [type(value) for _, value in kept] == [Decimal, Private, bool, date, Decimal, type(None)]
    assert as_values(kept) is kept


@pytest.mark.parametrize("given", [None, 5, "x", [("a", "x")], {"a"}])
def test_what_is_no_mapping_is_left_for_the_check(given: Any) -> None:
    """Nothing is guessed. Rule: C9."""
    assert as_values(given) is given
    assert value_problems(given, "values") == [Problem("values", "not_values", "C9")]


@given(st.dictionaries(outside_ids(), field_values() | st.none(), max_size=4))
def test_values_of_every_type_are_well_formed(given: dict[str, Any]) -> None:
    """Law: what fits a field of some type has no problem of shape. Rule: C9."""
    assert value_problems(as_values(given), "values") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Private(""), Problem("v.a", "empty", "M14")),
        (Private("x" * (FIELD_TEXT + 1)), Problem("v.a", "too_long", "C9", FIELD_TEXT, FIELD_TEXT + 1)),
        (Private("x\0"), Problem("v.a", "control_character", "M14", span=(1, 2))),
        ("x", Problem("v.a", "not_a_value", "C9")),
        (5, Problem("v.a", "not_a_value", "C9")),
        (1.5, Problem("v.a", "not_a_value", "C9")),
        (datetime(2026, 3, 10), Problem("v.a", "not_a_value", "C9")),
        ((), Problem("v.a", "not_a_value", "C9")),
        (Decimal("NaN"), Problem("v.a", "not_a_number", "C9")),
        (Decimal("sNaN"), Problem("v.a", "not_a_number", "C9")),
        (Decimal("Infinity"), Problem("v.a", "not_a_number", "C9")),
    ],
)
def test_what_is_no_value_is_refused_at_its_field(value: Any, expected: Problem) -> None:
    """Each under the path of its field. Rule: C9, M14."""
    assert value_problems((("a", value),), "v") == [expected]
    both = value_problems((("a", value), ("b", 1.5)), "v")
    assert both == [expected, Problem("v.b", "not_a_value", "C9")]


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("9" * 30, 30),
        ("-" + "9" * 30, 30),
        ("9" * 31, 31),
        ("9" * 20 + "." + "9" * 10, 30),
        ("9" * 20 + "." + "9" * 11, 31),
        ("0." + "0" * 29 + "1", 30),
        ("0." + "0" * 30 + "1", 31),
        ("1e29", 30),
        ("1e30", 31),
        ("123.45", 5),
        ("0", 1),
        ("1e1000000", 1_000_001),
        ("1e-1000000", 1_000_000),
    ],
)
def test_a_number_has_so_many_digits_at_most(number: str, digits: int) -> None:
    """Those before and after the point together, written out. Rule: C9."""
    expected = [] if digits <= FIELD_DIGITS else [Problem("v.a", "too_long", "C9", FIELD_DIGITS, digits)]
    assert value_problems((("a", Decimal(number)),), "v") == expected


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ((("a",),), "not_an_id"),
        (((),), "not_an_id"),
        ((("a", None, None),), "not_an_id"),
        (((5, None),), "not_an_id"),
        ((("", None),), "not_an_id"),
        ((("a\n", None),), "not_an_id"),
        (((["a"], None),), "not_an_id"),
        ((("a", None), ("a", True)), "repeated"),
    ],
)
def test_values_stand_under_distinct_ids(pairs: Any, code: str) -> None:
    """One value a field. Rule: C9."""
    assert [problem.code for problem in value_problems(pairs, "v")] == [code]


# --- which value fits ----------------------------------------------------------------------------------------

FITTING = {
    FieldType.TEXT: (Private("500 Mega"), "not_a_text"),
    FieldType.NUMBER: (Decimal("1.5"), "not_a_number"),
    FieldType.DATE: (date(2026, 3, 10), "not_a_day"),
    FieldType.YES_NO: (True, "not_a_bool"),
    FieldType.CHOICE: (Private("500 Mega"), "not_a_choice"),
}
VALUES = [Private("500 Mega"), Private("5"), Decimal("1.5"), Decimal(1), date(2026, 3, 10), True, False]


@pytest.mark.parametrize("type", FieldType)
def test_each_type_takes_its_own_values_only(type: FieldType) -> None:
    """Yes is no number, a number no text, a text no choice unless it is one of them. Rule: C9."""
    field = made(type=type, choices=PLAN["choices"] if type is FieldType.CHOICE else ())
    example, code = FITTING[type]
    assert misfit(field, example, "v") is None
    for value in VALUES:
        fits = builtin_type(value) is builtin_type(example)
        if type is FieldType.CHOICE:
            fits = fits and value == Private("500 Mega")
        assert misfit(field, value, "v") == (None if fits else Problem("v", code, "C9"))


builtin_type = type


def test_a_choice_is_one_of_them_to_the_letter() -> None:
    """Nothing is folded: what is kept is what the workspace wrote. Rule: C9."""
    assert misfit(made(), Private("1 Giga"), "v") is None
    for near in ("1 giga", "1 Giga ", "", "1  Giga"):
        assert misfit(made(), Private(near), "v") == Problem("v", "not_a_choice", "C9")


kept = st.dictionaries(st.sampled_from("abcd"), field_values()).map(as_values)
given_values = st.dictionaries(st.sampled_from("abcd"), field_values() | st.none()).map(as_values)


@given(kept, given_values)
def test_values_given_take_the_place_of_those_before(old: Any, new: Any) -> None:
    """Law: each field has the value given last, none where that is None, in the order of the ids. Rule: C9."""
    after = with_values(old, new)
    expected = {id: value for id, value in {**dict(old), **dict(new)}.items() if value is not None}
    assert dict(after) == expected
    assert [id for id, _ in after] == sorted(expected)
    assert with_values(after, new) == after
    assert with_values(old, ()) == old
