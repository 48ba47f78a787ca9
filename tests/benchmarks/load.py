"""Posts webhooks as fast as they are answered: `python -m tests.benchmarks.load PORT CONNECTIONS SESSIONS [PAUSE_MS]`.

With a pause each connection rests so long before its next one.

A process of its own, which runs once for each number of seconds on its standard input, and says what it saw as a line
of JSON. Every webhook changes its session's status: each session goes down and comes back by turns, with the body and
the headers that the Node service sends (contract §2).
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from datetime import UTC, datetime
from functools import partial
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


class Turns:
    """Some sessions in turn: all go down, all come back, and so on."""

    def __init__(self, sessions: list[str]) -> None:
        self.sessions = sessions
        self.taken = 0

    def next(self) -> str:
        """Return the next webhook's body."""
        passes, which = divmod(self.taken, len(self.sessions))
        self.taken += 1
        return (UP if passes % 2 else DOWN) % (self.sessions[which], now_iso())


class Poster(asyncio.Protocol):
    """One connection: posts the next webhook when the last one is answered, until a time or once for each session."""

    def __init__(self, turns: Turns, latencies: list[float], until: float, once: bool, pause: float) -> None:
        self.turns = turns
        self.latencies = latencies
        self.until = until
        self.once = once
        self.pause = pause
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.refused = 0
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
        if self.turns.taken < len(self.turns.sessions) if self.once else now < self.until:
            if self.pause and not self.once:
                asyncio.get_running_loop().call_later(self.pause, self._post)
            else:
                self._post()
        else:
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"the server closed a connection: {exc}"))

    def _post(self) -> None:
        body = self.turns.next()
        self._began = time.perf_counter()
        self._transport.write((HEAD % len(body) + body).encode())


def now_iso() -> str:
    seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
    if seconds != _second[0]:
        _second[:] = [seconds, datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")]
    return f"{_second[1]}.{milliseconds:03}Z"


_second: list[object] = [0, ""]


class Load:
    """Some connections to one server; what each session was told last is remembered from run to run."""

    def __init__(self, port: int, connections: int, sessions: int, pause_ms: int = 0) -> None:
        self.port = port
        self.pause = pause_ms / 1000
        names = [session_id(number) for number in range(sessions)]
        self.turns = [Turns(names[number::connections]) for number in range(connections)]

    async def run(self, seconds: float) -> Seen:
        """Post for some seconds, or with 0 each session once."""
        latencies: list[float] = []
        began, used = time.perf_counter(), cpu()
        posters = [
            await self.connect(turns, latencies, began + seconds, seconds == 0) for turns in self.turns
        ]
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

    async def connect(self, turns: Turns, latencies: list[float], until: float, once: bool) -> Poster:
        factory = partial(Poster, turns, latencies, until, once, self.pause)
        _, poster = await asyncio.get_running_loop().create_connection(factory, "127.0.0.1", self.port)
        return poster


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def main(port: int, connections: int, sessions: int, pause_ms: int = 0) -> None:
    """Run once for each number of seconds on standard input."""
    load = Load(port, connections, sessions, pause_ms)
    while line := await asyncio.to_thread(sys.stdin.readline):
        seen = await load.run(float(line))
        sys.stdout.buffer.write(msgspec.json.encode(seen) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(main(*(int(argument) for argument in sys.argv[1:])))
