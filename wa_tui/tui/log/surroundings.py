"""What happened around a session: its gateway's outages, and the times in which the daemon watched nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Reversible
from datetime import datetime
from itertools import pairwise

from wa_tui.client.paging import Pages
from wa_tui.wire import EventRange, EventView

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
