"""What the monitor sends to a terminal of 120x40: `python -m tests.benchmarks.bytes [SESSIONS]`; bytes do not vary.

Beside its bars: what one full painting of the screen costs.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator

from tests.benchmarks.attached import SESSIONS, Crowd, attached, crowd, tell
from tests.terminal import Terminal

SAMPLES = 7
LOAD_S = 15
RATE = 100
IN_VIEW = 20
"""Sessions that change, few enough to be in view."""

Row = tuple[str, str, str]


def changes(daemon: Crowd, terminal: Terminal, painting: int) -> Iterator[Row]:
    """Yield what one change costs."""
    ones = [sent(terminal, daemon, "one") for _ in range(SAMPLES)]
    one = statistics.median(ones)
    yield "one row changed in place", f"{one:.0f}", f"{one / 500:.2f}x the bar of 500 (worst {max(ones)})"
    falls = [sent(terminal, daemon, "fall") for _ in range(SAMPLES)]
    fall = statistics.median(falls)
    beside = f"{max(falls) / painting:.2f}x a full painting (worst {max(falls)}, bar 1x), with its log line and counts"
    yield "a session drops, the rows re-sort", f"{fall:.0f}", beside
    moves = [typed(terminal, "down") for _ in range(SAMPLES)]
    yield "cursor down", f"{statistics.median(moves):.0f}", f"worst {max(moves)}"
    pages = [typed(terminal, "pagedown") for _ in range(SAMPLES)]
    yield "page down", f"{statistics.median(pages):.0f}", f"{max(pages) / painting:.2f}x a full painting"
    terminal.send("home")
    terminal.settle(0.5)


def sent(terminal: Terminal, daemon: Crowd, line: str) -> int:
    """Return the bytes that one thing that happens sends."""
    before = terminal.bytes_read
    daemon.tell(line)
    return terminal.settle(0.6) - before


def typed(terminal: Terminal, key: str) -> int:
    """Return the bytes that a key sends."""
    before = terminal.bytes_read
    terminal.send(key)
    return terminal.settle(0.4) - before


def loads(daemon: Crowd, terminal: Terminal) -> Iterator[Row]:
    """Yield what so many events a second send, all of sessions in view: alone (`f`), then with the log below."""
    steps = (
        ("sessions alone, each change in view", ("I", "home", "f"), 30),
        ("the same with the log", ("f",), 40),
        ("re-sorted by each change, with the log", ("S", "home"), 40),
    )
    for name, keys, bar in steps:
        terminal.send(*keys)
        terminal.settle(2.0)
        daemon.tell(f"rate {RATE} {IN_VIEW}")
        time.sleep(3)
        before, cpu, began = terminal.bytes_read, terminal.cpu_seconds(), time.perf_counter()
        time.sleep(LOAD_S)
        took = time.perf_counter() - began
        rate = (terminal.bytes_read - before) / took / 1000
        share = 100 * (terminal.cpu_seconds() - cpu) / took
        daemon.tell("rate 0 1")
        terminal.settle(2.0, 20)
        yield (
            f"{RATE}/s: {name}, kB/s",
            f"{rate:.1f}",
            f"{rate / bar:.2f}x the bar of {bar} kB/s; {share:.0f} % CPU",
        )


def painting(terminal: Terminal) -> int:
    """Return what it costs to paint all of the screen."""
    terminal.resize(119, 40)
    terminal.settle(0.7)
    before = terminal.bytes_read
    terminal.resize(120, 40)
    return terminal.settle(0.7) - before


def main(sessions: int = SESSIONS) -> None:
    """Print the rows as they come."""
    print(f"monitor's bytes, {sessions} sessions, 120x40")  # noqa: T201
    with crowd(sessions) as daemon, attached(daemon, sessions) as terminal:
        whole = painting(terminal)
        tell("a full painting", f"{whole}", "after a resize")
        for row in changes(daemon, terminal, whole):
            tell(*row)
        for row in loads(daemon, terminal):
            tell(*row)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
