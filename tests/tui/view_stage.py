"""One view on the busy fleet, in a real terminal: `python -m tests.tui.view_stage gateways`; SIGUSR1 has it change."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import BUSY_GATEWAYS, MANY_JOBS, NOW, busy, event
from tests.tui.monitor import SALES, monitor
from wa_tui.client import Disconnected
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.terminal import Driver
from wa_tui.tui.views import Place
from wa_tui.wire import Delta, LiveMessage, Receipt

CHANGES = {
    "gateways": Delta(gateways=[msgspec.structs.replace(BUSY_GATEWAYS[0], latency_ms=9)]),
    "jobs": Delta(jobs=[msgspec.structs.replace(MANY_JOBS[3], duration_ms=900)]),
    "log": Delta(events=[event(50, timedelta(0), "sync", "changed", text="something changed")]),
    "details": Delta(events=[event(50, timedelta(0), "sync", "changed", text="something changed")]),
    "messages": Delta(receipts=[Receipt(id="m4", action="send", outcome="unknown", accepted_at=NOW)]),
}


class Changing(FakeDaemon):
    """Tells of a change when it gets a signal."""

    def __init__(self, change: Delta | None) -> None:
        super().__init__(busy())
        self._change = change

    async def follow(self) -> AsyncIterator[LiveMessage | Disconnected]:
        if self._change is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.push, self._change)
        async for message in super().follow():
            yield message


async def main(view: str) -> None:
    app: WaTuiApp = monitor(Changing(CHANGES.get(view)), driver_class=Driver)
    place = Place(view, SALES if view in ("details", "raw") else None)
    app.call_later(lambda: app.navigation.go(place))
    await app.run_async()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
