"""Sending through WhatsApp Cloud: the core builds the bodies and reads the answers, httpx carries them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
import httpx

from chatcore.channels.whatsapp import CAPABILITIES, read_send_response, template_request, text_request
from chatcore.entities import ChannelCapabilities
from chatcore.errors import InvalidValue, OutcomeUnknown, Permanent, Temporary
from chatcore.ports import SendRequest
from chatcore.vocabulary import MessageKind

__all__ = ["WhatsAppCloud"]

OFFERS = attrs.evolve(CAPABILITIES, media=())
"""Texts and templates. Files need a place that the provider can fetch them from."""

LATER = frozenset({4, 80007, 130429, 131048, 131056})
"""The provider's codes for too much at once, which it sends as HTTP 400. It has done nothing then."""


class WhatsAppCloud:
    """A messaging adapter; `client` has the base URL and the token, and is closed by who made it."""

    def __init__(
        self, client: httpx.AsyncClient, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._clock = clock

    @property
    def capabilities(self) -> ChannelCapabilities:
        """What it carries; the nature of a send is that the provider reports it with our key."""
        return OFFERS

    async def send(self, request: SendRequest, /) -> str:
        """Send one message and give the provider's id for it."""
        left = (request.deadline - self._clock()).total_seconds()
        if left <= 0:
            raise Temporary  # Too late, and nothing was sent.
        body, path = _body(request), f"/{request.account}/messages"
        try:
            async with asyncio.timeout(left):
                answer = await self._client.post(path, content=body, headers=_JSON)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Temporary from None  # The request never left.
        except (httpx.HTTPError, TimeoutError):
            raise OutcomeUnknown from None  # It may have arrived.
        return _id_in(answer)


_JSON = {"Content-Type": "application/json"}


def _body(request: SendRequest) -> bytes:
    try:
        if request.template is not None:
            use = request.template
            return template_request(
                to=request.to,
                name=use.name,
                language=use.language,
                parameters=use.parameters,
                key=request.key,
            )
        if request.kind is MessageKind.TEXT:
            return text_request(to=request.to, text=request.text, key=request.key)
    except InvalidValue as error:
        raise Permanent(error.problems[0].code) from None
    raise Permanent("not_offered")


def _id_in(answer: httpx.Response) -> str:
    if answer.status_code in (429, 503):
        raise Temporary(retry_after=timedelta(seconds=30))
    if answer.status_code >= 500:
        raise OutcomeUnknown
    if answer.is_success:
        try:
            return read_send_response(answer.content)
        except InvalidValue:
            raise OutcomeUnknown from None  # It took the message, and we cannot tell which it is.
    code = _code_in(answer)
    if code in LATER:
        raise Temporary(retry_after=timedelta(seconds=30))
    raise Permanent(str(code))


def _code_in(answer: httpx.Response) -> int:
    try:
        code = json.loads(answer.content)["error"]["code"]
    except (ValueError, LookupError, TypeError):
        return answer.status_code
    return code if type(code) is int else answer.status_code
