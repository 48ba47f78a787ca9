"""What somebody reads of the log: the events that are there, and those of them that are wanted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Reversible
from dataclasses import replace
from datetime import datetime, timedelta

from wa_tui.filters.events import MARK, LogFilter, parse
from wa_tui.filters.levels import Level
from wa_tui.tui.feed import Daemon
from wa_tui.tui.log.record import Record
from wa_tui.wire import EventView, SessionKey

WINDOWS: tuple[tuple[str, timedelta | None], ...] = (
    ("all", None),
    ("last 1m", timedelta(minutes=1)),
    ("last 5m", timedelta(minutes=5)),
    ("last 15m", timedelta(minutes=15)),
    ("last 1h", timedelta(hours=1)),
    ("last 6h", timedelta(hours=6)),
    ("last 24h", timedelta(hours=24)),
)
"""The windows of time, by the key that chooses them."""

_MOST_PAGES = 20


class Reader:
    """A record and a filter; `shown` costs what came in since the last call, while the filter stays."""

    def __init__(self, key: SessionKey | None = None, gateway: str | None = None) -> None:
        self.record = Record(key, gateway)
        self.chosen = LogFilter()
        self._window = 0
        self._shown: list[EventView] = []
        self._made_of: tuple[LogFilter, EventView | None, int] = (self.chosen, None, 0)

    def apply(self, live: Reversible[EventView]) -> None:
        """Add what came in."""
        self.record.apply(live)

    def shown(self, now: datetime) -> list[EventView]:
        """Return the events that are wanted, oldest first, in a list of its own."""
        window = WINDOWS[self._window][1]
        self.chosen = replace(self.chosen, since=now - window if window is not None else None)
        events = self.record.events
        chosen, first, done = self._made_of
        if chosen != self.chosen or (first is not (events[0] if events else None)) or done > len(events):
            self._shown, done = [], 0
        self._shown += [event for event in events[done:] if self.chosen.admits(event)]
        self._made_of = (self.chosen, events[0] if events else None, len(events))
        return list(self._shown)

    def filter_by(self, text: str) -> str | None:
        """Want what has these words, and say what is wrong with them."""
        asked = parse(text)
        self.chosen = replace(self.chosen, text=asked.text, terms=asked.terms, problem=asked.problem)
        return asked.problem

    def choose_window(self, number: int) -> timedelta | None:
        """Want only events as old as that; all of them again, cleared ones too, for 0."""
        self._window = number
        if not number:
            self.chosen = replace(self.chosen, cleared=None)
        return WINDOWS[number][1]

    def choose_level(self) -> Level:
        """Want the next level up, all after the highest, and then the usual one."""
        level = Level((self.chosen.level + 1) % len(Level))
        self.chosen = replace(self.chosen, level=level)
        return level

    def clear(self) -> None:
        """Want only what comes from now on."""
        events = self.record.events
        self.record.events = [event for event in events if event.kind != MARK]
        self.chosen = replace(self.chosen, cleared=events[-1].id if events else 0)

    def reset(self) -> bool:
        """Want everything again but for the words; tell whether that is more."""
        before = (self._window, self.chosen.level, self.chosen.cleared)
        self._window = 0
        self.chosen = replace(self.chosen, level=Level.NEWS, cleared=None)
        return before != (0, Level.NEWS, None)

    @property
    def said(self) -> list[str]:
        """What is wanted, in words."""
        said = [WINDOWS[self._window][0]] if self._window else []
        if self.chosen.level is not Level.NEWS:
            said.append(self.chosen.level.label)
        if self.chosen.cleared is not None:
            said.append("cleared")
        return [*said, *([self.chosen.text] if self.chosen.text else [])]

    async def reach_back_to(self, at: datetime, daemon: Daemon) -> None:
        """Fetch older events until they begin before an instant, or there are no more. Raises DaemonError."""
        for _ in range(_MOST_PAGES):
            events = self.record.events
            if self.record.whole or (events and events[0].at <= at):
                return
            await self.record.reach_back(daemon)


def place_of(events: list[EventView], at: datetime) -> int:
    """Return where the events begin that happened at an instant or after it."""
    return bisect_left(events, at, key=lambda event: event.at)
