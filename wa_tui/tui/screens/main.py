"""The fleet: header, sessions, log, keys."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.presenters.rows import emptiness
from wa_tui.tui.screens.selection import Marking
from wa_tui.tui.screens.session_query import Choosing
from wa_tui.tui.views import SESSIONS, Place
from wa_tui.tui.widgets.causes import CauseSummary
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.header import FleetHeader
from wa_tui.tui.widgets.log_view import EventLog
from wa_tui.tui.widgets.notice import NoticeLine
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import ActionRequest
from wa_tui.wire.risk import Risk


class MainScreen(Choosing, Marking):
    """Every session, trouble first; the grid has the focus."""

    AUTO_FOCUS = "SessionGrid"
    BINDINGS = bindings(Context.SESSIONS, Context.MARKS, Context.ORDER)
    DEFAULT_CSS = """
    MainScreen SessionGrid { height: 1fr; }
    MainScreen #sessions { height: 1; }
    MainScreen.-tall #sessions, MainScreen.-tall #log-title { margin-top: 1; }
    MainScreen EventLog { height: 25%; min-height: 4; max-height: 12; }
    MainScreen.-tiny EventLog, MainScreen.-tiny #log-title { display: none; }
    MainScreen.-full EventLog, MainScreen.-full #log-title, MainScreen.-full FleetHeader { display: none; }
    MainScreen.-full #sessions { margin-top: 0; }
    """

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place or Place(SESSIONS))
        self._logs_one = False
        self._heading = TitleLine()
        self._causes = CauseSummary()
        self.grid = SessionGrid()
        self._log = EventLog()

    def compose(self) -> ComposeResult:
        """Header, sessions, log, notice, keys."""
        yield FleetHeader(title=self.monitor.installation)
        with Horizontal(id="sessions"):
            yield self._heading
        yield self._causes
        yield self.grid
        yield TitleLine(rule=True, id="log-title")
        yield self._log
        yield NoticeLine()
        yield KeyBar()

    def on_mount(self) -> None:
        """Paint what is known, nothing at first."""
        self.grid.on_outside = self.show_outside
        self.grid.wide = self.monitor.ui.wide
        order, backwards = self.monitor.resuming.order
        self.sort_by(order, backwards=backwards)
        self.grid.key_names = self.monitor.key_names
        self.show_keys(Context.SESSION, Context.DEED, Context.SESSIONS, Context.EVERYWHERE)
        self.show_fleet(set())

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring header, rows and log up to date; only what changed is repainted."""
        state = self.monitor.state
        self.query_one(FleetHeader).show(state, state.now, read_only=self.monitor.read_only)
        self.grid.marks.keep(state.sessions)
        self.show_rows()
        self.grid.update_rows(changed)
        self._show_log()

    def show_rows(self, *, at_once: bool = False) -> None:
        """Show the rows; those a person has just asked for do not wait until the keys rest."""
        keys = self.rows()
        self.grid.show(self.monitor.state, keys, at_once=at_once)
        self._show_titles(len(keys))
        self._show_causes()

    def on_resize(self) -> None:
        """Tell what holds the sessions where there is no room for all that are in trouble."""
        self.call_after_refresh(self._show_causes)

    def _show_causes(self) -> None:
        if not self.grid.size.height:
            return  # nobody knows yet how many rows there are
        state = self.monitor.state
        counts, chosen = state.causes(state.now, self.gateway), self._filter.cause
        self._causes.show(counts, state.gateways, state.now, chosen=chosen, rows=self.grid.page)
        self.offer_keys()

    def offered(self, keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the keys of the key bar: causes are gone through where they are told."""
        name = self.key_names.get("sessions.cause")
        return [key for key in keys if self._causes.display or key[0] != name]

    def show_marks(self) -> None:
        """Show which are marked, and how many."""
        self.grid.repaint()
        self._show_titles(len(self.grid.keys))

    def _show_titles(self, shown: int) -> None:
        total, marked = len(self.monitor.state.sessions), len(self.grid.marks)
        count = str(total) if shown == total else f"{shown} of {total}"
        marks = [f"◆ {marked} marked"] if marked else []
        self._heading.show("Sessions", "   ".join([count, *marks, *self.said]))
        self.grid.say(self._note())

    def _note(self) -> str:
        """Why the grid has no rows, should it have none."""
        state, where = self.monitor.state, self.monitor.where
        if state.daemon is None:
            lost = state.lost_reason
            return f"waiting for {where}: {lost}" if lost else f"connecting to {where} …"
        if state.sessions and (missing := self.missing):
            return missing
        return emptiness(state) or self.hint("no sessions yet", "sessions.new", "starts one")

    def _show_log(self) -> None:
        key = self.under_cursor() if self._logs_one else None
        self._log.show(self.monitor.state, key)
        self.title_log("Log", "all sessions" if key is None else self.monitor.call(key))

    def on_tail_view_follow_changed(self) -> None:
        """Say so in the log's title."""
        self._show_log()

    def on_descendant_focus(self) -> None:
        """Light the title of what the keys go to."""
        self._show_log()

    def on_session_grid_highlighted(self) -> None:
        """The log of one session and what is offered follow the cursor."""
        self.offer_keys()
        if self._logs_one:
            self._show_log()

    def on_session_grid_selected(self, event: SessionGrid.Selected) -> None:
        """Double click opens the details."""
        self.monitor.navigation.go(Place("details", event.key))

    def action_toggle_log(self) -> None:
        """Log of the session under the cursor, or of the fleet."""
        self._logs_one = not self._logs_one
        self._show_log()

    def action_wide(self) -> None:
        """More columns, or fewer."""
        self.grid.wide = not self.grid.wide

    def action_full(self) -> None:
        """The sessions alone, or with all around them."""
        self.toggle_class("-full")

    def action_sync(self) -> None:
        """Check every session now, of the gateway that is shown or of all."""
        gateway = self.gateway
        if not self.monitor.refuses("sync", gateway, Risk.SAFE):
            request = ActionRequest(action="sync", gateway=gateway)
            self.monitor.ask(request, f"of {gateway or 'all gateways'}")

    def action_new(self) -> None:
        """Open the form for a new session; its QR code follows by itself."""
        if self.monitor.refuses("new session"):
            return
        from wa_tui.tui.screens.new_session import NewSessionScreen

        def started(key: SessionKey | None) -> None:
            if key is not None:
                self.monitor.navigation.go(Place("qr", key))

        chosen = self.chosen()
        known = self.monitor.state.gateways.values()
        gateways = [one.name for one in known if not one.read_only] or [one.name for one in known]
        self.app.push_screen(NewSessionScreen(gateways, chosen and chosen[0]), started)

    def go_up(self) -> bool:
        """Take off the filter, else the marks, else what was chosen to be shown, else what hides the rest."""
        if self.drop_filter():
            return True
        if self.grid.marks:
            self.action_clear_marks()
        elif not self.drop_choice():
            if not self.has_class("-full"):
                return False
            self.action_full()
        return True
