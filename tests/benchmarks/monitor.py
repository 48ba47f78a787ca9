"""The whole way, in a real terminal of 120x40: gateway → daemon → monitor → bytes on the terminal.

`python -m tests.benchmarks.monitor [SESSIONS]`: a simulated gateway, a real daemon and a real monitor. Beside them
run a bare Textual app (first frame) and the first painting of the same screen (bytes).
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.daemon.waiting import free_port
from tests.simulated import simulator
from tests.terminal import Terminal

SESSIONS = 1_000
STARTS = 5
CHANGES = 9
IDLE_S = 20
KEY = "bench"

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        yield Static("first frame")
Bare().run()
"""


@dataclass(frozen=True)
class Place:
    """Where the daemon of a run lives."""

    environment: dict[str, str]
    listen: str

    def post(self, session_id: str, status: str, reason: str | None = None) -> float:
        """Post a webhook; return the instant at which it was answered 200."""
        body = {"sessionId": session_id, "userId": 1, "status": status, "timestamp": now(), "reason": reason}
        request = urllib.request.Request(
            f"http://{self.listen}/api/v1/sessions/webhook/",
            data=json.dumps(body).encode(),
            headers={"x-api-key": KEY},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 200
        return time.perf_counter()


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@contextlib.contextmanager
def place(sessions: int) -> Iterator[Place]:
    """A simulated gateway with its sessions, and a fresh state directory with long intervals."""
    arguments = ["--gateway", "default", "--sessions", str(sessions), "--api-key", KEY, "--control-plane"]
    with (
        tempfile.TemporaryDirectory() as folder,
        simulator(*arguments, "http://127.0.0.1:9") as (_, gateways),
    ):
        listen = f"127.0.0.1:{free_port()}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WA_TUI_")}
        environment |= {
            "NODE_SERVICE_URL": gateways[0]["url"],
            "NODE_SERVICE_API_KEY": KEY,
            "WA_TUI_STATE_DIR": str(Path(folder) / "state"),
            "WA_TUI_LISTEN": listen,
        }
        yield Place(environment, listen)


def first_frame(command: list[str], environment: dict[str, str], text: str) -> float:
    """Return the median seconds from exec to a text on the screen."""
    found = []
    for _ in range(STARTS):
        began = time.perf_counter()
        with Terminal(command, environment=environment) as terminal:
            terminal.wait_for(text)
            found.append(time.perf_counter() - began)
    return statistics.median(found)


def measure(sessions: int) -> Iterator[tuple[str, str, str]]:
    """Yield rows: what, measured, and the ratio or bar beside it."""
    monitor = [sys.executable, "-m", "wa_tui"]
    with place(sessions) as here:
        bare = first_frame([sys.executable, "-c", BARE], here.environment, "first frame")
        ours = first_frame(monitor, here.environment, "Reconnect")
        yield (
            "first frame, ms",
            f"{ours * 1000:.0f}",
            f"{ours / bare:.2f}x a bare Textual app ({bare * 1000:.0f})",
        )
        with Terminal(monitor, environment=here.environment) as terminal:
            terminal.wait_for(lambda screen: f"{sessions} connected" in screen, 30)
            painted = terminal.settle(1.0, 30)
            yield from changes(here, terminal, painted)


def changes(here: Place, terminal: Terminal, painted: int) -> Iterator[tuple[str, str, str]]:
    """Yield what changes cost once the fleet is on the screen."""
    drops, resorts, updates = [], [], []
    for number in range(CHANGES):
        session = f"user_1_instance_default-{number + 100}"
        before = terminal.bytes_read
        answered = here.post(session, "disconnected", "NAVIGATION")
        terminal.wait_for(lambda screen, down=f"{number + 1} down": down in screen, 5)  # type: ignore[misc]
        drops.append(time.perf_counter() - answered)
        resorts.append(terminal.settle(2.0, 20) - before)
        before = terminal.bytes_read
        here.post(session, "disconnected", "CONFLICT")
        updates.append(terminal.settle(1.0, 20) - before)
    worst = max(drops)
    yield (
        "webhook 200 → screen, ms",
        f"{worst * 1000:.0f}",
        f"{worst / 0.5:.2f}x the bar of 500 ms (worst of {CHANGES})",
    )
    yield (
        "one more session down, bytes",
        f"{max(resorts)}",
        f"{max(resorts) / painted:.2f}x all painted so far",
    )
    yield "one row's reason changed, bytes", f"{max(updates)}", "with its log line"
    yield "idle, bytes", f"{idle(terminal)}", f"in {IDLE_S} s between two minutes"


def idle(terminal: Terminal) -> int:
    """Return the bytes written in some seconds that hold no minute tick."""
    second = datetime.now(UTC).second
    if second > 58 - IDLE_S:
        time.sleep(62 - second)
    terminal.settle(1.5, 10)
    before = terminal.bytes_read
    time.sleep(IDLE_S)
    return terminal.bytes_read - before


def main(sessions: int = SESSIONS) -> None:
    """Print the rows as they come."""
    print(f"monitor, {sessions} sessions, 120x40")  # noqa: T201
    for what, value, beside in measure(sessions):
        print(f"  {what:<34}{value:>10}   {beside}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
