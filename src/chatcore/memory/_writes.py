"""Writes by key, as each nature of port does them.

* By `RepeatsByKey` a key written again, within the retention after its first time, is done once; later it is
  done again, since nobody remembers it.
* By `LooksUpByKey` each write is done, and a look-up finds it once the horizon is over, no sooner.
* By `ReportsByKey` each write is done, and stands in `reports` until it is fetched.
* By `AtMostOnce` each write is done, and nothing tells of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from chatcore.entities import LooksUpByKey, Nature, RepeatsByKey, ReportsByKey
from chatcore.errors import Permanent
from chatcore.vocabulary import EffectId

__all__ = ["Writes"]

T = TypeVar("T")


class Writes(Generic[T]):
    """What was written, under one lock. Without a `clock` nothing is ever forgotten, and found at once."""

    def __init__(self, prefix: str, nature: Nature | None, clock: Callable[[], datetime] | None) -> None:
        self._prefix = prefix
        self._nature = nature
        self._clock = clock
        self._lock = threading.Lock()
        self._first: dict[EffectId, tuple[str, datetime | None]] = {}
        self._unreported: list[tuple[EffectId, str]] = []
        self.done: list[T] = []

    def write(self, key: EffectId, request: T) -> str:
        """Do it, or answer as the first time where the key is remembered.

        Raises:
            Permanent: this is not offered.
        """
        if self._nature is None:
            raise Permanent("not_offered")
        with self._lock:
            now = None if self._clock is None else self._clock()
            known = self._first.get(key)
            if isinstance(self._nature, RepeatsByKey) and known is not None:
                if self._age(known[1], now) <= self._nature.retention:
                    return known[0]
                del self._first[key]
            self.done.append(request)
            reference = f"{self._prefix}-{len(self.done)}"
            self._first.setdefault(key, (reference, now))
            if isinstance(self._nature, ReportsByKey):
                self._unreported.append((key, reference))
            return reference

    def look_up(self, key: EffectId) -> str | None:
        """What a key stands for, where the nature lets it be looked up."""
        nature = self._nature
        with self._lock:
            known = self._first.get(key)
            if known is None or not isinstance(nature, LooksUpByKey):
                return None
            now = None if self._clock is None else self._clock()
            return known[0] if now is None or self._age(known[1], now) >= nature.horizon else None

    def reports(self) -> tuple[tuple[EffectId, str], ...]:
        """What has not been reported yet."""
        with self._lock:
            told, self._unreported = tuple(self._unreported), []
            return told

    @staticmethod
    def _age(then: datetime | None, now: datetime | None) -> timedelta:
        return timedelta(0) if then is None or now is None else now - then
