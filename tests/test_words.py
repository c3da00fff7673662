"""Words: what a text is searched by. Rule: S6."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.testing.strategies import hostile_text
from chatcore.text import canonical, fold, needle, word_spans, words_of

TEXTS = hostile_text() | st.text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("   ", ()),
        ("...!?", ()),
        ("\u0301\u0301", ()),
        ("2ª via do Boleto!", ("2a", "via", "do", "boleto")),
        ("2ª-via", ("2a", "via")),
        ("na\u0303o NÃO nao", ("nao", "nao", "nao")),
        ("ｆｉｂｒａ", ("fibra",)),
        ("100% de_tudo *", ("100", "de", "tudo")),
        ("R$ 1.234,56", ("r", "1", "234", "56")),
        ("Straße ø ı", ("strasse", "ø", "ı")),
        ("½", ("1", "2")),
        ("boa👍🏽tarde", ("boa", "👍", "🏽", "tarde")),
        ("한국 カタカナ", ("한국", "カタカナ")),
        ("“olá” — ¿qué?", ("ola", "que")),
        ("a\x00b\x1bc\x7fd", ("a", "b", "c", "d")),
        ("ß\x00b", ("ss", "b")),
        ("ø\x00b\x9fc", ("ø", "b", "c")),
        ("ø\u200bbo\u2060le\ufeffto", ("ø", "bo", "le", "to")),
    ],
)
def test_words_are_runs_of_letters_and_digits_or_single_symbols(text: str, words: tuple[str, ...]) -> None:
    """Folded; what stands between words, seen or not, does not count."""
    assert words_of(text) == words


@given(TEXTS)
@example("ø a\x00b")
def test_the_words_of_words_are_themselves(text: str) -> None:
    """Law: words are folded, hold no blank, and read again they are the same words."""
    words = words_of(text)
    assert words_of(" ".join(words)) == words
    assert all(word and fold(word) == word and not any(map(str.isspace, word)) for word in words)


@given(TEXTS, TEXTS)
@example("☕", "a\x00b")
def test_a_word_does_not_depend_on_the_rest_of_the_text(one: str, other: str) -> None:
    """Law: the words of two texts with a blank between are the words of each."""
    assert words_of(f"{one} {other}") == words_of(one) + words_of(other)


@given(TEXTS)
def test_the_canonical_text_is_the_words_with_blanks(text: str) -> None:
    """Law: one blank before, between and after; it is its own canonical text."""
    words = words_of(text)
    told = canonical(text)
    assert tuple(told.split(" ")[1:-1]) == words
    assert told == (f" {' '.join(words)} " if words else " ")
    assert canonical(told) == told


@given(TEXTS)
def test_spans_are_where_the_words_stand(text: str) -> None:
    """Law: in order, apart from each other, and what stands in them are the words."""
    folded = fold(text)
    spans = word_spans(folded)
    assert tuple(folded[start:end] for start, end in spans) == words_of(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)


few_words = st.lists(st.sampled_from(["a", "ab", "b", "não", "2ª"]), min_size=1, max_size=4)


@given(few_words.map(tuple), few_words, st.booleans())
def test_a_needle_is_found_where_the_words_stand_in_a_row(
    sought: tuple[str, ...], told: list[str], prefix: bool
) -> None:
    """Law: whole words one right after another; with `prefix` the last may go on."""
    words, text = words_of(" ".join(sought)), words_of(" ".join(told))
    rows = [text[i : i + len(words)] for i in range(len(text) - len(words) + 1)]
    if prefix:
        expected = any(row[:-1] == words[:-1] and row[-1].startswith(words[-1]) for row in rows)
    else:
        expected = words in rows
    assert (needle(words, prefix=prefix) in canonical("-".join(told))) is expected


@given(st.text("ab", min_size=1), st.sampled_from(["☕", "ø", "👍"]))
def test_plain_words_are_the_same_beside_others(plain: str, other: str) -> None:
    """Law: the short way for plain text gives what the long way gives."""
    assert words_of(f"{plain}!{plain} {other}")[:-1] == words_of(f"{plain}!{plain}")
