"""Durable webhooks beside a bare server: `python -m tests.benchmarks.ingest [CONNECTIONS]`.

A real daemon (key check, all rules, `synchronous=FULL`, 10,000 sessions) against an app on the same server that answers
200 and stores nothing; then with a monitor attached against without. The load comes from a process of its own, and what
is compared runs by turns.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
from collections.abc import Iterator

import msgspec

from .daemons import Served, bare, daemon
from .load import Seen
from .table import Row, at_least, at_most, show, title
from .watchers import watching

CONNECTIONS = 32
SESSIONS = 10_000
SECONDS = 1.5
ROUNDS = 5


def rows(connections: int = CONNECTIONS) -> Iterator[Row]:
    """Yield what one daemon takes in, alone and watched."""
    found: dict[str, list[Seen]] = {"bare": [], "alone": [], "watched": []}
    with (
        bare() as nothing,
        daemon() as ours,
        load(nothing, connections) as idle,
        load(ours, connections) as busy,
    ):
        # Every session once: from then on each webhook changes a session that is known.
        run(busy, 0)
        for _ in range(ROUNDS):
            found["bare"].append(run(idle, SECONDS))
            found["alone"].append(run(busy, SECONDS))
            with watching(ours, 1):
                found["watched"].append(run(busy, SECONDS))
    bare_rate, rate, watched = (statistics.median(seen.rate for seen in found[name]) for name in found)
    p99 = statistics.median(seen.p99_ms for seen in found["alone"])
    share = statistics.median(seen.cpu for seen in found["bare"])
    yield at_least(
        f"durable webhooks, {connections} connections",
        f"{rate:.0f}/s",
        f"bare server {bare_rate:.0f}/s (load: {share:.0%} CPU)",
        median_ratio(found["alone"], found["bare"]),
        0.25,
    )
    yield at_most("  99th percentile", f"{p99:.1f} ms", "20 ms", p99 / 20, 1.0)
    yield at_least(
        f"  with a monitor, {SESSIONS} sessions",
        f"{watched:.0f}/s",
        f"nobody watching {rate:.0f}/s",
        median_ratio(found["watched"], found["alone"]),
        0.8,
    )


def median_ratio(ours: list[Seen], beside: list[Seen]) -> float:
    """Return the median of the ratios of what ran one after the other."""
    return statistics.median(a.rate / b.rate for a, b in zip(ours, beside, strict=True))


@contextlib.contextmanager
def load(served: Served, connections: int, pause_ms: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """Run the process that posts; each connection rests between two webhooks."""
    arguments = [str(value) for value in (served.port, connections, SESSIONS, pause_ms)]
    command = [sys.executable, "-m", "tests.benchmarks.load", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.terminate()


def run(process: subprocess.Popen[bytes], seconds: float) -> Seen:
    """Post for some seconds, with 0 each session once; raises RuntimeError when a webhook was refused."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(b"%f\n" % seconds)
    process.stdin.flush()
    seen = msgspec.json.decode(process.stdout.readline(), type=Seen)
    if seen.refused:
        raise RuntimeError(f"{seen.refused} of {seen.posted} webhooks were refused")
    return seen


def main(connections: int = CONNECTIONS) -> None:
    """Print the rows."""
    title()
    for row in rows(connections):
        show(row)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
