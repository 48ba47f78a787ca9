"""A gateway's port: the contract's routes, behind the key and the faults that are on."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from wa_tui.simulator.gateway import Gateway, RefusedError, iso
from wa_tui.simulator.service import Service
from wa_tui.simulator.traffic import Entry

_BODY_LIMIT = 100 * 1024


class Json(Response):
    """A response whose content is encoded by msgspec: a list of 10,000 sessions takes a few milliseconds."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode `content`."""
        return msgspec.json.encode(content)


class Router:
    """The gateway's port: the contract's routes behind its faults and its key, and steering under /sim/."""

    def __init__(self, service: Service, steering: ASGIApp) -> None:
        self._service = service
        self._gateway = service.gateway
        self._steering = steering
        self._contract = contract_app(service.gateway)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith("/sim/"):
            await self._steering(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        entry = self._gateway.log.add("request", scope["method"], scope["path"], _logged(body))
        await self._service.interference.answering()
        if self._gateway.timing.latency:
            await asyncio.sleep(self._gateway.timing.latency)
        scope["simulator.body"] = body
        await self._answer(scope)(scope, receive, _noting(entry, send))

    def _answer(self, scope: Scope) -> ASGIApp:
        match self._service.interference.next():
            case "errors":
                return _error("Internal server error", 500)
            case "garbage":
                return Response("<html><body>Welcome to nginx!</body></html>", media_type="text/html")
            case "unauthorised":
                return _error("Invalid API key", 401)
        if scope["path"] != "/health":
            key = dict(scope["headers"]).get(b"x-api-key")
            if not key:
                return _error("API key required", 401)
            if key != self._gateway.settings.api_key.encode():
                return _error("Invalid API key", 401)
        return self._contract


def contract_app(gateway: Gateway) -> Starlette:
    """Return the routes of contract §1, without the key check; the body has been read into the scope."""
    contract = _Contract(gateway)
    return Starlette(
        routes=[
            Route("/health", contract.health, methods=["GET"]),
            Route("/api/session/status/{session_id}", contract.status, methods=["GET"]),
            Route("/api/session/list", contract.claims, methods=["GET"]),
            Route("/api/session/init", contract.init, methods=["POST"]),
            Route("/api/session/disconnect", contract.disconnect, methods=["POST"]),
            Route("/api/message/send-text", contract.send_text, methods=["POST"]),
            Route("/api/message/send-media", contract.send_media, methods=["POST"]),
        ],
        exception_handlers={HTTPException: _no_route, _BadBodyError: _bad_body, RefusedError: _refused},
    )


class _Contract:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def health(self, request: Request) -> Response:
        head = {"success": True, "status": "healthy"}
        return Json(head | {"uptime": self._gateway.uptime, "timestamp": iso(self._gateway.now())})

    async def init(self, request: Request) -> Response:
        body = _json(request)
        if not body.get("sessionId") or body.get("userId") in (None, ""):
            return _error("sessionId and userId are required", 400)
        answer = await self._gateway.init(str(body["sessionId"]), body["userId"])
        return Json(answer) if answer else _error("QR code generation timeout", 408)

    async def status(self, request: Request) -> Response:
        return Json(await self._gateway.status(request.path_params["session_id"]))

    async def disconnect(self, request: Request) -> Response:
        body = _json(request)
        if not body.get("sessionId"):
            return _error("sessionId is required", 400)
        return Json(await self._gateway.disconnect(str(body["sessionId"])))

    async def claims(self, request: Request) -> Response:
        return Json(self._gateway.claims())

    async def send_text(self, request: Request) -> Response:
        return await self._send(request, ("sessionId", "recipient", "message"))

    async def send_media(self, request: Request) -> Response:
        return await self._send(request, ("sessionId", "recipient", "mediaUrl"))

    async def _send(self, request: Request, required: tuple[str, ...]) -> Response:
        body = _json(request)
        if not all(body.get(field) for field in required):
            return _error(f"{', '.join(required)} are required", 400)
        return Json(await self._gateway.send(body))


class _BadBodyError(Exception):
    pass


async def _no_route(request: Request, error: Exception) -> Response:
    # Express knows no 405: a known path with another method is an unknown route.
    return _error("Route not found", 404)


async def _bad_body(request: Request, error: Exception) -> Response:
    return _error(str(error), 500)


async def _refused(request: Request, error: Exception) -> Response:
    return Json({"success": False, "message": str(error)}, status_code=400)


def _error(text: str, status: int) -> Response:
    return Json({"success": False, "error": text}, status_code=status)


def _json(request: Request) -> dict[str, Any]:
    body: bytes = request.scope["simulator.body"]
    if len(body) > _BODY_LIMIT:
        raise _BadBodyError("request entity too large")
    try:
        decoded = msgspec.json.decode(body or b"{}")
    except msgspec.DecodeError as error:
        raise _BadBodyError(str(error)) from error
    return decoded if isinstance(decoded, dict) else {}


async def _read(receive: Receive) -> bytes | None:
    """Return the whole body; None when the caller left before its end."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _logged(body: bytes) -> Any:
    if not body:
        return None
    try:
        return msgspec.json.decode(body[:_BODY_LIMIT])
    except msgspec.DecodeError:
        return body[:200].decode(errors="replace")


def _noting(entry: Entry, send: Send) -> Send:
    async def noting(message: Any) -> None:
        if message["type"] == "http.response.start":
            entry.answered = message["status"]
        await send(message)

    return noting
