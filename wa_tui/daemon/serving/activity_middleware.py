"""Tells when somebody on this machine asks for something."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class ActivityMiddleware:
    """An app of which every request over the Unix socket is noted, before it is answered and after."""

    def __init__(self, app: ASGIApp, note: Callable[[], None]) -> None:
        self._app = app
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # A Unix socket's peer has no address.
        if scope.get("client") is not None:
            await self._app(scope, receive, send)
            return
        self._note()
        try:
            await self._app(scope, receive, send)
        finally:
            self._note()
