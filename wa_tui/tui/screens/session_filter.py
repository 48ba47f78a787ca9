"""The line that the sessions are filtered by: typed into, or put there by a click, a command or a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.widget import Widget

from wa_tui.filters.sessions import parse
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.session_query import SessionQuery

if TYPE_CHECKING:
    from wa_tui.tui.widgets.fields import FilterLine


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
        self._warn = warn

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
        elif before.problem is not None:
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

    def _warn_of_unfinished(self) -> None:
        if self._query.filter.unfinished is not None:
            self._warn(self._query.filter.unfinished)

    async def _line(self, text: str) -> FilterLine:
        # What is typed into is imported when somebody types: the first frame does without it.
        from wa_tui.tui.widgets.fields import FilterLine

        for line in self._room.query(FilterLine):
            return line
        line = FilterLine(text)
        await self._room.mount(line)
        return line
