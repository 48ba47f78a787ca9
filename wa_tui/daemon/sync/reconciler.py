"""Keeps the fleet true: lists and checks, in turn and at once, after restarts, and webhooks that never came."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable

from wa_tui.model.registers import SECOND
from wa_tui.store import StoreError

from ..actions.plan import Ended
from ..core import Core
from ..jobs.schedule import JobFailed
from ..recording.change import Change
from ..recording.recorder import NotTaken
from .lists import GatewayAsleep, sync_list
from .missing import MissingWebhooks
from .restoring import Restoring
from .statuses import StatusSync

log = logging.getLogger("wa_tui.sync")


RELIST = 5 * SECOND
"""How long a gateway is not asked again for its list because of a webhook, in milliseconds."""


class Reconciler:
    """List sync, status sync and what follows from a restart, each gateway on its own."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.statuses = StatusSync(core)
        self.restoring = Restoring(core, self.statuses.at_once)
        self.missing = MissingWebhooks(core)
        self._relists: dict[str, asyncio.Task[None]] = {}
        self._relisted: dict[str, int] = {}
        """When each gateway was asked for its list last because of a webhook, by the monotonic clock."""

    def listen(self, change: Change) -> None:
        """Check what a change asks to check, follow restarts, and suspect what no webhook told."""
        self._core.checker.listen(change)
        self.restoring.listen(change)
        self.missing.listen(change)

    def start(self) -> None:
        """Begin to wait for webhooks."""
        self.missing.start()

    async def stop(self) -> None:
        """Give up what is under way, the checks excepted."""
        for task in self._relists.values():
            task.cancel()
        await asyncio.gather(*self._relists.values(), return_exceptions=True)
        await self.missing.stop()
        await self.restoring.stop()

    async def list(self, gateway: str) -> str:
        """Compare a gateway's list with the fleet; returns what was found, in a few words. Raises `JobFailed`."""
        return await sync_list(self._core, gateway)

    def relist(self, gateways: Iterable[str]) -> None:
        """List gateways anew; one that was just asked is not asked again: the list sync comes anyway."""
        now = self._core.clock.monotonic()
        for name in gateways:
            running = self._relists.get(name)
            busy = running is not None and not running.done()
            if not busy and now - self._relisted.get(name, now - RELIST) >= RELIST:
                self._relisted[name] = now
                self._relists[name] = asyncio.create_task(self._relist(name), name=f"relist {name}")

    async def sync_now(self, gateway: str | None = None) -> Ended:
        """List and check a gateway's sessions, or everybody's, at once."""
        synced = await self.statuses.at_once(gateway)
        asleep = synced.asleep
        if not synced.checked and len(asleep) == (1 if gateway is not None else len(self._core.clients)):
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
                await sync_list(self._core, name)
        except (NotTaken, StoreError) as error:
            log.warning("The list of %s could not be recorded: %s", name, error)
