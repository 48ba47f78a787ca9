"""What the faces of all kinds answer with, and how they read what they are asked."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

BODY_LIMIT = 100 * 1024
"""Bytes of a request that Express takes if it is not told otherwise."""

BODY = "simulator.body"
"""Where in a request's scope its body is: the router has read it."""


class Json(Response):
    """A response whose content is encoded by msgspec: a list of 10,000 sessions takes a few milliseconds."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode `content`."""
        return msgspec.json.encode(content)


class FailureError(Exception):
    """A gateway's answer to what it does not do: `content` with a `status`."""

    def __init__(self, status: int, content: object) -> None:
        super().__init__(status, content)
        self.status = status
        self.content = content


async def failed(request: Request, error: Exception) -> Response:
    """Answer a FailureError."""
    assert isinstance(error, FailureError)
    return Json(error.content, status_code=error.status)


class BadBodyError(Exception):
    """A request's body is too large, or no JSON."""


def content_of(request: Request) -> dict[str, Any]:
    """Return the object in a request's body, an empty one for none; raises BadBodyError."""
    body: bytes = request.scope[BODY]
    if len(body) > BODY_LIMIT:
        raise BadBodyError("request entity too large")
    try:
        decoded = msgspec.json.decode(body or b"{}")
    except msgspec.DecodeError as error:
        raise BadBodyError(str(error)) from error
    return decoded if isinstance(decoded, dict) else {}
