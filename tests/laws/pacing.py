"""Ports whose every call is a place to wait, and the ways several callers can take turns at those places."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator, Iterator
from typing import Any

from chatcore import AsyncDesk, AsyncPorts, Delivery
from chatcore.vocabulary import ChannelKind
from tests.worlds import SECRET, World

__all__ = ["PacedMessaging", "PacedStorage", "every_turn", "paced_desk"]


@types.coroutine
def _pause() -> Generator[None, None, None]:
    yield


class _Paced:
    """Waits before each call of the adapter inside, and after it too if `twice`."""

    def __init__(self, inner: Any, *, twice: bool = False) -> None:
        self._inner = inner
        self._twice = twice

    async def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        await _pause()
        result = getattr(self._inner, method)(*args, **kwargs)
        if self._twice:
            await _pause()
        return result


class PacedStorage(_Paced):
    """An async storage over one in memory."""

    async def read(self, wanted: Any, /) -> Any:
        return await self._call("read", wanted)

    async def apply(self, change: Any, /) -> None:
        await self._call("apply", change)

    async def due(self, **when: Any) -> Any:
        return await self._call("due", **when)

    async def conversations(self, query: Any, /, **page: Any) -> Any:
        return await self._call("conversations", query, **page)

    async def count(self, query: Any, /, **bound: Any) -> Any:
        return await self._call("count", query, **bound)

    async def messages(self, query: Any, /, **page: Any) -> Any:
        return await self._call("messages", query, **page)

    async def contacts(self, query: Any, /, **page: Any) -> Any:
        return await self._call("contacts", query, **page)

    async def effects(self, query: Any, /, **page: Any) -> Any:
        return await self._call("effects", query, **page)

    async def stream(self, ref: Any, /, **page: Any) -> Any:
        return await self._call("stream", ref, **page)

    async def changes(self, **page: Any) -> Any:
        return await self._call("changes", **page)

    async def head(self) -> Any:
        return await self._call("head")

    async def forget(self, **when: Any) -> Any:
        return await self._call("forget", **when)


class PacedMessaging(_Paced):
    """An async messaging adapter over one in memory."""

    @property
    def capabilities(self) -> Any:
        return self._inner.capabilities

    async def send(self, request: Any, /) -> Any:
        return await self._call("send", request)

    async def look_up(self, key: Any, /) -> Any:
        return await self._call("look_up", key)


def paced_desk(world: World, *, delivery: Delivery = Delivery.LATER, twice: bool = False) -> AsyncDesk:
    """An async desk over a world's ports that waits at each call."""
    return AsyncDesk(
        AsyncPorts(
            storage=PacedStorage(world.storage, twice=twice),
            messaging={ChannelKind.WHATSAPP_CLOUD: PacedMessaging(world.messaging, twice=twice)},
        ),
        delivery=delivery,
        clock=lambda: world.now,
        new_root=world.new_root,
        secret=SECRET,
    )


def every_turn(
    begin: Callable[[], list[Coroutine[Any, Any, Any]]], *, switches: int | None = None
) -> Iterator[list[Any]]:
    """Run the callers that `begin` makes in every order in which they can take turns at their ports.

    `switches` bounds how often a turn may pass from a caller that could go on; None is no bound. Yields, after
    each run, what came of each caller: its result, or the error it ended with.
    """
    choices: list[int] | None = []
    while choices is not None:
        trail: list[tuple[int, int]] = []
        callers = begin()
        ends: list[Any] = [None] * len(callers)
        waiting = list(range(len(callers)))
        left = switches or 0
        who = None
        while waiting:
            others = [caller for caller in waiting if caller != who]
            free = who not in waiting
            open_to = others if free else [who, *(others if switches is None or left else [])]
            turn = choices[len(trail)] if len(trail) < len(choices) else 0
            trail.append((turn, len(open_to)))
            left -= not free and turn > 0
            who = open_to[turn]
            try:
                callers[who].send(None)
            except StopIteration as stop:
                ends[who] = stop.value
                waiting.remove(who)
            except Exception as error:
                ends[who] = error
                waiting.remove(who)
        yield ends
        while trail and trail[-1][0] + 1 >= trail[-1][1]:
            trail.pop()
        choices = [*(turn for turn, _ in trail[:-1]), trail[-1][0] + 1] if trail else None
