"""Spans of time within a report's, and what of them nobody watched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


class Spans:
    """A report's time, and the times in it that nobody watched: from and to, in order, apart from one another."""

    def __init__(
        self, since: datetime, until: datetime, gaps: Iterable[tuple[datetime, datetime]] = ()
    ) -> None:
        self.since = since
        self.until = until
        self._gaps = _merged(gaps)

    def seconds(self, begin: datetime | None, end: datetime | None) -> int:
        """Return the seconds within the report from one instant to another; ``None`` is its own end."""
        first, last = self._within(begin, end)
        return max(0, round((last - first).total_seconds()))

    def unwatched(self, begin: datetime | None, end: datetime | None) -> int:
        """Return how many of those seconds nobody watched."""
        first, last = self._within(begin, end)
        overlaps = ((min(last, stop) - max(first, start)).total_seconds() for start, stop in self._gaps)
        return round(sum(overlap for overlap in overlaps if overlap > 0))

    def _within(self, begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
        return max(begin or self.since, self.since), min(end or self.until, self.until)


def _merged(gaps: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    # Merged, so that a second that two gaps share is counted once.
    for start, stop in sorted(gaps):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged
