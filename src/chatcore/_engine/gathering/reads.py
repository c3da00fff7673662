"""Reading for a command: one batched read first, and what all shapes have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import attrs

from chatcore._engine.addressing import Addresses
from chatcore._engine.calls import StorageCalls
from chatcore._engine.outside import Outside
from chatcore.entities import (
    Channel,
    ChannelCapabilities,
    Contact,
    Conversation,
    Effect,
    Entity,
    Message,
    Workspace,
)
from chatcore.entities.scope import EVERYTHING
from chatcore.errors import ContractViolation, NotFound
from chatcore.limits import LAST_ROWS
from chatcore.ports import ReadSet, Receipt, Snapshot
from chatcore.rules.facts import (
    Facts,
)
from chatcore.rules.permissions import agent_behind, scope_of
from chatcore.rules.table import Row, check_contracted
from chatcore.search import ConversationQuery, Order
from chatcore.vocabulary import Actor, AgentId, ChannelId, ContactId, CustomerKey, Ref, Situation

_E = TypeVar("_E", Conversation, Contact, Message, Effect)


@attrs.define(eq=False, repr=False)
class Asked:
    """One command as it is being handled."""

    command: Any
    actor: Actor
    row: Row
    root: str
    now: datetime
    key: str | None


@attrs.define(eq=False, repr=False)
class Gathered:
    """The facts, and every state that was read for them; or the receipt that makes them needless."""

    facts: Facts | None
    known: Mapping[Ref, Entity]
    receipt: Receipt | None = None


class Repeated(Exception):
    """The command's idempotency key has a receipt, so nothing more need be read."""

    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt


class Reads:
    """Reads for one desk. Holds the workspace between commands, and asks only for a newer one."""

    def __init__(
        self,
        storage: StorageCalls,
        outside: Outside,
        secret: bytes,
        available: Callable[[AgentId], bool],
    ) -> None:
        self._storage = storage
        self.outside = outside
        self.addresses = Addresses(secret)
        self._available = available
        self._held: Workspace | None = None

    @property
    def held(self) -> Workspace:
        """The configuration as last read; an empty one of version 0 before the first."""
        if self._held is None:
            self._held = Workspace(name="unconfigured")
        return self._held

    async def workspace(self) -> Workspace:
        """The configuration as it stands."""
        await self.read()
        return self.held

    async def first_read(
        self,
        asked: Asked,
        refs: tuple[Ref, ...] = (),
        owners: tuple[str, ...] = (),
        tallies: tuple[str, ...] = (),
    ) -> tuple[Snapshot, Workspace]:
        """The first read for a command, with the configuration that goes with it; a receipt ends it here."""
        wanted = ReadSet(refs, owners, tallies, (), asked.key, None, self.held.version)
        snapshot = await self._storage.read(wanted)
        if snapshot.receipt is not None:
            raise Repeated(snapshot.receipt)
        return snapshot, self._hold(snapshot)

    async def read(
        self,
        refs: tuple[Ref, ...] = (),
        owners: tuple[str, ...] = (),
        tallies: tuple[str, ...] = (),
        lanes: tuple[str, ...] = (),
    ) -> Snapshot:
        wanted = ReadSet(refs, owners, tallies, lanes, None, None, self.held.version)
        snapshot = await self._storage.read(wanted)
        self._hold(snapshot)
        return snapshot

    def _hold(self, snapshot: Snapshot) -> Workspace:
        newer = snapshot.workspace
        if newer is not None and newer.version > self.held.version:
            self._held = newer
        return self.held

    def capabilities(self, channel: Channel) -> ChannelCapabilities:
        """What the adapter for a channel's kind carries."""
        return self.outside.to_channel(channel.kind).capabilities

    async def standing(self, contact: Contact, known: dict[Ref, Entity]) -> Contact:
        """Whom a contact turned out to be, as a rule itself; `known` gets what is read. Rule: M11."""
        while contact.merged_into is not None:
            read = await self.read(refs=(contact.merged_into,))
            known.update(read.states)
            into = one(Contact, read, contact.merged_into)
            if into is None:
                raise ContractViolation("storage", "read")
            contact = into
        return contact

    def standing_in(self, id: ContactId | None, known: Mapping[Ref, Entity]) -> Contact | None:
        """Whom a contact turned out to be, of what was read already. Rule: M11."""
        while id is not None:
            contact = known.get(id)
            if not isinstance(contact, Contact) or contact.merged_into is None:
                return contact if isinstance(contact, Contact) else None
            id = contact.merged_into
        return None

    @property
    def finds(self) -> bool:
        """Whether customers are found by their number. Rule: B2."""
        port = self.outside.contracts
        try:
            return port is not None and CustomerKey.PHONE in port.capabilities.finds_by
        except ContractViolation:
            return True  # Whoever cannot say so now is asked by the effect, later.

    def capabilities_of(self, id: ChannelId, workspace: Workspace) -> ChannelCapabilities:
        """What carries the messages of a conversation on this channel."""
        channel = workspace.channel(id)
        if channel is None:
            raise NotFound("channel", id)
        return self.capabilities(channel)

    def fetches(self, channel: Channel) -> bool:
        """Whether the adapter for a channel's kind fetches files. Rule: M17."""
        port = self.outside.messaging.get(channel.kind)
        return port is not None and port.fetches

    async def visible(self, contact: Contact, actor: Actor, workspace: Workspace) -> bool:
        """Whether an actor may see a contact: who does not see everything needs a conversation. Rule: P."""
        scope = scope_of(actor, workspace)
        if scope is EVERYTHING:
            return True
        query = ConversationQuery(contact=contact.id, also=contact.merged, scope=scope)
        return bool((await self._storage.conversations(query, 1, None)).rows)

    async def last_closed(self, contact: Contact, channel: ChannelId) -> tuple[Conversation, ...]:
        """The last few closed conversations with a person on a channel, latest first. Rule: L4, M5, L20."""
        query = ConversationQuery(
            contact=contact.id,
            also=contact.merged,
            channel=channel,
            situation=Situation.CLOSED,
            order=Order.CLOSED,
        )
        return (await self._storage.conversations(query, LAST_ROWS, None)).rows

    def left_open(
        self, rows: Iterable[Conversation], channel: ChannelId, key: str
    ) -> tuple[datetime | None, datetime | None]:
        """What they leave to the next: the end of the window, that of the closed period the customer knows of.

        Both are the customer's, not one conversation's; but a window is open for one address: that of `key`.
        Rule: M5, L20.
        """
        quiet = [row.talk.robot.quiet_until for row in rows]
        windows = [
            row.window_until
            for row in rows
            if row.window_until is not None and self.addresses.inbound_key(channel, row.address) == key
        ]
        return max(windows, default=None), max((q for q in quiet if q is not None), default=None)

    def is_available(self, agent: AgentId | None) -> bool:
        """Presence, as the service tells it; one that cannot be told is no presence. Rule: L24."""
        if agent is None:
            return False
        try:
            return bool(self._available(agent))
        except Exception:
            return False

    def loads(self, read: Snapshot) -> Mapping[AgentId, int]:
        return {AgentId(key.removeprefix("open:")): count for key, count in read.tallies.items()}


def one(kind: type[_E], read: Snapshot, ref: Ref) -> _E | None:
    state = read.states.get(ref)
    return state if isinstance(state, kind) else None


def other(message: Message | None, id: Ref | None) -> Message | None:
    return None if message is None or message.id == id else message


def owner(kind: type[_E], read: Snapshot, claim: str) -> _E | None:
    ref = read.owners.get(claim)
    return None if ref is None else one(kind, read, ref)


def missing(asked: Asked, workspace: Workspace, what: str, id: str) -> NotFound:
    """That something is not there; whoever may not ask at all hears that first."""
    check_contracted(asked.actor, workspace)
    return NotFound(what, id)


def channel_of(asked: Asked, workspace: Workspace, id: ChannelId) -> Channel:
    channel = workspace.channel(id)
    if channel is None:
        raise missing(asked, workspace, "channel", id)
    return channel


def common(asked: Asked, workspace: Workspace) -> dict[str, Any]:
    """What every shape has."""
    return {
        "workspace": workspace,
        "actor": asked.actor,
        "agent": agent_behind(asked.actor, workspace),
        "now": asked.now,
        "root": asked.root,
    }
