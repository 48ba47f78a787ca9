"""Going to a time in the log, also to one at which nothing happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from wa_tui.tui.log.reader import Reader, place_of
from wa_tui.tui.presenters.times import when
from wa_tui.tui.screens.log_typing import LogTyping
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.log_view import LogView
from wa_tui.wire import EventView

_GAP = timedelta(minutes=1)
"""What happened within this of a time that was gone to happened then."""


class LogGoing(LogTyping):
    """A log that can be gone through by its times."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._reader = Reader(place.key, place.gateway)
        self._log = LogView()
        self._gone: tuple[datetime | None, EventView | None] = (None, None)
        """Where somebody went to last, and what was the first in view there: a gap has no event to count from."""

    def _show(self) -> None:
        """Show what is wanted of the log."""
        raise NotImplementedError

    async def _reach_back(self, to: datetime | None) -> None:
        """Fetch what was before, back to an instant."""
        raise NotImplementedError

    def action_hours(self, step: int) -> None:
        """Go so many hours on, or back, from where somebody went to last, else from the first in view."""
        gone, first = self._gone
        if gone is None or first != self._first:
            gone = self._first.at if self._first is not None else self.monitor.clock()
        at = gone + timedelta(hours=step)
        self._gone = (at, self._first)
        self.run_worker(self.go_to(at), group="older", exclusive=True)

    @property
    def _first(self) -> EventView | None:
        """The first event in view."""
        return self._log.events[self._log.top[0]] if self._log.events else None

    async def go_to(self, at: datetime) -> None:
        """Make what happened then the first in view, and say so where nothing did."""
        await self._reach_back(at)
        self._show()
        at = self._within(at)
        events = self._reader.shown(self.monitor.state.now)
        index = place_of(events, at)
        self._log.go_to(index)
        self._gone = (at, self._first)
        if index == len(events) or events[index].at - at >= _GAP:
            self._tell_gap(at, events[index] if index < len(events) else None)

    def _within(self, at: datetime) -> datetime:
        """Return an instant, or the nearest to it that can be gone to."""
        record, now = self._reader.record, self.monitor.clock()
        if record.whole and record.events and at < record.events[0].at:
            self.monitor.hint("nothing older is kept")
            return record.events[0].at
        return min(at, now)

    def _tell_gap(self, at: datetime, following: EventView | None) -> None:
        now, since = self.monitor.state.now, self._reader.chosen.since
        if since is not None and at < since:
            shown = self._reader.said[0]
            self.monitor.hint(f"only the {shown} is shown; {self.key_names['log.all']} shows all")
        elif following is None:
            self.monitor.hint(f"nothing has happened since {when(at, now)}")
        else:
            told = f"nothing happened at {when(at, now)}, the next was at {when(following.at, now)}"
            self.monitor.hint(told)
