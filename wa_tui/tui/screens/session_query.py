"""Which sessions are shown: a filter, one gateway's, those in trouble; and in which order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from wa_tui.filters.sessions import Filter, parse, with_cause
from wa_tui.text.counts import many
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.fleet.columns import ORDERS
from wa_tui.tui.fleet.named import NamedView
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.presenters.header import GATEWAY, NEEDS
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.presenters.times import at
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.views import SESSIONS, Place
from wa_tui.tui.widgets.causes import CauseSummary
from wa_tui.tui.widgets.grid import SessionGrid, order_beside, sign
from wa_tui.tui.widgets.header import FleetHeader

if TYPE_CHECKING:
    from wa_tui.tui.widgets.filter_line import FilterLine


class Choosing(FleetScreen[None]):
    """A screen whose grid shows some of the sessions, in some order."""

    grid: SessionGrid
    _filter = Filter()
    _only_trouble = False
    _order = Order.TROUBLE
    _backwards = False
    _since: datetime | None = None
    """When the filter was left that came back."""

    def show_rows(self, *, at_once: bool = False) -> None:
        """Show the rows; those a person has just asked for do not wait until the keys rest."""
        raise NotImplementedError

    def rows(self) -> list[SessionKey]:
        """Return the sessions to show, in their order."""
        state = self.monitor.state
        chosen = self._filter.within(self.gateway, trouble=self._only_trouble)
        keys = state.rows(chosen, self._order, state.now)
        return keys[::-1] if self._backwards else keys

    @property
    def gateway(self) -> str | None:
        """The one gateway whose sessions are shown, ``None`` for all."""
        return self.place.gateway if self.place is not None else None

    @property
    def said(self) -> list[str]:
        """What was chosen to be shown, then the order, in words."""
        detail = f"{self._order}, reversed" if self._backwards else str(self._order)
        chosen = [f"on {self.gateway}"] if self.gateway is not None else []
        if self._only_trouble:
            chosen.append("only trouble")
        if self._since is not None:
            chosen.append(f"{self._hidden()}filter from {at(self._since, self.monitor.clock())}")
        return [*chosen, f"{detail} {sign(self._order, backwards=self._backwards)}"]

    def _hidden(self) -> str:
        """Return what the filter hides, and the key that ends that; first, since a narrow title is cut."""
        state = self.monitor.state
        hidden = set(state.rows(Filter().within(None, trouble=True), Order.TROUBLE, state.now)).difference(
            self.rows()
        )
        needing = sum(standing.calls for key in hidden if (standing := state.assessment(key, state.now)))
        told = f"hides {len(hidden)} in trouble" if hidden else ""
        if needing:
            told += f", {many(needing, 'needs', 'need')} you"
        return f"{told} · {self.monitor.key('view.back')} · " if told else ""

    @property
    def order(self) -> tuple[Order, bool]:
        """What the rows are sorted by, and whether backwards."""
        return self._order, self._backwards

    @property
    def selection(self) -> tuple[str, bool]:
        """The filter as it was typed, and whether only those in trouble are shown."""
        return self._filter.text, self._only_trouble

    @property
    def missing(self) -> str | None:
        """Why there may be no rows although there are sessions, and which key shows them."""
        if self._filter:
            return self.hint(f"no session matches {self._filter.text}", "view.back", "clears the filter")
        if self._only_trouble:
            return self.hint("no session is in trouble", "sessions.trouble", "shows all")
        if self.gateway is not None:
            return self.hint(f"no sessions on {self.gateway}", "sessions.gateway_0", "shows all gateways")
        return None

    # The order

    def sort_by(self, order: Order, *, backwards: bool = False) -> None:
        """Sort the rows."""
        self._order, self._backwards = order, backwards
        self.grid.sort_by(order, backwards=backwards)
        self.show_rows(at_once=True)

    def action_sort(self, column: str) -> None:
        """Sort by a column; again reverses."""
        self._sort_or_reverse(ORDERS[column])

    def action_sort_beside(self, step: int) -> None:
        """Sort by the column to the right (1) or left (-1)."""
        self.sort_by(order_beside(self.grid.slots, self._order, step))

    def on_session_grid_title_clicked(self, event: SessionGrid.TitleClicked) -> None:
        """A click on a title sorts by it; again reverses."""
        self._sort_or_reverse(event.order)

    def _sort_or_reverse(self, order: Order) -> None:
        self.sort_by(order, backwards=order is self._order and not self._backwards)

    # Named views

    async def show_view(self, view: NamedView) -> None:
        """Show what a named view does, and nothing else that was chosen before."""
        self._only_trouble = view.trouble
        self.grid.columns = view.columns
        self.sort_by(view.order, backwards=view.backwards)
        await self.show_filter(view.filter)
        self._since = view.since
        self.show_rows(at_once=True)

    def action_named_view(self) -> None:
        """Choose a named view by its digit."""
        from wa_tui.tui.screens.named import NamedViewsScreen

        views = self.monitor.views

        def chosen(view: NamedView | None) -> None:
            if view is not None:
                self.monitor.show_view(view)

        if views:
            self.app.push_screen(NamedViewsScreen(views), chosen)
        else:
            self.monitor.hint("no view has a name yet: [views.NAME] in the configuration gives one")

    # The gateway, and trouble

    def arrive(self, place: Place) -> None:
        """Show the sessions of a gateway, or of all."""
        is_other = place != self.place
        super().arrive(place)
        self.show_rows(at_once=is_other)

    def action_gateway(self, number: int) -> None:
        """Show the sessions of the gateway that stands there in the header; 0 for all."""
        names = list(self.monitor.state.gateways)
        if number > len(names):
            there = f"there {'is' if len(names) == 1 else 'are'} {len(names)}: {', '.join(names)}"
            self.monitor.say(Notice(f"there is no gateway {number}; {there}", "warn"))
        else:
            self.monitor.navigation.go(Place(SESSIONS, gateway=names[number - 1] if number else None))

    def action_only_trouble(self) -> None:
        """Show only sessions in trouble, or all."""
        self._only_trouble = not self._only_trouble
        self.show_rows(at_once=True)

    async def on_fleet_header_clicked(self, event: FleetHeader.Clicked) -> None:
        """A click in the header shows what it counts; again shows all."""
        leads, name = event.leads, event.leads.removeprefix(GATEWAY)
        if leads == NEEDS:
            self.monitor.navigation.go(Place(NEEDS))
        elif name != leads:
            self.monitor.navigation.go(Place(SESSIONS, gateway=None if name == self.gateway else name))
        else:
            shown = "" if leads == self._filter.text else leads
            self._only_trouble = False
            self.arrive(Place(SESSIONS))
            await self.show_filter(shown)

    # The filter

    async def action_filter(self) -> None:
        """Type a filter; the rows follow every letter."""
        (await self._line(self._filter.text)).edit()

    async def show_filter(self, text: str) -> None:
        """Filter by a text, as if it had been typed."""
        if not text.strip():
            await self.remove_filter()
            return
        self.grid.focus()
        (await self._line(text)).put(text)
        self.filter_by(text)
        if self._filter.unfinished is not None:
            self.monitor.say(Notice(self._filter.unfinished, "warn"))

    async def action_cause(self) -> None:
        """Show the sessions of the first cause of trouble, of the one after the shown one, and after the last all."""
        state, shown = self.monitor.state, self._filter.cause
        causes = [each.cause for each in state.causes(state.now, self.gateway).causes]
        if not causes and shown is None:
            self.monitor.hint("no session is in trouble")
            return
        at = causes.index(shown) + 1 if shown in causes else 0
        following = causes[at] if at < len(causes) else None
        await self.show_filter(with_cause(self._filter.text, following))

    async def on_cause_summary_chosen(self, event: CauseSummary.Chosen) -> None:
        """Show the sessions of the cause that was clicked; again shows all."""
        cause = event.cause if event.cause is not self._filter.cause else None
        await self.show_filter(with_cause(self._filter.text, cause))

    async def _line(self, text: str) -> FilterLine:
        from wa_tui.tui.widgets.filter_line import FilterLine

        for line in self.query(FilterLine):
            return line
        line = FilterLine(text)
        await self.query_one("#sessions").mount(line)
        return line

    def filter_by(self, text: str) -> None:
        """Show the sessions that match; what is wrong with a term is said."""
        if text.strip() != self._filter.text:
            self._since = None
        before, self._filter = self._filter, parse(text, self.monitor.state.gateways)
        if self._filter.problem is not None:
            self.monitor.say(Notice(self._filter.problem, "warn"))
        elif before.problem is not None:
            self.monitor.say(None)
        self.show_rows(at_once=True)

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        """Show what matches so far."""
        self.filter_by(event.text)

    async def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Back to the sessions, unless a word is unfinished; an empty filter goes away."""
        if self._filter.unfinished is not None:
            self.monitor.say(Notice(self._filter.unfinished, "warn"))
        elif event.text.strip():
            self.grid.focus()
        else:
            await self.remove_filter()

    async def remove_filter(self) -> None:
        """Show all again."""
        self.grid.focus()
        self.filter_by("")
        await self.query("FilterLine").remove()

    def drop_filter(self) -> bool:
        """Take the filter off, and tell whether there was one."""
        if not self.query("FilterLine"):
            return False
        self.run_worker(self.remove_filter(), group="filter")
        return True

    def drop_choice(self) -> bool:
        """Show all again instead of trouble, else of one gateway, and tell whether there was such a choice."""
        if self._only_trouble:
            self.action_only_trouble()
        elif self.gateway is not None:
            self.arrive(Place(SESSIONS))
        else:
            return False
        return True
