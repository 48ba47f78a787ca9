"""Webhooks that never came: the daemon asks and listens, so it can tell (design §3)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import WebhookMissing
from wa_tui.model.registers import SECOND, Reason, SessionKey, Source, Status, milliseconds
from wa_tui.model.session import Session
from wa_tui.store import StoreError

from ..change import Change
from ..core import Core
from ..recorder import NotTaken

log = logging.getLogger("wa_tui.sync")

GRACE = 45.0
"""Seconds that a webhook may come later than the check that found the same."""

LEEWAY = 5 * SECOND
"""How much earlier than the check it may have come, in milliseconds: a check takes its time."""

ANNOUNCED = frozenset({Status.CONNECTED, Status.QR_PENDING, Status.AUTH_FAILED})
"""Statuses that a gateway announces whoever asked for them; a disconnection only when nobody did (contract §2)."""

_CHECKS = frozenset({Source.SYNC, Source.ACTION, Source.HEAL})


@dataclass(frozen=True, slots=True)
class _Suspicion:
    key: SessionKey
    status: Status
    since: int
    due: float


class MissingWebhooks:
    """Suspects each status that a check found, and records those of which no webhook told within the grace."""

    def __init__(self, core: Core, started_at: int) -> None:
        self._core = core
        self._from = started_at + milliseconds(GRACE)
        self._suspicions: deque[_Suspicion] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to wait for webhooks."""
        self._task = asyncio.create_task(self._run(), name="missing webhooks")

    async def stop(self) -> None:
        """Give up what is suspected."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def listen(self, change: Change) -> None:
        """Notice what checks found."""
        for event in change.events:
            if event.kind is Kind.STATUS and event.source in _CHECKS and event.recorded >= self._from:
                self._suspect(event)

    def _suspect(self, event: Event) -> None:
        if event.gateway is None or event.session_id is None or event.after is None:
            return
        key, status = SessionKey(event.gateway, event.session_id), Status(event.after)
        session = self._core.fleet.session(key)
        if session is None or not _announced(status, event, session):
            return
        due = asyncio.get_running_loop().time() + GRACE
        self._suspicions.append(_Suspicion(key, status, event.recorded, due))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            while not self._suspicions:
                self._wake.clear()
                await self._wake.wait()
            first = self._suspicions[0]
            await asyncio.sleep(max(0.0, first.due - asyncio.get_running_loop().time()))
            self._suspicions.popleft()
            session = self._core.fleet.session(first.key)
            if session is not None and not _told(session, first):
                await self._record(first)

    async def _record(self, missed: _Suspicion) -> None:
        fact = WebhookMissing(*missed.key, self._core.clock.now(), missed.status, missed.since)
        try:
            await self._core.recorder.record(fact)
        except (NotTaken, StoreError) as error:
            log.warning("A missing webhook of %s could not be recorded: %s", missed.key, error)


def _announced(status: Status, event: Event, session: Session) -> bool:
    if status in ANNOUNCED:
        return True
    nobody = event.source is Source.SYNC and session.wanted
    return status is Status.DISCONNECTED and nobody and event.reason is not Reason.MISSING


def _told(session: Session, missed: _Suspicion) -> bool:
    """Whether a webhook told it, or may have: only the latest ones are kept."""
    claims = session.claims
    for claim in (claims.latest, claims.online, claims.qr, claims.revoked, claims.cause):
        if claim is not None and claim.status is missed.status and claim.received >= missed.since - LEEWAY:
            return True
    kept = missed.status in (Status.CONNECTED, Status.QR_PENDING)
    return not kept and claims.latest is not None and claims.latest.received >= missed.since
