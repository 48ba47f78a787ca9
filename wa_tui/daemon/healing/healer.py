"""Nurses every session that is down and can come back without a person (design §4).

One task a session: it waits for its turn, looks whether the session is still wanted and still down, starts it, and
tells what became of that. A person's action always goes first: healing yields to it and looks again after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from wa_tui.model.events import Kind
from wa_tui.model.facts import HealingSaid
from wa_tui.model.registers import ANSWERING, DOWN, SECOND, SessionKey, Source, Status, milliseconds
from wa_tui.model.session import Session
from wa_tui.store import StoreError
from wa_tui.wire import GatewayHealingView, HealingState, HealingView

from ..actions.plan import Ended
from ..change import Change
from ..core import Core
from ..jobs.schedule import JobFailed
from ..recorder import NotTaken
from ..views import instant
from .breaker import Breaker
from .need import curable, is_ill, trouble_since
from .past import remembered
from .patient import Patient

log = logging.getLogger("wa_tui.heal")

Start = Callable[[SessionKey, Session, int], Awaitable[Ended | None]]
"""Starts a session for the nth time and follows it; ``None`` when another action was under way."""


@dataclass(slots=True)
class _Ward:
    """One gateway's breaker, and its patients by state."""

    breaker: Breaker
    states: Counter[HealingState] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Wait:
    """Why a patient is not started now; ``until`` is ``None`` for: until something changes."""

    state: HealingState | None
    until: int | None = None
    why: str = ""


class Healer:
    """Heals the sessions of ``gateways``; ``start`` does it, ``busy`` and ``idle`` tell of actions under way.

    ``ask`` asks a gateway for its health and records the answer; it raises `JobFailed` when there is none.
    """

    def __init__(
        self,
        core: Core,
        gateways: frozenset[str],
        start: Start,
        busy: Callable[[SessionKey], bool],
        idle: Callable[[SessionKey], Awaitable[None]],
        ask: Callable[[str], Awaitable[object]],
        *,
        dice: random.Random | None = None,
    ) -> None:
        self._core = core
        self._policy = core.config.healing
        self._gateways = gateways
        self._start = start
        self._busy = busy
        self._idle = idle
        self._ask = ask
        self._dice = dice or random.Random()
        self._wards = {name: _Ward(Breaker(self._policy)) for name in core.clients}
        self._patients: dict[SessionKey, Patient] = {}
        self._nurses: dict[SessionKey, asyncio.Task[None]] = {}
        self._working = False

    async def begin(self) -> None:
        """Take up what is down now, remembering the drops and attempts of the past hour."""
        self._working = True
        now = self._core.clock.now()
        drops, tries = await remembered(self._core, now)
        for key in {*drops, *tries}:
            patient = self._patient(key)
            patient.drops.extend(drops.get(key, ()))
            patient.tries.extend(tries.get(key, ()))
        for session in self._core.fleet.sessions():
            self._look(session.key, session)

    async def stop(self) -> None:
        """Give up everybody."""
        self._working = False
        nurses = tuple(self._nurses.values())
        for nurse in nurses:
            nurse.cancel()
        await asyncio.gather(*nurses, return_exceptions=True)

    def listen(self, change: Change) -> None:
        """Notice drops, recoveries, and gateways that come and go."""
        for event in change.events:
            dropped = event.before == Status.CONNECTED and event.after in DOWN
            if dropped and event.gateway is not None and event.session_id is not None:
                self._note_drop(SessionKey(event.gateway, event.session_id), event.recorded)
        for key, session in change.sessions.items():
            self._look(key, session)
        for key in change.removed:
            self._forget(key)
        for name in {event.gateway for event in change.events if event.kind is Kind.GATEWAY}:
            if name is not None:
                self._visit(name)

    def view(self, key: SessionKey) -> HealingView | None:
        """Return what healing does for a session; ``None`` for nothing."""
        patient = self._patients.get(key)
        if patient is None or patient.state is None:
            return None
        return HealingView(
            state=patient.state, attempts=patient.attempts, next_at=instant(patient.next_at), why=patient.why
        )

    def gateway_view(self, name: str) -> GatewayHealingView:
        """Return what healing does on a gateway."""
        ward = self._wards[name]
        return GatewayHealingView(
            enabled=name in self._gateways,
            at_once=self._core.starts.at_once,
            starting=self._core.starts.running(name),
            waiting=ward.states["waiting"] + ward.states["held"],
            paused_until=instant(ward.breaker.open_until),
            why=ward.breaker.words,
        )

    def _note_drop(self, key: SessionKey, at: int) -> None:
        session = self._core.fleet.session(key)
        if session is None or not session.wanted or key.gateway not in self._gateways:
            return
        patient = self._patient(key)
        # A person's reconnect and disconnect are no drops; what healing starts was down already.
        if patient.state == "starting" or not self._busy(key):
            patient.dropped(at)

    def _patient(self, key: SessionKey) -> Patient:
        return self._patients.setdefault(key, Patient(self._policy, self._dice))

    def _look(self, key: SessionKey, session: Session) -> None:
        """Take a session up, or tell its nurse that something changed."""
        patient = self._patients.get(key)
        if patient is not None:
            if session.status is Status.CONNECTED:
                patient.recovered()
            patient.wake.set()
        if not self._working or key in self._nurses or key.gateway not in self._gateways:
            return
        now = self._core.clock.now()
        if self._candidate(key) is None and not (patient is not None and patient.flaps(now)):
            if patient is not None:
                self._show(key, patient, None)
            return
        patient = self._patient(key)
        why = self._closed(key.gateway)
        if why is not None and session.status is not Status.CONNECTED:
            # No task for what cannot be done: a gateway may go down with thousands.
            patient.next_at, patient.why = None, why
            self._show(key, patient, "held")
            return
        patient.next_at = patient.due(now) if patient.state is None or patient.attempts else now
        self._nurses[key] = asyncio.create_task(self._nurse(key, patient), name=f"nurse {key}")

    def _closed(self, gateway: str) -> str | None:
        """Return why nothing can be started on a gateway now."""
        known = self._core.fleet.gateway(gateway)
        if known.state not in ANSWERING:
            return f"gateway {gateway} is {known.state}"
        return f"gateway {gateway} restores by itself" if known.restoring else None

    def _visit(self, gateway: str) -> None:
        """Look at everybody of a gateway that came, went, or has restored what it could."""
        self._wake(gateway)
        for session in self._core.fleet.sessions(gateway) if gateway in self._gateways else ():
            self._look(session.key, session)

    def _wake(self, gateway: str) -> None:
        for key in self._nurses:
            if key.gateway == gateway:
                self._patients[key].wake.set()

    def _forget(self, key: SessionKey) -> None:
        nurse = self._nurses.get(key)
        if nurse is not None:
            nurse.cancel()
        self._patients.pop(key, None)

    def _candidate(self, key: SessionKey) -> Session | None:
        """Return the session if it is one to heal, now or should its trouble last."""
        session = self._core.fleet.session(key)
        if session is None or not curable(session) or trouble_since(session) is None:
            return None
        return session

    async def _nurse(self, key: SessionKey, patient: Patient) -> None:
        try:
            while await self._round(key, patient):
                pass
        except (NotTaken, StoreError) as error:
            # The next change of the session takes it up again.
            log.warning("Healing of %s could not be recorded: %s", key, error)
        except Exception:
            log.exception("Healing of %s failed, which is a mistake of ours", key)
        finally:
            self._nurses.pop(key, None)
            self._show(key, patient, None)

    async def _round(self, key: SessionKey, patient: Patient) -> bool:
        """Wait for a patient's turn or start it; tells whether it still needs looking after."""
        patient.wake.clear()
        session = self._candidate(key)
        if session is not None:
            wait = self._wait(key, session, patient) or self._paused(key)
        elif patient.flaps(self._core.clock.now()):
            wait = self._flapping(patient)
        else:
            return False
        if wait is None:
            await self._attempt(key, patient)
        else:
            await self._tell(key, patient, wait)
            await self._sleep(key, patient, wait.until)
        return True

    def _flapping(self, patient: Patient) -> _Wait:
        """It is connected and was too often: said, until it has been calm for long enough."""
        now = self._core.clock.now()
        return _Wait("flapping", patient.flapping_until(now), patient.flapping_words())

    def _wait(self, key: SessionKey, session: Session, patient: Patient) -> _Wait | None:
        """Return why a session is not started now; ``None`` when it is its turn."""
        now = self._core.clock.now()
        if self._busy(key):
            return _Wait(None)
        if not is_ill(session, now, self._policy):
            # It starts by itself, or has not answered for a moment: that may pass.
            since = trouble_since(session) or now
            return _Wait(None, since + milliseconds(self._policy.stuck))
        closed = self._closed(key.gateway)
        if closed is not None:
            patient.next_at = None
            return _Wait("held", None, closed)
        if patient.next_at is not None and now < patient.next_at:
            return self._turn(patient, now)
        return None

    def _paused(self, key: SessionKey) -> _Wait | None:
        breaker, now = self._wards[key.gateway].breaker, self._core.clock.now()
        if not breaker.waits(now):
            return None
        return _Wait("held", breaker.next_try(now), f"starts fail on {key.gateway}: {breaker.words}")

    def _turn(self, patient: Patient, now: int) -> _Wait:
        if patient.exhausted(now):
            return _Wait("exhausted", patient.next_at, patient.exhausted_words())
        if patient.flaps(now):
            return _Wait("flapping", patient.next_at, patient.flapping_words())
        return _Wait("waiting", patient.next_at, patient.last_words)

    async def _attempt(self, key: SessionKey, patient: Patient) -> None:
        """Start a session once, if after all the waiting it still needs it."""
        await self._tell(key, patient, _Wait("waiting", None, "waits for its turn on the gateway"))
        async with self._core.starts.slot(key.gateway, urgent=False):
            if self._needs(key, patient) is None or self._paused(key) is not None:
                return
            breaker = self._wards[key.gateway].breaker
            breaker.enter()
            try:
                # A webhook may have been lost: what works is not started anew.
                await self._core.checker.check(key, Source.HEAL)
                session = self._needs(key, patient)
                if session is not None and await self._may_have_restarted(session):
                    session = self._needs(key, patient)
                if session is None:
                    return
                patient.tried(self._core.clock.now())
                await self._tell(key, patient, _Wait("starting"))
                if not patient.attempts:
                    # It recovered while that was told: what works is not started anew.
                    patient.tries.pop()
                    return
                ended = await self._start(key, session, patient.attempts)
            finally:
                if breaker.leave():
                    self._wake(key.gateway)
        # Not in its turn any more: a person who took over may be waiting for it.
        await self._judge(key, patient, ended)

    def _needs(self, key: SessionKey, patient: Patient) -> Session | None:
        """Return the session if nothing speaks against starting it now."""
        session = self._candidate(key)
        return session if session is not None and self._wait(key, session, patient) is None else None

    async def _may_have_restarted(self, session: Session) -> bool:
        """Ask a gateway for its health if it dropped the session since: what restarts restores by itself first."""
        gateway = session.key.gateway
        if (self._core.fleet.gateway(gateway).seen_at or 0) >= session.status_since:
            return False
        with contextlib.suppress(JobFailed):
            await self._ask(gateway)
        return True

    async def _judge(self, key: SessionKey, patient: Patient, ended: Ended | None) -> None:
        """Learn from an attempt; one that a person took over teaches nothing."""
        now = self._core.clock.now()
        breaker = self._wards[key.gateway].breaker
        if ended is None or ended.outcome == "superseded":
            patient.tries.pop()
            patient.attempts = max(0, patient.attempts - 1)
            await self._idle(key)
        elif ended.outcome == "verified":
            if breaker.succeeded():
                await self._say(HealingSaid(key.gateway, now, "starts work again: healing goes on"))
        elif self._candidate(key) is not None:
            patient.last_words = ended.text
            if breaker.failed(now, ended.text):
                words = f"healing pauses: {breaker.failures} starts in a row failed, the last: {ended.text}"
                await self._say(HealingSaid(key.gateway, now, words))
        patient.next_at = patient.due(self._core.clock.now())

    async def _tell(self, key: SessionKey, patient: Patient, wait: _Wait) -> None:
        """Show where a patient stands; what calls a person is an event too."""
        calls = wait.state in ("flapping", "exhausted") and patient.state != wait.state
        patient.why = wait.why
        self._show(key, patient, wait.state)
        if calls:
            log.warning("Session %s: %s", key, wait.why)
            said = HealingSaid(key.gateway, self._core.clock.now(), wait.why, key.session_id)
            await self._say(said)

    async def _say(self, fact: HealingSaid) -> None:
        await self._core.recorder.record(fact)

    def _show(self, key: SessionKey, patient: Patient, state: HealingState | None) -> None:
        states = self._wards[key.gateway].states
        if patient.state is not None:
            states[patient.state] -= 1
        if state is not None:
            states[state] += 1
        patient.state = state
        shown = (state, patient.next_at, patient.why, patient.attempts) if state is not None else None
        session = self._core.fleet.session(key)
        if session is not None and shown != patient.shown:
            patient.shown = shown
            self._core.bus.show(Change(sessions={key: session}))

    async def _sleep(self, key: SessionKey, patient: Patient, until: int | None) -> None:
        if self._busy(key):
            await self._idle(key)
            return
        seconds = None if until is None else max(0.0, (until - self._core.clock.now()) / SECOND)
        try:
            # Not wait_for: who is woken and cancelled at once would go on, and the daemon would never end.
            async with asyncio.timeout(seconds):
                await patient.wake.wait()
        except TimeoutError:
            return
