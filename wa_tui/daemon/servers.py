"""Embedded uvicorn servers on sockets of ours, with our own signal handling."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal over: uvicorn would re-raise them and our own clean-up would never run."""
        yield


class _Joining:
    """A transport that sends an answer's head together with its body: each write is a system call."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.bare = transport
        self.is_closing = transport.is_closing
        self._write = transport.write
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            self._write(self._head + data)
            self._head = b""
        elif data.endswith(b"\r\n\r\n") and data.startswith(_FINAL):
            self._head = data
        else:
            self._write(data)

    def flush(self) -> None:
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self.bare.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)


_FINAL = tuple(b"HTTP/1.1 %d" % hundreds for hundreds in (2, 3, 4, 5))
"""How a final answer's head begins, and that of `100 Continue` does not."""


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol with half as many writes."""

    transport: Any

    def connection_made(self, transport: Any) -> None:
        super().connection_made(_Joining(transport))  # type: ignore[arg-type]

    def on_response_complete(self) -> None:
        self.transport.flush()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        self.transport = self.transport.bare
        super().handle_websocket_upgrade()


class Servers:
    """The servers of one daemon: started on given sockets, stopped together."""

    def __init__(self) -> None:
        self._servers: list[Server] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, app: Any, listener: socket.socket) -> None:
        """Serve an ASGI app on a listening socket, and return once it is served."""
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="websockets-sansio",
            ws_ping_interval=5.0,
            ws_ping_timeout=10.0,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
            timeout_keep_alive=75,
        )
        server = Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]), name=f"server {listener.getsockname()}")
        self._servers.append(server)
        self._tasks.append(task)
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        if task.done():
            await task

    async def stop(self) -> None:
        """Answer what came in, then close."""
        for server in self._servers:
            server.should_exit = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
