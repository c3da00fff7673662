"""A channel in memory: what is sent stands in `outbox`, and each send gets a provider's id."""

from __future__ import annotations

import threading

from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import ChannelCapabilities
from chatcore.ports import SendRequest
from chatcore.vocabulary import EffectId

__all__ = ["MemoryMessaging"]


class MemoryMessaging:
    """A messaging adapter that keeps what it is given.

    A key sent twice is sent once, so it may declare any nature; by default it declares what WhatsApp does.
    """

    def __init__(self, capabilities: ChannelCapabilities = CAPABILITIES) -> None:
        self._capabilities = capabilities
        self._lock = threading.Lock()
        self._sent: dict[EffectId, str] = {}
        self.outbox: list[SendRequest] = []

    @property
    def capabilities(self) -> ChannelCapabilities:
        """What this channel carries."""
        return self._capabilities

    def send(self, request: SendRequest, /) -> str:
        """Keep the message; ids are ``out-1``, ``out-2`` and so on."""
        with self._lock:
            known = self._sent.get(request.key)
            if known is not None:
                return known
            self.outbox.append(request)
            return self._sent.setdefault(request.key, f"out-{len(self.outbox)}")

    def look_up(self, key: EffectId, /) -> str | None:
        """The id given to what was sent with this key."""
        with self._lock:
            return self._sent.get(key)
