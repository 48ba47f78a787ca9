"""Tells once a minute what went through the sessions: monitors the counts, and the model what was acknowledged."""

from __future__ import annotations

import logging

from wa_tui.store import StoreError

from ..recording.bus import Bus
from ..recording.change import Change
from ..recording.recorder import NotTaken, Recorder
from .collector import Traffic
from .keeping import TrafficKeeper

log = logging.getLogger("wa_tui.traffic")

EVERY = 60.0
"""Seconds between two tellings."""

FORGETS_EVERY = 3600.0
"""Seconds after which that is looked at: till then a fleet that is made anew has its sessions again."""

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
        async for acked in self._recorder.stretches(self._traffic.acked(), _STRETCH):
            try:
                await self._recorder.record(*acked)
            except (NotTaken, StoreError) as problem:
                log.info("Acknowledgements are recorded with those of the next minute: %s", problem)
                self._traffic.not_told(acked)

    async def forget(self) -> None:
        """Forget what was counted of sessions that are no more."""
        async for stretch in self._recorder.stretches(self._traffic.sessions(), _STRETCH):
            self._traffic.forget(stretch)
