"""The fleet as monitors see it: views of what there is, and the newest events."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge

from wa_tui.gateways import Capability, GatewayClient
from wa_tui.model.events import Event
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.store import Store
from wa_tui.wire import EventView, HealingView, SessionTraffic, SessionView

from ..clock import Clock
from ..dates import time_of
from ..recording.change import Change
from ..recording.history import Histories
from ..recording.recorder import Recorder
from ..traffic import Traffic
from .gateway_views import GatewayViews
from .wire_views import event_view, session_view

EVENTS_KEPT = 500
"""Events in memory for new monitors; all are in the store."""

LINES_KEPT = 100
"""Lines of the sidecar in memory for new monitors: few, so that they push no event out."""

STRETCH = 200
"""Sessions whose views are made at a stretch, in some 2 ms: webhooks go between two of them."""


class ViewBuilder:
    """Builds views of the fleet and remembers the newest events; ``healing`` is what healing does for a session."""

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        store: Store,
        recorder: Recorder,
        clock: Clock,
        histories: Histories,
        healing: Callable[[SessionKey], HealingView | None],
        gateways: GatewayViews,
        traffic: Traffic,
    ) -> None:
        self.gateways = gateways
        self._clients = clients
        self._fleet = fleet
        self._store = store
        self._recorder = recorder
        self._clock = clock
        self._histories = histories
        self._healing = healing
        self._traffic = traffic
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._lines: deque[EventView] = deque(maxlen=LINES_KEPT)

    def listen(self, change: Change) -> None:
        """Take in a change's events."""
        self._events.extend(change.events)
        self._lines.extend(change.lines)

    def now(self) -> datetime:
        """Return the instant to which all that is shown is to be counted."""
        return time_of(self._clock.now())

    def line(self, text: str, gateway: str) -> EventView:
        """Return a line that the sidecar wrote as an event that no store has: its id is the newest stored one's."""
        newest = self._events[-1].id if self._events else 0
        return EventView(id=newest, at=self.now(), source="node", kind="line", gateway=gateway, text=text)

    async def load(self) -> None:
        """Fill the newest events from the store."""
        self._events.extend(await self._store.events(limit=EVENTS_KEPT))

    def event_views(self, events: Iterable[Event | EventView]) -> list[EventView]:
        """Return events as the API shows them; lines are shown so already."""
        return [
            event_view(event, self._label(event)) if isinstance(event, Event) else event for event in events
        ]

    def events(self) -> list[EventView]:
        """Return the newest events and lines, oldest first."""
        return list(merge(self.event_views(self._events), self._lines, key=lambda event: event.id))

    def keys(self) -> list[SessionKey]:
        """Return the names of all sessions, of those too that are shown no more."""
        return self._fleet.keys()

    @property
    def births(self) -> int:
        """How many sessions came so far: as long as that has not moved, `keys` had all that there are."""
        return self._fleet.births

    async def sessions(
        self, keys: Sequence[SessionKey], *, history: bool = True
    ) -> AsyncIterator[list[SessionView]]:
        """Yield the views of those of these sessions that are there, orphans included, a stretch at a time.

        Each is as it is when its stretch is made; what is gone by then is left out.
        """
        for start in range(0, len(keys), STRETCH):
            if start:
                await self._recorder.give_way()
            stretch = keys[start : start + STRETCH]
            yield [view for view in self.views(stretch, history=history) if view is not None]

    def views(self, keys: Iterable[SessionKey], *, history: bool = True) -> Iterator[SessionView | None]:
        """Return these sessions' views, with their last 24 h or without; ``None`` for those that are gone."""
        # Looked up once: a flood has thousands a second.
        now, past, healing = self._clock.now(), self._histories.of, self._healing
        clients, traffic = self._clients, self._traffic.view
        for key in keys:
            session = self._fleet.session(key)
            if session is None or (session.deleted_at is not None and not session.orphan):
                yield None
            else:
                client = clients.get(key.gateway)
                url = client.url if client is not None else ""
                stops = client is None or Capability.STOP in client.capabilities
                yield session_view(
                    session, past(key, now), healing(key), url, traffic(key), history=history, stops=stops
                )

    def traffic(self, keys: Iterable[SessionKey]) -> list[SessionTraffic]:
        """Return the traffic of those of these sessions that are there, apart from all else of them."""
        found = ((key, self._traffic.view(key)) for key in keys if self._fleet.session(key) is not None)
        return [
            SessionTraffic(gateway=key.gateway, session_id=key.session_id, traffic=view)
            for key, view in found
            if view is not None
        ]

    def _label(self, event: Event) -> str | None:
        if event.gateway is None or event.session_id is None:
            return None
        session = self._fleet.session(SessionKey(event.gateway, event.session_id))
        return session.label if session is not None else None
