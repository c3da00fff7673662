"""Several at once: workers who each do their share of a batch, in threads or in processes of their own.

A worker is made where it works, by a function of no arguments, and then does one thing after the other, each
told by a number. What a batch took is the wall time from the first share handed out to the last one done.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Protocol, TypeAlias

__all__ = ["Crowd", "Do", "processes", "threads"]

Do: TypeAlias = Callable[[int], object]
"""Does the thing of this number."""


class Crowd(Protocol):
    """Workers."""

    def run(self, shares: Sequence[Sequence[int]], /) -> int:
        """Let each do its share, and tell the nanoseconds until all are done."""


class _Threads:
    def __init__(self, workers: Sequence[Do], pool: ThreadPoolExecutor) -> None:
        self._workers = workers
        self._pool = pool

    def run(self, shares: Sequence[Sequence[int]], /) -> int:
        begun = time.perf_counter_ns()
        for done in [*self._pool.map(_do, self._workers, shares)]:
            assert done is None
        return time.perf_counter_ns() - begun


def _do(worker: Do, share: Sequence[int]) -> None:
    for n in share:
        worker(n)


@contextmanager
def threads(makers: Sequence[Callable[[], Do]]) -> Iterator[Crowd]:
    """Workers in threads of this process."""
    with ThreadPoolExecutor(len(makers)) as pool:
        yield _Threads([make() for make in makers], pool)


class _Processes:
    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def run(self, shares: Sequence[Sequence[int]], /) -> int:
        begun = time.perf_counter_ns()
        for pipe, share in zip(self._pipes, shares, strict=True):
            pipe.send(share)
        for pipe in self._pipes:
            pipe.recv()
        return time.perf_counter_ns() - begun


@contextmanager
def processes(makers: Sequence[Callable[[], Do]]) -> Iterator[Crowd]:
    """Workers in processes, forked here: nothing may be connected, and no other thread may run."""
    forked = multiprocessing.get_context("fork")
    pipes, started = [], []
    for make in makers:
        ours, theirs = forked.Pipe()
        process = forked.Process(target=_serve, args=(theirs, make), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        started.append(process)
    try:
        yield _Processes(pipes)
    finally:
        for pipe in pipes:
            pipe.send(None)
        for process in started:
            process.join(10)


def _serve(pipe: Connection, make: Callable[[], Do]) -> None:
    worker = make()
    gc.disable()
    while (share := pipe.recv()) is not None:
        _do(worker, share)
        pipe.send(None)
