"""The body behind a desk's face: its engine, its reads, and when it delivers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from datetime import datetime

import attrs

from chatcore._engine.body import Engine
from chatcore._engine.calls import MessagingCalls, StorageCalls
from chatcore._engine.carrying import Carrier
from chatcore._engine.ingesting import ingest
from chatcore._engine.outside import BillingCalls, ContractsCalls, Outside
from chatcore._engine.reading import Reader
from chatcore.answers import Delivery, Ingested, Observation
from chatcore.channels.items import Batch
from chatcore.commands import Command, Outcome
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import SECRET_BYTES
from chatcore.ports import AsyncPorts, Ports
from chatcore.rules.table import CompanyRule
from chatcore.vocabulary import Actor, AgentId, EventId

__all__ = ["Way", "open_way"]


@attrs.frozen(slots=True, eq=False, repr=False)
class Way:
    """What both desks do, over ports already lifted to one shape."""

    engine: Engine
    carrier: Carrier
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
        when = self.delivery if delivery is None else _delivery(delivery)
        done = await self.engine.perform(
            command, by, key=key, expected=expected, correlation=correlation, causation=causation
        )
        if when is Delivery.INLINE:
            await self.carrier.deliver(done)
        return done.outcome

    async def ingest(self, batch: Batch) -> tuple[Ingested, ...]:
        if type(batch) is not Batch:
            raise InvalidValue.of("batch", "not_a_batch")
        carrier = self.carrier if self.delivery is Delivery.INLINE else None
        return await ingest(self.engine, carrier, batch)


def _delivery(value: str) -> Delivery:
    try:
        return Delivery(value)
    except ValueError:
        raise InvalidValue.of("delivery", "not_a_delivery") from None


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
    rules: Iterable[CompanyRule],
) -> Way:
    """Open a desk's body over its ports, sync or async; settings of a wrong kind are told at once."""
    bad: list[Problem] = []
    if type(ports) is not (Ports if sync else AsyncPorts):
        bad.append(Problem("ports", "not_ports"))
    if type(secret) is not bytes or len(secret) > SECRET_BYTES:
        bad.append(Problem("secret", "not_a_secret", limit=SECRET_BYTES))
    given: dict[str, object] = {"clock": clock, "new_root": new_root, "available": available}
    if observe is not None:
        given["observe"] = observe
    try:
        company = tuple(rules)
    except TypeError:
        company = (None,)  # type: ignore[assignment]
    if not all(map(callable, company)) or any(map(inspect.iscoroutinefunction, company)):
        bad.append(Problem("rules", "not_rules"))
    bad += [Problem(name, "not_callable") for name, thing in given.items() if not callable(thing)]
    if bad:
        raise InvalidValue(*bad)
    engine = Engine(
        StorageCalls(ports.storage, sync=sync),
        Outside(
            {kind: MessagingCalls(port, sync=sync) for kind, port in ports.messaging.items()},
            None if ports.contracts is None else ContractsCalls(ports.contracts, sync=sync),
            None if ports.billing is None else BillingCalls(ports.billing, sync=sync),
        ),
        clock=clock,
        new_root=new_root,
        secret=secret,
        available=available,
        observe=observe,
        rules=company,
    )
    return Way(engine, Carrier(engine), Reader(engine), _delivery(delivery))
