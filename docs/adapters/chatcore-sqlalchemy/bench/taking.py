"""Take through `Desk` and `SqlStorage` on PostgreSQL, against the same statements by hand in psycopg.

1. The other side sends what the adapter sends for each Take, word for word: the read by itself, then the
   transaction, with values and bodies made ready beforehand. It fetches the rows, sees that each statement
   changed one, and commits; it decides, encodes and decodes nothing. So the ratio tells what chatcore,
   SQLAlchemy and serialization cost beside the database's own work.
2. What it sends was noted at the driver while a desk took the same conversations of another tenant. All tenants
   are copies of one, and every Take is of another conversation that waits, by sixteen agents in turn.
3. Both sides have the same driver and isolation (READ COMMITTED), and commits reach the disk. Statements are
   prepared by the driver on its own terms. The adapter sends a transaction's statements in one pipeline; by
   hand they go one by one, as they are mostly written, and, shown without a goal, in a pipeline too.
4. A database works in other processes, so wall time counts, not CPU: throughput is Takes in a second. Batches
   take turns and ratios are taken within a round, as `tests/bench/measuring.py` has it.
5. With eight connections, workers are processes of one connection each, as services run that want throughput:
   in threads, the interpreter's lock and not the work would be measured. Threads are shown too, without a goal.
   No two workers share an agent, whose count they would wait for on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from bench.crowd import Crowd, Do, processes, threads
from bench.recording import Sent, noted, recording_engine
from chatcore_sqlalchemy import SqlStorage, migrate
from postgres import Postgres
from sqlalchemy import Engine, create_engine, text

from chatcore import Desk, Ports, Take
from chatcore.vocabulary import ConversationId
from tests.bench import scene
from tests.bench.measuring import WARM_UP, Figure, Side, spread, take_turns

__all__ = ["Taking", "measure"]

ROUNDS = 20
AGENTS = 16
BASE = "base"


@dataclass(frozen=True, slots=True)
class Taking:
    """How many take at once, and how many conversations in a batch."""

    name: str
    workers: int
    batch: int
    crowd: Callable[[Sequence[Callable[[], Do]]], Any]
    piped: bool = False
    """Whether the statements by hand go in a pipeline."""

    @property
    def takes(self) -> int:
        """How many conversations the side needs that does most."""
        return 2 * (ROUNDS + WARM_UP) * self.batch


TAKINGS = (
    Taking("take-1", 1, 32, threads),
    Taking("take-1-pipeline", 1, 32, threads, piped=True),
    Taking("take-8", 8, 64, processes),
    Taking("take-8-threads", 8, 64, threads),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came out: the ratio of throughputs, and Takes in a second by hand and by the desk."""

    figure: Figure
    by_hand: float
    by_desk: float


def measure(settings: Mapping[str, str]) -> Iterator[tuple[str, Taken]]:
    """Ours against the hand-written one, for each of `TAKINGS`."""
    with Postgres({"shared_buffers": "256MB", **settings}) as server:
        url = server.new("take")
        rows = max(taking.takes for taking in TAKINGS)
        recorded = _prepare(url, rows)
        for taking in TAKINGS:
            yield taking.name, _measured(url, taking, recorded)


def _measured(url: str, taking: Taking, recorded: Mapping[int, Sequence[Sent]]) -> Taken:
    tenants = [f"{taking.name}-{who}" for who in ("theirs", "again", "ours")]
    engine = create_engine(url)
    for tenant in tenants:
        _copy(engine, tenant)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    engine.dispose()
    with ExitStack() as stack:
        makers: list[list[Callable[[], Do]]] = [
            [partial(_by_hand, url, tenant, recorded, piped=taking.piped)] * taking.workers
            for tenant in tenants[:2]
        ]
        makers.append([partial(_by_desk, url, tenants[2])] * taking.workers)
        theirs, again, ours = [_side(taking, stack.enter_context(taking.crowd(each))) for each in makers]
        noise = take_turns((theirs, again), ROUNDS)
        found = take_turns((theirs, ours), ROUNDS)
    per_second = [spread([taking.batch * 1e9 / times[n] for times in found]).median for n in (0, 1)]
    figure = Figure(spread([a / b for a, b in found]), spread([a / b for a, b in noise]))
    return Taken(figure, *per_second)


def _side(taking: Taking, crowd: Crowd) -> Side:
    """A side that takes the next conversations each time; the nth is always the same worker's."""
    fresh = iter(range(0, taking.takes, taking.batch))

    def run() -> int:
        first = next(fresh)
        return crowd.run(
            [range(first + worker, first + taking.batch, taking.workers) for worker in range(taking.workers)]
        )

    return run


# --- the two sides -------------------------------------------------------------------------------------------


def asked(n: int) -> tuple[Take, Any]:
    """The nth Take, and who takes."""
    return Take(ConversationId(f"cv_{scene.root(n)}")), scene.AGENTS[n % AGENTS]


def _by_desk(url: str, tenant: str) -> Do:
    storage = SqlStorage(create_engine(url, pool_size=1, max_overflow=0), tenant)
    desk = Desk(Ports(storage=storage, messaging={}))

    def take(n: int) -> None:
        command, agent = asked(n)
        desk.handle(command, by=agent)

    return take


def _by_hand(url: str, tenant: str, recorded: Mapping[int, Sequence[Sent]], *, piped: bool) -> Do:
    connection = psycopg.connect(url.replace("+psycopg", ""))
    mine = {
        n: [(sent.sql, {**sent.values, "tenant": tenant}, sent.alone) for sent in each]
        for n, each in recorded.items()
    }

    def take(n: int) -> None:
        (read, wanted, _), *writes = mine[n]
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(read, wanted)
        cursor.fetchall()
        connection.autocommit = False
        with connection.pipeline() if piped else nullcontext():
            cursors = [connection.execute(sql, values) for sql, values, _ in writes]
        if any(cursor.rowcount != 1 for cursor in cursors):
            raise AssertionError("a statement changed nothing")
        connection.commit()

    return take


# --- the conversations ---------------------------------------------------------------------------------------


def _prepare(url: str, rows: int) -> Mapping[int, Sequence[Sent]]:
    """Fill the tenant that others are copies of, and note what each Take sends."""
    engine = recording_engine(url)
    migrate(engine)
    storage: Any = SqlStorage(engine, BASE)
    scene.fill(storage, rows + 1)
    _copy(engine, "noted")
    desk = Desk(Ports(storage=SqlStorage(engine, "noted"), messaging={}))
    recorded = {}
    for n in (rows, *range(rows)):  # The first one reads the workspace and the version of the tables besides.
        command, agent = asked(n)
        recorded[n] = noted(partial(desk.handle, command, by=agent))
    engine.dispose()
    del recorded[rows]
    if any([sent.alone for sent in each] != [True, False, False, False, False] for each in recorded.values()):
        raise AssertionError("a Take is not one read and then one transaction of four statements")
    return recorded


def _copy(engine: Engine, tenant: str) -> None:
    """Make a tenant that has everything that `BASE` has."""
    with engine.begin() as connection:
        for table, names in connection.execute(_COLUMNS).all():
            others = ", ".join(f'"{name}"' for name in names)
            connection.execute(
                text(
                    f"INSERT INTO {table} (tenant, {others}) SELECT :tenant, {others} FROM {table} "
                    "WHERE tenant = :base"
                ),
                {"tenant": tenant, "base": BASE},
            )


_COLUMNS = text(
    """SELECT table_name, array_agg(CAST(column_name AS text)) FROM information_schema.columns
    WHERE table_schema = 'public' AND is_generated = 'NEVER' AND column_name <> 'tenant'
    AND table_name <> 'chatcore_schema' GROUP BY table_name"""
)
