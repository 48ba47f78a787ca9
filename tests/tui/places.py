"""The monitor at one of its places, with all that there can be to tell."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import busy
from tests.tui.monitor import monitor
from tests.tui.until import text, until
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.views import Place


class At:
    """Drives a screen by its keys and reads it."""

    def __init__(self, app: WaTuiApp, daemon: FakeDaemon, pilot: Pilot[Any]) -> None:
        self.app = app
        self.daemon = daemon
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, *keys: str, detail: str = "", enter: bool = True) -> None:
        """Press keys, then type words one letter after the other, then enter."""
        named = {" ": "space", ":": "colon", "!": "exclamation_mark", ",": "comma", "-": "minus"}
        letters = [named.get(letter, letter) for letter in detail]
        await self.press(*keys, *letters, *(["enter"] if enter else []))

    async def shows(self, *texts: str) -> None:
        for one in texts:
            await until(self.pilot, lambda one=one: one in text(self.pilot))  # type: ignore[misc]

    async def hides(self, *texts: str) -> None:
        for one in texts:
            await until(self.pilot, lambda one=one: one not in text(self.pilot))  # type: ignore[misc]

    @property
    def lines(self) -> list[str]:
        """The screen's lines, without the scroll bar, which moves as lines come in."""
        return [re.sub(r"\s*[▁▂▃▄▅▆▇█]?$", "", line) for line in text(self.pilot).split("\n")]

    def line(self, begins: str) -> str:
        """The line that has this."""
        return next(line for line in self.lines if begins in line)

    @property
    def said(self) -> str:
        return self.app.notice.text if self.app.notice else ""

    @property
    def view(self) -> Place:
        return self.app.navigation.trail[-1]


@asynccontextmanager
async def at(
    place: Place, size: tuple[int, int] = (120, 40), daemon: FakeDaemon | None = None, **options: Any
) -> AsyncIterator[At]:
    """The busy fleet's monitor, at a place."""
    daemon = daemon or FakeDaemon(busy())
    app = monitor(daemon, **options)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.connected)
        app.navigation.go(place)
        await until(pilot, lambda: app.navigation.trail[-1] == place and app.screen.is_mounted)
        await pilot.pause()
        yield At(app, daemon, pilot)
