"""Healing at one gateway: every session there that is down and can come back without a person (design §4).

One task looks after each of them; what only flaps, or cannot be started now, has none.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from wa_tui.config import Healing
from wa_tui.gateways import GatewayClient
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey, Status
from wa_tui.model.session import Session
from wa_tui.wire import Attention, GatewayHealingView, HealingView

from ..checking.checker import Checker
from ..clock import Clock
from ..eligibility import ailing
from ..recording.bus import Bus
from ..recording.recorder import Recorder
from ..starts import Starts
from . import waits
from .breaker import Breaker
from .flap_watch import FlapWatch
from .recovery_status import RecoveryStatus
from .session_recovery import SessionRecovery
from .unasked import Unasked
from .worker import Starter, Worker, waits_for_calm


class GatewayRecovery:
    """Heals the sessions of one gateway where it is ``enabled``; else shows and counts what drops there.

    ``look`` asks a gateway for its health, ``show`` tells the watchers what is shown differently.
    """

    def __init__(
        self,
        client: GatewayClient,
        *,
        enabled: bool,
        policy: Healing,
        dice: random.Random,
        fleet: Fleet,
        clock: Clock,
        recorder: Recorder,
        bus: Bus,
        is_hushed: Callable[[], bool],
        checker: Checker,
        starts: Starts,
        look: Callable[[str], Awaitable[None]],
        starter: Starter,
    ) -> None:
        self._gateway = gateway = client.name
        self._enabled = enabled
        self._policy = policy
        self._dice = dice
        self._fleet = fleet
        self._clock = clock
        self._starter = starter
        self.breaker = Breaker(policy)
        self._recovery_status = RecoveryStatus(
            gateway, client.url, self.breaker, fleet, clock, recorder, bus, is_hushed, starts
        )
        self._flap_watch = FlapWatch(clock, self._recovery_status, self._look_again)
        self._worker = Worker(
            gateway,
            policy,
            self.breaker,
            self._recovery_status,
            fleet,
            clock,
            checker,
            starts,
            look,
            starter,
            self._wake,
            lambda: client.limit,
        )
        self._unasked = Unasked(client, fleet, clock, starter.stop)
        self._recoveries: dict[SessionKey, SessionRecovery] = {}
        self._workers: dict[SessionKey, asyncio.Task[None]] = {}
        self._working = False

    def begin(self) -> None:
        """Take up what is down now."""
        self._working = True
        for session in self._fleet.sessions(self._gateway):
            self.look(session.key, session)

    async def stop(self) -> None:
        """Give up everybody: nothing is shown of what healing did for them."""
        self._working = False
        tasks = [*self._workers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._unasked.leave()
        self._flap_watch.stop()
        for key, recovery in self._recoveries.items():
            self._recovery_status.show(key, recovery, None)
        self._recoveries.clear()

    def view(self, key: SessionKey) -> HealingView | None:
        """Return what healing does for a session; ``None`` for nothing."""
        return self._recovery_status.view(self._recoveries.get(key))

    def gateway_view(self) -> GatewayHealingView:
        """Return what healing does on the gateway."""
        return self._recovery_status.gateway_view(enabled=self._enabled)

    def attention(self) -> list[Attention]:
        """Return whether the gateway needs a person since healing stays paused there."""
        return self._recovery_status.attention()

    def flaps(self, key: SessionKey) -> bool:
        """Tell whether a session dropped too often lately, and calls a person for that even while it is connected."""
        recovery = self._recoveries.get(key)
        return recovery is not None and recovery.flaps(self._clock.monotonic())

    def note_drop(self, key: SessionKey) -> None:
        """Take in that a session was connected and is not any more."""
        session = self._fleet.session(key)
        if session is None or not session.wanted or not self._enabled:
            return
        recovery = self.recovery(key)
        # A person's reconnect and disconnect are no drops; what healing starts was down already.
        if recovery.state == "starting" or not self._starter.busy(key):
            recovery.dropped(self._clock.monotonic())

    def note_start(self) -> None:
        """Take in that a person started something: where that works, healing need not pause."""
        if self.breaker.succeeded():
            self._wake()
            self._recovery_status.goes_on()

    def recovery(self, key: SessionKey) -> SessionRecovery:
        """Return what healing knows of a session."""
        recovery = self._recoveries.get(key)
        if recovery is None:
            recovery = self._recoveries[key] = SessionRecovery(self._policy, self._dice)
        return recovery

    def look(self, key: SessionKey, session: Session) -> None:
        """Take a session up, or tell its worker that something changed."""
        recovery = self._recoveries.get(key)
        if recovery is not None:
            if session.status is Status.CONNECTED:
                if recovery.obstructed:
                    self._hasten()
                recovery.recovered()
            if recovery.wake is not None:
                recovery.wake.set()
        if not self._working or key in self._workers or not self._enabled:
            return
        if session.contradicts:
            self._unasked.look(session)
        now = self._clock.monotonic()
        restless = recovery is not None and recovery.restless(now)
        if ailing(session) is None and (restless or not waits_for_calm(session)):
            if recovery is not None:
                self._leave(key, recovery, restless=restless)
            return
        recovery = self.recovery(key)
        why = waits.closed(self._fleet.gateway(self._gateway))
        if why is not None and session.status is not Status.CONNECTED:
            # No task for what cannot be done: a gateway may go down with thousands.
            recovery.next_at, recovery.why = None, why
            self._recovery_status.show(key, recovery, "held")
            return
        recovery.next_at = recovery.due(now) if recovery.state is None or recovery.attempts else now
        self._workers[key] = asyncio.create_task(self._work(key, recovery), name=f"worker {key}")

    def _look_again(self, key: SessionKey) -> None:
        session = self._fleet.session(key)
        if session is not None:
            self.look(key, session)

    def _leave(self, key: SessionKey, recovery: SessionRecovery, *, restless: bool) -> None:
        """Leave a session alone that needs no start, but for its flapping."""
        if restless and self._recoveries.get(key) is recovery:
            self._flap_watch.watch(key, recovery)
        else:
            self._recovery_status.show(key, recovery, None)

    def visit(self) -> None:
        """Look at everybody when the gateway came, went, or has restored what it could."""
        self._unasked.follow()
        self._wake()
        for session in self._fleet.sessions(self._gateway) if self._enabled else ():
            self.look(session.key, session)

    def _wake(self) -> None:
        for key in self._workers:
            recovery = self._recoveries.get(key)
            if recovery is not None and recovery.wake is not None:
                recovery.wake.set()

    def _hasten(self) -> None:
        """What stood in one session's way is gone: that may hold for the others of the gateway too."""
        now = self._clock.monotonic()
        for key in self._workers:
            recovery = self._recoveries.get(key)
            if recovery is not None and recovery.obstructed and recovery.wake is not None:
                recovery.next_at = now
                recovery.wake.set()

    def forget(self, key: SessionKey) -> None:
        """Give a session up that is there no more."""
        worker = self._workers.get(key)
        if worker is not None:
            worker.cancel()
        self._flap_watch.forget(key)
        self._recoveries.pop(key, None)

    async def _work(self, key: SessionKey, recovery: SessionRecovery) -> None:
        try:
            await self._worker.run(key, recovery)
        finally:
            self._workers.pop(key, None)
            self._leave(key, recovery, restless=self._working and recovery.flaps(self._clock.monotonic()))
