"""More webhooks than a client library can post: over bare connections, one after the other on each."""

from __future__ import annotations

import asyncio
import json
import time

from .running import KEY, WEBHOOK, RunningDaemon
from .waiting import raw_post, webhook


async def rate(daemon: RunningDaemon, count: int, *, sessions: int = 50, connections: int = 4) -> float:
    """Post webhooks over some connections, of so many sessions each; return how many a second were answered."""

    async def post(connection: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
        for number in range(count // connections):
            status = ("connected", "disconnected")[number % 2]
            body = json.dumps(
                webhook(f"s{connection}-{number % sessions}", status, error=f"{number} " * 20)
            ).encode()
            writer.write(raw_post(WEBHOOK, KEY, body, len(body)))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            length = next(line for line in head.splitlines() if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
        writer.close()
        await writer.wait_closed()

    began = time.monotonic()
    await asyncio.gather(*(post(connection) for connection in range(connections)))
    return count / (time.monotonic() - began)
