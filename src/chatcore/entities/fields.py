"""Custom fields: what a workspace asks of contacts and conversations, and the values given. Rule: C9.

A value is a text (`Private`, for it may be personal), a number, a day, or yes or no. Texts and choices come as
text; what a value has to be is its field's matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

import attrs

from chatcore._shape import id_problem, not_id, not_tuple_of, refuse
from chatcore.entities._checking import id_set_problems, part_problems
from chatcore.errors import Problem
from chatcore.errors.base import shown
from chatcore.limits import FIELD_CHOICES, FIELD_DIGITS, FIELD_TEXT, LABEL_LENGTH
from chatcore.text import label_key, label_problems, look_key, outbound_problems
from chatcore.vocabulary import DepartmentId, FieldId, FieldOn, FieldType, Private, ReasonId

__all__ = [
    "Field",
    "FieldValue",
    "FieldValues",
    "GivenValue",
    "as_values",
    "misfit",
    "value_problems",
    "with_values",
]

FieldValue: TypeAlias = Private | Decimal | date | bool
"""One value as it is kept."""

GivenValue: TypeAlias = FieldValue | str | int | None
"""One value as it is given; None takes a value away."""

FieldValues: TypeAlias = tuple[tuple[FieldId, FieldValue], ...]
"""Values by field, in the order of the ids."""


@attrs.frozen(slots=True, kw_only=True)
class Field:
    """One custom field (campo personalizado). Rule: C9.

    `choices` belong to CHOICE. One that is `required_at_close` must have a value when a conversation closes:
    always, or only for some `reasons`, or in some `departments`.
    """

    id: FieldId
    name: str
    on: FieldOn
    type: FieldType = FieldType.TEXT
    choices: tuple[str, ...] = ()
    required_at_close: bool = False
    reasons: tuple[ReasonId, ...] = ()
    departments: tuple[DepartmentId, ...] = ()
    archived: bool = False

    def required(self, department: DepartmentId, reason: ReasonId | None) -> bool:
        """Whether a conversation of this department cannot close for this reason without a value."""
        return (
            self.required_at_close
            and not self.archived
            and (not self.departments or department in self.departments)
            and (not self.reasons or reason in self.reasons)
        )

    def __attrs_post_init__(self) -> None:
        bad = part_problems(self, LABEL_LENGTH, "required_at_close", "archived")
        bad += id_set_problems(self, "C9", "reasons", "departments")
        if type(self.on) is not FieldOn:
            bad.append(Problem("on", "not_a_place", "C9"))
        if type(self.type) is not FieldType:
            bad.append(Problem("type", "not_a_type", "C9"))
        if not_tuple_of(str, self.choices):
            bad.append(Problem("choices", "not_a_tuple", "C9"))
        else:
            bad += self._choice_problems()
        refuse(bad)

    def _choice_problems(self) -> list[Problem]:
        count = len(self.choices)
        if (self.type is FieldType.CHOICE) is (count == 0):
            return [Problem("choices", "choice_means_choices", "C9")]
        bad: list[Problem] = []
        if count > FIELD_CHOICES:
            bad.append(Problem("choices", "too_many", "C9", FIELD_CHOICES, count))
        folded: set[str] = set()
        looks: set[str] = set()
        for i, choice in enumerate(self.choices):
            bad += label_problems(choice, f"choices[{i}]", LABEL_LENGTH)
            key, look = label_key(choice), look_key(choice)
            if key in folded:
                bad.append(Problem(f"choices[{i}]", "repeated", "C1"))
            elif look in looks:
                bad.append(Problem(f"choices[{i}]", "looks_like_another", "C2"))
            folded.add(key)
            looks.add(look)
        return bad


def as_values(
    given: Mapping[FieldId, GivenValue] | tuple[tuple[FieldId, FieldValue | None], ...],
) -> tuple[tuple[FieldId, FieldValue | None], ...]:
    """Values as given, put in the form they are kept in; what is no mapping is left for the check to name."""
    if isinstance(given, Mapping):
        return tuple((name, _kept(value)) for name, value in sorted(given.items(), key=lambda i: str(i[0])))
    return given


def _kept(value: GivenValue) -> FieldValue | None:
    if type(value) is str:
        return Private(value)
    return Decimal(value) if type(value) is int else value  # type: ignore[return-value]


def value_problems(values: object, path: str) -> list[Problem]:
    """What is wrong with the shape of values by field, None among them taking one away."""
    if not_tuple_of(tuple, values):
        return [Problem(path, "not_values", "C9")]
    bad: list[Problem] = []
    pairs: tuple[tuple[object, ...], ...] = values  # type: ignore[assignment]
    for pair in pairs:
        if len(pair) != 2 or not_id(pair[0]):
            bad.append(id_problem(path, pair[0] if pair else None))
        elif pair[1] is not None:
            bad += _shape_problems(pair[1], f"{path}.{shown(str(pair[0]))}")
    if not bad and len({pair[0] for pair in pairs}) != len(pairs):
        bad.append(Problem(path, "repeated", "C9"))
    return bad


def _shape_problems(value: object, path: str) -> list[Problem]:
    if type(value) is Private:
        text = value.reveal()
        bad = list(outbound_problems(text, path))
        if len(text) > FIELD_TEXT:
            bad.append(Problem(path, "too_long", "C9", FIELD_TEXT, len(text)))
        return bad
    if type(value) is Decimal:
        if not value.is_finite():
            return [Problem(path, "not_a_number", "C9")]
        count, exponent = len(value.as_tuple().digits), int(value.as_tuple().exponent)
        digits = count + exponent if exponent > 0 else max(count, -exponent)
        return [Problem(path, "too_long", "C9", FIELD_DIGITS, digits)] if digits > FIELD_DIGITS else []
    if type(value) is bool or (isinstance(value, date) and not isinstance(value, datetime)):
        return []
    return [Problem(path, "not_a_value", "C9")]


_TYPES: Mapping[FieldType, tuple[type, str]] = {
    FieldType.TEXT: (Private, "not_a_text"),
    FieldType.NUMBER: (Decimal, "not_a_number"),
    FieldType.DATE: (date, "not_a_day"),
    FieldType.YES_NO: (bool, "not_a_bool"),
    FieldType.CHOICE: (Private, "not_a_choice"),
}


def misfit(field: Field, value: FieldValue, path: str) -> Problem | None:
    """Why a value is not one for this field; None where it is."""
    wanted, code = _TYPES[field.type]
    if type(value) is not wanted:
        return Problem(path, code, "C9")
    if field.type is FieldType.CHOICE and isinstance(value, Private) and value.reveal() not in field.choices:
        return Problem(path, code, "C9")
    return None


def with_values(old: FieldValues, given: tuple[tuple[FieldId, FieldValue | None], ...]) -> FieldValues:
    """The values after some were given and others, given as None, were taken away."""
    after: dict[FieldId, FieldValue | None] = {**dict(old), **dict(given)}
    return tuple((id, value) for id, value in sorted(after.items()) if value is not None)
