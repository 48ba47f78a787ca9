"""What answers on a socket: webhooks first, then the API, which needs its key over TCP."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.websockets import WebSocket

from .receiver import Receiver
from .responses import problem

WRONG_KEY = "the API key is missing or wrong"


class Front:
    """The whole app: webhooks first, then the API, after ``tell``; over TCP the API needs its key."""

    def __init__(
        self, receiver: Receiver, app: Starlette, tell: Callable[[], None], *, api_key: str | None
    ) -> None:
        self.receiver = receiver
        self._tell = tell
        self._app = app
        self._api_key = api_key.encode() if api_key is not None else None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Dispatch one connection."""
        if scope["type"] == "http":
            path = scope["path"]
            if self.receiver.route(path)[0]:
                await self.receiver(scope, receive, send)
                return
            # A gateway's own request: `active-sessions` looks at its key itself.
            if not path.rstrip("/").endswith("/active-sessions") and not self._allowed(scope):
                await problem(401, WRONG_KEY, "unauthorised")(scope, receive, send)
                return
        elif scope["type"] == "websocket" and not self._allowed(scope):
            await receive()
            await WebSocket(scope, receive, send).send_denial_response(
                problem(401, WRONG_KEY, "unauthorised")
            )
            return
        # Who was answered 200 finds what that changed in everything that the API shows.
        self._tell()
        await self._app(scope, receive, send)

    def _allowed(self, scope: dict[str, Any]) -> bool:
        given = next((value for name, value in scope["headers"] if name == b"x-api-key"), b"")
        return self._api_key is None or hmac.compare_digest(given, self._api_key)
