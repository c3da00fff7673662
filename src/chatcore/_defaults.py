"""What a desk needs from the machine it runs on, when the service gives none of its own: a clock and ids.

Nothing else in the package reads a clock or draws at random.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

__all__ = ["new_root", "now"]


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def new_root() -> str:
    """A fresh id root: 32 hexadecimal digits, the first twelve of them milliseconds, so ids sort by age."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"
