"""What a channel brought, item by item: each becomes a command of the system's, with an answer of its own."""

from __future__ import annotations

from chatcore._engine.body import Engine
from chatcore._shape import not_id
from chatcore.answers import Ingested
from chatcore.channels.items import Batch, Inbound, Item, Status, Unhandled
from chatcore.commands import ReceiveMessage, RecordStatus
from chatcore.errors import ChatcoreError, NotFound
from chatcore.vocabulary import SYSTEM, ChannelId, ChannelKind, EffectId

__all__ = ["ingest"]


async def ingest(engine: Engine, batch: Batch) -> tuple[Ingested, ...]:
    """Record every item of a batch, in order."""
    return tuple([await _one(engine, batch.channel_kind, item) for item in batch.items])


async def _one(engine: Engine, kind: ChannelKind, item: Item) -> Ingested:
    if isinstance(item, Unhandled):
        return Ingested(item)
    try:
        channel = await _channel(engine, kind, item.account)
        done = await engine.perform(_command(channel, item), SYSTEM)
    except ChatcoreError as error:
        return Ingested(item, None, error)
    return Ingested(item, done.outcome)


async def _channel(engine: Engine, kind: ChannelKind, account: str) -> ChannelId:
    """The channel configured for an account; a newer configuration is read before one is called unknown."""
    channel = engine.reads.held.channel_of(kind, account)
    if channel is None:
        channel = (await engine.reads.workspace()).channel_of(kind, account)
    if channel is None:
        raise NotFound("channel", account)
    return channel.id


def _command(channel: ChannelId, item: Inbound | Status) -> ReceiveMessage | RecordStatus:
    if isinstance(item, Status):
        return RecordStatus(
            channel=channel,
            provider_id=item.provider_id,
            status=item.status,
            occurred_at=item.occurred_at,
            key=None if item.key is None or not_id(item.key) else EffectId(item.key),
            failure=item.failure,
        )
    return ReceiveMessage(
        channel=channel,
        address=item.address,
        provider_id=item.provider_id,
        sent_at=item.sent_at,
        text=item.text,
        kind=item.kind,
        name=item.name,
        raw=item.raw,
    )
