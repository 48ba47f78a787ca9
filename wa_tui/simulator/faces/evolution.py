"""Evolution API: instances in a database that disagrees with the memory, webhooks without a time, and no stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator import qr
from wa_tui.simulator.answers import FailureError, Json, content_of, failed
from wa_tui.simulator.client import Client, Event
from wa_tui.simulator.gateway import Cause, Gateway, RefusedError
from wa_tui.simulator.messages import Message

from . import messages
from .evolution_posts import EvolutionPosts
from .face import Face, Params

VERSION = "2.3.7"
_STATES = {
    "connected": "open",
    "authenticated": "connecting",
    "initializing": "connecting",
    "qr_pending": "connecting",
}
_FATAL = {"LOGOUT": 401, "TOS_BLOCK": 403}
"""Reasons for which it gives up; after any other it dials again by itself, and says nothing of the loss."""

_ERRORS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


@dataclass(slots=True)
class _Row:
    """What the database has of an instance: it survives the process, and is not what the memory says."""

    status: str = "close"
    code: int | None = None


class Evolution(Face):
    """The server of the widest use, on a socket engine."""

    kind = GatewayKind.EVOLUTION
    key_header = b"apikey"
    open_path = "/"

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        self._posts = EvolutionPosts(gateway)
        self._rows: dict[str, _Row] = {}
        self._codes: dict[str, tuple[str, int]] = {}
        """In memory: each instance's last code, and which it was; the code stays after it was scanned."""
        self._deleted: set[str] = set()
        self.faults = {"cut": self._cut, "storm": self._storm, "qr_limit": self._limit_reached}

    def app(self) -> ASGIApp:
        """Return the routes; an instance's name may hold anything, slashes too."""
        routes = [
            Route("/", self._welcome),
            Route("/instance/fetchInstances", self._list),
            Route("/instance/connectionState/{name:path}", self._state),
            Route("/instance/connect/{name:path}", self._connect),
            Route("/instance/create", self._create, methods=["POST"]),
            Route("/instance/restart/{name:path}", self._restart, methods=["POST"]),
            Route("/instance/logout/{name:path}", self._logout, methods=["DELETE"]),
            Route("/instance/delete/{name:path}", self._delete, methods=["DELETE"]),
            Route("/message/{verb}/{name:path}", self._send, methods=["POST"]),
            Route("/webhook/set/{name:path}", self._set_hook, methods=["POST"]),
            Route("/webhook/find/{name:path}", self._find_hook),
        ]
        return Starlette(routes=routes, exception_handlers={FailureError: failed})

    def unauthorised(self) -> Response:
        """Return its 401."""
        return _error(401, "Unauthorized")

    def failure(self) -> Response:
        """Return its 500."""
        return _error(500, "Internal server error")

    def announce(self, client: Client, event: Event) -> None:
        """Keep what became of a client, and post of it what this server posts."""
        name = client.account.session_id
        match event.status:
            case "connected":
                self._row(name).status = "open"
                self._posts.state(name, "connecting")
                self._posts.state(name, "open")
            case "qr_pending" if event.code is not None:
                self._row(name).status = "connecting"
                self._codes[name] = event.code, self._codes.get(name, ("", 0))[1] + 1
                self._posts.code(name, event.code)
            case "auth_failed":
                self._close(name, 401)
            case "disconnected" if event.reason in _FATAL:
                self._close(name, _FATAL[event.reason])
            case "disconnected":
                client.truth = client.claim = "initializing"
                self._posts.state(name, "connecting")
                client.start()

    def follow(self, client: Client, message: Message) -> None:
        """Post a message, or what became of it."""
        for event, data in messages.evolution(message):
            self._posts.post(client.account.session_id, event, data)

    def duties(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Bring back by itself what was open, or waited for a scan."""
        return (self._restore(),)

    async def _restore(self) -> None:
        self._codes.clear()
        self._deleted.clear()
        async for name, account in self.gateway.to_restore():
            if account.credentials or self._row(name).status == "connecting":
                self._dial(name)

    async def _welcome(self, request: Request) -> Response:
        welcome = "Welcome to the Evolution API, it is working!"
        return Json({"status": 200, "message": welcome, "version": VERSION, "clientName": "simulated"})

    async def _list(self, request: Request) -> Response:
        wanted = request.query_params.get("instanceName")
        names = [name for name in self.gateway.accounts if wanted in (None, name)]
        if wanted is not None and not names:
            raise _missing(wanted)
        return Json([self._listed(name) for name in names])

    def _listed(self, name: str) -> dict[str, Any]:
        row, account = self._row(name), self.gateway.accounts[name]
        return {
            "id": f"id-of-{name}",
            "name": name,
            "connectionStatus": row.status,
            "ownerJid": f"{account.phone}@s.whatsapp.net" if account.paired else None,
            "profileName": None,
            "integration": "WHATSAPP-BAILEYS",
            "number": None,
            "token": "a-live-token",
            "disconnectionReasonCode": row.code,
            "disconnectionObject": None,
            "disconnectionAt": None,
        }

    async def _state(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name in self._deleted:
            return Json({"instance": {"instanceName": name}})
        return Json({"instance": {"instanceName": name, "state": self._memory(name)}})

    async def _connect(self, request: Request) -> Response:
        name = request.path_params["name"]
        state = self._memory(name)
        if state == "open":
            return Json({"instance": {"instanceName": name, "state": "open"}})
        if state == "close":
            self._dial(name)
            await asyncio.sleep(2 * self.gateway.timing.poll)
        return Json(self._shown(name))

    async def _create(self, request: Request) -> Response:
        name = str(content_of(request).get("instanceName") or "")
        if name in self.gateway.accounts:
            raise _failure(403, [f'This name "{name}" is already in use.'])
        self._deleted.discard(name)
        self._rows.pop(name, None)
        self._dial(name)
        await asyncio.sleep(5 * self.gateway.timing.poll)
        instance = {"instanceName": name, "integration": "WHATSAPP-BAILEYS", "status": self._memory(name)}
        return Json(
            {"instance": instance, "hash": "a-live-token", "qrcode": self._shown(name)}, status_code=201
        )

    async def _restart(self, request: Request) -> Response:
        """Answer the state of before, and close and dial; what is closed it refuses with 200."""
        name = request.path_params["name"]
        state = self._memory(name)
        if state == "close":
            return Json({"error": True, "message": "[object Object]"})
        if not self.gateway.clients[name].destroy_fails:
            asyncio.get_running_loop().call_later(self.gateway.timing.destroy, self._dial_again, name)
        before = {"instance": {"instanceName": name, "state": "open"}}
        return Json(before if state == "open" else self._shown(name))

    async def _logout(self, request: Request) -> Response:
        name = request.path_params["name"]
        if self._memory(name) != "open":
            raise _failure(400, [f'The "{name}" instance is not connected'])
        client = self.gateway.clients[name]
        client.account.credentials = False
        client.drop("LOGOUT")
        return _done("Instance logged out")

    async def _delete(self, request: Request) -> Response:
        name = request.path_params["name"]
        if self._memory(name) == "open":
            self._posts.post(
                name,
                "status.instance",
                {"instance": name, "status": "closed", "disconnectionReasonCode": 401},
            )
            self._close(name, 401)
        client = self.gateway.clients.pop(name, None)
        if client is not None:
            client.destroy()
        del self.gateway.accounts[name]
        self._rows.pop(name, None)
        self._posts.hooks.pop(name, None)
        self._deleted.add(name)
        return _done("Instance deleted")

    async def _send(self, request: Request) -> Response:
        name, body = request.path_params["name"], content_of(request)
        self._memory(name)
        message = {"recipient": body.get("number"), "message": body.get("text") or body.get("caption")}
        try:
            message_id = await self.gateway.send(name, message)
        except RefusedError as error:
            text = error.detail if error.cause is Cause.LIBRARY else "Connection Closed"
            raise _failure(500, text) from error
        key = {"remoteJid": f"{body.get('number')}@s.whatsapp.net", "fromMe": True, "id": message_id}
        answer = {"key": key, "status": "PENDING", "messageTimestamp": int(self.gateway.now())}
        return Json(answer, status_code=201)

    async def _set_hook(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._memory(name)
        hook = content_of(request)["webhook"]
        self._posts.hooks[name] = hook
        return Json(hook, status_code=201)

    async def _find_hook(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._memory(name)
        return Json(self._posts.hooks.get(name))

    async def _cut(self, params: Params) -> None:
        """Cut a socket: the memory connects for some seconds, the row stays open, and nothing says that it closed."""
        client = self.named(params)
        client.truth = client.claim = "initializing"
        self._posts.state(client.account.session_id, "connecting")
        client.recover_after(params.get("seconds", 4.0))

    async def _storm(self, params: Params) -> None:
        """Post the same webhook again and again, as without a network."""
        for _ in range(params.get("count", 127)):
            self._posts.state(params["sessionId"], "connecting")

    async def _limit_reached(self, params: Params) -> None:
        """Have nobody scan the last of its codes; the row goes on saying that one is shown."""
        client = self.named(params)
        name = client.account.session_id
        client.expire_code()
        client.truth = client.claim = "disconnected"
        self._posts.state(name, "refused", 428)
        limit = {"message": "QR code limit reached, please login again", "statusCode": 500}
        self._posts.post(name, "qrcode.updated", limit)

    def _memory(self, name: str) -> str:
        """Return the state of an instance; raises FailureError for one that there is not."""
        if name not in self.gateway.accounts:
            raise _missing(name)
        client = self.gateway.clients.get(name)
        return "close" if client is None else _STATES.get(client.claim, "close")

    def _dial(self, name: str) -> None:
        """Open a socket, in place of one that there is; the engine knows no profile that another could hold."""
        client = self.gateway.clients.pop(name, None)
        if client is not None:
            client.destroy()
        try:
            self.gateway.create(name, locks=False)
        except RefusedError as error:
            raise _failure(500, error.detail or error.cause.name) from error
        self._posts.state(name, "connecting")

    def _dial_again(self, name: str) -> None:
        if name in self.gateway.clients:
            with contextlib.suppress(FailureError):
                self._dial(name)

    def _close(self, name: str, code: int) -> None:
        row = self._row(name)
        row.status, row.code = "close", code
        self._posts.state(name, "close", code)

    def _row(self, name: str) -> _Row:
        account, client = self.gateway.accounts.get(name), self.gateway.clients.get(name)
        usual = "open" if account is not None and account.credentials else "close"
        if client is not None and client.claim == "qr_pending":
            usual = "connecting"
        return self._rows.setdefault(name, _Row(usual))

    def _shown(self, name: str) -> dict[str, Any]:
        client = self.gateway.clients.get(name)
        silent = client.code if client is not None else None
        code, number = self._codes.get(name, (silent or "", 1))
        if not code:
            return {"count": 0}
        return {"pairingCode": None, "code": code, "base64": qr.data_url(code), "count": number}


def _missing(name: str) -> FailureError:
    return _failure(404, [f'The "{name}" instance does not exist'])


def _failure(status: int, message: str | list[str]) -> FailureError:
    """Return its answer to what it does not do."""
    error = _ERRORS.get(status, "Internal Server Error")
    return FailureError(status, {"status": status, "error": error, "response": {"message": message}})


def _error(status: int, message: str) -> Response:
    return Json(_failure(status, message).content, status_code=status)


def _done(message: str) -> Response:
    return Json({"status": "SUCCESS", "error": False, "response": {"message": message}})
