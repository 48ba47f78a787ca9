"""A gateway that costs next to nothing: `python -m tests.benchmarks.quick_gateway PORT SESSIONS DELAY_MS`.

All its sessions are connected, always; it answers a status check after a delay, anything else at once (contract §1).
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
import uvloop

from .load import session_id

HEALTH, LIST, STATUS = b"/health", b"/api/session/list", b"/api/session/status/"


class Answering(asyncio.Protocol):
    """One connection: requests without bodies, one after the other."""

    def __init__(self, listing: bytes, delay: float) -> None:
        self.listing = listing
        self.delay = delay
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._buffer.endswith(b"\r\n\r\n"):
            return
        path = self._buffer.split(b" ", 2)[1]
        self._buffer = b""
        if path.startswith(STATUS):
            asyncio.get_running_loop().call_later(self.delay, self._answer, CONNECTED)
        elif path == LIST:
            self._answer(self.listing)
        else:
            self._answer(health())

    def _answer(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self._transport.write(head % len(body) + body)


def encoded(answer: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"success": True} | answer)


def health() -> bytes:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return encoded({"status": "healthy", "uptime": time.monotonic(), "timestamp": now})


CONNECTED = encoded(
    {"exists": True, "status": "connected", "qrCode": None, "phoneNumber": "15550001234", "isReady": True}
)


async def main(port: int, sessions: int, delay_ms: float) -> None:
    rows = [{"sessionId": session_id(number), "status": "connected"} for number in range(sessions)]
    listing = encoded({"sessions": rows, "count": sessions})
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(listing, delay_ms / 1000), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    port, sessions, delay_ms = sys.argv[1:]
    uvloop.run(main(int(port), int(sessions), float(delay_ms)))
