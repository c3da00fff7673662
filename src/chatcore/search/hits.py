"""Hits: where in a text the words were found, so that a screen can highlight them. Rule: S6, S22.

A span is half-open and counts the code points of the text as it was written. It begins and ends between
grapheme clusters, so an emoji or an accented letter is whole inside it or outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from chatcore.entities import Message
from chatcore.search.conditions import AllOf, AnyOf, Condition, Says
from chatcore.text import clusters, fold, needle, word_spans
from chatcore.vocabulary import MessageId

__all__ = ["Hit", "Occurrence", "Occurrences", "hit_of", "spans_in"]


@attrs.frozen(slots=True)
class Hit:
    """A message that was found, and where in its text; nowhere, where no words were asked for."""

    message: Message
    spans: tuple[tuple[int, int], ...]


@attrs.frozen(slots=True)
class Occurrence:
    """One place in a conversation where the words stand: `span` in the text of the message numbered `seq`."""

    message: MessageId
    seq: int
    span: tuple[int, int]


@attrs.frozen(slots=True)
class Occurrences:
    """Every place in one conversation where the words stand, in order; `cut`: there are more. Rule: S6."""

    places: tuple[Occurrence, ...]
    cut: bool = False

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Occurrence]:
        return iter(self.places)

    def next(self, seq: int) -> Occurrence | None:
        """The first place after the message numbered `seq`."""
        return next((place for place in self.places if place.seq > seq), None)

    def previous(self, seq: int) -> Occurrence | None:
        """The last place before the message numbered `seq`."""
        return next((place for place in reversed(self.places) if place.seq < seq), None)


def hit_of(message: Message, where: Condition | None) -> Hit:
    """A message as a hit of what was asked for."""
    return Hit(message, () if where is None else spans_in(message.shown.reveal(), where))


def spans_in(text: str, where: Condition) -> tuple[tuple[int, int], ...]:
    """Where a text says what is asked for, in order; what must not be said is not looked for."""
    wanted = list(_said(where))
    if not wanted:
        return ()
    starts, ends, folded = _mapped(text)
    words = word_spans(folded)
    told = " " + "".join(f"{folded[start:end]} " for start, end in words)
    at, position = {}, 1
    for n, (start, end) in enumerate(words):
        at[position] = n
        position += end - start + 1
    found: set[tuple[int, int]] = set()
    for asked in wanted:
        sought, where_ = needle(asked.words, prefix=asked.prefix), -1
        while (where_ := told.find(sought, where_ + 1)) >= 0:
            first = at[where_ + 1]
            last = first + len(asked.words) - 1
            end = words[last][0] + len(asked.words[-1])
            found.add((starts[words[first][0]], ends[end - 1]))
    return _merged(sorted(found))


def _said(where: Condition) -> Iterator[Says]:
    if isinstance(where, Says):
        yield where
    elif isinstance(where, AllOf | AnyOf):
        for part in where.parts:
            yield from _said(part)


def _mapped(text: str) -> tuple[list[int] | range, list[int] | range, str]:
    """The folded text, and for each of its code points where in the text its cluster begins and ends."""
    folded = fold(text)
    if text.isascii() or (len(folded) == len(text) and max(text) <= "\xff"):
        return range(len(text)), range(1, len(text) + 1), folded
    starts: list[int] = []
    ends: list[int] = []
    pieces: list[str] = []
    start = 0
    for cluster, piece in _folded(text, folded):
        end = start + len(cluster)
        starts += [start] * len(piece)
        ends += [end] * len(piece)
        pieces.append(piece)
        start = end
    return starts, ends, "".join(pieces)


def _folded(text: str, folded: str) -> Iterable[tuple[str, str]]:
    """The clusters of a text, each with itself folded, which together are the text folded.

    Where neighbours fold into one, as letters of Hangul that stand alone do, they are taken together.
    """
    pieces = [(cluster, fold(cluster)) for cluster in clusters(text)]
    if "".join(piece for _, piece in pieces) == folded:
        return pieces
    together: list[tuple[str, str]] = []
    for cluster, piece in pieces:
        last, before = together[-1] if together else ("", "")
        if (both := fold(last + cluster)) == before + piece:
            together.append((cluster, piece))
        else:
            together[-1] = last + cluster, both
    return together


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The spans, those that overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
