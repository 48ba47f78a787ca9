"""Nurses every session that is down and can come back without a person (design §4).

One task a session: it waits for its turn, looks whether the session is still wanted and still down, starts it, and
tells what became of that. A person's action always goes first: healing yields to it and looks again after it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from wa_tui.model.events import Kind
from wa_tui.model.facts import Calmed
from wa_tui.model.registers import DOWN, SECOND, SessionKey, Source, Status
from wa_tui.model.session import Session
from wa_tui.store import StoreError
from wa_tui.wire import Attention, GatewayHealingView, HealingView

from ..core import Core
from ..recording.change import Change
from ..recording.recorder import NotTaken
from . import waits
from .attempts import Attempts, Start
from .breaker import Breaker
from .eligibility import ailing
from .flap_watch import FlapWatch
from .history import STARTS, remember
from .recovery_status import GatewayRecovery, RecoveryStatus
from .session_recovery import SessionRecovery
from .waits import Wait

log = logging.getLogger("wa_tui.heal")


class Healer:
    """Heals the sessions of ``gateways``; ``start`` does it, ``busy`` and ``idle`` tell of actions under way."""

    def __init__(
        self,
        core: Core,
        gateways: frozenset[str],
        start: Start,
        busy: Callable[[SessionKey], bool],
        idle: Callable[[SessionKey], Awaitable[None]],
        *,
        dice: random.Random | None = None,
    ) -> None:
        self._core = core
        self._policy = core.config.healing
        self._gateways = gateways
        self._busy = busy
        self._idle = idle
        self._dice = dice or random.Random()
        self._gateway_recoveries = {
            name: GatewayRecovery(Breaker(self._policy), asyncio.Semaphore(self._policy.at_once))
            for name in core.clients
        }
        self._recovery_status = RecoveryStatus(core, self._gateway_recoveries)
        self._flap_watch = FlapWatch(core, self._recovery_status, self._look_again)
        self._attempts = Attempts(core, self._gateway_recoveries, self._recovery_status, self._needs, start)
        self._recoveries: dict[SessionKey, SessionRecovery] = {}
        self._workers: dict[SessionKey, asyncio.Task[None]] = {}
        self._working = False

    async def begin(self) -> None:
        """Take up what is down now, remembering the drops, attempts and pauses of the past hour."""
        self._working = True
        breakers = {
            name: gateway_recovery.breaker for name, gateway_recovery in self._gateway_recoveries.items()
        }
        await remember(self._core, self._recovery, breakers)
        for session in self._core.fleet.sessions():
            self._look(session.key, session)

    async def stop(self) -> None:
        """Give up everybody."""
        self._working = False
        tasks = [*self._workers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._flap_watch.stop()

    def listen(self, change: Change) -> None:
        """Notice drops, recoveries, what people start, and gateways that come and go."""
        for event in change.events:
            dropped = event.before == Status.CONNECTED and event.after in DOWN
            if dropped and event.gateway is not None and event.session_id is not None:
                self._note_drop(SessionKey(event.gateway, event.session_id))
        for row in change.actions:
            if row.action in STARTS and row.outcome == "verified" and row.who != Source.HEAL:
                self._note_start(row.gateway or "")
        with self._recovery_status.hushed():
            for key, session in change.sessions.items():
                self._look(key, session)
        for key in change.removed:
            self._forget(key)
        for name in {event.gateway for event in change.events if event.kind is Kind.GATEWAY}:
            if name is not None:
                self._visit(name)

    def view(self, key: SessionKey) -> HealingView | None:
        """Return what healing does for a session; ``None`` for nothing."""
        return self._recovery_status.view(self._recoveries.get(key))

    def gateway_view(self, name: str) -> GatewayHealingView:
        """Return what healing does on a gateway."""
        return self._recovery_status.gateway_view(name, enabled=name in self._gateways)

    def attention(self, name: str) -> list[Attention]:
        """Return whether a gateway needs a person since healing stays paused there."""
        return self._recovery_status.attention(name)

    def flaps(self, key: SessionKey) -> bool:
        """Tell whether a session dropped too often lately, and calls a person for that even while it is connected."""
        recovery = self._recoveries.get(key)
        return recovery is not None and recovery.flaps(self._core.clock.monotonic())

    def _note_drop(self, key: SessionKey) -> None:
        session = self._core.fleet.session(key)
        if session is None or not session.wanted or key.gateway not in self._gateways:
            return
        recovery = self._recovery(key)
        # A person's reconnect and disconnect are no drops; what healing starts was down already.
        if recovery.state == "starting" or not self._busy(key):
            recovery.dropped(self._core.clock.monotonic())

    def _note_start(self, gateway: str) -> None:
        """Take in that a person started something: where that works, healing need not pause."""
        gateway_recovery = self._gateway_recoveries.get(gateway)
        if gateway_recovery is None or not gateway_recovery.breaker.succeeded():
            return
        self._wake(gateway)
        self._recovery_status.goes_on(gateway)

    def _recovery(self, key: SessionKey) -> SessionRecovery:
        recovery = self._recoveries.get(key)
        if recovery is None:
            recovery = self._recoveries[key] = SessionRecovery(self._policy, self._dice)
        return recovery

    def _look(self, key: SessionKey, session: Session) -> None:
        """Take a session up, or tell its nurse that something changed."""
        recovery = self._recoveries.get(key)
        if recovery is not None:
            if session.status is Status.CONNECTED:
                if recovery.obstructed:
                    self._hasten(key.gateway)
                recovery.recovered()
            if recovery.wake is not None:
                recovery.wake.set()
        if not self._working or key in self._workers or key.gateway not in self._gateways:
            return
        now = self._core.clock.monotonic()
        restless = recovery is not None and recovery.restless(now)
        if ailing(session) is None and (restless or not _waits_for_calm(session)):
            if recovery is not None:
                self._leave(key, recovery, restless=restless)
            return
        recovery = self._recovery(key)
        why = waits.closed(self._core.fleet.gateway(key.gateway))
        if why is not None and session.status is not Status.CONNECTED:
            # No task for what cannot be done: a gateway may go down with thousands.
            recovery.next_at, recovery.why = None, why
            self._recovery_status.show(key, recovery, "held")
            return
        recovery.next_at = recovery.due(now) if recovery.state is None or recovery.attempts else now
        self._workers[key] = asyncio.create_task(self._worker(key, recovery), name=f"nurse {key}")

    def _look_again(self, key: SessionKey) -> None:
        session = self._core.fleet.session(key)
        if session is not None:
            self._look(key, session)

    def _leave(self, key: SessionKey, recovery: SessionRecovery, *, restless: bool) -> None:
        """Leave a session alone that needs no start, but for its flapping."""
        if restless and self._recoveries.get(key) is recovery:
            self._flap_watch.watch(key, recovery)
        else:
            self._recovery_status.show(key, recovery, None)

    def _visit(self, gateway: str) -> None:
        """Look at everybody of a gateway that came, went, or has restored what it could."""
        self._wake(gateway)
        for session in self._core.fleet.sessions(gateway) if gateway in self._gateways else ():
            self._look(session.key, session)

    def _wake(self, gateway: str) -> None:
        for key in self._workers:
            recovery = self._recoveries.get(key)
            if key.gateway == gateway and recovery is not None and recovery.wake is not None:
                recovery.wake.set()

    def _hasten(self, gateway: str) -> None:
        """What stood in one session's way is gone: that may hold for the others of its gateway too."""
        now = self._core.clock.monotonic()
        for key in self._workers:
            recovery = self._recoveries.get(key)
            if (
                key.gateway == gateway
                and recovery is not None
                and recovery.obstructed
                and recovery.wake is not None
            ):
                recovery.next_at = now
                recovery.wake.set()

    def _forget(self, key: SessionKey) -> None:
        worker = self._workers.get(key)
        if worker is not None:
            worker.cancel()
        self._flap_watch.forget(key)
        self._recoveries.pop(key, None)

    def _candidate(self, key: SessionKey) -> Session | None:
        return ailing(self._core.fleet.session(key))

    async def _worker(self, key: SessionKey, recovery: SessionRecovery) -> None:
        recovery.wake = wake = asyncio.Event()
        try:
            while await self._round(key, recovery, wake):
                pass
        except (NotTaken, StoreError) as error:
            # The next change of the session takes it up again.
            log.warning("Healing of %s could not be recorded: %s", key, error)
        except Exception:
            log.exception("Healing of %s failed, which is a mistake of ours", key)
        finally:
            recovery.wake = None
            self._workers.pop(key, None)
            self._leave(
                key, recovery, restless=self._working and recovery.flaps(self._core.clock.monotonic())
            )

    async def _round(self, key: SessionKey, recovery: SessionRecovery, wake: asyncio.Event) -> bool:
        """Wait for a patient's turn or start it; tells whether it still needs looking after."""
        wake.clear()
        session, now = self._candidate(key), self._core.clock.monotonic()
        restless = recovery.restless(now)
        if session is None:
            if not restless:
                await self._calm(key)
            return False
        breaker = self._gateway_recoveries[key.gateway].breaker
        wait = self._wait(session, recovery) or waits.paused(breaker, key.gateway, now)
        if wait is None:
            await self._attempts.make(key, recovery, self._wake)
            await self._idle(key)
        else:
            await self._recovery_status.publish(key, recovery, wait)
            await self._sleep(key, wake, wait.until)
        return True

    def _wait(self, session: Session, recovery: SessionRecovery) -> Wait | None:
        """Return why a session is not started now; ``None`` when it is its turn."""
        now = self._core.clock.monotonic()
        if self._busy(session.key):
            return Wait(None)
        if (wait := waits.settling(session, self._core.clock, self._policy)) is not None:
            return wait
        why = waits.closed(self._core.fleet.gateway(session.gateway))
        if why is not None:
            recovery.next_at = None
            return Wait("held", None, why)
        return waits.turn(recovery, now)

    def _needs(self, key: SessionKey, recovery: SessionRecovery) -> Session | None:
        """Return the session if nothing speaks against starting it now."""
        session = self._candidate(key)
        return session if session is not None and self._wait(session, recovery) is None else None

    async def _calm(self, key: SessionKey) -> None:
        """Say that a session flaps no more, where somebody took care of that."""
        session = self._core.fleet.session(key)
        if session is not None and _waits_for_calm(session):
            await self._recovery_status.say(Calmed(*key, self._core.clock.now()))

    async def _sleep(self, key: SessionKey, wake: asyncio.Event, until: int | None) -> None:
        if self._busy(key):
            await self._idle(key)
            return
        seconds = None if until is None else max(0.0, (until - self._core.clock.monotonic()) / SECOND)
        try:
            # Not wait_for: who is woken and cancelled at once would go on, and the daemon would never end.
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            return


def _waits_for_calm(session: Session) -> bool:
    told = session.acknowledged
    return session.status is Status.CONNECTED and told is not None and told.until_calm
