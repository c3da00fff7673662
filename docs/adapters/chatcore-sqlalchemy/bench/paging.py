"""A page of 50 of a million conversations through `SqlStorage`, against a keyset query by hand in psycopg.

1. Both ask the same table by the same indexes for one row more than 50, as whoever needs to know whether there
   is a next page must. By hand: fixed statements, which the driver prepares, ``(number, id) > (…)``, and rows
   fetched as tuples on a connection of its own that commits by itself.
2. The goal is against the query by hand that makes conversations of the bodies too, by
   `chatcore.serialization.decode`, for bodies are no use to anybody. Beside it stands the ratio to one that
   only fetches them: what is above 1 there is nearly all decoding.
3. Ours takes a cursor and gives the next one. The other side is given the number and id to go on from.
4. The first page, and pages at 200 places drawn from all over the view. What both find is compared before
   anything is timed.
5. Conversations are of a few kinds, real states whose ids and moments differ: bodies and columns are what the
   adapter writes, and a sample is compared with that.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import psycopg
from chatcore_sqlalchemy import SqlStorage, migrate
from chatcore_sqlalchemy._columns import columns_of_conversation
from postgres import Postgres
from sqlalchemy import create_engine

from chatcore import Conversation, ConversationQuery, Situation
from chatcore.search import Order, sort_key
from chatcore.search.pages import cursor_after
from chatcore.search.query import micros
from chatcore.serialization import decode, encode
from chatcore.vocabulary import AgentId, ConversationId, DepartmentId
from tests.bench.measuring import Figure, Side, spread, take_turns
from tests.given import conversation

__all__ = ["VIEWS", "Paged", "measure"]

PAGE, BATCH, ROUNDS, DEEP = 50, 10, 40, 200
TENANT = "inbox"
BEGUN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SPAN = 120 * 86_400
"""Seconds over which conversations were opened."""

QUEUE, OPEN, BOT, CLOSED = Situation.QUEUE, Situation.OPEN, Situation.BOT, Situation.CLOSED
MIX = (*(QUEUE,) * 5, *(OPEN,) * 4, BOT, *(CLOSED,) * 10)
DEPARTMENTS = tuple(DepartmentId(f"departamento-{n}") for n in range(4))
AGENTS = 1_000


@dataclass(frozen=True, slots=True)
class View:
    """A view as we ask for it, and as it is asked by hand."""

    name: str
    query: ConversationQuery
    fixed: str

    @property
    def number(self) -> str:
        """The column of its order."""
        return f"by_{self.query.order.value}"

    def by_hand(self, *, deep: bool) -> str:
        """The statement."""
        beyond = f" AND ({self.number}, id) > (%(number)s, %(id)s)" if deep else ""
        return (
            f"SELECT body FROM conversations WHERE tenant = %(tenant)s AND {self.fixed}{beyond} "
            f"ORDER BY {self.number}, id LIMIT {PAGE + 1}"
        )


VIEWS = (
    View("queue", ConversationQuery(situation=QUEUE, order=Order.WAITING), "situation = 'queue'"),
    View("open", ConversationQuery(situation=OPEN, order=Order.ACTIVITY), "situation = 'open'"),
    View(
        "department",
        ConversationQuery(situation=CLOSED, department=DEPARTMENTS[1], order=Order.CLOSED),
        f"situation = 'closed' AND department = '{DEPARTMENTS[1]}'",
    ),
)


@dataclass(frozen=True, slots=True)
class Paged:
    """What came out for a view: against bodies decoded, and bodies as they are; and ours in microseconds."""

    figure: Figure
    undecoded: Figure
    microseconds: float


def measure(rows: int, say: Callable[[str], None]) -> Iterator[tuple[str, Paged]]:
    """The first page and deep ones of each of `VIEWS`."""
    # Nothing is committed while it is measured, so the disk is left out of filling it too.
    with Postgres({"shared_buffers": "512MB", "maintenance_work_mem": "256MB", "fsync": "off"}) as server:
        url = server.new("page")
        engine = create_engine(url)
        migrate(engine)
        begun = time.monotonic()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            fill(connection, rows)
            say(f"{rows:,} conversations in {time.monotonic() - begun:.0f} s")
            storage = SqlStorage(engine, TENANT)
            for view in VIEWS:
                yield f"{view.name}-first", _measured(connection, storage, view, [None])
                yield f"{view.name}-deep", _measured(connection, storage, view, _places(connection, view))
        engine.dispose()


# --- the two sides -------------------------------------------------------------------------------------------

Place = Conversation | None


def _places(connection: psycopg.Connection[Any], view: View) -> Sequence[Place]:
    """Conversations of a view, to go on after, drawn from all of it."""
    found = connection.execute(
        f"SELECT body FROM conversations WHERE tenant = %s AND {view.fixed} ORDER BY md5(id) LIMIT {DEEP}",
        (TENANT,),
    ).fetchall()
    return [decode(body, Conversation) for (body,) in found]


def _measured(
    connection: psycopg.Connection[Any], storage: SqlStorage, view: View, places: Sequence[Place]
) -> Paged:
    sql = view.by_hand(deep=places != [None])

    def fetch(place: Place) -> list[Any]:
        values: dict[str, object] = {"tenant": TENANT}
        if place is not None:
            values["number"], values["id"] = sort_key(view.query, place)
        return connection.execute(sql, values).fetchall()

    def by_hand(place: Place) -> list[Conversation]:
        return [decode(body, Conversation) for (body,) in fetch(place)[:PAGE]]

    def ours(place: Place) -> Any:
        cursor = None if place is None else cursor_after(view.query, sort_key(view.query, place), TENANT)
        return storage.conversations(view.query, limit=PAGE, cursor=cursor)

    for place in places:
        if list(ours(place).rows) != by_hand(place):
            raise AssertionError(f"{view.name}: another page")
    sides = [_side(act, places) for act in (by_hand, by_hand, fetch, ours)]
    noise = take_turns(sides[:2], ROUNDS)
    found = take_turns([sides[0], sides[2], sides[3]], ROUNDS)
    again = Figure(spread([us / hand for hand, _, us in found]), spread([a / b for a, b in noise]))
    return Paged(
        again,
        Figure(spread([us / fetched for _, fetched, us in found]), again.noise),
        spread([us / BATCH / 1e3 for _, _, us in found]).median,
    )


def _side(act: Callable[[Any], object], places: Sequence[Place]) -> Side:
    """A side that gets the pages at the next places; a database works elsewhere, so the wall is timed."""
    ahead = cycle(places)

    def run() -> int:
        ready = [next(ahead) for _ in range(BATCH)]
        begun = time.perf_counter_ns()
        for place in ready:
            act(place)
        return time.perf_counter_ns() - begun

    return run


# --- the conversations ---------------------------------------------------------------------------------------


def fill(connection: psycopg.Connection[Any], rows: int) -> None:
    """Put so many conversations into the table: indexes are made again afterwards."""
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'conversations' AND indexname LIKE "
        "'conversations\\_%' AND indexname <> 'conversations_pkey'"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.execute("ALTER TABLE conversations SET UNLOGGED")
    names = ", ".join(("tenant", "tx", *_columns(_model(QUEUE, DEPARTMENTS[0]))))
    with connection.cursor().copy(f"COPY conversations ({names}) FROM STDIN") as copy:
        for chunk in _chunks(rows):
            copy.write(chunk)
    for _, definition in indexes:
        connection.execute(definition)
    connection.execute("VACUUM ANALYZE conversations")
    _check(connection)


LINES = 5_000
"""Rows sent at once."""

MARKED_AT = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
MARKED_HEX = "f" * 32
MARKED_AGENT = "marked-agent"
"""What stands in a model where rows differ."""


def _model(situation: Situation, department: DepartmentId) -> Conversation:
    """A conversation of a kind; whoever had it is `MARKED_AGENT`."""
    agent = AgentId(MARKED_AGENT)
    moments = ("recorded_at", "started_at", "opened_at", "queued_at", "waiting_since", "taken_at", "closed_at")
    plain = conversation(situation)
    here = {
        name: MARKED_AT for name in moments if name in ("recorded_at", "started_at") or getattr(plain, name)
    }
    return conversation(
        situation,
        **here,
        id=ConversationId(f"cv_{MARKED_HEX}"),
        contact=f"ct_{MARKED_HEX}",
        department=department,
        assignee=plain.assignee and agent,
        last_assignee=plain.last_assignee and agent,
        window_until=None,
    )


def _columns(state: Conversation) -> dict[str, Any]:
    """All that stands in a row but its tenant and its transaction."""
    body = encode(state).decode()
    return {"id": state.id, "version": state.version, "body": body, **columns_of_conversation(state)}


def _line(state: Conversation) -> str:
    """A model's row as COPY takes it, with places for what differs."""
    marked = micros(MARKED_AT)
    values = ["\\N" if value is None else str(value) for value in (TENANT, 3, *_columns(state).values())]
    line = "\t".join(values).replace("%", "%%")
    for found, place in (
        (f"{MARKED_AT:%Y-%m-%dT%H:%M:%S.%fZ}", "%(iso)s"),
        (f"-{marked}", "%(down)d"),
        (str(marked), "%(up)d"),
        (MARKED_HEX, "%(hex)s"),
        (MARKED_AGENT, "%(agent)s"),
    ):
        line = line.replace(found, place)
    return f"{line}\n"


def _chunks(rows: int) -> Iterator[str]:
    """So many rows, in no order; the same for the same number."""
    draw = random.Random(rows)
    kinds = [_line(_model(situation, each)) for situation in MIX for each in DEPARTMENTS]
    for first in range(0, rows, LINES):
        lines = []
        for n in range(first, min(first + LINES, rows)):
            moment = BEGUN - timedelta(seconds=draw.randrange(SPAN))
            up = micros(moment)
            values = {
                "iso": f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}",
                "up": up,
                "down": -up,
                "hex": f"{draw.getrandbits(128):032x}",
                "agent": f"atendente-{n % AGENTS:04}",
            }
            lines.append(kinds[n % len(kinds)] % values)
        yield "".join(lines)


def _check(connection: psycopg.Connection[Any]) -> None:
    """See that the adapter would have written what stands there."""
    names = ", ".join(_columns(_model(QUEUE, DEPARTMENTS[0])))
    for row in connection.execute(
        f"SELECT {names} FROM conversations WHERE tenant = %s ORDER BY md5(id) LIMIT {DEEP}", (TENANT,)
    ).fetchall():
        found = dict(zip(names.split(", "), row, strict=True))
        found["body"] = found["body"].decode()
        if found != _columns(decode(found["body"], Conversation)):
            raise AssertionError("not what the adapter writes")
