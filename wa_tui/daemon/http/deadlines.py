"""When a peer is late: one timer a connection, which nothing on the way of a webhook touches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from . import bounds


class Deadlines:
    """Calls ``look`` when something may be late; it says with `at` when that is to be looked at again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, look: Callable[[float], None]) -> None:
        self._loop = loop
        self._look = look
        self._timer: asyncio.TimerHandle | None = None
        self._due = float("inf")
        self.began = self.heard = loop.time()
        """When what is awaited began, and when its last byte came."""
        self._idle_s = bounds.HEAD_S

    def idle(self) -> float:
        """Return when a connection on which nothing is under way is too old."""
        return self.began + self._idle_s

    def within(self, seconds: float) -> float:
        """Return when half a request is too old that may take some seconds."""
        return min(self.began + seconds, self.heard + bounds.SILENCE_S)

    def again(self) -> None:
        """Begin anew: with another request, or with a body after its head."""
        self.began = self.heard = self._loop.time()

    def answered(self) -> None:
        """Begin to wait for another request."""
        self.began = self._loop.time()
        self._idle_s = bounds.IDLE_S

    def at(self, when: float) -> None:
        """Have it looked at by then."""
        if when < self._due:
            self.stop()
            self._due = when
            self._timer = self._loop.call_at(when, self._fire)

    def stop(self) -> None:
        """Look at nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._due = None, float("inf")

    def _fire(self) -> None:
        self._timer, self._due = None, float("inf")
        self._look(self._loop.time())
