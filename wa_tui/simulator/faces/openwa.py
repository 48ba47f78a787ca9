"""OpenWA as its API's documents describe it: UUIDs behind names, no restart, and no start while an engine backs off."""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator import qr
from wa_tui.simulator.answers import FailureError, Json, content_of, failed
from wa_tui.simulator.client import Account, Client, Event
from wa_tui.simulator.gateway import Gateway, RefusedError, iso
from wa_tui.simulator.messages import Message
from wa_tui.simulator.posting import Target

from . import messages
from .face import Face

VERSION = "0.30.3"
_WORDS = {
    "initializing": "initializing",
    "authenticated": "authenticating",
    "qr_pending": "qr_ready",
    "connected": "ready",
    "auth_failed": "failed",
    "disconnected": "disconnected",
}
_NAME = re.compile(r"[a-zA-Z0-9-]{3,50}")
_RESTRICTED = {"kind": "tos_block", "code": "TOS_BLOCK", "expiresAt": None}
_ERRORS = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    409: "Conflict",
    503: "Service Unavailable",
}

Answering = Callable[[Account, Request], Awaitable[Response]]


class OpenWa(Face):
    """A gateway that keeps a row for each session, whether it runs or not."""

    kind = GatewayKind.OPENWA
    open_path = "/api/health"

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        settings = gateway.settings
        key = settings.webhook_key.encode()
        self._target = Target(
            settings.foreign_webhook_url,
            {},
            lambda body: {"X-OpenWA-Signature": "sha256=" + hmac.digest(key, body, "sha256").hex()},
        )
        self._hooks: dict[str, list[dict[str, Any]]] = {}
        self._posts = 0

    def app(self) -> ASGIApp:
        """Return the routes."""
        one = "/api/sessions/{id}"
        routes = [
            Route("/api/health", self._health),
            Route("/api/sessions", self._list),
            Route("/api/sessions", self._create, methods=["POST"]),
            Route(one, self._known(self._show)),
            Route(one, self._known(self._delete), methods=["DELETE"]),
            Route(f"{one}/qr", self._known(self._qr)),
            Route(f"{one}/start", self._known(self._start), methods=["POST"]),
            Route(f"{one}/stop", self._known(self._stop), methods=["POST"]),
            Route(f"{one}/logout", self._known(self._logout), methods=["POST"]),
            Route(f"{one}/pairing-code", self._known(self._pairing_code), methods=["POST"]),
            Route(f"{one}/messages/{{verb}}", self._known(self._send), methods=["POST"]),
            Route(f"{one}/webhooks", self._known(self._webhooks)),
            Route(f"{one}/webhooks", self._known(self._add_webhook), methods=["POST"]),
            Route(f"{one}/webhooks/{{hook}}", self._known(self._change_webhook), methods=["PUT"]),
        ]
        return Starlette(routes=routes, exception_handlers={FailureError: failed})

    def unauthorised(self) -> Response:
        """Return its 401."""
        return _error(401, "Invalid API key")

    def failure(self) -> Response:
        """Return its 500."""
        return _error(500, "Internal server error")

    def announce(self, client: Client, event: Event) -> None:
        """Post what became of a client: its status, and an event of its own where it has one."""
        account, data = client.account, {"status": _WORDS.get(event.status, "disconnected")}
        self._post(account, "session.status", data)
        match event.status:
            case "qr_pending" if event.code is not None:
                self._post(account, "session.qr", {"qr": event.code})
            case "connected":
                self._post(account, "session.authenticated", {"phone": account.phone})
                self._post(account, "session.status", data)
            case "disconnected" | "auth_failed":
                self._post(account, "session.disconnected", {"reason": event.reason or event.error})

    def follow(self, client: Client, message: Message) -> None:
        """Post a message, or what became of it."""
        for event, data in messages.openwa(message):
            self._post(client.account, event, data)

    def duties(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Start what has a phone, as with ``AUTO_START_SESSIONS``."""
        return (self._restore(),)

    async def _restore(self) -> None:
        async for session_id, account in self.gateway.to_restore():
            if account.credentials:
                self.gateway.create(session_id)

    def _known(self, answer: Answering) -> Callable[[Request], Awaitable[Response]]:
        """Have a route answer for the session that its UUID names."""

        async def route(request: Request) -> Response:
            named = request.path_params["id"]
            account = next(
                (each for each in self.gateway.accounts.values() if self._uuid(each) == named), None
            )
            if account is None:
                raise _failure(404, f"Session '{named}' not found")
            return await answer(account, request)

        return route

    async def _health(self, request: Request) -> Response:
        return Json({"status": "ok", "timestamp": iso(self.gateway.now()), "version": VERSION})

    async def _list(self, request: Request) -> Response:
        accounts, asked_for = [*self.gateway.accounts.values()], request.query_params
        if "name" in asked_for:
            accounts = [each for each in accounts if each.session_id == asked_for["name"]]
        begin = int(asked_for.get("offset", 0))
        return Json([self._row(each) for each in accounts[begin : begin + int(asked_for.get("limit", 1000))]])

    async def _create(self, request: Request) -> Response:
        name = str(content_of(request).get("name"))
        if not _NAME.fullmatch(name):
            raise _failure(400, ["name must match /^[a-zA-Z0-9-]+$/ regular expression"])
        if name in self.gateway.accounts:
            raise _failure(409, f"Session with name '{name}' already exists")
        self.gateway.accounts[name] = account = Account(name, None, name, "15550001234")
        return Json(self._row(account), status_code=201)

    async def _show(self, account: Account, request: Request) -> Response:
        return Json(self._row(account))

    async def _delete(self, account: Account, request: Request) -> Response:
        client = self.gateway.clients.pop(account.session_id, None)
        if client is not None:
            client.destroy()
        del self.gateway.accounts[account.session_id]
        return Response(status_code=204)

    async def _qr(self, account: Account, request: Request) -> Response:
        client = self.gateway.clients.get(account.session_id)
        if client is None or client.code is None:
            raise _failure(400, "QR code not ready")
        return Json({"qrCode": qr.data_url(client.code), "status": "qr_ready"})

    async def _start(self, account: Account, request: Request) -> Response:
        try:
            self.gateway.create(account.session_id)
        except RefusedError as error:
            raise _failure(
                400, error.detail if error.cause.name == "LAUNCH_FAILED" else "Session already started"
            ) from error
        return Json(self._row(account))

    async def _stop(self, account: Account, request: Request) -> Response:
        await self.gateway.end(account.session_id)
        return Json(self._row(account))

    async def _logout(self, account: Account, request: Request) -> Response:
        if account.session_id not in self.gateway.clients:
            raise _failure(400, "Session is not started")
        account.credentials = account.paired = False
        await self.gateway.end(account.session_id)
        return Json(self._row(account))

    async def _pairing_code(self, account: Account, request: Request) -> Response:
        client = self.gateway.clients.get(account.session_id)
        if client is None or client.claim != "qr_pending":
            raise _failure(409, "Session is not waiting to be linked")
        return Json({"pairingCode": "ABCD1234", "status": "qr_ready"}, status_code=201)

    async def _send(self, account: Account, request: Request) -> Response:
        body = content_of(request)
        message = {"recipient": body.get("chatId"), "message": body.get("text") or body.get("caption")}
        try:
            message_id = await self.gateway.send(account.session_id, message)
        except RefusedError as error:
            raise _failure(400, "Session is not ready") from error
        return Json({"messageId": message_id, "timestamp": int(self.gateway.now())}, status_code=201)

    async def _webhooks(self, account: Account, request: Request) -> Response:
        return Json(self._hooks.get(account.session_id, []))

    async def _add_webhook(self, account: Account, request: Request) -> Response:
        # Secrets and headers are taken, and never told again.
        hook = {name: content_of(request).get(name) for name in ("url", "events")}
        hooks = self._hooks.setdefault(account.session_id, [])
        hooks.append({"id": f"hook-{len(hooks) + 1}"} | hook)
        return Json(hooks[-1], status_code=201)

    async def _change_webhook(self, account: Account, request: Request) -> Response:
        for hook in self._hooks.get(account.session_id, ()):
            if hook["id"] == request.path_params["hook"]:
                hook |= {name: content_of(request)[name] for name in ("url", "events")}
                return Json(hook)
        raise _failure(404, "Webhook not found")

    def _uuid(self, account: Account) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.gateway.settings.name}/{account.session_id}"))

    def _row(self, account: Account) -> dict[str, Any]:
        client = self.gateway.clients.get(account.session_id)
        return {
            "id": self._uuid(account),
            "name": account.session_id,
            "status": "disconnected" if client is None else _WORDS.get(client.claim, "disconnected"),
            "phone": account.phone if account.paired else None,
            "lastError": None,
            "restriction": _RESTRICTED if account.banned else None,
            "engineLoaded": client is not None,
        }

    def _post(self, account: Account, event: str, data: dict[str, Any]) -> None:
        self._posts += 1
        body = {
            "event": event,
            "timestamp": iso(self.gateway.now()),
            "sessionId": self._uuid(account),
            "idempotencyKey": f"evt_{self.gateway.started_at:.3f}_{self._posts}",
            "data": data,
        }
        self.gateway.webhooks.post(body, self._target)


def _failure(status: int, message: str | list[str]) -> FailureError:
    """Return its answer to what it does not do."""
    error = _ERRORS.get(status, "Internal Server Error")
    return FailureError(status, {"statusCode": status, "message": message, "error": error})


def _error(status: int, message: str) -> Response:
    return Json(_failure(status, message).content, status_code=status)
