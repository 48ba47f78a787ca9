"""A port that can stop answering and begin again, as a service does that is restarted."""

from __future__ import annotations

import asyncio
import logging
import socket

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

_BACKLOG = 2048


def _is_a_failure(record: logging.LogRecord) -> bool:
    """Tell whether a record of uvicorn's is more than a request abandoned by `Listener.close`."""
    return not (record.exc_info and record.exc_info[0] is asyncio.CancelledError)


logging.getLogger("uvicorn.error").addFilter(_is_a_failure)


class Listener:
    """Serves an ASGI application on a port that it keeps for itself while it is not listening.

    Raises OSError when the port is held by somebody else. `uvicorn.Server` is left out on purpose: it takes
    over the signals, and it cannot stop answering and start again on the same port.
    """

    def __init__(self, app: ASGIApp, host: str, port: int = 0) -> None:
        self._config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        self._config.load()
        self._state = ServerState()
        self._socket = _bound(host, port)
        self._server: asyncio.Server | None = None
        self.host = host
        self.port: int = self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        """The URL of the root, with the port that was free."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def open(self) -> None:
        """Listen, if it does not yet."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._protocol, sock=self._socket, backlog=_BACKLOG)

    async def close(self, spare: tuple[str, int] | None = None) -> None:
        """Refuse connections, end the existing ones and abandon their requests, but for `spare`."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        # Bound again and not listening: the port stays ours, and who connects is refused as by a dead service.
        self._socket = await self._rebound()
        current = asyncio.current_task()
        for task in list(self._state.tasks):
            if task is not current:
                task.cancel()
        for protocol in list(self._state.connections):
            assert isinstance(protocol, HttpToolsProtocol)
            if spare is None or protocol.client != spare:
                protocol.transport.close()

    def _protocol(self) -> asyncio.Protocol:
        return HttpToolsProtocol(config=self._config, server_state=self._state, app_state={})

    async def _rebound(self) -> socket.socket:
        # The loop closes the old socket a moment later: until then the port counts as taken.
        for _ in range(200):
            try:
                return _bound(self.host, self.port)
            except OSError:
                await asyncio.sleep(0.005)
        return _bound(self.host, self.port)


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
