"""Take, against the size of the inbox: through `Desk` and memory, with so many conversations in the queue.

Each size has a desk and a storage of its own, filled with contacts and waiting conversations by change sets
whose states are the fold of their events. Each Take is of a conversation drawn at random, so that a large inbox
has no help from the caches, by one of twenty agents. Of an inbox at most a tenth is taken; the smallest size
has several inboxes, used one after the other. So a slope is not only what the storage looks through but also
what the machine needs to reach memory that is further away.

The A/A run is the same with every inbox of the smallest size.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from tests.bench.desk_take import Asked, asked, desk
from tests.bench.measuring import WARM_UP, Figure, Side, batch, grow, uncollected

SIZES = (1_000, 10_000, 100_000, 1_000_000)
BATCH, ROUNDS = 5, 200
TAKES = BATCH * (ROUNDS + WARM_UP)


def side(size: int, takes: int = TAKES, seed: int = 0) -> Side:
    """A side that takes the next few of an inbox of this size."""
    most = size // 10
    inboxes = [desk(size) for _ in range(-(-takes // most))]
    draw = random.Random(seed)
    turns: Iterator[tuple[Any, Asked]] = iter(
        [(inbox.handle, asked(n)) for inbox in inboxes for n in draw.sample(range(size), most)][:takes]
    )

    def act(turn: Any) -> None:
        handle, (command, actor) = turn
        handle(command, by=actor)

    return batch(act, lambda: [next(turns) for _ in range(BATCH)])


def measure() -> Figure:
    """The slope."""
    with uncollected():
        sides = [side(size) for size in SIZES]
        same = [side(SIZES[0], seed=n) for n, _ in enumerate(SIZES)]
    return grow(SIZES, sides, same, rounds=ROUNDS)
