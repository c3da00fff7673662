"""The method: sides that take turns, round by round, and the median of what the rounds say.

1. A *side* runs one batch of its work and tells the CPU time of this thread that the batch took, in
   nanoseconds. What a batch needs is made ready before the clock starts.
2. In each round every side runs once, and each round begins with another one. What disturbs the machine
   disturbs all sides of a round alike, so a round's *ratio* (or slope) can be trusted where its times cannot.
3. The figure is the median over the rounds; the quartiles are shown beside it.
4. Before that the same is done with equal work on every side (A/A). What it tells, 1 for a ratio and 0 for a
   slope, shows the noise of the method.
5. The cyclic garbage collector runs before the sides take turns, and is off while they do: what a collection
   costs depends on the heap around the work, and it would fall on whichever side runs then. Freeing by
   reference count is part of the work and is timed.
"""

from __future__ import annotations

import contextlib
import gc
import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Side: TypeAlias = Callable[[], int]
"""Runs one batch and tells the nanoseconds of CPU it took."""

WARM_UP = 3
"""Rounds that are run first and not counted."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the quartiles on both sides of it."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figure:
    """What a benchmark found, and what the same method finds where there is nothing to find."""

    found: Spread
    noise: Spread


def batch(act: Callable[[Any], object], items: Callable[[], Iterable[Any]]) -> Side:
    """The side that makes `items` ready, untimed, and then does `act` on each."""

    def run() -> int:
        ready = items()
        begun = time.thread_time_ns()
        for item in ready:
            act(item)
        return time.thread_time_ns() - begun

    return run


def take_turns(sides: Sequence[Side], rounds: int) -> list[tuple[int, ...]]:
    """The times of each round, in the order of the sides, whichever began."""
    times: list[tuple[int, ...]] = []
    with uncollected():
        for round in range(-WARM_UP, rounds):
            spent = [0] * len(sides)
            for turn in range(len(sides)):
                side = (round + turn) % len(sides)
                spent[side] = sides[side]()
            if round >= 0:
                times.append(tuple(spent))
    return times


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Collect garbage now, and then not until the end."""
    was = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def compare(ours: Side, theirs: Side, *, again: Side | None = None, rounds: int) -> Figure:
    """How much more CPU ours takes than theirs; `again` does what theirs does, where it needs its own state."""
    noise = take_turns((theirs, again or theirs), rounds)
    found = take_turns((ours, theirs), rounds)
    return Figure(spread([a / b for a, b in found]), spread([a / b for a, b in noise]))


def grow(sizes: Sequence[int], sides: Sequence[Side], same: Sequence[Side], *, rounds: int) -> Figure:
    """How the CPU time of `sides` grows with their sizes; `same` are as many sides of one size."""
    noise = [slope(sizes, times) for times in take_turns(same, rounds)]
    found = [slope(sizes, times) for times in take_turns(sides, rounds)]
    return Figure(spread(found), spread(noise))


def spread(values: Sequence[float]) -> Spread:
    """The median and the quartiles."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def slope(sizes: Sequence[float], times: Sequence[float]) -> float:
    """The least-squares slope of log time over log size: 0 costs the same at any size, 1 is in proportion."""
    return statistics.linear_regression([math.log(s) for s in sizes], [math.log(t) for t in times]).slope
