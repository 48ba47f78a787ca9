"""What an hour at 100 events a second leaves behind: `python -m tests.benchmarks.growth [SESSIONS [EVENTS]]`.

The hour's 360,000 events come as fast as the monitor takes them: what grows with events is seen, what grows with time
alone is not.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tests.benchmarks.attached import SESSIONS, attached, crowd, tell
from tests.terminal import Terminal

EVENTS = 360_000
STEPS = 10


def resident(terminal: Terminal) -> float:
    """Return the memory that the program has, in MB."""
    pages = int(Path(f"/proc/{terminal.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(sessions: int = SESSIONS, events: int = EVENTS) -> None:
    """Print the rows as they come."""
    print(f"monitor's memory, {sessions} sessions, {events} events")  # noqa: T201
    with crowd(sessions) as daemon, attached(daemon, sessions) as terminal:
        tell("at first, MB", f"{resident(terminal):.1f}", "")
        daemon.tell(f"rate 0 {sessions}")
        began = time.perf_counter()
        found = []
        for _ in range(STEPS):
            daemon.tell(f"flood {events // STEPS}")
            terminal.settle(1.0, 120)
            found.append(resident(terminal))
        took = time.perf_counter() - began
        tell("after a tenth, MB", f"{found[0]:.1f}", "the log and the caches are full")
        growth = found[-1] / found[0] - 1
        steps = " ".join(f"{one:.0f}" for one in found)
        tell("after all, MB", f"{found[-1]:.1f}", f"{growth:+.1%} (bar 10 %); by tenths: {steps}")
        tell("events a second", f"{events / took:.0f}", "as fast as they are taken, pauses included")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
