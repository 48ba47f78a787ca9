"""A fleet of 100,000 sessions beside a small one: `python -m tests.benchmarks.fleet [SESSIONS]`.

What `wa-tui status` takes, as whole processes by turns, and how long webhooks wait while the large fleet's list and
its sessions are compared and checked; beside 10,000 sessions what a monitor takes until it shows them, and for a key.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from wa_tui.client import Client, DaemonError, Unix

from .attached import Replay, crowd, monitor, press
from .daemons import Served, daemon, quick_gateway
from .load import HEAD, UP, now_iso, session_id
from .table import Row, at_most, show, title

SESSIONS = 100_000
FEW = 100
ROUNDS = 5
BAR = 1.3
WAIT_MS = 100.0
"""What a webhook of a thousand may wait."""
USUAL = 10_000
ATTACH_BAR = 10.0
"""All of them are decoded, assessed and put in order: no more than their number says."""
KEY_BAR = 2.0
KEYS = 16
KEYS_APART_S = 0.4
SECONDS = 75.0
"""Long enough for five lists and for a round of checks."""
APART = 0.004
PROVEN_WITHIN = 600.0


def rows(sessions: int = SESSIONS) -> Iterator[Row]:
    """Yield what a large fleet costs who watches, who asks, and who posts."""
    yield from watching(sessions)
    with _fleet(sessions) as many, _fleet(FEW) as few:
        status(many), status(few)  # both are warm
        pairs = [(status(many), status(few)) for _ in range(ROUNDS)]
        large, small = (statistics.median(values) for values in zip(*pairs, strict=True))
        yield at_most(
            f"status, {sessions} sessions",
            f"{large:.2f} s",
            f"{FEW} sessions: {small:.2f} s",
            statistics.median(a / b for a, b in pairs),
            BAR,
        )
        waits = posting(many, SECONDS)
        yield at_most(
            f"webhooks in a sync of {sessions}, 99.9th",
            f"{waits[int(len(waits) * 0.999)]:.0f} ms",
            f"{WAIT_MS:g} ms (median {statistics.median(waits):.1f}, longest {waits[-1]:.0f})",
            waits[int(len(waits) * 0.999)] / WAIT_MS,
            1.0,
        )


def watching(sessions: int) -> Iterator[Row]:
    """Yield what a monitor takes until it shows a large fleet, and then for a key."""
    many, usual = _watched(sessions), _watched(USUAL)
    yield at_most(
        f"attach to {sessions} sessions, processor time",
        f"{many.busy_s:.2f} s",
        f"{USUAL} sessions: {usual.busy_s:.2f} s (on the screen after {many.shown_s:.2f} s, {usual.shown_s:.2f} s)",
        many.busy_s / usual.busy_s,
        ATTACH_BAR,
    )
    yield at_most(
        f"a key, {sessions} sessions",
        f"{many.key_s * 1000:.0f} ms",
        f"{USUAL} sessions: {usual.key_s * 1000:.0f} ms",
        many.key_s / usual.key_s,
        KEY_BAR,
    )


class Watched(NamedTuple):
    """What a monitor takes: seconds from exec to the fleet on the screen, its processor time until it rests, a key."""

    shown_s: float
    busy_s: float
    key_s: float


def _watched(sessions: int) -> Watched:
    """Attach a monitor and press keys; a key's is the median."""
    with crowd(sessions) as fleet:
        shown = f"● {fleet.tell('connected')} connected"
        began = time.perf_counter()
        with monitor(fleet, columns=120, rows=40) as terminal:
            terminal.wait_for(shown, 120)
            replay = Replay(terminal)
            attach = replay.first(shown) - began
            terminal.settle(0.7, 60)
            busy = terminal.cpu_seconds()
            pressed = press(terminal, ["j"] * KEYS, KEYS_APART_S)
            return Watched(attach, busy, statistics.median(replay.delays(pressed, tuple)))


@contextlib.contextmanager
def _fleet(sessions: int) -> Iterator[Served]:
    """Run a daemon whose gateway has so many sessions, all of them proven."""
    with quick_gateway(sessions, 1.0) as gateway, daemon(gateway=f"http://127.0.0.1:{gateway.port}") as ours:
        asyncio.run(_proven(ours.state / "wa_tui.sock", sessions))
        yield ours


async def _proven(path: Path, sessions: int) -> None:
    client, until = Client(Unix(path)), time.monotonic() + PROVEN_WITHIN
    try:
        while time.monotonic() < until:
            with contextlib.suppress(DaemonError):
                if (await client.status()).sessions.by_condition.get("connected") == sessions:
                    return
            await asyncio.sleep(1)
    finally:
        await client.close()
    raise RuntimeError(f"not all of {sessions} sessions were proven within {PROVEN_WITHIN:g} s")


def status(served: Served) -> float:
    """Return the seconds that the command took."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "wa_tui", "status"]
    subprocess.run(command, env=_environment(served), stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - began


def posting(served: Served, seconds: float) -> list[float]:
    """Post one webhook after the other while everything is synced; return how long each took, in ms, sorted."""
    waits = []
    command = [sys.executable, "-m", "wa_tui", "sync"]
    with (
        socket.create_connection(("127.0.0.1", served.port)) as gateway,
        subprocess.Popen(command, env=_environment(served), stdout=subprocess.DEVNULL) as sync,
    ):
        until, number = time.perf_counter() + seconds, 0
        while (began := time.perf_counter()) < until:
            body = UP % (session_id(number % FEW), now_iso())
            gateway.sendall((HEAD % len(body) + body).encode())
            if not gateway.recv(65_536).startswith(b"HTTP/1.1 200"):
                raise RuntimeError("a webhook was refused")
            waits.append(1000 * (time.perf_counter() - began))
            number += 1
            time.sleep(APART)
        sync.terminate()
    return sorted(waits)


def _environment(served: Served) -> dict[str, str]:
    return os.environ | {"WA_TUI_STATE_DIR": str(served.state), "XDG_CONFIG_HOME": str(served.state)}


def main(sessions: int = SESSIONS) -> None:
    """Print the rows."""
    title()
    for row in rows(sessions):
        show(row)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
