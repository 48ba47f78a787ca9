"""A fleet in which trouble begins while the monitor is open: `python -m tests.tui.outbreak 300` shows it.

SIGUSR1 has the trouble begin, at once without one (``--begun``); each further one changes a number.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

from msgspec.structs import replace

from tests.needing import need
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import DAY, MINUTE, NOW, ago, session, snapshot, troubled
from tests.tui.monitor import monitor
from wa_tui.client import Disconnected
from wa_tui.config import load
from wa_tui.tui.terminal import Driver
from wa_tui.wire import (
    Delta,
    GatewayHealingView,
    GatewayView,
    HealingView,
    LiveMessage,
    SessionView,
    Snapshot,
)

NO_BROWSER = need(
    "browser_unable", "browser cannot start: no usable sandbox on gw-2", "allow user namespaces there"
)
SCAN = need("scan_qr", "it waits for its phone", "scan its QR code")
WELL = [
    GatewayView(name=name, url=f"http://{name}:3000", state="up", since=ago(6 * DAY), latency_ms=4, seen_at=NOW,
                returned_at=ago(6 * DAY))
    for name in ("eu-1", "eu-2", "us-1")
]  # fmt: skip
RESTARTING = replace(WELL[0], state="restarting", since=ago(0.5 * MINUTE), returned_at=NOW)
PAUSED = replace(
    WELL[1], healing=GatewayHealingView(at_once=2, waiting=30, paused_until=NOW + 1.9 * MINUTE, why=NO_BROWSER.text)
)  # fmt: skip


def _name(number: int) -> str:
    return f"shop-{number:04}"


def _at(number: int, total: int) -> str:
    """The first four tenths are on eu-1, three on eu-2, the others on us-1."""
    return "eu-1" if number < total * 0.4 else "eu-2" if number < total * 0.7 else "us-1"


def healthy(total: int) -> Snapshot:
    """So many sessions, all of them connected and proven."""
    fleet = [session(_name(number), _at(number, total)) for number in range(total)]
    return snapshot(sessions=fleet, gateways=list(WELL), events=[], receipts=[])


def trouble(total: int) -> Delta:
    """A gateway restarts, on another no browser starts any more, and a few wait for their phones, or dropped."""
    ill: list[SessionView] = []
    since = ago(0.5 * MINUTE)
    for number in range(total):
        name, gateway = _name(number), _at(number, total)
        if gateway == "eu-1":
            ill.append(
                troubled(name, "disconnected", gateway, reason="missing", status_since=since,
                         healing=HealingView(state="held", why="gateway eu-1 restores by itself"))
            )  # fmt: skip
        elif gateway == "eu-2" and number % 3 == 0:
            ill.append(
                troubled(name, "disconnected", gateway, reason="browser_unable", attention=NO_BROWSER,
                         status_since=since, healing=HealingView(state="held", why="starts fail on eu-2"))
            )  # fmt: skip
        elif gateway == "eu-2" and number % 10 == 1:
            ill.append(
                troubled(name, "disconnected", gateway, reason="browser_died", detail="Target closed",
                         status_since=since, healing=HealingView(state="held", why="starts fail on eu-2"))
            )  # fmt: skip
        elif gateway == "us-1" and number % 20 == 0:
            ill.append(
                troubled(name, "disconnected", gateway, reason="logout", credentials="needs_scan", attention=SCAN,
                         status_since=since)
            )  # fmt: skip
        elif gateway == "us-1" and number % 20 == 1:
            ill.append(
                troubled(name, "disconnected", gateway, reason="navigation", status_since=since,
                         healing=HealingView(state="waiting", attempts=1, next_at=NOW + 3 * MINUTE))
            )  # fmt: skip
    return Delta(sessions=ill, gateways=[RESTARTING, PAUSED])


def one_more(total: int, number: int) -> Delta:
    """One of the last, far out of sight, waits for its phone."""
    name = _name(total - 2 - number * 20)
    return Delta(sessions=[troubled(name, "disconnected", "us-1", reason="logout", credentials="needs_scan",
                                    attention=SCAN, status_since=ago(0.5 * MINUTE))])  # fmt: skip


class Breaking(FakeDaemon):
    """Begins well, unless it is to have ``begun``; a signal goes on."""

    def __init__(self, total: int, *, begun: bool) -> None:
        super().__init__(healthy(total))
        self._total = total
        self._step = 0
        if begun:
            self.go_on()

    def go_on(self) -> None:
        """Have the trouble begin, or grow."""
        self.push(trouble(self._total) if not self._step else one_more(self._total, self._step))
        self._step += 1

    async def follow(self) -> AsyncIterator[LiveMessage | Disconnected]:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.go_on)
        async for message in super().follow():
            yield message


if __name__ == "__main__":
    daemon = Breaking(int(sys.argv[1]), begun="--begun" in sys.argv)
    monitor(daemon, driver_class=Driver, ui=load(os.environ).ui).run()
