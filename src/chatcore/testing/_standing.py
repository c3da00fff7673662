"""What stands in a world, to look at: every state, every event, everything sent."""

from __future__ import annotations

from typing import Final, TypeVar

from chatcore._engine.addressing import Addresses
from chatcore.entities import Contact, Conversation, Effect, Message, Workspace
from chatcore.events import Event
from chatcore.memory import MemoryStorage
from chatcore.ports import SendRequest
from chatcore.testing._outside import Outside
from chatcore.testing._seen import Seen
from chatcore.testing.clock import Clock
from chatcore.testing.when import When
from chatcore.vocabulary import (
    WORKSPACE,
    ChannelId,
    ContactId,
    ConversationId,
    EffectId,
    Private,
    Ref,
    message_id,
)

__all__ = ["SECRET", "Standing"]

SECRET: Final = b"only for tests"

_Entity = TypeVar("_Entity", Conversation, Contact, Message, Effect, Workspace)


class Standing:
    """What a world keeps, what stands around it, and its clock; whoever looks hears of a refusal unasked."""

    def __init__(self, clock: Clock, outside: Outside) -> None:
        self._last: When | None = None
        self._outside: Final = outside
        self.clock: Final = clock
        self.storage: Final = MemoryStorage()
        self.messaging: Final = outside.messaging
        self.contracts: Final = outside.contracts
        self.billing: Final = outside.billing

    @property
    def workspace(self) -> Workspace:
        """The configuration as it stands."""
        return self._state(WORKSPACE, Workspace)

    def conversation(self, id: ConversationId, /) -> Conversation:
        """A conversation as it stands, whoever may see it.

        Raises:
            AssertionError: there is none with this id.
        """
        return self._state(id, Conversation)

    def contact(self, id: ContactId, /) -> Contact:
        """A contact as it stands.

        Raises:
            AssertionError: there is none with this id.
        """
        return self._state(id, Contact)

    def messages(self, id: ConversationId, /) -> tuple[Message, ...]:
        """All messages of a conversation, notes among them, in order.

        Raises:
            AssertionError: there is no conversation with this id.
        """
        count = self.conversation(id).seq
        return tuple(self._state(message_id(id, seq), Message) for seq in range(1, count + 1))

    def effect(self, id: EffectId, /) -> Effect:
        """An effect as it stands: ``world.effect(outcome.effects[0]).state``.

        Raises:
            AssertionError: there is none with this id.
        """
        return self._state(id, Effect)

    def events(self, ref: Ref, /) -> tuple[Event, ...]:
        """All that happened to an entity, from its beginning.

        Raises:
            AssertionError: nothing did.
        """
        self._settled()
        stream = self.storage.contents().streams.get(ref)
        if stream is None:
            raise AssertionError(f"nothing happened to {ref!r} in this world")
        return tuple(envelope.event for envelope in stream)

    @property
    def outbox(self) -> tuple[SendRequest, ...]:
        """What was sent to customers, in order; the texts are redacted."""
        self._settled()
        return tuple(self.messaging.outbox)

    @property
    def sent(self) -> tuple[str, ...]:
        """The texts that were sent to customers, in order and in the clear."""
        return tuple(request.text.reveal() for request in self.outbox)

    def contact_at(self, channel: ChannelId, address: Private) -> ContactId:
        """The contact that an address belongs to, in any of its spellings.

        Raises:
            AssertionError: it belongs to nobody yet.
        """
        self._settled()
        key = Addresses(SECRET).inbound_key(channel, address)
        for state in self.storage.contents().states.values():
            if isinstance(state, Contact) and any(each.key == key for each in state.addresses):
                return state.id
        raise AssertionError("the service does not know this customer yet: they have not written")

    def _state(self, id: Ref, kind: type[_Entity]) -> _Entity:
        self._settled()
        state = self.storage.contents().states.get(id)
        if not isinstance(state, kind):
            raise AssertionError(f"there is no {kind.__name__.lower()} {id!r} in this world")
        return state

    def _seen(self) -> Seen:
        return Seen(self.storage.contents(), self._outside.met())

    def _settled(self) -> None:
        """Hold that somebody asked what came of the last command, if it was refused."""
        __tracebackhide__ = True
        if self._last is not None:
            self._last.check_asked()
