"""Claiming and settling an effect, against the number of effects recorded: a bonus through `Desk` and memory.

Each size has a desk and a storage of its own, in which so many bonuses were granted before: ten to each
customer, one a month. They are put there by change sets, step by step in the order a desk commits them (asked
for, claimed, settled), with states that are the fold of their events. Nobody asked meanwhile what is due, so
the storage has had no occasion to tidy up.

Then bonuses are asked for, a few at a time, and `run_due` grants them one by one: it looks for what is due,
claims, asks the billing side in memory, settles, and looks again. All but the asking is timed.

The A/A run is the same with every storage of the smallest size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count, islice
from typing import Any, TypeAlias

from chatcore import SYSTEM, Conversation, Delivery, Desk, Effect, Ports
from chatcore.br import Money
from chatcore.commands import Outcome
from chatcore.entities import Bonus, BonusDemand, Contract, Entity
from chatcore.events import (
    SCHEMA,
    ActionRequested,
    Claimed,
    ContactCreated,
    CustomerLinked,
    Envelope,
    Event,
    Intended,
    Succeeded,
)
from chatcore.evolve import evolve
from chatcore.limits import CLAIM_LEASE, DELIVERY_DEADLINE
from chatcore.memory import MemoryBilling, MemoryContracts, MemoryStorage
from chatcore.ports import ChangeSet, Receipt, Write
from chatcore.rules.invariants import claims_of
from chatcore.vocabulary import (
    Actor,
    BonusKind,
    CommandId,
    ContactId,
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    EffectId,
    EffectKind,
    EventId,
    Private,
    Ref,
)
from tests.bench.measuring import Figure, Side, batch, grow, uncollected
from tests.bench.scene import AGENTS, BEGUN, address, fill, root, started

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
BATCH, ROUNDS = 5, 200
EACH, AT_ONCE = 10, 100
"""Bonuses of one customer, and customers that are served at once while the past is made."""

WHY = Private("Ficou dois dias sem internet")
TWENTY = Bonus(BonusKind.AMOUNT, Money(2_000))
NOW = BEGUN + timedelta(days=1)
A_MOMENT = timedelta(milliseconds=1)


Step: TypeAlias = tuple[Ref, Entity | None, tuple[Event, ...]]
"""An entity by its id and its state before, and what happens to it."""


class Granting:
    """A desk that grants bonuses, and customers who are to have some."""

    def __init__(self, size: int) -> None:
        self.storage, self.contracts, self.billing = MemoryStorage(), MemoryContracts(), MemoryBilling()
        fill(self.storage, 0)
        ports = Ports(storage=self.storage, messaging={}, contracts=self.contracts, billing=self.billing)
        self.desk = Desk(ports, delivery=Delivery.LATER, clock=lambda: NOW)
        self._commits = count(1)
        self._at = BEGUN
        customers = iter(range(size // EACH))
        self._fresh = count(size // EACH)
        while some := tuple(islice(customers, AT_ONCE)):
            self._serve(some)
        self._at = NOW

    def _commit(self, by: Actor, *steps: Step) -> list[Any]:
        """Put what happened to some entities into the storage, and give their states after it."""
        mark = root(next(self._commits))
        command, n = CommandId(f"cm_{mark}"), 0
        at = self._at = min(self._at + A_MOMENT, NOW)
        states, writes, claims = list[Entity](), list[Write](), list[tuple[str, Ref]]()
        for ref, before, events in steps:
            state, envelopes = before, list[Envelope]()
            for event in events:
                id, version = EventId(f"ev_{mark}.{n}"), 1 if state is None else state.version + 1
                envelope = Envelope(id, ref, version, at, by, command, None, None, SCHEMA, event)
                state = evolve(state, envelope)
                envelopes.append(envelope)
                n += 1
            assert state is not None
            states.append(state)
            writes.append(Write(ref, 0 if before is None else before.version, state, tuple(envelopes)))
            if before is None:  # What these have, they have from the beginning on.
                claims += [(claim, ref) for claim in claims_of(state)]
        receipt = Receipt(command=command, recorded_at=at, outcome=Outcome(command))
        self.storage.apply(ChangeSet(receipt=receipt, writes=tuple(writes), claims=tuple(claims)))
        return states

    def _meet(self, customers: Sequence[int]) -> list[Conversation]:
        """These customers have written, and are linked."""
        steps = list[Step]()
        for n in customers:
            known = (ContactCreated(addresses=(address(n),)), CustomerLinked(customer=CustomerId(f"cu-{n}")))
            steps.append((ContactId(f"ct_{root(n)}"), None, known))
            steps.append((ConversationId(f"cv_{root(n)}"), None, (started(n).event,)))
        return self._commit(SYSTEM, *steps)[1::2]

    def _ask(
        self, customers: Sequence[int], month: int, conversations: Sequence[Conversation]
    ) -> tuple[list[Conversation], list[Effect]]:
        """Somebody asks for these customers' bonuses of a month."""
        steps = list[Step]()
        for n, conversation in zip(customers, conversations, strict=True):
            id = EffectId(f"ef_{root(n)}.{month}")
            intended = Intended(
                kind=EffectKind.GRANT_BONUS,
                conversation=conversation.id,
                contact=conversation.contact,
                lane=f"{conversation.id}:billing",
                position=conversation.version + 1,
                due_at=self._at,
                expires_at=self._at + DELIVERY_DEADLINE,
                demand=BonusDemand(
                    customer=CustomerId(f"cu-{n}"),
                    contract=ContractId(f"c-{n}"),
                    bonus=TWENTY,
                    period=f"2026-{month:02}",
                    justification=WHY,
                ),
            )
            noted = ActionRequested(effect=id, kind=EffectKind.GRANT_BONUS)
            steps += [(conversation.id, conversation, (noted,)), (id, None, (intended,))]
        states = self._commit(AGENTS[month], *steps)
        return states[::2], states[1::2]

    def _serve(self, customers: Sequence[int]) -> None:
        """These customers come, and get their bonuses, month by month."""
        conversations = self._meet(customers)
        for month in range(1, EACH + 1):
            conversations, asked = self._ask(customers, month, conversations)
            claim = (Claimed(lease_until=self._at + CLAIM_LEASE),)
            claimed = self._commit(SYSTEM, *((each.id, each, claim) for each in asked))
            ends = ((Succeeded(reference=f"bn-{n}-{month}"),) for n in customers)
            self._commit(SYSTEM, *((e.id, e, end) for e, end in zip(claimed, ends, strict=True)))

    def ask(self) -> None:
        """A customer who was never here before is to have a bonus: nothing is done about it yet."""
        n = next(self._fresh)
        self.contracts.put(
            Contract(
                id=ContractId(f"c-{n}"), customer=CustomerId(f"cu-{n}"), status=ContractStatus.ACTIVE, as_of=NOW
            )
        )
        self._ask((n,), 1, self._meet((n,)))

    def grant(self, _: object = None) -> None:
        """Carry out what was asked for first."""
        self.desk.run_due(limit=1)

    def side(self) -> Side:
        """A side that grants a few bonuses that were just asked for."""

        def ready() -> Iterator[int]:
            for _ in range(BATCH):
                self.ask()
            return iter(range(BATCH))

        return batch(self.grant, ready)


def measure() -> Figure:
    """The slope."""
    with uncollected():
        sides = [Granting(size).side() for size in SIZES]
        same = [Granting(SIZES[0]).side() for _ in SIZES]
    return grow(SIZES, sides, same, rounds=ROUNDS)
