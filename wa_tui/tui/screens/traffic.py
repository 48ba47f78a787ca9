"""How many messages go through the sessions: the busiest, the silent, and those whose sending fails."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widget import Widget

from wa_tui.keys.table import Context
from wa_tui.text.columns import Column
from wa_tui.text.counts import many
from wa_tui.text.traffic import sum_words
from wa_tui.tui.bindings import bindings
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.intents import Go, Notify
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.base import ViewScreen
from wa_tui.tui.screens.main_parts import Selection, SessionFilter, SessionQuery
from wa_tui.tui.screens.session_screen import SessionScreen
from wa_tui.tui.session_actions import Aim
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.title import PartsLine
from wa_tui.wire import SessionKey, SessionView, hour_sum

if TYPE_CHECKING:
    # Its type alone: the line is imported when a person types.
    from wa_tui.tui.widgets.fields import FilterLine


class Part(StrEnum):
    """Which sessions are shown; the value is what the line of parts calls them."""

    BUSIEST = "Busiest"
    SILENT = "Silent"
    FAILING = "Failing"


_PARTS = tuple(Part)
_NUMBERS = (
    *(Column.STATUS, Column.INSTANCE, Column.RECEIVED, Column.SENT, Column.FAILED, Column.LAST),
    *(Column.ACKED, Column.DELIVERED, Column.TRAFFIC, Column.GATEWAY),
)
"""What a narrow terminal has no room for is last."""
_COLUMNS = {
    Part.BUSIEST: _NUMBERS,
    Part.SILENT: (Column.STATUS, Column.INSTANCE, Column.LAST, Column.GATEWAY),
    Part.FAILING: _NUMBERS,
}
_ORDERS = {Part.BUSIEST: Order.HOUR, Part.SILENT: Order.LAST, Part.FAILING: Order.FAILED}
_NOBODY = {
    Part.BUSIEST: "no gateway tells how many messages go through its sessions",
    Part.SILENT: "no session is silent against its habit",
    Part.FAILING: "nothing failed in the last hour",
}


class TrafficScreen(ViewScreen, SessionScreen):
    """Sessions by what goes through them; the keys of a session work on the one under the cursor."""

    AUTO_FOCUS = "SessionGrid"
    CONTEXTS = (Context.TRAFFIC, Context.SESSION, Context.ACTION)
    BINDINGS = bindings(Context.TRAFFIC)
    DEFAULT_CSS = "TrafficScreen #parts { height: 1; } TrafficScreen PartsLine { width: 1fr; }"

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__(monitor, place or Place("traffic"))
        self._part = Part.BUSIEST
        self._query = SessionQuery()
        self._line = PartsLine()
        self._room = Horizontal(self._line, id="parts")
        self._grid = SessionGrid()
        self._selection = Selection(self._grid)
        self._filter = SessionFilter(
            self._room, self._query, monitor, changed=self._show_at_once, warn=self._warn
        )

    def body(self) -> Iterable[Widget]:
        """Return the parts' names, and the rows."""
        return (self._room, self._grid)

    def on_mount(self) -> None:
        """Begin with the busiest."""
        self._grid.key_names = self.monitor.key_names
        self._choose(Part.BUSIEST)

    def aim(self) -> Aim:
        """Return the session under the cursor, as it was seen."""
        return self._selection.aim()

    @property
    def gateway_at_hand(self) -> str | None:
        """The gateway of the session that the cursor is on now."""
        key = self._grid.cursor_key
        return key[0] if key is not None else None

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring the rows up to date."""
        self._show_rows()
        self._grid.update_rows(changed)

    def _show_at_once(self) -> None:
        self._show_rows(at_once=True)

    def _show_rows(self, *, at_once: bool = False) -> None:
        state = self.monitor.state
        self._query.order = _ORDERS[self._part]
        admitted = self._query.rows(state)
        found = _shown(self._part, [state.sessions[key] for key in admitted])
        self._grid.show(state, [session.key for session in found], at_once=at_once)
        self._grid.say(f"{_NOBODY[self._part]}{' that the filter admits' if self._query.filter else ''}")
        self._line.show(_PARTS, _PARTS.index(self._part), str(len(found)))
        told = hour_sum(traffic for key in admitted if (traffic := state.sessions[key].traffic) is not None)
        said = (told and sum_words(told)) or "nothing is told"
        self.entitle("Traffic", f"· {many(len(admitted), 'session')}, in the last hour: {said}")

    def on_session_grid_highlighted(self) -> None:
        """What is offered follows the cursor."""
        self.offer_keys()

    def on_session_grid_selected(self, event: SessionGrid.Selected) -> None:
        """A double click opens the details."""
        self.post(Go(Place("details", event.key)))

    # Parts

    def _choose(self, part: Part) -> None:
        self._part = part
        self._grid.columns = _COLUMNS[part]
        self._grid.sort_by(_ORDERS[part], backwards=False)
        self._show_at_once()

    def action_part(self, number: int) -> None:
        """Show a part, by its number from 1."""
        self._choose(_PARTS[number - 1])

    def action_next_part(self) -> None:
        """Show the next part."""
        self._choose(_PARTS[(_PARTS.index(self._part) + 1) % len(_PARTS)])

    def action_previous_part(self) -> None:
        """Show the part before."""
        self._choose(_PARTS[_PARTS.index(self._part) - 1])

    def on_parts_line_clicked(self, event: PartsLine.Clicked) -> None:
        """Show the part whose name was clicked."""
        self.action_part(event.part + 1)

    # The filter

    async def action_filter(self) -> None:
        """Type a filter; the rows follow every letter."""
        await self._filter.edit()

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        """Show what matches so far."""
        self._filter.apply(event.text)

    async def on_filter_line_done(self, event: FilterLine.Done) -> None:
        """Back to the rows, unless a word is unfinished; an empty filter goes away."""
        if self._filter.is_finished():
            self._grid.focus()
            if not event.text.strip():
                await self._filter.close()

    def go_up(self) -> bool:
        """Take off the filter."""
        if self._filter.is_open:
            self.run_worker(self._filter.close(), group="filter")
            self._grid.focus()
            return True
        return False

    def _warn(self, text: str | None) -> None:
        self.post(Notify(Notice(text, "warn") if text is not None else None))


def _shown(part: Part, sessions: list[SessionView]) -> list[SessionView]:
    """Return those of a part, of sessions in its order; the silent in the order in which they fell silent."""
    match part:
        case Part.SILENT:
            silent = [(since, each.key) for each in sessions if (since := each.silent_since) is not None]
            known = {each.key: each for each in sessions}
            return [known[key] for _, key in sorted(silent)]
        case Part.FAILING:
            return list(takewhile(lambda each: each.traffic is not None and each.traffic.failed, sessions))
    return [each for each in sessions if each.traffic is not None]
