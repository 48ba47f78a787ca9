"""The log screen's parts: the line that a person types into, and the time that they went to."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from textual.containers import Horizontal

from wa_tui.keys.table import KeyNames
from wa_tui.tui.log import Reader, place_of
from wa_tui.tui.presenters.times import when
from wa_tui.tui.widgets.fields import FilterLine
from wa_tui.tui.widgets.log_view import LogView
from wa_tui.wire import EventView


class Prompt(StrEnum):
    """The purpose of the line; the value stands before the field."""

    SEARCH = "/"
    FILTER = "filter"
    TIME = "go to"


# What a terminal of 80 cells leaves for them beside the title.
_PLACEHOLDERS = {
    Prompt.SEARCH: "what to look for",
    Prompt.FILTER: "word !word source:heal level:trouble",
    Prompt.TIME: "12:40, Sun 12:40, 2d 12:40, 15m, 3 Nov",
}


class LogPrompt:
    """One line in ``title``, which goes once that is typed; the line tells the screen what is typed."""

    def __init__(self, title: Horizontal) -> None:
        self._title = title
        self.asks_for: Prompt | None = None
        """``None`` while there is no line."""

    async def open(self, prompt: Prompt, text: str) -> None:
        """Ask for something, with a text to go on from; a search begins anew."""
        await self.close()
        self.asks_for = prompt
        line = FilterLine(text, _PLACEHOLDERS[prompt], sign=prompt)
        await self._title.mount(line)
        line.edit(anew=prompt is Prompt.SEARCH)

    async def close(self) -> None:
        """Take the line away."""
        self.asks_for = None
        await self._title.query(FilterLine).remove()


_GAP = timedelta(minutes=1)
"""What happened within this of a time that was gone to happened then."""


class LogCursor:
    """Goes to times in what ``reader`` has read, and ``view`` shows."""

    def __init__(self, reader: Reader, view: LogView) -> None:
        self._reader = reader
        self._view = view
        self._gone: tuple[datetime | None, EventView | None] = (None, None)
        """The time that the person went to last, and the first event in view there: a gap has none to count from."""

    def step(self, hours: int, now: datetime) -> datetime:
        """Return the time so many hours on from the one that the person went to last, else from the first in view."""
        gone, first = self._gone
        if gone is None or first != self._first:
            gone = self._first.at if self._first is not None else now
        at = gone + timedelta(hours=hours)
        self._gone = (at, self._first)
        return at

    @property
    def _first(self) -> EventView | None:
        """The first event in view."""
        return self._view.events[self._view.top[0]] if self._view.events else None

    def go_to(self, at: datetime, now: datetime, now_shown: datetime, names: KeyNames) -> str | None:
        """Make what happened then the first in view; return what to say where nothing did, or nothing is kept.

        ``now_shown`` is the time of what is on the screen, which is before ``now`` while the screen is held.
        """
        record = self._reader.record
        note = None
        if record.whole and record.events and at < record.events[0].at:
            note, at = "nothing older is kept", record.events[0].at
        at = min(at, now)
        events = self._reader.shown(now_shown)
        index = place_of(events, at)
        self._view.go_to(index)
        self._gone = (at, self._first)
        if index == len(events) or events[index].at - at >= _GAP:
            return self._gap(at, events[index] if index < len(events) else None, now_shown, names)
        return note

    def _gap(self, at: datetime, following: EventView | None, now: datetime, names: KeyNames) -> str:
        since = self._reader.chosen.since
        if since is not None and at < since:
            return f"only the {self._reader.said[0]} is shown; {names['log.all']} shows all"
        if following is None:
            return f"nothing has happened since {when(at, now)}"
        return f"nothing happened at {when(at, now)}, the next was at {when(following.at, now)}"
