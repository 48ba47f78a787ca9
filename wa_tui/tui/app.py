"""The monitor: an app that shows a daemon's fleet and passes on what a person asks for."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App
from textual.timer import Timer

from wa_tui.client import DaemonError, Disconnected
from wa_tui.tui.feed import INTERVAL, Connect, Daemon, Pacer
from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.look.palette import Palette
from wa_tui.tui.look.theme import THEME, theme
from wa_tui.tui.requests import Notice, Requests, Told
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.typing import Keyboard
from wa_tui.tui.widgets.notice import NoticeLine
from wa_tui.wire import ActionRequest, LiveMessage, utc_now

NOTICE_SECONDS = 20.0


class WaTuiApp(App[None], inherit_bindings=False):
    """The monitor; paints its first frame before it connects to anything.

    ``connect`` finds or starts the daemon, ``where`` names it while nothing is known of it, ``title`` names the
    installation; ``clock`` gives the current instant; QR pictures are saved into ``pictures``; data reaches the
    screen every ``interval_s`` seconds at most.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = bindings(Context.EVERYWHERE)
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-low"), (30, "-tall")]  # noqa: RUF012  # Textual declares it otherwise
    CSS = """
    Screen { background: $background; color: $foreground; }
    ModalScreen { background: $backdrop; }
    """

    def __init__(
        self,
        connect: Connect,
        *,
        read_only: bool = False,
        title: str = "",
        where: str = "the daemon",
        clock: Callable[[], datetime] = utc_now,
        pictures: Path | None = None,
        interval_s: float = INTERVAL,
        **options: Any,
    ) -> None:
        plain = "NO_COLOR" in os.environ
        # With its own colours Textual would turn everything into greys; NO_COLOR means none at all.
        super().__init__(ansi_color=plain or None, **options)
        self.palette = Palette.of(self)
        self.register_theme(theme(self.palette))
        self.theme = THEME
        self.state = FleetState(clock)
        self.clock = clock
        self.installation = title
        self.where = where
        self.pictures = pictures or Path.cwd()
        self.daemon: Daemon | None = None
        self.requests = Requests()
        self.notice: Notice | None = None
        self._connect = connect
        self._read_only = read_only
        self._pacer = Pacer(self.paint, interval_s)
        self._fading: Timer | None = None
        self._keyboard = Keyboard(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        """Hand keys on one at a time; everything else as it comes."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._keyboard.take(event)
        else:
            await super().on_event(event)

    @property
    def read_only(self) -> bool:
        """Whether actions are refused: here, or by the daemon."""
        return self._read_only or (self.state.daemon is not None and self.state.daemon.read_only)

    def get_default_screen(self) -> MainScreen:
        """The fleet."""
        return MainScreen()

    def on_mount(self) -> None:
        """Connect once the first frame is out."""
        self.call_after_refresh(self.connect)
        self._await_minute()

    def connect(self) -> None:
        """Find the daemon and follow it, for as long as the app runs."""
        self.run_worker(self._follow(), group="feed", exclusive=True)

    async def on_unmount(self) -> None:
        """Let go of the daemon."""
        self._pacer.stop()
        if self.daemon is not None:
            await self.daemon.close()

    async def _follow(self) -> None:
        try:
            self.daemon = daemon = await self._connect()
        except DaemonError as error:
            from wa_tui.tui.screens.stopped import StoppedScreen

            await self.push_screen(StoppedScreen(error))
            return
        async for message in daemon.follow():
            if isinstance(message, Disconnected):
                self.state.lose(message.reason)
                self.say(Notice(message.reason, "bad"))
            else:
                self._take(daemon, message)
            self._pacer.touch()

    def _take(self, daemon: Daemon, message: LiveMessage) -> None:
        lost_at, connected = self.state.lost_at, self.state.connected
        self.state.take(message)
        if lost_at is not None:
            self.say(Notice(f"the daemon is back; it was gone since {lost_at.astimezone():%H:%M}", "good"))
        if not connected:
            self.run_worker(self.requests.recover(daemon, self.state.receipts), group="recover")

    def paint(self) -> None:
        """Bring every open screen up to date, in one frame."""
        changed = self.state.drain()
        self.requests.take(self.state.receipts)
        with self.batch_update():
            for screen in self.screen_stack:
                if isinstance(screen, FleetScreen) and screen.is_mounted:
                    screen.show_fleet(changed)

    def _await_minute(self) -> None:
        now = self.clock()
        self.set_timer(60 - now.second - now.microsecond / 1e6, self._on_minute)

    def _on_minute(self) -> None:
        self._await_minute()
        self.paint()

    def say(self, notice: Notice | None) -> None:
        """Show a notice on every open screen; it fades by itself unless it is bad news."""
        self.notice = notice
        if self._fading is not None:
            self._fading.stop()
            self._fading = None
        if notice is not None and notice.level != "bad" and notice.final:
            self._fading = self.set_timer(NOTICE_SECONDS, lambda: self.say(None))
        for screen in self.screen_stack:
            for line in screen.query(NoticeLine):
                line.show(notice)

    def refuses(self, what: str) -> bool:
        """Say that an action cannot be asked for now, and why; tell whether that is so."""
        if self.read_only:
            whose = (
                "this monitor was started with --read-only" if self._read_only else "the daemon is read-only"
            )
            self.say(Notice(f"refused, {whose}: {what}", "bad"))
        elif self.daemon is None or not self.state.connected:
            reason = self.state.lost_reason or f"not connected to {self.where} yet"
            self.say(Notice(f"not asked for, {reason}: {what}", "bad"))
        else:
            return False
        return True

    def ask(self, request: ActionRequest, subject: str, told: Told | None = None) -> None:
        """Ask the daemon for an action on ``subject``; what becomes of it is told to ``told``, or said."""
        if self.daemon is not None:
            self.run_worker(
                self.requests.ask(self.daemon, request, subject, told or self.say), group="requests"
            )

    def call(self, key: Key) -> str:
        """What a person calls a session: its instance name and gateway."""
        session = self.state.sessions.get(key)
        return f"{(session and session.instance_name) or key[1]} on {key[0]}"

    def action_close_screen(self) -> None:
        """Close the screen on top."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    async def action_quit(self) -> None:
        """Leave; without a daemon that is a failure."""
        from wa_tui.tui.screens.stopped import StoppedScreen

        self.exit(return_code=1 if isinstance(self.screen, StoppedScreen) else 0)

    def action_help(self) -> None:
        """Show the keys."""
        from wa_tui.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())


def run_monitor(
    connect: Connect,
    *,
    read_only: bool = False,
    title: str = "",
    where: str = "the daemon",
    clock: Callable[[], datetime] = utc_now,
) -> int:
    """Run the monitor in this terminal until the person, a signal or a hangup ends it.

    Returns the exit code: 0, or 1 when it failed. The terminal is restored in every case.
    """
    import asyncio

    from wa_tui.tui.terminal import Driver, Ending

    app = WaTuiApp(connect, read_only=read_only, title=title, where=where, clock=clock, driver_class=Driver)

    async def run() -> None:
        ending = Ending(app)
        ending.watch()
        try:
            await app.run_async()
        finally:
            ending.ended()

    asyncio.run(run())
    return app.return_code or 0
