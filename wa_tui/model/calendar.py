"""Which local day and hour the hours of the last month are: people write by the clock on their wall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

import msgspec

from .registers import DAY, HOUR, SECOND

HOURS_OF_DAY = 24
HOURS_OF_WEEK = 7 * HOURS_OF_DAY
HOURS_OF_MONTH = 30 * HOURS_OF_DAY
"""How many hours back counts are kept."""

WORKDAYS = frozenset(range(5))
"""Monday is 0."""

_THURSDAY = 3
"""The weekday on which the epoch began."""


class LocalDay(msgspec.Struct, frozen=True):
    """A whole day: where its hours are in `Calendar.hours`."""

    weekday: int
    places: tuple[int, ...]
    """Of each of its 24 hours; where the clock was set one may be its neighbour's."""

    @property
    def first(self) -> int:
        """Where it begins."""
        return self.places[0]

    def of(self, counts: Sequence[int]) -> list[int]:
        """Return its part of the counts of all hours."""
        return [counts[place] for place in self.places]


class Calendar(msgspec.Struct, frozen=True):
    """The last month in a zone, as of an hour: one for all sessions."""

    hours: range
    """The hours that are over, in hours since the epoch, oldest first."""
    offset: int
    """How far the local clock is ahead of UTC now, in milliseconds."""
    days: tuple[LocalDay, ...]
    """The whole days in them, oldest first; the day under way is none."""

    @classmethod
    def at(cls, now: int, zone: tzinfo) -> Calendar:
        """Return the month before an instant, in milliseconds since the epoch."""
        hour = now // HOUR
        hours = range(hour - HOURS_OF_MONTH, hour)
        by_date: dict[int, dict[int, int]] = {}
        for place, each in enumerate(hours):
            local = datetime.fromtimestamp(each * HOUR // SECOND, zone)
            by_date.setdefault(local.toordinal(), {})[local.hour] = place
        today = datetime.fromtimestamp(now // SECOND, zone)
        offset = today.utcoffset()
        days = (
            _day(date, places)
            for date, places in by_date.items()
            if date != today.toordinal() and {0, HOURS_OF_DAY - 1} <= places.keys()
        )
        return cls(hours, round(offset.total_seconds() * SECOND) if offset else 0, tuple(days))

    def local(self, instant: int) -> int:
        """Return an instant, in milliseconds since the epoch, as the local clock shows it."""
        return instant + self.offset


def _day(date: int, places: dict[int, int]) -> LocalDay:
    weekday = datetime.fromordinal(date).replace(tzinfo=UTC).weekday()
    found, last = [], places[0]
    for hour in range(HOURS_OF_DAY):
        last = places.get(hour, last)
        found.append(last)
    return LocalDay(weekday, tuple(found))


def slot_of(local: int) -> int:
    """Return the hour of the week of a local instant: 0 is Monday's first."""
    return (local // HOUR + _THURSDAY * HOURS_OF_DAY) % HOURS_OF_WEEK


assert DAY == HOURS_OF_DAY * HOUR
