"""The first room: read what a command needs and freeze it into facts of its shape.

One batched read brings what the command names. A command that begins with an outside name (an address, a
provider's id, an effect), or needs whom a conversation is with, does another for what the first one named.
Nothing is decided here, but for what an address means.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import attrs

from chatcore._engine.addressing import Addresses, reached_at
from chatcore._engine.calls import MessagingCalls, StorageCalls
from chatcore.br import parse_phone
from chatcore.commands import (
    BlockContact,
    ClaimEffect,
    Close,
    ReceiveMessage,
    RecordStatus,
    Reopen,
    SendMessage,
    SettleEffect,
    StartConversation,
    UnblockContact,
)
from chatcore.entities import (
    Address,
    Channel,
    ChannelCapabilities,
    Contact,
    Conversation,
    Effect,
    Entity,
    Message,
    Workspace,
)
from chatcore.errors import ContractViolation, NotFound, PortMissing
from chatcore.ports import ReadSet, Receipt, Snapshot
from chatcore.rules.facts import (
    Facts,
    OnArrival,
    OnContact,
    OnConversation,
    OnEffect,
    OnReopening,
    OnStart,
    OnStatus,
    OnTalk,
    OnWorkspace,
)
from chatcore.rules.invariants import (
    address_claim,
    inbound_claim,
    live_claim,
    load_tally,
    provider_claim,
)
from chatcore.rules.permissions import agent_behind
from chatcore.rules.table import Row, check_contracted
from chatcore.search import ConversationQuery, Order
from chatcore.vocabulary import (
    Actor,
    AgentId,
    ChannelId,
    ChannelKind,
    EffectKind,
    Ref,
    Situation,
)

__all__ = ["Asked", "Gathered", "Gatherer"]

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


class _Repeated(Exception):
    """The command's idempotency key has a receipt, so nothing more need be read."""

    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt


class Gatherer:
    """Reads for one desk. Holds the workspace between commands, and asks only for a newer one."""

    def __init__(
        self,
        storage: StorageCalls,
        messaging: Mapping[ChannelKind, MessagingCalls],
        secret: bytes,
        available: Callable[[AgentId], bool],
    ) -> None:
        self._storage = storage
        self._messaging = messaging
        self._addresses = Addresses(secret)
        self._available = available
        self._held: Workspace | None = None

    @property
    def held(self) -> Workspace:
        """The configuration as last read; an empty one of version 0 before the first."""
        if self._held is None:
            self._held = Workspace(name="unconfigured")
        return self._held

    async def gather(self, asked: Asked) -> Gathered:
        """The facts for a command.

        Raises:
            NotFound: what the command names is not there.
            PortMissing: no adapter for the channel's kind.
            InvalidValue: an address is none.
        """
        try:
            return await _SHAPES[asked.row.shape](self, asked)
        except _Repeated as repeated:
            return Gathered(None, {}, repeated.receipt)

    async def workspace(self) -> Workspace:
        """The configuration as it stands."""
        await self._read()
        return self.held

    async def _first_read(
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
            raise _Repeated(snapshot.receipt)
        return snapshot, self._hold(snapshot)

    async def _read(
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
        port = self._messaging.get(channel.kind)
        if port is None:
            raise PortMissing(f"messaging:{channel.kind}")
        return port.capabilities

    # --- one shape each --------------------------------------------------------------------------------------

    async def _on_conversation(self, asked: Asked) -> Gathered:
        command = asked.command
        agent: AgentId = getattr(command, "to", asked.actor.id)
        tally = load_tally(agent)
        read, workspace = await self._first_read(asked, refs=(command.conversation,), tallies=(tally,))
        conversation = _one(Conversation, read, command.conversation)
        if conversation is None:
            raise _missing(asked, workspace, "conversation", command.conversation)
        facts = OnConversation(
            workspace=workspace,
            actor=asked.actor,
            agent=agent_behind(asked.actor, workspace),
            now=asked.now,
            root=asked.root,
            conversation=conversation,
            loads={agent: read.tallies.get(tally, 0)},
        )
        return Gathered(facts, read.states)

    async def _on_reopening(self, asked: Asked) -> Gathered:
        command: Reopen = asked.command
        tallies = () if command.to is None else (load_tally(command.to),)
        read, workspace = await self._first_read(asked, refs=(command.conversation,), tallies=tallies)
        conversation = _one(Conversation, read, command.conversation)
        if conversation is None:
            raise _missing(asked, workspace, "conversation", command.conversation)
        claim = live_claim(conversation.contact, conversation.channel)
        second = await self._read(owners=(claim,))
        facts = OnReopening(
            conversation=conversation,
            live=_owner(Conversation, second, claim),
            loads=self._loads(read),
            **_common(asked, workspace),
        )
        return Gathered(facts, read.states)

    async def _on_talk(self, asked: Asked) -> Gathered:
        command: SendMessage | Close = asked.command
        read, workspace = await self._first_read(asked, refs=(command.conversation,))
        conversation = _one(Conversation, read, command.conversation)
        if conversation is None:
            raise _missing(asked, workspace, "conversation", command.conversation)
        channel = _channel(asked, workspace, conversation.channel)
        second = await self._read(refs=(conversation.contact,))
        contact = _one(Contact, second, conversation.contact)
        if contact is None:
            raise _missing(asked, workspace, "contact", conversation.contact)
        facts = OnTalk(
            conversation=conversation,
            contact=contact,
            capabilities=self.capabilities(channel),
            **_common(asked, workspace),
        )
        return Gathered(facts, {**read.states, **second.states})

    async def _on_start(self, asked: Asked) -> Gathered:
        command: StartConversation = asked.command
        canonical = key = None
        claims: tuple[str, ...] = ()
        if command.address is not None:
            canonical = parse_phone(command.address.reveal(), "address").reveal()
            key = self._addresses.key(canonical)
            claims = (address_claim(key),)
        refs = () if command.contact is None else (command.contact,)
        read, workspace = await self._first_read(
            asked, refs=refs, owners=claims, tallies=(load_tally(asked.actor.id),)
        )
        channel = _channel(asked, workspace, command.channel)
        department = command.department or channel.department
        if workspace.department(department) is None:
            raise _missing(asked, workspace, "department", department)
        contact = next((s for s in read.states.values() if isinstance(s, Contact)), None)
        if contact is None and key is None:
            raise _missing(asked, workspace, "contact", command.contact or "")
        live, last, second = None, None, Snapshot()
        if contact is not None:
            claim = live_claim(contact.id, channel.id)
            second = await self._read(owners=(claim,))
            live = _owner(Conversation, second, claim)
            last = None if live is not None else await self._last_closed(contact, channel)
        address = reached_at(contact, last, key, canonical)
        facts = OnStart(
            channel=channel,
            department=department,
            capabilities=self.capabilities(channel),
            contact=contact,
            address=address,
            live=live,
            last=last,
            loads=self._loads(read),
            **_common(asked, workspace),
        )
        return Gathered(facts, {**read.states, **second.states})

    async def _on_arrival(self, asked: Asked) -> Gathered:
        command: ReceiveMessage = asked.command
        address = Address(self._addresses.inbound_key(command.channel, command.address), command.address)
        by_address = address_claim(address.key)
        by_id = inbound_claim(command.channel, command.provider_id)
        read, workspace = await self._first_read(asked, owners=(by_id, by_address))
        channel = _channel(asked, workspace, command.channel)
        seen = _owner(Message, read, by_id) or _owner(Contact, read, by_id)
        contact = _owner(Contact, read, by_address)
        live = last = None
        known = dict(read.states)
        loads: Mapping[AgentId, int] = {}
        if contact is not None and seen is None:
            by_contact = live_claim(contact.id, channel.id)
            second = await self._read(owners=(by_contact,))
            known.update(second.states)
            live = _owner(Conversation, second, by_contact)
            if live is None:
                last = await self._last_closed(contact, channel)
        if last is not None:
            known[last.id] = last
            if last.last_assignee is not None:
                loads = self._loads(await self._read(tallies=(load_tally(last.last_assignee),)))
        facts = OnArrival(
            channel=channel,
            capabilities=self.capabilities(channel),
            address=address,
            seen=seen,
            contact=contact,
            live=live,
            last=last,
            loads=loads,
            available=last is not None and self._is_available(last.last_assignee),
            **_common(asked, workspace),
        )
        return Gathered(facts, known)

    async def _last_closed(self, contact: Contact, channel: Channel) -> Conversation | None:
        query = ConversationQuery(
            contact=contact.id, channel=channel.id, situation=Situation.CLOSED, order=Order.CLOSED
        )
        page = await self._storage.conversations(query, 1, None)
        return page.rows[0] if page.rows else None

    async def _on_status(self, asked: Asked) -> Gathered:
        command: RecordStatus = asked.command
        claim = provider_claim(command.channel, command.provider_id)
        refs = () if command.key is None else (command.key,)
        read, workspace = await self._first_read(asked, refs=refs, owners=(claim,))
        _channel(asked, workspace, command.channel)
        message = _owner(Message, read, claim)
        keeper = _owner(Effect, read, claim)
        effect = None if command.key is None else _one(Effect, read, command.key)
        if effect is not None and (
            effect.channel != command.channel or effect.kind is not EffectKind.SEND_MESSAGE
        ):
            effect = None
        known = dict(read.states)
        wanted: Ref | None = None
        if message is None and effect is not None:
            wanted = effect.message
        elif message is not None and (effect is None or effect.message != message.id):
            wanted = message.effect
        if wanted is not None:
            second = await self._read(refs=(wanted,))
            known.update(second.states)
            if message is None:
                message = _one(Message, second, wanted)
            else:
                effect = _one(Effect, second, wanted)
        facts = OnStatus(message=message, effect=effect, keeper=keeper, **_common(asked, workspace))
        return Gathered(facts, known)

    async def _on_effect(self, asked: Asked) -> Gathered:
        command: ClaimEffect | SettleEffect = asked.command
        read, workspace = await self._first_read(asked, refs=(command.effect,))
        effect = _one(Effect, read, command.effect)
        if effect is None:
            raise _missing(asked, workspace, "effect", command.effect)
        refs = tuple(r for r in (effect.message, effect.conversation, effect.contact) if r is not None)
        claims: tuple[str, ...] = ()
        if isinstance(command, SettleEffect) and command.finding.reference is not None:
            claims = (provider_claim(effect.channel, command.finding.reference),)
        lanes = () if effect.lane is None else (effect.lane,)
        second = await self._read(refs=refs, owners=claims, lanes=lanes)
        if any(ref not in second.states for ref in refs):
            raise ContractViolation("storage", "read")
        known = {**read.states, **second.states}
        facts = OnEffect(
            effect=effect,
            message=next(
                (s for s in second.states.values() if isinstance(s, Message) and s.id == effect.message), None
            ),
            conversation=next((s for s in second.states.values() if isinstance(s, Conversation)), None),
            contact=next((s for s in second.states.values() if isinstance(s, Contact)), None),
            capabilities=self.capabilities(_channel(asked, workspace, effect.channel)),
            head=None if effect.lane is None else second.heads.get(effect.lane),
            keeper=_owner(Effect, second, claims[0]) if claims else None,
            namesake=_other(_owner(Message, second, claims[0]), effect.message) if claims else None,
            **_common(asked, workspace),
        )
        return Gathered(facts, known)

    async def _on_contact(self, asked: Asked) -> Gathered:
        command: BlockContact | UnblockContact = asked.command
        read, workspace = await self._first_read(asked, refs=(command.contact,))
        contact = _one(Contact, read, command.contact)
        if contact is None:
            raise _missing(asked, workspace, "contact", command.contact)
        return Gathered(OnContact(contact=contact, **_common(asked, workspace)), read.states)

    async def _on_workspace(self, asked: Asked) -> Gathered:
        _, workspace = await self._first_read(asked)
        known: dict[Ref, Entity] = {workspace.id: workspace} if workspace.version else {}
        return Gathered(OnWorkspace(**_common(asked, workspace)), known)

    # --- presence and counts ---------------------------------------------------------------------------------

    def _is_available(self, agent: AgentId | None) -> bool:
        """Presence, as the service tells it; one that cannot be told is no presence. Rule: L24."""
        if agent is None:
            return False
        try:
            return bool(self._available(agent))
        except Exception:
            return False

    def _loads(self, read: Snapshot) -> Mapping[AgentId, int]:
        return {AgentId(key.removeprefix("open:")): count for key, count in read.tallies.items()}


def _one(kind: type[_E], read: Snapshot, ref: Ref) -> _E | None:
    state = read.states.get(ref)
    return state if isinstance(state, kind) else None


def _other(message: Message | None, id: Ref | None) -> Message | None:
    return None if message is None or message.id == id else message


def _owner(kind: type[_E], read: Snapshot, claim: str) -> _E | None:
    ref = read.owners.get(claim)
    return None if ref is None else _one(kind, read, ref)


def _missing(asked: Asked, workspace: Workspace, what: str, id: str) -> NotFound:
    """That something is not there; whoever may not ask at all hears that first."""
    check_contracted(asked.actor, workspace)
    return NotFound(what, id)


def _channel(asked: Asked, workspace: Workspace, id: ChannelId) -> Channel:
    channel = workspace.channel(id)
    if channel is None:
        raise _missing(asked, workspace, "channel", id)
    return channel


def _common(asked: Asked, workspace: Workspace) -> dict[str, Any]:
    """What every shape has."""
    return {
        "workspace": workspace,
        "actor": asked.actor,
        "agent": agent_behind(asked.actor, workspace),
        "now": asked.now,
        "root": asked.root,
    }


_SHAPES: Final[Mapping[type[Facts], Callable[[Gatherer, Asked], Awaitable[Gathered]]]] = {
    OnConversation: Gatherer._on_conversation,
    OnReopening: Gatherer._on_reopening,
    OnTalk: Gatherer._on_talk,
    OnStart: Gatherer._on_start,
    OnArrival: Gatherer._on_arrival,
    OnStatus: Gatherer._on_status,
    OnEffect: Gatherer._on_effect,
    OnContact: Gatherer._on_contact,
    OnWorkspace: Gatherer._on_workspace,
}
