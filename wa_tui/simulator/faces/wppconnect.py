"""WPPConnect Server: tokens, a list of all that ever was, and a claim that only a second question proves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator import qr
from wa_tui.simulator.answers import Json, content_of
from wa_tui.simulator.client import Client, Event
from wa_tui.simulator.gateway import Cause, Gateway, RefusedError
from wa_tui.simulator.messages import Message
from wa_tui.simulator.posting import Target

from . import messages
from .face import Face, Params

_VERSION = "2.10.4"
_INACTIVE = "A sessão do WhatsApp não está ativa."
_FREE = ("/healthz",)


class WppConnect(Face):
    """WPPConnect Server 2.10.4 as it was met.

    Its own fault: ``forget_tokens`` has it take none of the tokens that it gave out.
    """

    kind = GatewayKind.WPPCONNECT

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        settings = gateway.settings
        self._usual = Target(f"{settings.foreign_webhook_url}/{settings.webhook_key}", {})
        self._targets: dict[str, Target] = {}
        """By session, where a start told it to post."""
        self._codes: dict[str, str] = {}
        """By session, the code that it showed last: it goes on telling it."""
        self._salt = 0
        self._starts: set[asyncio.Task[None]] = set()
        self.faults = {"forget_tokens": self._forget_tokens}

    def app(self) -> ASGIApp:
        """Return the routes that wa_tui asks."""
        get = {
            "status-session": self._status,
            "check-connection-session": self._check,
            "host-device": self._device,
        }
        post = {
            "start-session": self._start,
            "close-session": self._close,
            "logout-session": self._logout,
            "send-message": self._send,
            "send-file": self._send,
        }
        routes = [
            Route("/healthz", self._health),
            Route("/api/{secret}/show-all-sessions", self._list),
            Route("/api/{session_id}/{secret}/generate-token", self._generate_token, methods=["POST"]),
            *[Route(f"/api/{{session_id}}/{name}", _about(answer)) for name, answer in get.items()],
            *[
                Route(f"/api/{{session_id}}/{name}", _about(answer), methods=["POST"])
                for name, answer in post.items()
            ],
        ]
        return Starlette(routes=routes)

    def denial(self, scope: Scope) -> Response | None:
        """Ask for the secret in the path, or for the session's token."""
        path = scope["path"]
        if path in _FREE or path.endswith(("/show-all-sessions", "/generate-token")):
            return None
        given = dict(scope["headers"]).get(b"authorization", b"").decode()
        if not given:
            return Json({"message": "Token is not present. Check your header and try again"}, status_code=401)
        session_id = path.split("/")[2]
        return None if given == f"Bearer {self._token(session_id)}" else self.unauthorised()

    def unauthorised(self) -> Response:
        """Return its 401."""
        return Json({"error": "Check that the Session and Token are correct"}, status_code=401)

    def failure(self) -> Response:
        """Return its 500."""
        return Json({"status": "error", "message": "Internal error"}, status_code=500)

    def announce(self, client: Client, event: Event) -> None:
        """Post what the page went through; some events do not say of which session."""
        session_id = client.account.session_id
        match event.status:
            case "qr_pending" if event.code is not None:
                self._codes[session_id] = event.code
                picture = qr.data_url(event.code).partition(",")[2]
                self._post(session_id, "qrcode", qrcode=picture, urlcode=event.code)
                self._found(session_id, "notLogged")
            case "connected":
                if session_id in self._codes:
                    self._found(session_id, "qrReadSuccess")
                else:
                    self._post(None, "status-find", status="isLogged")
                self._found(session_id, "inChat")
            case "disconnected":
                # Whatever ended it, the server goes on claiming that it is connected.
                client.claim = "connected"
                if event.reason == "LOGOUT":
                    self._found(session_id, "disconnectedMobile")
                    self._remove(session_id)
                self._found(session_id, "browserClose")
            case "auth_failed":
                self._found(session_id, "notLogged")
                client.spawn(self._show(client))

    def follow(self, client: Client, message: Message) -> None:
        """Post a message, or what became of it."""
        for event, content in messages.wppconnect(message):
            self._post(client.account.session_id, event, **content)

    def duties(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Start every session of which it keeps a token."""
        return (self._restore(),)

    def _post(self, session_id: str | None, event: str, **more: Any) -> None:
        body = {"event": event} | ({} if session_id is None else {"session": session_id}) | more
        self.gateway.webhooks.post(body, self._targets.get(session_id or "", self._usual))

    def _found(self, session_id: str, word: str) -> None:
        self._post(session_id, "status-find", status=word)

    async def _show(self, client: Client) -> None:
        await asyncio.sleep(self.gateway.timing.start)
        client.rotate_code()

    def _remove(self, session_id: str) -> None:
        client = self.gateway.clients.pop(session_id, None)
        self._codes.pop(session_id, None)
        if client is not None:
            client.destroy()

    async def _restore(self) -> None:
        async for session_id, account in self.gateway.to_restore():
            if account.on_disk:
                self.gateway.create(session_id, locks=False)

    def _token(self, session_id: str) -> str:
        digest = sha256(f"{session_id}{self.gateway.settings.api_key}{self._salt}".encode()).hexdigest()
        return f"_2b_10_{digest[:40]}"

    def _alive(self, session_id: str) -> Client | None:
        client = self.gateway.clients.get(session_id)
        return client if client is not None and client.truth == "connected" else None

    async def _health(self, request: Request) -> Response:
        timestamp = round(self.gateway.now() * 1000)
        return Json({"uptime": self.gateway.uptime, "message": "OK", "timestamp": timestamp})

    async def _list(self, request: Request) -> Response:
        if request.path_params["secret"] != self.gateway.settings.api_key:
            return Json({"response": False, "message": "The token is incorrect"}, status_code=400)
        accounts = self.gateway.accounts.values()
        return Json({"response": [account.session_id for account in accounts if account.on_disk]})

    async def _generate_token(self, request: Request) -> Response:
        if request.path_params["secret"] != self.gateway.settings.api_key:
            return Json({"response": False, "message": "The SECRET_KEY is incorrect"}, status_code=400)
        session_id = request.path_params["session_id"]
        token = self._token(session_id)
        content = {
            "status": "success",
            "session": session_id,
            "token": token,
            "full": f"{session_id}:{token}",
        }
        return Json(content, status_code=201)

    async def _status(self, request: Request, session_id: str) -> Response:
        return Json(self._claim(session_id))

    def _claim(self, session_id: str) -> dict[str, Any]:
        client = self.gateway.clients.get(session_id)
        if client is None:
            return {"status": "CLOSED", "qrcode": None, "session": ""}
        code = self._codes.get(session_id, client.code)
        # It waits for no code, and says CLOSED while it shows one.
        words = {"initializing": "INITIALIZING", "qr_pending": "CLOSED", "auth_failed": "CLOSED"}
        content: dict[str, Any] = {"status": words.get(client.truth, "CONNECTED"), "qrcode": None}
        if code is not None:
            content |= {"qrcode": qr.data_url(code), "urlcode": code}
        return content | {"version": _VERSION, "session": session_id}

    async def _check(self, request: Request, session_id: str) -> Response:
        await self.gateway.responsive(session_id)
        alive = self._alive(session_id) is not None
        return Json(
            {"status": alive, "message": "Connected" if alive else "Disconnected", "session": session_id}
        )

    async def _device(self, request: Request, session_id: str) -> Response:
        client = self._alive(session_id)
        if client is None:
            return _inactive(session_id)
        number = f"{client.account.phone}@c.us"
        device = {"id": {"_serialized": number}, "connected": True, "phoneNumber": number}
        return Json({"status": "success", "response": device, "session": session_id})

    async def _start(self, request: Request, session_id: str) -> Response:
        before = self._claim(session_id)
        url = content_of(request).get("webhook")
        if session_id not in self.gateway.clients:
            if isinstance(url, str) and url:
                self._targets[session_id] = Target(url, {})
            task = asyncio.get_running_loop().create_task(self._launch(session_id))
            self._starts.add(task)
            task.add_done_callback(self._starts.discard)
        return Json(before)

    async def _launch(self, session_id: str) -> None:
        await asyncio.sleep(self.gateway.timing.poll)
        if session_id not in self.gateway.clients:
            self.gateway.create(session_id, locks=False)

    async def _close(self, request: Request, session_id: str) -> Response:
        if session_id not in self.gateway.clients:
            return Json({"status": False, "message": "Error closing session", "error": {}}, status_code=500)
        alive = self._alive(session_id) is not None
        await self.gateway.end(session_id)
        self._codes.pop(session_id, None)
        if alive:
            self._found(session_id, "browserClose")
        self._post(session_id, "closesession", message=f"Session: {session_id} disconnected", connected=False)
        return Json({"status": True, "message": "Session successfully closed", "session": session_id})

    async def _logout(self, request: Request, session_id: str) -> Response:
        client = self._alive(session_id)
        if client is None:
            return _inactive(session_id)
        account = client.account
        account.credentials = account.paired = account.on_disk = False
        self._remove(session_id)
        self._post(session_id, "logoutsession", message=f"Session: {session_id} logged out", connected=False)
        return Json({"status": True, "message": "Session successfully closed"})

    async def _send(self, request: Request, session_id: str) -> Response:
        if self._alive(session_id) is None:
            return _inactive(session_id)
        body = content_of(request)
        chat = f"{body.get('phone')}@{'g.us' if body.get('isGroup') else 'c.us'}"
        message = {"recipient": chat.removesuffix("@c.us"), "message": body.get("message", body.get("path"))}
        try:
            sent = await self.gateway.send(session_id, message)
        except RefusedError as error:
            if error.cause is Cause.LIBRARY:
                failed = {"status": "error", "message": "Erro ao enviar a mensagem.", "error": error.detail}
                return Json(failed, status_code=500)
            return _inactive(session_id)
        row = {
            "id": f"true_{chat}_{sent}",
            "to": chat,
            "t": int(self.gateway.now()),
            "ack": 1,
            "fromMe": True,
        }
        content: dict[str, Any] = {
            "status": "success",
            "response": [row],
            "mapper": "return",
            "session": session_id,
        }
        return Json(content, status_code=201)

    async def _forget_tokens(self, params: Params) -> None:
        self._salt += 1


def _about(answer: Callable[[Request, str], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def route(request: Request) -> Response:
        return await answer(request, request.path_params["session_id"])

    return route


def _inactive(session_id: str) -> Response:
    content = {"response": None, "status": "Disconnected", "message": _INACTIVE, "session": session_id}
    return Json(content, status_code=404)
