"""The contracts port: customers, their contracts, and the opening of service orders. Rule: S5, S9, S17, B1, B2.

Reads are asked with a `deadline`: an adapter that cannot answer by then raises `Temporary`. What a read
answers is checked; what does not fit is a `ContractViolation`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

import attrs

from chatcore._shape import refuse
from chatcore.br import Phone, TaxId
from chatcore.entities import Contract, ContractsCapabilities, Customer
from chatcore.errors import Problem
from chatcore.limits import NAME_LENGTH
from chatcore.text import outbound_problems
from chatcore.vocabulary import (
    Actor,
    ContractId,
    CustomerId,
    CustomerKey,
    Direction,
    EffectId,
    MessageKind,
    Priority,
    Private,
    redacted,
)

__all__ = [
    "AsyncContracts",
    "Contracts",
    "CustomerQuery",
    "ServiceOrderRequest",
    "Transcript",
    "TranscriptLine",
]


def _private_or_none(value: str | Private | None) -> Private | None:
    return Private(value) if type(value) is str else value  # type: ignore[return-value]


@attrs.frozen(slots=True, kw_only=True)
class CustomerQuery:
    """Customers by one key: a document, a phone, or words of a name. Rule: B2."""

    document: TaxId | None = None
    phone: Phone | None = None
    name: Private | None = attrs.field(default=None, converter=_private_or_none)

    @property
    def key(self) -> CustomerKey:
        """What it goes by."""
        if self.document is not None:
            return CustomerKey.DOCUMENT
        return CustomerKey.PHONE if self.phone is not None else CustomerKey.NAME

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if sum(key is not None for key in (self.document, self.phone, self.name)) != 1:
            bad.append(Problem("document", "one_of_document_phone_name", "B2"))
        if self.document is not None and type(self.document) is not TaxId:
            bad.append(Problem("document", "not_a_document", "R5"))
        if self.phone is not None and type(self.phone) is not Phone:
            bad.append(Problem("phone", "not_a_phone", "M11"))
        if self.name is not None and type(self.name) is not Private:
            bad.append(Problem("name", "not_a_text"))
        elif self.name is not None:
            bad += outbound_problems(self.name.reveal(), "name")
            if (size := len(self.name.reveal())) > NAME_LENGTH:
                bad.append(Problem("name", "too_long", "B2", NAME_LENGTH, size))
        refuse(bad)


@attrs.frozen(slots=True, kw_only=True)
class TranscriptLine:
    """One message of a transcript: when it was recorded, which way it went, who wrote it, what it said."""

    at: datetime
    direction: Direction
    author: Actor | None
    kind: MessageKind
    text: Private


@attrs.frozen(slots=True)
class Transcript:
    """What was said, in order, private notes left out; `cut`: older messages are missing. Rule: B12."""

    lines: tuple[TranscriptLine, ...]
    cut: bool = False


@attrs.frozen(slots=True, kw_only=True)
class ServiceOrderRequest:
    """One service order to open. Rule: S17, B12.

    `key` is the same at every attempt: give it to the contracts side wherever it takes one. After `deadline`
    the core treats an attempt that has not answered as in doubt. `customer` and `contract` are None where
    nobody knows yet; `schedule` is when somebody is to come.
    """

    key: EffectId
    customer: CustomerId | None = attrs.field(repr=redacted)
    contract: ContractId | None
    type: str
    subject: Private
    description: Private
    priority: Priority
    protocol: str
    requested_by: Actor
    deadline: datetime
    schedule: datetime | None = None
    transcript: Transcript | None = None


class Contracts(Protocol):
    """Knows customers and their contracts, and opens service orders.

    An adapter whose `capabilities.orders` is `LooksUpByKey` has `SupportsLookUp` too.
    """

    @property
    def capabilities(self) -> ContractsCapabilities:
        """What it offers, and the nature of `open_order`; no I/O."""

    def find(self, query: CustomerQuery, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        """The customers that fit, each once, `limit` at most; by number in any spelling of it.

        Raises:
            Temporary: it cannot tell by the deadline.
        """

    def contracts(
        self, customers: Collection[CustomerId], /, *, deadline: datetime
    ) -> Mapping[CustomerId, tuple[Contract, ...]]:
        """The contracts of each of these customers, cancelled ones too; a customer left out has none.

        Raises:
            Temporary: it cannot tell by the deadline.
        """

    def open_order(self, request: ServiceOrderRequest, /) -> str:
        """Open a service order and give its number.

        May be called by several threads or tasks at once.

        Raises:
            Temporary: certainly not opened, so it will be tried again.
            Permanent: refused, with a code and never a sentence.
            OutcomeUnknown: may have been opened. So does anything else that is raised.
        """


class AsyncContracts(Protocol):
    """Knows customers and their contracts, and opens service orders."""

    @property
    def capabilities(self) -> ContractsCapabilities:
        """What it offers, and the nature of `open_order`; no I/O."""

    async def find(self, query: CustomerQuery, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        """As `Contracts.find`."""

    async def contracts(
        self, customers: Collection[CustomerId], /, *, deadline: datetime
    ) -> Mapping[CustomerId, tuple[Contract, ...]]:
        """As `Contracts.contracts`."""

    async def open_order(self, request: ServiceOrderRequest, /) -> str:
        """As `Contracts.open_order`."""
