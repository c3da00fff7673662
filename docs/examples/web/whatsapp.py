"""The webhook that WhatsApp calls."""

from __future__ import annotations

import hmac
import logging
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query, Request, Response
from fastapi.responses import PlainTextResponse

from chatcore.channels.whatsapp import read_webhook
from chatcore.errors import ErrorKind
from web.asking import TheService, TheSettings, body_of

__all__ = ["router"]

COMES_AGAIN = frozenset({ErrorKind.CONFLICT, ErrorKind.DEFECT, ErrorKind.IN_DOUBT, ErrorKind.UNAVAILABLE})
"""Errors that the same item may not meet the next time. The others it would always meet."""

log = logging.getLogger(__name__)
router = APIRouter(prefix="/webhooks/whatsapp", tags=["webhooks"])


@router.get("")
async def subscribe(
    settings: TheSettings,
    token: Annotated[str, Query(alias="hub.verify_token")],
    challenge: Annotated[str, Query(alias="hub.challenge")],
) -> Response:
    """Prove to the provider that this address is ours."""
    if not settings.verify_token or not hmac.compare_digest(token.encode(), settings.verify_token.encode()):
        raise HTTPException(403)
    return PlainTextResponse(challenge)


@router.post("")
async def receive(
    request: Request,
    service: TheService,
    settings: TheSettings,
    signature: Annotated[str | None, Header(alias="X-Hub-Signature-256")] = None,
) -> Response:
    """Record what the provider brings. Until it gets 200 it calls again, which does no harm."""
    batch = read_webhook(await body_of(request), signature=signature, app_secret=settings.app_secret)
    answers = await service.desk.ingest(batch)
    service.changed()
    errors = [answer.error for answer in answers if answer.error is not None]
    for error in errors:
        log.warning("an item was not recorded: %s", error.code)
    again = any(error.kind in COMES_AGAIN for error in errors)
    return Response(status_code=503 if again else 200)
