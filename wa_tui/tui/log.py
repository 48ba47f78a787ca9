"""Keeps events as far back as a person reads them, and chooses those of them that a filter admits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Reversible
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from wa_tui.client.paging import Pages
from wa_tui.filters.events import MARK, NODE, LogFilter, parse
from wa_tui.filters.levels import Level
from wa_tui.tui.feed import Daemon
from wa_tui.wire import EventRange, EventView, SessionKey, around, is_around

LONGEST = 20_000
"""Events that a record keeps."""

PAGE = 500
"""Events that are fetched at once; of a gateway that has had more outages, its newest."""

OUTAGES = frozenset({"down", "unauthorised", "restarting", "returned"})
"""States in which a gateway's sessions do not work, or cannot be watched."""

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


class Record:
    """Events oldest first: what the monitor is sent, and before that what was fetched page by page.

    ``whole`` once the daemon has nothing older. Beyond ``LONGEST`` the oldest go.
    """

    def __init__(self, key: SessionKey | None = None, gateway: str | None = None) -> None:
        self.events: list[EventView] = []
        self.whole = False
        self._key = key
        self._gateway = gateway
        self._last: EventView | None = None

    def apply(self, live: Reversible[EventView]) -> bool:
        """Add what came in since the last call, out of the newest events; tell whether there was anything."""
        if _is_put_back(self._last, live):
            self.events, self.whole, self._last = [], False, None
        last, fresh = self._last, list[EventView]()
        joined = last is None
        for event in reversed(live):
            if last is not None and (event == last or event.id < last.id):
                joined = True
                break
            fresh.append(event)
        if not fresh:
            return False
        self._last = fresh[0]
        fresh.reverse()
        if last is not None and not joined and fresh[0].id > last.id + 1:
            # Some are missing in between: what is before them is fetched anew.
            self.events, self.whole = [], False
        own = [event for event in fresh if self._concerns(event)]
        self.events += own
        if len(self.events) > LONGEST + PAGE:
            del self.events[: len(self.events) - LONGEST]
            self.whole = False
        return bool(own)

    async def reach_back(self, daemon: Daemon) -> int:
        """Fetch a page of older events and tell how many there were. Raises DaemonError."""
        before = oldest = next((event.id for event in self.events if event.kind != MARK), None)
        gateway, session_id = self._key if self._key is not None else (self._gateway, None)
        page = await daemon.events(gateway, session_id, limit=PAGE, before=before)
        older = [event for event in page if oldest is None or event.id < oldest]
        self.events = older + self.events
        self.whole = len(page) < PAGE
        return len(older)

    def mark(self, at: datetime) -> None:
        """Put a mark of the reader's after the newest event."""
        number = sum(event.kind == MARK for event in self.events) + 1
        id = self._last.id if self._last is not None else 0
        self.events.append(EventView(id=id, at=at, source=MARK, kind=MARK, text=f"mark {number}"))

    def _concerns(self, event: EventView) -> bool:
        if self._key is not None:
            return (event.gateway, event.session_id) == self._key
        return self._gateway is None or event.gateway == self._gateway


class Surroundings:
    """Events by their id: changes of a gateway's state, and starts of the daemon after a gap."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._known: dict[int, EventView] = {}
        self._seen: EventView | None = None

    def apply(self, live: Reversible[EventView]) -> None:
        """Take in what came since the last call, out of the newest events."""
        if _is_put_back(self._seen, live):
            self._known, self._seen = {}, None
        newest = seen = self._seen
        for event in reversed(live):
            if seen is not None and event.id <= seen.id:
                break
            newest = event if newest is seen else newest
            self._add([event])
        self._seen = newest

    async def reach_back(self, daemon: Pages, since: datetime) -> None:
        """Fetch what there was since an instant. Raises DaemonError."""
        for wanted in around(self._gateway, EventRange(since=since)):
            self._add(await daemon.events_within(wanted, limit=PAGE))

    def rows(self, after: int) -> list[EventView]:
        """Return those that begin an outage or tell a gap, above an id, in order."""
        return [event for id, event in sorted(self._known.items()) if id > after and _is_row(event)]

    def ends(self) -> Mapping[int, datetime]:
        """Return when each of the rows that is over was so, by its id."""
        events = [event for _, event in sorted(self._known.items())]
        states = [event for event in events if event.kind == "gateway"]
        over = {event.id: later.at for event, later in pairwise(states)}
        return over | {event.id: event.until for event in events if event.until is not None}

    def _add(self, events: Iterable[EventView]) -> None:
        for event in events:
            if is_around(event, self._gateway):
                self._known[event.id] = event


def _is_put_back(last: EventView | None, live: Reversible[EventView]) -> bool:
    """Tell whether the daemon's database was put back from a copy made before an event: the newest do not lead to it.

    Without that the log would stand still until the ids of the new events have overtaken those of the lost ones.
    """
    if last is None or last.source == NODE:
        return False
    stored = (event for event in reversed(live) if event.source != NODE)
    there = next((event for event in stored if event.id <= last.id), last)
    # Names of what an event is about may change; when it happened and what it was do not.
    return (there.id, there.at, there.kind) != (last.id, last.at, last.kind)


def _is_row(event: EventView) -> bool:
    return event.kind == "daemon" or event.after in OUTAGES


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
