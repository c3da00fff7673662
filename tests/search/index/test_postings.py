"""Postings tell of every word where it is said, however they hold it and whatever was changed in between."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.search.index import _postings
from chatcore.search.index._postings import Postings, together

WORDS = ("b", "bo", "boa", "boleto", "ca", "via")
said = st.sets(st.sampled_from(WORDS), max_size=4)
changes = st.lists(
    st.tuples(st.sampled_from(("append", "append", "change", "drop", "ask", "ask")), st.integers(0, 30), said),
    max_size=20,
)


@given(changes, st.booleans())
def test_each_word_has_the_numbers_that_it_was_given(steps: list[tuple[str, int, set[str]]], few: bool) -> None:
    """Of a word, of all that begin so, and of a frequent word among some numbers; asked again and again."""
    with pytest.MonkeyPatch.context() as patch:
        if few:
            patch.setattr(_postings, "_FREQUENT", 2)
            patch.setattr(_postings, "_PACKED", 64)
            patch.setattr(_postings, "_FRESH", 1)
        postings, texts = Postings(), list[set[str]]()
        for what, number, words in (*steps, ("ask", 0, set[str]())):
            if what == "append":
                for _ in range(number):
                    texts.append(words)
                    postings.append(len(texts) - 1, (*words, *words))
            elif what == "ask":
                check(postings, texts)
            elif texts and what == "change":
                number %= len(texts)
                postings.discard(number, texts[number] - words)
                postings.insert(number, words - texts[number])
                texts[number] = words
            elif texts:
                last = texts.pop()
                postings.discard(len(texts), last)


def check(postings: Postings, texts: list[set[str]]) -> None:
    known: defaultdict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(texts):
        for word in words:
            known[word].append(number)
    for word in WORDS:
        assert list(postings.of(word)) == known[word]
        for numbers in (range(len(texts)), range(0, len(texts), 3), range(len(texts) // 2)):
            among = postings.among(numbers, word) if numbers else None
            assert among is None or among == [number for number in numbers if number in known[word]]
    for beginning in ("b", "bo", "bol", "v", "x"):
        held = postings.beginning(beginning)
        found = [list(together((one,)) if isinstance(one, int) else one) for one in held]
        assert sorted(found) == sorted(
            known[word] for word in WORDS if word.startswith(beginning) and known[word]
        )


def test_a_frequent_word_is_told_of_numbers_behind_its_last() -> None:
    """What came since it was last asked counts, whether it says the word or not."""
    postings = Postings()
    for number in range(3_000):
        postings.append(number, ("de",) if number % 2 else ("o",))
    assert postings.among(range(2_990, 3_000), "de") == [2_991, 2_993, 2_995, 2_997, 2_999]
    for number in range(3_000, 3_020):
        postings.append(number, ("o",))
    assert postings.among((1, 2, 2_999, 3_010, 3_019), "de") == [1, 2_999]
    postings.append(3_020, ("de",))
    assert postings.among((2_999, 3_019, 3_020), "de") == [2_999, 3_020]
    postings.append(3_021, ("via",))
    assert postings.among((1, 3_021), "via") is None
