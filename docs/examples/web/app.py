"""The application, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chatcore.ports import AsyncMessaging
from chatcore.serialization import json_schema
from web import commands, failures, live, reads, whatsapp
from web.service import Service, open_desk
from web.settings import Settings

__all__ = ["create_app", "from_environment"]


def from_environment() -> FastAPI:
    """The application as a deployment starts it."""
    return create_app(Settings.from_environment())


def create_app(settings: Settings, messaging: AsyncMessaging | None = None) -> FastAPI:
    """The service of one tenant; `messaging` takes the place of what the settings say."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as exits:
            app.state.service = service = Service(await open_desk(settings, exits, messaging))
            deliveries = asyncio.create_task(service.deliver())
            yield
            deliveries.cancel()
            await asyncio.gather(deliveries, return_exceptions=True)

    app = FastAPI(title="Customer service", lifespan=lifespan)
    app.state.settings = settings
    failures.install(app)
    for module in (commands, reads, live, whatsapp):
        app.include_router(module.router)
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """The page of the routes, with the core's own schemas of commands, outcomes and errors."""
    if app.openapi_schema is None:
        page = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = page.setdefault("components", {}).setdefault("schemas", {})
        schemas |= json_schema(prefix=commands.SCHEMAS)["$defs"]
        app.openapi_schema = page
    return app.openapi_schema
