"""The ports in memory, as async adapters: the same storage and channel, for an `AsyncDesk`. They never wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from chatcore.entities import (
    Attachment,
    BillingCapabilities,
    Boleto,
    ChannelCapabilities,
    Contact,
    Contract,
    ContractsCapabilities,
    Conversation,
    Customer,
    Effect,
    Invoice,
    IssuedBoleto,
    IssuedInvoice,
    Message,
)
from chatcore.events import Envelope
from chatcore.memory.billing import MemoryBilling
from chatcore.memory.contracts import MemoryContracts
from chatcore.memory.messaging import MemoryMessaging
from chatcore.memory.storage import MemoryStorage
from chatcore.ports import (
    BoletoRequest,
    BonusRequest,
    ChangeSet,
    CustomerQuery,
    Due,
    FetchRequest,
    InvoiceRequest,
    ReadSet,
    ReceiptRequest,
    SendRequest,
    ServiceOrderRequest,
    Snapshot,
)
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Page
from chatcore.vocabulary import CustomerId, EffectId, Ref

__all__ = ["AsyncMemoryBilling", "AsyncMemoryContracts", "AsyncMemoryMessaging", "AsyncMemoryStorage"]


class AsyncMemoryStorage:
    """Everything of one tenant, in memory; `storage` is what it stands before, and may be shared with it."""

    def __init__(self, storage: MemoryStorage | None = None) -> None:
        self.storage = storage if storage is not None else MemoryStorage()

    async def read(self, wanted: ReadSet, /) -> Snapshot:
        """As `MemoryStorage.read`."""
        return self.storage.read(wanted)

    async def apply(self, change: ChangeSet, /) -> None:
        """As `MemoryStorage.apply`."""
        self.storage.apply(change)

    async def due(self, *, now: datetime, limit: int) -> Due:
        """As `MemoryStorage.due`."""
        return self.storage.due(now=now, limit=limit)

    async def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        """As `MemoryStorage.conversations`."""
        return self.storage.conversations(query, limit=limit, cursor=cursor)

    async def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        """As `MemoryStorage.count`."""
        return self.storage.count(query, at_most=at_most)

    async def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        """As `MemoryStorage.messages`."""
        return self.storage.messages(query, limit=limit, cursor=cursor)

    async def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        """As `MemoryStorage.contacts`."""
        return self.storage.contacts(query, limit=limit, cursor=cursor)

    async def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        """As `MemoryStorage.effects`."""
        return self.storage.effects(query, limit=limit, cursor=cursor)

    async def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        """As `MemoryStorage.stream`."""
        return self.storage.stream(ref, after=after, limit=limit)

    async def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        """As `MemoryStorage.changes`."""
        return self.storage.changes(after=after, limit=limit)

    async def head(self) -> str:
        """As `MemoryStorage.head`."""
        return self.storage.head()

    async def forget(self, *, before: datetime) -> int:
        """As `MemoryStorage.forget`."""
        return self.storage.forget(before=before)


class AsyncMemoryMessaging:
    """A messaging adapter that keeps what it is given; `messaging` is what it stands before."""

    def __init__(self, messaging: MemoryMessaging | None = None) -> None:
        self.messaging = messaging if messaging is not None else MemoryMessaging()

    @property
    def capabilities(self) -> ChannelCapabilities:
        """What this channel carries."""
        return self.messaging.capabilities

    @property
    def outbox(self) -> list[SendRequest]:
        """What was sent."""
        return self.messaging.outbox

    async def send(self, request: SendRequest, /) -> str:
        """As `MemoryMessaging.send`."""
        return self.messaging.send(request)

    async def look_up(self, key: EffectId, /) -> str | None:
        """As `MemoryMessaging.look_up`."""
        return self.messaging.look_up(key)

    async def fetch(self, request: FetchRequest, /) -> Attachment:
        """As `MemoryMessaging.fetch`."""
        return self.messaging.fetch(request)

    async def mark_read(self, request: ReceiptRequest, /) -> None:
        """As `MemoryMessaging.mark_read`."""
        self.messaging.mark_read(request)


class AsyncMemoryContracts:
    """A contracts adapter that keeps what it is given; `contracts_side` is what it stands before."""

    def __init__(self, contracts_side: MemoryContracts | None = None) -> None:
        self.contracts_side = contracts_side if contracts_side is not None else MemoryContracts()

    @property
    def capabilities(self) -> ContractsCapabilities:
        """What it offers."""
        return self.contracts_side.capabilities

    async def find(self, query: CustomerQuery, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        """As `MemoryContracts.find`."""
        return self.contracts_side.find(query, limit=limit, deadline=deadline)

    async def contracts(
        self, customers: Collection[CustomerId], /, *, deadline: datetime
    ) -> Mapping[CustomerId, tuple[Contract, ...]]:
        """As `MemoryContracts.contracts`."""
        return self.contracts_side.contracts(customers, deadline=deadline)

    async def open_order(self, request: ServiceOrderRequest, /) -> str:
        """As `MemoryContracts.open_order`."""
        return self.contracts_side.open_order(request)

    async def look_up(self, key: EffectId, /) -> str | None:
        """As `MemoryContracts.look_up`."""
        return self.contracts_side.look_up(key)


class AsyncMemoryBilling:
    """A billing adapter that keeps what it is given; `billing_side` is what it stands before."""

    def __init__(self, billing_side: MemoryBilling | None = None) -> None:
        self.billing_side = billing_side if billing_side is not None else MemoryBilling()

    @property
    def capabilities(self) -> BillingCapabilities:
        """What it offers."""
        return self.billing_side.capabilities

    async def boletos(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Boleto, ...]:
        """As `MemoryBilling.boletos`."""
        return self.billing_side.boletos(customer, deadline=deadline)

    async def invoices(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Invoice, ...]:
        """As `MemoryBilling.invoices`."""
        return self.billing_side.invoices(customer, deadline=deadline)

    async def issue_boleto(self, request: BoletoRequest, /) -> IssuedBoleto:
        """As `MemoryBilling.issue_boleto`."""
        return self.billing_side.issue_boleto(request)

    async def issue_invoice(self, request: InvoiceRequest, /) -> IssuedInvoice:
        """As `MemoryBilling.issue_invoice`."""
        return self.billing_side.issue_invoice(request)

    async def grant_bonus(self, request: BonusRequest, /) -> str:
        """As `MemoryBilling.grant_bonus`."""
        return self.billing_side.grant_bonus(request)

    async def look_up(self, key: EffectId, /) -> str | None:
        """As `MemoryBilling.look_up`."""
        return self.billing_side.look_up(key)
