"""A terminal that reads nothing for 60 s: `python -m tests.benchmarks.stall [SECONDS [SESSIONS]]`.

A simulated gateway, a real daemon that takes 50 webhooks a second, and a monitor that the daemon started with.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pyte

from tests.benchmarks.attached import Replay, percentile, tell
from tests.benchmarks.growth import resident
from tests.benchmarks.monitor import Place, place
from tests.terminal import WHERE, Terminal

SECONDS = 60
SESSIONS = 1_000
RATE = 50


class Load:
    """Webhooks in a thread, and a look at the daemon's status with each tenth; how long the answers took."""

    def __init__(self, here: Place) -> None:
        self.webhooks: list[float] = []
        self.status: list[float] = []
        self.down: set[str] = set()
        self._here = here
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        socket = str(Path(self._here.environment["WA_TUI_STATE_DIR"]) / "wa_tui.sock")
        daemon = httpx.Client(transport=httpx.HTTPTransport(uds=socket), base_url="http://daemon", timeout=10)
        began = time.perf_counter()
        for number in count():
            if self._ended.wait(max(0.0, began + number / RATE - time.perf_counter())):
                return
            one = number % 100
            session = f"user_{one // 10 + 1}_instance_default-{one}"
            status = "connected" if session in self.down else "disconnected"
            self.down ^= {session}
            started = time.perf_counter()
            self._here.post(session, status, "NAVIGATION" if status == "disconnected" else None)
            self.webhooks.append(time.perf_counter() - started)
            if number % 10 == 0:
                started = time.perf_counter()
                assert daemon.get("/api/v1/status").status_code == 200
                self.status.append(time.perf_counter() - started)


def measure(seconds: float, sessions: int) -> Iterator[tuple[str, str, str]]:
    """Yield rows: what, measured, and what is beside it."""
    monitor = [sys.executable, "-m", "wa_tui"]
    quiet = {"WA_TUI_HEALING": "false"}
    with place(sessions) as here, Terminal(monitor, environment=here.environment | quiet) as terminal:
        terminal.wait_for(lambda screen: f"{sessions} connected" in screen, 60)
        terminal.settle(1.0, 30)
        with Load(here) as reading:
            time.sleep(10)
            cpu, before, began = terminal.cpu_seconds(), resident(terminal), len(reading.webhooks)
            status_began = len(reading.status)
            terminal.stop_reading()
            time.sleep(seconds)
            cpu = terminal.cpu_seconds() - cpu
            webhooks, status = reading.webhooks[began:], reading.status[status_began:]
            grown = resident(terminal) / before - 1
        yield "webhook answered, ms", f"{1000 * percentile(webhooks, 0.5):.1f}", told(webhooks)
        yield "daemon's /status answered, ms", f"{1000 * percentile(status, 0.5):.1f}", told(status)
        yield "monitor's memory", f"{grown:+.1%}", f"of {before:.0f} MB; {100 * cpu / seconds:.1f} % CPU"
        here.post("user_1_instance_newcomer", "disconnected", "NAVIGATION")
        yield from recovery(terminal, f"Sessions {sessions + 1}")


def recovery(terminal: Terminal, newest: str) -> Iterator[tuple[str, str, str]]:
    """Yield how the monitor comes back to what happened last while it stood.

    A frame is what the painter sends up to the question behind it. What it sent before the terminal came back is read
    first, and nothing is answered meanwhile: whatever comes after the first answer was painted since. Of that, those
    frames count that bring the newest state, which came about while the terminal stood, to the screen.
    """
    time.sleep(2)
    stood = terminal.bytes_read
    terminal.start_reading(answering=False)
    resumed = terminal.settle(0.5)
    old = frames(terminal.output[stood:resumed])
    yield (
        "on their way when it stalled, frames",
        f"{len(old)}",
        f"{resumed - stood} bytes, sent before the monitor could know",
    )
    screen = Replay(terminal)
    began = time.perf_counter()
    terminal.answer()
    terminal.wait_for(newest, 30)
    took = screen.first(newest) - began
    terminal.settle(0.1)
    new = shown(terminal, resumed, newest)
    size = sum(map(len, new))
    beside = (
        f"{len(new):.2f}x the bar of 1; {size} bytes, on screen {1000 * took:.0f} ms after the first answer"
    )
    yield "painted until the newest state was shown, frames", f"{len(new)}", beside


def frames(output: bytes | bytearray) -> list[bytes]:
    """The frames in an output, the last one perhaps a part; questions alone are none."""
    return [frame for frame in bytes(output).split(WHERE) if frame]


def shown(terminal: Terminal, since: int, text: str) -> list[bytes]:
    """Return the frames since a byte of the output up to the one that brought a text to the screen."""
    screen = pyte.Screen(terminal.columns, terminal.rows)
    stream = pyte.ByteStream(screen)
    stream.feed(bytes(terminal.output[:since]))
    found = []
    for frame in frames(terminal.output[since:]):
        found.append(frame)
        stream.feed(frame)
        if any(text in line for line in screen.display):
            break
    return found


def told(delays: list[float]) -> str:
    """The tail of some delays."""
    late, worst = (1000 * percentile(delays, share) for share in (0.99, 1.0))
    return f"p99 {late:.1f}, worst {worst:.1f}, of {len(delays)} while the terminal stood"


def main(seconds: int = SECONDS, sessions: int = SESSIONS) -> None:
    """Print the rows as they come."""
    print(f"a terminal that reads nothing for {seconds} s, {sessions} sessions, {RATE} webhooks/s")  # noqa: T201
    for what, value, beside in measure(seconds, sessions):
        tell(what, value, beside)


if __name__ == "__main__":
    assert Path("/proc").is_dir() and os.name == "posix"
    main(*(int(argument) for argument in sys.argv[1:3]))
