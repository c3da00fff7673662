"""A page of any view, against a keyset-indexed SQLite table in memory; and how pages and moves grow.

Both sides have the same conversations: a quarter in the queue, a fifth open, half closed, the rest in the bot;
four departments, and an agent for every two hundred that are open. Ours are real values. They share what does
not matter here (the contact they are with, what was said), so that a million fit; each has its own id, moments
and waiting customer.

The other side has one row for each, with what a screen's row shows, a column for each order with the number
that `sort_key` gives, and for each view the composite index that fits it, ending in number and id. It pages by
row values (``(number, id) > (?, ?)``), its statements are prepared once, and its rows are fetched as tuples.
Both sides ask for one row more than fifty, which tells whether there is a next page, and both start from a sort
key, not from a cursor. Their answers are compared before anything is timed.

* `measure`: the worst ratio of all views at a million, of the first page and of pages at 200 places inside.
* `measure_growth`: the slope of a page's cost, over all views. As with the panel, each page timed was asked for
  once before, so that all sizes are equally warm.
* `measure_move`: the slope of what a move costs: a conversation drawn at random is taken, or given back, and
  all four views catch up and give their first row. Nothing is warm.

``python tests/bench/views.py`` prints every view at every size, what a family weighs, and the storage's share.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import attrs

ROOT = str(Path(__file__).resolve().parents[2])
if sys.path[0] != ROOT:
    sys.path.insert(0, ROOT)

from chatcore import Conversation, ConversationQuery, Situation  # noqa: E402
from chatcore.entities import Entity  # noqa: E402
from chatcore.memory import MemoryStorage  # noqa: E402
from chatcore.search import Order, Page, matches, sort_key  # noqa: E402
from chatcore.search.index.blocks import Position  # noqa: E402
from chatcore.search.index.views import OrderedViews  # noqa: E402
from chatcore.search.pages import check_limit, cursor_after, position_of  # noqa: E402
from chatcore.vocabulary import AgentId, ConversationId, DepartmentId  # noqa: E402
from tests.bench import scene  # noqa: E402
from tests.bench.measuring import Figure, Side, batch, compare, grow, uncollected  # noqa: E402
from tests.given import conversation  # noqa: E402

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROWS, BATCH, ROUNDS, MOVES, DEEP = 50, 20, 100, 5, 200

QUEUE, OPEN, CLOSED = Situation.QUEUE, Situation.OPEN, Situation.CLOSED
MIX = (QUEUE,) * 5 + (OPEN,) * 4 + (Situation.BOT,) + (CLOSED,) * 10
DEPARTMENTS = tuple(DepartmentId(f"departamento-{n}") for n in range(4))
PER_AGENT = 200
SPAN = 10**13
NAMES = ("Ana Beatriz Souza", "José Antônio Lima", "Conceição Araújo", "Luís Gonçalves Neto")
PREVIEWS = ("Bom dia, a internet caiu de novo", "Preciso da segunda via do boleto", "Muito obrigada!")

COLUMNS = (
    "id, version, situation, contact, name, channel, department, assignee, reason, unread, waiting_since, "
    "opened_at, changed_at, protocol, preview"
)
KEYS = ("waiting", "opened", "activity", "closed", "idle")


class View:
    """A view as we ask for it, and as SQLite is asked."""

    def __init__(self, name: str, order: Order, **fixed: Any) -> None:
        self.name = name
        self.query = ConversationQuery(order=order, **fixed)
        self.fixed = tuple(fixed)
        self.arguments = tuple(fixed.values())
        key = f"key_{order.value}"
        alike = [f"{column} = ?" for column in fixed]
        self.index = f"on conversation({', '.join((*fixed, key, 'id'))})"
        tail = f"order by {key}, id limit {ROWS + 1}"
        select = f"select {COLUMNS} from conversation"
        self.first = " ".join((select, *(("where", " and ".join(alike)) if alike else ()), tail))
        self.deep = f"{select} where {' and '.join((*alike, f'({key}, id) > (?, ?)'))} {tail}"


VIEWS = (
    View("queue", Order.WAITING, situation=QUEUE),
    View("assignee", Order.ACTIVITY, assignee=AgentId("atendente-0000")),
    View("closed", Order.CLOSED, situation=CLOSED),
    View("department", Order.ACTIVITY, department=DEPARTMENTS[1], situation=CLOSED),
    View("everything", Order.ACTIVITY),
)


# --- the conversations ---------------------------------------------------------------------------------------


def conversations(size: int) -> Iterator[Conversation]:
    """So many, in no order; the same for the same size."""
    draw = random.Random(size)
    models = {s: attrs.asdict(conversation(s), recurse=False) for s in Situation}
    agents = max(1, size // 5 // PER_AGENT)
    for n in range(size):
        situation = MIX[n % len(MIX)]
        values = models[situation]
        moment = scene.BEGUN - timedelta(microseconds=draw.randrange(SPAN))
        agent = AgentId(f"atendente-{n // len(MIX) % agents:04}") if situation is OPEN else None
        if situation is QUEUE:
            waiting = scene.BEGUN - timedelta(microseconds=draw.randrange(SPAN))
            values = values | {"talk": attrs.evolve(values["talk"], waiting_since=waiting)}
        yield Conversation(
            **values
            | {
                "id": ConversationId(f"cv_{draw.getrandbits(128):032x}"),
                "recorded_at": moment,
                "opened_at": moment,
                "closed_at": moment if situation is CLOSED else None,
                "department": DEPARTMENTS[draw.randrange(len(DEPARTMENTS))],
                "assignee": agent,
                "last_assignee": agent,
            }
        )


class Town:
    """The conversations, and the views of them."""

    def __init__(self, size: int) -> None:
        self.rows = {row.id: row for row in conversations(size)}
        self.views = OrderedViews(self.rows.values, self.rows.get)

    def page(self, view: View, after: Position | None) -> list[Conversation]:
        """What is timed on our side."""
        query = view.query
        return self.views.page(query, ROWS + 1, after, lambda row: matches(query, row))

    def positions(self, view: View, some: int = DEEP) -> list[Position]:
        """Sort keys drawn from those of a view's rows that have a whole page beyond them."""
        keys = sorted(sort_key(view.query, row) for row in self.rows.values() if matches(view.query, row))
        return random.Random(1).choices(keys[: -ROWS - 1], k=some)


def flat(row: Conversation) -> tuple[Any, ...]:
    """A conversation as a row of the table, in the order of `COLUMNS`."""
    n = int(row.id[-4:], 16)
    waiting = row.waiting_since and row.waiting_since.isoformat()
    moments = waiting, row.opened_at.isoformat(), row.recorded_at.isoformat()
    told = row.contact, NAMES[n % len(NAMES)], row.channel, row.department, row.assignee, row.reason, row.unread
    return row.id, row.version, row.situation.value, *told, *moments, row.protocol, PREVIEWS[n % len(PREVIEWS)]


class Table:
    """The same conversations in SQLite."""

    def __init__(self, rows: dict[ConversationId, Conversation]) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        keys = ", ".join(f"key_{key} integer" for key in KEYS)
        declared = COLUMNS.replace("id,", "id text primary key,", 1)
        self.db.execute(f"create table conversation({declared}, {keys})")
        orders = [ConversationQuery(order=Order(key)) for key in KEYS]
        holes = ", ".join("?" * (COLUMNS.count(",") + 1 + len(KEYS)))
        self.db.executemany(
            f"insert into conversation values({holes})",
            ((*flat(row), *(sort_key(order, row)[0] for order in orders)) for row in rows.values()),
        )
        for n, view in enumerate(VIEWS):
            self.db.execute(f"create index view_{n} {view.index}")
        self.db.execute("analyze")

    def page(self, view: View, after: Position | None) -> list[tuple[Any, ...]]:
        """What is timed on the other side."""
        if after is None:
            return self.db.execute(view.first, view.arguments).fetchall()
        return self.db.execute(view.deep, (*view.arguments, *after)).fetchall()


def agree(town: Town, table: Table, view: View) -> None:
    """Both sides give the same rows, by the index meant for it.

    Raises:
        AssertionError: they do not.
    """
    for after in (None, *town.positions(view, 20)):
        assert [flat(row) for row in town.page(view, after)] == table.page(view, after)
    plan = str(table.db.execute(f"explain query plan {view.deep}", (*view.arguments, 0, "")).fetchall())
    assert f"view_{VIEWS.index(view)} " in plan, plan
    assert "TEMP B-TREE" not in plan, plan


# --- what is measured ----------------------------------------------------------------------------------------


def figures(size: int, rounds: int = ROUNDS) -> Iterator[tuple[str, Figure, Side, Side]]:
    """Every view of so many conversations, the first page and pages deep inside; and the sides themselves."""
    with uncollected():
        town = Town(size)
        table = Table(town.rows)
    with closing(table.db):
        for view in VIEWS:
            agree(town, table, view)
            draw = random.Random(2)
            deep = town.positions(view)
            places: dict[str, Callable[[], Any]] = {
                "first": lambda: repeat(None, BATCH),
                "deep": lambda deep=deep, draw=draw: draw.sample(deep, BATCH),
            }
            for place, items in places.items():
                ours = batch(lambda after, view=view: town.page(view, after), items)
                theirs = batch(lambda after, view=view: table.page(view, after), items)
                yield f"{view.name}, {place}", compare(ours, theirs, rounds=rounds), ours, theirs


def measure() -> Figure:
    """The ratio of the worst view at a million conversations."""
    return max((figure for _, figure, _, _ in figures(SIZES[-1])), key=lambda figure: figure.found.median)


def pages_of(town: Town, seed: int = 0) -> Side:
    """A side that asks for the first page and one deep inside of each view, each for the second time."""
    draw = random.Random(seed)
    deep = {view.name: town.positions(view) for view in VIEWS}

    def ready() -> list[tuple[View, Position | None]]:
        asked = [(view, after) for view in VIEWS for after in (None, draw.choice(deep[view.name]))]
        for view, after in asked:
            town.page(view, after)
        return asked

    return batch(lambda asked: town.page(*asked), ready)


def measure_growth() -> Figure:
    """The slope of a page."""
    with uncollected():
        sides = [pages_of(Town(size)) for size in SIZES]
        same = [pages_of(Town(SIZES[0]), seed=n) for n, _ in enumerate(SIZES)]
    return grow(SIZES, sides, same, rounds=3 * ROUNDS)


def moves_of(town: Town, seed: int = 0) -> Side:
    """A side that moves conversations drawn at random, one after the other, and has all views catch up."""
    draw = random.Random(seed)
    ids = list(town.rows)
    moment = scene.NOW
    for view in VIEWS:
        town.page(view, None)

    def ready() -> list[Conversation]:
        nonlocal moment
        moved = []
        for id in draw.sample(ids, MOVES):
            row, moment = town.rows[id], moment + timedelta(milliseconds=1)
            fields: dict[str, Any] = {"situation": QUEUE, "assignee": None, "queued_at": moment}
            if row.situation is not OPEN:
                fields = {"situation": OPEN, "assignee": VIEWS[1].query.assignee, "taken_at": moment}
            moved.append(attrs.evolve(row, version=row.version + 1, recorded_at=moment, **fields))
        return moved

    def act(new: Conversation) -> None:
        old, town.rows[new.id] = town.rows[new.id], new
        town.views.moved(new.id, old)
        for view in VIEWS:
            town.views.page(view.query, 1)

    return batch(act, ready)


def measure_move() -> Figure:
    """The slope of a move."""
    with uncollected():
        sides = [moves_of(Town(size)) for size in SIZES]
        same = [moves_of(Town(SIZES[0]), seed=n) for n, _ in enumerate(SIZES)]
    return grow(SIZES, sides, same, rounds=2 * ROUNDS)


# --- the storage's share -------------------------------------------------------------------------------------


class Viewing(MemoryStorage):
    """The storage in memory, with its conversations answered by views."""

    def __init__(self) -> None:
        super().__init__()
        self._views = OrderedViews(self._everything, self._find)

    def _everything(self) -> Iterator[Conversation]:
        found = (self._find(ref) for refs in self._situations.values() for ref in refs)
        return (state for state in found if state is not None)

    def _find(self, id: Any) -> Conversation | None:
        state = self._states.get(id)
        return state if isinstance(state, Conversation) else None

    def _index(self, old: Entity | None, new: Entity) -> None:
        super()._index(old, new)
        if isinstance(new, Conversation):
            self._views.moved(new.id, old if isinstance(old, Conversation) else None)

    def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        """A page of conversations, as it would be asked of a storage."""
        check_limit(limit)
        after = None if cursor is None else position_of(query, cursor)
        with self._lock:
            rows = self._views.page(query, limit + 1, after, lambda row: matches(query, row))
        if len(rows) <= limit:
            return Page(tuple(rows))
        return Page(tuple(rows[:limit]), cursor_after(query, sort_key(query, rows[limit - 1])))


def _each(act: Callable[[], object], times: int) -> float:
    """Microseconds of CPU of one of so many."""
    begun = time.thread_time_ns()
    for _ in range(times):
        act()
    return (time.thread_time_ns() - begun) / times / 1_000


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096


def main() -> None:
    """Print it all."""
    for size in SIZES[1:]:
        for name, figure, ours, theirs in figures(size, rounds=40):
            found = figure.found
            print(
                f"{size:>9,} {name:<18} {found.median:.4f} {found.low:.4f}..{found.high:.4f}  "
                f"{ours() / BATCH / 1_000:6.2f} us / {theirs() / BATCH / 1_000:6.1f} us",
                flush=True,
            )
    town = Town(SIZES[-1])
    for view in VIEWS:
        held, begun = resident(), time.thread_time()
        town.page(view, None)
        print(
            f"{view.name:<12} built in {time.thread_time() - begun:.2f} s, "
            f"{(resident() - held) / SIZES[-1]:.1f} bytes a conversation",
            flush=True,
        )
    del town
    for size in SIZES[:-1]:
        for kind in (MemoryStorage, Viewing):
            storage = kind()
            scene.fill(storage, size)
            ask = partial(storage.conversations, VIEWS[0].query, limit=ROWS)
            second = ask(cursor=None).next
            cost = [_each(partial(ask, cursor=cursor), 20) for cursor in (None, second)]
            print(f"{size:>9,} {kind.__name__:<14} first page {cost[0]:.1f} us, next {cost[1]:.1f} us")


if __name__ == "__main__":
    main()
