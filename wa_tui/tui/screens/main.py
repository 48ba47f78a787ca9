"""The fleet: header, sessions, log, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal

from wa_tui.filters.sessions import with_cause
from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.intents import Ask, Go, Notify, ShowView, StartSession
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.header import GATEWAY, NEEDS
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.presenters.rows import emptiness
from wa_tui.tui.screens.main_parts import Selection, SessionFilter, SessionQuery
from wa_tui.tui.screens.session_screen import SessionScreen
from wa_tui.tui.session_actions import Aim
from wa_tui.tui.views import SESSIONS, NamedView, Place
from wa_tui.tui.widgets.footer import KeyBar, NoticeLine
from wa_tui.tui.widgets.grid import SessionGrid, order_beside
from wa_tui.tui.widgets.header import CauseSummary, FleetHeader
from wa_tui.tui.widgets.log_view import EventLog
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import ActionRequest, SessionKey

if TYPE_CHECKING:
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
        self.sessions = SessionQuery(place.gateway, order)
        self.grid = SessionGrid()
        self._selection = Selection(self.grid)
        self._logs_one = False
        self._room = Horizontal(id="sessions")
        self._filter = SessionFilter(
            self._room,
            self.sessions,
            monitor,
            changed=lambda: self.show_rows(at_once=True),
            warn=self._warn_of_filter,
        )
        self._heading = TitleLine()
        self._causes = CauseSummary()
        self._log = EventLog()

    def aim(self) -> Aim:
        """Return the session under the cursor and what is marked, as they were seen."""
        return self._selection.aim()

    @property
    def gateway_at_hand(self) -> str | None:
        """The gateway of the session under the cursor now, whether or not anybody has seen that yet."""
        key = self.grid.cursor_key
        return key[0] if key is not None else None

    def compose(self) -> ComposeResult:
        """Header, sessions, log, notice, keys."""
        yield FleetHeader(title=self.monitor.installation)
        with self._room:
            yield self._heading
        yield self._causes
        yield self.grid
        yield TitleLine(rule=True, id="log-title")
        yield self._log
        yield NoticeLine(self.monitor.called)
        yield KeyBar()

    def on_mount(self) -> None:
        """Paint what is known, nothing at first."""
        self.grid.on_outside = self.show_outside
        self.grid.wide = self.monitor.ui.wide
        self.sort_by(self.sessions.order, backwards=self.sessions.backwards)
        self.grid.key_names = self.monitor.key_names
        self.show_keys(Context.SESSION, Context.ACTION, Context.SESSIONS, Context.EVERYWHERE)
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
        state = self.monitor.state
        keys = self.sessions.rows(state)
        self.grid.show(state, keys, at_once=at_once)
        self._show_titles(len(keys))
        self._show_causes()

    def on_resize(self) -> None:
        """Tell what holds the sessions where there is no room for all that are in trouble."""
        # How many rows the grid has is known once it was laid out anew.
        self.call_after_refresh(self._show_causes)

    def _show_causes(self) -> None:
        if not self.grid.size.height:
            return  # not laid out yet: the number of rows is not known
        state = self.monitor.state
        counts, chosen = state.causes(state.now, self.sessions.gateway), self.sessions.filter.cause
        self._causes.show(counts, state.gateways, state.now, chosen=chosen, rows=self.grid.page)
        self.offer_keys()

    def offered(self, keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the keys of the key bar: causes are gone through where they are told."""
        name = self.key_names.get("sessions.cause")
        return [key for key in keys if self._causes.display or key[0] != name]

    def _show_marks(self) -> None:
        """Show which are marked, and how many."""
        self.grid.repaint()
        self._show_titles(len(self.grid.keys))

    def _show_titles(self, shown: int) -> None:
        total, marked = len(self.monitor.state.sessions), len(self.grid.marks)
        said = self.sessions.said(self.monitor.state, self.monitor.clock(), self.monitor.key("view.back"))
        count = str(total) if shown == total else f"{shown} of {total}"
        marks = [f"◆ {marked} marked"] if marked else []
        self._heading.show("Sessions", "   ".join([count, *marks, *said]))
        self.grid.say(self._note())

    def _note(self) -> str:
        """Why the grid has no rows, should it have none."""
        state, where = self.monitor.state, self.monitor.where
        if state.daemon is None:
            lost = state.lost_reason
            if lost and state.other_version:
                return lost
            return f"waiting for {where}: {lost}" if lost else f"connecting to {where} …"
        if state.sessions and (missing := self.sessions.missing()) is not None:
            return self.hint(*missing)
        return emptiness(state) or self.hint("no sessions yet", "sessions.new", "starts one")

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
        self._selection.mark()
        self._show_marks()

    def action_mark_range(self) -> None:
        """Mark from the session marked last to the one under the cursor."""
        self._selection.mark_range()
        self._show_marks()

    def action_invert_marks(self) -> None:
        """Mark the rows that are not marked, and no longer those that are."""
        self._selection.invert()
        self._show_marks()

    def action_clear_marks(self) -> None:
        """Mark none."""
        self._selection.clear()
        self._show_marks()

    def go_up(self) -> bool:
        """Take off the filter, else the marks, else what was chosen to be shown, else what hides the rest."""
        if self._filter.is_open:
            self.run_worker(self.show_filter(""), group="filter")
        elif self.grid.marks:
            self.action_clear_marks()
        elif not self._show_all():
            if not self.has_class("-full"):
                return False
            self.action_full()
        return True

    # The order

    def sort_by(self, order: Order, *, backwards: bool = False) -> None:
        """Sort the rows."""
        self.sessions.order, self.sessions.backwards = order, backwards
        self.grid.sort_by(order, backwards=backwards)
        self.show_rows(at_once=True)

    def action_sort(self, column: str) -> None:
        """Sort by a column; again reverses."""
        self._sort_or_reverse(ORDERS[column])

    def action_sort_beside(self, step: int) -> None:
        """Sort by the column to the right (1) or left (-1)."""
        self.sort_by(order_beside(self.grid.slots, self.sessions.order, step))

    def on_session_grid_title_clicked(self, event: SessionGrid.TitleClicked) -> None:
        """A click on a title sorts by it; again reverses."""
        self._sort_or_reverse(event.order)

    def _sort_or_reverse(self, order: Order) -> None:
        again = order is self.sessions.order
        self.sort_by(order, backwards=again and not self.sessions.backwards)

    # Named views

    async def show_view(self, view: NamedView) -> None:
        """Show what a named view does, and nothing else that was chosen before."""
        self.sessions.only_trouble = view.trouble
        self.grid.columns = view.columns
        self.sort_by(view.order, backwards=view.backwards)
        await self.show_filter(view.filter)
        self.sessions.since = view.since
        self.show_rows(at_once=True)

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
        self.sessions.gateway = place.gateway
        self.show_rows(at_once=is_other)

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
        self.sessions.only_trouble = not self.sessions.only_trouble
        self.show_rows(at_once=True)

    async def on_fleet_header_clicked(self, event: FleetHeader.Clicked) -> None:
        """A click in the header shows what it counts; again shows all."""
        leads, name = event.leads, event.leads.removeprefix(GATEWAY)
        if leads == NEEDS:
            self.post(Go(Place(NEEDS)))
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
        await self._filter.edit()

    async def show_filter(self, text: str) -> None:
        """Filter by a text, as if it had been typed."""
        self.grid.focus()
        await self._filter.show(text)

    def _warn_of_filter(self, text: str | None) -> None:
        self.post(Notify(Notice(text, "warn") if text is not None else None))

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        """Show what matches so far."""
        self._filter.apply(event.text)

    async def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Back to the sessions, unless a word is unfinished; an empty filter goes away."""
        if self._filter.is_finished():
            self.grid.focus()
            if not event.text.strip():
                await self._filter.close()

    async def action_cause(self) -> None:
        """Show the sessions of the first cause of trouble, of the one after the shown one, and after the last all."""
        following, shown = self.sessions.next_cause(self.monitor.state), self.sessions.filter.cause
        if following is None and shown is None:
            self.say("no session is in trouble")
        else:
            await self.show_filter(with_cause(self.sessions.filter.text, following))

    async def on_cause_summary_chosen(self, event: CauseSummary.Chosen) -> None:
        """Show the sessions of the cause that was clicked; again shows all."""
        cause = event.cause if event.cause is not self.sessions.filter.cause else None
        await self.show_filter(with_cause(self.sessions.filter.text, cause))

    def _show_all(self) -> bool:
        """Show all again instead of trouble, else of one gateway, and tell whether there was such a choice."""
        if self.sessions.only_trouble:
            self.action_only_trouble()
        elif self.sessions.gateway is not None:
            self.arrive(Place(SESSIONS))
        else:
            return False
        return True
