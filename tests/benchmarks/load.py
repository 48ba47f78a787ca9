"""Posts webhooks as fast as they are answered: `python -m tests.benchmarks.load PORT CONNECTIONS SESSIONS SECONDS`.

A process of its own. Every webhook changes its session's status: each session goes down and comes back by turns, with
the body and the headers that the Node service sends (contract §2). Prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from datetime import UTC, datetime
from typing import cast

import msgspec
import uvloop

KEY = "bench"

HEAD = (
    "POST /api/v1/sessions/webhook/ HTTP/1.1\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "Content-Type: application/json\r\n"
    f"x-api-key: {KEY}\r\n"
    "User-Agent: axios/1.13.2\r\n"
    "Accept-Encoding: gzip, compress, deflate, br\r\n"
    "Host: 127.0.0.1\r\n"
    "Connection: keep-alive\r\n"
    "Content-Length: %d\r\n\r\n"
)
UP = '{"sessionId":"%s","userId":1,"timestamp":"%s","status":"connected","phoneNumber":"15550001234"}'
DOWN = '{"sessionId":"%s","userId":1,"timestamp":"%s","status":"disconnected","reason":"NAVIGATION"}'


class Seen(msgspec.Struct):
    """What one run saw: ``cpu`` is the share of a core that the load itself took."""

    posted: int
    rate: float
    p50_ms: float
    p99_ms: float
    cpu: float
    refused: int = 0


def session_id(number: int) -> str:
    return f"user_1_instance_{number:05}"


class Poster(asyncio.Protocol):
    """One connection: posts the next webhook when the last one is answered."""

    def __init__(self, sessions: list[str], latencies: list[float], until: float) -> None:
        self.sessions = sessions
        self.latencies = latencies
        self.until = until
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.refused = 0
        self._turn = 0
        self._began = 0.0
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._post()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return
        self._buffer = b""
        now = time.perf_counter()
        self.latencies.append(now - self._began)
        self.refused += not head.startswith(b"HTTP/1.1 200")
        if now < self.until:
            self._post()
        else:
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"the server closed a connection: {exc}"))

    def _post(self) -> None:
        which = self._turn % len(self.sessions)
        down = self._turn // len(self.sessions) % 2 == 0
        self._turn += 1
        body = (DOWN if down else UP) % (self.sessions[which], now_iso())
        self._began = time.perf_counter()
        self._transport.write((HEAD % len(body) + body).encode())


def now_iso() -> str:
    seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
    if seconds != _second[0]:
        _second[:] = [seconds, datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")]
    return f"{_second[1]}.{milliseconds:03}Z"


_second: list[object] = [0, ""]


async def load(port: int, connections: int, sessions: int, seconds: float) -> Seen:
    """Post from some connections, each with its share of the sessions."""
    latencies: list[float] = []
    names = [session_id(number) for number in range(sessions)]
    loop = asyncio.get_running_loop()
    began, used = time.perf_counter(), cpu()
    posters = []
    for number in range(connections):
        mine = names[number::connections]
        _, poster = await loop.create_connection(
            lambda mine=mine: Poster(mine, latencies, began + seconds), "127.0.0.1", port
        )
        posters.append(poster)
    await asyncio.gather(*(poster.done for poster in posters))
    took = time.perf_counter() - began
    latencies.sort()
    return Seen(
        posted=len(latencies),
        rate=len(latencies) / took,
        p50_ms=1000 * latencies[len(latencies) // 2],
        p99_ms=1000 * latencies[int(len(latencies) * 0.99)],
        cpu=(cpu() - used) / took,
        refused=sum(poster.refused for poster in posters),
    )


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    port, connections, sessions, seconds = sys.argv[1:]
    seen = uvloop.run(load(int(port), int(connections), int(sessions), float(seconds)))
    sys.stdout.buffer.write(msgspec.json.encode(seen))
