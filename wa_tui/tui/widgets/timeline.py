"""What a session went through: its states with how long each held, what was done in between, what was around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from wa_tui.text.ages import age
from wa_tui.text.cells import fit
from wa_tui.text.events import changes_state, status_word
from wa_tui.tui.presenters.event_line import Times, reason_and_text
from wa_tui.tui.presenters.times import iso, span, when
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import state_look
from wa_tui.tui.style.pieces import Piece, Pieces, shortened
from wa_tui.tui.widgets.tail import TailView
from wa_tui.wire import EventView

_GAP_SIGN = "‖"
_STATUS = 15
_NARROW = 60


class Timeline(TailView):
    """A session's events, newest last, and between them outages of its gateway and gaps of the daemon."""

    DEFAULT_CSS = "Timeline { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ends: dict[int, datetime] = {}
        self._over: Mapping[int, datetime] = {}

    def show_events(
        self,
        events: Sequence[EventView],
        now: datetime,
        *,
        other: bool = False,
        ends: Mapping[int, datetime] | None = None,
    ) -> None:
        """Show events, and how long each state held; ``ends`` tells that of outages and gaps, by id."""
        self._ends = {}
        self._over = ends or {}
        later: datetime | None = None
        for index in range(len(events) - 1, -1, -1):
            event = events[index]
            if changes_state(event) and not _is_around(event):
                if later is not None:
                    self._ends[index] = later
                later = event.at
        super().show_events(events, now, other=other)

    def event_lines(self, index: int) -> Sequence[Pieces]:
        """Return an event's line: when, how long it held, the state or what was done, why."""
        event, width = self._events[index], self.width - 2
        times = Times.ISO if self.iso_times and width >= _NARROW else Times.SHORT
        room = self.time_room
        at = iso(event.at) if times is Times.ISO else fit(when(event.at, self.now, room), room)
        start = Piece(f"  {at}  ", Ink.QUIET)
        source = Piece("" if width < _NARROW else f"{fit(event.source, 7)}  ", Ink.QUIET)
        if _is_around(event):
            return [shortened((start, source, *self._around(event)), self.width)]
        if not changes_state(event):
            gap = Piece(" " * 8 + "· ", Ink.QUIET)
            return [shortened((start, source, gap, *reason_and_text(event)), self.width)]
        status = event.after or ""
        held = age((self._ends.get(index, self.now) - event.at).total_seconds())
        look = state_look(status)
        word = f"{look.glyph} {status_word(status)}"
        held_ink = Ink.TEXT if index in self._ends else Ink.BRIGHT
        return [
            shortened(
                (
                    start,
                    source,
                    Piece(f"{fit(held, 6)}  ", held_ink),
                    Piece(fit(word, _STATUS) + " ", look.ink, bold=True),
                    *reason_and_text(event),
                ),
                self.width,
            )
        ]

    def _around(self, event: EventView) -> Pieces:
        """Return how long an outage or a gap lasted, what it was, from when to when, and why."""
        over = self._over.get(event.id)
        held = Piece(fit(age(((over or self.now) - event.at).total_seconds()), 6) + "  ", Ink.QUIET)
        what = "daemon not watching"
        if event.kind == "gateway":
            what = f"gateway {event.gateway} {status_word(event.after or '')}"
        when = f" {span(event.at, over, self.now)}"
        return (
            held,
            Piece(f"{_GAP_SIGN} {what}", Ink.AMBER),
            Piece(when, Ink.QUIET),
            Piece("  "),
            *reason_and_text(event),
        )


def _is_around(event: EventView) -> bool:
    return event.kind in ("gateway", "daemon")
