"""APScheduler on the clock that never steps: its time, and a trigger that plans from it.

APScheduler reads the time as ``datetime.now(its time zone)`` and waits until a job's instant is past. On the wall clock
that stops every job when the clock is set back, until it has caught up. So its time zone here is one with a clock of
its own: it gives instants since the host was started, written as dates, of which only differences mean anything. They
are turned into wall time only where they are shown.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.triggers.base import BaseTrigger

from wa_tui.model.registers import SECOND

from ..clock import Clock

_START = datetime(2000, 1, 1)
"""Any date will do."""

JITTER, LONGEST_JITTER = 0.1, 30.0
"""How much sooner or later a job runs: a share of its interval, and seconds at most."""


class SteadyZone(tzinfo):
    """A time zone in which ``datetime.now`` is told by the daemon's monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fromutc(self, dt: datetime) -> datetime:
        """Return the present instant of the steady clock, whatever the wall clock says."""
        return self.date_of(self._clock.monotonic())

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """Return none: instants are compared as they are."""
        return timedelta(0)

    def dst(self, dt: datetime | None) -> timedelta:
        """Return none."""
        return timedelta(0)

    def tzname(self, dt: datetime | None) -> str:
        """Return its name."""
        return "steady"

    def date_of(self, monotonic: int) -> datetime:
        """Return an instant of the monotonic clock, in milliseconds, as a date of this zone."""
        return (_START + timedelta(milliseconds=monotonic)).replace(tzinfo=self)

    def monotonic_of(self, date: datetime) -> int:
        """Return a date of this zone as an instant of the monotonic clock, in milliseconds."""
        return round((date.replace(tzinfo=UTC) - _START.replace(tzinfo=UTC)).total_seconds() * SECOND)


class Periodic(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires every ``interval`` seconds, a little sooner or later; what was missed meanwhile is not made up for.

    The interval is asked for anew each time.
    """

    def __init__(self, interval: Callable[[], float]) -> None:
        self.interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return when to fire next: an interval after the last time, or after now where that is past."""
        interval = self.interval()
        jitter = min(interval * JITTER, LONGEST_JITTER)
        due = timedelta(seconds=interval + random.uniform(-jitter, jitter))
        planned = (previous_fire_time or now) + due
        return planned if planned > now else now + due
