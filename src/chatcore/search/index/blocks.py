"""A sorted sequence in blocks: rows in the order of a number, ties by id, with cheap changes in the middle.

1. Each block has its rows in a list and their numbers beside them in an array: 16 bytes a row. What is shifted
   by a change, or gone through by a page, is one block or two.
2. The fences between the blocks are positions: what comes at a fence or after it stands to the right of it. A
   fence may outlive the row it was made of, so most changes touch no fence.
3. A block that grew too large is cut in two; one that became small joins a neighbour. So whatever changes, of
   two blocks side by side one at least is a quarter full.

It is not locked: who shares one among threads lets only one in at a time.

    >>> from collections import namedtuple
    >>> Row = namedtuple("Row", "id")
    >>> rows = Blocks([(2, Row("a")), (1, Row("c")), (1, Row("b"))])
    >>> [row.id for row in rows.after(None, 2)], [row.id for row in rows.after((1, "b"), 2)]
    (['b', 'c'], ['c', 'a'])
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

__all__ = ["BLOCK_ROWS", "Blocks", "Identified", "Position"]

BLOCK_ROWS: Final = 512
"""Rows of a block as it is made; it is cut at twice as many, and joins its neighbour below a quarter."""

Position: TypeAlias = tuple[int, str]
"""Where a row stands: its number, within 64 bits, and its id."""


class Identified(Protocol):
    """What a row must have: an id that no other row of the sequence has."""

    @property
    def id(self) -> str:
        """It decides between rows of one number."""


R = TypeVar("R", bound=Identified)
_ID: Final = attrgetter("id")


class Blocks(Generic[R]):
    """Rows in ascending order of (number, id), made of pairs of number and row in any order."""

    __slots__ = ("_fence_ids", "_fences", "_len", "_numbers", "_rows")

    def __init__(self, pairs: Iterable[tuple[int, R]] = ()) -> None:
        ordered = sorted((number, row.id, row) for number, row in pairs)
        starts = range(0, len(ordered), BLOCK_ROWS)
        self._len = len(ordered)
        self._numbers = [array("q", [each[0] for each in ordered[i : i + BLOCK_ROWS]]) for i in starts]
        self._rows = [[each[2] for each in ordered[i : i + BLOCK_ROWS]] for i in starts]
        self._fences = array("q", [ordered[i][0] for i in starts[1:]])
        self._fence_ids = [ordered[i][1] for i in starts[1:]]

    def __len__(self) -> int:
        return self._len

    def __iter__(self) -> Iterator[R]:
        for block in self._rows:
            yield from block

    # --- reading ---------------------------------------------------------------------------------------------

    def after(self, position: Position | None, most: int) -> list[R]:
        """The next rows, at most so many: from the first on, or those beyond a position."""
        if not self._len:
            return []
        block, start = (0, 0) if position is None else self._beyond(position)
        found = self._rows[block][start : start + most]
        while len(found) < most and (block := block + 1) < len(self._rows):
            found += self._rows[block][: most - len(found)]
        return found

    def walk(self, position: Position | None) -> Iterator[tuple[int, R]]:
        """All rows beyond a position with their numbers. While it walks, nothing may be changed."""
        if not self._len:
            return
        first, start = (0, 0) if position is None else self._beyond(position)
        yield from zip(self._numbers[first][start:], self._rows[first][start:], strict=True)
        for block in range(first + 1, len(self._rows)):
            yield from zip(self._numbers[block], self._rows[block], strict=True)

    def _beyond(self, position: Position) -> tuple[int, int]:
        """The block, and the place in it, of the first row beyond a position; there is at least one block."""
        number, id = position
        fences = self._fences
        block = bisect_right(fences, number)
        if block and fences[block - 1] == number:
            block = bisect_right(self._fence_ids, id, bisect_left(fences, number, 0, block), block)
        numbers = self._numbers[block]
        place = bisect_right(numbers, number)
        if place and numbers[place - 1] == number:
            place = bisect_right(self._rows[block], id, bisect_left(numbers, number, 0, place), place, key=_ID)
        return block, place

    # --- changing --------------------------------------------------------------------------------------------

    def add(self, number: int, row: R) -> None:
        """Take a row in; one that stands there already, by number and id, is replaced."""
        if not self._rows:
            self._numbers, self._rows, self._len = [array("q", (number,))], [[row]], 1
            return
        block, place = self._beyond((number, row.id))
        numbers, rows = self._numbers[block], self._rows[block]
        if place and rows[place - 1].id == row.id and numbers[place - 1] == number:
            rows[place - 1] = row
            return
        numbers.insert(place, number)
        rows.insert(place, row)
        self._len += 1
        if len(rows) >= 2 * BLOCK_ROWS:
            self._cut(block)

    def remove(self, number: int, id: str) -> bool:
        """Take out the row of this number and id, and say whether there was one."""
        if not self._rows:
            return False
        block, place = self._beyond((number, id))
        numbers, rows = self._numbers[block], self._rows[block]
        if not place or rows[place - 1].id != id or numbers[place - 1] != number:
            return False
        del numbers[place - 1], rows[place - 1]
        self._len -= 1
        if len(rows) < BLOCK_ROWS // 4:
            self._join(block)
        return True

    def _cut(self, block: int) -> None:
        numbers, rows = self._numbers[block], self._rows[block]
        half = len(rows) // 2
        self._fences.insert(block, numbers[half])
        self._fence_ids.insert(block, rows[half].id)
        self._numbers[block : block + 1] = numbers[:half], numbers[half:]
        self._rows[block : block + 1] = rows[:half], rows[half:]

    def _join(self, block: int) -> None:
        """Join a small block with a neighbour, unless they would be cut again; drop the last one if empty."""
        for left in (block - 1, block):
            if not 0 <= left < len(self._fences):
                continue
            if len(self._rows[left]) + len(self._rows[left + 1]) < 2 * BLOCK_ROWS:
                self._numbers[left].extend(self._numbers.pop(left + 1))
                self._rows[left].extend(self._rows.pop(left + 1))
                del self._fences[left], self._fence_ids[left]
                return
        if not self._len:
            self._numbers, self._rows = [], []
