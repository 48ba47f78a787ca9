"""The monitor on a serial line of 9,600 baud: `python -m tests.benchmarks.slow [SESSIONS [BAUD]]`.

The terminal reads 960 bytes a second and answers once it has read: what is behind it in the line is not seen by anyone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from tests.benchmarks.attached import SESSIONS, Crowd, Replay, crowd, monitor, percentile, press, tell
from tests.benchmarks.speed import cursor
from tests.terminal import BITS, Terminal

BAUD = 9_600
KEYS = 12
APART_S = 3.0
LOAD_S = 20
RATE, IN_VIEW = 100, 20

Row = tuple[str, str, str]


def start(terminal: Terminal, began: float, sessions: int) -> Iterator[Row]:
    """Yield how long the first screens take."""
    terminal.wait_for("wa-tui", 60)
    yield "first line, s", f"{time.perf_counter() - began:.1f}", ""
    terminal.wait_for(lambda screen: f"{sessions} connected" in screen and "Reconnect" in screen, 60)
    yield "header, keys and counts, s", f"{time.perf_counter() - began:.1f}", ""
    terminal.settle(2.0, 60)
    line = f"{terminal.bytes_read} bytes, of which the line carries {terminal.baud and terminal.baud // BITS} a second"
    yield "whole screen, s", f"{time.perf_counter() - began - 2:.1f}", line


def keys(terminal: Terminal, load: str, replay: Replay) -> Iterator[Row]:
    """Yield how long a key takes to show."""
    delays = replay.delays(press(terminal, ["down", "down", "up"] * (KEYS // 3), APART_S), cursor)
    beside = f"{max(delays) / 3:.2f}x 3 s (p95 {percentile(delays, 0.95):.1f}, worst {max(delays):.1f})"
    yield f"cursor down{load}, median s", f"{percentile(delays, 0.5):.2f}", beside


def load(daemon: Crowd, terminal: Terminal) -> Iterator[Row]:
    """Yield what changes do that are more than the line carries."""
    terminal.send("I", "home")
    terminal.settle(3.0, 60)
    daemon.tell(f"rate {RATE} {IN_VIEW}")
    replay = Replay(terminal)
    time.sleep(LOAD_S)
    yield from keys(terminal, f", {RATE} events/s in view", replay)
    daemon.tell("rate 0 1")
    ended, before = time.perf_counter(), terminal.bytes_read
    terminal.settle(3.0, 120)
    behind = time.perf_counter() - ended - 3
    yield (
        "behind when it ends, s",
        f"{behind:.1f}",
        f"{terminal.bytes_read - before} bytes until all is shown",
    )


def main(sessions: int = SESSIONS, baud: int = BAUD) -> None:
    """Print the rows as they come."""
    print(f"monitor at {baud} baud, {sessions} sessions, 120x40")  # noqa: T201
    with crowd(sessions) as daemon:
        began = time.perf_counter()
        with monitor(daemon, baud=baud) as terminal:
            for row in start(terminal, began, sessions):
                tell(*row)
            for row in keys(terminal, "", Replay(terminal)):
                tell(*row)
            for row in load(daemon, terminal):
                tell(*row)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
