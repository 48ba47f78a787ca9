"""Embedded uvicorn servers on sockets of ours, with our own signal handling."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import uvicorn

from ..http.live_socket import LARGEST, LiveSocket
from ..http.room import Room
from ..http.tls import Handshakes
from ..http.webhooks import Protocol
from .router import Router


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signal over: uvicorn would re-raise them and our own clean-up would never run."""
        yield


class Servers:
    """The servers of one daemon: started on given sockets, stopped together."""

    def __init__(self) -> None:
        self._servers: list[Server] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._rooms: list[Room] = []
        self._handshakes: list[Handshakes] = []

    async def start(
        self, app: Router, room: Room, *listeners: socket.socket, tls: ssl.SSLContext | None = None
    ) -> None:
        """Serve an ASGI app on listening sockets, over TLS where there is a certificate; return once it is served."""
        self._rooms.append(room)
        protocol: Callable[..., Any] = partial(Protocol, app.receiver, app.refusals, room)
        if tls is not None:
            handshakes = Handshakes(tls, app.refusals)
            self._handshakes.append(handshakes)
            protocol = handshakes.before(protocol)
        config = uvicorn.Config(
            app,
            http=protocol,  # type: ignore[arg-type]  # uvicorn only calls it
            ws=partial(LiveSocket, app.refusals, room),  # type: ignore[arg-type]
            ws_max_size=LARGEST,
            ws_ping_interval=5.0,
            ws_ping_timeout=10.0,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
        )
        server = Server(config)
        task = asyncio.create_task(
            server.serve(sockets=[*listeners]), name=f"server {listeners[0].getsockname()}"
        )
        self._servers.append(server)
        self._tasks.append(task)
        while not server.started and not task.done():
            await asyncio.sleep(0.005)
        if task.done():
            await task

    def notices(self) -> list[str]:
        """Return what they are short of."""
        now = asyncio.get_running_loop().time()
        return [notice for room in self._rooms if (notice := room.notice(now)) is not None]

    async def stop(self) -> None:
        """Answer what came in, then close."""
        for server in self._servers:
            server.should_exit = True
        for handshakes in self._handshakes:
            handshakes.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
