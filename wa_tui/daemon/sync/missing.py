"""Webhooks that never came: the daemon asks and listens, so it can tell (design §3)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import Checked, ClockStepped, Listed, Webhook, WebhookMissing, key_of
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SECOND, Reason, SessionKey, Source, Status, milliseconds
from wa_tui.model.session import Session
from wa_tui.model.transition import Verdict
from wa_tui.store import StoreError

from ..background import Background
from ..clock import Clock, dated
from ..recording.change import Change
from ..recording.recorder import NotTaken, Recorder

log = logging.getLogger("wa_tui.sync")

GRACE = 45.0
"""Seconds that a webhook may come later than the check that found the same."""

LEEWAY = 5 * SECOND
"""How much earlier than the check it may have come, in milliseconds: a check takes its time.

It saw a client on its way out where what it found was over within the same time: nobody announces that.
"""

HINTED = 65 * SECOND
"""The same for a hint, whose check may wait for its brake."""

ANNOUNCED = frozenset({Status.CONNECTED, Status.QR_PENDING, Status.AUTH_FAILED})
"""Statuses that a gateway announces whoever asked for them (contract §2)."""

_CHECKS = frozenset({Source.SYNC, Source.ACTION, Source.HEAL})

Told = tuple[SessionKey, Status]
"""What a webhook tells, or should have."""


@dataclass(slots=True)
class _Suspicion:
    key: SessionKey
    status: Status
    since: int
    """When it was found, by the monotonic clock."""
    due: float
    announced: bool = False


class MissingWebhooks:
    """Suspects each status that a check found, and records those of which no webhook told within the grace."""

    def __init__(self, fleet: Fleet, recorder: Recorder, clock: Clock) -> None:
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._from = clock.monotonic() + milliseconds(GRACE)
        self._suspicions: deque[_Suspicion] = deque()
        self._open: dict[Told, list[_Suspicion]] = {}
        self._unkept: dict[Told, int] = {}
        """Webhooks that sessions do not keep, outdated or hints, and until when they count, by the monotonic clock."""
        self._listed: dict[SessionKey, int] = {}
        """When lists said that sessions are disconnected, until that is settled."""
        self._wake = asyncio.Event()
        self._background = Background("missing webhooks", self._run)

    def start(self) -> None:
        """Begin to wait for webhooks."""
        self._background.start()

    async def stop(self) -> None:
        """Give up what is suspected."""
        await self._background.stop()

    def listen(self, change: Change) -> None:
        """Notice what lists and checks found, and what webhooks told."""
        for fact, verdict in change.webhooks:
            self._hear(fact, verdict)
        for event in change.events:
            if isinstance(event.fact, ClockStepped):
                by = event.fact.by
                self._listed = {key: at + by for key, at in self._listed.items()}
            elif isinstance(event.fact, Listed) and event.fact.status is Status.DISCONNECTED:
                self._note(event.fact)
            elif event.kind is Kind.STATUS:
                if self._open:
                    self._acquit(event)
                if event.source in _CHECKS and self._settled:
                    self._suspect(event)
        for key in self._listed.keys() & change.sessions.keys():
            if change.sessions[key].listed is None:
                del self._listed[key]

    def forget(self, gateway: str) -> None:
        """Suspect nothing of a gateway any more: nobody works at it."""
        for suspicion in self._suspicions:
            suspicion.announced = suspicion.announced or suspicion.key.gateway == gateway
        self._open = {told: those for told, those in self._open.items() if told[0].gateway != gateway}
        self._unkept = {told: until for told, until in self._unkept.items() if told[0].gateway != gateway}
        self._listed = {key: at for key, at in self._listed.items() if key.gateway != gateway}

    @property
    def _settled(self) -> bool:
        """Whether the daemon listens for long enough to miss a webhook."""
        return self._clock.monotonic() >= self._from

    def _note(self, fact: Listed) -> None:
        session = self._fleet.session(key_of(fact))
        # A check without an answer may have told the gateway itself.
        if session is not None and session.unanswered is None:
            self._listed.setdefault(session.key, fact.at)

    def _hear(self, fact: Webhook, verdict: Verdict) -> None:
        """Only a webhook of the very status tells it: any other may tell what healing did since."""
        unkept = fact.hint or verdict is Verdict.STALE
        if not self._open and not unkept:
            return
        told = key_of(fact), fact.status
        for suspicion in self._open.pop(told, ()):
            suspicion.announced = True
        if unkept:
            now = self._clock.monotonic()
            self._unkept.pop(told, None)
            self._unkept[told] = now + (HINTED if fact.hint else LEEWAY)
            while self._unkept[oldest := next(iter(self._unkept))] < now:
                del self._unkept[oldest]

    def _acquit(self, event: Event) -> None:
        """Suspect no longer that a check found a session connected, where that was over soon after."""
        if event.gateway is None or event.session_id is None or event.before != Status.CONNECTED:
            return
        told = SessionKey(event.gateway, event.session_id), Status.CONNECTED
        soon = self._clock.monotonic() - LEEWAY
        for suspicion in self._open.get(told, ()):
            suspicion.announced = suspicion.announced or suspicion.since >= soon

    def _suspect(self, event: Event) -> None:
        if event.gateway is None or event.session_id is None or event.after is None:
            return
        key, status = SessionKey(event.gateway, event.session_id), Status(event.after)
        session = self._fleet.session(key)
        if session is None or not self._announced(key, status, event) or self._came(session, status, event):
            return
        due = asyncio.get_running_loop().time() + GRACE
        suspicion = _Suspicion(key, status, self._clock.monotonic(), due)
        self._suspicions.append(suspicion)
        self._open.setdefault((key, status), []).append(suspicion)
        self._wake.set()

    def _announced(self, key: SessionKey, status: Status, event: Event) -> bool:
        """Whether the gateway itself knew: what a check finds behind its back, it never announces (contract §3)."""
        session, listed = self._fleet.session(key), self._listed.get(key)
        wanted = session is not None and session.wanted
        if status in ANNOUNCED:
            # The code that follows a logout from here is ended before anybody posts it.
            return wanted or status is Status.CONNECTED
        nobody = event.source is Source.SYNC and wanted
        before = isinstance(event.fact, Checked) and listed is not None and listed <= event.fact.began
        return status is Status.DISCONNECTED and nobody and before and event.reason is not Reason.MISSING

    def _came(self, session: Session, status: Status, event: Event) -> bool:
        """Whether a webhook told it just before the check."""
        latest = session.claims.latest
        if latest is not None and latest.status is status and latest.received >= event.recorded - LEEWAY:
            return True
        counts_until = self._unkept.get((session.key, status))
        return counts_until is not None and self._clock.monotonic() <= counts_until

    async def _run(self) -> None:
        while True:
            while not self._suspicions:
                self._wake.clear()
                await self._wake.wait()
            first = self._suspicions[0]
            await asyncio.sleep(max(0.0, first.due - asyncio.get_running_loop().time()))
            self._suspicions.popleft()
            if not first.announced:
                self._forget(first)
                await self._record(first)

    def _forget(self, suspicion: _Suspicion) -> None:
        same = self._open[told := (suspicion.key, suspicion.status)]
        same.remove(suspicion)
        if not same:
            del self._open[told]

    async def _record(self, missed: _Suspicion) -> None:
        clock = self._clock
        fact = WebhookMissing(*missed.key, clock.now(), missed.status, dated(clock, missed.since))
        try:
            await self._recorder.record(fact)
        except (NotTaken, StoreError) as error:
            log.warning("A missing webhook of %s could not be recorded: %s", missed.key, error)
