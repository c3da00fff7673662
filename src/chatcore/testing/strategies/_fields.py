"""Custom fields, and the values that are given for them and kept. Rule: C9."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from chatcore.entities import Field, FieldValue, FieldValues, GivenValue
from chatcore.entities.fields import as_values
from chatcore.testing.strategies._ids import id_tuples, outside_ids
from chatcore.testing.strategies._texts import labels, one_line_text
from chatcore.vocabulary import FieldId, FieldOn, FieldType, Private

__all__ = [
    "field_values",
    "fields",
    "values_given",
    "values_kept",
]


def fields(
    departments: st.SearchStrategy[tuple[str, ...]] | None = None,
    reasons: st.SearchStrategy[tuple[str, ...]] | None = None,
) -> st.SearchStrategy[Field]:
    """What a workspace asks of contacts or conversations. Rule: C9."""
    choices = st.lists(labels(), min_size=1, max_size=4, unique=True).map(tuple)
    kinds = st.one_of(
        st.tuples(st.sampled_from([t for t in FieldType if t is not FieldType.CHOICE]), st.just(())),
        st.tuples(st.just(FieldType.CHOICE), choices),
    )
    return st.builds(
        lambda kind, **values: Field(type=kind[0], choices=kind[1], **values),
        kinds,
        id=outside_ids(),
        name=labels(),
        on=st.sampled_from(FieldOn),
        required_at_close=st.booleans(),
        reasons=id_tuples() if reasons is None else reasons,
        departments=id_tuples() if departments is None else departments,
        archived=st.booleans(),
    )


def field_values() -> st.SearchStrategy[FieldValue]:
    """The value of a custom field of any type. Rule: C9.

    Numbers are from 2 on: to Python the number 1 is equal to yes, which is another value.
    """
    return st.one_of(
        one_line_text().map(Private),
        st.decimals(2, 10**12, places=2),
        st.integers(2, 10**12).map(Decimal),
        st.dates(),
        st.booleans(),
    )


def values_given() -> st.SearchStrategy[dict[FieldId, GivenValue]]:
    """Values by field, as a service gives them; None takes one away."""
    given = st.one_of(field_values(), one_line_text(), st.integers(2, 10**12), st.none())
    return st.dictionaries(outside_ids().map(FieldId), given, max_size=3)


def values_kept() -> st.SearchStrategy[FieldValues]:
    """Values by field, as a contact or a conversation keeps them."""
    return st.dictionaries(outside_ids(), field_values(), max_size=3).map(as_values)  # type: ignore[arg-type]
