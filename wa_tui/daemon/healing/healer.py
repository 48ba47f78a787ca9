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
from .flap_watch import Unrest
from .history import STARTS, remember
from .recovery_status import Board, Ward
from .session_recovery import Patient
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
        self._wards = {
            name: Ward(Breaker(self._policy), asyncio.Semaphore(self._policy.at_once))
            for name in core.clients
        }
        self._board = Board(core, self._wards)
        self._unrest = Unrest(core, self._board, self._look_again)
        self._attempts = Attempts(core, self._wards, self._board, self._needs, start)
        self._patients: dict[SessionKey, Patient] = {}
        self._nurses: dict[SessionKey, asyncio.Task[None]] = {}
        self._working = False

    async def begin(self) -> None:
        """Take up what is down now, remembering the drops, attempts and pauses of the past hour."""
        self._working = True
        breakers = {name: ward.breaker for name, ward in self._wards.items()}
        await remember(self._core, self._patient, breakers)
        for session in self._core.fleet.sessions():
            self._look(session.key, session)

    async def stop(self) -> None:
        """Give up everybody."""
        self._working = False
        tasks = [*self._nurses.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._unrest.stop()

    def listen(self, change: Change) -> None:
        """Notice drops, recoveries, what people start, and gateways that come and go."""
        for event in change.events:
            dropped = event.before == Status.CONNECTED and event.after in DOWN
            if dropped and event.gateway is not None and event.session_id is not None:
                self._note_drop(SessionKey(event.gateway, event.session_id))
        for row in change.actions:
            if row.action in STARTS and row.outcome == "verified" and row.who != Source.HEAL:
                self._note_start(row.gateway or "")
        with self._board.hushed():
            for key, session in change.sessions.items():
                self._look(key, session)
        for key in change.removed:
            self._forget(key)
        for name in {event.gateway for event in change.events if event.kind is Kind.GATEWAY}:
            if name is not None:
                self._visit(name)

    def view(self, key: SessionKey) -> HealingView | None:
        """Return what healing does for a session; ``None`` for nothing."""
        return self._board.view(self._patients.get(key))

    def gateway_view(self, name: str) -> GatewayHealingView:
        """Return what healing does on a gateway."""
        return self._board.gateway_view(name, enabled=name in self._gateways)

    def attention(self, name: str) -> list[Attention]:
        """Return whether a gateway needs a person since healing stays paused there."""
        return self._board.attention(name)

    def flaps(self, key: SessionKey) -> bool:
        """Tell whether a session dropped too often lately, and calls a person for that even while it is connected."""
        patient = self._patients.get(key)
        return patient is not None and patient.flaps(self._core.clock.monotonic())

    def _note_drop(self, key: SessionKey) -> None:
        session = self._core.fleet.session(key)
        if session is None or not session.wanted or key.gateway not in self._gateways:
            return
        patient = self._patient(key)
        # A person's reconnect and disconnect are no drops; what healing starts was down already.
        if patient.state == "starting" or not self._busy(key):
            patient.dropped(self._core.clock.monotonic())

    def _note_start(self, gateway: str) -> None:
        """Take in that a person started something: where that works, healing need not pause."""
        ward = self._wards.get(gateway)
        if ward is None or not ward.breaker.succeeded():
            return
        self._wake(gateway)
        self._board.goes_on(gateway)

    def _patient(self, key: SessionKey) -> Patient:
        patient = self._patients.get(key)
        if patient is None:
            patient = self._patients[key] = Patient(self._policy, self._dice)
        return patient

    def _look(self, key: SessionKey, session: Session) -> None:
        """Take a session up, or tell its nurse that something changed."""
        patient = self._patients.get(key)
        if patient is not None:
            if session.status is Status.CONNECTED:
                if patient.obstructed:
                    self._hasten(key.gateway)
                patient.recovered()
            if patient.wake is not None:
                patient.wake.set()
        if not self._working or key in self._nurses or key.gateway not in self._gateways:
            return
        now = self._core.clock.monotonic()
        restless = patient is not None and patient.restless(now)
        if ailing(session) is None and (restless or not _waits_for_calm(session)):
            if patient is not None:
                self._leave(key, patient, restless=restless)
            return
        patient = self._patient(key)
        why = waits.closed(self._core.fleet.gateway(key.gateway))
        if why is not None and session.status is not Status.CONNECTED:
            # No task for what cannot be done: a gateway may go down with thousands.
            patient.next_at, patient.why = None, why
            self._board.show(key, patient, "held")
            return
        patient.next_at = patient.due(now) if patient.state is None or patient.attempts else now
        self._nurses[key] = asyncio.create_task(self._nurse(key, patient), name=f"nurse {key}")

    def _look_again(self, key: SessionKey) -> None:
        session = self._core.fleet.session(key)
        if session is not None:
            self._look(key, session)

    def _leave(self, key: SessionKey, patient: Patient, *, restless: bool) -> None:
        """Leave a session alone that needs no start, but for its flapping."""
        if restless and self._patients.get(key) is patient:
            self._unrest.watch(key, patient)
        else:
            self._board.show(key, patient, None)

    def _visit(self, gateway: str) -> None:
        """Look at everybody of a gateway that came, went, or has restored what it could."""
        self._wake(gateway)
        for session in self._core.fleet.sessions(gateway) if gateway in self._gateways else ():
            self._look(session.key, session)

    def _wake(self, gateway: str) -> None:
        for key in self._nurses:
            patient = self._patients.get(key)
            if key.gateway == gateway and patient is not None and patient.wake is not None:
                patient.wake.set()

    def _hasten(self, gateway: str) -> None:
        """What stood in one session's way is gone: that may hold for the others of its gateway too."""
        now = self._core.clock.monotonic()
        for key in self._nurses:
            patient = self._patients.get(key)
            if (
                key.gateway == gateway
                and patient is not None
                and patient.obstructed
                and patient.wake is not None
            ):
                patient.next_at = now
                patient.wake.set()

    def _forget(self, key: SessionKey) -> None:
        nurse = self._nurses.get(key)
        if nurse is not None:
            nurse.cancel()
        self._unrest.forget(key)
        self._patients.pop(key, None)

    def _candidate(self, key: SessionKey) -> Session | None:
        return ailing(self._core.fleet.session(key))

    async def _nurse(self, key: SessionKey, patient: Patient) -> None:
        patient.wake = wake = asyncio.Event()
        try:
            while await self._round(key, patient, wake):
                pass
        except (NotTaken, StoreError) as error:
            # The next change of the session takes it up again.
            log.warning("Healing of %s could not be recorded: %s", key, error)
        except Exception:
            log.exception("Healing of %s failed, which is a mistake of ours", key)
        finally:
            patient.wake = None
            self._nurses.pop(key, None)
            self._leave(key, patient, restless=self._working and patient.flaps(self._core.clock.monotonic()))

    async def _round(self, key: SessionKey, patient: Patient, wake: asyncio.Event) -> bool:
        """Wait for a patient's turn or start it; tells whether it still needs looking after."""
        wake.clear()
        session, now = self._candidate(key), self._core.clock.monotonic()
        restless = patient.restless(now)
        if session is None:
            if not restless:
                await self._calm(key)
            return False
        breaker = self._wards[key.gateway].breaker
        wait = self._wait(session, patient) or waits.paused(breaker, key.gateway, now)
        if wait is None:
            await self._attempts.make(key, patient, self._wake)
            await self._idle(key)
        else:
            await self._board.tell(key, patient, wait)
            await self._sleep(key, wake, wait.until)
        return True

    def _wait(self, session: Session, patient: Patient) -> Wait | None:
        """Return why a session is not started now; ``None`` when it is its turn."""
        now = self._core.clock.monotonic()
        if self._busy(session.key):
            return Wait(None)
        if (wait := waits.settling(session, self._core.clock, self._policy)) is not None:
            return wait
        why = waits.closed(self._core.fleet.gateway(session.gateway))
        if why is not None:
            patient.next_at = None
            return Wait("held", None, why)
        return waits.turn(patient, now)

    def _needs(self, key: SessionKey, patient: Patient) -> Session | None:
        """Return the session if nothing speaks against starting it now."""
        session = self._candidate(key)
        return session if session is not None and self._wait(session, patient) is None else None

    async def _calm(self, key: SessionKey) -> None:
        """Say that a session flaps no more, where somebody took care of that."""
        session = self._core.fleet.session(key)
        if session is not None and _waits_for_calm(session):
            await self._board.say(Calmed(*key, self._core.clock.now()))

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
