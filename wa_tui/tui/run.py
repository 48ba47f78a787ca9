"""Runs the monitor in the terminal that it was started from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from wa_tui.config import Ui
from wa_tui.keys.table import Keymap
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.feed import Connect
from wa_tui.tui.remembered import Remembered, Resume
from wa_tui.tui.terminal import Driver, Ending
from wa_tui.tui.views import NamedView
from wa_tui.wire import utc_now

_UI = Ui()
_ANEW = Resume()


def run_monitor(
    connect: Connect,
    *,
    read_only: bool = False,
    title: str = "",
    where: str = "the daemon",
    clock: Callable[[], datetime] = utc_now,
    ui: Ui = _UI,
    keymap: Keymap | None = None,
    views: Sequence[NamedView] = (),
    resume: Resume = _ANEW,
    keep: Callable[[Remembered], object] = lambda _: None,
) -> int:
    """Run the monitor in this terminal until the person, a signal or a hangup ends it.

    Returns the exit code: 0, or 1 when it failed. The terminal is restored in every case; ``keep`` then gets what
    was shown.
    """
    app = WaTuiApp(
        connect,
        read_only=read_only,
        title=title,
        where=where,
        clock=clock,
        ui=ui,
        keymap=keymap,
        views=views,
        resume=resume,
        driver_class=Driver,
    )

    async def run() -> None:
        ending = Ending(app)
        ending.watch()
        try:
            await app.run_async(mouse=ui.mouse)
        finally:
            ending.ended()

    asyncio.run(run())
    keep(app.resuming.left)
    return app.return_code or 0
