"""Opening the panel of a conversation, against its length: the panel through `Desk` and memory.

One desk holds conversations of 10 to 100,000 messages; nothing but the length differs. In each round the
panel of one of each length is opened twice: once untimed, so that all are equally warm in the caches, and
once timed. The A/A run opens conversations of the shortest length only.
"""

from __future__ import annotations

from itertools import repeat

from chatcore import Actor, Conversation
from chatcore.search import ConversationQuery
from chatcore.vocabulary import ConversationId
from tests.bench.growth_message import Inbox
from tests.bench.measuring import Figure, Side, batch, grow, uncollected
from tests.bench.scene import AGENTS

LENGTHS = (10, 100, 1_000, 10_000, 100_000)
BATCH, ROUNDS = 5, 200
BY: Actor = AGENTS[0]


class Screen(Inbox):
    """The same desk, with somebody who opens conversations."""

    def of_length(self, length: int) -> ConversationId:
        """A conversation of that many messages."""
        known = {row.id for row in self.rows()}
        self.conversation(length)
        (new,) = {row.id for row in self.rows()} - known
        return new

    def rows(self) -> list[Conversation]:
        """The conversations there are."""
        return list(self.desk.conversations(ConversationQuery(), by=BY, limit=200).rows)

    def opens(self, id: ConversationId) -> None:
        """Open the panel."""
        self.desk.panel(id, by=BY)

    def side(self, length: int) -> Side:
        """A side that opens a conversation of this length."""
        id = self.of_length(length)

        def ready() -> repeat[ConversationId]:
            self.opens(id)
            return repeat(id, BATCH)

        return batch(self.opens, ready)


def measure() -> Figure:
    """The slope."""
    screen, other = Screen(), Screen()
    with uncollected():
        sides = [screen.side(length) for length in LENGTHS]
        same = [other.side(LENGTHS[0]) for _ in LENGTHS]
    return grow(LENGTHS, sides, same, rounds=ROUNDS)
