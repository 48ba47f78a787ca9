"""Answers of the API: JSON of `wa_tui.wire`, and refusals."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from wa_tui.wire import Problem


def json(value: Any, status: int = 200) -> Response:
    """Return any value of `wa_tui.wire` as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def problem(status: int, text: str, code: str) -> Response:
    """Return a refusal."""
    return json(Problem(error=text, code=code), status)


def unknown_path(text: str) -> Response:
    """Return that there is no such path, in both shapes: who asked is unknown."""
    body = {"success": False, "message": text, "errors": None, "error_code": None}
    return json(body | {"error": text, "code": "not_found"}, 404)


async def not_found(request: Request, error: Exception) -> Response:
    """Answer for a route or method that does not exist, in both shapes: who asked is unknown."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    body = {
        "success": False,
        "message": f"{request.method} {request.url.path}: {status}",
        "errors": None,
        "error_code": None,
    }
    return json(body | {"error": body["message"], "code": "not_found"}, status)


async def crashed(request: Request, error: Exception) -> Response:
    """Answer for a mistake of ours."""
    return problem(500, f"{type(error).__name__}: {error}; the daemon's log has more", "failed")


async def not_read(request: Request, error: Exception) -> Response:
    """Answer for a store that cannot be read now."""
    return problem(503, str(error), "not_read")
