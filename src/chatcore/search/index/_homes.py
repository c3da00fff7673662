"""A home: one conversation's texts in one buffer, a line each, as they were added.

A line is a canonical text: a line feed ends it, which no needle has in it, so what is found in the buffer lies
within one text. UTF-8 keeps order and boundaries, so bytes are as good as characters to search in. A text that
is changed gets a new line at the end, and its old one is blanked: no other text moves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatcore.search.conditions import Says
from chatcore.text import needle

__all__ = ["Home", "Lines", "sought", "told", "words_in"]

_ANY: Final = "surrogatepass"
"""A text may hold half a surrogate pair: it is searched as it stands."""

_END: Final = b"\n"
_FEED: Final = 10
"""The same as a number, which is counted faster."""


def told(words: tuple[str, ...]) -> bytes:
    """The line that says these words."""
    return f"{needle(words)}\n".encode("utf-8", _ANY)


def sought(says: Says) -> bytes:
    """What stands in the line of a text that says this."""
    text = needle(says.words, prefix=says.prefix)
    return text.encode() if text.isascii() else text.encode("utf-8", _ANY)


def words_in(line: bytearray) -> list[str]:
    """The words of a line, in order."""
    return [word for word in line.decode("utf-8", _ANY).rstrip("\n").split(" ") if word]


class Home:
    """The texts of one conversation; `number` is the home's own."""

    __slots__ = ("buffer", "ids", "moved", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.buffer = bytearray()
        self.ids: list[str] = []  # By line; empty where there is no text any more.
        self.moved: dict[int, int] = {}  # Of a text that was changed: from its line to the one it had first.

    def add(self, id: str, line: bytes) -> int:
        """Add a text; tells where it ends."""
        self.buffer += line
        self.ids.append(id)
        return len(self.buffer)

    def replace(self, start: int, end: int, line: bytes) -> int:
        """Give a text another line; tells where that ends."""
        old = self.buffer.count(_END, 0, start)
        self.moved[len(self.ids)] = self.moved.pop(old, old)
        id = self.ids[old]
        self.remove(start, end)
        return self.add(id, line)

    def remove(self, start: int, end: int) -> None:
        """Take a text away."""
        self.buffer[start : end - 1] = b" " * (end - 1 - start)
        self.ids[self.buffer.count(_END, 0, start)] = ""

    def saying(self, says: Says) -> list[str]:
        """The ids of the texts that say this, in the order they were first added."""
        wanted = sought(says)
        pieces = self.buffer.split(wanted)
        if len(pieces) == 1:
            return []
        ids, line = self.ids, 0
        if self.moved:
            return self.of(Lines(self).having(range(len(ids)), wanted))
        del pieces[-1]
        found: list[str] = []
        for piece in pieces:
            if (more := piece.count(_FEED)) or not found:
                line += more
                found.append(ids[line])
        return found

    def of(self, lines: Iterable[int]) -> list[str]:
        """The ids of texts, in the order they were first added."""
        if self.moved:
            lines = sorted(lines, key=lambda line: self.moved.get(line, line))
        ids = self.ids
        return [id for line in lines if (id := ids[line])]


class Lines:
    """The texts of one home as what a plan is carried out on: here a text's number is its line."""

    __slots__ = ("_home", "_split")

    def __init__(self, home: Home) -> None:
        self._home = home
        self._split: list[bytearray] | None = None

    @property
    def lines(self) -> list[bytearray]:
        """Each line, without its end; a last one is empty."""
        if self._split is None:
            self._split = self._home.buffer.split(_END)
        return self._split

    def id(self, number: int) -> str:
        """The id of a text; empty if there is none any more."""
        return self._home.ids[number]

    def says(self, number: int, wanted: bytes) -> bool:
        """Whether a text has this in it."""
        return wanted in self.lines[number]

    def having(self, numbers: Iterable[int], wanted: bytes) -> list[int]:
        """Those of the texts that have this in them."""
        lines = self.lines
        return [n for n in numbers if wanted in lines[n]]

    def lacking(self, numbers: Iterable[int], unwanted: bytes) -> list[int]:
        """Those of the texts that do not have this in them."""
        lines = self.lines
        return [n for n in numbers if unwanted not in lines[n]]
