"""A daemon without sockets: what the app asks is recorded, what it is told is pushed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tests.ranges import events_in
from tests.tui.fleet import MESSAGES, NOW, snapshot
from wa_tui.client import DaemonError, DaemonGone, Disconnected, Incompatible
from wa_tui.wire import (
    ActionRequest,
    Counts,
    Delta,
    EventRange,
    EventView,
    LiveMessage,
    MessageView,
    QrView,
    Receipt,
    SessionView,
    Snapshot,
    StatusView,
    TrafficSeries,
)

TEXT = "2@" + "Qx7vB1mK0pLs9dRf" * 13 + ",ab+/" * 5 + "=,1"
"""As long as what WhatsApp shows."""


def code(text: str = TEXT, digest: str = "5f1c", seconds: float = 41.0) -> QrView:
    """A QR code that lives so many seconds more."""
    return QrView(digest=digest, payload=text, expires_at=NOW + timedelta(seconds=seconds))


class FakeDaemon:
    """Begins with the demo fleet, unless ``first`` is another snapshot or ``None``."""

    def __init__(self, first: Snapshot | None = None, *, silent: bool = False) -> None:
        self.asked: list[ActionRequest] = []
        self.codes: dict[tuple[str, str], QrView] = {}
        self.fetched = 0
        self.refusal: DaemonError | None = None
        self.answers: dict[str, dict[str, Any]] = {}
        self.receipts: dict[str, Receipt] = {}
        self.past: list[EventView] = []
        self.pages: list[int | None] = []
        self.sent: list[MessageView] = list(MESSAGES)
        self.series = TrafficSeries(since=NOW - timedelta(days=1), step_s=60)
        self.read_messages = 0
        self.unreadable: DaemonError | None = None
        self.closed = False
        self.sessions_known: dict[tuple[str, str], SessionView] = {}
        self._feed: asyncio.Queue[LiveMessage | Disconnected] = asyncio.Queue()
        if not silent:
            self.push(first or snapshot())

    async def connect(self) -> FakeDaemon:
        return self

    def push(self, message: LiveMessage | Disconnected) -> None:
        if isinstance(message, (Snapshot, Delta)):
            self.sessions_known |= {session.key: session for session in message.sessions}
        self._feed.put_nowait(message)

    def change(self, key: tuple[str, str], **fields: Any) -> None:
        self.push(Delta(sessions=[msgspec.structs.replace(self.sessions_known[key], **fields)]))

    def lose(self, reason: str = "the connection to the daemon was lost") -> None:
        self.push(Disconnected(reason, DaemonGone(reason)))

    def differ(self, reason: str) -> None:
        """Be one of another version."""
        self.push(Disconnected(reason, Incompatible(reason)))

    def finish(self, outcome: str, text: str = "", **fields: Any) -> None:
        """End the newest action."""
        receipt = list(self.receipts.values())[-1]
        ended = msgspec.structs.replace(receipt, outcome=outcome, text=text, ended_at=NOW, **fields)
        self.receipts[ended.id] = ended
        self.push(Delta(receipts=[ended]))

    async def follow(self) -> AsyncIterator[LiveMessage | Disconnected]:
        while True:
            yield await self._feed.get()

    async def act(self, request: ActionRequest) -> Receipt:
        self.asked.append(request)
        if self.refusal is not None:
            raise self.refusal
        fields: dict[str, Any] = {
            "id": f"r{len(self.asked)}",
            "action": request.action,
            "outcome": "accepted",
            "gateway": request.gateway,
            "session_id": request.session_id,
            "accepted_at": NOW,
        }
        receipt = Receipt(**(fields | self.answers.get(request.action, {})))
        self.receipts[receipt.id] = receipt
        return receipt

    async def receipt(self, id: str, wait: float = 0) -> Receipt:
        return self.receipts[id]

    async def qr(self, gateway: str, session_id: str) -> QrView | None:
        self.fetched += 1
        return self.codes.get((gateway, session_id))

    async def events(
        self,
        gateway: str | None = None,
        session_id: str | None = None,
        after: int = 0,
        limit: int = 200,
        before: int | None = None,
    ) -> list[EventView]:
        self.pages.append(before)
        if self.unreadable is not None:
            raise self.unreadable
        found = [
            event
            for event in self.past
            if gateway in (None, event.gateway)
            and session_id in (None, event.session_id)
            and (not after or after < event.id)
            and (before is None or event.id < before)
        ]
        return found[-limit:]

    async def status(self) -> StatusView:
        if self.unreadable is not None:
            raise self.unreadable
        first = snapshot()
        counts = Counts(total=len(self.sessions_known), needs_person=0, by_status={})
        return StatusView(daemon=first.daemon, gateways=first.gateways, sessions=counts, now=NOW)

    async def sessions(self, *, history: bool = True) -> list[SessionView]:
        return list(self.sessions_known.values())

    async def events_within(
        self,
        wanted: EventRange,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 200,
        oldest: bool = False,
    ) -> list[EventView]:
        found = events_in(self.past, wanted, after, before)
        return found[:limit] if oldest else found[-limit:]

    async def actions(
        self,
        gateway: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[Receipt]:
        return [] if before else list(self.receipts.values())

    async def traffic(self, gateway: str, session_id: str, hours: int = 24) -> TrafficSeries:
        if self.unreadable is not None:
            raise self.unreadable
        return self.series

    async def messages(
        self,
        gateway: str | None = None,
        session_id: str | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[MessageView]:
        if self.unreadable is not None:
            raise self.unreadable
        self.read_messages += 1
        ids = [message.action_id for message in self.sent]
        start = ids.index(before) + 1 if before is not None else 0
        found = [
            message
            for message in self.sent[start:]
            if session_id is None
            or any((one.gateway, one.session_id) == (gateway, session_id) for one in message.attempts)
        ]
        return found[:limit]

    async def close(self) -> None:
        self.closed = True
