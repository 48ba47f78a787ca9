"""Time, injected: tests and the demo's history bring their own.

Two clocks, since no one clock can do both: the wall clock says what is stored and shown, and steps (NTP, a person, a
virtual machine that was paused); the monotonic one orders our own doings and measures how long anything took, and says
nothing of the date.

What the model compares (when a check began, a webhook came in, a session was proven) is stored, and so must be dates;
and it is order, and so must not step. The daemon therefore keeps a `Timeline` of its own: wall time as it was when the
daemon started, driven by the monotonic clock. When the wall clock steps nothing happens at first. The step is noticed
within a second (`wa_tui.daemon.jobs.clock_steps`) and declared: the line moves, and in one transaction with it every
instant that the fleet holds (`wa_tui.model.stepping`), so that order and ages are what they were, and dates are right
again. Whoever holds an instant across an ``await`` holds a monotonic one, and dates it when it is used (`dated`).
"""

from __future__ import annotations

import time
from typing import Protocol

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux's clock that counts the time a host was suspended too; elsewhere the monotonic one must do."""

_UNSET = 1_000_000_000_000
"""A wall clock before this (2001) has not been set: a host without a battery starts in 1970."""


class Clock(Protocol):
    """Tells the time in milliseconds, by two clocks."""

    def now(self) -> int:
        """Return the wall clock's instant, since the epoch, UTC: for what is stored and shown. It may step."""
        ...

    def monotonic(self) -> int:
        """Return an instant that never goes back and counts suspended time; only differences mean anything."""
        ...

    def awake(self) -> int:
        """Return an instant that never goes back and stands still while the host sleeps; as ``monotonic`` else."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> int:
        """Return the wall clock's instant."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        """Return the instant since the host was started, suspended time included where the system counts it."""
        return time.clock_gettime_ns(_STEADY) // 1_000_000

    def awake(self) -> int:
        """Return the instant by the clock of the event loop's timers."""
        return time.monotonic_ns() // 1_000_000


class Timeline:
    """The daemon's clock: dates that neither jump nor go back, until a step of the wall clock is declared."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = clock.now() - clock.monotonic()

    def now(self) -> int:
        """Return the instant, as a date; right but for a step of the wall clock that is not declared yet."""
        return self._clock.monotonic() + self._offset

    def monotonic(self) -> int:
        """Return the instant by the monotonic clock."""
        return self._clock.monotonic()

    def at(self, monotonic: int) -> int:
        """Return an instant of the monotonic clock as a date: always the same one, until a step is declared."""
        return monotonic + self._offset

    def awake(self) -> int:
        """Return the instant by the clock that stands still while the host sleeps."""
        return self._clock.awake()

    def off(self) -> int:
        """Return how far the wall clock is ahead of this one; 0 while it has not been set at all."""
        wall = self._clock.now()
        return 0 if wall < _UNSET else wall - self.now()

    def move(self, by: int) -> None:
        """Take over a step of the wall clock: its caller moves all that is dated with it."""
        self._offset += by


def dated(clock: Clock, monotonic: int) -> int:
    """Return an instant of the monotonic clock as a date."""
    return clock.now() - (clock.monotonic() - monotonic)
