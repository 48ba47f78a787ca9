"""What went through one session lately: by minute for an hour, by hour for a day."""

from __future__ import annotations

from array import array

from wa_tui.model.registers import HOUR, MINUTE
from wa_tui.model.traffic import FLOWS, FlowCounts

MINUTES = 60
HOURS = 24
_WIDTH = len(FLOWS)
_MOST = 2**32 - 1


class Ring:
    """Counts of the last so many steps of time, numbered since the epoch; what is older is forgotten as it goes on."""

    __slots__ = ("_counts", "_length", "_newest")

    def __init__(self, length: int) -> None:
        self._length = length
        self._newest = 0
        self._counts = array("I", bytes(4 * length * _WIDTH))

    def add(self, step: int, counts: FlowCounts) -> None:
        """Count in a step; one that is older than the last so many is forgotten at once."""
        self.advance(step)
        if step <= self._newest - self._length:
            return
        place = step % self._length * _WIDTH
        for flow, number in enumerate(counts_of(counts), place):
            self._counts[flow] = min(_MOST, self._counts[flow] + number)

    def advance(self, step: int) -> bool:
        """Go on to a step, and tell whether anything was forgotten for it.

        A clock that was set back further than is remembered begins anew.
        """
        forgotten = False
        if step < self._newest - self._length:
            self._newest = step - self._length
        for passed in range(max(self._newest + 1, step - self._length + 1), step + 1):
            place = passed % self._length * _WIDTH
            forgotten = forgotten or any(self._counts[place : place + _WIDTH])
            self._counts[place : place + _WIDTH] = _NONE
        self._newest = max(self._newest, step)
        return forgotten

    def sum(self) -> FlowCounts:
        """Return all of it together."""
        return FlowCounts(*(sum(self._counts[flow::_WIDTH]) for flow in range(_WIDTH)))

    def steps(self) -> list[FlowCounts]:
        """Return each step, oldest first, the newest last."""
        places = (
            step % self._length * _WIDTH for step in range(self._newest + 1 - self._length, self._newest + 1)
        )
        return [FlowCounts(*self._counts[place : place + _WIDTH]) for place in places]


_NONE = array("I", bytes(4 * _WIDTH))


class Window:
    """One session's; ``last`` has when each flow last had one, in milliseconds since the epoch, 0 for never."""

    __slots__ = ("hours", "last", "minutes")

    def __init__(self) -> None:
        self.minutes = Ring(MINUTES)
        self.hours = Ring(HOURS)
        self.last = array("q", bytes(8 * _WIDTH))

    def add(self, now: int, counts: FlowCounts) -> None:
        """Count what came in at an instant, in milliseconds since the epoch."""
        self.minutes.add(now // MINUTE, counts)
        self.hours.add(now // HOUR, counts)

    def advance(self, now: int) -> bool:
        """Forget what is too old at an instant, and tell whether there was anything."""
        minutes = self.minutes.advance(now // MINUTE)
        return self.hours.advance(now // HOUR) or minutes

    def happened(self, flow: int, at: int) -> bool:
        """Note when a flow had one, and tell whether that is news: an earlier one than is known is none."""
        if at <= self.last[flow]:
            return False
        self.last[flow] = at
        return True


def counts_of(counts: FlowCounts) -> tuple[int, ...]:
    """Return counts in order of `FLOWS`."""
    return (counts.received, counts.sent, counts.acked, counts.delivered, counts.read, counts.failed)
