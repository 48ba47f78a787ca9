"""After a gateway's restart: check its fleet at once, and let it restore by itself before healing begins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from wa_tui.model.events import Event
from wa_tui.model.facts import Checked, Restored
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import ANSWERING, Source, Status, milliseconds
from wa_tui.store import StoreError

from ..checking.slots import Urgency
from ..core import Core
from ..recording.change import Change
from ..recording.recorder import NotTaken
from .statuses import Synced

log = logging.getLogger("wa_tui.restore")

BUSY = frozenset({Status.CONNECTED, Status.AUTHENTICATED, Status.INITIALIZING})
ALIVE = BUSY | {Status.QR_PENDING}

SyncNow = Callable[[str], Awaitable[Synced]]


class Restoring:
    """Watches gateways come back; ``sync`` lists and checks all of one."""

    def __init__(self, core: Core, sync: SyncNow) -> None:
        self._core = core
        self._sync = sync
        self._known = {gateway.name: gateway for gateway in core.fleet.gateways()}
        self._progress: dict[str, int] = {}
        """When each gateway last made some, by the monotonic clock."""
        self._heard: dict[str, set[str]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def listen(self, change: Change) -> None:
        """Notice progress, returns and restarts."""
        for event in change.events:
            self._note(event)
        for name, gateway in change.gateways.items():
            before = self._known.get(name) or Gateway(name)
            self._known[name] = gateway
            if name not in self._core.clients:
                continue
            returned = gateway.state in ANSWERING and before.state not in ANSWERING
            if gateway.restarts > before.restarts:
                self._begin(name, restarted=True)
            elif returned or (gateway.restoring and not self._is_followed(name)):
                self._begin(name, restarted=gateway.restoring)

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _note(self, event: Event) -> None:
        """Each session's first sign of life since the restart is progress: one that flaps must not hold us up."""
        heard = self._heard.get(event.gateway or "")
        if heard is None or event.gateway is None or event.session_id is None or event.session_id in heard:
            return
        fact = event.fact
        lacking = isinstance(fact, Checked) and fact.status is None
        came_up = event.after in ALIVE and event.after != event.before and not lacking
        if came_up or event.source is Source.WEBHOOK:
            heard.add(event.session_id)
            self._progress[event.gateway] = self._core.clock.monotonic()

    def _is_followed(self, name: str) -> bool:
        return name in self._tasks and not self._tasks[name].done()

    def _begin(self, name: str, *, restarted: bool) -> None:
        if self._is_followed(name):
            if not restarted:
                return
            self._tasks[name].cancel()
        if restarted:
            self._heard[name] = set()
            self._progress[name] = self._core.clock.monotonic()
        work = self._after_restart(name) if restarted else self._after_return(name)
        self._tasks[name] = asyncio.create_task(work, name=f"restoring {name}")

    async def _after_return(self, name: str) -> None:
        while True:
            try:
                synced = await self._sync(name)
                break
            except (NotTaken, StoreError) as error:
                log.warning("What %s said could not be recorded: %s", name, error)
                await asyncio.sleep(1.0)
        for each in synced.asleep.values():
            log.warning("%s answered, but gave no list: %s", name, each)

    async def _after_restart(self, name: str) -> None:
        log.info("Gateway %s restarted: its own restoring goes first", name)
        async with asyncio.TaskGroup() as both:
            # Clients that hang may take all the checks long: nobody waits for them.
            both.create_task(self._after_return(name), name=f"restoring {name}")
            both.create_task(self._hold(name), name=f"restoring {name}")

    async def _hold(self, name: str) -> None:
        """Wait for its own restoring to end, and tell healing to begin."""
        grace = milliseconds(self._core.config.intervals.restore_grace)
        while self._holds(name, grace) and not self._settled(name):
            await asyncio.sleep(min(1.0, grace / 10_000))
        missing = self._missing(name)
        if missing:
            log.info("Gateway %s left %d sessions down: restoring them", name, missing)
        else:
            log.info("Gateway %s restored everything that has credentials", name)
        await self._record(Restored(name, self._core.clock.now(), missing))
        for session in self._core.fleet.sessions(name):
            if session.restorable and session.gone:
                # It is not on its way any more.
                self._core.checker.request(session.key, urgency=Urgency.PROMPT)

    async def _record(self, fact: Restored) -> None:
        while True:
            try:
                await self._core.recorder.record(fact)
                return
            except (NotTaken, StoreError) as error:
                log.warning("The end of %s's restoring could not be recorded: %s", fact.gateway, error)
                await asyncio.sleep(1.0)

    def _holds(self, name: str, grace: int) -> bool:
        """Whether to wait: it makes progress by itself, or cannot start anything now."""
        waits = self._core.clock.monotonic() - self._progress[name] < grace
        return waits or self._core.fleet.gateway(name).state not in ANSWERING

    def _settled(self, name: str) -> bool:
        """Whether everything that is wanted was proven since it came back."""
        returned = self._core.fleet.gateway(name).returned_at
        return all(
            session.status is Status.CONNECTED and (session.proven_at or 0) >= returned
            for session in self._core.fleet.sessions(name)
            if session.restorable
        )

    def _missing(self, name: str) -> int:
        sessions = self._core.fleet.sessions(name)
        return sum(
            session.restorable and (session.gone or session.status not in BUSY) for session in sessions
        )
