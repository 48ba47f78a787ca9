"""Carries committed changes to whoever listens, inside the daemon. Listeners must not wait."""

from __future__ import annotations

import logging
from collections.abc import Callable

from .change import Change

log = logging.getLogger("wa_tui.bus")

Listener = Callable[[Change], None]


class Bus:
    """Calls every listener with every change, in the order they subscribed."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener and return the function that removes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, change: Change) -> None:
        """Tell everybody; one listener's error is logged and harms no other."""
        for listener in tuple(self._listeners):
            try:
                listener(change)
            except Exception:
                log.exception("A listener failed on a change")
