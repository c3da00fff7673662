"""What a channel brought, item by item: each becomes a command of the system's, with an answer of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from chatcore._engine.body import Engine
from chatcore._engine.carrying import Carrier
from chatcore._shape import id_problem, not_id
from chatcore.answers import Ingested
from chatcore.channels.items import Batch, Echo, Edited, Ignored, Inbound, Item, Reaction, Revoked, Status
from chatcore.commands import (
    Command,
    ReceiveMessage,
    RecordEcho,
    RecordEdit,
    RecordReaction,
    RecordRevocation,
    RecordStatus,
)
from chatcore.errors import ChatcoreError, InvalidValue, NotFound
from chatcore.vocabulary import SYSTEM, ChannelId, ChannelKind, EffectId

__all__ = ["ingest"]


async def ingest(engine: Engine, carrier: Carrier | None, batch: Batch) -> tuple[Ingested, ...]:
    """Record every item of a batch, in order; with a carrier, what each sets going goes out at once."""
    return tuple([await _one(engine, carrier, batch.channel_kind, item) for item in batch.items])


async def _one(engine: Engine, carrier: Carrier | None, kind: ChannelKind, item: Item) -> Ingested:
    make = _COMMANDS.get(type(item))
    if make is None or item.account is None:
        if isinstance(item, Ignored):
            engine.note("ignored", item.what)
        return Ingested(item)
    try:
        channel = await _channel(engine, kind, item.account)
        done = await engine.perform(make(channel, item), SYSTEM)
    except ChatcoreError as error:
        return Ingested(item, None, error)
    if carrier is not None:
        await carrier.deliver(done)
    return Ingested(item, done.outcome)


async def _channel(engine: Engine, kind: ChannelKind, account: str) -> ChannelId:
    """The channel configured for an account; a newer configuration is read before one is called unknown."""
    if not_id(account):
        raise InvalidValue(id_problem("account", account))
    channel = engine.reads.held.channel_of(kind, account)
    if channel is None:
        channel = (await engine.reads.workspace()).channel_of(kind, account)
    if channel is None:
        raise NotFound("channel", account)
    return channel.id


def _status(channel: ChannelId, item: Status) -> RecordStatus:
    return RecordStatus(
        channel=channel,
        provider_id=item.provider_id,
        status=item.status,
        occurred_at=item.occurred_at,
        key=None if item.key is None or not_id(item.key) else EffectId(item.key),
        failure=item.failure,
    )


def _as(command: type[Any]) -> Callable[[ChannelId, Any], Command]:
    """The command with an item's fields: they have the same names, but for the account it came for."""

    def make(channel: ChannelId, item: Any) -> Command:
        names = [field.name for field in attrs.fields(type(item)) if field.name != "account"]
        made: Command = command(channel=channel, **{name: getattr(item, name) for name in names})
        return made

    return make


_COMMANDS: Final[Mapping[type[Item], Callable[[ChannelId, Any], Command]]] = {
    Status: _status,
    Inbound: _as(ReceiveMessage),
    Echo: _as(RecordEcho),
    Reaction: _as(RecordReaction),
    Edited: _as(RecordEdit),
    Revoked: _as(RecordRevocation),
}
