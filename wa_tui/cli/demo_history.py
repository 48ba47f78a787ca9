"""Takes a recorded past in through the recorder, with an injected clock: a demo's 24 hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from wa_tui.daemon.recording.recorder import Recorder
from wa_tui.identity.users import user_text
from wa_tui.model.facts import DaemonStarted, Described, Fact, Healthy, QrCode, Webhook
from wa_tui.model.registers import SECOND, Status
from wa_tui.store import open_store


class PastClock:
    """A clock that stands where it was put, in milliseconds since the epoch."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        """Return where it stands."""
        return self.at

    def monotonic(self) -> int:
        """Return where it stands: a recorded past has no steps."""
        return self.at

    def awake(self) -> int:
        """Return where it stands: nobody slept."""
        return self.at


class _Line(msgspec.Struct, rename="camel"):
    """One line of a recording: the sessions' names, or a webhook as it was posted (contract §2)."""

    sessions: list[dict[str, Any]] = []
    gateway: str = ""
    at: datetime | None = None
    body: dict[str, Any] = {}


async def record_past(database: Path, lines: Iterable[str], now: int) -> int:
    """Record a past that ends at ``now`` (ms) into a fresh database; returns how many facts it had."""
    facts = list(_facts([msgspec.json.decode(line, type=_Line) for line in lines]))
    store = await open_store(database, now=now)
    try:
        loaded = await store.load()
        clock = PastClock(now)
        recorder = Recorder(store, loaded.fleet, clock, lambda change: None)
        recorder.start()
        await recorder.record(*facts)
        await recorder.stop()
        await store.copy_aside(recorder.fleet, now)
    finally:
        await store.close()
    return len(facts)


def _facts(lines: list[_Line]) -> Iterable[Fact]:
    webhooks = [fact for line in lines if (fact := _webhook(line)) is not None]
    began = min((fact.received for fact in webhooks), default=0)
    named = [row for line in lines for row in line.sessions]
    yield DaemonStarted(began, detail="the demo's past begins")
    for gateway in sorted({row["gateway"] for row in named}):
        yield Healthy(gateway, began, began)
    for row in named:
        yield Described(
            gateway=row["gateway"],
            session_id=row["sessionId"],
            at=began,
            user_id=user_text(row.get("userId")),
            instance_name=row.get("instanceName"),
            phone_number=row.get("phoneNumber"),
            is_primary=row.get("isPrimary"),
        )
    yield from webhooks


def _webhook(line: _Line) -> Webhook | None:
    if line.at is None:
        return None
    at, body = round(line.at.timestamp() * SECOND), line.body
    return Webhook(
        gateway=line.gateway,
        session_id=body["sessionId"],
        status=Status(body["status"]),
        timestamp=at,
        received=at,
        user_id=user_text(body.get("userId")),
        phone_number=body.get("phoneNumber"),
        qr=QrCode.of(body["qrCode"]) if body.get("qrCode") else None,
        detail=body.get("reason") or body.get("error"),
    )
