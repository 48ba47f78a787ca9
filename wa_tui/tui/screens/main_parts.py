"""What the main screen holds: which sessions it shows, the line a filter is typed into, and what a key is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual.widget import Widget

from wa_tui.filters.sessions import Filter, parse
from wa_tui.text.counts import many
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.times import at
from wa_tui.tui.session_actions import Aim, Targets
from wa_tui.tui.widgets.grid import SessionGrid, sign
from wa_tui.wire import Cause, SessionKey

if TYPE_CHECKING:
    # Its type alone: the line is imported when a person types.
    from wa_tui.tui.widgets.fields import FilterLine


class SessionQuery:
    """A person's choice of sessions: filter, gateway, only trouble, and the order, trouble first at the beginning."""

    def __init__(
        self, gateway: str | None = None, order: tuple[Order, bool] = (Order.TROUBLE, False)
    ) -> None:
        self.filter = Filter()
        self.gateway = gateway
        """The one gateway whose sessions are shown, ``None`` for all."""
        self.only_trouble = False
        self.order, self.backwards = order
        self.since: datetime | None = None
        """When the filter was left that came back."""

    def rows(self, state: FleetState) -> list[SessionKey]:
        """Return the sessions to show, in their order."""
        chosen = self.filter.within(self.gateway, trouble=self.only_trouble)
        keys = state.rows(chosen, self.order, state.now)
        return keys[::-1] if self.backwards else keys

    def filter_by(self, found: Filter) -> None:
        """Choose another filter."""
        if found.text != self.filter.text:
            self.since = None
        self.filter = found

    def said(self, state: FleetState, now: datetime, back: str) -> list[str]:
        """Say what was chosen to be shown, then the order; ``back`` is the key that takes the filter off."""
        detail = f"{self.order}, reversed" if self.backwards else str(self.order)
        chosen = [f"on {self.gateway}"] if self.gateway is not None else []
        if self.only_trouble:
            chosen.append("only trouble")
        if self.since is not None:
            chosen.append(f"{self._hidden(state, back)}filter from {at(self.since, now)}")
        return [*chosen, f"{detail} {sign(self.order, backwards=self.backwards)}"]

    def _hidden(self, state: FleetState, back: str) -> str:
        """Return what the filter hides, and the key that ends that; first, since a narrow title is cut."""
        troubled = state.rows(Filter().within(None, trouble=True), Order.TROUBLE, state.now)
        hidden = set(troubled).difference(self.rows(state))
        needing = sum(each.calls for key in hidden if (each := state.assessment(key, state.now)))
        note = f"hides {len(hidden)} in trouble" if hidden else ""
        if needing:
            note += f", {many(needing, 'needs', 'need')} you"
        return f"{note} · {back} · " if note else ""

    def missing(self) -> tuple[str, str, str] | None:
        """Say why there may be no rows although there are sessions, by which key they are shown, and what it does."""
        if self.filter:
            return f"no session matches {self.filter.text}", "view.back", "clears the filter"
        if self.only_trouble:
            return "no session is in trouble", "sessions.trouble", "shows all"
        if self.gateway is not None:
            return f"no sessions on {self.gateway}", "sessions.gateway_0", "shows all gateways"
        return None

    def next_cause(self, state: FleetState) -> Cause | None:
        """Return the first cause of trouble, the one after the shown one, and after the last ``None``."""
        shown = self.filter.cause
        causes = [each.cause for each in state.causes(state.now, self.gateway).causes]
        following = causes.index(shown) + 1 if shown in causes else 0
        return causes[following] if following < len(causes) else None


class SessionFilter:
    """A line in ``room``, while there is a filter; what is typed there is the filter of ``query``.

    ``changed`` is called when the rows are others, ``warn`` with what is wrong with a word, ``None`` when nothing is
    any more.
    """

    def __init__(
        self,
        room: Widget,
        query: SessionQuery,
        monitor: Monitor,
        *,
        changed: Callable[[], None],
        warn: Callable[[str | None], None],
    ) -> None:
        self._room = room
        self._query = query
        self._monitor = monitor
        self._changed = changed
        self._say = warn
        self._warned = False
        """Whether something is said to be wrong: it is taken back once that is typed no more."""

    @property
    def is_open(self) -> bool:
        """Whether the line is there."""
        return bool(self._room.query("FilterLine"))

    async def edit(self) -> None:
        """Have the keys go to the line."""
        (await self._line(self._query.filter.text)).edit()

    async def show(self, text: str) -> None:
        """Filter by a text, as if it had been typed; an empty one takes the filter off."""
        if not text.strip():
            await self.close()
            return
        (await self._line(text)).put(text)
        self.apply(text)
        self._warn_of_unfinished()

    def apply(self, text: str) -> None:
        """Show the sessions that match; what is wrong with a word is said."""
        before, found = self._query.filter, parse(text, self._monitor.state.gateways)
        self._query.filter_by(found)
        if found.problem is not None:
            self._warn(found.problem)
        elif self._warned and found.text != before.text:
            self._warn(None)
        self._changed()

    def is_finished(self) -> bool:
        """Tell whether no word may still be typed on; which one may is said."""
        self._warn_of_unfinished()
        return self._query.filter.unfinished is None

    async def close(self) -> None:
        """Show all again."""
        self.apply("")
        await self._room.query("FilterLine").remove()

    def _warn(self, text: str | None) -> None:
        self._warned = text is not None
        self._say(text)

    def _warn_of_unfinished(self) -> None:
        if self._query.filter.unfinished is not None:
            self._warn(self._query.filter.unfinished)

    async def _line(self, text: str) -> FilterLine:
        # Imported when a person types: the first frame does without it.
        from wa_tui.tui.widgets.fields import FilterLine

        for line in self._room.query(FilterLine):
            return line
        line = FilterLine(text)
        await self._room.mount(line)
        return line


class Selection:
    """What a person points at in a grid."""

    def __init__(self, grid: SessionGrid) -> None:
        self._grid = grid

    def aim(self) -> Aim:
        """Return the session under the cursor, as it was seen, and what an action is about."""
        key, doubt = self._grid.aimed_at, self._grid.doubt
        return Aim(key, targets=self._targets(key, doubt), doubt=doubt)

    def _targets(self, aimed_at: SessionKey | None, doubt: str) -> Targets:
        """Return the marked ones in the order of their rows, hidden ones last; else the one under the cursor."""
        keys = self._grid.marks.sorted_by(self._grid.keys)
        if not keys or keys == [aimed_at]:
            return Targets(() if aimed_at is None else (aimed_at,), doubt)
        shown = set(self._grid.keys)
        hidden = sum(key not in shown for key in keys)
        if not hidden and len(keys) > 1:
            return Targets(tuple(keys))
        warning = (
            f"{len(keys)} marked, {hidden} of them not shown."
            if hidden
            else "It is marked; the cursor is on another."
        )
        return Targets(tuple(keys), warning)

    def mark(self) -> None:
        """Mark the session under the cursor, or no longer."""
        if self._grid.aimed_at is not None:
            self._grid.marks.toggle(self._grid.aimed_at)

    def mark_range(self) -> None:
        """Mark from the session marked last to the one under the cursor."""
        if self._grid.aimed_at is not None:
            self._grid.marks.extend(self._grid.keys, self._grid.aimed_at)

    def invert(self) -> None:
        """Mark the rows that are not marked, and no longer those that are."""
        self._grid.marks.invert(self._grid.keys)

    def clear(self) -> None:
        """Mark none."""
        self._grid.marks.clear()
