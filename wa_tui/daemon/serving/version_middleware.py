"""Refuses a wa-tui that speaks another version of the API, and says which one the daemon speaks."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from wa_tui.wire import API_HEADER, API_VERSION, OTHER_VERSION, WHO_HEADER, mismatch

from .responses import problem

_STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")


class VersionMiddleware:
    """An app that answers the version of the API it was written for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def marked(message: Message) -> None:
            if message["type"] in _STARTS:
                message.setdefault("headers", [])
                MutableHeaders(scope=message)[API_HEADER] = str(API_VERSION)
            await send(message)

        refused = _refused(Headers(scope=scope)) if scope["type"] in ("http", "websocket") else None
        if refused is None:
            await self._app(scope, receive, marked)
        elif scope["type"] == "websocket":
            await receive()
            await WebSocket(scope, receive, marked).send_denial_response(refused)
        else:
            await refused(scope, receive, marked)


def _refused(headers: Headers) -> Response | None:
    """Return why a request is not answered. Who is no wa-tui names no version, and reads what it can."""
    said = headers.get(API_HEADER)
    if said is None and WHO_HEADER not in headers:
        return None
    if said is not None and not (said.isdecimal() and len(said) < 10):
        return problem(400, f"{API_HEADER} is a number: the version of the API, {API_VERSION}", "bad_header")
    version = 1 if said is None else int(said)
    if version == API_VERSION:
        return None
    return problem(426, mismatch(API_VERSION, version), OTHER_VERSION)
