"""A session's counts over a day, minute by minute, or over 30 days, hour by hour."""

from __future__ import annotations

import contextlib
from array import array

from wa_tui.model.registers import DAY, HOUR, MINUTE, SECOND, SessionKey
from wa_tui.model.traffic import FLOWS
from wa_tui.store import StoreError
from wa_tui.store.traffic.protocol import HOURS, MINUTES
from wa_tui.wire import TrafficSeries

from ..clock import Clock
from ..dates import time_of
from .collector import Traffic
from .keeping import TrafficKeeper
from .window import WIDTH

MONTH_HOURS = 720


class SeriesReader:
    """Reads what is kept, and what is newer than that."""

    def __init__(self, traffic: Traffic, keeper: TrafficKeeper, clock: Clock) -> None:
        self._traffic = traffic
        self._keeper = keeper
        self._clock = clock

    async def day(self, key: SessionKey) -> TrafficSeries:
        """Return the last 24 hours, a step a minute."""
        return await self._read(key, "hours", HOUR, MINUTES, MINUTE, 24 * MINUTES)

    async def month(self, key: SessionKey) -> TrafficSeries:
        """Return the last 30 days, a step an hour."""
        return await self._read(key, "days", DAY, HOURS, HOUR, MONTH_HOURS)

    async def _read(
        self, key: SessionKey, table: str, row_ms: int, steps: int, step_ms: int, length: int
    ) -> TrafficSeries:
        now = self._clock.now()
        first = now // step_ms + 1 - length
        since = first // steps
        counts = array("I", bytes(4 * WIDTH * steps * (now // row_ms + 1 - since)))
        rows: dict[int, array[int]] = {}
        # Where what is kept cannot be read, there is what is newer.
        with contextlib.suppress(StoreError):
            rows = {row.at: row.counts for row in await self._keeper.rows(key, table, since)}
        rows |= {row.at: row.counts for row in self._traffic.newest(key, table)}
        for at, found in rows.items():
            place = (at - since) * steps * WIDTH
            if 0 <= place < len(counts):
                counts[place : place + steps * WIDTH] = found
        wanted = counts[(first - since * steps) * WIDTH :][: length * WIDTH]
        told = self._traffic.flows(key.gateway)
        return TrafficSeries(
            since=time_of(first * step_ms),
            step_s=step_ms // SECOND,
            counts={flow.value: [*wanted[place::WIDTH]] for place, flow in enumerate(FLOWS) if flow in told},
        )
