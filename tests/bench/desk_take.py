"""Take through `Desk` and `MemoryStorage`, against the same reads and writes by hand on SQLite in memory.

Both get the same `Take` and actor and give the same `Outcome`; both read and write the same frozen values, the
same counts and receipts, and draw their moments and ids from the same functions. The desk gathers, decides,
folds and derives claims and tallies; the other does none of that: it knows what a Take writes (see `by_hand`).
What it has to do, and the desk need not, is turn values into rows and back, as every real storage must. So the
ratio says whether the embedded default is worth having.

Each Take is of another conversation that waits, of as many in both, by twenty agents in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chatcore import Actor, Desk, Outcome, Ports, Take
from chatcore._defaults import new_root, now
from chatcore.memory import MemoryStorage
from chatcore.vocabulary import ConversationId
from tests.bench.by_hand import ByHand
from tests.bench.measuring import WARM_UP, Figure, Side, batch, compare
from tests.bench.scene import AGENTS, WORKSPACE, fill, queued, root

BATCH, ROUNDS = 100, 100
ROWS = 3 * BATCH * (ROUNDS + WARM_UP)
"""Enough for the A/A run, for the one that counts, and for as many to be left in the queue."""

Asked = tuple[Take, Actor]


def desk(rows: int, clock: Callable[[], datetime] = now, ids: Callable[[], str] = new_root) -> Desk:
    """A desk in memory with so many conversations in its queue."""
    storage = MemoryStorage()
    fill(storage, rows)
    return Desk(Ports(storage=storage, messaging={}), clock=clock, new_root=ids)


def by_hand(rows: int, clock: Callable[[], datetime] = now, ids: Callable[[], str] = new_root) -> ByHand:
    """The same by hand."""
    made = ByHand(WORKSPACE, clock, ids)
    for n in range(rows):
        made.add(queued(n))
    return made


def asked(n: int) -> Asked:
    """The nth Take."""
    return Take(ConversationId(f"cv_{root(n)}")), AGENTS[n % len(AGENTS)]


def side(take: Callable[..., Outcome], rows: int) -> Side:
    """A side that takes the next `BATCH` conversations each time."""
    fresh = iter(range(rows))

    def ready() -> list[Asked]:
        return [asked(next(fresh)) for _ in range(BATCH)]

    def act(one: Any) -> None:
        command, actor = one
        take(command, by=actor)

    return batch(act, ready)


def measure() -> Figure:
    """Ours against the hand-written one."""
    theirs, again = by_hand(ROWS), by_hand(ROWS)
    ours = desk(ROWS)
    try:
        return compare(
            side(ours.handle, ROWS),
            side(theirs.take, ROWS),
            again=side(again.take, ROWS),
            rounds=ROUNDS,
        )
    finally:
        theirs.db.close()
        again.db.close()
