"""Ways to the texts that are wanted, from the highest number down.

1. Numbers come in chunks, each ascending and above the next, so that most work is done by whole lists. The
   first chunks are small, as a page needs few rows, and later ones grow.
2. Where several things must all be so, one leads. The others are met by the postings where those are about as
   many, or by the marks of a frequent word, and else by looking into the text.
3. A beginning of a word is walked to in windows of numbers, so that a thousand words cost a look at each.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Protocol, TypeAlias

from chatcore.search.index._postings import together

__all__ = ["All", "Begun", "Each", "Either", "Listed", "Plan", "Said", "Test", "Texts", "Words"]

Said: TypeAlias = tuple[Sequence[int], str, bytes | None]
"""The texts that say a word, and how it looks in one; None where what it is a part of is looked for."""

Test: TypeAlias = Callable[[int], bool]

_FIRST: Final = 64
"""Numbers in the first chunk: about a page."""

_MOST: Final = 8_192
"""Numbers in a chunk at most."""

_TIMES: Final = 12
"""Looking into one text costs as much as passing so many numbers of a list."""

_TWICE: Final = 2
"""Telling of one text whether it says a frequent word costs as much as passing so many numbers of a list."""


class Texts(Protocol):
    """What a plan is carried out on: numbered texts, each searched in its canonical form."""

    def id(self, number: int, /) -> str:
        """The id of a text; empty if it was removed."""

    def says(self, number: int, wanted: bytes, /) -> bool:
        """Whether a text has this in it."""

    def having(self, numbers: Iterable[int], wanted: bytes, /) -> list[int]:
        """Those of the texts that have this in them."""

    def lacking(self, numbers: Iterable[int], unwanted: bytes, /) -> list[int]:
        """Those of the texts that do not have this in them."""


class Words(Protocol):
    """Where words are said: the numbers of the texts, ascending."""

    def of(self, word: str, /) -> Sequence[int]:
        """Of one word."""

    def among(self, numbers: Sequence[int], word: str, /) -> Sequence[int] | None:
        """Those of some numbers whose texts say a word; None if that cannot be told faster than by looking."""

    def beginning(self, beginning: str, /) -> Sequence[int | Sequence[int]]:
        """Of each word that begins so: packed or not."""


class Plan(Protocol):
    """A way to the numbers wanted; `cost` bounds how many it passes."""

    cost: int

    def down(self, end: int, /) -> Iterator[Sequence[int]]:
        """The numbers below `end`, in chunks: each ascending, and above those that come after it."""


# --- ways ----------------------------------------------------------------------------------------------------


class All:
    """All texts."""

    def __init__(self, size: int) -> None:
        self.cost = size

    def down(self, end: int) -> Iterator[Sequence[int]]:
        size = _FIRST
        while end > 0:
            start = max(end - size, 0)
            yield range(start, end)
            end, size = start, min(2 * size, _MOST)


class Listed:
    """The texts that say a word."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = numbers
        self.cost = len(numbers)

    def down(self, end: int) -> Iterator[Sequence[int]]:
        numbers, size = self.numbers, _FIRST
        at = bisect_left(numbers, end) if numbers and numbers[-1] >= end else len(numbers)
        while at > 0:
            start = max(at - size, 0)
            yield numbers[start:at]
            at, size = start, min(2 * size, _MOST)


class Begun:
    """The texts that say any word of many: as a beginning of words has them."""

    def __init__(self, held: Sequence[int | Sequence[int]]) -> None:
        self.lists = [numbers for numbers in held if not isinstance(numbers, int)]
        self.loose = together(numbers for numbers in held if isinstance(numbers, int))
        self.cost = len(self.loose) + sum(map(len, self.lists))

    def down(self, end: int) -> Iterator[Sequence[int]]:
        width = max(end * _FIRST // max(self.cost, 1), _FIRST)
        while end > 0 and self.cost:
            start = max(end - width, 0)
            found = {number for number in self.loose if start <= number < end}
            for numbers in self.lists:
                if numbers[-1] >= start:
                    found.update(numbers[bisect_left(numbers, start) : bisect_left(numbers, end)])
            if found:
                yield sorted(found)
            end, width = start, 2 * width


class Either:
    """The texts that any of several ways leads to."""

    def __init__(self, ways: list[Plan]) -> None:
        self.ways = ways
        self.cost = sum(way.cost for way in ways)

    def down(self, end: int) -> Iterator[Sequence[int]]:
        open = [way.down(end) for way in self.ways]
        waiting: list[Sequence[int]] = [()] * len(open)
        while True:
            floor = 0
            for n, chunks in enumerate(open):
                if not waiting[n]:
                    waiting[n] = next((chunk for chunk in chunks if chunk), ())
                if waiting[n]:
                    floor = max(floor, waiting[n][0])
            found: set[int] = set()
            for n, chunk in enumerate(waiting):
                at = bisect_left(chunk, floor)
                found.update(chunk[at:])
                waiting[n] = chunk[:at]
            if not found:
                return
            yield sorted(found)


class Each:
    """Those texts on one way that pass whatever is asked besides."""

    def __init__(
        self,
        texts: Texts,
        words: Words | None,
        way: Plan,
        lists: list[Said],
        having: list[bytes],
        lacking: list[bytes],
        tests: list[Test],
    ) -> None:
        self.cost = way.cost
        self.texts, self.words, self.way, self.lists = texts, words, way, lists
        self.having, self.lacking, self.tests = having, lacking, tests

    def down(self, end: int) -> Iterator[Sequence[int]]:
        for chunk in self.way.down(end):
            if passed := self._passed(chunk):
                yield passed

    def _passed(self, chunk: Sequence[int]) -> Sequence[int]:
        texts, words = self.texts, self.words
        for numbers, word, wanted in self.lists:
            low = bisect_left(numbers, chunk[0])
            high = bisect_right(numbers, chunk[-1], low)
            among = None
            if words is not None and high - low > _TWICE * len(chunk):
                among = words.among(chunk, word)
            if among is not None:
                chunk = among
            elif high - low <= _TIMES * len(chunk):
                chunk = sorted(set(chunk).intersection(numbers[low:high]))
            elif wanted is not None:
                chunk = texts.having(chunk, wanted)
            if not chunk:
                return chunk
        for wanted in self.having:
            chunk = texts.having(chunk, wanted)
        for unwanted in self.lacking:
            chunk = texts.lacking(chunk, unwanted)
        for test in self.tests:
            chunk = [number for number in chunk if test(number)]
        return chunk
