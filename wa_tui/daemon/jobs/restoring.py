"""After a gateway's restart: check its fleet at once, let it restore by itself, then start what is missing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import GatewayState, SessionKey, Source, Status

from ..core import Core
from ..recorder import Change
from .list_sync import GatewayAsleep, fetch
from .schedule import milliseconds

log = logging.getLogger("wa_tui.restore")

AT_ONCE = 2
"""Sessions started at once a gateway: each start is a browser."""

BUSY = frozenset({Status.CONNECTED, Status.AUTHENTICATED, Status.INITIALIZING})

Restore = Callable[[SessionKey], Awaitable[None]]
SyncNow = Callable[[str], Awaitable[object]]


class Restoring:
    """Watches gateways come back; ``restore`` starts one session with a bare init, ``sync`` checks a fleet."""

    def __init__(self, core: Core, restore: Restore, sync: SyncNow) -> None:
        self._core = core
        self._restore = restore
        self._sync = sync
        self._known = {gateway.name: gateway for gateway in core.fleet.gateways()}
        self._progress: dict[str, int] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def listen(self, change: Change) -> None:
        """Notice progress, returns and restarts."""
        for event in change.events:
            if event.gateway is not None and event.source in (Source.WEBHOOK, Source.LIST):
                self._progress[event.gateway] = event.recorded
        for name, gateway in change.gateways.items():
            before = self._known.get(name) or Gateway(name)
            self._known[name] = gateway
            if name not in self._core.clients:
                continue
            restarted = gateway.restarts > before.restarts
            if restarted or (_answers(gateway) and not _answers(before)):
                self._begin(name, restarted)

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _begin(self, name: str, restarted: bool) -> None:
        running = self._tasks.get(name)
        if running is not None and not running.done():
            if not restarted:
                return
            running.cancel()
        work = self._after_restart(name) if restarted else self._after_return(name)
        self._tasks[name] = asyncio.create_task(work, name=f"restoring {name}")

    async def _after_return(self, name: str) -> None:
        try:
            await fetch(self._core, name)
        except GatewayAsleep as error:
            log.warning("%s answered, but gave no list: %s", name, error)
        await self._sync(name)

    async def _after_restart(self, name: str) -> None:
        log.info("Gateway %s restarted: its own restoring goes first", name)
        self._progress[name] = self._core.clock.now()
        await self._after_return(name)
        grace = milliseconds(self._core.config.intervals.restore_grace)
        while self._core.clock.now() - self._progress[name] < grace:
            if not self._missing(name):
                break
            await asyncio.sleep(min(1.0, grace / 10_000))
        missing = self._missing(name)
        if not missing:
            log.info("Gateway %s restored everything that is wanted", name)
            return
        log.info("Gateway %s left %d sessions down: restoring them", name, len(missing))
        slots = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._one(key, slots) for key in missing))

    async def _one(self, key: SessionKey, slots: asyncio.Semaphore) -> None:
        async with slots:
            session = self._core.fleet.session(key)
            if session is not None and session.restorable and session.status not in BUSY:
                await self._restore(key)

    def _missing(self, name: str) -> list[SessionKey]:
        return [
            session.key
            for session in self._core.fleet.sessions(name)
            if session.restorable and session.status not in BUSY
        ]


def _answers(gateway: Gateway) -> bool:
    return gateway.state in (GatewayState.UP, GatewayState.SLOW)
