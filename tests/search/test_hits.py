"""Hits: where in the written text the words stand. Rules: S6, S22."""

from __future__ import annotations

import unicodedata
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatcore.entities import Extras
from chatcore.search import Has, Hit, Named, Not, Occurrence, Occurrences, Says, Trait, matches
from chatcore.search.hits import hit_of, spans_in
from chatcore.search.query import MessageQuery
from chatcore.testing.strategies import hostile_text
from chatcore.text import canonical, clusters, needle, words_of
from chatcore.vocabulary import Private
from tests.given import NOW, inbound

PIECES = [
    *"aábc e-.,",
    "não",
    "na\u0303o",
    "boleto",
    "BOLETO",
    "ﬁ",
    "½",
    "㎏",
    "ｂｏｌ",
    "ß",
    "İ",
    "👩‍👩‍👧",
    "👍🏽",
    "🇧🇷",
    "한",
    "\u1112\u1161\u11ab",
    "ㄱㅏ",
    "\u1100\u0301\u1161",
    "ﾡￂ",
    "\uff76\uff9e",
    "e" + "\u0301" * 300,
    "\u09c7\u09be",
    "\u200d",
    "\x00",
    "\r\n",
]
WRITTEN = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | hostile_text(12)


def assert_right(text: str, asked: Says) -> None:
    """The spans are in order, apart, whole clusters, and say what was asked for."""
    spans = spans_in(text, asked)
    edges = {0, *accumulate(map(len, clusters(text)))}
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert {start, end} <= edges
        assert needle(asked.words, prefix=asked.prefix) in canonical(text[start:end])
        at = end
    assert bool(spans) is (needle(asked.words, prefix=asked.prefix) in canonical(text))


@given(WRITTEN, st.data(), st.booleans())
@example("ㄱㅏ", None, False)
@example("\u1100\u0301\u1161", None, False)
@example("\u1112\u1161\u11ab" * 40, None, False)
def test_what_is_found_is_shown_in_whole_characters(text: str, data: Any, prefix: bool) -> None:
    """Law: folding the slice holds the folded needle, between clusters; found if and only if it is shown."""
    words = words_of(text)
    assume(words)
    first = 0 if data is None else data.draw(st.integers(0, len(words) - 1))
    last = first + (0 if data is None else data.draw(st.integers(0, min(3, len(words) - 1 - first))))
    some = words[first : last + 1]
    if prefix and data is not None:
        some = (*some[:-1], some[-1][: data.draw(st.integers(1, len(some[-1])))])
    assume(words_of(" ".join(some)))
    asked = Says(some, prefix=prefix)
    assert_right(text, asked)
    if words_of(" ".join(some)) == some:
        assert spans_in(text, asked)


@given(
    WRITTEN,
    st.sampled_from(["a", "nao", "bol", "boleto", "f", "1", "한", "가", "👍", "ss", "k"]),
    st.booleans(),
)
def test_what_is_asked_by_chance_is_shown_rightly(text: str, word: str, prefix: bool) -> None:
    """Law: the same for words that may not be there."""
    assert_right(text, Says(word, prefix=prefix))


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("Não recebi o boleto", Says("nao"), ["Não"]),
        ("Na\u0303o recebi", Says("nao"), ["Na\u0303o"]),
        ("nao", Says("NÃO"), ["nao"]),
        ("boletos e boleto", Says("boleto"), ["boleto"]),
        ("boletos e boleto", Says("bole", prefix=True), ["bole", "bole"]),
        ("a 2ª-via: aqui", Says("2a via"), ["2ª-via"]),
        ("ｂｏｌｅｔｏ", Says("bol", prefix=True), ["ｂｏｌ"]),
        ("ﬁbra", Says("f", prefix=True), ["ﬁ"]),
        ("ok 👍🏽!", Says("👍"), ["👍🏽"]),
        ("👩‍👩‍👧", Says("👧"), ["👩‍👩‍👧"]),
        ("ㄱㅏ", Says("가"), ["ㄱㅏ"]),
        ("a a a", Says("a a"), ["a a a"]),
        ("pix boleto", Says("boleto") & Says("pix"), ["pix", "boleto"]),
        ("pix boleto", Says("boleto") | Says("nada"), ["boleto"]),
        ("pix boleto", Says("pix") & ~Says("boleto"), ["pix"]),
        ("pix boleto", Not(Says("pix")), []),
        ("pix boleto", Has(Trait.TAG, "pix"), []),
        ("ana paga", Says("paga") & Named("ana"), ["paga"]),
        ("segunda via", Says("segunda via") & Says("via"), ["segunda via"]),
        ("100% _x_", Says("%x"), ["x"]),
    ],
)
def test_places_as_a_screen_shows_them(text: str, asked: Any, shown: list[str]) -> None:
    """The words asked for, as they were written; not what is denied, nor what was asked of something else."""
    assert [text[start:end] for start, end in spans_in(text, asked)] == shown


@given(st.text("áãçéõ NAb"))
def test_composed_and_decomposed_texts_show_the_same(text: str) -> None:
    """Law: however the letters are spelled, the same words are shown."""
    asked = Says("a") | Says("n", prefix=True)
    shown = []
    for form in ("NFC", "NFD"):
        spelled = unicodedata.normalize(form, text)  # type: ignore[arg-type]
        found = [spelled[start:end] for start, end in spans_in(spelled, asked)]
        shown.append([unicodedata.normalize("NFC", each) for each in found])
    assert shown[0] == shown[1]


def test_a_hit_is_the_message_and_its_places() -> None:
    """Nowhere, where no words are asked for; and nothing is shown of what was revoked."""
    message = inbound(body=Private("o Boleto"))
    assert hit_of(message, Says("boleto")) == Hit(message, ((2, 8),))
    assert hit_of(message, None).spans == ()
    assert hit_of(message, Has(Trait.KIND, "text")).spans == ()
    revoked = inbound(body=Private("o Boleto"), extras=Extras(revoked_at=NOW))
    assert hit_of(revoked, Says("boleto")).spans == ()
    assert not matches(MessageQuery(where=Says("boleto")), revoked)


def test_places_are_walked_back_and_forth() -> None:
    """The next is the first of a later message, the previous the last of an earlier one."""
    places = tuple(
        Occurrence(f"cv_1.{seq}", seq, span) for seq, span in [(2, (0, 1)), (2, (3, 4)), (5, (0, 2))]
    )
    found = Occurrences(places)
    assert (len(found), tuple(found), found.cut) == (3, places, False)
    assert [found.next(seq) for seq in (1, 2, 4, 5)] == [places[0], places[2], places[2], None]
    assert [found.previous(seq) for seq in (2, 3, 5, 6)] == [None, places[1], places[1], places[2]]
    assert Occurrences(()).next(1) is Occurrences(()).previous(1) is None
