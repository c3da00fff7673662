"""What every request brings along: the service, who asks, and a body of bounded size."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chatcore import Actor
from chatcore.errors import InvalidValue
from chatcore.limits import PAYLOAD_BYTES
from web.service import Service
from web.settings import Settings

__all__ = ["Person", "TheService", "TheSettings", "body_of"]

_bearer = HTTPBearer(auto_error=False)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


TheService = Annotated[Service, Depends(_service)]
TheSettings = Annotated[Settings, Depends(_settings)]


def _person(
    settings: TheSettings, token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Actor:
    """Whoever the token says. What they may do is looked up by the desk, in the workspace."""
    agent = None if token is None else settings.people.get(token.credentials)
    if agent is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    return Actor.agent(agent)


Person = Annotated[Actor, Depends(_person)]


async def body_of(request: Request) -> bytes:
    """The body as it came, read no further than is allowed.

    Raises:
        InvalidValue: it is too long.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > PAYLOAD_BYTES:
            raise InvalidValue.of("body", "too_long", limit=PAYLOAD_BYTES)
    return bytes(body)
