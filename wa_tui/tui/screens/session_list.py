"""The rows of sessions, and what stands above them: the title with the filter's line, and the summary by cause."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal

from wa_tui.filters.sessions import with_cause
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.rows import emptiness
from wa_tui.tui.screens.main_parts import Selection, SessionFilter, SessionQuery
from wa_tui.tui.views import NamedView
from wa_tui.tui.widgets.grid import SessionGrid, order_beside
from wa_tui.tui.widgets.header import CauseSummary
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import Cause, SessionKey


class SessionList:
    """The sessions that a person chose to see, in widgets that a screen composes.

    ``hint`` adds the key that helps to a text, ``warn`` says what is wrong with a filter, ``None`` that nothing is any
    more; ``summed`` is called whenever the summary may have come or gone.
    """

    def __init__(
        self,
        monitor: Monitor,
        gateway: str | None,
        order: tuple[Order, bool],
        *,
        hint: Callable[[str, str, str], str],
        warn: Callable[[str | None], None],
        summed: Callable[[], None],
    ) -> None:
        self.query = SessionQuery(gateway, order)
        self.grid = SessionGrid()
        self.selection = Selection(self.grid)
        self._monitor = monitor
        self._hint = hint
        self._summed = summed
        self._room = Horizontal(id="sessions")
        self._heading = TitleLine()
        self._causes = CauseSummary()
        self.filter = SessionFilter(
            self._room, self.query, monitor, changed=lambda: self.show_rows(at_once=True), warn=warn
        )

    def compose(self) -> ComposeResult:
        """Title, summary, rows."""
        with self._room:
            yield self._heading
        yield self._causes
        yield self.grid

    def begin(self) -> None:
        """Show the columns and the order of the beginning; the widgets are mounted."""
        self.grid.wide = self._monitor.ui.wide
        self.grid.key_names = self._monitor.key_names
        self.sort_by(self.query.order, backwards=self.query.backwards)

    # What is shown

    def show(self, changed: set[SessionKey]) -> None:
        """Bring all of it up to date; only the rows that changed are painted."""
        self.grid.marks.keep(self._monitor.state.sessions)
        self.show_rows()
        self.grid.update_rows(changed)

    def show_rows(self, *, at_once: bool = False) -> None:
        """Show the rows; those a person has just asked for do not wait until the keys rest."""
        state = self._monitor.state
        keys = self.query.rows(state)
        self.grid.show(state, keys, at_once=at_once)
        self._entitle(len(keys))
        self.show_summary()

    def show_summary(self) -> None:
        """Show what holds sessions in trouble, where there is no room for all of them."""
        if not self.grid.size.height:
            return  # not laid out yet: the number of rows is not known
        state = self._monitor.state
        counts, chosen = state.causes(state.now, self.query.gateway), self.query.filter.cause
        self._causes.show(counts, state.gateways, state.now, chosen=chosen, rows=self.grid.page)
        self._summed()

    @property
    def is_summed(self) -> bool:
        """Whether the summary is there."""
        return bool(self._causes.display)

    def _entitle(self, shown: int) -> None:
        monitor = self._monitor
        total, marked = len(monitor.state.sessions), len(self.grid.marks)
        said = self.query.said(monitor.state, monitor.clock(), monitor.key("view.back"))
        count = str(total) if shown == total else f"{shown} of {total}"
        marks = [f"◆ {marked} marked"] if marked else []
        self._heading.show("Sessions", "   ".join([count, *marks, *said]))
        self.grid.say(self._note())

    def _note(self) -> str:
        """Why the grid has no rows, should it have none."""
        state, where = self._monitor.state, self._monitor.where
        if state.daemon is None:
            lost = state.lost_reason
            if lost and state.other_version:
                return lost
            return f"waiting for {where}: {lost}" if lost else f"connecting to {where} …"
        if state.sessions and (missing := self.query.missing()) is not None:
            return self._hint(*missing)
        return emptiness(state) or self._hint("no sessions yet", "sessions.new", "starts one")

    # What a person chooses

    def show_marks(self) -> None:
        """Show which sessions are marked, and how many."""
        self.grid.repaint()
        self._entitle(len(self.grid.keys))

    def sort_by(self, order: Order, *, backwards: bool = False) -> None:
        """Sort the rows."""
        self.query.order, self.query.backwards = order, backwards
        self.grid.sort_by(order, backwards=backwards)
        self.show_rows(at_once=True)

    def sort_or_reverse(self, order: Order) -> None:
        """Sort the rows; by the order that they have, the other way round."""
        again = order is self.query.order
        self.sort_by(order, backwards=again and not self.query.backwards)

    def sort_beside(self, step: int) -> None:
        """Sort by the column to the right (1) or left (-1)."""
        self.sort_by(order_beside(self.grid.slots, self.query.order, step))

    async def show_view(self, view: NamedView) -> None:
        """Show what a named view does, and nothing else that was chosen before."""
        self.query.only_trouble = view.trouble
        self.grid.columns = view.columns
        self.sort_by(view.order, backwards=view.backwards)
        await self.show_filter(view.filter)
        self.query.since = view.since
        self.show_rows(at_once=True)

    def show_gateway(self, gateway: str | None, *, at_once: bool) -> None:
        """Show the sessions of one gateway, or of all."""
        self.query.gateway = gateway
        self.show_rows(at_once=at_once)

    def show_trouble(self, only: bool) -> None:
        """Show only sessions in trouble, or all."""
        self.query.only_trouble = only
        self.show_rows(at_once=True)

    async def show_filter(self, text: str) -> None:
        """Filter by a text, as if it had been typed."""
        self.grid.focus()
        await self.filter.show(text)

    async def show_cause(self, cause: Cause | None) -> None:
        """Show the sessions of one cause alone, besides what else is filtered by; ``None``: of any."""
        await self.show_filter(with_cause(self.query.filter.text, cause))
