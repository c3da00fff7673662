"""Errors as HTTP, by their kind, in this one place."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from chatcore.errors import ChatcoreError, ErrorKind, Temporary
from chatcore.i18n import explain

__all__ = ["STATUS", "answer_to", "install"]

STATUS = {
    ErrorKind.INVALID: 400,
    ErrorKind.NOT_CONTRACTED: 402,
    ErrorKind.NOT_ALLOWED: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.REFUSED: 422,
    ErrorKind.DEFECT: 500,
    ErrorKind.UNAVAILABLE: 503,
    ErrorKind.IN_DOUBT: 504,
}
"""What a caller can do about it, in the words of HTTP. After 504 they ask again with the same key."""


def answer_to(error: ChatcoreError, language: str = "") -> JSONResponse:
    """The answer that tells of an error: its document, with a message that may be shown to people."""
    locale = "en" if language.lower().startswith("en") else "pt_BR"
    headers = {}
    if isinstance(error, Temporary) and error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after.total_seconds())))
    body = {**error.document(), "message": explain(error, locale)}
    return JSONResponse(body, STATUS[error.kind], headers)


def install(app: FastAPI) -> None:
    """Let every error that leaves a route become its answer."""

    @app.exception_handler(ChatcoreError)
    async def _(request: Request, error: ChatcoreError) -> JSONResponse:
        return answer_to(error, request.headers.get("Accept-Language", ""))
