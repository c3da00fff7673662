"""A channel in memory: what is sent stands in `outbox`, and each send gets a provider's id."""

from __future__ import annotations

import threading

from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import Attachment, ChannelCapabilities
from chatcore.errors import Permanent
from chatcore.ports import FetchRequest, ReceiptRequest, SendRequest
from chatcore.vocabulary import EffectId

__all__ = ["MemoryMessaging"]


class MemoryMessaging:
    """A messaging adapter that keeps what it is given, and fetches what stands in `files` by reference.

    A key sent twice is sent once, so it may declare any nature; by default it declares what WhatsApp does.
    """

    def __init__(self, capabilities: ChannelCapabilities = CAPABILITIES) -> None:
        self._capabilities = capabilities
        self._lock = threading.Lock()
        self._sent: dict[EffectId, str] = {}
        self.outbox: list[SendRequest] = []
        self.files: dict[str, Attachment] = {}
        self.receipts: list[ReceiptRequest] = []

    @property
    def capabilities(self) -> ChannelCapabilities:
        """What this channel carries."""
        return self._capabilities

    def send(self, request: SendRequest, /) -> str:
        """Keep the message; ids are ``out-1``, ``out-2`` and so on.

        Raises:
            Permanent: this channel carries no such file, or no templates. Rule: M6.
        """
        carried = self._capabilities
        if request.template is not None and not carried.templates:
            raise Permanent("not_carried")
        if request.attachment is not None and all(each.kind is not request.kind for each in carried.media):
            raise Permanent("not_carried")
        with self._lock:
            known = self._sent.get(request.key)
            if known is not None:
                return known
            self.outbox.append(request)
            return self._sent.setdefault(request.key, f"out-{len(self.outbox)}")

    def fetch(self, request: FetchRequest, /) -> Attachment:
        """The file that the provider keeps under this reference.

        Raises:
            Permanent: it has none.
        """
        with self._lock:
            found = self.files.get(request.pointer.reference)
        if found is None:
            raise Permanent("gone")
        return found

    def mark_read(self, request: ReceiptRequest, /) -> None:
        """Keep the receipt."""
        with self._lock:
            self.receipts.append(request)

    def look_up(self, key: EffectId, /) -> str | None:
        """The id given to what was sent with this key."""
        with self._lock:
            return self._sent.get(key)
