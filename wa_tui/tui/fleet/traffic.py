"""Traffic that came since the minute began, for the next one to show: counts move with the ages, never between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wa_tui.wire import SessionKey, SessionTraffic, TrafficView


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
