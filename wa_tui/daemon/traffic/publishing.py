"""Tells once a minute what went through the sessions: monitors the counts, and the model what was acknowledged."""

from __future__ import annotations

import logging
from itertools import islice

from ..recording.bus import Bus
from ..recording.change import Change
from ..recording.recorder import NotTaken, Recorder
from .collector import Traffic
from .keeping import TrafficKeeper

log = logging.getLogger("wa_tui.traffic")

EVERY = 60.0
"""Seconds between two tellings."""

_STRETCH = 200
"""Acknowledgements recorded, or sessions looked at, at a stretch: webhooks go between two of them."""


class TrafficPublisher:
    """Has what changed written, publishes it, and records the newest acknowledgement of each session."""

    def __init__(self, traffic: Traffic, keeper: TrafficKeeper, recorder: Recorder, bus: Bus) -> None:
        self._traffic = traffic
        self._keeper = keeper
        self._recorder = recorder
        self._bus = bus

    async def publish(self) -> None:
        """Tell what is another thing than a minute ago; nothing where nothing is."""
        async for stretch in self._recorder.stretches(self._traffic.sessions(), _STRETCH):
            self._traffic.advance(stretch)
        changed = self._traffic.changed()
        await self._keeper.write(changed)
        if changed:
            self._bus.publish(Change(traffic=changed))
        acked = self._traffic.acked()
        while facts := [*islice(acked, _STRETCH)]:
            try:
                await self._recorder.record(*facts)
            except NotTaken as problem:
                log.info("Acknowledgements are not recorded: %s", problem)
