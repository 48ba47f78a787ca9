"""The monitor on the demo fleet, its clock standing still: `python -m tests.tui.monitor` shows it."""

from __future__ import annotations

import os
import sys
from typing import Any

from tests.tui.fake import FakeDaemon, code
from tests.tui.fleet import clock
from wa_tui.client import DaemonGone
from wa_tui.config import load
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.feed import Daemon
from wa_tui.tui.run import run_monitor

SALES = ("eu-1", "user_7_instance_sales-eu")
ONBOARDING = ("eu-1", "user_7_instance_onboarding")
BILLING = ("eu-1", "user_7_instance_billing")


def monitor(daemon: FakeDaemon | None = None, **options: Any) -> WaTuiApp:
    """The monitor as tests run it."""
    daemon = daemon or FakeDaemon()
    daemon.codes.setdefault(ONBOARDING, code())
    defaults: dict[str, Any] = {"clock": clock, "interval_s": 0.02}
    return WaTuiApp(daemon.connect, **(defaults | options))


async def unstartable() -> Daemon:
    raise DaemonGone(
        "the daemon ended at once (exit status 1); mend what it says below and press r",
        log="port 8000 is held by node (pid 812)\nset WA_TUI_LISTEN to another one, or --attach to its daemon",
        start="WA_TUI_STATE_DIR=/srv/wa wa-tui --daemon",
    )


async def demo() -> Daemon:
    daemon = FakeDaemon()
    daemon.codes[ONBOARDING] = code()
    return daemon


if __name__ == "__main__":
    if "--real" in sys.argv:
        connect = unstartable if "--stopped" in sys.argv else demo
        sys.exit(run_monitor(connect, clock=clock, ui=load(os.environ).ui))
    monitor(ui=load(os.environ).ui).run()
