"""TLS before HTTP: a handshake has a deadline and takes no connection's place until it is done."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, cast

from wa_tui.daemon.receiving.refusals import Refusals
from wa_tui.wire import RefusalKind

HANDSHAKE_S = 10.0
"""Seconds that a handshake may take."""

MOST = 512
"""Handshakes at once: of more the one that waits for longest is given up."""

_NO_TLS = "it does not speak TLS, or not ours"


class Handshakes:
    """Makes the connections of one server secure, and has each answered by a protocol of its own after that."""

    def __init__(self, context: ssl.SSLContext, refusals: Refusals) -> None:
        self._context = context
        self._refusals = refusals
        self._pending: dict[_Handshake, None] = {}

    def before(self, protocol: Callable[..., Any]) -> Callable[..., asyncio.Protocol]:
        """Return what makes the protocol of a connection that is not secure yet."""

        def make(*args: Any, **kwargs: Any) -> asyncio.Protocol:
            return _Handshake(self, lambda: protocol(*args, **kwargs))

        return make

    def stop(self) -> None:
        """Give up those that are under way."""
        for handshake in [*self._pending]:
            self._give_up(handshake)

    def begun(self, handshake: _Handshake) -> None:
        """Note one that is under way."""
        self._pending[handshake] = None
        if len(self._pending) > MOST:
            self._give_up(next(iter(self._pending)))

    def _give_up(self, handshake: _Handshake) -> None:
        del self._pending[handshake]
        handshake.give_up()

    async def secured(
        self, handshake: _Handshake, transport: asyncio.Transport, early: bytes
    ) -> asyncio.Transport | None:
        """Return the connection once it is secure, ``None`` where it does not come to that.

        ``early`` is what of the handshake came before this.
        """
        loop = asyncio.get_running_loop()
        if early:
            # It runs once the protocol of the handshake is that of the connection, before that begins.
            loop.call_soon(_feed, transport, early)
        try:
            return await loop.start_tls(
                transport,
                handshake,
                self._context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_S,
            )
        except (OSError, RuntimeError, TimeoutError, asyncio.CancelledError) as error:
            # `ssl.SSLError` is an OSError; one who only looks whether the port is open is no news, and has uvloop raise
            # RuntimeError where they have left by now.
            transport.abort()
            if isinstance(error, ssl.SSLError):
                peer = transport.get_extra_info("peername")
                self._refusals.note(RefusalKind.NOT_HTTP, peer[0] if peer else None, detail=_NO_TLS)
            return None
        finally:
            self._pending.pop(handshake, None)


def _feed(transport: asyncio.Transport, data: bytes) -> None:
    """Have a connection's protocol take in what came before it was that."""
    # uvloop's is a buffered one too, and no subclass of asyncio's.
    protocol = cast("asyncio.BufferedProtocol", transport.get_protocol())
    while data:
        buffer = memoryview(protocol.get_buffer(len(data)))
        part = data[: len(buffer)]
        buffer[: len(part)] = part
        protocol.buffer_updated(len(part))
        data = data[len(part) :]


class _Handshake(asyncio.Protocol):
    """A connection until it is secure.

    What comes before the handshake begins is for that: uvloop reads after `connection_made`, paused or not. What comes
    with its end is kept for who answers.
    """

    def __init__(self, all: Handshakes, make: Callable[[], Any]) -> None:
        self._all = all
        self._make = make
        self._early = b""
        self._is_over = False
        self._transport: Any = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport = transport
        self._all.begun(self)
        self._task = asyncio.create_task(self._secure(transport), name="TLS handshake")

    def data_received(self, data: bytes) -> None:
        """Keep what comes before anybody answers."""
        self._early += data

    def eof_received(self) -> None:
        """Note that nothing more comes."""
        self._is_over = True

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._is_over = True

    def give_up(self) -> None:
        """End at once."""
        self._transport.abort()
        if self._task is not None:
            self._task.cancel()

    async def _secure(self, transport: asyncio.Transport) -> None:
        early, self._early = self._early, b""
        secure = await self._all.secured(self, transport, early)
        if secure is None:
            return
        if self._is_over:
            secure.abort()
            return
        protocol = self._make()
        secure.set_protocol(protocol)
        protocol.connection_made(secure)
        if self._early:
            protocol.data_received(self._early)
