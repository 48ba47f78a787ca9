"""A monitor's WebSocket: uvicorn's protocol, for one that only listens."""

from __future__ import annotations

from typing import Any

from websockets.frames import Frame

from wa_tui.daemon.receiving.refusals import Refusals

from .outgoing import Outgoing
from .room import Room
from .uvicorn_internals import WebSocketsSansIOProtocol

LARGEST = 64 * 1024
"""Bytes of a message, inflated: a monitor has nothing to say."""


class LiveSocket(WebSocketsSansIOProtocol):
    """One monitor's connection."""

    transport: Any

    def __init__(self, refusals: Refusals, room: Room, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refusals = refusals
        self._room = room
        self._early = b""
        """What came before the handshake was answered."""

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(Outgoing(transport, self._stalled))  # type: ignore[arg-type]

    def _stalled(self) -> None:
        self._room.stalled(self._refusals, self.client[0] if self.client else None)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.transport.release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; a head that the library cannot make sense of is the last of it.

        Frames wait for the handshake's answer: the library has no state for them before.
        """
        if self.handshake_initiated and not self.handshake_complete:
            self._early += data
            self.transport.pause_reading()
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.send_500_response()
            self.transport.close()

    def pause_writing(self) -> None:
        """Answer no pings until the peer has read more, and see whether it reads."""
        super().pause_writing()
        self.transport.pause_reading()
        self.transport.watch()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self.transport.resume_reading()

    def handle_text(self, event: Frame) -> None:
        """Take no notice: nothing is asked here."""

    handle_bytes = handle_cont = handle_text

    def keepalive_timeout(self) -> None:
        """Let go of a client that did not answer a ping; one that has not come to it yet is watched."""
        if self.transport.unread() and not self.transport.is_closing():
            self.transport.watch()
            self.pong_timer = self.loop.call_later(self.ping_timeout or 0, self.keepalive_timeout)
        else:
            super().keepalive_timeout()

    async def send(self, message: Any) -> None:
        """Send a message of the app's; a denial completes the handshake too."""
        await super().send(message)
        self.handshake_complete |= self.close_sent
        if self._early and self.handshake_complete:
            early, self._early = self._early, b""
            if not self.transport.is_closing():
                self.transport.resume_reading()
                self.data_received(early)
