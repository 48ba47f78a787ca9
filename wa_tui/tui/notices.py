"""What is said above the key bar of every open screen: what became of what was asked for, and who needs a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.timer import Timer

from wa_tui.tui.monitor import Monitor
from wa_tui.tui.notify import Burst, Caller
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.output.window import desktop_notice
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.widgets.footer import NoticeLine

NOTICE_SECONDS = 20.0
CALL_SECONDS = 60.0


class Notices:
    """Says, rings, and takes back what is over. ``spelled`` writes a text as the terminal can show it."""

    def __init__(self, app: FrugalApp[Any], monitor: Monitor, spelled: Callable[[str], str]) -> None:
        self.notice: Notice | None = None
        ui = monitor.ui
        self.caller = Caller(bell=ui.bell or ui.notify != "off", quiet_hours=ui.quiet_hours)
        self._app = app
        self._monitor = monitor
        self._spelled = spelled
        self._fading: Timer | None = None
        self._burst: Burst | None = None
        self._calling: Timer | None = None

    def say(self, notice: Notice | None) -> None:
        """Show a notice on every open screen; it fades by itself unless it is bad news."""
        self.notice = notice
        if self._fading is not None:
            self._fading.stop()
            self._fading = None
        if notice is not None and notice.level != "bad" and notice.final:
            self._fading = self._app.set_timer(NOTICE_SECONDS, lambda: self.say(None))
        for line in self._lines():
            line.show(notice)

    def hint(self, text: str) -> None:
        """Say something that is no news of the fleet."""
        self.say(Notice(text, "quiet"))

    def call(self, burst: Burst | None, whose: str) -> None:
        """Say who began to need a person, and ring, as ``whose`` monitor; what is over is not said any longer."""
        if burst is None:
            self._reconsider()
            return
        if burst.rings:
            self._ring(whose, burst.text)
        self._burst = burst
        self._show_call(burst.text)
        if self._calling is not None:
            self._calling.stop()
        self._calling = self._app.set_timer(CALL_SECONDS, lambda: self._show_call(""))

    def _ring(self, whose: str, text: str) -> None:
        ui = self._monitor.ui
        if ui.bell:
            self._app.bell()
        notice = desktop_notice(ui.notify, whose, self._spelled(text))
        if notice:
            self._app.write(notice)

    def _reconsider(self) -> None:
        if not self._monitor.called or self._burst is None:
            return
        standing = tuple(call for call in self._burst.calls if self.caller.stands(call))
        if standing != self._burst.calls:
            self._burst = Burst(standing, rings=False)
            self._show_call(self._burst.text if standing else "")

    def _show_call(self, text: str) -> None:
        self._monitor.called = text
        for line in self._lines():
            line.call(text)

    def _lines(self) -> list[NoticeLine]:
        return [line for screen in self._app.screen_stack for line in screen.query(NoticeLine)]
