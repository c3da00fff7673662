"""Postings: for each word, the numbers of the texts that say it, ascending.

Most words are rare, so what the rare ones cost counts: the numbers of a word said a few times are packed into
one integer, 32 bits each, the highest number at the top.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

__all__ = ["Held", "Postings", "together"]

Held: TypeAlias = "int | array[int]"
"""What a word holds: its numbers, packed or not."""

_NOWHERE: Final[array[int]] = array("I")

_PACKED: Final = 8 * 32
"""Bits that are packed at most."""

_BIG_ENDIAN: Final = array("H", (1,)).tobytes() == b"\0\1"

_BEHIND: Final = "\U0010ffff"
"""Sorts behind every letter and digit that a word may go on with."""

_FRESH: Final = 1_000
"""Words that may lie outside the sorted vocabulary before it is sorted anew; or an eighth of it, if more."""


_FREQUENT: Final = 1_024
_DENSE: Final = 64
"""A word is frequent if so many texts say it, and one of so many."""


class Postings:
    """Words, and where they are said."""

    __slots__ = ("_fresh", "_held", "_marks", "_sorted")

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._sorted: list[str] | None = None  # None until a beginning of a word is asked for.
        self._fresh: list[str] = []
        self._marks: dict[str, _Marks] = {}

    def append(self, number: int, words: Iterable[str]) -> None:
        """Add a text whose number is above all others. A word may be given twice."""
        held = self._held
        for word in words:
            numbers = held.get(word)
            if isinstance(numbers, array):
                if numbers[-1] != number:
                    numbers.append(number)
            elif numbers is None:
                held[word] = number
                if self._sorted is not None:
                    self._fresh.append(word)
            elif numbers >> (bits := _bits(numbers)) - 32 != number:
                if bits < _PACKED:
                    held[word] = numbers | number << bits
                else:
                    numbers = held[word] = unpacked(numbers)
                    numbers.append(number)

    def insert(self, number: int, words: Iterable[str]) -> None:
        """Add words to a text of any number that did not say them; each is given once."""
        for word in words:
            numbers = unpacked(self._held.get(word, _NOWHERE))
            if not numbers:
                self.append(number, (word,))
                continue
            self._held[word] = numbers
            numbers.insert(bisect_left(numbers, number), number)
            if word in self._marks:
                self._marks[word].forget(number)

    def discard(self, number: int, words: Iterable[str]) -> None:
        """Take words from a text that said them; each is given once."""
        for word in words:
            numbers = self._held[word] = unpacked(self._held[word])
            numbers.pop(bisect_left(numbers, number))
            if not numbers:
                del self._held[word]
            if word in self._marks:
                self._marks[word].forget(number)

    def of(self, word: str) -> array[int]:
        """The numbers of the texts that say a word."""
        return unpacked(self._held.get(word, _NOWHERE))

    def beginning(self, beginning: str) -> list[Held]:
        """What the words hold that begin so."""
        held = self._held
        known = self._sorted
        if known is None:
            known = self._sorted = sorted(self._held)
        elif len(self._fresh) > max(_FRESH, len(known) // 8):
            known += self._fresh
            known.sort()
            known = self._sorted = list(dict.fromkeys(known))
            self._fresh.clear()
        self._fresh.sort()
        if not self._fresh:
            return [held[word] for word in _beginning(known, beginning) if word in held]
        # A word that nobody says any more is still in the vocabulary, and then it may be there twice.
        words = dict.fromkeys(_beginning(known, beginning) + _beginning(self._fresh, beginning))
        return [held[word] for word in words if word in held]

    def among(self, numbers: Sequence[int], word: str) -> list[int] | None:
        """Those of some numbers whose texts say a word; None if that is not a frequent word."""
        said = self._held.get(word)
        if not isinstance(said, array) or len(said) < _FREQUENT or len(said) * _DENSE < said[-1]:
            return None
        marks = self._marks.get(word)
        if marks is None:
            marks = self._marks[word] = _Marks()
        marks.catch_up(said, numbers[-1])
        at = marks.bits
        return [number for number in numbers if at[number >> 3] >> (number & 7) & 1]


class _Marks:
    """The numbers of a frequent word once more, as bits; they are caught up when they are asked."""

    __slots__ = ("bits", "known")

    def __init__(self) -> None:
        self.bits = bytearray()
        self.known = 0  # Numbers below this are right; where there is a bit behind it, it may be wrong.

    def forget(self, number: int) -> None:
        """A text of this number begins or ceases to say the word."""
        self.known = min(self.known, number >> 3 << 3)

    def catch_up(self, said: array[int], last: int) -> None:
        """Be right about the numbers up to the last."""
        if last < self.known:
            return
        first = self.known
        marks = bytearray(b"0") * (max(said[-1], last) + 1 - first)
        for number in said[bisect_left(said, first) :]:
            marks[number - first] = 49
        marks.reverse()
        self.bits[first >> 3 :] = int(marks, 2).to_bytes((len(marks) + 7) // 8, "little")
        self.known = first + len(marks) >> 3 << 3


def _beginning(words: list[str], beginning: str) -> list[str]:
    return words[bisect_left(words, beginning) : bisect_left(words, beginning + _BEHIND)]


def _bits(packed: int) -> int:
    """How many bits the numbers take that are packed."""
    return packed.bit_length() + 31 & -32 or 32


def unpacked(held: Held) -> array[int]:
    """What a word holds, number by number."""
    if isinstance(held, array):
        return held
    return together((held,))


def together(packed: Iterable[int]) -> array[int]:
    """The numbers of all these, one after another."""
    numbers = array("I")
    numbers.frombytes(b"".join([each.to_bytes(_bits(each) // 8, "little") for each in packed]))
    if _BIG_ENDIAN:
        numbers.byteswap()
    return numbers
