"""The suite for contracts adapters: customers are found, contracts are whole and theirs, orders opened once.

    class TestMyContracts(ContractsSuite):
        def make(self):
            self.erp = FakeErp()
            return MyContracts(self.erp.url)

        def stock(self, adapter, customer, *, phones, document, contracts):
            self.erp.put(customer.id, customer.name.reveal(), phones, document, contracts)

        def opened(self, adapter):
            return [Opened(reference=o["id"], customer=o["client"], ...) for o in self.erp.orders]

        def fail(self, adapter, how):
            self.erp.failing = how

`ContractsSuite` says what each hook is for, and each test what to look for when it fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs
import pytest

from chatcore.entities import ContractsCapabilities
from chatcore.errors import Permanent
from chatcore.ports import (
    AsyncContracts,
    Contracts,
    ServiceOrderRequest,
    Transcript,
    TranscriptLine,
)
from chatcore.testing.suites._customers import CustomerSuite
from chatcore.vocabulary import (
    Actor,
    ContractId,
    ContractStatus,
    CustomerId,
    Direction,
    EffectId,
    MessageKind,
    Priority,
    Private,
)

__all__ = ["ContractsSuite", "Opened"]


@attrs.frozen(slots=True, kw_only=True)
class Opened:
    """One service order as the outside has it.

    * `reference`: its number there; `customer` and `contract` are None where it was opened without.
    * `text`: all that is written on it, in one: subject, description, protocol, transcript, in any order.
    * `priority` and `schedule` are None where there is none, or where the outside knows no such thing;
      `schedule` is an aware moment, in any zone.
    """

    reference: str
    customer: str | None
    contract: str | None
    type: str
    text: str
    priority: Priority | None
    schedule: datetime | None


class ContractsSuite(CustomerSuite[Opened]):
    """Tests for an adapter of `Contracts` or `AsyncContracts`, over a fake of its outside.

    Write `make`, `stock`, `opened` and `fail`; and, where the nature of orders asks for them, `pass_time` and
    `reports`.
    """

    ports = (Contracts, AsyncContracts)
    order_types: ClassVar[Sequence[str]] = ("visit",)
    """Types of service order that the outside takes."""
    prioritizes: ClassVar[bool] = True
    """Whether the outside's orders have a priority."""
    schedules: ClassVar[bool] = True
    """Whether the outside's orders have a time that somebody is to come."""

    _does = "open_order"
    _did = "opened"
    _tells = Opened
    _offers = ContractsCapabilities
    _name = "orders"

    # --- what an author writes --------------------------------------------------------------------------------

    def opened(self, adapter: Any, /) -> Sequence[Opened] | Awaitable[Sequence[Opened]]:
        """All orders that were really opened, in order, each as often as it was; empty where none is."""
        self._unwritten("opened", "tell what orders were really opened, as `Opened` values, in order")

    # --- a test's tools ---------------------------------------------------------------------------------------

    def _request(self, key: EffectId, deadline: datetime, mark: str) -> ServiceOrderRequest:
        return ServiceOrderRequest(
            key=key,
            customer=self._orderer[0],
            contract=self._orderer[1],
            type=self.order_types[0],
            subject=Private(f"Sem sinal {mark}"),
            description=Private(f"Luz vermelha; ligar antes. {mark}"),
            priority=Priority.HIGH if self.prioritizes else Priority.NORMAL,
            protocol="202603080000000001",
            requested_by=Actor.agent("ana"),
            deadline=deadline,
        )

    _ordering: tuple[CustomerId, ContractId] | None = None

    @property
    def _orderer(self) -> tuple[CustomerId, ContractId]:
        """A customer that the outside knows, and a contract of theirs, to open orders for."""
        if self._ordering is None:
            customer, [contract] = self._customer(contracts=[ContractStatus.ACTIVE])
            self._ordering = customer.id, contract.id
        return self._ordering

    def _misfits(self, request: ServiceOrderRequest, done: Opened) -> Iterator[str]:
        pairs: dict[str, tuple[object, object]] = {
            "customer": (request.customer, done.customer),
            "contract": (request.contract, done.contract),
            "type": (request.type, done.type),
            "priority": (request.priority if self.prioritizes else None, done.priority),
        }
        yield from (f"{name} is {was!r}, not {is_!r}" for name, (is_, was) in pairs.items() if is_ != was)
        if done.schedule is not None and done.schedule.tzinfo is None:
            yield f"opened() tells schedule as an aware moment, not {done.schedule!r}"
        elif done.schedule != (request.schedule if self.schedules else None):
            yield f"somebody is to come at {done.schedule}, not at {request.schedule}"
        written = {
            "subject": request.subject.reveal(),
            "description": request.description.reveal(),
            "protocol": request.protocol,
        }
        lines = () if request.transcript is None else request.transcript.lines
        written |= {f"line {n} of the transcript": line.text.reveal() for n, line in enumerate(lines, 1)}
        yield from (
            f"the {name}, {text!r}, is not on it" for name, text in written.items() if text not in done.text
        )

    # --- service orders ---------------------------------------------------------------------------------------

    @pytest.mark.parametrize("priority", Priority)
    def test_an_order_has_its_priority(self, priority: Priority) -> None:
        """Each priority arrives as it is. Rule: B12.

        When this fails: map all four; an outside without priorities says `prioritizes = False` in the suite.
        """
        port = self._sample()
        self._only_writing(port)
        self._succeed(port, attrs.evolve(self._asked(), priority=priority))

    def test_an_order_says_when_somebody_is_to_come(self) -> None:
        """The moment arrives as it is, whatever zone the outside writes it in. Rule: B12.

        When this fails: `schedule` is in UTC. Written down without its zone it is three hours off in Brazil.
        """
        port = self._sample()
        self._only_writing(port)
        moment = self.now().replace(minute=30, second=0, microsecond=0) + timedelta(days=2)
        self._succeed(port, attrs.evolve(self._asked(), schedule=moment))

    def test_each_type_of_order_arrives(self) -> None:
        """Of each type in `order_types`. Rule: B12.

        When this fails: give the outside the type that was asked for, not one of the adapter's own.
        """
        port = self._sample()
        self._only_writing(port)
        for type in self.order_types:
            self._succeed(port, attrs.evolve(self._asked(), type=type))

    def test_an_order_may_have_no_contract_or_customer(self) -> None:
        """Opened without them, or refused with `Permanent`; never for somebody else. Rule: B12.

        When this fails: `customer` and `contract` may be None. Look for "the first contract", and for the text
        "None" as an id.
        """
        port = self._sample()
        self._only_writing(port)
        for changes in ({"contract": None}, {"customer": None, "contract": None}):
            tried = self._try(port, attrs.evolve(self._asked(), **changes))
            assert isinstance(tried.answer, str | Permanent), f"without {', '.join(changes)}: it gave {tried}"

    def test_a_transcript_goes_along_where_transcripts_do(self) -> None:
        """All its lines are on the order; without the capability an order with one is refused. Rule: B12.

        When this fails: write the lines onto the order, in order; or raise `Permanent("not_offered")`, since
        who reads an order without what was said would think that nothing was.
        """
        port = self._sample()
        self._only_writing(port)
        lines = tuple(
            TranscriptLine(
                at=self.now(),
                direction=direction,
                author=None,
                kind=MessageKind.TEXT,
                text=Private(f"Linha {n}, {self._unique()}"),
            )
            for n, direction in enumerate([Direction.INBOUND, Direction.OUTBOUND, Direction.INBOUND])
        )
        request = attrs.evolve(self._asked(), transcript=Transcript(lines))
        if self._capabilities(port).transcripts:
            self._succeed(port, request)
        else:
            self._refused(port, request, "capabilities.transcripts is False")
