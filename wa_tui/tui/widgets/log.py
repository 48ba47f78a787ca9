"""The log of events below the sessions."""

from __future__ import annotations

from collections.abc import Sequence

from wa_tui.filters.levels import is_rotation
from wa_tui.tui.fleet.state import FleetState, SessionKey
from wa_tui.tui.presenters.event_line import event_line
from wa_tui.tui.presenters.times import is_iso
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.widgets.tail import TailView


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
        line = event_line(event, self.width - 2, self.now, iso_times=is_iso(self.app), room=self.time_room)
        return [(Piece("  "), *line)]
