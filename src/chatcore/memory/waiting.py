"""The ports in memory, as async adapters: the same storage and channel, for an `AsyncDesk`. They never wait."""

from __future__ import annotations

from datetime import datetime

from chatcore.entities import Attachment, ChannelCapabilities, Contact, Conversation, Effect, Message
from chatcore.events import Envelope
from chatcore.memory.messaging import MemoryMessaging
from chatcore.memory.storage import MemoryStorage
from chatcore.ports import ChangeSet, Due, FetchRequest, ReadSet, ReceiptRequest, SendRequest, Snapshot
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Page
from chatcore.vocabulary import EffectId, Ref

__all__ = ["AsyncMemoryMessaging", "AsyncMemoryStorage"]


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

    async def count(self, query: ConversationQuery, /, *, at_most: int) -> int:
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
