"""A person who writes to the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from chatcore.commands import ReceiveMessage
from chatcore.vocabulary import SYSTEM, ChannelId, ContactId, ConversationId, Private

if TYPE_CHECKING:
    from chatcore.testing.world import World

__all__ = ["Customer"]


@attrs.frozen(eq=False)
class Customer:
    """A person with a phone, as `World.customer` makes one. Their name and phone are personal, and redacted."""

    name: Private
    phone: Private
    channel: ChannelId
    _world: World = attrs.field(repr=False)

    def message(self, text: str | None = "Oi", /, **details: Any) -> ReceiveMessage:
        """A message of theirs as the channel brings it now, for `World.when` with ``by=SYSTEM``.

        `details` are fields of `ReceiveMessage`: ``kind`` and ``media``, ``reply_to``, or the ``provider_id``
        of an earlier message, to have that come twice.
        """
        values = {
            "channel": self.channel,
            "address": self.phone,
            "name": self.name,
            "provider_id": self._world.new_provider_id(),
            "sent_at": self._world.clock.now,
            "text": text,
        }
        return ReceiveMessage(**{**values, **details})

    def writes(self, text: str | None = "Oi", /, **details: Any) -> ConversationId:
        """They write, now; gives the conversation that their message is in.

        Raises:
            AssertionError: it was not received: they are blocked, or it came before.
        """
        __tracebackhide__ = True
        conversation = self._world.given(self.message(text, **details), by=SYSTEM).conversation
        if conversation is None:
            raise AssertionError(
                "the message was not received: the contact is blocked, or it came before; to expect that, "
                "use world.when(customer.message(...), by=SYSTEM)"
            )
        return conversation

    @property
    def contact(self) -> ContactId:
        """The contact that the service knows them as.

        Raises:
            AssertionError: it does not know them yet.
        """
        return self._world.contact_at(self.channel, self.phone)
