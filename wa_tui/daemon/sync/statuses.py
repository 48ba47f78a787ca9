"""Checks every wanted session: spread over the interval, or at once when there is reason to."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from itertools import chain

from wa_tui.model.events import Kind
from wa_tui.model.outcome import Outcome
from wa_tui.model.registers import GatewayState, SessionKey

from ..core import Core
from ..jobs.health import look
from .lists import GatewayAsleep, fetch

log = logging.getLogger("wa_tui.sync")

SPREAD = 0.8
"""The share of the interval over which a periodic run spreads its checks."""


PATIENCE = 0.95
"""The share of the interval after which a run does not wait for slow gateways any more."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: sessions checked and updated, and why each gateway that gave no list did not."""

    checked: int
    updated: int
    asleep: dict[str, str]


class StatusSync:
    """The job ``sync-session-status``."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._first = True
        self._passes: dict[str, asyncio.Task[list[Outcome | None]]] = {}

    async def run(self) -> str:
        """Check every wanted session of every gateway: at once the first time, spread afterwards.

        A gateway whose checks take longer than the interval is left to finish them: the others' go on.
        """
        interval = self._core.config.intervals.status_sync
        over = 0.0 if self._first else interval * SPREAD
        self._first = False
        for name in self._core.clients:
            if name not in self._passes:
                self._passes[name] = asyncio.create_task(self._check(name, over), name=f"status sync {name}")
        try:
            await asyncio.wait(self._passes.values(), timeout=interval * PATIENCE)
        except asyncio.CancelledError:
            await self._give_up()
            raise
        done = {name: self._passes.pop(name) for name, each in tuple(self._passes.items()) if each.done()}
        failed = {name: error for name, each in done.items() if (error := each.exception()) is not None}
        for name, error in failed.items():
            log.error("The sync of %s failed", name, exc_info=error)
        synced = _counted([each.result() for name, each in done.items() if name not in failed], {})
        late = f"; {', '.join(self._passes)} still answers" if self._passes else ""
        return f"{synced.checked} checked, {synced.updated} updated{late}"

    async def _give_up(self) -> None:
        for each in self._passes.values():
            each.cancel()
        await asyncio.gather(*self._passes.values(), return_exceptions=True)

    async def at_once(self, gateway: str | None = None) -> Synced:
        """List a gateway's sessions and check every wanted one, or everybody's, without spreading."""
        names = [gateway] if gateway is not None else list(self._core.clients)
        asleep: dict[str, str] = {}
        return _counted(await asyncio.gather(*(self._list_and_check(name, asleep) for name in names)), asleep)

    async def _list_and_check(self, gateway: str, asleep: dict[str, str]) -> list[Outcome | None]:
        """Gateways are independent of each other: one that hangs delays no other's checks."""
        if self._core.fleet.gateway(gateway).state is GatewayState.DOWN:
            await look(self._core, gateway)
        try:
            await fetch(self._core, gateway)
        except GatewayAsleep as error:
            asleep[gateway] = str(error)
        return await self._check(gateway, 0.0)

    async def _check(self, gateway: str, over: float) -> list[Outcome | None]:
        """Check a gateway's wanted sessions within ``over`` seconds."""
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


def _counted(results: list[list[Outcome | None]], asleep: dict[str, str]) -> Synced:
    outcomes = [outcome for outcome in chain.from_iterable(results) if outcome is not None]
    updated = sum(o.event is not None and o.event.kind is Kind.STATUS for o in outcomes)
    log.info("Session sync complete: %d checked, %d updated", len(outcomes), updated)
    return Synced(len(outcomes), updated, asleep)
