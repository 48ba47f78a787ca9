"""Keeps the fleet true: lists and checks, in turn and at once, after restarts, and webhooks that never came."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping

from wa_tui.config import Intervals
from wa_tui.gateways import GatewayClient, scope_of
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SECOND
from wa_tui.store import StoreError

from ..checking.checker import Checker
from ..checking.pace import Pace
from ..checking.probe import HealthProbe
from ..clock import Clock
from ..recording.bus import Bus
from ..recording.change import Change
from ..recording.recorder import NotTaken, Recorder
from ..results import Ended, JobFailed
from ..traffic import Traffic
from .lists import GatewayAsleep, ListSync
from .missing import MissingWebhooks
from .restoring import Restoring
from .rounds import StatusRounds
from .statuses import StatusSync

log = logging.getLogger("wa_tui.sync")


RELIST = 5 * SECOND
"""How long a gateway is not asked again for its list because of a webhook, in milliseconds."""


class Reconciler:
    """List sync, status sync and what follows from a restart, each gateway on its own."""

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        recorder: Recorder,
        bus: Bus,
        clock: Clock,
        checker: Checker,
        probe: HealthProbe,
        pace: Pace,
        intervals: Intervals,
        traffic: Traffic,
    ) -> None:
        self._clients = clients
        self._fleet = fleet
        self._recorder = recorder
        self._bus = bus
        self._clock = clock
        self._checker = checker
        self._pace = pace
        self._grace = intervals.restore_grace
        self.rounds: dict[str, StatusRounds] = {}
        self._restoring: dict[str, Restoring] = {}
        self.lists = ListSync(clients, fleet, recorder, clock, checker, probe.recognises, traffic)
        self.statuses = StatusSync(self.rounds, fleet, self.lists, probe, intervals.status_sync)
        self.missing = MissingWebhooks(fleet, recorder, clock)
        self._relists: dict[str, asyncio.Task[None]] = {}
        self._relisted: dict[str, int] = {}
        """When each gateway was asked for its list last because of a webhook, by the monotonic clock."""

    def add(self, gateway: str) -> None:
        """Begin to follow a gateway."""
        parts = self._fleet, self._recorder
        self.rounds[gateway] = StatusRounds(
            gateway,
            *parts,
            self._bus,
            self._clock,
            self._checker,
            self._pace,
            lambda: scope_of(self._clients[gateway].capabilities),
        )
        self._restoring[gateway] = Restoring(
            gateway, *parts, self._clock, self._checker, self._grace, self.statuses.at_once
        )

    async def remove(self, gateway: str) -> None:
        """Give up what is under way at a gateway, and follow it no more; its jobs have ended."""
        rounds, restoring = self.rounds.pop(gateway), self._restoring.pop(gateway)
        # The status sync would wait for its first round in vain.
        rounds.first.set()
        await restoring.stop()
        self._relisted.pop(gateway, None)
        if (relist := self._relists.pop(gateway, None)) is not None:
            relist.cancel()
            await asyncio.gather(relist, return_exceptions=True)
        self.missing.forget(gateway)

    def listen(self, change: Change) -> None:
        """Check what a change asks to check, follow restarts, and suspect what no webhook told."""
        self._checker.listen(change)
        for event in change.events:
            if event.gateway is not None and (restoring := self._restoring.get(event.gateway)) is not None:
                restoring.note_event(event)
        for name, gateway in change.gateways.items():
            if (restoring := self._restoring.get(name)) is not None:
                restoring.note_gateway(gateway)
        self.missing.listen(change)

    def start(self) -> None:
        """Begin to wait for webhooks."""
        self.missing.start()

    async def stop(self) -> None:
        """Wait for webhooks no more; every gateway was removed."""
        await self.missing.stop()

    def relist(self, gateways: Iterable[str]) -> None:
        """List gateways anew; one that was just asked is not asked again: the list sync comes anyway."""
        now = self._clock.monotonic()
        for name in gateways:
            running = self._relists.get(name)
            busy = name not in self.rounds or (running is not None and not running.done())
            if not busy and now - self._relisted.get(name, now - RELIST) >= RELIST:
                self._relisted[name] = now
                self._relists[name] = asyncio.create_task(self._relist(name), name=f"relist {name}")

    async def sync_now(self, gateway: str | None = None) -> Ended:
        """List and check a gateway's sessions, or everybody's, at once."""
        synced = await self.statuses.at_once(gateway)
        asleep = synced.asleep
        if not synced.checked and len(asleep) == (1 if gateway is not None else len(self.rounds)):
            return Ended("no_effect", "; ".join(asleep.values()))
        text = f"Session sync complete: {synced.checked} checked, {synced.updated} updated"
        if asleep:
            return Ended("failed", f"{text}; no list from {', '.join(asleep)}")
        return Ended("verified", text)

    async def sync_all(self) -> str:
        """Do the same as the status sync's job, at once; returns what was found. Raises `JobFailed`."""
        ended = await self.sync_now()
        if ended.outcome != "verified":
            raise JobFailed(ended.text)
        return ended.text

    async def _relist(self, name: str) -> None:
        try:
            with contextlib.suppress(GatewayAsleep):
                await self.lists.sync(name)
        except (NotTaken, StoreError) as error:
            log.warning("The list of %s could not be recorded: %s", name, error)
