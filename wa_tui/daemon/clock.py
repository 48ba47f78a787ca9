"""Time, injected: tests and the demo's history bring their own.

Two clocks, since no one clock can do both: the wall clock says what is stored and shown, and steps (NTP, a person, a
virtual machine that was paused); the monotonic one orders our own doings and measures how long anything took, and says
nothing of the date.
"""

from __future__ import annotations

import time
from typing import Protocol

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux's clock that counts the time a host was suspended too; elsewhere the monotonic one must do."""


class Clock(Protocol):
    """Tells the time in milliseconds, by two clocks."""

    def now(self) -> int:
        """Return the wall clock's instant, since the epoch, UTC: for what is stored and shown. It may step."""
        ...

    def monotonic(self) -> int:
        """Return an instant that never goes back and counts suspended time; only differences mean anything."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> int:
        """Return the wall clock's instant."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        """Return the instant since the host was started, suspended time included where the system counts it."""
        return time.clock_gettime_ns(_STEADY) // 1_000_000
