"""What went through one session lately: by minute for an hour, by hour for a day."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import add

from wa_tui.model.registers import DAY, HOUR, MINUTE
from wa_tui.model.traffic import FLOWS, FlowCounts
from wa_tui.store.traffic.protocol import HOURS, MINUTES, Row, SessionCounts
from wa_tui.wire import TrafficView

WIDTH = len(FLOWS)
"""Counts of a step: one a flow, in order of `FLOWS`."""
_MOST = 2**32 - 1


class Ring:
    """Counts of steps of time, numbered since the epoch: the last ``shown`` of them, and as many before those."""

    __slots__ = ("_counts", "_length", "_shown", "newest")

    def __init__(self, shown: int) -> None:
        self._shown = shown
        self._length = 2 * shown
        self.newest = 0
        """The last step, which may still grow."""
        self._counts = array("I", bytes(4 * self._length * WIDTH))

    def add(self, step: int, counts: Sequence[int]) -> None:
        """Count in a step; one that is older than what is remembered is forgotten at once."""
        self.advance(step)
        if step <= self.newest - self._length:
            return
        place = step % self._length * WIDTH
        for flow, number in enumerate(counts, place):
            self._counts[flow] = min(_MOST, self._counts[flow] + number)

    def load(self, first: int, counts: array[int]) -> None:
        """Add the counts of successive steps, as far as they are remembered; such as end in zeros are still to come."""
        steps = -(-len(counts.tobytes().rstrip(b"\0")) // (counts.itemsize * WIDTH))
        if not steps or first + steps <= self.newest - self._length + 1:
            return
        self.advance(first + steps - 1)
        at = max(0, self.newest - self._length + 1 - first)
        while at < steps:
            place = (first + at) % self._length
            end = min(steps, at + self._length - place)
            here, found = slice(place * WIDTH, (place + end - at) * WIDTH), counts[at * WIDTH : end * WIDTH]
            known = self._counts[here]
            if any(known):
                found = array("I", (min(_MOST, each) for each in map(add, known, found)))
            self._counts[here] = found
            at = end

    def count(self, step: int, flow: int) -> None:
        """Count one of a flow in the step that goes on."""
        if step != self.newest:
            self.advance(step)
        place = step % self._length * WIDTH + flow
        if self._counts[place] < _MOST:
            self._counts[place] += 1

    def advance(self, step: int) -> bool:
        """Go on to a step, and tell whether other counts are shown for it.

        A clock that was set back further than is remembered begins anew.
        """
        if step == self.newest:
            return False
        if step < self.newest - self._length:
            self.newest = step - self._length
        gone = min(step - self.newest, self._shown)
        changed = gone > 0 and any(self.row(self.newest + 1 - self._shown, gone))
        if step - self.newest >= self._length:
            self._counts = array("I", bytes(4 * self._length * WIDTH))
        else:
            for passed in range(self.newest + 1, step + 1):
                place = passed % self._length * WIDTH
                self._counts[place : place + WIDTH] = _NONE
        self.newest = max(self.newest, step)
        return changed

    def shown(self) -> array[int]:
        """Return the counts that are shown, step by step, oldest first."""
        return self.row(self.newest + 1 - self._shown, self._shown)

    def row(self, first: int, length: int) -> array[int]:
        """Return the counts of so many steps from one on; zeros where nothing is remembered, or it is still to come."""
        begin = max(first, self.newest - self._length + 1)
        end = max(begin, min(first + length, self.newest + 1))
        place, until = begin % self._length, begin % self._length + end - begin
        found = _NONE * (begin - first) + self._counts[place * WIDTH : until * WIDTH]
        if until > self._length:
            found += self._counts[: (until - self._length) * WIDTH]
        return (found + _NONE * (first + length - end))[: length * WIDTH]


_NONE = array("I", bytes(4 * WIDTH))


class Window:
    """One session's; ``last`` has when each flow last had one, in milliseconds since the epoch, 0 for never."""

    __slots__ = ("hours", "last", "minutes", "view")

    def __init__(self) -> None:
        self.view: tuple[int, TrafficView] | None = None
        """How it is shown, and of how many flows; ``None`` once that is no more so."""
        self.minutes = Ring(MINUTES)
        self.hours = Ring(HOURS)
        self.last = array("q", bytes(8 * WIDTH))

    def add(self, now: int, counts: FlowCounts) -> None:
        """Count what came in at an instant, in milliseconds since the epoch."""
        self.view = None
        self.minutes.add(now // MINUTE, counts_of(counts))
        self.hours.add(now // HOUR, counts_of(counts))

    def count(self, now: int, flow: int) -> None:
        """Count one of a flow at an instant."""
        self.view = None
        self.minutes.count(now // MINUTE, flow)
        self.hours.count(now // HOUR, flow)

    def advance(self, now: int) -> bool:
        """Go on to an instant, and tell whether something else is shown then."""
        changed = self.minutes.advance(now // MINUTE)
        if self.hours.newest != now // HOUR:
            changed |= any(self.hours.shown())
            self.hours.advance(now // HOUR)
        if changed:
            self.view = None
        return changed

    def happened(self, flow: int, at: int) -> bool:
        """Note when a flow had one, and tell whether that is news: an earlier one than is known is none."""
        if at <= self.last[flow]:
            return False
        self.view = None
        self.last[flow] = at
        return True

    def step(self, by: int) -> None:
        """Follow a step of the clock: when a flow had one is dated otherwise."""
        self.view = None
        self.last = array("q", (at and max(0, at + by) for at in self.last))

    def load(self, kept: SessionCounts) -> None:
        """Add what is kept of it."""
        self.view = None
        for ring, rows, length in ((self.minutes, kept.hours, MINUTES), (self.hours, kept.days, HOURS)):
            for at, counts in rows:
                ring.load(at * length, counts)
        for flow, at in enumerate(kept.last):
            self.happened(flow, at)

    def rows(self, since: int, now: int) -> tuple[list[Row], list[Row]]:
        """Return the hours and the days that something may have been added to since an instant."""
        hours = range(max(since // HOUR, now // HOUR - 1), now // HOUR + 1)
        days = range(max(since // DAY, now // DAY - 1), now // DAY + 1)
        return (
            [Row(hour, self.minutes.row(hour * MINUTES, MINUTES)) for hour in hours],
            [Row(day, self.hours.row(day * HOURS, HOURS)) for day in days],
        )


def counts_of(counts: FlowCounts) -> tuple[int, ...]:
    """Return counts in order of `FLOWS`."""
    return (counts.received, counts.sent, counts.acked, counts.delivered, counts.read, counts.failed)
