"""The contracts suite over adapters that are right, memory's and one over HTTP: sync, async, of each nature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from chatcore.br import TaxId
from chatcore.entities import (
    AtMostOnce,
    Contract,
    ContractsCapabilities,
    Customer,
    LooksUpByKey,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.memory import AsyncMemoryContracts, MemoryContracts
from chatcore.testing import Clock
from chatcore.testing.suites import ContractsSuite, Failing, Opened, Reported
from chatcore.vocabulary import CustomerKey
from tests.kit.http_contracts import HttpContracts, HttpContractsSuite

DAY = timedelta(days=1)


def offers(orders: Nature | None) -> ContractsCapabilities:
    return ContractsCapabilities(orders=orders, transcripts=True)


BARE = ContractsCapabilities(finds_by=(CustomerKey.PHONE,), orders=AtMostOnce())
NOTHING = ContractsCapabilities(finds_by=())


class OverMemory(ContractsSuite):
    """What the suites over memory share."""

    not_faked: ClassVar[Mapping[str, str]] = dict.fromkeys(Failing, "memory never fails")
    offers: ClassVar[ContractsCapabilities] = offers(RepeatsByKey(DAY))

    def make(self) -> Any:
        self.clock = Clock("2026-03-08T12:00:00Z")
        self.side = MemoryContracts(self.offers, clock=self.clock)
        return self.side

    def stock(
        self,
        adapter: Any,
        customer: Customer,
        /,
        *,
        phones: Sequence[str],
        document: TaxId | None,
        contracts: Sequence[Contract],
    ) -> None:
        self.side.add(customer, phones=phones, document=document)
        for contract in contracts:
            self.side.put(contract)

    def opened(self, adapter: Any, /) -> Sequence[Opened]:
        return [
            Opened(
                reference=f"so-{n}",
                customer=each.customer,
                contract=each.contract,
                type=each.type,
                text="\n".join(
                    [
                        each.protocol,
                        each.subject.reveal(),
                        each.description.reveal(),
                        *(line.text.reveal() for line in (each.transcript.lines if each.transcript else ())),
                    ]
                ),
                priority=each.priority,
                schedule=each.schedule,
            )
            for n, each in enumerate(self.side.orders, 1)
        ]

    def pass_time(self, adapter: Any, span: timedelta, /) -> None:
        self.clock.advance(span)

    def reports(self, adapter: Any, /) -> Sequence[Reported]:
        return [Reported(key=key, reference=reference) for key, reference in self.side.reports()]

    def now(self) -> datetime:
        return self.clock.now


class TestMemoryRepeats(OverMemory):
    pass


class TestMemoryRepeatsAsync(OverMemory):
    async def make(self) -> Any:
        return AsyncMemoryContracts(super().make())


class TestMemoryLooksUp(OverMemory):
    offers = offers(LooksUpByKey(timedelta(minutes=5)))


class TestMemoryReports(OverMemory):
    offers = offers(ReportsByKey())


class TestMemoryAtMostOnce(OverMemory):
    offers = BARE


class TestMemoryNothing(OverMemory):
    offers = NOTHING


class LooksUp(HttpContracts):
    offers = offers(LooksUpByKey(timedelta(minutes=5)))


class Reports(HttpContracts):
    offers = offers(ReportsByKey())


class Bare(HttpContracts):
    offers = BARE


class Nothing(HttpContracts):
    offers = NOTHING


class TestHttpRepeats(HttpContractsSuite):
    pass


class TestHttpRepeatsAsync(HttpContractsSuite):
    waits = True


class TestHttpLooksUp(HttpContractsSuite):
    adapter = LooksUp


class TestHttpLooksUpAsync(HttpContractsSuite):
    adapter = LooksUp
    waits = True


class TestHttpReports(HttpContractsSuite):
    adapter = Reports


class TestHttpAtMostOnce(HttpContractsSuite):
    adapter = Bare


class TestHttpNothing(HttpContractsSuite):
    adapter = Nothing
