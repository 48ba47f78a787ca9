"""WAHA with its engine of sockets: patient where the status is wrong, late to say that a connection is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator.answers import FailureError, Json, content_of, failed
from wa_tui.simulator.client import Client, Event
from wa_tui.simulator.gateway import Cause, Gateway, RefusedError
from wa_tui.simulator.messages import Message

from . import messages
from .face import Face, Params
from .waha_posts import WahaPosts

VERSION = "2024.10.8"
ENGINE = "NOWEB"
_WORDS = {
    "initializing": "STARTING",
    "authenticated": "STARTING",
    "qr_pending": "SCAN_QR_CODE",
    "connected": "WORKING",
    "auth_failed": "FAILED",
    "disconnected": "STARTING",
}
_CODES = {"LOGOUT": 401, "TOS_BLOCK": 403, "CONFLICT": 440}
_LOST = 428
_FATAL = frozenset({401, 403})
_PATIENCE = 5
"""How many looks it takes at a session in the wrong status before it refuses."""

_ONE = "WAHA Core support only 'default' session. If you want to run more then one WhatsApp account - get WAHA PLUS."


class Waha(Face):
    """The Plus version, which the fault ``core`` makes one for the session ``default``."""

    kind = GatewayKind.WAHA
    open_path = "/ping"

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        self._posts = WahaPosts(gateway, ENGINE)
        self._unlinked: set[str] = set()
        """Sessions that the phone logged out: they fail whatever is done, until they are logged out here."""
        self._stopped: set[str] = set()
        """Sessions that somebody stopped: they are not started with the server."""
        self._wants_passkey: set[str] = set()
        self._tier = "PLUS"
        self.faults = {"core": self._become_core, "passkey": self._ask_for_passkey}

    def app(self) -> ASGIApp:
        """Return the routes."""
        routes = [
            Route("/ping", self._ping),
            Route("/api/server/status", self._status),
            Route("/api/version", self._version),
            Route("/api/sessions", self._list),
            Route("/api/sessions", self._create, methods=["POST"]),
            Route("/api/sessions/{name}", self._one),
            Route("/api/sessions/{name}", self._configure, methods=["PUT"]),
            Route("/api/sessions/{name}", self._delete, methods=["DELETE"]),
            Route("/api/sessions/{name}/start", self._start, methods=["POST"]),
            Route("/api/sessions/{name}/stop", self._stop, methods=["POST"]),
            Route("/api/sessions/{name}/restart", self._restart, methods=["POST"]),
            Route("/api/sessions/{name}/logout", self._logout, methods=["POST"]),
            Route("/api/{name}/auth/qr", self._code),
            Route("/api/{name}/auth/request-code", self._pairing_code, methods=["POST"]),
            Route("/api/{verb}", self._send, methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={FailureError: failed})

    def unauthorised(self) -> Response:
        """Return its 401."""
        return _error(401, "Unauthorized")

    def failure(self) -> Response:
        """Return its 500."""
        return _error(500, "Internal server error")

    def announce(self, client: Client, event: Event) -> None:
        """Post what became of a client; a lost connection it goes on calling WORKING for a while."""
        name = client.account.session_id
        match event.status:
            case "qr_pending":
                self._posts.post(name, "state.change", {"qr": event.code})
                self._posts.status(name, "SCAN_QR_CODE")
            case "connected":
                self._posts.status(name, "WORKING")
                self._posts.post(name, "state.change", {"connection": "open"})
            case "auth_failed":
                self._fail(client, 401)
            case "disconnected" if _CODES.get(event.reason or "") in _FATAL:
                self._fail(client, _CODES[event.reason or ""])
            case "disconnected":
                self._posts.closed(name, _CODES.get(event.reason or "", _LOST))
                client.claim = "connected"
                client.spawn(self._open_again(client))

    def follow(self, client: Client, message: Message) -> None:
        """Post a message, or what became of it."""
        for event, payload in messages.waha(message):
            self._posts.post(client.account.session_id, event, payload)

    def duties(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Start by itself what ran, but for what had failed."""
        return (self._restore(),)

    async def _restore(self) -> None:
        async for name, account in self.gateway.to_restore():
            if account.credentials and name not in self._stopped | self._unlinked:
                self._begin(name)

    async def _open_again(self, client: Client) -> None:
        await asyncio.sleep(2 * self.gateway.timing.poll)
        client.truth = client.claim = "initializing"
        self._posts.status(client.account.session_id, "STARTING")
        client.start()

    async def _ping(self, request: Request) -> Response:
        return Json({"message": "pong"})

    async def _status(self, request: Request) -> Response:
        began = self.gateway.started_at + self.gateway.clock_offset
        uptime = round(self.gateway.uptime * 1000)
        return Json({"startTimestamp": round(began * 1000), "uptime": uptime, "worker": {"id": ""}})

    async def _version(self, request: Request) -> Response:
        return Json(
            {"version": VERSION, "engine": ENGINE, "tier": self._tier, "browser": "/usr/bin/chromium"}
        )

    async def _list(self, request: Request) -> Response:
        rows = [self._row(name) for name in self.gateway.accounts]
        wanted = "all" in request.query_params
        return Json([row for row in rows if wanted or row["status"] != "STOPPED"])

    async def _one(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._known(name)
        await self.gateway.responsive(name)
        return Json(self._row(name))

    async def _create(self, request: Request) -> Response:
        body = content_of(request)
        name = str(body["name"])
        self._allowed(name)
        if name in self.gateway.accounts:
            raise _failure(422, f"Session '{name}' already exists. Use PUT to update it.")
        self._posts.configs[name] = body.get("config") or {}
        self._begin(name)
        return Json(self._row(name), status_code=201)

    async def _configure(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._known(name)
        self._posts.configs[name] = content_of(request)["config"]
        if name in self.gateway.clients:
            await self._end(name)
            self._begin(name)
        return Json(self._row(name))

    async def _delete(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._known(name)
        await self._end(name)
        del self.gateway.accounts[name]
        self._unlinked.discard(name)
        self._posts.configs.pop(name, None)
        return Json(None)

    async def _start(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._known(name)
        if name in self.gateway.clients:
            raise _failure(422, f"Session '{name}' is already started.")
        self._begin(name)
        return Json(self._row(name), status_code=201)

    async def _stop(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._known(name)
        self._stopped.add(name)
        await self._end(name)
        return Json(self._row(name), status_code=201)

    async def _restart(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._known(name)
        await self._end(name)
        self._begin(name)
        return Json(self._row(name), status_code=201)

    async def _logout(self, request: Request) -> Response:
        """Unlink, and start anew, which shows a code."""
        name = request.path_params["name"]
        self._known(name)
        await self._end(name)
        self._unlinked.discard(name)
        account = self.gateway.accounts[name]
        account.credentials = account.paired = False
        self._begin(name)
        return Json(self._row(name), status_code=201)

    async def _code(self, request: Request) -> Response:
        name = request.path_params["name"]
        client = await self._patiently(name, "SCAN_QR_CODE")
        return Json({"value": client.code})

    async def _pairing_code(self, request: Request) -> Response:
        await self._patiently(request.path_params["name"], "SCAN_QR_CODE")
        return Json({"code": "ABCD-EFGH"}, status_code=201)

    async def _send(self, request: Request) -> Response:
        body = content_of(request)
        name = str(body["session"])
        await self._patiently(name, "WORKING")
        message = {"recipient": body.get("chatId"), "message": body.get("text") or body.get("caption")}
        try:
            message_id = await self.gateway.send(name, message)
        except RefusedError as error:
            text = error.detail if error.cause is Cause.LIBRARY else "Connection Closed"
            exception = {"message": text, "name": "Error", "stack": f"Error: {text}"}
            failure = {
                "statusCode": 500,
                "exception": exception,
                "request": {"path": request.url.path, "body": body},
            }
            return Json(failure, status_code=500)
        key = {"remoteJid": body.get("chatId"), "fromMe": True, "id": message_id}
        return Json({"key": key, "messageTimestamp": str(int(self.gateway.now()))}, status_code=201)

    async def _patiently(self, name: str, expected: str) -> Client:
        """Return a session's client once it is as expected; raises FailureError after a while."""
        for _ in range(_PATIENCE):
            client = self.gateway.clients.get(name)
            if client is None:
                text = f"We didn't find a session with name '{name}'.\nPlease start it first"
                raise _failure(404, text)
            if self._word(name) == expected:
                return client
            await asyncio.sleep(self.gateway.timing.poll)
        wrong = "Session status is not as expected. Try again later or restart the session"
        status = self._word(name)
        raise FailureError(422, {"error": wrong, "session": name, "status": status, "expected": [expected]})

    def _begin(self, name: str) -> None:
        """Start a session; one that the phone logged out fails at once."""
        self._stopped.discard(name)
        self._posts.status(name, "STARTING")
        if name in self._unlinked:
            self._fail(self.gateway.add(self.gateway.accounts[name], "auth_failed"), 401)
            return
        try:
            self.gateway.create(name, locks=False)
        except RefusedError as error:
            raise _failure(500, error.detail or error.cause.name) from error

    async def _end(self, name: str) -> None:
        """Stop a session, which takes its time."""
        client = self.gateway.clients.get(name)
        if client is None or client.destroy_fails:
            return
        self._posts.status(name, "STOPPED")
        await asyncio.sleep(3 * self.gateway.timing.destroy)
        if self.gateway.clients.get(name) is client:
            del self.gateway.clients[name]
        client.destroy()

    def _fail(self, client: Client, code: int) -> None:
        name = client.account.session_id
        self._unlinked.add(name)
        client.truth = client.claim = "auth_failed"
        self._posts.closed(name, code)
        self._posts.status(name, "FAILED")

    def _known(self, name: str) -> None:
        self._allowed(name)
        if name not in self.gateway.accounts:
            raise _failure(404, "Session not found")

    def _allowed(self, name: str) -> None:
        if self._tier == "CORE" and name != "default":
            raise _failure(422, _ONE)

    def _word(self, name: str) -> str:
        client = self.gateway.clients.get(name)
        if client is not None and name in self._wants_passkey:
            return "PASSKEY_REQUIRED"
        if client is not None and client.claim == "disconnected" and not client.account.credentials:
            return "FAILED"  # unlinked on the phone: it does not connect again by itself
        return "STOPPED" if client is None else _WORDS.get(client.claim, "STARTING")

    def _row(self, name: str) -> dict[str, Any]:
        runs = name in self.gateway.clients
        return {
            "name": name,
            "status": self._word(name),
            "config": self._posts.configs.get(name),
            "me": self._posts.account(name),
            "engine": {"engine": ENGINE} if runs else {},
        }

    async def _become_core(self, params: Params) -> None:
        """Hold the session ``default`` alone."""
        self._tier = "CORE" if params.get("on", True) else "PLUS"

    async def _ask_for_passkey(self, params: Params) -> None:
        """Ask for a passkey before a session goes on, or have that given."""
        name = self.named(params).account.session_id
        if params.get("on", True):
            self._wants_passkey.add(name)
        else:
            self._wants_passkey.discard(name)
        self._posts.status(name, self._word(name))


def _failure(status: int, message: str) -> FailureError:
    """Return its answer to what it does not do."""
    return FailureError(status, {"statusCode": status, "message": message})


def _error(status: int, message: str) -> Response:
    return Json(_failure(status, message).content, status_code=status)
