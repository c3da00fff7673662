"""The messaging port: carry one message out, through one kind of channel."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from chatcore.entities import Attachment, ChannelCapabilities, MediaPointer
from chatcore.vocabulary import EffectId, MessageKind, Private, redacted

__all__ = [
    "AsyncMessaging",
    "AsyncSupportsFetch",
    "AsyncSupportsLookUp",
    "AsyncSupportsReceipts",
    "FetchRequest",
    "Messaging",
    "ReceiptRequest",
    "SendRequest",
    "SupportsFetch",
    "SupportsLookUp",
    "SupportsReceipts",
    "TemplateUse",
]


@attrs.frozen(slots=True, kw_only=True)
class TemplateUse:
    """An approved template as its provider knows it, with what fills its places. Rule: M5, M6."""

    name: str
    language: str
    parameters: tuple[Private, ...] = ()


@attrs.frozen(slots=True, kw_only=True)
class SendRequest:
    """One message to send.

    `key` is the same at every attempt: give it to the provider wherever it takes one. `account` is the
    provider's id of the channel's account; `to` the exact address it knows the customer by (M10). `text` is the
    text, the caption of the `attachment`, or what the `template` says. After `deadline` the core treats an
    attempt that has not answered as in doubt.
    """

    key: EffectId
    account: str
    to: Private
    kind: MessageKind
    text: Private
    deadline: datetime
    attachment: Attachment | None = None
    template: TemplateUse | None = None


@attrs.frozen(slots=True, kw_only=True)
class FetchRequest:
    """One file to fetch from the provider and to keep. `key` and `deadline` as in `SendRequest`. Rule: M17."""

    key: EffectId
    account: str
    pointer: MediaPointer
    deadline: datetime


@attrs.frozen(slots=True, kw_only=True)
class ReceiptRequest:
    """The customer's message that was read last: `provider_id`. The rest as in `SendRequest`. Rule: L23."""

    key: EffectId
    account: str
    to: Private
    provider_id: str = attrs.field(repr=redacted)
    deadline: datetime


class Messaging(Protocol):
    """Sends messages through one kind of channel."""

    @property
    def capabilities(self) -> ChannelCapabilities:
        """What this kind of channel carries, and the nature of `send`; no I/O."""

    def send(self, request: SendRequest, /) -> str:
        """Send one message and give the provider's id for it.

        May be called by several threads or tasks at once. An id is the provider's, unique in the account.

        Raises:
            Temporary: certainly not sent, so it will be tried again: no connection, a refusal to take more now.
            Permanent: refused by the provider, with its code and never a sentence.
            OutcomeUnknown: may have been sent: a time-out, a broken answer, a failure on the provider's side
                after it had the request. So does anything else that is raised.
        """


@runtime_checkable
class SupportsLookUp(Protocol):
    """An optional power: tell by its key what became of a write. Goes with the nature `LooksUpByKey`.

    Messaging tells of sends, contracts of service orders, billing of bonuses.
    """

    def look_up(self, key: EffectId, /) -> str | None:
        """The outside's id for what was done with this key; None if it knows of nothing.

        Raises:
            Permanent: it knows that it refused it.
            Temporary: it cannot tell now.
        """


@runtime_checkable
class SupportsFetch(Protocol):
    """An optional power: fetch the files that customers send. Without it messages keep their pointer only."""

    def fetch(self, request: FetchRequest, /) -> Attachment:
        """Fetch a file, keep its bytes, and say what it is. It may be asked for twice. Rule: M17.

        Raises:
            Temporary: not now.
            Permanent: it can't be had any more.
        """


@runtime_checkable
class SupportsReceipts(Protocol):
    """An optional power: tell a customer that their messages were read, up to one of them. Rule: L23."""

    def mark_read(self, request: ReceiptRequest, /) -> None:
        """Tell the customer. It may be asked for twice.

        Raises:
            Temporary, Permanent, OutcomeUnknown: as `Messaging.send`.
        """


class AsyncMessaging(Protocol):
    """Sends messages through one kind of channel."""

    @property
    def capabilities(self) -> ChannelCapabilities:
        """What this kind of channel carries, and the nature of `send`; no I/O."""

    async def send(self, request: SendRequest, /) -> str:
        """As `Messaging.send`."""


@runtime_checkable
class AsyncSupportsLookUp(Protocol):
    """As `SupportsLookUp`."""

    async def look_up(self, key: EffectId, /) -> str | None:
        """As `SupportsLookUp.look_up`."""


@runtime_checkable
class AsyncSupportsFetch(Protocol):
    """An optional power: fetch the files that customers send. Without it messages keep their pointer only."""

    async def fetch(self, request: FetchRequest, /) -> Attachment:
        """As `SupportsFetch.fetch`."""


@runtime_checkable
class AsyncSupportsReceipts(Protocol):
    """An optional power: tell a customer that their messages were read, up to one of them. Rule: L23."""

    async def mark_read(self, request: ReceiptRequest, /) -> None:
        """As `SupportsReceipts.mark_read`."""
