"""The fleet: header, sessions, log, keys."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from wa_tui.tui.fleet.filters import Filter, parse
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.keys import Context, bar, bindings
from wa_tui.tui.screens.acting import ActingScreen
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.header import FleetHeader
from wa_tui.tui.widgets.log import EventLog
from wa_tui.tui.widgets.notice import NoticeLine
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import ActionRequest


class MainScreen(ActingScreen):
    """Every session, trouble first; the grid has the focus."""

    AUTO_FOCUS = "SessionGrid"
    BINDINGS = bindings(Context.SESSIONS)
    DEFAULT_CSS = """
    MainScreen SessionGrid { height: 1fr; }
    MainScreen #sessions { height: 1; }
    MainScreen.-tall #sessions, MainScreen.-tall #log-title { margin-top: 1; }
    MainScreen EventLog { height: 25%; min-height: 4; max-height: 12; }
    MainScreen.-tiny EventLog, MainScreen.-tiny #log-title { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._filter = Filter()
        self._order = Order.TROUBLE
        self._logs_one = False
        self._heading = TitleLine()
        self._grid = SessionGrid()
        self._log = EventLog()

    def compose(self) -> ComposeResult:
        """Header, sessions, log, notice, keys."""
        yield FleetHeader(title=self.monitor.installation)
        with Horizontal(id="sessions"):
            yield self._heading
        yield self._grid
        yield TitleLine(rule=True, id="log-title")
        yield self._log
        yield NoticeLine()
        yield KeyBar()

    def on_mount(self) -> None:
        """Paint what is known, nothing at first."""
        self.query_one(KeyBar).show(bar(Context.SESSIONS, Context.EVERYWHERE))
        self.show_fleet(set())

    def show_fleet(self, changed: set[Key]) -> None:
        """Bring header, rows and log up to date; only what changed is repainted."""
        state = self.monitor.state
        self.query_one(FleetHeader).show(state, state.now)
        self._show_rows()
        self._grid.update_rows(changed)
        self._show_log()

    def _show_rows(self, *, at_once: bool = False) -> None:
        """Show the rows; those a person has just asked for do not wait until the keys rest."""
        state = self.monitor.state
        keys = state.rows(self._filter, self._order, state.now)
        self._grid.show(state, keys, at_once=at_once)
        self._show_titles(len(keys))

    def chosen(self) -> Key | None:
        """The session under the cursor."""
        return self._grid.cursor_key

    def _show_titles(self, shown: int) -> None:
        total = len(self.monitor.state.sessions)
        count = str(total) if shown == total else f"{shown} of {total}"
        self._heading.show("Sessions", f"{count}   {self._order} ▾")
        self._grid.say(self._note())

    def _note(self) -> str:
        """Why the grid has no rows, should it have none."""
        state, where = self.monitor.state, self.monitor.where
        if state.daemon is None:
            return (
                f"waiting for {where}: {state.lost_reason}"
                if state.lost_reason
                else f"connecting to {where} …"
            )
        if self._filter:
            return f"no session matches {self._filter.text} · esc clears the filter"
        gateways = state.gateways.values()
        silent = not any(gateway.state in ("up", "slow", "unknown") for gateway in gateways)
        if gateways and silent and not state.daemon.runs_node:
            first = next(iter(gateways))
            return (
                f"{first.name} ({first.url}): {first.words or first.state} · start its service, or wa-tui up"
            )
        return "no sessions yet · n starts one"

    def _show_log(self) -> None:
        key = self.chosen() if self._logs_one else None
        self._log.show(self.monitor.state, key)
        self.title_log("Log", "all sessions" if key is None else self.monitor.call(key))

    def on_event_log_follow_changed(self) -> None:
        """Say so in the log's title."""
        self._show_log()

    def on_descendant_focus(self) -> None:
        """Light the title of what the keys go to."""
        self._show_log()

    def on_session_grid_highlighted(self) -> None:
        """The log of one session follows the cursor."""
        if self._logs_one:
            self._show_log()

    def on_session_grid_selected(self, event: SessionGrid.Selected) -> None:
        """Enter and double click open the details."""
        self._open_details(event.key)

    def action_details(self) -> None:
        """Open the details of the session under the cursor."""
        key = self.chosen()
        if key is not None:
            self._open_details(key)

    def _open_details(self, key: Key) -> None:
        from wa_tui.tui.screens.details import DetailsScreen

        self.app.push_screen(DetailsScreen(key, self.monitor.clock))

    def action_toggle_log(self) -> None:
        """Log of the session under the cursor, or of the fleet."""
        self._logs_one = not self._logs_one
        self._show_log()

    def action_sync(self) -> None:
        """Check every session of every gateway now."""
        if not self.monitor.refuses("sync"):
            self.monitor.ask(ActionRequest(action="sync"), "of all gateways")

    def action_new(self) -> None:
        """Open the form for a new session; its QR code follows by itself."""
        if self.monitor.refuses("new session"):
            return
        from wa_tui.tui.screens.new_session import NewSessionScreen
        from wa_tui.tui.screens.qr import QrScreen

        def started(key: Key | None) -> None:
            if key is not None:
                self.app.push_screen(QrScreen(key))

        chosen = self.chosen()
        gateways = list(self.monitor.state.gateways)
        self.app.push_screen(NewSessionScreen(gateways, chosen and chosen[0]), started)

    def action_sort(self) -> None:
        """Go on to the next order."""
        orders = list(Order)
        self._order = orders[(orders.index(self._order) + 1) % len(orders)]
        self._show_rows(at_once=True)

    async def action_filter(self) -> None:
        """Type a filter; the rows follow every letter."""
        from wa_tui.tui.widgets.filter_line import FilterLine

        lines = self.query(FilterLine)
        if not lines:
            await self.query_one("#sessions").mount(FilterLine())
        self.query_one(FilterLine).edit()

    def filter_by(self, text: str) -> None:
        """Show the sessions that match."""
        self._filter = parse(text)
        self._show_rows(at_once=True)

    async def action_clear(self) -> None:
        """Clear the filter; without one, the notice."""
        from wa_tui.tui.widgets.filter_line import FilterLine

        lines = self.query(FilterLine)
        if lines:
            await lines.remove()
            self.filter_by("")
            self._grid.focus()
        else:
            self.monitor.say(None)
