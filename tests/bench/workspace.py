"""Keeping the configuration: a Take at a desk whose workspace has a thousand tags, against one that has none.

While its version stands the configuration is neither read nor built again, so its size costs nothing: the
ratio is that of equal work. Were it loaded once per command, the larger one would show.
"""

from __future__ import annotations

from chatcore import Desk, Ports
from chatcore.commands import Configure, Take
from chatcore.entities import Workspace
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.vocabulary import SYSTEM, ChannelKind, ConversationId
from tests.bench.measuring import WARM_UP, Figure, Side, batch, compare
from tests.bench.scene import AGENTS, WORKSPACE, fill, root
from tests.bench.tagging import PLACE

BATCH, ROUNDS = 50, 100
ROWS = BATCH * (ROUNDS + WARM_UP)


class Place:
    """A desk with conversations that wait, under a configuration."""

    def __init__(self, workspace: Workspace) -> None:
        storage = MemoryStorage()
        fill(storage, 2 * ROWS)
        self.desk = Desk(Ports(storage=storage, messaging={ChannelKind.WHATSAPP_CLOUD: MemoryMessaging()}))
        self._next = 0
        if workspace is not WORKSPACE:
            self.desk.handle(Configure(workspace), by=SYSTEM)

    def takes(self, take: Take) -> None:
        """Take one."""
        self.desk.handle(take, by=AGENTS[0])

    def side(self) -> Side:
        """A side that takes the next ones."""

        def ready() -> list[Take]:
            first, self._next = self._next, self._next + BATCH
            return [Take(ConversationId(f"cv_{root(n)}")) for n in range(first, first + BATCH)]

        return batch(self.takes, ready)


def measure() -> Figure:
    """How much more a large configuration costs."""
    large, small, same = Place(PLACE), Place(WORKSPACE), Place(WORKSPACE)
    return compare(large.side(), small.side(), again=same.side(), rounds=ROUNDS)
