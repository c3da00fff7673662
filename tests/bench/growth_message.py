"""Adding a message, against the length of the conversation: a customer's text through `Desk` and memory.

One desk and one storage hold conversations of every length, so that nothing but the length differs. They are
made by receiving every message, and in each round one conversation of each length gets two more: one untimed,
which leaves all lengths equally warm in the caches, and the one that is timed. A conversation takes part only
while it is at most a tenth longer than its length says; then another of that length goes on.

The A/A run is the same with every conversation of the shortest length.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from chatcore import SYSTEM, Desk, Ports
from chatcore.commands import ReceiveMessage
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.vocabulary import ChannelKind
from tests.bench.measuring import WARM_UP, Figure, Side, batch, grow, uncollected
from tests.bench.scene import BEGUN, CHANNEL, fill, phone

LENGTHS = (10, 100, 1_000, 10_000, 100_000)
ROUNDS = 500
TURNS = ROUNDS + WARM_UP
TEXT = "Bom dia! Preciso da segunda via do boleto deste mês, por favor."


class Inbox:
    """A desk whose customers write when told to."""

    def __init__(self) -> None:
        storage = MemoryStorage()
        fill(storage, 0)
        ports = Ports(storage=storage, messaging={ChannelKind.WHATSAPP_CLOUD: MemoryMessaging()})
        self.storage = storage
        self.desk = Desk(ports)
        self._ids = count()
        self._customers = count()

    def message(self, customer: int) -> ReceiveMessage:
        """The next message of a customer."""
        return ReceiveMessage(
            channel=CHANNEL,
            address=phone(customer),
            provider_id=f"wamid.{next(self._ids):024}",
            sent_at=BEGUN,
            text=TEXT,
        )

    def receive(self, message: ReceiveMessage) -> None:
        """Add a message."""
        self.desk.handle(message, by=SYSTEM)

    def conversation(self, length: int) -> int:
        """A new customer, who has written that many messages."""
        customer = next(self._customers)
        for _ in range(length):
            self.receive(self.message(customer))
        return customer

    def side(self, length: int) -> Side:
        """A side that adds one message to a conversation of this length, and to another when that has grown."""
        most = max(length // 20, 1)
        customers = [self.conversation(length - 1) for _ in range(-(-TURNS // most))]
        turns: Iterator[int] = iter([customer for customer in customers for _ in range(most)])

        def ready() -> list[ReceiveMessage]:
            customer = next(turns)
            self.receive(self.message(customer))
            return [self.message(customer)]

        return batch(self.receive, ready)


def measure() -> Figure:
    """The slope."""
    inbox, other = Inbox(), Inbox()
    with uncollected():
        sides = [inbox.side(length) for length in LENGTHS]
        same = [other.side(LENGTHS[0]) for _ in LENGTHS]
    return grow(LENGTHS, sides, same, rounds=ROUNDS)
