"""The log of events."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from wa_tui.tui.fleet.state import FleetState, Key
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.look.palette import Ink
from wa_tui.tui.look.pieces import Piece, Pieces
from wa_tui.tui.widgets.line_view import Groups, LineView
from wa_tui.tui.words.event_line import event_line
from wa_tui.tui.words.times import is_iso
from wa_tui.wire import EventView


class EventLog(LineView):
    """The events of the fleet or of one session, newest last; follows them until somebody scrolls back."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Context.LOG))
    DEFAULT_CSS = "EventLog { height: 10; }"

    class FollowChanged(Message):
        """The log follows its end again, or stopped because somebody reads back."""

        def __init__(self, following: bool) -> None:
            super().__init__()
            self.following = following

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._events: list[EventView] = []
        self._key: Key | None = None
        self._now = datetime.min
        self._following = True

    @property
    def following(self) -> bool:
        """Whether new events scroll into view."""
        return self._following

    def show(self, state: FleetState, session_key: Key | None) -> None:
        """Show the events of one session, or of the fleet; what is being read back does not move."""
        self._now = state.now
        other = session_key != self._key
        self._key = session_key
        if session_key is None:
            shown = list(state.events)
        else:
            shown = [event for event in state.events if (event.gateway, event.session_id) == session_key]
        if other:
            self._follow(True)
        if other or _ends(shown) != _ends(self._events):
            self._replace(shown)
        self.repaint()

    def _replace(self, shown: list[EventView]) -> None:
        top = self.scroll_offset.y
        if shown:
            # Old events leave at the top: what is read back keeps its lines.
            top -= _left(self._events, shown[0])
        self._events = shown
        self.fit_to_lines()
        self.scroll_to_line(len(shown) if self._following else top)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow from the end, and stop when somebody scrolls back."""
        super().watch_scroll_y(old_value, new_value)
        self._follow(new_value >= self.max_scroll_y)

    def _follow(self, following: bool) -> None:
        if following != self._following:
            self._following = following
            self.post_message(self.FollowChanged(following))

    def action_page_up(self) -> None:
        """Go back by a page."""
        self.scroll_by_lines(-self.page)

    def action_page_down(self) -> None:
        """Go on by a page."""
        self.scroll_by_lines(self.page)

    def action_scroll_up(self) -> None:
        """Go back by a line."""
        self.scroll_by_lines(-1)

    def action_scroll_down(self) -> None:
        """Go on by a line."""
        self.scroll_by_lines(1)

    def action_scroll_home(self) -> None:
        """Go to the oldest."""
        self.scroll_to_line(0)

    def action_scroll_end(self) -> None:
        """Go to the newest, and follow."""
        self.scroll_to_line(len(self._events))

    def on_resize(self) -> None:
        """Stay at the end, if that is where it was."""
        if self._following:
            self.scroll_to_line(len(self._events))

    def line_count(self) -> int:
        """Return the number of events."""
        return len(self._events)

    def line(self, index: int) -> Groups:
        """Return an event's line."""
        return (
            (
                Piece("  "),
                *event_line(self._events[index], self.width - 2, self._now, iso_times=is_iso(self.app)),
            ),
        )

    def fixed(self, y: int) -> Pieces:
        """Return what is said where there are no events."""
        return (Piece("  nothing has happened yet", Ink.QUIET),) if not self._events and y == 0 else ()


def _left(events: list[EventView], first: EventView) -> int:
    """Return how many events are older than ``first``; the Node service's lines share an id with the one before."""
    start = bisect_left(events, first.id, key=lambda event: event.id)
    try:
        return events.index(first, start)
    except ValueError:
        return start


def _ends(shown: list[EventView]) -> tuple[int, EventView | None, EventView | None]:
    return (len(shown), shown[0], shown[-1]) if shown else (0, None, None)
