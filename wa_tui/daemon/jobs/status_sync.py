"""Checks every wanted session: spread over the interval, or at once when there is reason to."""

from __future__ import annotations

import asyncio
import logging
from itertools import chain

from wa_tui.model.events import Kind
from wa_tui.model.outcome import Outcome
from wa_tui.model.registers import GatewayState, SessionKey

from ..core import Core

log = logging.getLogger("wa_tui.sync")

SPREAD = 0.8
"""The share of the interval over which a periodic run spreads its checks."""


class StatusSync:
    """The job ``sync-session-status``."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._first = True

    async def run(self) -> str:
        """Check every wanted session of every gateway: at once the first time, spread afterwards."""
        over = 0.0 if self._first else self._core.config.intervals.status_sync * SPREAD
        self._first = False
        checked, updated = await self.sync(over=over)
        return f"{checked} checked, {updated} updated"

    async def sync(self, gateway: str | None = None, *, over: float = 0.0) -> tuple[int, int]:
        """Check a gateway's wanted sessions, or all, within ``over`` seconds; returns checked and updated.

        Gateways are independent of each other: each has its own pace and its own slots.
        """
        names = [gateway] if gateway is not None else list(self._core.clients)
        results = await asyncio.gather(*(self._sync_one(name, over) for name in names))
        outcomes = [outcome for outcome in chain.from_iterable(results) if outcome is not None]
        updated = sum(o.event is not None and o.event.kind is Kind.STATUS for o in outcomes)
        log.info("Session sync complete: %d checked, %d updated", len(outcomes), updated)
        return len(outcomes), updated

    async def _sync_one(self, gateway: str, over: float) -> list[Outcome | None]:
        if self._core.fleet.gateway(gateway).state is GatewayState.DOWN:
            return []
        keys = self._wanted(gateway)
        pause = over / len(keys) if keys else 0.0
        tasks = []
        for key in keys:
            tasks.append(self._core.checker.request(key))
            if pause:
                await asyncio.sleep(pause)
        return await asyncio.gather(*(asyncio.shield(task) for task in tasks))

    def _wanted(self, gateway: str) -> list[SessionKey]:
        """The longest unchecked first."""
        sessions = [s for s in self._core.fleet.sessions(gateway) if s.wanted or s.contradicts]
        sessions.sort(key=lambda session: session.check.at if session.check is not None else 0)
        return [session.key for session in sessions]
