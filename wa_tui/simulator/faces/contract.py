"""The Node service of the contract: its routes (§1), its webhooks and what it restores (§2)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from typing import Any

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator import qr
from wa_tui.simulator.answers import BadBodyError, Json, content_of
from wa_tui.simulator.client import Client, Event
from wa_tui.simulator.gateway import Cause, Gateway, RefusedError, iso
from wa_tui.simulator.messages import Message
from wa_tui.simulator.posting import Target
from wa_tui.simulator.webhooks import http_client

from .contract_traffic import ContractTraffic
from .face import Face

_RESTORE_TIMEOUT = 10.0
_SESSION_ID = re.compile(r"[-_A-Za-z0-9]+")
_NOT_WELL = ("disconnected", "auth_failed")
_RECONNECT = "Please reconnect the session."
_WORDS = {
    Cause.ALREADY_EXISTS: "Client already exists",
    Cause.BAD_ID: "Invalid clientId. Only alphanumeric characters, underscores and hyphens are allowed.",
    Cause.FULL: "Maximum number of sessions reached ({})",
    Cause.PROFILE_IN_USE: (
        "The browser is already running for /srv/whatsapp/.wwebjs_auth/session-{}. "
        "Use a different `userDataDir` or stop the running browser first."
    ),
    Cause.LAUNCH_FAILED: "{}",
    Cause.NOT_FOUND: f"Client not found. {_RECONNECT}",
    Cause.NOT_CONNECTED: f"Client not connected (status: {{}}). {_RECONNECT}",
    Cause.NOT_READY: f"Client not ready (state: {{}}). {_RECONNECT}",
    Cause.CLOSED: f"Client session closed. {_RECONNECT}",
    Cause.ENDED_MEANWHILE: "Protocol error (Runtime.callFunctionOn): Target closed",
    Cause.LIBRARY: "{}",
}


class Contract(Face):
    """The service that the mission describes."""

    kind = GatewayKind.CONTRACT
    open_path = "/health"

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        settings = gateway.settings
        self._traffic = ContractTraffic(gateway)
        self._target = Target(settings.webhook_url, {"x-api-key": settings.webhook_key})

    def app(self) -> ASGIApp:
        """Return the routes of contract §1."""
        routes = [
            Route("/health", self._health, methods=["GET"]),
            Route("/api/session/status/{session_id}", self._status, methods=["GET"]),
            Route("/api/session/list", self._list, methods=["GET"]),
            Route("/api/session/init", self._init, methods=["POST"]),
            Route("/api/session/disconnect", self._disconnect, methods=["POST"]),
            Route("/api/session/server-check", self._server_check, methods=["POST"]),
            Route("/api/session/message-check", self._message_check, methods=["POST"]),
            Route("/api/message/send-text", self._send_text, methods=["POST"]),
            Route("/api/message/send-media", self._send_media, methods=["POST"]),
        ]
        handlers = {HTTPException: _no_route, BadBodyError: _bad_body, RefusedError: _refused}
        return Starlette(routes=routes, exception_handlers=handlers)

    def denial(self, scope: Scope) -> Response | None:
        """Ask for the key everywhere but at ``/health``; none is answered otherwise than a wrong one."""
        if scope["path"] != self.open_path and not dict(scope["headers"]).get(self.key_header):
            return _error("API key required", 401)
        return super().denial(scope)

    def unauthorised(self) -> Response:
        """Return the contract's 401."""
        return _error("Invalid API key", 401)

    def failure(self) -> Response:
        """Return the contract's 500."""
        return _error("Internal server error", 500)

    def announce(self, client: Client, event: Event) -> None:
        """Post a status webhook."""
        fields = {"phoneNumber": event.phone, "reason": event.reason, "error": event.error}
        said = {name: value for name, value in fields.items() if value is not None}
        if event.code is not None:
            said["qrCode"] = qr.data_url(event.code)
        self._post(client.account.session_id, client.account.user_id, event.status, said)

    def follow(self, client: Client, message: Message) -> None:
        """Post nothing of a message: it tells its counters."""

    def duties(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Restore what the control plane says, and look after the clients."""
        return self._restore(), self._look_after(), self._traffic.post()

    def _post(self, session_id: str, user_id: int | str | None, status: str, said: dict[str, Any]) -> None:
        head = {"sessionId": session_id, "userId": user_id, "timestamp": iso(self.gateway.now())}
        self.gateway.webhooks.post(head | {"status": status} | said, self._target)

    async def _health(self, request: Request) -> Response:
        head: dict[str, Any] = {"success": True, "status": "healthy"}
        if self.gateway.traffic.counted:
            head |= {"bootId": self.gateway.traffic.boot, "capabilities": ["server_check", "message_check"]}
        return Json(head | {"uptime": self.gateway.uptime, "timestamp": iso(self.gateway.now())})

    async def _init(self, request: Request) -> Response:
        body = content_of(request)
        if not body.get("sessionId") or body.get("userId") in (None, ""):
            return _error("sessionId and userId are required", 400)
        session_id = str(body["sessionId"])
        self._create(session_id, body["userId"])
        timing = self.gateway.timing
        for _ in range(max(1, round(timing.qr_timeout / timing.poll))):
            await asyncio.sleep(timing.poll)
            client = self.gateway.clients.get(session_id)
            if client is None:
                continue
            answer = {"success": True, "sessionId": session_id, "status": client.claim}
            if client.claim == "connected":
                return Json(answer | {"phoneNumber": client.phone})
            if client.claim == "qr_pending" and client.code:
                return Json(answer | {"qrCode": qr.data_url(client.code)})
        return _error("QR code generation timeout", 408)

    async def _status(self, request: Request) -> Response:
        client = await self.gateway.responsive(request.path_params["session_id"])
        if client is None:
            return Json(_state(exists=False, status="not_found"))
        _check(client)
        waiting = client.claim == "qr_pending" and client.code is not None
        code = qr.data_url(client.code) if waiting and client.code else None
        return Json(_state(exists=True, status=client.claim, qr_code=code, phone=client.phone))

    async def _disconnect(self, request: Request) -> Response:
        body = content_of(request)
        if not body.get("sessionId"):
            return _error("sessionId is required", 400)
        ended = await self.gateway.end(str(body["sessionId"]))
        return Json({"success": ended, "message": "Client destroyed" if ended else "Client not found"})

    async def _list(self, request: Request) -> Response:
        """Answer what clients claim, of which nothing is checked."""
        claims = self.gateway.clients.items()
        sessions = [
            {"sessionId": session_id, "status": client.claim} | self._traffic.of_row(session_id)
            for session_id, client in claims
        ]
        return Json({"success": True, "sessions": sessions, "count": len(sessions)})

    async def _server_check(self, request: Request) -> Response:
        """Answer what WhatsApp's server says of a session; the contract's original has no such route."""
        if not self.gateway.traffic.counted:
            return _error("Route not found", 404)
        session_id = str(content_of(request).get("sessionId") or "")
        if not session_id:
            return _error("sessionId is required", 400)
        answer, detail = await self.gateway.ask_server(session_id)
        return Json({"success": True, "sessionId": session_id, "answer": answer, "detail": detail or None})

    async def _message_check(self, request: Request) -> Response:
        """Answer what became of a message; the contract's original has no such route."""
        if not self.gateway.traffic.counted:
            return _error("Route not found", 404)
        body = content_of(request)
        session_id, message_id = str(body.get("sessionId") or ""), str(body.get("messageId") or "")
        if session_id not in self.gateway.clients:
            raise RefusedError(Cause.NOT_FOUND, session_id)
        flows = self.gateway.traffic.counts[session_id].flows.get(message_id, set())
        return Json({"success": True, "sessionId": session_id, "flows": [*flows]})

    async def _send_text(self, request: Request) -> Response:
        return await self._send(request, ("sessionId", "recipient", "message"))

    async def _send_media(self, request: Request) -> Response:
        return await self._send(request, ("sessionId", "recipient", "mediaUrl"))

    async def _send(self, request: Request, required: tuple[str, ...]) -> Response:
        body = content_of(request)
        if not all(body.get(field) for field in required):
            return _error(f"{', '.join(required)} are required", 400)
        session_id = body["sessionId"]
        try:
            message_id = await self.gateway.send(session_id, body)
        finally:
            # It looks behind a claimed connection before it sends; a dead one changes the claim and posts nothing.
            if (client := self.gateway.clients.get(session_id)) is not None and not client.hanging:
                _check(client)
        timestamp = int(self.gateway.now())
        return Json({"success": True, "messageId": message_id, "timestamp": timestamp})

    def _create(self, session_id: str, user_id: int | str | None) -> asyncio.Task[None]:
        if not _SESSION_ID.fullmatch(session_id):
            raise RefusedError(Cause.BAD_ID)
        return self.gateway.create(session_id, user_id)

    async def _restore(self) -> None:
        """Ask what should run, and start it, one after the other (contract §2)."""
        settings = self.gateway.settings
        await asyncio.sleep(settings.timing.restore_delay)
        url, headers = settings.active_sessions_url, {"x-api-key": settings.api_key}
        entry = self.gateway.log.add("webhook", "GET", httpx.URL(url).path, None)
        try:
            async with http_client(_RESTORE_TIMEOUT) as client:
                response = await client.get(url, headers=headers)
            entry.answered = response.status_code
            sessions = msgspec.json.decode(response.content)["data"]["sessions"]
        except httpx.HTTPError as error:
            entry.answered = type(error).__name__
            return
        except (msgspec.DecodeError, LookupError, TypeError):
            return
        for row in sessions:
            await self._restore_one(row["session_id"], row["user_id"])

    async def _restore_one(self, session_id: str, user_id: int | str | None) -> None:
        if session_id in self.gateway.clients:
            return
        try:
            start = self._create(session_id, user_id)
        except RefusedError:
            failed = {"error": "Failed to restore session on Node.js restart"}
            self._post(session_id, user_id, "disconnected", failed)
        else:
            # One after the other, as the contract has it: a slow browser holds up all that follow.
            await asyncio.wait({start})

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(self.gateway.timing.health_interval)
            self._check_health()

    def _check_health(self) -> None:
        """Look at every client that does not hang and post those that are not well, at every pass anew."""
        for session_id, client in self.gateway.clients.items():
            if not client.hanging and not _check(client) and client.claim in _NOT_WELL:
                body = {
                    "sessionId": session_id,
                    "status": client.claim,
                    "timestamp": iso(self.gateway.now()),
                    "reason": "Health check detected disconnection",
                }
                self.gateway.webhooks.post(body, self._target)


def _check(client: Client) -> bool:
    """Look behind a claimed connection; a dead one changes the claim but posts nothing (contract §3.11)."""
    if client.claim == "connected" and client.truth != "connected":
        client.claim = "disconnected"
    return client.claim == "connected"


def _state(
    *, exists: bool, status: str, qr_code: str | None = None, phone: str | None = None
) -> dict[str, Any]:
    return {
        "success": True,
        "exists": exists,
        "status": status,
        "qrCode": qr_code,
        "phoneNumber": phone,
        "isReady": status == "connected",
    }


async def _no_route(request: Request, error: Exception) -> Response:
    # Express knows no 405: a known path with another method is an unknown route.
    return _error("Route not found", 404)


async def _bad_body(request: Request, error: Exception) -> Response:
    return _error(str(error), 500)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return Json({"success": False, "message": _WORDS[error.cause].format(error.detail)}, status_code=400)


def _error(text: str, status: int) -> Response:
    return Json({"success": False, "error": text}, status_code=status)
