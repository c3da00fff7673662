"""A run: texts of any homes in the order they were recorded, with the postings of their words.

A run only grows at its end; a text that comes a little late is put in its place by taking out those behind it
and adding them again. One that comes very late goes to another run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from chatcore.search.index._homes import words_in
from chatcore.search.index._postings import Postings

__all__ = ["Run", "Text", "merged"]

LATE: Final = 16
"""Texts that are taken out at most to let one in before them."""


class Text(NamedTuple):
    """A text of a run: what it is ordered by, its id, and where it stands: from `start` to `end` in a home."""

    order: int
    id: str
    home: int
    start: int
    end: int


class Run:
    """Texts by number from 0, ascending by order; of the same order, descending by id."""

    __slots__ = ("_buffers", "_ends", "_homes", "_starts", "ids", "orders", "postings", "removed")

    def __init__(self, buffers: list[bytearray]) -> None:
        self._buffers = buffers  # Of every home, by its number.
        self.orders = array("q")
        self.ids: list[str] = []  # Of a text that was removed: empty.
        self._homes = array("I")
        self._starts = array("I")
        self._ends = array("I")
        self.postings = Postings()
        self.removed = 0

    def __len__(self) -> int:
        return len(self.ids)

    def append(self, order: int, id: str, home: int, start: int, end: int, words: Iterable[str]) -> None:
        """Add a text that comes behind all others; a word may be given twice."""
        self.postings.append(len(self.ids), words)
        self.orders.append(order)
        self.ids.append(id)
        self._homes.append(home)
        self._starts.append(start)
        self._ends.append(end)

    def text(self, number: int) -> Text:
        """The text of a number."""
        return Text(
            self.orders[number], self.ids[number], self._homes[number], self._starts[number], self._ends[number]
        )

    def words(self, text: Text) -> list[str]:
        """What a text says."""
        return words_in(self._buffers[text.home][text.start : text.end])

    def takes(self, order: int, id: str) -> bool:
        """Whether a text comes behind all others."""
        orders = self.orders
        return not orders or order > orders[-1] or (order == orders[-1] and id < self.ids[-1])

    def insert(self, text: Text, words: Iterable[str]) -> bool:
        """Add a text that may come a little late; tells whether it was not too late for that."""
        behind = self.end((text.order, text.id))
        if len(self) - behind > LATE:
            return False
        late = [self.text(number) for number in range(behind, len(self))]
        for number in range(behind, len(self)):
            self.postings.discard(number, set(self.words(late[number - behind])))
        for column in (self.orders, self.ids, self._homes, self._starts, self._ends):
            del column[behind:]
        self.append(*text, words)
        for each in late:
            self.append(*each, self.words(each))
        return True

    def find(self, order: int, id: str) -> int | None:
        """The number of a text; None if it is not here."""
        number = bisect_left(self.orders, order)
        while number < len(self) and self.orders[number] == order:
            if self.ids[number] == id:
                return number
            number += 1
        return None

    def change(self, number: int, words: set[str]) -> None:
        """Note what a text will say; where it stands, it still says what it said."""
        old = set(self.words(self.text(number)))
        self.postings.discard(number, old - words)
        self.postings.insert(number, words - old)

    def remove(self, number: int) -> None:
        """Take a text away; its number stays, without an id, and says nothing."""
        self.change(number, set())
        self.move(number, 0, 0)
        self.ids[number] = ""
        self.removed += 1

    def move(self, number: int, start: int, end: int) -> None:
        """Note where a text stands by now."""
        self._starts[number], self._ends[number] = start, end

    def last(self) -> tuple[int, str]:
        """What runs are kept in order by: how old their last text is."""
        return -self.orders[-1], self.ids[-1]

    def end(self, below: tuple[int, str]) -> int:
        """How many texts come before what has this order and id."""
        order, id = below
        number = bisect_left(self.orders, order)
        while number < len(self) and self.orders[number] == order and not "" < self.ids[number] <= id:
            number += 1
        return number

    def newest(self, chunks: Iterable[Sequence[int]]) -> Iterator[tuple[int, str]]:
        """The rows of numbers that come from the highest down: by these, several runs are merged."""
        for chunk in chunks:
            for number in reversed(chunk):
                if id := self.ids[number]:
                    yield -self.orders[number], id

    # --- as what a plan is carried out on --------------------------------------------------------------------

    def id(self, number: int) -> str:
        """The id of a text; empty if it was removed."""
        return self.ids[number]

    def says(self, number: int, wanted: bytes) -> bool:
        """Whether a text has this in it."""
        buffer = self._buffers[self._homes[number]]
        return buffer.find(wanted, self._starts[number], self._ends[number]) >= 0

    def having(self, numbers: Iterable[int], wanted: bytes) -> list[int]:
        """Those of the texts that have this in them."""
        buffers, homes, starts, ends = self._buffers, self._homes, self._starts, self._ends
        return [n for n in numbers if buffers[homes[n]].find(wanted, starts[n], ends[n]) >= 0]

    def lacking(self, numbers: Iterable[int], unwanted: bytes) -> list[int]:
        """Those of the texts that do not have this in them."""
        buffers, homes, starts, ends = self._buffers, self._homes, self._starts, self._ends
        return [n for n in numbers if buffers[homes[n]].find(unwanted, starts[n], ends[n]) < 0]


def merged(runs: Iterable[Run], buffers: list[bytearray]) -> Run:
    """One run of all the texts of some; what was removed is left out."""
    texts = [run.text(number) for run in runs for number in range(len(run)) if run.ids[number]]
    texts.sort(key=lambda text: text.id, reverse=True)
    texts.sort(key=lambda text: text.order)
    whole = Run(buffers)
    for text in texts:
        whole.append(*text, whole.words(text))
    return whole
