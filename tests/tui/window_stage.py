"""The monitor in a real terminal: SIGUSR1 has a gateway need a person, or no more; SIGUSR2 has the monitor crash."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator

import msgspec

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import GATEWAYS, clock
from wa_tui.client import Disconnected
from wa_tui.config import Ui
from wa_tui.tui.feed import Daemon
from wa_tui.tui.run import run_monitor
from wa_tui.wire import Attention, AttentionCode, Delta, LiveMessage

NEEDS = msgspec.structs.replace(
    GATEWAYS[0], attention=[Attention(code=AttentionCode.KEY_REFUSED, text="refuses", action="look")]
)


class Signalled(FakeDaemon):
    """Tells of a change when it gets a signal."""

    async def follow(self) -> AsyncIterator[LiveMessage | Disconnected]:
        loop = asyncio.get_running_loop()
        states = [GATEWAYS[0], NEEDS]

        def change() -> None:
            states.reverse()
            self.push(Delta(gateways=[states[0]]))

        loop.add_signal_handler(signal.SIGUSR1, change)
        loop.add_signal_handler(signal.SIGUSR2, lambda: self.push("nonsense"))  # type: ignore[arg-type]
        async for message in super().follow():
            yield message


async def _connect() -> Daemon:
    return Signalled()


if __name__ == "__main__":
    ui = Ui(ascii=False, notify=sys.argv[1] if len(sys.argv) > 1 else "off", bell=False)
    sys.exit(run_monitor(_connect, title="prod\x1b]2;evil\x07", clock=clock, ui=ui))
