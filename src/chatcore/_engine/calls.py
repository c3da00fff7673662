"""How the engine calls a port: one shape for sync and async adapters, and one for what may come of a call.

A sync adapter is lifted: its method is called, and the coroutine around it never waits, so `Desk` finishes it
in a single step. Anything an adapter raises outside the error tree is wrapped: on reads it broke its contract,
on writes it may have been done. What a cancelled caller raises is not an error of the adapter's and passes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from chatcore._shape import not_id
from chatcore.entities import Attachment, ChannelCapabilities, Contact, Conversation, Effect, Message
from chatcore.errors import ChatcoreError, ContractViolation, OutcomeUnknown, Permanent, PortFailure
from chatcore.events import Envelope
from chatcore.ports import (
    AsyncMessaging,
    AsyncStorage,
    ChangeSet,
    Due,
    FetchRequest,
    Messaging,
    ReadSet,
    ReceiptRequest,
    SendRequest,
    Snapshot,
    Storage,
)
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Page
from chatcore.vocabulary import EffectId, Ref

__all__ = [
    "Calls",
    "MessagingCalls",
    "StorageCalls",
    "WritingCalls",
]

T = TypeVar("T")

_STORAGE = (
    "read",
    "apply",
    "due",
    "conversations",
    "messages",
    "contacts",
    "effects",
    "stream",
    "changes",
    "count",
    "head",
    "forget",
)


class Calls:
    """Calls the methods of one adapter, sync or async."""

    def __init__(self, port: object, name: str, methods: tuple[str, ...], *, sync: bool) -> None:
        self._name = name
        self._sync = sync
        for method in methods:
            bound = getattr(port, method, None)
            if not callable(bound) or (sync and inspect.iscoroutinefunction(bound)):
                raise ContractViolation(name, method)

    def _power(self, port: object, name: str, *, sync: bool) -> Callable[..., Any] | None:
        """An optional power of the adapter, if it has it."""
        power: Callable[..., Any] | None = getattr(port, name, None)
        if power is not None and sync and inspect.iscoroutinefunction(power):
            raise ContractViolation(self._name, name)
        return power

    async def _read(
        self, expected: type[T], name: str, method: Callable[..., Any], *args: object, **kwargs: object
    ) -> T:
        try:
            result = method(*args, **kwargs)
            if not self._sync:
                result = await result
        except ChatcoreError:
            raise
        except Exception as error:
            raise ContractViolation(self._name, name) from error
        if not isinstance(result, expected) or hasattr(result, "__await__"):
            _close(result)
            raise ContractViolation(self._name, name)
        return result

    async def _write(self, method: Callable[..., Any], *args: object, **kwargs: object) -> object:
        try:
            result = method(*args, **kwargs)
            if not self._sync:
                result = await result
        except ChatcoreError:
            raise
        except Exception as error:
            raise OutcomeUnknown from error
        if hasattr(result, "__await__"):
            _close(result)
            raise OutcomeUnknown
        return result


def _close(result: object) -> None:
    """Close a coroutine nobody will await, so that it does not warn later."""
    close = getattr(result, "close", None)
    if inspect.iscoroutine(result) and close is not None:
        close()


class StorageCalls(Calls):
    """The storage port as the engine sees it."""

    def __init__(self, port: Storage | AsyncStorage, *, sync: bool) -> None:
        super().__init__(port, "storage", _STORAGE, sync=sync)
        self._port = port

    def read(self, wanted: ReadSet) -> Coroutine[Any, Any, Snapshot]:
        return self._read(Snapshot, "read", self._port.read, wanted)

    async def apply(self, change: ChangeSet) -> None:
        if await self._write(self._port.apply, change) is not None:
            raise OutcomeUnknown

    async def due(self, *, now: datetime, limit: int) -> Due:
        return await self._read(Due, "due", self._port.due, now=now, limit=limit)

    async def conversations(
        self, query: ConversationQuery, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        return await self._read(
            Page, "conversations", self._port.conversations, query, limit=limit, cursor=cursor
        )

    async def messages(self, query: MessageQuery, limit: int, cursor: str | None) -> Page[Message]:
        return await self._read(Page, "messages", self._port.messages, query, limit=limit, cursor=cursor)

    async def contacts(self, query: ContactQuery, limit: int, cursor: str | None) -> Page[Contact]:
        return await self._read(Page, "contacts", self._port.contacts, query, limit=limit, cursor=cursor)

    async def effects(self, query: EffectQuery, limit: int, cursor: str | None) -> Page[Effect]:
        return await self._read(Page, "effects", self._port.effects, query, limit=limit, cursor=cursor)

    async def stream(self, ref: Ref, *, after: int, limit: int) -> tuple[Envelope, ...]:
        return await self._read(tuple, "stream", self._port.stream, ref, after=after, limit=limit)

    async def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        return await self._read(Page, "changes", self._port.changes, after=after, limit=limit)

    async def count(self, query: ConversationQuery | EffectQuery, at_most: int) -> int:
        return await self._read(int, "count", self._port.count, query, at_most=at_most)

    async def head(self) -> str:
        return await self._read(str, "head", self._port.head)

    async def forget(self, *, before: datetime) -> int:
        dropped = await self._write(self._port.forget, before=before)
        if type(dropped) is not int:
            raise OutcomeUnknown
        return dropped


class WritingCalls(Calls):
    """A port that does something outside, which some adapters can look up by its key."""

    def __init__(self, port: object, name: str, methods: tuple[str, ...], *, sync: bool) -> None:
        super().__init__(port, name, methods, sync=sync)
        self._look_up = self._power(port, "look_up", sync=sync)

    @property
    def asks(self) -> bool:
        """Whether the adapter can look a write up by its key."""
        return self._look_up is not None

    async def _read(
        self, expected: type[T], name: str, method: Callable[..., Any], *args: object, **kwargs: object
    ) -> T:
        """As every adapter; an error of the core's own that is no port's to raise broke the contract too."""
        try:
            return await super()._read(expected, name, method, *args, **kwargs)
        except PortFailure:
            raise
        except ChatcoreError as error:
            raise ContractViolation(self._name, name) from error

    async def look_up(self, key: EffectId) -> str | None:
        assert self._look_up is not None
        result = await self._read(object, "look_up", self._look_up, key)
        if result is None or (type(result) is str and not not_id(result)):
            return result
        raise ContractViolation(self._name, "look_up")

    async def _done(self, method: Callable[..., Any], request: object) -> str:
        """Do something outside; what it answers is its id there."""
        result = await self._write(method, request)
        if type(result) is not str or not_id(result):
            raise OutcomeUnknown
        return result


class MessagingCalls(WritingCalls):
    """One messaging port as the engine sees it."""

    def __init__(self, port: Messaging | AsyncMessaging, *, sync: bool) -> None:
        super().__init__(port, "messaging", ("send",), sync=sync)
        self._port = port
        self._fetch = self._power(port, "fetch", sync=sync)
        self._mark_read = self._power(port, "mark_read", sync=sync)

    @property
    def capabilities(self) -> ChannelCapabilities:
        try:
            found = self._port.capabilities
        except Exception as error:
            raise ContractViolation(self._name, "capabilities") from error
        if type(found) is not ChannelCapabilities:
            raise ContractViolation(self._name, "capabilities")
        return found

    @property
    def fetches(self) -> bool:
        """Whether the adapter fetches files. Rule: M17."""
        return self._fetch is not None

    async def fetch(self, request: FetchRequest) -> Attachment:
        if self._fetch is None:
            raise Permanent("not_supported")
        return await self._read(Attachment, "fetch", self._fetch, request)

    async def mark_read(self, request: ReceiptRequest) -> None:
        if self._mark_read is None:
            raise Permanent("not_supported")
        await self._write(self._mark_read, request)

    async def send(self, request: SendRequest) -> str:
        return await self._done(self._port.send, request)
