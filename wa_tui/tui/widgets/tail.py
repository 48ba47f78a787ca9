"""Events, newest last: the view follows its end until the reader scrolls back, and then never moves under them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

from textual.message import Message

from wa_tui.tui.presenters import times
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.widgets.line_view import Groups, ScrollingView
from wa_tui.wire import EventView


class TailView(ScrollingView):
    """Base of the logs: an event takes a line, or as many as `height` says."""

    class FollowChanged(Message):
        """It follows its end again, or stopped because the reader scrolled back."""

        def __init__(self, following: bool) -> None:
            super().__init__()
            self.following = following

    class TopReached(Message):
        """Somebody reads back beyond the oldest event that is here."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.now = datetime.min
        self.time_room = times.SECONDS
        """Cells of a time: as many as the oldest that is shown needs."""
        self.iso_times = False
        self.autoscroll = True
        self.unseen = 0
        """Events that came in below the reader's place."""
        self._events: Sequence[EventView] = []
        self._starts: list[int] | None = None
        """The first line of each event and the end, where they take several lines."""
        self._following = True
        self._placing = False
        self._empty = "nothing has happened yet"

    def height(self, event: EventView) -> int:
        """Return how many lines an event takes."""
        return 1

    @property
    def is_tall(self) -> bool:
        """Whether an event may take more than a line."""
        return False

    def event_lines(self, index: int) -> Sequence[Pieces]:
        """Return the lines of an event, by its place among those shown."""
        raise NotImplementedError

    @property
    def following(self) -> bool:
        """Whether new events scroll into view."""
        return self._following

    @property
    def events(self) -> Sequence[EventView]:
        """What is shown, oldest first."""
        return self._events

    def say(self, text: str) -> None:
        """Say why there are no events, where there are none."""
        if text != self._empty:
            self._empty = text
            if not self._events:
                self.refresh()

    def show_events(self, events: Sequence[EventView], now: datetime, *, other: bool = False) -> None:
        """Show events, oldest first; what is being read back does not move, unless they are of something ``other``."""
        room = times.room(events[0].at, now) if events else times.SECONDS
        same, self.now, self.time_room = room == self.time_room, now, room
        if other:
            self.follow(True)
        if other or not same or _ends(events) != _ends(self._events):
            self._replace(events, measured=same)
        self.repaint()

    def relayout(self) -> None:
        """Measure all events anew."""
        self._replace(self._events, measured=False)
        self.refresh()

    def _replace(self, events: Sequence[EventView], *, measured: bool = True) -> None:
        # What the reader looks at stays where it is, by its event: lines before it may come, go or break anew.
        anchor = self.top if self._events else None
        old = self._events
        if not self._following and old:
            self.unseen += max(len(events) - bisect_right(events, old[-1].id, key=lambda event: event.id), 0)
        starts = self._measure(events, known=measured)
        self._events, self._starts = events, starts
        following, self._placing = self._following, True
        self.fit_to_lines()
        if following or anchor is None:
            self.scroll_to_line(self.line_count())
        else:
            self.scroll_to_line(self._start(_place(events, old[anchor[0]])) + anchor[1])
        self._placing = False
        self._see_end()
        if not events or not old:
            self.refresh()  # what is said where there are none

    def _measure(self, events: Sequence[EventView], *, known: bool) -> list[int] | None:
        """Return where each event begins; what is ``known`` of those shown is not measured again."""
        if not self.is_tall:
            return None
        heights: dict[int, int] = {}
        if known and self._starts is not None:
            starts = self._starts
            heights = {id(event): starts[at + 1] - starts[at] for at, event in enumerate(self._events)}
        return [0, *accumulate(heights.get(id(event)) or self.height(event) for event in events)]

    def _start(self, index: int) -> int:
        return index if self._starts is None else self._starts[index]

    def _found(self, line: int) -> tuple[int, int]:
        """Return the event of a line, and which of its lines that is."""
        if self._starts is None:
            return line, 0
        index = bisect_right(self._starts, line) - 1
        return index, line - self._starts[index]

    @property
    def top(self) -> tuple[int, int]:
        """The first event in view, and which of its lines is the first."""
        return self._found(min(self.scroll_offset.y, max(self.line_count() - 1, 0)))

    def reveal(self, index: int) -> None:
        """Bring an event into view, and stop following unless it is at the end."""
        start, top = self._start(index), self.scroll_offset.y
        if not top <= start < top + self.page:
            self.scroll_to_line(start - self.page // 3)

    def go_to(self, index: int) -> None:
        """Make an event the first in view."""
        self.scroll_to_line(self._start(min(index, len(self._events))))

    def follow(self, following: bool) -> None:
        """Start or stop following the end."""
        if following:
            self.unseen = 0
        if following != self._following:
            self._following = following
            self.post_message(self.FollowChanged(following))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow from the end, and stop when the reader scrolls back."""
        super().watch_scroll_y(old_value, new_value)
        if not self._placing:
            self._see_end()

    def _see_end(self) -> None:
        self.follow(self.autoscroll and self.scroll_y >= self.max_scroll_y)

    def scroll_by_lines(self, lines: int) -> None:
        """Scroll, and tell when there is nothing before."""
        super().scroll_by_lines(lines)
        if lines < 0 and self.scroll_offset.y == 0:
            self.post_message(self.TopReached())

    def action_scroll_end(self) -> None:
        super().action_scroll_end()
        self.follow(self.autoscroll)

    def on_resize(self) -> None:
        if self.is_tall:
            self.relayout()
        if self._following:
            self.scroll_to_line(self.line_count())

    def line_count(self) -> int:
        return len(self._events) if self._starts is None else self._starts[-1]

    def line(self, index: int) -> Groups:
        event, part = self._found(index)
        lines = self.event_lines(event)
        return (lines[part],) if part < len(lines) else ((Piece(""),),)

    def fixed(self, y: int) -> Pieces:
        return (Piece(f"  {self._empty}", Ink.QUIET),) if not self._events and y == 0 else ()


def _place(events: Sequence[EventView], event: EventView) -> int:
    """Return where an event is, or the first after it; lines of the Node service share an id with the one before."""
    start = bisect_left(events, event.id, key=lambda one: one.id)
    for index in range(start, len(events)):
        if events[index].id != event.id:
            break
        if events[index] == event:
            return index
    return start


def _ends(events: Sequence[EventView]) -> tuple[int, EventView | None, EventView | None]:
    return (len(events), events[0], events[-1]) if events else (0, None, None)
