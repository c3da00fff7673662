"""An index of words: which messages say something, newest first; and which of one conversation, in its order.

1. A text is searched in its canonical form: folded words with one blank between them. A word, a beginning of
   one and words in a row are all found as plain text in it, so what a search means is what `matches` says.
2. Every conversation has its texts in one buffer. Every word has the numbers of the texts that say it, in the
   order of recording: whatever is asked, what is so least often leads, and the rest is looked up in the
   buffers. So a page costs about as much as it has rows, however many messages there are.
3. Texts come in the order of recording, or a little late, when threads commit in another order than they
   recorded. What comes very late, since a clock went back or old messages are brought in, opens another run;
   runs are joined when they are of a size, and searched together.
4. A long conversation that is searched again gets an index of its own, kept up for a while.

It is not locked: who shares one among threads lets only one in at a time, and not while it walks what `newest`
gives.

    >>> index = WordIndex()
    >>> index.add("cv_1.1", "cv_1", 1_000, "Cadê a 2ª via do boleto?")
    >>> index.add("cv_2.1", "cv_2", 2_000, "O BOLETO não chegou")
    >>> list(index.newest(Says("boleto"))), list(index.newest(Says("nao") & Says("bol", prefix=True)))
    (['cv_2.1', 'cv_1.1'], ['cv_2.1'])
    >>> index.inside("cv_1", Says("2a via"))
    ['cv_1.1']
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from chatcore.search.conditions import Condition, Says
from chatcore.search.index._homes import Home, Lines, told, words_in
from chatcore.search.index._plans import Holds, Planner
from chatcore.search.index._postings import Postings
from chatcore.search.index._runs import Run, Text, merged
from chatcore.text import words_of

__all__ = ["Holds", "WordIndex"]

LONG: Final = 512
"""Messages from which on a conversation that is searched again gets an index of its own."""

KEPT: Final = 50_000
"""Messages in such indexes altogether, of some 600 bytes each; those not searched for longest go first."""

GONE: Final = 1_000
"""Texts from which on it pays to make a run anew without those that were taken from it."""


class WordIndex:
    """Texts by id, each in a home (its conversation), in an order (microseconds since the epoch, 64 bits).

    Newest first means: by order, the highest first, and those of one order by id, ascending.
    """

    __slots__ = ("_buffers", "_homes", "_own", "_runs")

    def __init__(self) -> None:
        self._homes: dict[str, Home] = {}
        self._buffers: list[bytearray] = []  # Of the homes, by number.
        self._runs = [Run(self._buffers)]  # By their last texts, newest first.
        self._own: dict[Home, _Own] = {}  # The one searched last comes last.

    # --- keeping it up ---------------------------------------------------------------------------------------

    def add(self, id: str, home: str, order: int, text: str) -> None:
        """Add a text; order and id together are those of no other."""
        house = self._homes.get(home)
        if house is None:
            house = self._homes[home] = Home(len(self._buffers))
            self._buffers.append(house.buffer)
        words = words_of(text)
        start = len(house.buffer)
        end = house.add(id, told(words))
        run = self._runs[0]
        if run.takes(order, id):
            run.append(order, id, house.number, start, end, words)
        else:
            self._add_late(Text(order, id, house.number, start, end), words)

    def _add_late(self, text: Text, words: Iterable[str]) -> None:
        if self._runs[0].insert(text, words):
            return
        for run in self._runs[1:]:
            if run.takes(text.order, text.id):
                run.append(*text, words)
                return
        run = Run(self._buffers)
        run.append(*text, words)
        runs = sorted((run, *self._runs), key=len)
        while len(runs) > 1 and len(runs[1]) <= 2 * len(runs[0]):
            runs[:2] = [merged(runs[:2], self._buffers)]
            runs.sort(key=len)
        self._runs = sorted(filter(None, runs), key=Run.last)

    def replace(self, id: str, home: str, order: int, text: str) -> None:
        """Change what a text says.

        Raises:
            KeyError: there is none of this id, home and order.
        """
        house, run, number = self._find(id, home, order)
        words, old = words_of(text), run.text(number)
        run.change(number, set(words))
        start = len(house.buffer)
        run.move(number, start, house.replace(old.start, old.end, told(words)))

    def move(self, id: str, home: str, order: int, to: int) -> None:
        """Give a text another order; within its home it stays where it is.

        Raises:
            KeyError: there is none of this id, home and order.
        """
        _, run, number = self._find(id, home, order)
        text = run.text(number)._replace(order=to)
        words = run.words(text)
        self._drop(run, number)
        if self._runs[0].takes(to, id):
            self._runs[0].append(*text, words)
        else:
            self._add_late(text, words)

    def remove(self, id: str, home: str, order: int) -> None:
        """Take a text away.

        Raises:
            KeyError: there is none of this id, home and order.
        """
        house, run, number = self._find(id, home, order)
        text = run.text(number)
        self._drop(run, number)
        house.remove(text.start, text.end)

    def _drop(self, run: Run, number: int) -> None:
        """Take a text from a run, and make the run anew if most of it is gone."""
        run.remove(number)
        if 2 * run.removed > len(run) > GONE:
            at = self._runs.index(run)
            self._runs[at] = merged((run,), self._buffers)
            self._runs = sorted(filter(None, self._runs), key=Run.last) or [Run(self._buffers)]

    def _find(self, id: str, home: str, order: int) -> tuple[Home, Run, int]:
        house = self._homes[home]
        for run in self._runs:
            number = run.find(order, id)
            if number is not None and run.text(number).home == house.number:
                return house, run, number
        raise KeyError(id)

    # --- searching -------------------------------------------------------------------------------------------

    def newest(
        self,
        where: Condition,
        *,
        below: tuple[int, str] | None = None,
        accept: Callable[[str], bool] | None = None,
        holds: Holds | None = None,
    ) -> Iterator[str]:
        """The ids of the texts of which a condition is so, newest first, found as they are asked for.

        With `below`, an order and an id, only those that come after that one; there need not be such a text.
        With `accept` only those whose id it accepts. `holds` tells what words cannot: of any leaf but `Says`,
        whether it is so of the text of an id.

        Raises:
            InvalidValue: ``not_asked_here`` for such a leaf without `holds`.
        """
        found = [
            (run, Planner(run, run.postings, len(run), holds).plan(where).down(_end(run, below)))
            for run in self._runs
        ]
        if len(found) > 1:
            rows = heapq.merge(*(run.newest(chunks) for run, chunks in found))
            return (id for _, id in rows if accept is None or accept(id))
        [(run, chunks)] = found
        ids = run.ids
        among = filter(None, chain.from_iterable([ids[n] for n in reversed(chunk)] for chunk in chunks))
        return among if accept is None else filter(accept, among)

    def inside(self, home: str, where: Condition, *, holds: Holds | None = None) -> list[str]:
        """The ids of the texts of one home of which a condition is so, in the order they were added.

        Raises:
            InvalidValue: ``not_asked_here``, as in `newest`.
        """
        house = self._homes.get(home)
        if house is None:
            return []
        size = len(house.ids)
        own = self._own_of(house) if size >= LONG else None
        if own is None and isinstance(where, Says):
            return house.saying(where)
        chunks = list(Planner(Lines(house), own, size, holds).plan(where).down(size))
        return house.of(line for chunk in reversed(chunks) for line in chunk)

    def _own_of(self, home: Home) -> Postings | None:
        """A long conversation's own words, by its lines: from the second search of it on."""
        before = self._own.pop(home, None)
        own = self._own[home] = before or _Own()
        if before is None:
            return None
        own.catch_up(home)
        kept = sum(max(each.known, LONG) for each in self._own.values())
        while kept > KEPT and len(self._own) > 1:
            kept -= max(self._own.pop(next(iter(self._own))).known, LONG)
        return own.words


class _Own:
    """The words of one long home, and how many of its lines are in them; blanked ones have no id any more."""

    __slots__ = ("known", "words")

    def __init__(self) -> None:
        self.known = 0
        self.words = Postings()

    def catch_up(self, home: Home) -> None:
        """Take in the lines that were added since."""
        if self.known < len(home.ids):
            for number, line in enumerate(home.buffer.split(b"\n")[self.known : -1], self.known):
                self.words.append(number, words_in(line))
            self.known = len(home.ids)


def _end(run: Run, below: tuple[int, str] | None) -> int:
    return len(run) if below is None else run.end(below)
