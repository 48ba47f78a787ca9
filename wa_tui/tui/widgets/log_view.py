"""The log below the sessions, and the one that fills the screen: wrapped, with what was searched for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wa_tui.filters.events import MARK
from wa_tui.filters.levels import is_rotation
from wa_tui.text.cells import cut
from wa_tui.text.events import plain
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.event_line import Times, event_line, head, story
from wa_tui.tui.presenters.times import at, zone
from wa_tui.tui.style.inks import Ground, Ink
from wa_tui.tui.style.pieces import Piece, Pieces, width_of, wrapped
from wa_tui.tui.widgets.rows import CURSOR
from wa_tui.tui.widgets.tail import TailView
from wa_tui.wire import EventView, SessionKey

_EDGE = 2
_INDENT = 2
_WIDE = 60


class EventLog(TailView):
    """The events of the fleet or of one session, a line each."""

    DEFAULT_CSS = "EventLog { height: 10; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._key: SessionKey | None = None

    def show(self, state: FleetState, session_key: SessionKey | None) -> None:
        """Show the events of one session, or of the fleet; of a wait for a scan the first code alone."""
        other = session_key != self._key
        self._key = session_key
        if session_key is None:
            shown = [event for event in state.events if not is_rotation(event)]
        else:
            own = (event for event in state.events if (event.gateway, event.session_id) == session_key)
            shown = [event for event in own if not is_rotation(event)]
        self.show_events(shown, state.now, other=other)

    def event_lines(self, index: int) -> Sequence[Pieces]:
        """Return an event's line."""
        event = self._events[index]
        line = event_line(event, self.width - 2, self.now, iso_times=self.iso_times, room=self.time_room)
        return [(Piece("  "), *line)]


class LogView(TailView):
    """The log on the whole screen; the cursor's ground marks the event that a search found."""

    DEFAULT_CSS = "LogView { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.times = Times.SHORT
        self.found: EventView | None = None
        self._wraps = False
        self._searched: re.Pattern[str] | None = None

    @property
    def is_tall(self) -> bool:
        """Whether an event may take more than a line."""
        return self._wraps

    @property
    def wraps(self) -> bool:
        """Whether long events go on in the next line."""
        return self._wraps

    @wraps.setter
    def wraps(self, wraps: bool) -> None:
        self._wraps = wraps
        self.relayout()

    def show_times(self, times: Times) -> None:
        """Change how times are shown."""
        self.times = times
        self.relayout()

    def search(self, text: str) -> None:
        """Highlight a text wherever it stands; an empty one clears the highlight."""
        # What is typed is a text: a pattern would fail in the middle of being typed, as at an open bracket.
        self._searched = re.compile(re.escape(text), re.IGNORECASE) if text else None
        self.found = None
        self.repaint()

    def matches(self, event: EventView) -> bool:
        """Tell whether what is searched for is in an event."""
        return self._searched is not None and self._searched.search(plain(event)) is not None

    def find(self, step: int) -> bool:
        """Go to the next (1) or the previous (-1) event that matches, round the ends; tell whether there is one."""
        count = len(self._events)
        start = self._from(step)
        for distance in range(count):
            index = (start + step * distance) % count
            if self.matches(self._events[index]):
                self.found = self._events[index]
                self.reveal(index)
                self.repaint()
                return True
        return False

    def _from(self, step: int) -> int:
        """Begin beside what was found last, else at the newest in view going back, at the oldest going on."""
        for index, event in enumerate(self._events if self.found is not None else ()):
            if event is self.found:
                return index + step
        if step > 0:
            return self.top[0]
        last = min(self.scroll_offset.y + self.page, self.line_count()) - 1
        return self._found(max(last, 0))[0]

    def height(self, event: EventView) -> int:
        """Return how many lines an event takes."""
        return len(self._wrapped(event))

    def event_lines(self, index: int) -> Sequence[Pieces]:
        """Return an event's lines, each with the mark of what was found."""
        event = self._events[index]
        if event.kind == MARK:
            return [self._rule(event)]
        edge = (CURSOR, Piece(" ")) if event is self.found else (Piece(" " * _EDGE),)
        lines = self._wrapped(event) if self._wraps else [self._line(event)]
        return [(*edge, *self._lit(line)) for line in lines]

    def ground(self, index: int) -> Ground:
        event = self._events[self._found(index)[0]]
        return Ground.CURSOR if event is self.found else Ground.BODY

    @property
    def _times(self) -> Times:
        return Times.ISO if self.times is Times.SHORT and self.iso_times else self.times

    def _line(self, event: EventView) -> Pieces:
        return event_line(event, self.width - _EDGE, self.now, times=self._times, room=self.time_room)

    def _wrapped(self, event: EventView) -> list[Pieces]:
        """Return an event's lines: they go on under the story's beginning where there is room for that."""
        if event.kind == MARK:
            return [self._rule(event)]
        width = max(self.width - _EDGE, 4)
        before = head(event, width, self.now, self._times, self.time_room)
        used = width_of(before)
        indent = used if width - used >= _WIDE // 2 and width >= _WIDE else _INDENT
        first, *rest = wrapped(story(event), width - used, width - indent)
        return [(*before, *first), *((Piece(" " * indent), *line) for line in rest)]

    def _rule(self, event: EventView) -> Pieces:
        text = cut(f"──── {event.text} · {at(event.at, self.now)} {zone(event.at)} ", self.width)
        return (Piece(text, Ink.AMBER, bold=True), Piece("─" * (self.width - len(text)), Ink.AMBER))

    def _lit(self, pieces: Pieces) -> Pieces:
        """Return pieces with what is searched for in its own ink."""
        if self._searched is None:
            return pieces
        lit: list[Piece] = []
        for piece in pieces:
            at = 0
            for match in self._searched.finditer(piece.text):
                lit += [piece._replace(text=piece.text[at : match.start()]), Piece(match[0], Ink.AMBER, True)]
                at = match.end()
            lit.append(piece._replace(text=piece.text[at:]))
        return tuple(piece for piece in lit if piece.text)
