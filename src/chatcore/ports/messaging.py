"""The messaging port: carry one message out, through one kind of channel."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from chatcore.entities import ChannelCapabilities
from chatcore.vocabulary import EffectId, MessageKind, Private

__all__ = ["AsyncMessaging", "AsyncSupportsLookUp", "Messaging", "SendRequest", "SupportsLookUp"]


@attrs.frozen(slots=True, kw_only=True)
class SendRequest:
    """One message to send.

    `key` is the same at every attempt: give it to the provider wherever it takes one. `account` is the
    provider's id of the channel's account; `to` the exact address it knows the customer by (M10). After
    `deadline` the core treats an attempt that has not answered as in doubt.
    """

    key: EffectId
    account: str
    to: Private
    kind: MessageKind
    text: Private
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
    """An optional power: tell by its key what became of a send. Goes with the nature `LooksUpByKey`."""

    def look_up(self, key: EffectId, /) -> str | None:
        """The provider's id for what was sent with this key; None if it knows of nothing.

        Raises:
            Permanent: it knows that it refused it.
            Temporary: it cannot tell now.
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
    """An optional power: tell by its key what became of a send. Goes with the nature `LooksUpByKey`."""

    async def look_up(self, key: EffectId, /) -> str | None:
        """As `SupportsLookUp.look_up`."""
