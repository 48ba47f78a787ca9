"""The handover, as `wa-tui report` prints it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.client import DaemonError
from wa_tui.keys.table import Context
from wa_tui.report import Report, make_report, markdown
from wa_tui.text.moments import past_moment
from wa_tui.tui.bindings import bindings
from wa_tui.tui.export import write_new
from wa_tui.tui.intents import Copy
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.times import at
from wa_tui.tui.screens.base import ViewScreen
from wa_tui.tui.style.pieces import broken_markdown
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.sheet import TextView
from wa_tui.wire import SessionKey

USUAL = "8h"
"""A shift."""


class ReportScreen(ViewScreen):
    """Made when it is opened, of the time and the gateway that its place names; it stays until it is made again."""

    AUTO_FOCUS = "TextView"
    BINDINGS = bindings(Context.REPORT)
    CONTEXTS = (Context.REPORT,)

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__(monitor, place or Place("report"))
        self._report: Report | None = None
        self._text = ""
        self._making = False

    def body(self) -> Iterable[Widget]:
        """Return the lines."""
        return (TextView(broken_markdown),)

    def on_mount(self) -> None:
        """Make the report."""
        super().on_mount()
        self.action_renew()

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """A report is of a time: what happens now changes nothing of it. One that waits for a daemon is made."""
        if self._report is None and not self._text and self.monitor.state.connected:
            self.action_renew()
        self._entitle()

    def action_renew(self) -> None:
        """Make it again, up to now."""
        if not self._making and self.monitor.daemon is not None:
            self._making = True
            self._entitle()
            self.run_worker(self._make(), group="report", exclusive=True)

    async def _make(self) -> None:
        monitor, daemon, place = self.monitor, self.monitor.daemon, self.place
        assert daemon is not None and place is not None
        try:
            # Read anew each time: `3h` ends now, not when the report was opened.
            since = past_moment(place.since or USUAL, monitor.clock())
            self._report = await make_report(daemon, since, gateway=place.gateway)
            self._text = markdown(self._report)
        except (DaemonError, ValueError) as error:
            self.say(f"the report was not made: {error}", "bad")
            self._text = self._text or f"{error}\n\n{self.key_names['report.renew']} tries again."
        finally:
            self._making = False
        self.query_one(TextView).show(self._text)
        self._entitle()

    def _entitle(self) -> None:
        place = self.place
        since = (place.since if place is not None else None) or USUAL
        gateway = f" · {place.gateway}" if place is not None and place.gateway else ""
        made = f" · made {at(self._report.made_at, self.monitor.clock())}" if self._report is not None else ""
        self.entitle("Handover", f"· {since}{gateway}{' · reading …' if self._making else made}")

    def action_save(self) -> None:
        """Save it as a new file."""
        if self._report is None:
            self.say("there is no report to save yet", "warn")
            return
        stem = f"wa-tui-report-{self._report.made_at.astimezone():%Y%m%dT%H%M%S}"
        try:
            path = write_new(self.monitor.pictures, stem, ".md", self._text)
        except OSError as error:
            self.say(f"the report was not saved: {error}", "bad")
        else:
            self.say(f"saved as {path}", "good")

    def action_copy(self) -> None:
        """Copy all of it."""
        self.post(Copy(self._text if self._report is not None else "", "report"))
