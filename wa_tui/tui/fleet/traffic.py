"""Traffic that moves with the ages, on the minute, never between: what came since it began, and the fleet's sum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from wa_tui.wire import SessionKey, SessionTraffic, SessionView, TrafficView, hour_sum


class HeldTraffic:
    """Keeps the newest traffic of each session until the minute that it came in is over."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._views: dict[SessionKey, TrafficView] = {}

    def copy(self) -> HeldTraffic:
        """Return one of its own that holds the same."""
        other = HeldTraffic()
        other._minute, other._views = self._minute, dict(self._views)
        return other

    def hold(self, views: Iterable[SessionTraffic], now: datetime) -> None:
        """Keep what came in the minute ``now`` until it is over."""
        if not self._views:
            self._minute = now
        self._views.update({(each.gateway, each.session_id): each.traffic for each in views})

    def forget(self, keys: Iterable[SessionKey]) -> None:
        """Drop what is held for sessions of which something newer came, or that are gone."""
        for key in keys:
            self._views.pop(key, None)

    def due(self, now: datetime) -> dict[SessionKey, TrafficView]:
        """Return what is to be shown now, and hold it no longer; empty in the minute that it came in."""
        if not self._views or now == self._minute:
            return {}
        due, self._views = self._views, {}
        return due


class FleetTraffic:
    """The messages of the last hour through all sessions, summed once a minute."""

    def __init__(self) -> None:
        self._sessions: Mapping[SessionKey, SessionView] = {}
        self._minute: datetime | None = None
        self._sum: TrafficView | None = None

    def of(self, sessions: Mapping[SessionKey, SessionView], now: datetime) -> TrafficView | None:
        """Return the sum as of the minute ``now``; a snapshot's, which are others, at once. ``None``: none is told."""
        # Counts are read beside all else when a daemon starts: until some are there, they are looked for.
        if self._sum is None or self._sessions is not sessions or self._minute != now:
            self._sessions, self._minute = sessions, now
            self._sum = hour_sum(each.traffic for each in sessions.values() if each.traffic is not None)
        return self._sum
