"""Forgets what is long over (``cleanup-disconnected-sessions``), and keeps the side file fresh."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from wa_tui.gateways import Capability, GatewayClient, GatewayError, Scope, scope_of
from wa_tui.model.facts import Removed
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import DAY, DOWN, Credentials, Desired
from wa_tui.model.session import Session
from wa_tui.store import Store
from wa_tui.text.counts import many

from ..checking.checker import Checker
from ..clock import Clock
from ..recording.recorder import Recorder
from .calendar import trusted_since

log = logging.getLogger("wa_tui.cleanup")

TOMBSTONE = 30 * DAY
"""How long a deleted session's late events are recognised."""


class CleanUp:
    """Forgets sessions and events; times in the configuration's days.

    What a gateway still holds a client of is disconnected there first, on ``writable`` gateways alone: a list would
    bring it back, as one to be wanted. A gateway that cannot stop a session keeps it, and so does the fleet.
    """

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        store: Store,
        recorder: Recorder,
        clock: Clock,
        checker: Checker,
        writable: Collection[str],
        *,
        offline_days: int,
        retention_days: int,
    ) -> None:
        self._clients = clients
        self._fleet = fleet
        self._store = store
        self._recorder = recorder
        self._clock = clock
        self._checker = checker
        self._writable = writable
        self._idle = offline_days * DAY
        self._retention = retention_days * DAY

    async def run(self) -> str:
        """Remove sessions long offline or never paired, old tombstones, and events past their retention."""
        now, since = self._clock.now(), await trusted_since(self._store, self._clock)
        over = [
            (session, why)
            for session in self._fleet.everything()
            if (why := _over(session, now, since, self._idle)) and not self._is_still_named(session)
        ]
        for session, _ in over:
            if _held(session) and session.gateway in self._writable:
                await self._let_go(session)
        gone = [
            Removed(session.gateway, session.session_id, now, why)
            for session, why in over
            if (current := self._fleet.session(session.key)) is not None and not _held(current)
        ]
        if gone:
            await self._recorder.record(*gone)
        removed = f"{many(len(gone), 'session')} removed"
        before = now - self._retention
        if since > before:
            return f"{removed}, no events: the calendar leapt less than a retention ago"
        pruned = await self._store.prune(before, self._fleet, now)
        return f"{removed}, {many(pruned, 'event')} past retention"

    def _is_still_named(self, session: Session) -> bool:
        """Whether it is deleted, and its gateway's list may name it for ever: it would be taken for a new one."""
        client = self._clients.get(session.gateway)
        if session.deleted_at is None or client is None:
            return False
        return scope_of(client.capabilities) is Scope.NAMES

    async def _let_go(self, session: Session) -> None:
        """Stop what a gateway still holds; where none can be stopped it stays: unlinking is for people."""
        client = self._clients[session.gateway]
        if Capability.STOP not in client.capabilities:
            return
        try:
            await client.disconnect(session.session_id)
        except GatewayError as error:
            log.info("%s stays until the next clean-up: %s", session.key, error)
            return
        await self._checker.check(session.key)


async def copy_aside(store: Store, fleet: Fleet, clock: Clock) -> str:
    """Copy sessions and gateways to the side file that a damaged database is rebuilt from."""
    await store.copy_aside(fleet, clock.now())
    return "copied"


def _over(session: Session, now: int, since: int, idle: int) -> str | None:
    """Why a session can be forgotten; never one that was paired and is wanted, nothing before it was dated well."""
    days = idle // DAY
    if session.deleted_at is not None:
        old = now - max(since, session.deleted_at) >= TOMBSTONE and not session.orphan
        return "deleted 30 days ago" if old else None
    if session.desired is Desired.OFFLINE and session.status in DOWN:
        return f"offline for {days} days" if now - max(since, session.desired_at) >= idle else None
    unpaired = session.credentials is Credentials.UNKNOWN and session.connected_at is None
    if unpaired and now - max(since, session.created_at) >= idle:
        return f"never paired for {days} days"
    return None


def _held(session: Session) -> bool:
    """Whether its gateway held a client of it, dead or alive, when it was last asked."""
    return session.check is not None and not session.gone and session.deleted_at is None
