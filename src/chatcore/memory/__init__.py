"""The ports in memory: the embedded default. Sound under threads, fast, and gone with the process."""

from __future__ import annotations

from chatcore.memory.messaging import MemoryMessaging
from chatcore.memory.storage import Contents, MemoryStorage
from chatcore.memory.waiting import AsyncMemoryMessaging, AsyncMemoryStorage

__all__ = ["AsyncMemoryMessaging", "AsyncMemoryStorage", "Contents", "MemoryMessaging", "MemoryStorage"]
