"""How fast the monitor is with 10,000 sessions: `python -m tests.benchmarks.speed [SESSIONS]`.

Times vary with the machine and what else it does: read them beside the bare Textual app, and beside their bars.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from tests.benchmarks.attached import (
    BARE,
    SESSIONS,
    Crowd,
    Replay,
    attached,
    crowd,
    environment,
    first_frame,
    percentile,
    press,
    tell,
)
from tests.terminal import Terminal

STARTS = 15
KEYS = 80
FILTERS = 20
APART_S = 0.15
IDLE_S = 30
RATE = 100
RESTLESS = 2_000

Row = tuple[str, str, str]


def starts(daemon: Crowd, sessions: int) -> Iterator[Row]:
    """Yield first frames, in turns with the bare app's; the first start of each compiles what was edited since."""
    bare, empty, full = [], [], []
    monitor = [sys.executable, "-m", "wa_tui", "--attach", str(daemon.socket)]
    for _ in range(1 + STARTS):
        bare.append(first_frame([sys.executable, "-c", BARE], "first frame"))
        empty.append(first_frame(monitor, "Reconnect"))
        full.append(first_frame(monitor, f"{sessions} connected"))
    del bare[0], empty[0], full[0]
    whole = statistics.median(bare)
    for name, found, bar in (
        ("first frame, ms", empty, " (bar 1.5x)"),
        ("all sessions on screen, ms", full, ""),
    ):
        ratio = statistics.median(ours / theirs for ours, theirs in zip(found, bare, strict=True))
        ours = statistics.median(found)
        yield name, f"{ours * 1000:.0f}", f"{ratio:.2f}x a bare Textual app ({whole * 1000:.0f}){bar}"


def cursor(screen: list[str]) -> object:
    """The session under the cursor, and where it stands."""
    return next(((y, line[16:28]) for y, line in enumerate(screen) if line.startswith("▌")), None)


def title(screen: list[str]) -> object:
    """The line above the sessions: how many, in which order."""
    return next((line for line in screen if "Sessions" in line), None)


def count(screen: list[str]) -> object:
    """How many sessions are shown; what is typed stands on the same line."""
    found = re.search(r"Sessions +(\d+)", str(title(screen)))
    return found and found[1]


def reactions(terminal: Terminal, load: str) -> Iterator[Row]:
    """Yield how long keys take to show."""
    steps: list[tuple[str, list[str], Callable[[list[str]], object], float, int]] = [
        ("cursor down", ["down"] * KEYS, cursor, APART_S, 50),
        ("page down, page up", ["pagedown", "pagedown", "pageup"] * 10, cursor, APART_S, 100),
        ("end, home", ["end", "home"] * 10, cursor, 2 * APART_S, 100),
        ("sort by another column", ["I", "W", "S"] * 8, title, 4 * APART_S, 100),
    ]
    replay = Replay(terminal)
    for name, keys, look, apart, bar in steps:
        yield told(name + load, replay.delays(press(terminal, keys, apart), look), bar)
    typed = []
    for _ in range(FILTERS):
        # Every instance has a "-0" in its name; each letter after that leaves a tenth of the rows.
        press(terminal, ["/", "-", "0"], 2 * APART_S)
        typed += press(terminal, ["9", "7", "3"], 2 * APART_S)
        press(terminal, ["escape"], 2 * APART_S)
    yield told("letter of a filter" + load, replay.delays(typed, count), 100)


def told(name: str, delays: list[float], bar: int) -> Row:
    """A row of delays."""
    median, late, worst = (1000 * percentile(delays, share) for share in (0.5, 0.95, 1.0))
    beside = (
        f"{late / bar:.2f}x the bar of {bar} ms (median {median:.0f}, worst {worst:.0f}, of {len(delays)})"
    )
    return f"{name}, p95 ms", f"{late:.0f}", beside


def idle(terminal: Terminal) -> Iterator[Row]:
    """Yield what a screen costs on which nothing happens, between two minutes."""
    await_quiet_minute(terminal, IDLE_S)
    cpu, sent, began = terminal.cpu_seconds(), terminal.bytes_read, time.perf_counter()
    time.sleep(IDLE_S)
    share = 100 * (terminal.cpu_seconds() - cpu) / (time.perf_counter() - began)
    yield "idle, bytes", f"{terminal.bytes_read - sent}", f"in {IDLE_S} s between two minutes (bar 0)"
    yield "idle, CPU %", f"{share:.2f}", f"{share / 0.5:.2f}x the bar of 0.5 %"


def await_quiet_minute(terminal: Terminal, seconds: float) -> None:
    """Wait until no minute begins in the next seconds."""
    second = datetime.now(UTC).second
    if second > 57 - seconds:
        time.sleep(62 - second)
    terminal.settle(1.5, 20)


def minute(terminal: Terminal) -> Iterator[Row]:
    """Yield what the minute costs on which all ages move."""
    cpu, sent = terminal.cpu_seconds(), terminal.bytes_read
    time.sleep(63 - datetime.now(UTC).second)
    took = terminal.cpu_seconds() - cpu
    yield "a minute begins, CPU ms", f"{1000 * took:.0f}", f"{terminal.bytes_read - sent} bytes"


def main(sessions: int = SESSIONS) -> None:
    """Print the rows as they come."""
    print(f"monitor's speed, {sessions} sessions, 120x40")  # noqa: T201
    with crowd(sessions) as daemon:
        for row in starts(daemon, sessions):
            tell(*row)
        with attached(daemon, sessions) as terminal:
            for measure in (idle, minute):
                for row in measure(terminal):
                    tell(*row)
            for row in reactions(terminal, ""):
                tell(*row)
            daemon.tell(f"rate {RATE} {RESTLESS}")
            for row in reactions(terminal, f", {RATE} events/s"):
                tell(*row)
            daemon.tell("rate 0 1")


if __name__ == "__main__":
    assert environment()
    main(*(int(argument) for argument in sys.argv[1:2]))
