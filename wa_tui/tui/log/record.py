"""Events as far back as somebody read: of the fleet, a gateway or a session, and what happened around a session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Reversible
from datetime import datetime
from itertools import pairwise

from wa_tui.client.paging import Pages
from wa_tui.filters.events import MARK
from wa_tui.tui.feed import Daemon
from wa_tui.wire import EventRange, EventView, SessionKey

LONGEST = 20_000
PAGE = 500


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


PAGE = 500
"""Events of a kind that are fetched at once: a gateway that has had more outages shows its newest."""

OUTAGES = frozenset({"down", "unauthorised", "restarting"})
"""States in which a gateway's sessions do not work, or cannot be watched."""


class Surroundings:
    """Events by their id: changes of a gateway's state, and starts of the daemon after a gap."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._known: dict[int, EventView] = {}
        self._seen = 0

    def apply(self, live: Reversible[EventView]) -> None:
        """Take in what came since the last call, out of the newest events."""
        newest = self._seen
        for event in reversed(live):
            if event.id <= self._seen:
                break
            newest = max(newest, event.id)
            self._add([event])
        self._seen = newest

    async def reach_back(self, daemon: Pages, since: datetime) -> None:
        """Fetch what there was since an instant. Raises DaemonError."""
        states = EventRange(gateway=self._gateway, kinds=("gateway",), since=since)
        self._add(await daemon.events_within(states, limit=PAGE))
        self._add(await daemon.events_within(EventRange(kinds=("daemon",), since=since), limit=PAGE))

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
            is_state = event.kind == "gateway" and event.gateway == self._gateway and event.after is not None
            if is_state or (event.kind == "daemon" and event.until is not None):
                self._known[event.id] = event


def _is_row(event: EventView) -> bool:
    return event.kind == "daemon" or event.after in OUTAGES
