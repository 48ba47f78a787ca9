"""What answers on a socket: webhooks first, then the API, which needs its key over TCP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, WebSocketRoute
from starlette.websockets import WebSocket

from wa_tui.wire import RefusalKind

from ..receiving.receiver import Receiver
from ..receiving.refusals import Refusals
from ..receiving.requests import key_of
from . import rules
from .gate import Gate
from .paths import is_services, no_such, shown, single
from .responses import problem, unknown_path
from .subjects import Subjects

WRONG_KEY = "the API key is missing or wrong"


class Router:
    """The whole app: webhooks first, then the API, after ``publish``, for those whom the gate lets in."""

    def __init__(
        self,
        receiver: Receiver,
        app: Starlette,
        publish: Callable[[], None],
        refusals: Refusals,
        gate: Gate,
        subjects: Subjects,
    ) -> None:
        self.receiver = receiver
        self._publish = publish
        self._app = app
        self.refusals = refusals
        self._gate = gate
        self._subjects = subjects
        self._known = [
            route.path
            for route in app.routes
            if isinstance(route, Route | WebSocketRoute)
            and "{" not in route.path
            and not rules.is_gateways_own(route.path)
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
        """Return why a request is not let in: there is no such path, it has no key, or one that may not do this."""
        led = self._led(scope)
        if led is None:
            return self._lost(scope, path)
        route, params = led
        if route in rules.OPEN or rules.is_gateways_own(route):
            return None
        browsers = self._gate.browsers
        if browsers is not None and (why := browsers.refusal_of_page(scope)) is not None:
            return self._not_ours(scope, 403, why)
        caller = self._gate.caller(scope)
        if caller is None:
            if browsers is not None and (why := browsers.refusal_of_name(scope)) is not None:
                return self._not_ours(scope, 421, why)
            return _wrong_key(
                self.refusals.wrong_key(RefusalKind.CONTROL_KEY, self.receiver.sender_of(scope))
            )
        why = rules.refusal(caller, scope, route, params, self._subjects)
        if why is not None:
            self.refusals.note(RefusalKind.SCOPE, self.receiver.sender_of(scope), detail=why)
            return problem(403, why, "forbidden")
        scope.setdefault("state", {})["caller"] = caller
        return None

    def _not_ours(self, scope: dict[str, Any], status: int, why: str) -> Response:
        self.refusals.note(RefusalKind.WEB_PAGE, self.receiver.sender_of(scope))
        return problem(status, why, "web_page")

    def _led(self, scope: dict[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
        """Return the path of the route that a request goes to, and what that says in it; none has two that fit."""
        found = (_leads(route, scope) for route in self._app.routes)
        return next((each for each in found if each is not None), None)

    def _lost(self, scope: dict[str, Any], path: str) -> Response:
        method = scope.get("method", "GET")
        gateways = self.receiver.senders_of(key_of(scope))
        services = bool(gateways) or is_services(method, path)
        kind = RefusalKind.WRONG_PATH if services else RefusalKind.NOT_FOUND
        path = self.receiver.without_keys(path)
        self.refusals.note(kind, self.receiver.sender_of(scope), gateways, shown(path))
        return unknown_path(no_such(path, self._known))


def _wrong_key(later: int | None) -> Response:
    """Return that a key is wrong, or missing; ``later``: seconds after which a sender of too many may come again."""
    if later is None:
        return problem(401, WRONG_KEY, "unauthorised")
    answer = problem(
        429, f"too many wrong API keys from this address: come again in {later} s", "too_many_wrong_keys"
    )
    answer.headers["retry-after"] = str(later)
    return answer


def _leads(route: BaseRoute, scope: dict[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """Return a route's path and what a request says in it, with or without a slash at its end, if it goes there."""
    if not isinstance(route, Route | WebSocketRoute):
        return None
    match, found = route.matches(scope)
    path = scope["path"].rstrip("/")
    if match is Match.NONE and path != scope["path"]:
        match, found = route.matches(scope | {"path": path})
    return None if match is Match.NONE else (route.path, found["path_params"])
