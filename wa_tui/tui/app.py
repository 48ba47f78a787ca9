"""The monitor: an app that shows a daemon's fleet and passes on what a person asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from textual import events
from textual.timer import Timer

from wa_tui.client import DaemonClock, DaemonError, Disconnected
from wa_tui.config import Ui
from wa_tui.tui import garbage
from wa_tui.tui.appearance import Appearance
from wa_tui.tui.feed import Connect, Daemon, Pacer
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.fleet.named import NamedView
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.hands import Hands
from wa_tui.tui.keys import Context, Keymap, bindings, named
from wa_tui.tui.presenters.header import watched, window_title
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.presenters.times import at
from wa_tui.tui.remembered import Remembered, Resume
from wa_tui.tui.requests import OnUpdate, Requests
from wa_tui.tui.resuming import Resuming
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.typing import Keyboard
from wa_tui.tui.widgets.notice import NoticeLine
from wa_tui.wire import ActionRequest, LiveMessage, Snapshot, utc_now
from wa_tui.wire.risk import Risk

NOTICE_SECONDS = 20.0
_UI = Ui()
_ANEW = Resume()
_FOR_SCREENS = (events.InputEvent, events.Paste, events.Resize, events.AppBlur, events.AppFocus)


class WaTuiApp(Hands, Appearance, inherit_bindings=False):
    """The monitor; paints its first frame before it connects to anything.

    ``connect`` finds or starts the daemon, ``where`` names it while nothing is known of it, ``title`` names the
    installation; ``clock`` gives the current instant until the daemon does; QR pictures are saved into ``pictures``;
    data reaches the screen every ``interval_s`` seconds at most, else as ``ui`` says, which is how all looks;
    ``views`` have names; it begins as ``resume`` says.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = bindings(Context.EVERYWHERE)
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-low"), (30, "-tall")]  # noqa: RUF012  # Textual declares it otherwise

    def __init__(
        self,
        connect: Connect,
        *,
        read_only: bool = False,
        title: str = "",
        where: str = "the daemon",
        clock: Callable[[], datetime] = utc_now,
        pictures: Path | None = None,
        interval_s: float | None = None,
        ui: Ui = _UI,
        keymap: Keymap | None = None,
        views: Sequence[NamedView] = (),
        resume: Resume = _ANEW,
        **options: Any,
    ) -> None:
        super().__init__(ui=ui, **options)
        self.keymap: Keymap = keymap or {}
        self.views = tuple(views)
        self.resuming = Resuming(self, resume)
        self.clock = DaemonClock(clock)
        self.state = FleetState(self.clock)
        self.installation = title
        self.where = where
        self.pictures = pictures or Path.cwd()
        self.daemon: Daemon | None = None
        self.requests = Requests()
        self.notice: Notice | None = None
        self._connect = connect
        self._read_only = read_only
        interval_s = ui.interval if interval_s is None else interval_s
        self._pacer = Pacer(self.paint, interval_s, lambda: self.is_clear)
        self._fading: Timer | None = None
        self._keyboard = Keyboard(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        """Hand keys on one at a time, everything else as it comes; while the app closes no screen is there for it."""
        if isinstance(event, _FOR_SCREENS) and self.is_leaving:
            return
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._keyboard.pass_on(event)
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
        self.set_keymap({id: named(keys) for id, keys in self.keymap.items()})
        self.call_after_refresh(self.connect)
        self.call_after_refresh(garbage.freeze)
        self.run_worker(self.name_window(), group="window")
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
                self.live.lose(message.reason)
                self.say(Notice(message.reason, "bad"))
            else:
                self._apply(daemon, message)
            self._pacer.touch()

    def _apply(self, daemon: Daemon, message: LiveMessage) -> None:
        self.clock.hear(message.now)
        lost_at, connected = self.live.lost_at, self.live.connected
        if self.held is not None:
            self.held.apply(message)
        else:
            self.state.apply(message)
        # At once: of many that end between two frames not all are kept.
        self.requests.apply({receipt.id: receipt for receipt in message.receipts})
        if lost_at is not None:
            self.say(Notice(f"the daemon is back; it was gone since {at(lost_at, self.clock())}", "good"))
        if isinstance(message, Snapshot):
            self.call_after_refresh(garbage.freeze)
            self.resuming.begin()
        if not connected:
            self.run_worker(self.requests.recover(daemon, self.live.receipts), group="recover")

    def exit(self, *arguments: Any, **options: Any) -> None:
        """Leave, and note what was shown."""
        if not self.is_leaving:
            self.resuming.leave()
        super().exit(*arguments, **options)

    def touch(self) -> None:
        """Something changed: paint now or soon."""
        self._pacer.touch()

    def drained(self) -> None:
        """The terminal has taken what was sent: paint what came in meanwhile."""
        self._pacer.resume()

    def paint(self, changed_before: Collection[SessionKey] = ()) -> None:
        """Bring every open screen up to date, in one frame; one that is held says so, and no more."""
        if self.is_leaving:
            return
        changed = self.live.drain()
        self.requests.apply(self.live.receipts)
        burst = self.caller.look(self.live, changed, self.clock(), shown=self._code_shown())
        self.announce(burst, watched(self.live, self.installation))
        self.entitle(window_title(self.live, self.installation, self.live.now))
        changed.update(changed_before)
        if self.held is not None:
            self.held.changed |= changed
        screens = [screen for screen in self.screen_stack if isinstance(screen, FleetScreen)]
        with self.batch_update():
            for screen in screens:
                if screen.is_mounted:
                    screen.offer_keys()
                screen.hold(self.held.caption if self.held is not None else "")
                if self.held is None and screen.is_mounted:
                    screen.show_fleet(changed)

    def _code_shown(self) -> SessionKey | None:
        """The session whose QR code somebody looks at: it need not call."""
        screen = self.screen
        place = screen.place if isinstance(screen, FleetScreen) else None
        return place.key if place is not None and place.view == "qr" else None

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

    def refuses(self, what: str, gateway: str | None = None, risk: Risk = Risk.GATEWAY) -> bool:
        """Say that an action cannot be asked for now, of this gateway or at all, and why; tell whether that is so."""
        known = self.live.gateways.get(gateway) if gateway is not None else None
        if self.read_only and risk is not Risk.SAFE:
            whose = (
                "this monitor was started with --read-only" if self._read_only else "the daemon is read-only"
            )
            self.say(Notice(f"refused, {whose}: {what}", "bad"))
        elif known is not None and known.read_only and risk is Risk.GATEWAY:
            self.say(Notice(f"refused, gateway {known.name} is read-only: {what}", "bad"))
        elif self.daemon is None or not self.live.connected:
            reason = self.live.lost_reason or f"not connected to {self.where} yet"
            self.say(Notice(f"not asked for, {reason}: {what}", "bad"))
        else:
            return False
        return True

    def ask(self, request: ActionRequest, subject: str, on_update: OnUpdate | None = None) -> None:
        """Ask the daemon for an action on ``subject``; what becomes of it is told to ``told``, or said."""
        if self.daemon is not None:
            self.run_worker(
                self.requests.ask(self.daemon, request, subject, on_update or self.say), group="requests"
            )

    def call(self, key: SessionKey) -> str:
        """What a person calls a session: its instance name and gateway."""
        return f"{self.state.label(key)} on {key[0]}"

    async def action_quit(self) -> None:
        """Leave; without a daemon that is a failure."""
        from wa_tui.tui.screens.stopped import StoppedScreen

        self.exit(return_code=1 if isinstance(self.screen, StoppedScreen) else 0)


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

    Returns the exit code: 0, or 1 when it failed. The terminal is restored in every case; ``keep`` is then told what
    was shown.
    """
    import asyncio

    from wa_tui.tui.terminal import Driver, Ending

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
