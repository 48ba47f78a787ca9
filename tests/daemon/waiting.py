"""Small things for tests of the daemon: a webhook's body, a free port, waiting with a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

T = TypeVar("T")


def webhook(session_id: str, status: str, *, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """Return a webhook's body (contract §2)."""
    timestamp = (at or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"sessionId": session_id, "status": status, "timestamp": timestamp, **fields}


def raw_post(path: str, key: str, body: bytes, length: int) -> bytes:
    """Return a POST as it goes over the wire, announcing a body of ``length`` bytes."""
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\ncontent-length: {length}\r\n\r\n"
    return head.encode() + body


_PORTS = range(10_000, 32_000)
"""The system gives none of them to a connection, so one that is free stays so until somebody asks for that one."""
_next_port = itertools.count(os.getpid() * 101)


def free_port() -> int:
    """Return a TCP port of the loopback interface that is free, for who must be known before they listen."""
    while True:
        port = _PORTS[next(_next_port) % len(_PORTS)]
        with contextlib.closing(socket.socket()) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


async def until(
    found: Callable[[], Awaitable[T | None]],
    seconds: float = 40.0,
    otherwise: Callable[[], str] = lambda: "it did not come about",
) -> T:
    """Return what ``found`` gives soon after that is true; raises AssertionError after ``seconds``.

    It asks ever less often: a hundred questions a second would keep busy whom they are about.
    """
    deadline, pause = time.monotonic() + seconds, 0.01
    while not (value := await found()):
        assert time.monotonic() < deadline, f"{otherwise()} (after {seconds:g} s)"
        await asyncio.sleep(pause)
        pause = min(pause * 1.25, 0.05)
    return value
