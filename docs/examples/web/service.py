"""One tenant's desk, and the two things that run beside the requests: deliveries, and waking who waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime

from chatcore import SYSTEM, AsyncDesk, AsyncPorts, ChannelKind, Configure, Delivery
from chatcore.memory import AsyncMemoryMessaging, AsyncMemoryStorage, MemoryStorage
from chatcore.ports import AsyncMessaging, AsyncStorage
from web.settings import Settings

__all__ = ["Service", "open_desk", "open_messaging"]

LOOK_AGAIN = 5.0
"""Seconds after which is looked for what other processes did or left, when nobody here says so before."""

log = logging.getLogger(__name__)


async def open_desk(
    settings: Settings, exits: AsyncExitStack, messaging: AsyncMessaging | None = None
) -> AsyncDesk:
    """A desk over memory, or over a database; `exits` closes it."""
    ports = AsyncPorts(
        storage=await _open_storage(settings, exits),
        messaging={ChannelKind.WHATSAPP_CLOUD: messaging or await open_messaging(settings, exits)},
    )
    # A request is answered at the commit; what has to go out is for `Service.deliver`.
    desk = AsyncDesk(ports, secret=settings.secret, delivery=Delivery.LATER)
    if settings.workspace is not None and not (await desk.workspace(by=SYSTEM)).version:
        await desk.handle(Configure(settings.workspace), by=SYSTEM, key="first configuration")
    return desk


async def _open_storage(settings: Settings, exits: AsyncExitStack) -> AsyncStorage:
    if settings.database is None:
        return AsyncMemoryStorage(MemoryStorage(settings.tenant))
    from chatcore_sqlalchemy import AsyncSqlStorage, migrate_async
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(settings.database)
    exits.push_async_callback(engine.dispose)
    await migrate_async(engine)
    return AsyncSqlStorage(engine, settings.tenant)


async def open_messaging(settings: Settings, exits: AsyncExitStack) -> AsyncMessaging:
    """The way to WhatsApp, or, without a token, one that only keeps what it is given; `exits` closes it."""
    if not settings.token:
        return AsyncMemoryMessaging()
    from httpx import AsyncClient

    from web.cloud import WhatsAppCloud

    headers = {"Authorization": f"Bearer {settings.token}"}
    client = AsyncClient(base_url="https://graph.facebook.com/v23.0", headers=headers)
    return WhatsAppCloud(await exits.enter_async_context(client))


class Service:
    """A desk with its beat: who changed something says so, and who waits for changes wakes up."""

    def __init__(self, desk: AsyncDesk) -> None:
        self.desk = desk
        self._next = asyncio.Event()

    def changed(self) -> None:
        """Say that something was committed."""
        said, self._next = self._next, asyncio.Event()
        said.set()

    def next_change(self) -> Callable[[float], Awaitable[None]]:
        """Get ready to wait for the next change: look first what there is, then wait, and none is missed."""
        event = self._next

        async def wait(seconds: float) -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await event.wait()

        return wait

    async def deliver(self) -> None:
        """Carry out what is due, for ever. Any number of processes may do so at once."""
        while True:
            wait = self.next_change()
            pause = LOOK_AGAIN
            try:
                report = await self.desk.run_due()
            except Exception:  # Whatever it was: what is due stays due, and deliveries must not end.
                log.exception("nothing could be delivered")
            else:
                if report.done:
                    self.changed()
                if report.more:
                    continue
                if report.next_at is not None:
                    pause = min(pause, max(0.05, (report.next_at - datetime.now(UTC)).total_seconds()))
            await wait(pause)
