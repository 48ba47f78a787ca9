"""A gateway's port: the routes of its kind, behind the key and the faults that are on."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from wa_tui.simulator.answers import BODY, BODY_LIMIT
from wa_tui.simulator.exchanges import Entry
from wa_tui.simulator.service import Service


class Router:
    """The gateway's port: the routes of its kind behind its faults and its key, and steering under /sim/."""

    def __init__(self, service: Service, steering: ASGIApp) -> None:
        self._service = service
        self._gateway = service.gateway
        self._steering = steering
        self._app = service.face.app()

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
        scope[BODY] = body
        await self._answer(scope)(scope, receive, _noting(entry, send))

    def _answer(self, scope: Scope) -> ASGIApp:
        face = self._service.face
        match self._service.interference.next():
            case "errors":
                return face.failure()
            case "garbage":
                return Response("<html><body>Welcome to nginx!</body></html>", media_type="text/html")
            case "unauthorised":
                return face.unauthorised()
        return face.denial(scope) or self._app


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
        return msgspec.json.decode(body[:BODY_LIMIT])
    except msgspec.DecodeError:
        return body[:200].decode(errors="replace")


def _noting(entry: Entry, send: Send) -> Send:
    async def noting(message: Any) -> None:
        if message["type"] == "http.response.start":
            entry.answered = message["status"]
        await send(message)

    return noting
