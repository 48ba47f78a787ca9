"""Webhooks of the lifecycle beside a flood of webhooks about messages: `python -m tests.benchmarks.traffic [PAIRS]`.

One daemon, two gateways: one posts changes of its sessions' status, the other a thousand messages a second. Beside it
those are posted to a bare server: what posts them takes the same share of the machine in both.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .daemons import KEY, Served, bare, daemon
from .flood import KEY as FLOOD_KEY
from .ingest import load, run
from .load import Seen
from .table import Row, at_most, show, title

PAIRS = 9
CONNECTIONS = 4
PAUSE_MS = 10
"""Between two webhooks of a connection: some 300 a second come in all, as in a storm."""
SECONDS = 2.0
RATE = 1000
CONFIG = f"""
[[gateways]]
name = "default"
url = "http://127.0.0.1:9"
api_key = "{KEY}"
[[gateways]]
name = "flooding"
url = "http://127.0.0.1:10"
kind = "waha"
api_key = "{FLOOD_KEY}"
webhook_key = "{FLOOD_KEY}"
"""


def rows(pairs: int = PAIRS) -> Iterator[Row]:
    """Yield how much slower webhooks are answered while messages pour in."""
    alone: list[Seen] = []
    beside: list[Seen] = []
    with tempfile.TemporaryDirectory() as state:
        file = Path(state) / "config.toml"
        file.write_text(CONFIG)
        environ = {"WA_TUI_CONFIG": str(file), "NODE_SERVICE_URL": "", "NODE_SERVICE_API_KEY": ""}
        with (
            bare() as nothing,
            daemon(Path(state), **environ) as ours,
            load(ours, CONNECTIONS, PAUSE_MS) as busy,
        ):
            run(busy, 0)
            for pair in range(pairs):
                for flooded in (False, True) if pair % 2 else (True, False):
                    with flood(ours if flooded else nothing):
                        (beside if flooded else alone).append(run(busy, SECONDS))
    for what, bar in (("p50_ms", 1.1), ("p99_ms", 1.5)):
        ours_ms, beside_ms = ([getattr(seen, what) for seen in found] for found in (alone, beside))
        ratio = statistics.median(slow / fast for slow, fast in zip(beside_ms, ours_ms, strict=True))
        yield at_most(
            f"webhooks beside {RATE} messages/s, {what.removesuffix('_ms')}",
            f"{statistics.median(beside_ms):.2f} ms",
            f"messages posted elsewhere {statistics.median(ours_ms):.2f} ms",
            ratio,
            bar,
        )


@contextlib.contextmanager
def flood(served: Served) -> Iterator[None]:
    """Have messages pour in; raises RuntimeError where any was refused, or far fewer came than were to."""
    command = [sys.executable, "-m", "tests.benchmarks.flood", str(served.port), "flooding", str(RATE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(1.0)
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        told, _ = process.communicate("")
    posted, refused = map(int, told.split())
    if refused or posted < 0.7 * RATE * took:
        raise RuntimeError(f"{posted} messages in {took:.1f} s, {refused} refused")


def main(pairs: int = PAIRS) -> None:
    """Print the rows."""
    title()
    for row in rows(pairs):
        show(row)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
