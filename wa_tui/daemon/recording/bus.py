"""Carries committed changes to whoever listens, inside the daemon. Listeners must not wait."""

from __future__ import annotations

import logging
from collections.abc import Callable

from .change import Change

log = logging.getLogger("wa_tui.bus")

Listener = Callable[[Change], None]


class Bus:
    """Calls every listener with every change, in the order they subscribed; watchers after the others."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._watchers: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Add a listener for as long as the daemon runs."""
        self._listeners.append(listener)

    def watch(self, watcher: Listener) -> Callable[[], None]:
        """Add a listener that shows, counts or awaits something; returns the function that removes it."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def publish(self, change: Change) -> None:
        """Tell everybody; one listener's error is logged and harms no other."""
        self._call(change, self._listeners)
        self._call(change, self._watchers)

    def show(self, change: Change) -> None:
        """Tell the watchers alone: how something looks has changed, and nothing else."""
        self._call(change, self._watchers)

    def _call(self, change: Change, listeners: list[Listener]) -> None:
        for listener in tuple(listeners):
            try:
                listener(change)
            except Exception:
                log.exception("A listener failed on a change")
