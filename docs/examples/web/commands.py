"""Every command over one route: what `chatcore.serialization` reads, the desk decides about."""

from __future__ import annotations

import re
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Header, Request, Response

from chatcore.commands import Command
from chatcore.errors import InvalidValue
from chatcore.serialization import decode, encode
from web.asking import Person, TheService, body_of

__all__ = ["COMMANDS", "SCHEMAS", "router"]

COMMANDS = get_args(Command)
"""All there are: who may give which is for the desk to say, not for the routes."""

router = APIRouter(tags=["commands"])


SCHEMAS = "#/components/schemas/"


def json_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def document_of(name: str) -> dict[str, Any]:
    """The schema of a document of `chatcore.serialization`: its version, its type, its value."""
    members = {"chatcore": {"const": 1}, "type": {"const": name}, "value": {"$ref": SCHEMAS + name}}
    return {"type": "object", "properties": members, "required": list(members)}


@router.post(
    "/commands",
    openapi_extra={"requestBody": {"required": True, **json_of({"$ref": f"{SCHEMAS}CommandDocument"})}},
    responses={200: json_of(document_of("Outcome")), "default": json_of({"$ref": f"{SCHEMAS}Error"})},
)
async def handle(
    request: Request,
    by: Person,
    service: TheService,
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    seen: Annotated[str | None, Header(alias="If-Match")] = None,
    correlation: Annotated[str | None, Header(alias="X-Correlation-ID")] = None,
) -> Response:
    """Carry out a command, and answer with what it committed.

    With an `Idempotency-Key` it may be sent again, and is done once. `If-Match` is the `ETag` of the
    conversation as the agent saw it; `X-Correlation-ID` reaches every event that comes of it.
    """
    command = decode(await body_of(request), *COMMANDS)
    outcome = await service.desk.handle(
        command, by=by, key=key, expected=version_of(seen), correlation=correlation
    )
    service.changed()
    headers = {} if correlation is None else {"X-Correlation-ID": correlation}
    if outcome.conversation is not None:
        headers["ETag"] = f'"{outcome.version_of(outcome.conversation)}"'
    return Response(encode(outcome), media_type="application/json", headers=headers)


def version_of(tag: str | None) -> int | None:
    """The version that an entity tag stands for.

    Raises:
        InvalidValue: it is none of ours.
    """
    if tag is None:
        return None
    found = re.fullmatch(r'"(\d{1,18})"', tag, re.ASCII)
    if found is None:
        raise InvalidValue.of("If-Match", "not_a_version")
    return int(found[1])
