"""Searching words, against SQLite's FTS5: pages of the newest 50, one conversation, building, adding, memory.

1. The other side is one FTS5 table in memory (`unicode61 remove_diacritics 2`), which keeps the text and the
   number of the conversation as columns. Its rowids count the messages in the order of recording, so that the
   newest come first by ``ORDER BY rowid DESC``; a list turns them into the ids that both sides answer.
2. Both are built of the same messages, turn by turn, a few thousand at a time, up to the size measured. All
   answers that are timed were compared first, whole pages in their order.
3. A query is a word, as often said as the corpus says it or any word it knows; a beginning of a word, of two
   letters or more; two or three words in a row; or two words of one message: as many of each, drawn from the
   corpus. A round asks one side for all of them and then the other. Its figure is a quantile of our times by
   the same quantile of theirs.
4. Bytes are what the objects of the index take by `sys.getsizeof`, without the ids, which belong to the
   messages; and the pages of the database, times their size.
5. What is only made when it is first asked for has been asked for before the clock starts: the sorted
   vocabulary, the marks of frequent words, the words of a long conversation.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice, pairwise
from typing import TypeAlias

from chatcore.search.conditions import Condition, Says
from chatcore.search.index.words import WordIndex
from chatcore.text import words_of
from tests.bench.corpus import LONG, SEED, Message, corpus
from tests.bench.measuring import Figure, Side, Spread, batch, compare, grow, spread, uncollected

PAGE = 50
AT_ONCE = 10_000
"""Messages that one side takes in before it is the other's turn."""
EACH = 75
"""Queries of each kind."""
CONVERSATIONS, ASKED = 20, 10
"""Conversations that are searched, and how many words one after another in each."""
ROUNDS = 9
MIDDLING, LARGE, HUGE = 10_000, 100_000, 1_000_000
SIZES = (1_000, MIDDLING, LARGE, HUGE)

Asked: TypeAlias = tuple[Condition, str]
"""A query for us, and the same for FTS5."""

Row: TypeAlias = tuple[int, str, str]
"""A message as FTS5 takes it: its number, that of its conversation, and what it says."""


class Fts:
    """The other side."""

    INSERT = "insert into message (rowid, home, text) values (?, ?, ?)"
    NEWEST = "select rowid from message where message match ? order by rowid desc limit 50"
    INSIDE = "select rowid from message where message match ? order by rowid"

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        columns = "home, text, tokenize='unicode61 remove_diacritics 2'"
        self.db.execute(f"create virtual table message using fts5({columns})")
        self.ids: list[str] = []  # By rowid.

    def add(self, row: Row) -> None:
        """Add a message, in a transaction of its own."""
        self.db.execute(self.INSERT, row)

    def add_all(self, rows: Iterable[Row]) -> None:
        """Add messages in one transaction."""
        self.db.execute("begin")
        self.db.executemany(self.INSERT, rows)
        self.db.execute("commit")

    def newest(self, asked: str) -> list[str]:
        """The ids of the newest."""
        ids = self.ids
        return [ids[n] for (n,) in self.db.execute(self.NEWEST, (asked,))]

    def inside(self, asked: str) -> list[str]:
        """The ids, oldest first."""
        ids = self.ids
        return [ids[n] for (n,) in self.db.execute(self.INSIDE, (asked,))]

    def bytes(self) -> int:
        """What the database takes."""
        [[pages]] = self.db.execute("pragma page_count").fetchall()
        [[size]] = self.db.execute("pragma page_size").fetchall()
        return int(pages) * int(size)


class Both:
    """Both sides with the same messages."""

    def __init__(self, messages: Iterator[Message]) -> None:
        self.coming = messages
        self.index, self.fts = WordIndex(), Fts()
        self.messages: list[Message] = []
        self.homes: dict[str, int] = {}
        self.turns: list[tuple[int, int]] = []

    def rows(self, messages: Sequence[Message]) -> list[Row]:
        """Messages as the other side takes them."""
        homes, first = self.homes, len(self.messages)
        return [
            (n, str(homes.setdefault(m.home, 10_000_000 + len(homes))), m.text)
            for n, m in enumerate(messages, first)
        ]

    def grow_to(self, size: int) -> None:
        """Add messages up to so many in all, and note what each turn took."""
        with uncollected():
            while len(self.messages) < size:
                messages = list(islice(self.coming, min(AT_ONCE, size - len(self.messages))))
                rows = self.rows(messages)
                theirs = partial(self.fts.add_all, rows)
                self.turns.append((timed(partial(self.take_in, messages)), timed(theirs)))
                self.keep(messages)

    def keep(self, messages: Sequence[Message]) -> None:
        """Note messages that both sides have."""
        self.messages += messages
        self.fts.ids += (message.id for message in messages)

    def take_in(self, messages: Iterable[Message]) -> None:
        """Add messages to our index."""
        add = self.index.add
        for id, home, order, text in messages:
            add(id, home, order, text)

    def newest(self, asked: Condition) -> list[str]:
        """Our newest."""
        return list(islice(self.index.newest(asked), PAGE))

    def compare(self, asked: Iterable[Asked]) -> None:
        """See that both sides give the same pages."""
        for ours, theirs in asked:
            if self.newest(ours) != self.fts.newest(theirs):
                raise AssertionError(f"another answer to {theirs}")


# --- what is asked -------------------------------------------------------------------------------------------


def queries(messages: Sequence[Message], each: int = EACH) -> list[Asked]:
    """Queries of all kinds, that many of each."""
    chance = random.Random(SEED + 2)
    texts = [spoken(m) for m in chance.sample(messages, min(20 * each, len(messages)))]
    texts = [words for words in texts if len(words) > 3]
    known = sorted({word for words in texts for word in words})
    asked: list[Asked] = []
    for n in range(each):
        one, two, three, four = (chance.choice(texts) for _ in range(4))
        at = chance.randrange(len(three) - 1)
        asked += [
            both(Says(chance.choice(one) if n % 2 else chance.choice(known))),
            both(Says(max(two, key=len)[: 2 + n % 5], prefix=True)),
            both(Says(" ".join(three[at : at + 2 + n % 2]))),
            both(*map(Says, chance.sample(four, 2))),
        ]
    return asked


def spoken(message: Message) -> list[str]:
    """The words of a message that both sides take for words: all but emoji."""
    return [word for word in words_of(message.text) if word.isalnum()]


def both(first: Says, *more: Says) -> Asked:
    """One query for both sides: a message that says all of this."""
    condition: Condition = first
    for says in more:
        condition = condition & says
    return condition, " AND ".join(f'"{" ".join(s.words)}"{"*" * s.prefix}' for s in (first, *more))


# --- measuring -----------------------------------------------------------------------------------------------


def timed(act: Callable[[], object]) -> int:
    """What it took."""
    begun = time.thread_time_ns()
    act()
    return time.thread_time_ns() - begun


def quantiles(
    ours: Sequence[Callable[[], object]],
    theirs: Sequence[Callable[[], object]],
    percents: Sequence[int],
    rounds: int,
) -> list[Spread]:
    """For each percentage, our quantile by theirs, over rounds of which the first is not counted."""
    found = []
    with uncollected():
        for round in range(rounds + 1):
            sides = (ours, theirs) if round % 2 else (theirs, ours)
            times = [list(map(timed, side)) for side in sides]
            found.append(times if round % 2 else times[::-1])
    return [spread([quantile(a, percent) / quantile(b, percent) for a, b in found[1:]]) for percent in percents]


def quantile(times: Sequence[int], percent: int) -> float:
    """The time that so many percent do not exceed."""
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def mixed(sides: Both, rounds: int = ROUNDS) -> tuple[Figure, Figure]:
    """Pages of the newest: the median, and the 99th percentile."""
    asked = queries(sides.messages)
    sides.compare(asked)
    ours = [partial(sides.newest, condition) for condition, _ in asked]
    theirs = [partial(sides.fts.newest, text) for _, text in asked]
    found = quantiles(ours, theirs, (50, 99), rounds)
    noise = quantiles(theirs, theirs, (50, 99), 3)
    return Figure(found[0], noise[0]), Figure(found[1], noise[1])


def inside(sides: Both, long: bool, rounds: int = 5 * ROUNDS) -> Figure:
    """One word in one conversation, of 20 messages or of 5,000: several words, then the next conversation."""
    chance = random.Random(SEED + 3)
    by_home: defaultdict[str, list[Message]] = defaultdict(list)
    for message in sides.messages:
        by_home[message.home].append(message)
    fitting = [ms for ms in by_home.values() if (len(ms) == LONG if long else 18 <= len(ms) <= 22)]
    asked: list[tuple[str, Says]] = []
    for messages in chance.sample(fitting, min(CONVERSATIONS // 4 if long else CONVERSATIONS, len(fitting))):
        words = [word for m in messages for word in spoken(m)]
        asked += [(messages[0].home, Says(word)) for word in chance.sample(words, ASKED)]
    texts = [f'home:"{sides.homes[home]}" AND text:"{says.words[0]}"' for home, says in asked]
    find, fts = sides.index.inside, sides.fts.inside
    for (home, says), text in zip(asked, texts, strict=True):
        if find(home, says) != fts(text) or find(home, says) != fts(text):
            raise AssertionError(f"another answer to {text}")
    return compare(batch(lambda each: find(*each), lambda: asked), batch(fts, lambda: texts), rounds=rounds)


def building(sides: Both) -> Figure:
    """Taking messages in, thousands at a time; the noise is what neighbouring turns of theirs differ by."""
    theirs = [b for _, b in sides.turns]
    noise = [a / b for a, b in pairwise(theirs)] or [1.0]
    return Figure(spread([a / b for a, b in sides.turns]), spread(noise))


def adding(sides: Both, rounds: int = 50) -> Figure:
    """One message more, twenty times in each round."""
    found, noise = [], []
    with uncollected():
        for _ in range(rounds):
            messages = list(islice(sides.coming, 20))
            rows = sides.rows(messages)
            ours = timed(partial(sides.take_in, messages))
            theirs = [timed(partial(sides.fts.add, row)) for row in rows]
            sides.keep(messages)
            found.append(ours / sum(theirs))
            noise.append(sum(theirs[::2]) / sum(theirs[1::2]))
    return Figure(spread(found), spread(noise))


def memory(sides: Both) -> Figure:
    """Bytes a message."""
    ratio = bytes_of(sides.index) / sides.fts.bytes()
    return Figure(spread([ratio]), spread([1.0]))


def bytes_of(index: object) -> int:
    """What an index takes, without the ids."""
    total, seen, waiting = 0, set(), [index]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or (isinstance(each, str) and each.startswith("cv_")):
            continue
        if not isinstance(each, str | int | array):  # Of these nothing is held twice but small numbers.
            seen.add(id(each))
        total += sys.getsizeof(each)
        if isinstance(each, dict):
            waiting += each.keys()
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each
        else:
            waiting += [getattr(each, name) for name in getattr(type(each), "__slots__", ())]
    return total


# --- the benchmarks ------------------------------------------------------------------------------------------


def measure_middling() -> Mapping[str, Figure]:
    """With ten thousand messages."""
    sides = Both(corpus(MIDDLING))
    sides.grow_to(MIDDLING)
    return {"search-p99-10k": mixed(sides, 3 * ROUNDS)[1]}


def measure_large() -> Mapping[str, Figure]:
    """With a hundred thousand messages."""
    sides = Both(corpus(LARGE + AT_ONCE))
    sides.grow_to(LARGE)
    return {"search-p99-100k": mixed(sides)[1], "search-add": adding(sides)}


def measure_huge() -> Mapping[str, Figure]:
    """With a million messages."""
    sides = Both(corpus(HUGE))
    sides.grow_to(HUGE)
    found = {"search-build": building(sides), "search-bytes": memory(sides)}
    found["search-median"], found["search-p99"] = mixed(sides)
    return {**found, "search-inside-20": inside(sides, False), "search-inside-5000": inside(sides, True)}


def measure_growth() -> Figure:
    """The newest 50 that say one word, from a thousand messages to a million: the slope."""
    indexes = {size: indexed(size) for size in SIZES}
    [*words] = [
        word for word in dict.fromkeys(w for m in corpus(500) for w in spoken(m)) if everywhere(word, indexes)
    ]

    def side(size: int) -> Side:
        newest = indexes[size].newest
        return batch(lambda word: list(islice(newest(Says(word)), PAGE)), lambda: words)

    return grow(SIZES, [side(size) for size in SIZES], [side(SIZES[0]) for _ in SIZES], rounds=20 * ROUNDS)


def indexed(size: int) -> WordIndex:
    """So many messages."""
    index = WordIndex()
    with uncollected():
        for message in corpus(size):
            index.add(*message)
    return index


def everywhere(word: str, indexes: Mapping[int, WordIndex]) -> bool:
    """Whether a full page is found at any size."""
    return all(len(list(islice(index.newest(Says(word)), PAGE))) == PAGE for index in indexes.values())
