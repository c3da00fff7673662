"""The ports in memory: the embedded default. Sound under threads, fast, and gone with the process."""

from __future__ import annotations

from chatcore.memory.billing import MemoryBilling
from chatcore.memory.contracts import MemoryContracts
from chatcore.memory.messaging import MemoryMessaging
from chatcore.memory.storage import Contents, MemoryStorage
from chatcore.memory.waiting import (
    AsyncMemoryBilling,
    AsyncMemoryContracts,
    AsyncMemoryMessaging,
    AsyncMemoryStorage,
)

__all__ = [
    "AsyncMemoryBilling",
    "AsyncMemoryContracts",
    "AsyncMemoryMessaging",
    "AsyncMemoryStorage",
    "Contents",
    "MemoryBilling",
    "MemoryContracts",
    "MemoryMessaging",
    "MemoryStorage",
]
