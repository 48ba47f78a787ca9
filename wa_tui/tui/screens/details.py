"""One session: its facts and its timeline."""

from __future__ import annotations

from collections import deque

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from wa_tui.client import DaemonError
from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.fleet.state import MAX_EVENTS, FleetState
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.requests import Notice
from wa_tui.tui.screens.acting import ActingScreen
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.log import EventLog
from wa_tui.tui.widgets.notice import NoticeLine
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.tui.words.facts import content, facts
from wa_tui.wire import EventView

_TIMELINE = 200


class DetailsScreen(ActingScreen):
    """Everything that is known of one session, and what happened to it."""

    AUTO_FOCUS = "EventLog"
    BINDINGS = bindings(Context.DETAILS)
    DEFAULT_CSS = """
    DetailsScreen #facts { height: auto; padding: 1 2; }
    DetailsScreen EventLog { height: 1fr; min-height: 4; }
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        assert place.key is not None
        self._key = place.key
        self._past: list[EventView] = []
        self._whole = FleetState()
        self._newest = -1
        self._shown = Content("")

    def compose(self) -> ComposeResult:
        """Facts, timeline, keys."""
        yield TitleLine(rule=True, id="name")
        yield Static("", id="facts", markup=False)
        yield TitleLine(rule=True, id="log-title")
        yield EventLog()
        yield NoticeLine()
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is known and fetch what happened before this monitor came."""
        self.show_keys(Context.VIEW, Context.SESSION, Context.DETAILS, Context.EVERYWHERE)
        self.run_worker(self._fetch_past())

    def on_resize(self) -> None:
        """Lay the facts out anew."""
        self.show_fleet({self._key})

    def chosen(self) -> Key | None:
        """The session that is shown."""
        return self._key if self._key in self.monitor.state.sessions else None

    def show_fleet(self, changed: set[Key]) -> None:
        """Bring facts and timeline up to date; a deleted session keeps its timeline."""
        state = self.monitor.state
        session = state.sessions.get(self._key)
        name = (session and session.instance_name) or self._key[1]
        self.query_one("#name", TitleLine).show(name, f"· {self._key[0]} · {self._key[1]}")
        if session is None:
            shown = Content("This session was deleted.")
        else:
            shown = content(
                facts(session, state, iso_times=self.monitor.iso_times),
                self.size.width - 4,
                self.monitor.palette,
            )
        if shown != self._shown:
            self._shown = shown
            self.query_one("#facts", Static).update(shown)
        self.query_one(EventLog).show(self._timeline(), self._key)
        self.title_log("Timeline", name)

    def on_event_log_follow_changed(self) -> None:
        """Say so in the timeline's title."""
        self.show_fleet(set())

    def _timeline(self) -> FleetState:
        """The fleet with this session's older events added; merged anew only when events came in."""
        state = self.monitor.state
        if not self._past:
            return state
        newest = state.events[-1].id if state.events else 0
        if newest != self._newest:
            self._newest = newest
            merged = {event.id: event for event in (*self._past, *state.events)}
            self._whole.events = deque((merged[id] for id in sorted(merged)), maxlen=MAX_EVENTS)
        return self._whole

    async def _fetch_past(self) -> None:
        daemon = self.monitor.daemon
        if daemon is None or not self.monitor.state.connected:
            return
        gateway, session_id = self._key
        try:
            self._past = await daemon.events(gateway=gateway, session_id=session_id, limit=_TIMELINE)
        except DaemonError as error:
            self.monitor.say(Notice(f"older events could not be read: {error}", "warn"))
        else:
            self.show_fleet({self._key})
