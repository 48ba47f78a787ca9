"""The fleet: header, sessions, log, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.intents import Ask, Go, Notify, ShowView, StartSession
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.fleet_counts import NEEDS, TRAFFIC
from wa_tui.tui.presenters.header import GATEWAY
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.main_parts import SessionQuery
from wa_tui.tui.screens.session_list import SessionList
from wa_tui.tui.screens.session_screen import SessionScreen
from wa_tui.tui.session_actions import Aim
from wa_tui.tui.views import SESSIONS, NamedView, Place
from wa_tui.tui.widgets.footer import KeyBar, NoticeLine
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.header import CauseSummary, FleetHeader
from wa_tui.tui.widgets.log_view import EventLog
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import ActionRequest, SessionKey

if TYPE_CHECKING:
    # Its type alone: the line is imported when a person types.
    from wa_tui.tui.widgets.fields import FilterLine


class MainScreen(SessionScreen):
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

    def __init__(
        self,
        monitor: Monitor,
        place: Place | None = None,
        *,
        order: tuple[Order, bool] = (Order.TROUBLE, False),
    ) -> None:
        place = place or Place(SESSIONS)
        super().__init__(monitor, place)
        self._list = SessionList(
            monitor,
            place.gateway,
            order,
            hint=self.hint,
            warn=self._warn_of_filter,
            summed=self.offer_keys,
        )
        self._logs_one = False
        self._log = EventLog()

    @property
    def sessions(self) -> SessionQuery:
        """Which sessions are shown, and in which order."""
        return self._list.query

    @property
    def grid(self) -> SessionGrid:
        """The rows."""
        return self._list.grid

    def aim(self) -> Aim:
        """Return the session under the cursor and what is marked, as they were seen."""
        return self._list.selection.aim()

    @property
    def gateway_at_hand(self) -> str | None:
        """The gateway of the session under the cursor now, whether or not anybody has seen that yet."""
        key = self.grid.cursor_key
        return key[0] if key is not None else None

    def compose(self) -> ComposeResult:
        """Header, sessions, log, notice, keys."""
        yield FleetHeader(title=self.monitor.installation, messages=self.monitor.ui.header_messages)
        yield from self._list.compose()
        yield TitleLine(rule=True, id="log-title")
        yield self._log
        yield NoticeLine(self.monitor.called)
        yield KeyBar()

    def on_mount(self) -> None:
        """Paint what is known, nothing at first."""
        self.grid.on_outside = self.show_outside
        self._list.begin()
        self.show_keys(Context.SESSION, Context.ACTION, Context.SESSIONS, Context.EVERYWHERE)
        self.show_fleet(set())

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring header, rows and log up to date; only what changed is repainted."""
        state = self.monitor.state
        self.query_one(FleetHeader).show(state, state.now, read_only=self.monitor.read_only)
        self._list.show(changed)
        self._show_log()

    def on_resize(self) -> None:
        """Tell what holds the sessions where there is no room for all that are in trouble."""
        # How many rows the grid has is known once it was laid out anew.
        self.call_after_refresh(self._list.show_summary)

    def offered(self, keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the keys of the key bar: a key goes through the causes where the summary is."""
        name = self.key_names.get("sessions.cause")
        return [key for key in keys if self._list.is_summed or key[0] != name]

    def _show_log(self) -> None:
        key = self.grid.cursor_key if self._logs_one else None
        self._log.iso_times = self.monitor.iso_times
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
        self.post(Go(Place("details", event.key)))

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
        gateway = self.sessions.gateway
        request = ActionRequest(action="sync", gateway=gateway)
        self.post(Ask(request, f"of {gateway or 'all gateways'}", "sync"))

    def action_new(self) -> None:
        """Open the form for a new session; its QR code follows by itself."""
        key = self.aim().key
        self.post(StartSession(key and key[0]))

    # Marks

    def action_mark(self) -> None:
        """Mark the session under the cursor, or no longer."""
        self._list.selection.mark()
        self._list.show_marks()

    def action_mark_range(self) -> None:
        """Mark from the session marked last to the one under the cursor."""
        self._list.selection.mark_range()
        self._list.show_marks()

    def action_invert_marks(self) -> None:
        """Mark the rows that are not marked, and no longer those that are."""
        self._list.selection.invert()
        self._list.show_marks()

    def action_clear_marks(self) -> None:
        """Mark none."""
        self._list.selection.clear()
        self._list.show_marks()

    def go_up(self) -> bool:
        """Take off the filter, else the marks, else what was chosen to be shown, else what hides the rest."""
        if self._list.filter.is_open:
            self.run_worker(self.show_filter(""), group="filter")
        elif self.grid.marks:
            self.action_clear_marks()
        elif self.sessions.only_trouble:
            self._list.show_trouble(only=False)
        elif self.sessions.gateway is not None:
            self.arrive(Place(SESSIONS))
        elif self.has_class("-full"):
            self.action_full()
        else:
            return False
        return True

    # The order, and named views

    def sort_by(self, order: Order, *, backwards: bool = False) -> None:
        """Sort the rows."""
        self._list.sort_by(order, backwards=backwards)

    def action_sort(self, column: str) -> None:
        """Sort by a column; again reverses."""
        self._list.sort_or_reverse(ORDERS[column])

    def action_sort_beside(self, step: int) -> None:
        """Sort by the column to the right (1) or left (-1)."""
        self._list.sort_beside(step)

    def on_session_grid_title_clicked(self, event: SessionGrid.TitleClicked) -> None:
        """A click on a title sorts by it; again reverses."""
        self._list.sort_or_reverse(event.order)

    async def show_view(self, view: NamedView) -> None:
        """Show what a named view does, and nothing else that was chosen before."""
        await self._list.show_view(view)

    def action_named_view(self) -> None:
        """Choose a named view by its digit."""
        from wa_tui.tui.screens.questions import NamedViewsScreen

        views = self.monitor.views

        def chosen(view: NamedView | None) -> None:
            if view is not None:
                self.post(ShowView(view))

        if views:
            self.app.push_screen(NamedViewsScreen(self.monitor, views), chosen)
        else:
            self.say("no view has a name yet: [views.NAME] in the configuration gives one")

    # The gateway, and trouble

    def arrive(self, place: Place) -> None:
        """Show the sessions of a gateway, or of all."""
        is_other = place != self.place
        super().arrive(place)
        self._list.show_gateway(place.gateway, at_once=is_other)

    def action_gateway(self, number: int) -> None:
        """Show the sessions of the gateway that stands there in the header; 0 for all."""
        names = list(self.monitor.state.gateways)
        if number > len(names):
            there = f"there {'is' if len(names) == 1 else 'are'} {len(names)}: {', '.join(names)}"
            self.say(f"there is no gateway {number}; {there}", "warn")
        else:
            self.post(Go(Place(SESSIONS, gateway=names[number - 1] if number else None)))

    def action_only_trouble(self) -> None:
        """Show only sessions in trouble, or all."""
        self._list.show_trouble(only=not self.sessions.only_trouble)

    async def on_fleet_header_clicked(self, event: FleetHeader.Clicked) -> None:
        """A click in the header shows what it counts; again shows all."""
        leads, name = event.leads, event.leads.removeprefix(GATEWAY)
        if leads in (NEEDS, TRAFFIC):
            self.post(Go(Place(leads)))
        elif name != leads:
            self.post(Go(Place(SESSIONS, gateway=None if name == self.sessions.gateway else name)))
        else:
            shown = "" if leads == self.sessions.filter.text else leads
            self.sessions.only_trouble = False
            self.arrive(Place(SESSIONS))
            await self.show_filter(shown)

    # The filter

    async def action_filter(self) -> None:
        """Type a filter; the rows follow every letter."""
        await self._list.filter.edit()

    async def show_filter(self, text: str) -> None:
        """Filter by a text, as if it had been typed."""
        await self._list.show_filter(text)

    def _warn_of_filter(self, text: str | None) -> None:
        self.post(Notify(Notice(text, "warn") if text is not None else None))

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        """Show what matches so far."""
        self._list.filter.apply(event.text)

    async def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Back to the sessions, unless a word is unfinished; an empty filter goes away."""
        if self._list.filter.is_finished():
            self.grid.focus()
            if not event.text.strip():
                await self._list.filter.close()

    async def action_cause(self) -> None:
        """Show the sessions of the first cause of trouble, of the one after the shown one, and after the last all."""
        following, shown = self.sessions.next_cause(self.monitor.state), self.sessions.filter.cause
        if following is None and shown is None:
            self.say("no session is in trouble")
        else:
            await self._list.show_cause(following)

    async def on_cause_summary_chosen(self, event: CauseSummary.Chosen) -> None:
        """Show the sessions of the cause that was clicked; again shows all."""
        await self._list.show_cause(event.cause if event.cause is not self.sessions.filter.cause else None)
