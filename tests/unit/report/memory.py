"""A daemon's memory for reports: events, actions and views in lists, asked as a daemon is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.ranges import events_in
from wa_tui.wire import (
    Counts,
    DaemonView,
    EventRange,
    EventView,
    GatewayView,
    Receipt,
    SessionView,
    StatusView,
)

BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(second: float) -> datetime:
    return BEGIN + timedelta(seconds=second)


@dataclass
class Memory:
    """What a daemon knows at a second."""

    now: datetime
    events: list[EventView] = field(default_factory=list)
    views: list[SessionView] = field(default_factory=list)
    gateways: list[GatewayView] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    daemon: DaemonView = field(default_factory=lambda: DaemonView(pid=1, version="1", started_at=BEGIN))
    largest: int = 0
    """The longest answer it gave."""

    def say(
        self, second: float, gateway: str | None, session_id: str | None, kind: str, **fields: Any
    ) -> None:
        self.events.append(
            EventView(
                id=len(self.events) + 1,
                at=at(second),
                source="webhook",
                kind=kind,
                gateway=gateway,
                session_id=session_id,
                **fields,
            )
        )

    async def status(self) -> StatusView:
        counts = Counts(total=len(self.views), needs_person=0, by_status={})
        return StatusView(daemon=self.daemon, gateways=self.gateways, sessions=counts, now=self.now)

    async def sessions(self, *, history: bool = True) -> list[SessionView]:
        return self.views

    async def events_within(
        self,
        wanted: EventRange,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 200,
        oldest: bool = False,
    ) -> list[EventView]:
        found = events_in(self.events, wanted, after, before)
        self.largest = max(self.largest, min(len(found), limit))
        return found[:limit] if oldest else found[-limit:]

    async def actions(
        self,
        gateway: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[Receipt]:
        found = sorted(self.receipts, key=lambda receipt: receipt.accepted_at, reverse=True)
        if before is not None:
            found = found[[receipt.id for receipt in found].index(before) + 1 :]
        return [
            receipt
            for receipt in found
            if gateway in (None, receipt.gateway)
            and (since is None or receipt.accepted_at >= since)
            and (until is None or receipt.accepted_at <= until)
        ][:limit]
