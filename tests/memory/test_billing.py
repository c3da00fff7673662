"""Billing in memory, and how each of the four natures behaves: what is written is done as often as promised.

What goes for a bonus goes for a service order: tests of the natures run over both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    Bonus,
    ContractsCapabilities,
    IssuedBoleto,
    IssuedInvoice,
    LooksUpByKey,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import InvalidValue, Permanent
from chatcore.memory import AsyncMemoryBilling, MemoryBilling, MemoryContracts
from chatcore.ports import AsyncBilling, Billing, BoletoRequest, BonusRequest, InvoiceRequest, SupportsLookUp
from chatcore.vocabulary import Actor, BoletoForm, BoletoId, BoletoState, EffectId, InvoiceId, Private
from tests.memory.test_contracts import order
from tests.office import NOON
from tests.shop import HOME, MARIA_ID, PDF, boleto, invoice

SOON = NOON + timedelta(seconds=2)
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


def bonus(key: str = "ef_1.1") -> BonusRequest:
    return BonusRequest(
        key=EffectId(key),
        customer=MARIA_ID,
        contract=HOME,
        bonus=Bonus.amount("10"),
        period="2026-03",
        justification=Private("Esperou"),
        granted_by=Actor.agent("ana"),
        deadline=SOON,
    )


class Written:
    """A side of some nature, with a clock; `write` writes with a key, `done` are the keys that were met."""

    def __init__(self, kind: str, nature: Nature | None, clock: bool = True) -> None:
        self.now = NOON
        self.is_bonus = kind == "bonus"
        tell: Callable[[], datetime] | None = (lambda: self.now) if clock else None
        self.side: Any = (
            MemoryBilling(BillingCapabilities(bonus=nature), clock=tell)
            if self.is_bonus
            else MemoryContracts(ContractsCapabilities(orders=nature), clock=tell)
        )

    def write(self, key: str = "ef_1.1") -> str:
        number = self.side.grant_bonus(bonus(key)) if self.is_bonus else self.side.open_order(order(key))
        assert isinstance(number, str)
        return number.partition("-")[2]

    @property
    def done(self) -> list[str]:
        return [request.key for request in (self.side.bonuses if self.is_bonus else self.side.orders)]

    def look_up(self, key: str = "ef_1.1") -> str | None:
        found: str | None = self.side.look_up(EffectId(key))
        return found


both = pytest.mark.parametrize("kind", ["bonus", "order"])
NATURES: tuple[Nature, ...] = (RepeatsByKey(HOUR), LooksUpByKey(HOUR), ReportsByKey(), AtMostOnce())


@both
@pytest.mark.parametrize("nature", NATURES, ids=lambda nature: type(nature).__name__)
def test_each_key_is_done_and_named(kind: str, nature: Nature) -> None:
    """Whatever the nature, two keys are two writes, each with an id of its own. Rule: B11."""
    side = Written(kind, nature)
    assert [side.write("ef_1.1"), side.write("ef_2.1")] == ["1", "2"]
    assert side.done == ["ef_1.1", "ef_2.1"]


@both
def test_by_repeats_a_key_is_done_once_while_it_is_remembered(kind: str) -> None:
    """Within the retention after its first time, to the instant; past it nobody knows the key any more."""
    side = Written(kind, RepeatsByKey(HOUR))
    assert side.write() == "1"
    side.now += HOUR
    assert side.write() == "1"
    side.now += INSTANT
    assert side.write() == "2"
    side.now += HOUR
    assert side.write() == "2"
    assert side.done == ["ef_1.1", "ef_1.1"]
    assert (side.look_up(), side.side.reports()) == (None, ())


@both
def test_by_look_up_a_key_is_found_when_the_horizon_is_over(kind: str) -> None:
    """Not an instant sooner, as what is on its way cannot be seen yet; and each write is done."""
    side = Written(kind, LooksUpByKey(HOUR))
    first = side.write()
    assert side.look_up("ef_2.1") is None
    side.now += HOUR - INSTANT
    assert side.look_up() is None
    side.now += INSTANT
    found = side.look_up()
    assert found is not None
    assert found.endswith(f"-{first}")
    assert side.write() == "2"
    assert (side.look_up(), side.done) == (found, ["ef_1.1", "ef_1.1"])


@both
def test_by_report_each_write_is_told_once(kind: str) -> None:
    """In order, with its key, to whoever fetches first; a look-up tells nothing."""
    side = Written(kind, ReportsByKey())
    numbers = [side.write(key) for key in ("ef_1.1", "ef_2.1", "ef_1.1")]
    told = side.side.reports()
    assert [key for key, _ in told] == ["ef_1.1", "ef_2.1", "ef_1.1"]
    assert [name.partition("-")[2] for _, name in told] == numbers == ["1", "2", "3"]
    assert (side.side.reports(), side.look_up()) == ((), None)


@both
def test_by_none_of_these_nothing_tells_of_a_write(kind: str) -> None:
    """It is done each time it is asked for, however alike."""
    side = Written(kind, AtMostOnce())
    assert [side.write(), side.write()] == ["1", "2"]
    side.now += 24 * HOUR
    assert (side.look_up(), side.side.reports(), side.done) == (None, (), ["ef_1.1", "ef_1.1"])


@both
def test_without_a_clock_nothing_is_forgotten_and_all_is_found(kind: str) -> None:
    """A key is remembered for good, and found at once."""
    repeats = Written(kind, RepeatsByKey(timedelta(0)), clock=False)
    assert [repeats.write(), repeats.write()] == ["1", "1"]
    looks = Written(kind, LooksUpByKey(HOUR), clock=False)
    number, found = looks.write(), looks.look_up()
    assert found is not None
    assert found.endswith(f"-{number}")


@both
def test_what_is_not_offered_is_refused(kind: str) -> None:
    """With a code, and nothing is done. Rule: B8, B12."""
    side = Written(kind, None)
    with pytest.raises(Permanent) as refused:
        side.write()
    assert refused.value.reason == "not_offered"
    assert (side.done, side.look_up(), side.side.reports()) == ([], None, ())


@both
@pytest.mark.parametrize("nature", NATURES, ids=lambda nature: type(nature).__name__)
def test_threads_write_as_one_would(kind: str, nature: Nature) -> None:
    """Eight at once, with ten keys between them: no write is lost, and none is done twice that is not to be."""
    side = Written(kind, nature)
    keys = [f"ef_{n % 10}.1" for n in range(400)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(side.write, keys))
    repeats = isinstance(nature, RepeatsByKey)
    assert sorted(side.done) == sorted(set(keys) if repeats else keys)
    assert len(set(numbers)) == (10 if repeats else 400)
    assert len(set(zip(keys, numbers, strict=True))) == (10 if repeats else 400)
    told = side.side.reports()
    assert len(told) == (400 if isinstance(nature, ReportsByKey) else 0)


# --- boletos and invoices -------------------------------------------------------------------------------------


def wanted(id: str = "b1", customer: str = MARIA_ID, document: bool = True) -> BoletoRequest:
    return BoletoRequest(
        key=EffectId("ef_1.1"),
        customer=customer,  # type: ignore[arg-type]
        boleto=BoletoId(id),
        document=document,
        deadline=SOON,
    )


def asked(id: str = "n1", customer: str = MARIA_ID) -> InvoiceRequest:
    return InvoiceRequest(
        key=EffectId("ef_1.1"),
        customer=customer,  # type: ignore[arg-type]
        invoice=InvoiceId(id),
        deadline=SOON,
    )


@pytest.fixture
def side() -> MemoryBilling:
    side = MemoryBilling()
    side.put(boleto(), PDF)
    side.put(boleto("b2", "cu-joao"), PDF)
    side.put(invoice(), PDF)
    side.put(invoice("n2", "cu-joao"), PDF)
    return side


def test_it_is_an_adapter() -> None:
    """It has all that the port asks for, and can look bonuses up; so has its async twin."""
    port: Billing = MemoryBilling()
    looks: SupportsLookUp = MemoryBilling()
    twin: AsyncBilling = AsyncMemoryBilling()
    assert port.capabilities == twin.capabilities
    assert set(port.capabilities.boletos) == set(BoletoForm)
    assert looks.look_up(EffectId("ef_1.1")) is None


def test_each_customer_has_their_own(side: MemoryBilling) -> None:
    """Boletos and invoices are read by customer, in whatever state; whom nobody knows has none."""
    side.put(boleto("b3", label=BoletoState.CANCELLED))
    assert [each.id for each in side.boletos(MARIA_ID, deadline=SOON)] == ["b1", "b3"]
    assert [each.id for each in side.invoices(MARIA_ID, deadline=SOON)] == ["n1"]
    assert side.boletos("nobody", deadline=SOON) == side.invoices("nobody", deadline=SOON) == ()  # type: ignore[arg-type]


def test_a_boleto_is_issued_as_it_stands_now(side: MemoryBilling) -> None:
    """With its document where that is wanted; asked for again, it is the same boleto. Rule: S13."""
    assert side.issue_boleto(wanted()) == side.issue_boleto(wanted()) == IssuedBoleto(boleto(), PDF)
    assert side.issue_boleto(wanted(document=False)) == IssuedBoleto(boleto())
    paid = boleto(label=BoletoState.PAID)
    side.put(paid)
    assert side.issue_boleto(wanted()) == IssuedBoleto(paid)
    assert side.issued == [wanted(), wanted(), wanted(document=False), wanted()]


def test_an_invoice_is_fetched_with_its_document(side: MemoryBilling) -> None:
    """As it stands now. Rule: S14."""
    assert side.issue_invoice(asked()) == IssuedInvoice(invoice(), PDF)
    side.put(invoice(cancelled=True), PDF)
    assert side.issue_invoice(asked()).invoice.cancelled
    assert side.issued == [asked(), asked()]


def test_another_customers_is_not_there(side: MemoryBilling) -> None:
    """No boleto and no invoice is had for whom it is not, nor one that is none, nor one without a document."""
    side.put(invoice("n3"))
    for attempt in (
        lambda: side.issue_boleto(wanted("b2")),
        lambda: side.issue_boleto(wanted("nope")),
        lambda: side.issue_boleto(wanted("b1", "cu-joao")),
        lambda: side.issue_invoice(asked("n2")),
        lambda: side.issue_invoice(asked("nope")),
        lambda: side.issue_invoice(asked("n3")),
    ):
        with pytest.raises(Permanent) as refused:
            attempt()
        assert refused.value.reason in ("no_such_boleto", "no_such_invoice")


def test_capabilities_say_nothing_wrong() -> None:
    """What is declared is of its kind, or refused at once."""
    for bad in (
        {"bonus": "often"},
        {"bonus": HOUR},
        {"invoices": "yes"},
        {"boletos": ["pix"]},
        {"bonus_kinds": ("days",)},
    ):
        with pytest.raises(InvalidValue):
            BillingCapabilities(**bad)  # type: ignore[arg-type]
    for span in (timedelta(-1), 60, None):
        with pytest.raises(InvalidValue):
            RepeatsByKey(span)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue):
            LooksUpByKey(span)  # type: ignore[arg-type]


def test_the_async_twin_answers_alike(side: MemoryBilling) -> None:
    """Every call gives what the side it stands before gives."""
    twin = AsyncMemoryBilling(side)

    async def all_of_it() -> tuple[object, ...]:
        return (
            await twin.boletos(MARIA_ID, deadline=SOON),
            await twin.invoices(MARIA_ID, deadline=SOON),
            await twin.issue_boleto(wanted()),
            await twin.issue_invoice(asked()),
            await twin.grant_bonus(bonus()),
            await twin.look_up(EffectId("ef_1.1")),
        )

    assert asyncio.run(all_of_it()) == (
        (boleto(),),
        (invoice(),),
        IssuedBoleto(boleto(), PDF),
        IssuedInvoice(invoice(), PDF),
        "bn-1",
        None,
    )
    assert side.bonuses == [bonus()]
