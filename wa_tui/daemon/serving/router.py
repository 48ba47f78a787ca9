"""What answers on a socket: webhooks first, then the API, which needs its key over TCP."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, WebSocketRoute
from starlette.websockets import WebSocket

from wa_tui.wire import RefusalKind

from ..receiving.receiver import Receiver
from ..receiving.refusals import Refusals
from ..receiving.requests import key_of
from .paths import asks_what_to_restore, is_services, no_such, shown, single, tells_counters
from .responses import problem, unknown_path

WRONG_KEY = "the API key is missing or wrong"


class Router:
    """The whole app: webhooks first, then the API, after ``publish``; over TCP the API needs its key."""

    def __init__(
        self,
        receiver: Receiver,
        app: Starlette,
        publish: Callable[[], None],
        refusals: Refusals,
        *,
        api_key: str | None,
    ) -> None:
        self.receiver = receiver
        self._publish = publish
        self._app = app
        self.refusals = refusals
        self._api_key = api_key.encode() if api_key is not None else None
        self._known = [
            route.path
            for route in app.routes
            if isinstance(route, Route | WebSocketRoute)
            and "{" not in route.path
            and "active" not in route.path
            and not tells_counters(route.path)
        ]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Dispatch one connection."""
        # As it was sent: a session's id may have slashes of its own, which are quoted.
        if b"//" in scope.get("raw_path", b"") or scope["path"].startswith("//"):
            scope = scope | {"path": single(scope["path"])}
        path = scope["path"]
        if scope["type"] == "http" and self.receiver.takes(path):
            await self.receiver(scope, receive, send)
            return
        refused = self._refused(scope, path)
        if refused is not None:
            if scope["type"] == "websocket":
                await receive()
                await WebSocket(scope, receive, send).send_denial_response(refused)
            else:
                await refused(scope, receive, send)
            return
        # A sender that was answered 200 finds what that changed in everything that the API shows.
        self._publish()
        await self._app(scope, receive, send)

    def _refused(self, scope: dict[str, Any], path: str) -> Response | None:
        """Return why a request is not let in: there is no such path, or it has no key."""
        if not any(_leads(route, scope) for route in self._app.routes):
            return self._lost(scope, path)
        # A gateway's own requests: who answers them looks at the key.
        if asks_what_to_restore(path) or tells_counters(path) or self._allowed(scope):
            return None
        self.refusals.note(RefusalKind.CONTROL_KEY, self.receiver.sender_of(scope))
        return problem(401, WRONG_KEY, "unauthorised")

    def _lost(self, scope: dict[str, Any], path: str) -> Response:
        method = scope.get("method", "GET")
        gateways = self.receiver.senders_of(key_of(scope))
        services = bool(gateways) or is_services(method, path)
        kind = RefusalKind.WRONG_PATH if services else RefusalKind.NOT_FOUND
        path = self.receiver.without_keys(path)
        self.refusals.note(kind, self.receiver.sender_of(scope), gateways, shown(path))
        return unknown_path(no_such(path, self._known))

    def _allowed(self, scope: dict[str, Any]) -> bool:
        return self._api_key is None or hmac.compare_digest(key_of(scope) or b"", self._api_key)


def _leads(route: BaseRoute, scope: dict[str, Any]) -> bool:
    """Tell whether a route, with or without a slash at its end, is where a request goes to."""
    if route.matches(scope)[0] is not Match.NONE:
        return True
    path = scope["path"].rstrip("/")
    return path != scope["path"] and route.matches(scope | {"path": path})[0] is not Match.NONE
