"""The body behind a desk's face: its engine, its reads, and when it delivers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from chatcore._engine.body import Engine
from chatcore._engine.calls import MessagingCalls, StorageCalls
from chatcore._engine.ingesting import ingest
from chatcore._engine.reading import Reader
from chatcore.answers import Delivery, Ingested, Observation
from chatcore.channels.items import Batch
from chatcore.commands import Command, Outcome
from chatcore.ports import AsyncPorts, Ports
from chatcore.vocabulary import Actor, AgentId, EventId

__all__ = ["Way", "open_way"]


@attrs.frozen(slots=True, eq=False, repr=False)
class Way:
    """What both desks do, over ports already lifted to one shape."""

    engine: Engine
    reader: Reader
    delivery: Delivery

    async def handle(
        self,
        command: Command,
        by: Actor,
        key: str | None,
        expected: int | None,
        correlation: str | None,
        causation: EventId | None,
        delivery: Delivery | None,
    ) -> Outcome:
        done = await self.engine.perform(
            command, by, key=key, expected=expected, correlation=correlation, causation=causation
        )
        if (delivery or self.delivery) is Delivery.INLINE:
            await self.engine.deliver(done)
        return done.outcome

    async def ingest(self, batch: Batch) -> tuple[Ingested, ...]:
        return await ingest(self.engine, batch)


def open_way(
    ports: Ports | AsyncPorts,
    *,
    sync: bool,
    delivery: Delivery,
    clock: Callable[[], datetime],
    new_root: Callable[[], str],
    secret: bytes,
    available: Callable[[AgentId], bool],
    observe: Callable[[Observation], None] | None,
) -> Way:
    """Open a desk's body over its ports, sync or async."""
    engine = Engine(
        StorageCalls(ports.storage, sync=sync),
        {kind: MessagingCalls(port, sync=sync) for kind, port in ports.messaging.items()},
        clock=clock,
        new_root=new_root,
        secret=secret,
        available=available,
        observe=observe,
    )
    return Way(engine, Reader(engine), delivery)
