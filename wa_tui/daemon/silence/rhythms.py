"""What is usual for each session, made of the counts of its last month once a day."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import tzinfo

from wa_tui.model.calendar import HOURS_OF_DAY, Calendar
from wa_tui.model.registers import DAY, HOUR, SECOND, SessionKey
from wa_tui.model.rhythm import HORIZON, Rhythm, rhythm_of
from wa_tui.model.suspicion import LATELY, WINDOWS, own_share, share_of
from wa_tui.model.traffic import FLOWS, Flow
from wa_tui.store import StoreError
from wa_tui.store.traffic import Row

from ..clock import Clock
from ..recording.recorder import Recorder
from ..traffic import Traffic
from ..traffic.keeping import TrafficKeeper

log = logging.getLogger("wa_tui.silence")

LONGEST = 10 * SECOND
"""How long a round makes rhythms at most, a millisecond each: silences are not to wait for those of a large fleet."""

STRETCH = 50
"""Sessions whose messages are summed up at a stretch."""

_RECEIVED, _SENT = FLOWS.index(Flow.RECEIVED), FLOWS.index(Flow.SENT)
_WIDTH = len(FLOWS)


class Rhythms:
    """The fleet's rhythms, as of the beginning of the day; ``zone`` is that of the people who write."""

    def __init__(
        self, traffic: Traffic, keeper: TrafficKeeper, recorder: Recorder, clock: Clock, zone: tzinfo
    ) -> None:
        self._traffic = traffic
        self._keeper = keeper
        self._recorder = recorder
        self._clock = clock
        self._zone = zone
        self._calendar: tuple[int, Calendar] | None = None
        self._rhythms: dict[SessionKey, tuple[int, Rhythm | None]] = {}
        self._shares: dict[str, tuple[int, float]] = {}

    @property
    def calendar(self) -> Calendar:
        """The month before today."""
        day = self._clock.now() // DAY
        if self._calendar is None or self._calendar[0] != day:
            self._calendar = day, Calendar.at(day * DAY, self._zone)
        return self._calendar[1]

    def of(self, key: SessionKey) -> Rhythm | None:
        """Return what is usual for a session; ``None`` where it is quiet, young, or not known yet."""
        found = self._rhythms.get(key)
        return None if found is None else found[1]

    async def usual(self, key: SessionKey) -> int | None:
        """Return a session's usual gap as of now, in milliseconds; made for it alone where nobody watches it.

        ``None`` where nothing is usual for it, or nobody can read that, or it is usually silent for a `HORIZON`.
        """
        known = self._rhythms.get(key)
        if known is not None and known[0] == self._clock.now() // DAY:
            rhythm = known[1]
        else:
            try:
                rhythm = rhythm_of(await self._counts(key), self.calendar)
            except StoreError:
                return None
        gap = HORIZON if rhythm is None else rhythm.usual(self.calendar.local(self._clock.now()))
        return gap if gap < HORIZON else None

    async def refresh(self, keys: Sequence[SessionKey]) -> None:
        """Make rhythms of sessions that have none of today, for a while; forget those of all others."""
        for gone in self._rhythms.keys() - set(keys):
            del self._rhythms[gone]
        await self._recorder.give_way()
        day, until = self._clock.now() // DAY, self._clock.monotonic() + LONGEST
        due = [key for key in keys if key not in self._rhythms or self._rhythms[key][0] != day]
        # Who has that of yesterday can wait for today's.
        due.sort(key=self._rhythms.__contains__)
        try:
            async for [key] in self._recorder.stretches(due, 1):
                self._rhythms[key] = day, rhythm_of(await self._counts(key), self.calendar)
                if self._clock.monotonic() > until:
                    break
        except StoreError as problem:
            log.debug("What is usual cannot be read now: %s", problem)

    async def share(self, gateway: str) -> float:
        """Return how much of their usual traffic a gateway's sessions have lately: little on a holiday."""
        hour = self._clock.now() // HOUR
        known = self._shares.get(gateway)
        if known is not None and known[0] == hour:
            return known[1]
        rhythms = [
            (key, rhythm)
            for key, (_, rhythm) in self._rhythms.items()
            if key.gateway == gateway and rhythm is not None
        ]
        found = min([share_of(await self._fleet(rhythms, hour, window)) for window in WINDOWS])
        self._shares[gateway] = hour, found
        return found

    def own_share(self, key: SessionKey, rhythm: Rhythm, since: int, heard_since: int) -> float:
        """Return how much of its usual traffic a session had before it fell silent; 1 where nobody heard it then."""
        first, last = since // HOUR - LATELY, since // HOUR + 1
        if first * HOUR < heard_since or first <= self._clock.now() // HOUR - HOURS_OF_DAY:
            # What was not heard, or is forgotten, is not none.
            return 1.0
        local = self.calendar.local
        was = sum(self._traffic.messages(key, first, last))
        return own_share(was, rhythm.volume(local(first * HOUR), local(since)))

    async def _fleet(
        self, rhythms: Sequence[tuple[SessionKey, Rhythm]], hour: int, window: int
    ) -> list[tuple[int, float]]:
        """Return what each had in the hours before one, and what it usually has in them."""
        local, found = self.calendar.local, list[tuple[int, float]]()
        since, until = local((hour - window) * HOUR), local(hour * HOUR)
        async for stretch in self._recorder.stretches(rhythms, STRETCH):
            found += [
                (sum(self._traffic.messages(key, hour - window, hour)), rhythm.volume(since, until))
                for key, rhythm in stretch
            ]
        return found

    async def _counts(self, key: SessionKey) -> list[int]:
        """Return the messages received and sent in each hour of the month."""
        hours = self.calendar.hours
        rows = await self._keeper.rows(key, "days", hours[0] // HOURS_OF_DAY)
        by_hour: dict[int, int] = {}
        for row in (*rows, *self._traffic.newest(key, "days")):
            by_hour |= _hours_of(row)
        return [by_hour.get(hour, 0) for hour in hours]


def _hours_of(row: Row) -> dict[int, int]:
    """Return the messages received and sent in each hour of a day, by the hour since the epoch."""
    received, sent = row.counts[_RECEIVED::_WIDTH], row.counts[_SENT::_WIDTH]
    return {
        row.at * HOURS_OF_DAY + hour: sum(both) for hour, both in enumerate(zip(received, sent, strict=True))
    }
