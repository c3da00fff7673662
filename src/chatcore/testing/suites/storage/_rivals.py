"""Rivals: several threads that do something at the same moment, and what may come of a set that is applied."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from chatcore.errors import ClaimTaken, Conflict, OutcomeUnknown, TallyFull, Temporary, VersionConflict
from chatcore.ports import ChangeSet, ReadSet, Storage
from chatcore.testing.suites.storage._asking import pause

__all__ = ["RIVALS", "at_once", "outcome_of"]

T = TypeVar("T")

RIVALS: Final = 8
"""Threads that compete for one thing."""

_TRIES: Final = 200
_PATIENCE: Final = 120.0


@contextmanager
def _often_switched() -> Iterator[None]:
    """Threads take turns as often as may be, so that what is not atomic shows."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(*acts: Callable[[], T]) -> list[T]:
    """What came of each of these, all begun at the same moment, each in a thread of its own.

    Raises:
        BaseException: the first that one of them raised.
    """
    start = threading.Barrier(len(acts))
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def work(n: int, act: Callable[[], T]) -> None:
        try:
            start.wait()
            results[n] = act()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=each, daemon=True) for each in enumerate(acts)]
    with _often_switched():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_PATIENCE)
    assert not any(thread.is_alive() for thread in threads), (
        f"after {_PATIENCE:.0f} s not every thread has had its answer: do two of them wait for each other? "
        "Lock rows in one order, and let a statement time out"
    )
    if errors:
        raise errors[0]
    return [results[n] for n in range(len(acts))]


def outcome_of(storage: Storage, change: ChangeSet) -> Conflict | None:
    """What comes of a set in the end: None where it was committed, else why not.

    What was certainly not done is tried again; where it may have been done, its receipt tells.
    """
    doubted = False
    for _ in range(_TRIES):
        try:
            storage.apply(change)
        except (VersionConflict, ClaimTaken, TallyFull) as conflict:
            return None if doubted and _committed(storage, change) else conflict
        except Temporary:
            pause(0.002)
        except OutcomeUnknown:
            doubted = True
            if _committed(storage, change):
                return None
        except Exception as error:
            raise AssertionError(
                f"`apply` let {type(error).__qualname__} out. Under contention it may raise Temporary when "
                "nothing was done (a deadlock, a serialization failure, a busy database) and OutcomeUnknown "
                "when that is not certain; a set that does not fit is VersionConflict, ClaimTaken or TallyFull"
            ) from error
        else:
            return None
    raise AssertionError(f"`apply` raised Temporary or OutcomeUnknown {_TRIES} times in a row for one set")


def _committed(storage: Storage, change: ChangeSet) -> bool:
    return storage.read(ReadSet(command=change.receipt.command)).committed is not None
