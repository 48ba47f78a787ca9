"""What counts of messages take, where all sessions are busy all day: `python -m tests.benchmarks.counts [SESSIONS]`.

The file has all that is kept of them; a minute of all of them is then written as the daemon writes it.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from array import array
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from wa_tui.daemon.clock import SystemClock
from wa_tui.daemon.traffic import Traffic
from wa_tui.daemon.traffic.keeping import TrafficKeeper
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import DAY, HOUR, SessionKey
from wa_tui.model.traffic import FLOWS, Counters, FlowCounts
from wa_tui.store.traffic import Row as Counted
from wa_tui.store.traffic import SessionCounts, TrafficStore, open_traffic
from wa_tui.store.traffic.protocol import HOURS, MINUTES

from .table import Row, at_most, show, title

SESSIONS = 10_000
LARGEST = 1_000_000_000
"""Bytes that all of it may take."""
LONGEST = 50.0
"""Milliseconds that webhooks may wait for a minute that is written."""
KEPT_HOURS, KEPT_DAYS = 24, 30
_STRETCH = 250


def rows(sessions: int = SESSIONS) -> Iterator[Row]:
    """Yield the bytes that are kept, and how long the loop stands still for a minute."""
    with tempfile.TemporaryDirectory() as state:
        path = Path(state) / "traffic.db"
        asyncio.run(fill(path, sessions))
        size = sum(file.stat().st_size for file in path.parent.iterdir())
        yield at_most(
            f"counts of {sessions} busy sessions, kept",
            f"{size / 1e6:.0f} MB",
            f"of {LARGEST / 1e6:.0f} MB",
            size / LARGEST,
            1.0,
        )
        for what, stall, took in asyncio.run(minute(path, sessions)):
            yield at_most(
                f"{what} of {sessions} busy sessions, longest stall",
                f"{stall:.0f} ms",
                f"{LONGEST:.0f} ms; {took:.1f} s in all",
                stall / LONGEST,
                1.0,
            )


async def fill(path: Path, sessions: int) -> None:
    """Write all that is kept of sessions that have some messages each minute."""
    now = time.time_ns() // 1_000_000
    chance = random.Random(1)
    # Some hundred of each, since a random number takes longer than its row.
    hours = [_busy(chance, MINUTES, 3) for _ in range(200)]
    days = [_busy(chance, HOURS, 180) for _ in range(200)]
    store: TrafficStore = await open_traffic(path, now)
    for first in range(0, sessions, _STRETCH):
        await store.write(
            [
                SessionCounts(
                    SessionKey("eu-1", f"user_{number}_instance_sales"),
                    [Counted(now // HOUR - back, chance.choice(hours)) for back in range(KEPT_HOURS + 1)],
                    [Counted(now // DAY - back, chance.choice(days)) for back in range(KEPT_DAYS + 1)],
                    [now] * len(FLOWS),
                    "boot",
                    [100_000] * len(FLOWS),
                )
                for number in range(first, min(sessions, first + _STRETCH))
            ]
        )
    await store.close()


async def minute(path: Path, sessions: int) -> list[tuple[str, float, float]]:
    """Return the longest stall, and how long it takes, to load the sessions and to write a minute of them."""
    clock = SystemClock()
    traffic = Traffic(Fleet(), clock)
    keeper = TrafficKeeper(path, traffic, clock)
    found = [("a load", *await _watched(keeper.begin()))]
    for number in range(sessions):
        counters = Counters(f"user_{number}_instance_sales", "boot", FlowCounts(*[100_003] * len(FLOWS)))
        traffic.compare("eu-1", [counters])
    found.append(("a minute", *await _watched(keeper.write(traffic.changed()))))
    await keeper.end()
    return found


async def _watched(work: Coroutine[Any, Any, None]) -> tuple[float, float]:
    """Return the longest time in milliseconds that the loop stood still for some work, and the seconds it took."""
    task, longest = asyncio.create_task(work), 0.0
    began = last = time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    await task
    return longest * 1000, time.perf_counter() - began


def _busy(chance: random.Random, steps: int, most: int) -> array[int]:
    return array("I", (chance.randint(0, most) for _ in range(steps * len(FLOWS))))


def main(sessions: int = SESSIONS) -> None:
    """Print the rows."""
    title()
    for row in rows(sessions):
        show(row)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
