"""The fleet as monitors see it: views of what there is, and the newest events."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from heapq import merge

from wa_tui.model.events import Event
from wa_tui.model.registers import SessionKey
from wa_tui.wire import EventView, GatewayView, SessionView

from ..core import Core
from ..healing import Healer
from ..recording.change import Change
from ..sync.pace import status_interval
from .wire_views import Extent, event_view, gateway_view, session_view, time_of

EVENTS_KEPT = 500
"""Events in memory for new monitors; all are in the store."""

LINES_KEPT = 100
"""Lines of a companion in memory for new monitors: few, so that they push no event out."""

STRETCH = 200
"""Sessions whose views are made at a stretch, in some 2 ms: webhooks go between two of them."""


class ViewBuilder:
    """Builds views of the fleet and remembers the newest events."""

    def __init__(self, core: Core, healer: Healer) -> None:
        self._core = core
        self._healer = healer
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._lines: deque[EventView] = deque(maxlen=LINES_KEPT)

    def listen(self, change: Change) -> None:
        """Take in a change's events."""
        self._events.extend(change.events)
        self._lines.extend(change.lines)

    def now(self) -> datetime:
        """Return the instant to which all that is shown is to be counted."""
        return time_of(self._core.clock.now())

    def line(self, text: str, gateway: str) -> EventView:
        """Return a line that a companion said as an event that no store has: its id is the newest stored one's."""
        newest = self._events[-1].id if self._events else 0
        return EventView(id=newest, at=self.now(), source="node", kind="line", gateway=gateway, text=text)

    async def load(self) -> None:
        """Fill the newest events from the store."""
        self._events.extend(await self._core.store.events(limit=EVENTS_KEPT))

    def event_views(self, events: Iterable[Event | EventView]) -> list[EventView]:
        """Return events as the API shows them; lines are shown so already."""
        return [
            event_view(event, self._label(event)) if isinstance(event, Event) else event for event in events
        ]

    def events(self) -> list[EventView]:
        """Return the newest events and lines, oldest first."""
        return list(merge(self.event_views(self._events), self._lines, key=lambda event: event.id))

    async def sessions(self, *, history: bool = True) -> AsyncIterator[list[SessionView]]:
        """Yield the views of all sessions that are there now, orphans included, a stretch at a time.

        Each is as it is when its stretch is made; what is gone by then is left out.
        """
        keys = self._core.fleet.keys()
        for start in range(0, len(keys), STRETCH):
            if start:
                await self._core.recorder.give_way()
            stretch = keys[start : start + STRETCH]
            yield [view for view in self.views(stretch, history=history) if view is not None]

    def views(self, keys: Iterable[SessionKey], *, history: bool = True) -> Iterator[SessionView | None]:
        """Return these sessions' views, with their last 24 h or without; ``None`` for those that are gone."""
        # Looked up once: a flood has thousands a second.
        now, past, healing = self._core.clock.now(), self._core.histories.of, self._healer.view
        clients = self._core.clients
        for key in keys:
            session = self._core.fleet.session(key)
            if session is None or (session.deleted_at is not None and not session.orphan):
                yield None
            else:
                client = clients.get(key.gateway)
                url = client.url if client is not None else ""
                yield session_view(session, past(key, now), healing(key), url, history=history)

    def gateway(self, name: str) -> GatewayView:
        """Return one gateway's view."""
        core, now = self._core, self._core.clock.now()
        client = core.clients.get(name)
        sessions, drift = core.fleet.extent(name)
        extent = Extent(
            url=client.url if client is not None else "",
            capabilities=sorted(client.capabilities) if client is not None else [],
            limit=client.limit if client is not None else None,
            read_only=core.config.is_read_only(name),
            sessions=sessions,
            status_interval_s=status_interval(core, name),
            drift=drift,
            webhooks=dict(core.webhooks.get(name, {})),
            gaps=core.histories.gaps(name, now),
            hour=core.webhook_metrics.hour(name, now),
            per_minute=core.webhook_metrics.per_minute(name, now),
            healing=self._healer.gateway_view(name) if client is not None else None,
            attention=core.attention(name),
            decoration=core.decorated(name),
            unreadable_rows=client.unreadable_rows if client is not None else 0,
        )
        return gateway_view(core.fleet.gateway(name), extent)

    def gateways(self) -> list[GatewayView]:
        """Return the configured gateways' views."""
        return [self.gateway(name) for name in self._core.clients]

    def _label(self, event: Event) -> str | None:
        if event.gateway is None or event.session_id is None:
            return None
        session = self._core.fleet.session(SessionKey(event.gateway, event.session_id))
        return session.label if session is not None else None
