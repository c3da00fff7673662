"""An index of names: who is called so, by whole words and by how words begin. Rule: S2.

A name that is asked for must have its words in a row, as `matches` says; what is found here are the candidates,
who have all the words, and whoever asks looks at them once more. Nothing here is locked.

    >>> names = NameIndex()
    >>> names.put("ct_1", None, "João Ramón")
    >>> sorted(names.candidates(Named("joa")))
    ['ct_1']
"""

from __future__ import annotations

from bisect import bisect_left, insort

from chatcore.search.conditions import Named
from chatcore.text import words_of

__all__ = ["NameIndex"]

_AFTER_ALL = "\U0010ffff"


class NameIndex:
    """Ids by the words of their names."""

    __slots__ = ("_by_word", "_new", "_words")

    def __init__(self) -> None:
        self._by_word: dict[str, set[str]] = {}
        self._words: list[str] = []
        self._new: list[str] = []

    def put(self, id: str, old: str | None, new: str | None) -> None:
        """Take in that somebody is called `new`, and no more `old`; None: they have no name."""
        had = set(words_of(old)) if old is not None else set()
        has = set(words_of(new)) if new is not None else set()
        for word in had - has:
            self._by_word[word].discard(id)
        for word in has - had:
            ids = self._by_word.get(word)
            if ids is None:
                self._by_word[word] = {id}
                self._new.append(word)
            else:
                ids.add(id)

    def candidates(self, asked: Named) -> set[str]:
        """Who has all of these words in their name, in whatever order."""
        found = self._beginning(asked.words[-1]) if asked.prefix else self._called(asked.words[-1])
        for word in asked.words[:-1]:
            found = found & self._called(word)
        return set(found)

    def _called(self, word: str) -> set[str]:
        return self._by_word.get(word, set())

    def _beginning(self, start: str) -> set[str]:
        """Who has a word that begins so."""
        if len(self._new) > len(self._words) // 8:
            self._words = sorted((*self._words, *self._new))
        else:
            for word in self._new:
                insort(self._words, word)
        self._new = []
        first, end = bisect_left(self._words, start), bisect_left(self._words, start + _AFTER_ALL)
        return set().union(*(self._by_word[word] for word in self._words[first:end]))
