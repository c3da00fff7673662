"""For tests of your own: a small provider in memory, to write given / when / then for.

Start with `World`. Nothing here needs a test framework: what does not hold is a plain `AssertionError`, whose
text says what was expected and what happened, line by line.

Personal texts stay redacted in those texts, as everywhere: what a test prints ends up in logs that many read,
and test data is all too often a copy of real data. Ids, counts and lengths tell which one is meant.
"""

from __future__ import annotations

from chatcore.testing._expecting import Like, like
from chatcore.testing.clock import Clock
from chatcore.testing.customer import Customer
from chatcore.testing.provider import PROVIDER
from chatcore.testing.when import When
from chatcore.testing.world import World

__all__ = ["PROVIDER", "Clock", "Customer", "Like", "When", "World", "like"]
