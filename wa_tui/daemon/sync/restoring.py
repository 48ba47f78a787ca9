"""After one gateway's restart: check its fleet at once, and let it restore by itself before healing begins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from wa_tui.model.events import Event
from wa_tui.model.facts import Checked, Restored
from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import ANSWERING, Source, Status, milliseconds
from wa_tui.store import StoreError

from ..checking.checker import Checker
from ..checking.slots import Urgency
from ..clock import Clock
from ..eligibility import seen_connected
from ..recording.recorder import NotTaken, Recorder
from .statuses import Synced

log = logging.getLogger("wa_tui.restore")

BUSY = frozenset({Status.CONNECTED, Status.AUTHENTICATED, Status.INITIALIZING})
ALIVE = BUSY | {Status.QR_PENDING}


class Restoring:
    """Watches one gateway come back; ``sync`` lists and checks all of it."""

    def __init__(
        self,
        gateway: str,
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        checker: Checker,
        grace: float,
        sync: Callable[[str], Awaitable[Synced]],
    ) -> None:
        self._name = gateway
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._checker = checker
        self._grace = milliseconds(grace)
        self._sync = sync
        self._known = fleet.gateway(gateway)
        self._progress = 0
        """When it last made some, by the monotonic clock."""
        self._heard: set[str] | None = None
        """The sessions that gave a sign of life since its restart; ``None`` before the first."""
        self._task: asyncio.Task[None] | None = None

    def note_gateway(self, gateway: Gateway) -> None:
        """Notice that the gateway returned or restarted."""
        before, self._known = self._known, gateway
        returned = gateway.state in ANSWERING and before.state not in ANSWERING
        restarted = gateway.restarts > before.restarts
        if restarted or returned or (gateway.restoring and not self._is_followed):
            self._begin(restarted=gateway.restoring)

    def note_event(self, event: Event) -> None:
        """Notice progress.

        Each session's first sign of life since the restart is that: one that flaps must not hold us up.
        """
        heard = self._heard
        if heard is None or event.session_id is None or event.session_id in heard:
            return
        fact = event.fact
        lacking = isinstance(fact, Checked) and fact.status is None
        came_up = event.after in ALIVE and event.after != event.before and not lacking
        if came_up or event.source is Source.WEBHOOK:
            heard.add(event.session_id)
            self._progress = self._clock.monotonic()

    async def stop(self) -> None:
        """Give up what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def _is_followed(self) -> bool:
        return self._task is not None and not self._task.done()

    def _begin(self, *, restarted: bool) -> None:
        if self._task is not None and not self._task.done():
            if not restarted:
                return
            self._task.cancel()
        if restarted:
            self._heard = set()
            self._progress = self._clock.monotonic()
        work = self._after_restart() if restarted else self._after_return()
        self._task = asyncio.create_task(work, name=f"restoring {self._name}")

    async def _after_return(self) -> None:
        while True:
            try:
                synced = await self._sync(self._name)
                break
            except (NotTaken, StoreError) as error:
                log.warning("What %s said could not be recorded: %s", self._name, error)
                await asyncio.sleep(1.0)
        for each in synced.asleep.values():
            log.warning("%s answered, but gave no list: %s", self._name, each)

    async def _after_restart(self) -> None:
        log.info("Gateway %s is back: its own restoring goes first", self._name)
        async with asyncio.TaskGroup() as both:
            # Clients that hang may take all the checks long: nobody waits for them.
            both.create_task(self._after_return(), name=f"restoring {self._name}")
            both.create_task(self._hold(), name=f"restoring {self._name}")

    async def _hold(self) -> None:
        """Wait for its own restoring to end, and tell healing to begin."""
        while self._holds() and not self._settled():
            await asyncio.sleep(min(1.0, self._grace / 10_000))
        missing = self._missing()
        if missing:
            log.info("Gateway %s left %d sessions down: restoring them", self._name, missing)
        else:
            log.info("Gateway %s restored everything that has credentials", self._name)
        await self._record(Restored(self._name, self._clock.now(), missing))
        for session in self._fleet.sessions(self._name):
            if session.restorable and session.gone:
                # It is not on its way any more.
                self._checker.request(session.key, urgency=Urgency.PROMPT)

    async def _record(self, fact: Restored) -> None:
        while True:
            try:
                await self._recorder.record(fact)
                return
            except (NotTaken, StoreError) as error:
                log.warning("The end of %s's restoring could not be recorded: %s", fact.gateway, error)
                await asyncio.sleep(1.0)

    def _holds(self) -> bool:
        """Whether to wait: it makes progress by itself, or cannot start anything now."""
        waits = self._clock.monotonic() - self._progress < self._grace
        return waits or self._fleet.gateway(self._name).state not in ANSWERING

    def _settled(self) -> bool:
        """Whether a check found everything that is wanted connected since it came back."""
        returned = self._fleet.gateway(self._name).returned_at
        return all(
            seen_connected(session, returned)
            for session in self._fleet.sessions(self._name)
            if session.restorable
        )

    def _missing(self) -> int:
        sessions = self._fleet.sessions(self._name)
        return sum(
            session.restorable and (session.gone or session.status not in BUSY) for session in sessions
        )
