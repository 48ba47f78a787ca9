"""The daemon's time in a client: ages and proofs are counted from the daemon's dates, and so by its clock.

The two may be on different hosts, or the wall clock be set while they run. What a message says of the time holds from
when it is read, driven by a clock that never steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from wa_tui.wire import utc_now

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

LATE = timedelta(seconds=30)
"""A message may be read so much later than it was written, by a monitor that was held up: no reason to go back."""


class DaemonClock:
    """Tells the time by the daemon's clock; by ``own`` until the first message that says it."""

    def __init__(
        self,
        own: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = lambda: time.clock_gettime(_STEADY),
    ) -> None:
        self._own = own
        self._monotonic = monotonic
        self._at: datetime | None = None
        self._since = 0.0

    def __call__(self) -> datetime:
        """Return the current instant."""
        if self._at is None:
            return self._own()
        return self._at + timedelta(seconds=self._monotonic() - self._since)

    def hear(self, now: datetime | None) -> None:
        """Take in what a message says of the time, if it does."""
        if now is None or (self._at is not None and timedelta(0) < self() - now < LATE):
            return
        self._at, self._since = now, self._monotonic()
