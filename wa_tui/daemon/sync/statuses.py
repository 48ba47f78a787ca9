"""Checks every wanted session: spread over the interval, or at once when there is reason to."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

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

AHEAD = 64
"""Checks asked for ahead on a gateway: enough for all of its slots, and no hundred thousand tasks in one stretch."""


@dataclass(slots=True)
class _Tally:
    """How many checks were answered, and how many of them changed a status."""

    checked: int = 0
    updated: int = 0

    def count(self, outcome: Outcome | None) -> None:
        """Take in what a check found; ``None`` for no answer."""
        if outcome is not None:
            self.checked += 1
            self.updated += outcome.event is not None and outcome.event.kind is Kind.STATUS


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
        self._passes: dict[str, asyncio.Task[_Tally]] = {}

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

    async def _list_and_check(self, gateway: str, asleep: dict[str, str]) -> _Tally:
        """Gateways are independent of each other: one that hangs delays no other's checks."""
        if self._core.fleet.gateway(gateway).state is GatewayState.DOWN:
            await look(self._core, gateway)
        try:
            await fetch(self._core, gateway)
        except GatewayAsleep as error:
            asleep[gateway] = str(error)
        return await self._check(gateway, 0.0)

    async def _check(self, gateway: str, over: float) -> _Tally:
        """Check a gateway's wanted sessions within ``over`` seconds."""
        tally, room = _Tally(), asyncio.Semaphore(AHEAD)
        if self._core.fleet.gateway(gateway).state is GatewayState.DOWN:
            return tally
        keys = self._wanted(gateway)
        pause = over / len(keys) if keys else 0.0
        for key in keys:
            await room.acquire()
            self._core.checker.request(key).add_done_callback(partial(_ended, tally, room))
            if pause:
                await asyncio.sleep(pause)
        for _ in range(AHEAD):
            await room.acquire()
        return tally

    def _wanted(self, gateway: str) -> list[SessionKey]:
        """The longest unchecked first."""
        sessions = [s for s in self._core.fleet.sessions(gateway) if s.wanted or s.contradicts]
        sessions.sort(key=lambda session: session.check.at if session.check is not None else 0)
        return [session.key for session in sessions]


def _ended(tally: _Tally, room: asyncio.Semaphore, check: asyncio.Task[Outcome | None]) -> None:
    """Count a check that is over, and make room for the next one."""
    room.release()
    if not check.cancelled() and check.exception() is None:
        tally.count(check.result())


def _counted(tallies: list[_Tally], asleep: dict[str, str]) -> Synced:
    checked, updated = sum(each.checked for each in tallies), sum(each.updated for each in tallies)
    log.info("Session sync complete: %d checked, %d updated", checked, updated)
    return Synced(checked, updated, asleep)
