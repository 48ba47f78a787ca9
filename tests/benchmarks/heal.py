"""300 sessions dropped at once, all back: `python -m tests.benchmarks.heal [SCALE]`.

Healing beside an ideal driver, which knows at once what dropped and always asks for more starts than the gateway
does at once: nothing but the gateway's own limit holds it up. SCALE 1 takes the contract's times (a start of 1 s,
`init` looking once a second).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from tests.daemon.running import RunningDaemon
from tests.simulated import Simulated, simulated

SESSIONS = 300
LIMIT = 4
SCALE = 0.5
TARGET = 1.3


def times(scale: float) -> dict[str, Any]:
    """Return the gateway's options: the contract's times, each shorter by as much."""
    return {
        "sessions": SESSIONS,
        "starts_at_once": LIMIT,
        "start_seconds": 1.0 * scale,
        "poll_seconds": 1.0 * scale,
        "destroy_seconds": 0.15 * scale,
        "uptime_seconds": 86_400.0,
        "restore_delay_seconds": 3_600.0,
    }


async def ideal(scale: float) -> float:
    """Return the seconds that a driver takes which asks for more at once than the gateway can start."""
    async with simulated(**times(scale)) as sim:
        rows = [{"sessionId": row["sessionId"], "userId": row["userId"]} for row in await sim.sessions()]

        async def drive() -> None:
            # Each its own client: the pool of one httpx client is slow with many requests in flight.
            await asyncio.gather(*(restart(sim, rows) for _ in range(4 * LIMIT)))

        return await timed(sim, drive)


async def restart(sim: Simulated, rows: list[dict[str, Any]]) -> None:
    """Destroy and start one session after the other while there are any."""
    headers = {"x-api-key": sim.api_key}
    async with httpx.AsyncClient(
        base_url=sim.url, headers=headers, trust_env=False, verify=False, timeout=60
    ) as web:
        while rows:
            row = rows.pop()
            await web.post("/api/session/disconnect", json=row)
            await web.post("/api/session/init", json=row)


async def healed(scale: float) -> tuple[float, float]:
    """Return the seconds until healing has everything back, and until all of it is proven."""
    with tempfile.TemporaryDirectory(prefix="wa-") as directory:
        daemon = RunningDaemon(Path(directory))
        try:
            async with simulated(control_plane=daemon.url, **times(scale)) as sim:
                await daemon.start(
                    sim,
                    WA_TUI_HEALTH_INTERVAL="10",
                    WA_TUI_LIST_SYNC_INTERVAL="15",
                    WA_TUI_STATUS_SYNC_INTERVAL="300",
                    WA_TUI_HEALING_AT_ONCE=str(LIMIT),
                    WA_TUI_HEALING_BACKOFF_MIN=str(5.0 * scale),
                )
                await proven(daemon)
                began = time.perf_counter()
                back = await timed(sim, nothing)
                await proven(daemon)
                return back, time.perf_counter() - began
        finally:
            await daemon.close()


async def nothing() -> None:
    """Leave it to somebody else."""


async def timed(sim: Simulated, work: Callable[[], Awaitable[None]]) -> float:
    """Drop every session, begin to work, and return the seconds until all are connected again."""
    ids = [row["sessionId"] for row in await sim.sessions()]
    await sim.fault("drop", sessionIds=ids)
    began = time.perf_counter()
    working = asyncio.ensure_future(work())
    while any(row["status"] != "connected" for row in (await sim.truth()).values()):
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - began
    await working
    return seconds


async def proven(daemon: RunningDaemon) -> None:
    """Wait until the daemon has proven every session."""
    while True:
        views = await daemon.client.sessions()
        if len(views) == SESSIONS and all(view.proven_at is not None for view in views):
            return
        await asyncio.sleep(0.05)


def main(scale: float = SCALE) -> None:
    """Print both in a table."""
    beside = asyncio.run(ideal(scale))
    back, shown = asyncio.run(healed(scale))
    print(f"\n{SESSIONS} sessions dropped at once, {LIMIT} starts at once of {scale:g} s")  # noqa: T201
    print(f"{'':<34}{'seconds':>10}{'ratio':>8}   target")  # noqa: T201
    for name, seconds in (
        ("ideal driver", beside),
        ("healing: all back", back),
        ("healing: all proven", shown),
    ):
        target = f"   < {TARGET}" if name == "healing: all back" else ""
        print(f"{name:<34}{seconds:>10.1f}{seconds / beside:>8.2f}{target}")  # noqa: T201


if __name__ == "__main__":
    main(*(float(argument) for argument in sys.argv[1:2]))
