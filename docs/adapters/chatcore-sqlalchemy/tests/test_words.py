"""Words and lists as they stand in a column are found by plain search just where their meaning says so."""

from __future__ import annotations

from decimal import Decimal

from chatcore_sqlalchemy._words import LONGEST_TERM, filled, item, items, needle_of, terms, words_in
from hypothesis import example, given
from hypothesis import strategies as st
from town import ASKED

from chatcore.testing.strategies import hostile_text
from chatcore.text import canonical, needle, words_of
from chatcore.vocabulary import FieldId, Private

PIECES = st.sampled_from(
    ("a", "ab", "é", "ø", "日本", "😀", "_", "_0", " ", "-", "\0", "\ud800", "ß", "2ª", "Z")
)
TEXTS = hostile_text() | st.lists(PIECES, max_size=8).map("".join)


@given(text=TEXTS, asked=TEXTS, prefix=st.booleans())
@example(text="ø a", asked="_", prefix=True)
def test_a_column_holds_what_its_text_says(text: str, asked: str, prefix: bool) -> None:
    """Words in a row, the last one whole or begun, are found in the column as in the text itself. Rule: S6."""
    for words in (words_of(asked), words_of(text)[:2], words_of(text)[-1:]):
        if words:
            held = needle_of(words, prefix=prefix) in words_in(text)
            assert held is (needle(words, prefix=prefix) in canonical(text))


@given(text=TEXTS, asked=TEXTS, prefix=st.booleans())
def test_a_column_is_plain(text: str, asked: str, prefix: bool) -> None:
    """It holds nothing but small letters, digits, blanks and the sign that begins any other character."""
    for column in (words_in(text), needle_of(words_of(asked), prefix=prefix), item(text), items((text, asked))):
        assert set(column) <= set("abcdefghijklmnopqrstuvwxyz0123456789_ ")


@given(text=TEXTS, asked=TEXTS, prefix=st.booleans())
def test_an_index_of_words_misses_nothing(text: str, asked: str, prefix: bool) -> None:
    """Where a text says something, each term of it is among the terms of the text, cut or begun. Rule: S6."""
    kept = {term[:LONGEST_TERM] for term in terms(words_in(text))}
    for words in (words_of(asked), words_of(text)[:2], words_of(text)[-1:]):
        if words and needle(words, prefix=prefix) in canonical(text):
            *whole, last = (term[:LONGEST_TERM] for term in terms(needle_of(words, prefix=prefix)))
            assert kept.issuperset(whole)
            assert any(term.startswith(last) if prefix else term == last for term in kept)


@given(values=st.lists(TEXTS, max_size=4), asked=TEXTS)
@example(values=["ab"], asked="b")
@example(values=["ab"], asked="a")
def test_a_list_holds_its_items_and_no_others(values: list[str], asked: str) -> None:
    """An item is there as a whole, whatever it is made of, in its own case. Rule: S7, M11."""
    column = items(values)
    assert (item(asked) in column) is (asked in values) or asked == ""
    assert all(item(value) in column for value in values)


def test_values_of_fields_are_the_same_as_they_are_equal() -> None:
    """A number in any spelling, and yes for one as in Python; a text only as it is. Rule: C9."""
    field = FieldId("plan")
    values = [value for _, value in ASKED] + [Decimal(text) for text in ("1E+3", "1000", "-0", "0.10", "-1.50")]
    values += [Private("1.5"), Private("number 15e-1"), Private("True"), Private("")]
    for one in values:
        for other in values:
            assert (filled(field, one) == filled(field, other)) is (one == other)
    assert filled(field, Private("x")) != filled(FieldId("plan\u00a0"), Private("x"))
