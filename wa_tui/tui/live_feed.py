"""Takes in the daemon's messages, and brings them onto the open screens a few times a second."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from wa_tui.client import DaemonError, Disconnected, Incompatible
from wa_tui.system import garbage
from wa_tui.tui.feed import Connect, Pacer
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.notices import Notices
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.presenters.header import watched, window_title
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.presenters.times import at
from wa_tui.tui.requests import Requests
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.wire import LiveMessage, SessionKey, Snapshot


class LiveFeed:
    """Follows the daemon that ``connect`` finds or starts; ``entitle`` gets what the terminal's window is to say.

    ``begun`` is called at every snapshot, the first among them.
    """

    def __init__(
        self,
        app: FrugalApp[Any],
        monitor: Monitor,
        connect: Connect,
        *,
        requests: Requests,
        notices: Notices,
        entitle: Callable[[str], None],
        begun: Callable[[], None],
        interval_s: float,
    ) -> None:
        self._app = app
        self._monitor = monitor
        self._connect = connect
        self._requests = requests
        self._notices = notices
        self._entitle = entitle
        self._begun = begun
        self._differed = False
        """Whether a daemon of another version answered since the connection was lost: the usual upgrade stops the old
        one and starts a new one, so that it was both, another one and gone."""
        self._pacer = Pacer(self.paint, interval_s, lambda: app.is_clear)

    def start(self) -> None:
        """Find the daemon and follow it, for as long as the app runs."""
        self._app.run_worker(self._follow(), group="feed", exclusive=True)

    async def stop(self) -> None:
        """Let go of the daemon."""
        self._pacer.stop()
        if self._monitor.daemon is not None:
            await self._monitor.daemon.close()

    def touch(self) -> None:
        """Something changed: paint now or soon."""
        self._pacer.touch()

    def resume(self) -> None:
        """The terminal has taken what was sent: paint what came in meanwhile."""
        self._pacer.resume()

    def paint_every_minute(self) -> None:
        """Paint whenever a minute begins: ages and times are shown to the minute."""
        now = self._monitor.clock()
        self._app.set_timer(60 - now.second - now.microsecond / 1e6, self._on_minute)

    def _on_minute(self) -> None:
        self.paint_every_minute()
        self.paint()

    async def _follow(self) -> None:
        try:
            self._monitor.daemon = daemon = await self._connect()
        except DaemonError as error:
            # Imported where there is no daemon: all other starts do without it.
            from wa_tui.tui.screens.stopped import StoppedScreen

            await self._app.push_screen(StoppedScreen(self._monitor, error))
            return
        async for message in daemon.follow():
            if isinstance(message, Disconnected):
                other = isinstance(message.error, Incompatible)
                self._differed |= other
                self._monitor.live.lose(message.reason, other_version=other)
                self._notices.say(Notice(message.reason, "bad"))
            else:
                self._apply(message)
            self._pacer.touch()

    def _apply(self, message: LiveMessage) -> None:
        monitor = self._monitor
        # Ages are counted by the daemon's clock: that of this machine may be another, as over --attach.
        monitor.clock.hear(message.now)
        lost_at, connected = monitor.live.lost_at, monitor.live.connected
        if isinstance(message, Snapshot):
            # A fleet is no garbage: for the collector to look through 10,000 sessions takes 0.1 s,
            # during which keys wait. Until they are on the screen it does not look at all.
            garbage.begin()
            self._app.call_after_refresh(garbage.freeze)
        if monitor.held is not None:
            monitor.held.apply(message)
        else:
            monitor.state.apply(message)
        # At once: of many that end between two frames not all are kept.
        self._requests.apply({receipt.id: receipt for receipt in message.receipts})
        if lost_at is not None:
            since = at(lost_at, monitor.clock())
            back = f"the daemon is back; it was gone since {since}"
            if self._differed:
                back = f"the daemon speaks this version now; nothing was known of it since {since}"
            self._differed = False
            self._notices.say(Notice(back, "good"))
        if isinstance(message, Snapshot):
            self._begun()
        if not connected and monitor.daemon is not None:
            # An action that ended while nobody listened would be under way on the screen for ever.
            recovering = self._requests.recover(monitor.daemon, monitor.live.receipts)
            self._app.run_worker(recovering, group="recover")

    def paint(self, changed_before: Collection[SessionKey] = ()) -> None:
        """Bring every open screen up to date, in one frame; one that is held says so, and no more."""
        if self._app.is_leaving:
            return
        monitor, notices = self._monitor, self._notices
        changed = monitor.live.drain()
        self._requests.apply(monitor.live.receipts)
        burst = notices.caller.look(monitor.live, changed, monitor.clock(), shown=self._code_shown())
        notices.call(burst, watched(monitor.live, monitor.installation))
        self._entitle(window_title(monitor.live, monitor.installation, monitor.live.now))
        changed.update(changed_before)
        held = monitor.held
        if held is not None:
            held.changed |= changed
        screens = [screen for screen in self._app.screen_stack if isinstance(screen, FleetScreen)]
        with self._app.batch_update():
            for screen in screens:
                if screen.is_mounted:
                    screen.offer_keys()
                screen.hold(held.caption if held is not None else "")
                if held is None and screen.is_mounted:
                    screen.show_fleet(changed)

    def _code_shown(self) -> SessionKey | None:
        """The session whose QR code is on the screen: it need not call."""
        screen = self._app.screen
        place = screen.place if isinstance(screen, FleetScreen) else None
        return place.key if place is not None and place.view == "qr" else None
