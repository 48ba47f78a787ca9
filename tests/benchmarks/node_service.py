"""The bundled Node service with real Chromium: a restored session beside a bare client, and its own memory.

`python -m tests.benchmarks.node_service`: needs chromium, node and npm; everything is fenced in on loopback.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from tests.node_service.bare import bare_client
from tests.node_service.chromium import MISSING
from tests.node_service.installed import install
from tests.node_service.phone import Phone, standin
from tests.node_service.service import RunningService

ROUNDS = 7
SESSIONS = 10
NUMBER = "4915550001"


def main() -> None:
    """Print both tables, or what is missing."""
    if MISSING:
        say(f"node service: no {', '.join(MISSING)} on PATH: apt-get install -y chromium nodejs npm")
        return
    with tempfile.TemporaryDirectory(prefix="wa-bench-") as directory:
        asyncio.run(measure(Path(directory)))


async def measure(directory: Path) -> None:
    """Install the service below ``directory``, pair one session and measure."""
    installed = install(directory)
    profiles = directory / "profiles"
    profiles.mkdir()
    with standin() as phone:
        async with phone.web, running(installed, profiles, phone) as service:
            await service.init("bench_0")
            await phone.scan_when_shown(NUMBER)
            await service.status_until("bench_0", "connected")
        await restored(installed, profiles, phone)
        await memory(installed, profiles, phone)


async def restored(installed: Path, profiles: Path, phone: Phone) -> None:
    """Start the stored session by turns bare and in the service."""
    bare, ours = [], []
    async with running(installed, profiles, phone) as service:
        for _ in range(ROUNDS):
            async with bare_client(installed, profiles, "bench_0", phone.port) as client:
                bare.append((await client.until("ready"))["ms"])
            asked = time.time()
            assert (await service.init("bench_0"))["status"] == "connected", service.log()
            (row,) = (await service.get("/api/session/list"))["sessions"]
            ours.append((datetime.fromisoformat(row["since"]).timestamp() - asked) * 1000)
            await service.post("/api/session/disconnect", sessionId="bench_0")
    factor = statistics.median(ours) / statistics.median(bare)
    say(f"\nA restored session, until it is ready (median of {ROUNDS}, ms)")
    say(f"  bare client {statistics.median(bare):6.0f}   {min(bare):.0f} … {max(bare):.0f}")
    say(f"  the service {statistics.median(ours):6.0f}   {min(ours):.0f} … {max(ours):.0f}")
    say(f"  factor      {factor:6.2f}   the bar: below 1.5")


async def memory(installed: Path, profiles: Path, phone: Phone) -> None:
    """Start copies of the stored session, and read what the service itself takes."""
    ids = [f"bench_{n}" for n in range(SESSIONS)]
    for copy in ids[1:]:
        shutil.copytree(profiles / "session-bench_0", profiles / f"session-{copy}", symlinks=True)
    async with running(installed, profiles, phone) as service:
        empty = resident(service.pid)
        for session_id in ids:
            assert (await service.init(session_id))["status"] == "connected", service.log()
        say("\nThe service's own memory, browsers apart (RSS, MB; the bar: below 120)")
        say(f"  no session  {empty:6.0f}")
        say(f"  {SESSIONS} sessions {resident(service.pid):6.0f}   {len(service.browsers())} browsers")


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")


def resident(pid: int) -> float:
    """Return a process's resident memory in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


@asynccontextmanager
async def running(installed: Path, profiles: Path, phone: Phone) -> AsyncIterator[RunningService]:
    """Run the service with no control plane; its browsers end with it."""
    service = RunningService(installed, profiles, phone.port)
    try:
        yield await service.start("http://127.0.0.1:9")
    finally:
        await service.close()


if __name__ == "__main__":
    main()
