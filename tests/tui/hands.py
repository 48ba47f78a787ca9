"""A monitor under somebody's hands: its cursor on one session, what it says, what it asked for."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.tui.cursor import put_cursor
from tests.tui.fake import FakeDaemon
from tests.tui.monitor import SALES, monitor
from tests.tui.until import text, until
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.widgets.grid import SessionGrid

SIZE = (120, 40)


class Hands:
    """Drives a monitor by its keys."""

    def __init__(
        self, key: tuple[str, str] = SALES, daemon: FakeDaemon | None = None, **options: Any
    ) -> None:
        self.daemon = daemon or FakeDaemon()
        self.app: WaTuiApp = monitor(self.daemon, **options)
        self.key = key

    async def ready(self, pilot: Pilot[Any]) -> None:
        """Wait for the fleet and put the cursor on the session."""
        await until(pilot, lambda: self.app.state.connected and self.grid.cursor_key)
        put_cursor(self.grid, self.key)
        await pilot.pause()

    @property
    def main(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def grid(self) -> SessionGrid:
        return self.main.query_one(SessionGrid)

    @property
    def names(self) -> list[str]:
        """The instance names, row by row."""
        return [self.app.state.sessions[key].instance_name or "" for key in self.grid.keys]

    @property
    def said(self) -> str:
        return self.app.notice.text if self.app.notice else ""

    @property
    def asked(self) -> list[tuple[str, str | None]]:
        """What was asked for: action and session."""
        return [(request.action, request.session_id) for request in self.daemon.asked]

    async def shows(self, pilot: Pilot[Any], *texts: str) -> None:
        """Wait until the screen has each of these."""
        for one in texts:
            await until(pilot, lambda one=one: one in text(pilot))  # type: ignore[misc]
