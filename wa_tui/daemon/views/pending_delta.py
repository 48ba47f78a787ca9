"""What changed, on its way to monitors: gathered until somebody tells it, and encoded once for all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from wa_tui.model.events import Event
from wa_tui.model.registers import SessionKey
from wa_tui.wire import EventView, Receipt

from ..recording.change import Change
from .wire_views import receipt

EVENTS_WAITING = 5_000
"""Events a slow reader may be behind before it gets a snapshot instead: by then that is made as quickly."""

SESSIONS_WAITING = 5_000
"""Sessions that one message tells of at most: of more a snapshot tells, in parts."""


class PendingDelta:
    """What changed since some instant: bounded by the fleet for sessions; what holds now is looked up when told."""

    def __init__(self) -> None:
        self.sessions: dict[SessionKey, None] = {}
        self.gateways: set[str] = set()
        self.events: list[Event | EventView] = []
        self.receipts: list[Receipt] = []
        self.traffic: dict[SessionKey, None] = {}
        self.jobs_ran = False
        self.daemon = False

    def __bool__(self) -> bool:
        told = self.sessions or self.gateways or self.events or self.receipts or self.traffic
        return bool(told or self.jobs_ran or self.daemon)

    def add(self, change: Change) -> None:
        """Take in one committed batch."""
        self.sessions.update(dict.fromkeys(change.sessions))
        self.sessions.update(dict.fromkeys(change.removed))
        self.gateways.update(change.gateways)
        self.gateways.update(change.shown)
        self.gateways.update(fact.gateway for fact, _ in change.webhooks)
        self.events += change.events
        self.events += change.lines
        self.receipts += [receipt(row) for row in change.actions]
        self.traffic.update(dict.fromkeys(change.traffic))
        self.jobs_ran = self.jobs_ran or bool(change.job_runs)
        self.daemon = self.daemon or change.daemon

    def merge(self, later: PendingDelta) -> None:
        """Take in what changed after it."""
        self.sessions |= later.sessions
        self.gateways |= later.gateways
        self.events += later.events
        self.receipts += later.receipts
        self.traffic |= later.traffic
        self.jobs_ran = self.jobs_ran or later.jobs_ran
        self.daemon = self.daemon or later.daemon


class SharedDelta:
    """News as all readers who are up to date are sent them; ``make`` encodes them for the first who reads."""

    def __init__(self, pending: PendingDelta, make: Callable[[PendingDelta], Awaitable[bytes]]) -> None:
        self.pending = pending
        self._make = make
        self._message: asyncio.Future[bytes] | None = None

    async def message(self) -> bytes:
        """Return them, encoded; who goes away meanwhile keeps nobody from it."""
        if self._message is None:
            self._message = asyncio.ensure_future(self._make(self.pending))
        return await asyncio.shield(self._message)
