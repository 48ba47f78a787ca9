"""A server that answers anything: each path's bytes are the test's, so that nothing is too broken for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(slots=True)
class Stub:
    """Answers ``answers[path]`` (bytes, or a coroutine function that writes), else ``otherwise``; it hangs without."""

    url: str = ""
    answers: dict[str, bytes | Handler] = field(default_factory=dict)
    otherwise: bytes | Handler | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    _hanging: asyncio.Event = field(default_factory=asyncio.Event)

    async def seen(self, count: int) -> None:
        """Wait until that many requests have come in."""
        async with asyncio.timeout(40), self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while True:
                request = await read_request(reader, number)
                async with self._arrived:
                    self.requests.append(request)
                    self._arrived.notify_all()
                answer = self.answers.get(request.path, self.otherwise or self._hang)
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                else:
                    await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _hang(self, _writer: asyncio.StreamWriter) -> None:
        await self._hanging.wait()

    def release(self) -> None:
        self._hanging.set()


@contextlib.asynccontextmanager
async def stub() -> AsyncIterator[Stub]:
    """Run a stub on a free port of the loopback."""
    it = Stub()
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    it.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield it
    finally:
        server.close()
        it.release()


def http(body: bytes, status: int = 200, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answer(content: object, status: int = 200) -> bytes:
    return http(json.dumps(content).encode(), status, "Content-Type: application/json")


async def reset(writer: asyncio.StreamWriter) -> None:
    """Drop the connection without an answer."""
    writer.transport.abort()
    raise ConnectionResetError


async def half(writer: asyncio.StreamWriter) -> None:
    """Promise a body and drop the connection in the middle of it."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"success":tr')
    await writer.drain()
    writer.close()
    raise ConnectionResetError


async def trickle(writer: asyncio.StreamWriter) -> None:
    """Send a byte now and then: each read succeeds, the answer never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless(writer: asyncio.StreamWriter) -> None:
    """Send more than anybody takes."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


async def read_request(reader: asyncio.StreamReader, connection: int) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body, connection)
