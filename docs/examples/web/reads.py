"""What a chat screen reads: lists, one conversation, its messages, and searching."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from chatcore import ConversationQuery, MessageQuery, Situation
from chatcore.limits import PAGE_ROWS
from chatcore.search import Order
from chatcore.vocabulary import AgentId, ConversationId, DepartmentId
from web.asking import Person, TheService
from web.shapes import HitsShown, MessagesShown, Opened, ViewShown

__all__ = ["router"]

router = APIRouter(tags=["reads"])

Limit = Annotated[int, Query(ge=1, le=PAGE_ROWS)]


@router.get("/conversations")
async def view(
    by: Person,
    service: TheService,
    situation: Situation | None = None,
    assignee: str | None = None,
    department: str | None = None,
    order: Order = Order.ACTIVITY,
    limit: Limit = 50,
    cursor: str | None = None,
) -> ViewShown:
    """A page of the conversations asked for, of those this person may see."""
    query = ConversationQuery(
        situation=situation,
        assignee=None if assignee is None else AgentId(assignee),
        department=None if department is None else DepartmentId(department),
        order=order,
    )
    page = await service.desk.view(query, by=by, limit=limit, cursor=cursor)
    return ViewShown.model_validate(page)


@router.get("/conversations/{id}")
async def panel(id: str, by: Person, service: TheService, response: Response) -> Opened:
    """One conversation opened. Its `ETag` goes into the `If-Match` of a command."""
    panel = await service.desk.panel(ConversationId(id), by=by)
    response.headers["ETag"] = f'"{panel.conversation.version}"'
    return Opened.of(panel)


@router.get("/conversations/{id}/messages")
async def messages(
    id: str, by: Person, service: TheService, limit: Limit = 50, cursor: str | None = None
) -> MessagesShown:
    """A page of what was said, the newest first."""
    query = MessageQuery(conversation=ConversationId(id), newest_first=True)
    page = await service.desk.messages(query, by=by, limit=limit, cursor=cursor)
    return MessagesShown.model_validate(page)


@router.get("/search")
async def search(
    q: str, by: Person, service: TheService, limit: Limit = 50, cursor: str | None = None
) -> HitsShown:
    """Messages found by what a person typed, the newest first."""
    page = await service.desk.search(q, by=by, limit=limit, cursor=cursor)
    return HitsShown.model_validate(page)
