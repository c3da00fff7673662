"""Waiting for what is asynchronous, on the one loop that the suites and their engines live on."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from chatcore.testing.suites._base import lifted, settled

__all__ = ["lifted", "wait_for"]

T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine."""
    waiting: Any = work
    result: T = settled(waiting)
    return result
