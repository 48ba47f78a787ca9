"""No daemon could be found or started."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from wa_tui.client import DaemonError, DaemonGone
from wa_tui.keys.table import Context, bar
from wa_tui.text.cleaning import clean
from wa_tui.tui.bindings import bindings
from wa_tui.tui.intents import Connect
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.widgets.footer import KeyBar


class StoppedScreen(FleetScreen[None]):
    """Shows the last words of a daemon that could not start, and the next step."""

    BINDINGS = bindings(Context.STOPPED)
    CSS = """
    StoppedScreen VerticalScroll { padding: 1 3; }
    StoppedScreen .title { color: $error; text-style: bold; margin-bottom: 1; }
    StoppedScreen .log { background: $surface; color: $foreground; padding: 1 2; margin: 1 0; }
    StoppedScreen .start { color: $foreground; padding: 0 2; }
    StoppedScreen .quiet { color: $quiet; margin-top: 1; }
    """

    def __init__(self, monitor: Monitor, error: DaemonError) -> None:
        super().__init__(monitor)
        self._text = str(error)
        self._log = error.log if isinstance(error, DaemonGone) else ""
        self._start = error.start if isinstance(error, DaemonGone) else ""

    def compose(self) -> ComposeResult:
        """The error, the daemon's last lines, the ways out."""
        with VerticalScroll():
            yield Static("✖ no daemon", classes="title", markup=False)
            yield Static(clean(self._text), markup=False)
            if self._log.strip():
                lines = "\n".join(clean(line) for line in self._log.strip().splitlines())
                yield Static(lines, classes="log", markup=False)
            if self._start:
                yield Static("To start it where you see what it says:", classes="quiet", markup=False)
                yield Static(clean(self._start), classes="start", markup=False)
            yield Static("r tries again · q leaves", classes="quiet", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the keys."""
        self.query_one(KeyBar).show(bar(Context.STOPPED, Context.EVERYWHERE))

    def action_retry(self) -> None:
        """Try again to find or start one."""
        self.dismiss(None)
        self.post(Connect())
