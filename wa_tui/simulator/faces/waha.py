"""WAHA with its engine of sockets: patient where the status is wrong, late to say that a connection is lost."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Coroutine, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator.answers import Json, content_of
from wa_tui.simulator.client import Account, Client, Event
from wa_tui.simulator.gateway import Cause, Gateway, RefusedError
from wa_tui.simulator.posting import Target

from .face import Face, Params

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

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        settings = gateway.settings
        self._everywhere = Target(settings.foreign_webhook_url, {}, _signing(settings.webhook_key))
        self._configs: dict[str, dict[str, Any]] = {}
        self._unlinked: set[str] = set()
        """Sessions that the phone logged out: they fail whatever is done, until they are logged out here."""
        self._stopped: set[str] = set()
        """Sessions that somebody stopped: they are not started with the server."""
        self._tier = "PLUS"
        self.faults = {"core": self._become_core}

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
        return Starlette(routes=routes, exception_handlers={_Failure: _failed})

    def denial(self, scope: Scope) -> Response | None:
        """Ask for the key everywhere but at ``/ping``."""
        key = dict(scope["headers"]).get(b"x-api-key")
        fits = scope["path"] == "/ping" or key == self.gateway.settings.api_key.encode()
        return None if fits else self.unauthorised()

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
                self._post(name, "state.change", {"qr": event.code})
                self._post_status(name, "SCAN_QR_CODE")
            case "connected":
                self._post_status(name, "WORKING")
                self._post(name, "state.change", {"connection": "open"})
            case "auth_failed":
                self._fail(client, 401)
            case "disconnected" if _CODES.get(event.reason or "") in _FATAL:
                self._fail(client, _CODES[event.reason or ""])
            case "disconnected":
                self._post_closed(name, _CODES.get(event.reason or "", _LOST))
                client.claim = "connected"
                client.spawn(self._open_again(client))

    def duties(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Start by itself what ran, but for what had failed."""
        return (self._restore(),)

    async def _restore(self) -> None:
        await asyncio.sleep(self.gateway.timing.restore_delay)
        for name, account in list(self.gateway.accounts.items()):
            runs = name in self.gateway.clients or name in self._stopped | self._unlinked
            if account.credentials and not runs:
                self._begin(name)

    async def _open_again(self, client: Client) -> None:
        await asyncio.sleep(2 * self.gateway.timing.poll)
        client.truth = client.claim = "initializing"
        self._post_status(client.account.session_id, "STARTING")
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
            raise _Failure(422, f"Session '{name}' already exists. Use PUT to update it.")
        self._configs[name] = body.get("config") or {}
        self._begin(name)
        return Json(self._row(name), status_code=201)

    async def _configure(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._known(name)
        self._configs[name] = content_of(request)["config"]
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
        self._configs.pop(name, None)
        return Json(None)

    async def _start(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._known(name)
        if name in self.gateway.clients:
            raise _Failure(422, f"Session '{name}' is already started.")
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
        """Return a session's client once it is as expected; raises _Failure after a while."""
        for _ in range(_PATIENCE):
            client = self.gateway.clients.get(name)
            if client is None:
                text = f"We didn't find a session with name '{name}'.\nPlease start it first"
                raise _Failure(404, text)
            if self._word(name) == expected:
                return client
            await asyncio.sleep(self.gateway.timing.poll)
        wrong = "Session status is not as expected. Try again later or restart the session"
        raise _Failure(422, wrong, {"session": name, "status": self._word(name), "expected": [expected]})

    def _begin(self, name: str) -> None:
        """Start a session; one that the phone logged out fails at once."""
        self._stopped.discard(name)
        self._post_status(name, "STARTING")
        if name in self._unlinked:
            self._fail(self.gateway.add(self.gateway.accounts[name], "auth_failed"), 401)
            return
        try:
            self.gateway.create(name, locks=False)
        except RefusedError as error:
            raise _Failure(500, error.detail or error.cause.name) from error

    async def _end(self, name: str) -> None:
        """Stop a session, which takes its time."""
        client = self.gateway.clients.get(name)
        if client is None or client.destroy_fails:
            return
        self._post_status(name, "STOPPED")
        await asyncio.sleep(3 * self.gateway.timing.destroy)
        if self.gateway.clients.get(name) is client:
            del self.gateway.clients[name]
        client.destroy()

    def _fail(self, client: Client, code: int) -> None:
        name = client.account.session_id
        self._unlinked.add(name)
        client.truth = client.claim = "auth_failed"
        self._post_closed(name, code)
        self._post_status(name, "FAILED")

    def _known(self, name: str) -> None:
        self._allowed(name)
        if name not in self.gateway.accounts:
            raise _Failure(404, "Session not found")

    def _allowed(self, name: str) -> None:
        if self._tier == "CORE" and name != "default":
            raise _Failure(422, _ONE)

    def _word(self, name: str) -> str:
        client = self.gateway.clients.get(name)
        if client is not None and client.claim == "disconnected" and not client.account.credentials:
            return "FAILED"  # unlinked on the phone: it does not connect again by itself
        return "STOPPED" if client is None else _WORDS.get(client.claim, "STARTING")

    def _row(self, name: str) -> dict[str, Any]:
        runs = name in self.gateway.clients
        return {
            "name": name,
            "status": self._word(name),
            "config": self._configs.get(name),
            "me": self._me(name),
            "engine": {"engine": ENGINE} if runs else {},
        }

    def _me(self, name: str) -> dict[str, str] | None:
        """Return its account, which a session that failed still has, and one that is stopped has not."""
        account: Account | None = self.gateway.accounts.get(name)
        runs = name in self.gateway.clients
        return {"id": f"{account.phone}@c.us"} if account is not None and account.paired and runs else None

    def _post_status(self, name: str, word: str) -> None:
        self._post(name, "session.status", {"name": name, "status": word})

    def _post_closed(self, name: str, code: int) -> None:
        output = {"statusCode": code, "payload": {"statusCode": code, "message": "Stream Errored"}}
        error = {"isBoom": True, "output": output}
        self._post(name, "state.change", {"connection": "close", "lastDisconnect": {"error": error}})

    def _post(self, name: str, event: str, payload: dict[str, Any]) -> None:
        """Post without a time and without an id, to the environment's address and to the session's own."""
        body = {"event": event, "session": name, "me": self._me(name), "payload": payload, "engine": ENGINE}
        targets = [self._everywhere]
        for entry in (self._configs.get(name) or {}).get("webhooks") or ():
            if event in entry["events"]:
                headers = {each["name"]: each["value"] for each in entry.get("customHeaders") or ()}
                signing = _signing(entry["hmac"]["key"]) if entry.get("hmac") else None
                targets.append(Target(entry["url"], headers, signing))
        for target in targets:
            self.gateway.webhooks.post(body, target)

    async def _become_core(self, params: Params) -> None:
        """Hold the session ``default`` alone."""
        self._tier = "CORE" if params.get("on", True) else "PLUS"


class _Failure(Exception):
    """Its answer to what it does not do."""

    def __init__(self, status: int, message: str, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.more = more


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, _Failure)
    if error.more is not None:
        return Json({"error": error.message, **error.more}, status_code=error.status)
    return _error(error.status, error.message)


def _error(status: int, message: str) -> Response:
    return Json({"statusCode": status, "message": message}, status_code=status)


def _signing(key: str) -> Any:
    def sign(body: bytes) -> Mapping[str, str]:
        return {
            "x-webhook-hmac": hmac.new(key.encode(), body, hashlib.sha512).hexdigest(),
            "x-webhook-hmac-algorithm": "sha512",
        }

    return sign
