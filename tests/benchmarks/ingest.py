"""Durable webhooks beside a bare server: `python -m tests.benchmarks.ingest [CONNECTIONS]`.

A real daemon (key check, all rules, `synchronous=FULL`) against an app on the same server that answers 200 and stores
nothing. The load comes from a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import uvloop

from tests.daemon.waiting import free_port

CONNECTIONS = 32
EACH = 600
SESSIONS = 1_000
KEY = "bench"

BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), http="httptools", loop="uvloop", log_config=None,
            lifespan="off", access_log=False)
"""


@contextlib.contextmanager
def serving(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


async def load(port: int, connections: int) -> tuple[float, float]:
    """Post from some connections; return requests a second and the 99th percentile in seconds."""
    latencies: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(post(port, number, latencies) for number in range(connections)))
    seconds = time.perf_counter() - began
    latencies.sort()
    return len(latencies) / seconds, latencies[int(len(latencies) * 0.99)]


async def post(port: int, seed: int, latencies: list[float]) -> None:
    chance = random.Random(seed)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(EACH):
        body = json.dumps(
            {
                "sessionId": f"s{chance.randrange(SESSIONS)}",
                "userId": 1,
                "timestamp": time.time_ns() // 1_000_000,
                "status": chance.choice(["connected", "disconnected"]),
            }
        ).encode()
        head = (
            f"POST /api/v1/sessions/webhook/ HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in answer[:20], answer
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.split(b":")[1]))
        latencies.append(time.perf_counter() - began)
    writer.close()


async def until_open(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


def measure(
    command: list[str], port: int, environment: dict[str, str], connections: int
) -> tuple[float, float]:
    """Return the best of three runs."""
    with serving(command, environment):
        uvloop.run(until_open(port))
        time.sleep(1)
        return max(uvloop.run(load(port, connections)) for _ in range(3))


def main(connections: int = CONNECTIONS) -> None:
    """Print both rates and their ratio."""
    port = free_port()
    bare, bare_p99 = measure([sys.executable, "-c", BARE, str(port)], port, {}, connections)
    port = free_port()
    with tempfile.TemporaryDirectory() as state:
        environment = {
            "WA_TUI_STATE_DIR": state,
            "WA_TUI_LISTEN": f"127.0.0.1:{port}",
            "NODE_SERVICE_URL": "http://127.0.0.1:9",
            "NODE_SERVICE_API_KEY": KEY,
        }
        ours, p99 = measure([sys.executable, "-m", "wa_tui", "--daemon"], port, environment, connections)
    print(f"ingest, {connections} connections, {SESSIONS} sessions")  # noqa: T201
    print(f"  bare server                      {bare:>8.0f}/s   p99 {bare_p99 * 1000:5.1f} ms")  # noqa: T201
    print(f"  durable webhooks                 {ours:>8.0f}/s   p99 {p99 * 1000:5.1f} ms")  # noqa: T201
    print(f"  ratio                            {ours / bare:>8.2f}")  # noqa: T201


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
