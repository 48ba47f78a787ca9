"""What monitors cost the daemon: `python -m tests.benchmarks.watchers [MONITORS [SESSIONS]]`.

A real daemon takes 100 webhooks a second while nobody watches, while one monitor does and while all do: its
processor time by turns. And how long a webhook waits at most while all attach at once to a large fleet.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from .daemons import Served, daemon
from .load import HEAD, Turns, session_id
from .table import Row, at_most, show, title

MONITORS = 10
SESSIONS = 1_000
RATE = 100
SECONDS = 5
ROUNDS = 3
BAR = 1.1
"""Times the processor time with one monitor that it may take with all of them."""
FLEET = 10_000
WAIT_BAR = 0.2
"""Share of the time that attaching takes which a webhook may wait meanwhile."""

WATCH = """
import asyncio, sys
from websockets.asyncio.client import unix_connect
async def watch(opened):
    async with unix_connect(sys.argv[1], "ws://localhost/api/v1/live", compression=None, max_size=None) as live:
        while (await live.recv()).startswith(b'{"type":"part"'):
            pass
        opened.release()
        while True:
            await live.recv()
async def main():
    opened = asyncio.Semaphore(0)
    watching = [asyncio.create_task(watch(opened)) for _ in range(int(sys.argv[2]))]
    for _ in watching:
        await opened.acquire()
    print("attached", flush=True)
    await asyncio.gather(*watching)
asyncio.run(main())
"""


def rows(monitors: int = MONITORS, sessions: int = SESSIONS) -> Iterator[Row]:
    """Yield what they cost, as a ratio to one."""
    found: dict[int, list[float]] = {0: [], 1: [], monitors: []}
    with daemon() as ours, socket.create_connection(("127.0.0.1", ours.port)) as gateway:
        turns = Turns([session_id(number) for number in range(sessions)])
        for _ in range(sessions):
            post(gateway, turns)
        for _ in range(ROUNDS):
            for number, shares in found.items():
                with watching(ours, number):
                    shares.append(share(ours, gateway, turns))
    nobody, one, many = (statistics.median(shares) for shares in found.values())
    yield at_most(
        f"{monitors} monitors, {RATE} events/s",
        f"{many:.1f} % CPU",
        f"one: {one:.1f} % (nobody: {nobody:.1f} %)",
        many / one,
        BAR,
    )
    longest, took = attaching(monitors)
    yield at_most(
        f"{monitors} monitors attach, {FLEET} sessions",
        f"{longest * 1000:.0f} ms a webhook",
        f"{took * 1000:.0f} ms until all are there",
        longest / took,
        WAIT_BAR,
    )


def attaching(monitors: int) -> tuple[float, float]:
    """Return how long a webhook waited at most, and how long it took until all had their snapshot (medians, s)."""
    longest, took = [], []
    with daemon() as ours, socket.create_connection(("127.0.0.1", ours.port)) as gateway:
        turns = Turns([session_id(number) for number in range(FLEET)])
        for _ in range(FLEET):
            post(gateway, turns)
        for _ in range(ROUNDS):
            time.sleep(1)
            began, waits = time.perf_counter(), [0.0]
            attached = threading.Event()
            posting = threading.Thread(target=keep_posting, args=(gateway, turns, waits, attached))
            posting.start()
            with watching(ours, monitors):
                took.append(time.perf_counter() - began)
                attached.set()
                posting.join()
            longest.append(max(waits))
    return statistics.median(longest), statistics.median(took)


def keep_posting(gateway: socket.socket, turns: Turns, waits: list[float], end: threading.Event) -> None:
    while not end.wait(1 / RATE):
        began = time.perf_counter()
        post(gateway, turns)
        waits.append(time.perf_counter() - began)


def share(ours: Served, gateway: socket.socket, turns: Turns) -> float:
    """Return how much of a core, in percent, the daemon takes while webhooks come in."""
    began, used = time.perf_counter(), cpu(ours)
    for number in range(RATE * SECONDS):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        post(gateway, turns)
    return 100 * (cpu(ours) - used) / (time.perf_counter() - began)


def post(gateway: socket.socket, turns: Turns) -> None:
    body = turns.next()
    gateway.sendall((HEAD % len(body) + body).encode())
    assert gateway.recv(65536).startswith(b"HTTP/1.1 200")


def cpu(served: Served) -> float:
    fields = Path(f"/proc/{served.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def watching(served: Served, number: int) -> Iterator[None]:
    """Attach so many readers of the live feed, all in one process."""
    command = [sys.executable, "-c", WATCH, str(served.state / "wa_tui.sock"), str(number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as watcher:
        try:
            assert watcher.stdout is not None and watcher.stdout.readline(), "the live feed did not open"
            yield
        finally:
            watcher.terminate()


def main(monitors: int = MONITORS, sessions: int = SESSIONS) -> None:
    """Print the row."""
    title()
    for row in rows(monitors, sessions):
        show(row)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
