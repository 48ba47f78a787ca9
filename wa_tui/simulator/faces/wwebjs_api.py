"""wwebjs-api: one browser a session, a list without statuses, and changes that are GETs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator.answers import Json, content_of
from wa_tui.simulator.client import Client, Event
from wa_tui.simulator.gateway import Cause, Gateway, RefusedError
from wa_tui.simulator.messages import Message
from wa_tui.simulator.posting import Target

from . import messages
from .face import Face, Params

_SESSION_ID = re.compile(r"[-A-Za-z0-9]+")
_WORDS = {
    Cause.ALREADY_EXISTS: (422, "Session already exists for: {}"),
    Cause.BAD_ID: (422, "Session should be alphanumerical or -"),
    Cause.NOT_FOUND: (404, "session_not_found"),
    Cause.NOT_CONNECTED: (404, "session_not_connected"),
    Cause.NOT_READY: (404, "session_not_connected"),
    Cause.CLOSED: (404, "session closed"),
    Cause.ENDED_MEANWHILE: (500, "Protocol error (Runtime.callFunctionOn): Target closed"),
}
_PAGE = ((10, "WhatsApp"), (60, "WhatsApp"), (100, "WhatsApp"))
_LOGGED_OUT = ("LOGOUT", "UNPAIRED")


class WwebjsApi(Face):
    """wwebjs-api as it was met in July 2026.

    Its own faults: ``stale_qr`` goes on serving a code that is none any more, ``storm`` has a client reconnect
    ``times`` times in a row.
    """

    kind = GatewayKind.WWEBJS_API
    open_path = "/ping"

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        settings = gateway.settings
        self._target = Target(settings.foreign_webhook_url, {"x-api-key": settings.webhook_key})
        self.faults = {"stale_qr": self._stale_qr, "storm": self._storm}

    def app(self) -> ASGIApp:
        """Return the routes that wa_tui asks."""
        about = {
            "status": self._status,
            "qr": self._qr,
            "start": self._start,
            "stop": self._stop,
            "restart": self._restart,
            "terminate": self._terminate,
        }
        routes = [
            Route("/ping", _ping),
            Route("/session/getSessions", self._list),
            *[Route(f"/session/{verb}/{{session_id}}", _valid(answer)) for verb, answer in about.items()],
            Route("/session/requestPairingCode/{session_id}", _valid(self._pairing_code), methods=["POST"]),
            Route("/client/getClassInfo/{session_id}", _valid(self._class_info)),
            Route("/client/sendMessage/{session_id}", _valid(self._send), methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={RefusedError: _refused})

    def unauthorised(self) -> Response:
        """Return its 403."""
        return _error("Invalid API key", 403)

    def failure(self) -> Response:
        """Return its 500."""
        return _error("Internal Server Error", 500)

    def announce(self, client: Client, event: Event) -> None:
        """Post what the library's client emits; a browser that died emits nothing."""
        match event.status:
            case "qr_pending":
                self._post(client, "qr", {"qr": event.code})
            case "connected":
                self._arrive(client)
            case "auth_failed":
                self._post(client, "status", {"msg": event.error})
                client.spawn(self._show_again(client))
            case "disconnected":
                self._post(client, "disconnected", {"reason": event.reason})
                if event.reason in _LOGGED_OUT:
                    client.browser_state = "UNPAIRED"
                    client.spawn(self._show_again(client))

    def follow(self, client: Client, message: Message) -> None:
        """Post a message, or what became of it."""
        for event, data in messages.wwebjs_api(message):
            self._post(client, event, data)

    def duties(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Start every session whose folder it finds; it looks after none."""
        return (self._restore(),)

    def _post(self, client: Client, event: str, data: dict[str, Any] | None = None) -> None:
        body = {"dataType": event, "sessionId": client.account.session_id}
        self.gateway.webhooks.post(body if data is None else body | {"data": data}, self._target)

    def _arrive(self, client: Client) -> None:
        page = list(_PAGE)
        self.gateway.rng.shuffle(page)
        for percent, message in page:
            self._post(client, "loading_screen", {"percent": percent, "message": message})
        self._post(client, "authenticated")
        self._post(client, "ready")

    async def _show_again(self, client: Client) -> None:
        await asyncio.sleep(self.gateway.timing.start)
        client.rotate_code()

    async def _restore(self) -> None:
        async for session_id, account in self.gateway.to_restore():
            if account.on_disk:
                self._create(session_id)

    def _create(self, session_id: str) -> asyncio.Task[None]:
        # It does not look whether another browser holds the profile: then there are two on it.
        return self.gateway.create(session_id, locks=False)

    def _running(self, session_id: str) -> Client | None:
        """Return a client that it knows by now: one that only starts is not among them."""
        client = self.gateway.clients.get(session_id)
        return None if client is None or client.truth == "initializing" else client

    async def _list(self, request: Request) -> Response:
        return Json(
            {"success": True, "result": [name for name in self.gateway.clients if self._running(name)]}
        )

    async def _status(self, request: Request, session_id: str) -> Response:
        client = self._running(session_id)
        if client is None:
            return _not_found()
        await client.responsive()
        if client.truth == "connected":
            return Json({"success": True, "state": "CONNECTED", "message": "session_connected"})
        state = "UNPAIRED" if client.truth in ("qr_pending", "auth_failed") else client.browser_state
        message = "session_not_connected" if state else "session closed"
        return Json({"success": False, "state": state, "message": message})

    async def _qr(self, request: Request, session_id: str) -> Response:
        client = self._running(session_id)
        if client is None:
            return Json({"success": False, "message": "session_not_found"})
        if client.code is None:
            return Json({"success": False, "message": "qr code not ready or already scanned"})
        return Json({"success": True, "qr": client.code})

    async def _start(self, request: Request, session_id: str) -> Response:
        await asyncio.wait({self._create(session_id)})
        return Json({"success": True, "message": "Session initiated successfully"})

    async def _stop(self, request: Request, session_id: str) -> Response:
        await self.gateway.end(session_id)
        return Json({"success": True, "message": "Session stopped successfully"})

    async def _restart(self, request: Request, session_id: str) -> Response:
        if self._running(session_id) is None:
            return _not_found()
        await self.gateway.end(session_id)
        await asyncio.wait({self._create(session_id)})
        return Json({"success": True, "message": "Restarted successfully"})

    async def _terminate(self, request: Request, session_id: str) -> Response:
        client = self._running(session_id)
        if client is None:
            return _not_found()
        if client.truth == "connected":
            self._post(client, "change_state", {"state": "UNPAIRED"})
            self._post(client, "disconnected", {"reason": "UNPAIRED"})
        account = client.account
        account.credentials = account.paired = False
        await self.gateway.end(session_id)
        if account.held:
            cache = f"/srv/wwj-sessions/session-{session_id}/Default/Cache/Cache_Data"
            return _error(f"ENOTEMPTY: directory not empty, rmdir '{cache}'", 500)
        account.on_disk = False
        return Json({"success": True, "message": "Logged out successfully"})

    async def _pairing_code(self, request: Request, session_id: str) -> Response:
        client = self._running(session_id)
        if client is None:
            return _not_found()
        self._post(client, "code", {"code": "ABCD1234"})
        return Json({"success": True, "result": "ABCD1234"})

    async def _class_info(self, request: Request, session_id: str) -> Response:
        client = self._running(session_id)
        if client is None or client.truth != "connected":
            raise RefusedError(Cause.NOT_FOUND if client is None else Cause.NOT_CONNECTED)
        user = client.account.phone
        wid = {"user": user, "server": "c.us", "_serialized": f"{user}@c.us"}
        return Json({"success": True, "sessionInfo": {"wid": wid, "me": wid, "platform": "android"}})

    async def _send(self, request: Request, session_id: str) -> Response:
        body, client = content_of(request), self._running(session_id)
        if client is None:
            raise RefusedError(Cause.NOT_FOUND)
        if client.claim == "connected" and client.truth != "connected":
            raise RefusedError(Cause.NOT_READY if client.browser_state else Cause.CLOSED)
        chat, content = body.get("chatId"), body.get("content")
        recipient = str(chat).removesuffix("@c.us")
        sent = await self.gateway.send(session_id, {"recipient": recipient, "message": content})
        message = {
            "id": {"fromMe": True, "remote": chat, "id": sent, "_serialized": f"true_{chat}_{sent}"},
            "ack": 0,
            "body": content,
            "timestamp": int(self.gateway.now()),
        }
        return Json({"success": True, "message": message})

    async def _stale_qr(self, params: Params) -> None:
        self.named(params).keep_code()

    async def _storm(self, params: Params) -> None:
        client = self.named(params)
        for _ in range(int(params.get("times", 20))):
            self._post(client, "change_state", {"state": "OPENING"})
            self._post(client, "change_state", {"state": "CONNECTED"})
            self._arrive(client)


def _valid(answer: Callable[[Request, str], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Have a route refuse an id that no session can have."""

    async def route(request: Request) -> Response:
        session_id = request.path_params["session_id"]
        if not _SESSION_ID.fullmatch(session_id):
            raise RefusedError(Cause.BAD_ID)
        return await answer(request, session_id)

    return route


async def _ping(request: Request) -> Response:
    return Json({"success": True, "message": "pong"})


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    status, words = _WORDS.get(error.cause, (500, "{}"))
    return _error(words.format(error.detail), status)


def _not_found() -> Response:
    return Json({"success": False, "state": None, "message": "session_not_found"})


def _error(text: str, status: int) -> Response:
    return Json({"success": False, "error": text}, status_code=status)
