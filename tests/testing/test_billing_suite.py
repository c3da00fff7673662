"""The billing suite over adapters that are right, memory's and one over HTTP: sync, async, of each nature."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from chatcore.entities import (
    AtMostOnce,
    Attachment,
    BillingCapabilities,
    Boleto,
    Invoice,
    LooksUpByKey,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.memory import AsyncMemoryBilling, MemoryBilling
from chatcore.testing import Clock
from chatcore.testing.suites import BillingSuite, Failing, Granted, Reported
from chatcore.vocabulary import BoletoForm, BonusKind
from tests.kit.http_billing import HttpBilling, HttpBillingSuite

DAY = timedelta(days=1)


def offers(bonus: Nature | None) -> BillingCapabilities:
    return BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=bonus)


BARE = BillingCapabilities(boletos=(BoletoForm.LINE,), bonus=AtMostOnce(), bonus_kinds=(BonusKind.DAYS,))
NOTHING = BillingCapabilities()


class OverMemory(BillingSuite):
    """What the suites over memory share."""

    not_faked: ClassVar[Mapping[str, str]] = dict.fromkeys(Failing, "memory never fails")
    offers: ClassVar[BillingCapabilities] = offers(RepeatsByKey(DAY))

    def make(self) -> Any:
        self.clock = Clock("2026-03-08T12:00:00Z")
        self.side = MemoryBilling(self.offers, clock=self.clock)
        return self.side

    def stock(self, adapter: Any, thing: Boleto | Invoice, document: bytes | None, /) -> None:
        file = None
        if document is not None:
            hashed = hashlib.sha256(document).hexdigest()
            file = Attachment(key=hashed, mime="application/pdf", size=len(document), sha256=hashed)
        self.side.put(thing, file)

    def granted(self, adapter: Any, /) -> Sequence[Granted]:
        return [
            Granted(
                reference=f"bn-{n}",
                customer=each.customer,
                contract=each.contract,
                bonus=each.bonus,
                period=each.period,
                text=each.justification.reveal(),
            )
            for n, each in enumerate(self.side.bonuses, 1)
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
        return AsyncMemoryBilling(super().make())


class TestMemoryLooksUp(OverMemory):
    offers = offers(LooksUpByKey(timedelta(minutes=5)))


class TestMemoryReports(OverMemory):
    offers = offers(ReportsByKey())


class TestMemoryAtMostOnce(OverMemory):
    offers = BARE


class TestMemoryNothing(OverMemory):
    offers = NOTHING


class LooksUp(HttpBilling):
    offers = offers(LooksUpByKey(timedelta(minutes=5)))


class Reports(HttpBilling):
    offers = offers(ReportsByKey())


class Bare(HttpBilling):
    offers = BARE


class Nothing(HttpBilling):
    offers = NOTHING


class TestHttpRepeats(HttpBillingSuite):
    pass


class TestHttpRepeatsAsync(HttpBillingSuite):
    waits = True


class TestHttpLooksUp(HttpBillingSuite):
    adapter = LooksUp


class TestHttpLooksUpAsync(HttpBillingSuite):
    adapter = LooksUp
    waits = True


class TestHttpReports(HttpBillingSuite):
    adapter = Reports


class TestHttpAtMostOnce(HttpBillingSuite):
    adapter = Bare


class TestHttpNothing(HttpBillingSuite):
    adapter = Nothing
