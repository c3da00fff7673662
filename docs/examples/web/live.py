"""Live screens: what changes, as server-sent events from the desk's feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from chatcore import Actor, ConversationQuery
from chatcore.errors import ChatcoreError
from chatcore.limits import HELD_ROWS
from chatcore.screen import FeedPage
from chatcore.vocabulary import ConversationId
from web.asking import Person, TheService, TheSettings
from web.service import LOOK_AGAIN, Service
from web.shapes import ChangesShown

__all__ = ["router"]

router = APIRouter(tags=["live"])


@router.get("/events", response_class=StreamingResponse)
async def events(
    by: Person,
    service: TheService,
    settings: TheSettings,
    after: str | None = None,
    last: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
    holding: Annotated[list[str], Query(max_length=HELD_ROWS)] = [],  # noqa: B006
) -> StreamingResponse:
    """What changes from now on, of what this person may see.

    `after` is the `feed` of a list; a browser that comes again says `Last-Event-ID` by itself. `holding` names
    the rows that the screen shows, so that it hears which of them left its sight.
    """
    cursor = last or after
    if cursor is None:
        cursor = (await service.desk.view(ConversationQuery(), by=by, limit=1)).feed
    follower = Follower(service, by, cursor, [ConversationId(each) for each in holding])
    first = await follower.look()  # A bad cursor is refused here, before anything is streamed.
    stream = follower.follow(first, settings.stream_for.total_seconds())
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


class Follower:
    """One screen that follows the feed: where it stands, and which rows it holds by now."""

    def __init__(self, service: Service, by: Actor, cursor: str, holding: list[ConversationId]) -> None:
        self._service = service
        self._by = by
        self._cursor = cursor
        self._held = dict.fromkeys(holding)

    async def look(self) -> FeedPage:
        """The next page, from where the screen stands."""
        return await self._service.desk.feed(by=self._by, after=self._cursor, holding=tuple(self._held))

    async def follow(self, page: FeedPage, seconds: float) -> AsyncIterator[str]:
        """Tell of each page, and wait for the next, until the time is over or the feed fails."""
        end = asyncio.get_running_loop().time() + seconds
        yield "retry: 2000\n\n"
        while asyncio.get_running_loop().time() < end:
            if page.next != self._cursor:
                yield self._told(page)
            wait = self._service.next_change()
            try:
                page = await self.look()
                if page.next == self._cursor:
                    await wait(LOOK_AGAIN)
                    yield ": still here\n\n"
                    page = await self.look()
            except ChatcoreError:
                return  # The screen asks again from the last id, and hears then what is wrong.

    def _told(self, page: FeedPage) -> str:
        """A page as an event; one of which this person may see nothing only moves the cursor on."""
        self._cursor = page.next
        for row in page.rows:
            self._held.pop(row.id, None)
            self._held[row.id] = None
        for id in (*page.gone, *list(self._held)[:-HELD_ROWS]):
            self._held.pop(id, None)
        if not (page.rows or page.gone or page.refresh):
            return f"id: {page.next}\n\n"
        data = ChangesShown.model_validate(page).model_dump_json()
        return f"id: {page.next}\nevent: changed\ndata: {data}\n\n"
