"""Takes a recorded past in through the recorder, with an injected clock: a demo's 24 hours, and a month's counts."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from wa_tui.daemon.recording.recorder import Recorder
from wa_tui.identity.users import user_text
from wa_tui.model.facts import (
    ActionAccepted,
    ActionEnded,
    DaemonStarted,
    Described,
    Fact,
    GhostFound,
    Healthy,
    QrCode,
    SilenceNoted,
    Webhook,
)
from wa_tui.model.registers import MINUTE, SECOND, SessionKey, Source, Status
from wa_tui.model.silence import SilenceCause
from wa_tui.store import open_store
from wa_tui.store.traffic import Row, SessionCounts, open_traffic

_AGAIN = 29 * MINUTE
"""How long after its restart a ghost is found to be one again."""
_DENIAL = "WhatsApp's server has no such account"

_Finding = SilenceNoted | GhostFound | ActionAccepted | ActionEnded


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


class _Doubt(msgspec.Struct):
    """A session that is ``silent``, or a ``ghost``; instants are epoch milliseconds, ``usual`` its usual gap."""

    kind: str
    since: int
    noticed: int
    usual: int


class _Counts(msgspec.Struct, rename="camel"):
    """What went through a session: rows as `SessionCounts` has them, and what is doubtful about it."""

    gateway: str
    session_id: str
    hours: list[tuple[int, list[int]]]
    days: list[tuple[int, list[int]]]
    last: list[int]
    doubt: _Doubt | None = None


class _Line(msgspec.Struct, rename="camel"):
    """One line of a recording: what is known of the sessions, or a webhook as it was posted (contract §2)."""

    sessions: list[dict[str, Any]] = []
    traffic: list[_Counts] = []
    gateway: str = ""
    at: datetime | None = None
    body: dict[str, Any] = {}


async def record_past(database: Path, counts: Path, lines: Iterable[str], now: int) -> None:
    """Record a past that ends at ``now`` (ms) into a fresh database, and its messages into a file of counts."""
    past = [msgspec.json.decode(line, type=_Line) for line in lines]
    store = await open_store(database, now=now)
    try:
        loaded = await store.load()
        clock = PastClock(now)
        recorder = Recorder(store, loaded.fleet, clock, lambda change: None)
        recorder.start()
        await recorder.record(*_facts(past))
        await recorder.stop()
        await store.copy_aside(recorder.fleet, now)
    finally:
        await store.close()
    traffic = await open_traffic(counts, now)
    try:
        await traffic.write([_kept(each) for line in past for each in line.traffic])
    finally:
        await traffic.close()


def _kept(counts: _Counts) -> SessionCounts:
    hours, days = ([Row(at, array("I", row)) for at, row in rows] for rows in (counts.hours, counts.days))
    return SessionCounts(SessionKey(counts.gateway, counts.session_id), hours, days, counts.last)


def _facts(lines: list[_Line]) -> Iterator[Fact]:
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
    found = [
        fact
        for line in lines
        for counts in line.traffic
        if counts.doubt is not None
        for fact in _doubtful(SessionKey(counts.gateway, counts.session_id), counts.doubt)
    ]
    yield from sorted([*webhooks, *found], key=_when)


def _when(fact: Webhook | _Finding) -> int:
    return fact.received if isinstance(fact, Webhook) else fact.at


def _doubtful(key: SessionKey, doubt: _Doubt) -> Iterator[_Finding]:
    """Yield what the watch finds, and of a ghost that healing restarts it in vain."""
    noticed = doubt.noticed
    if doubt.kind == "silent":
        yield SilenceNoted(*key, noticed, doubt.since, SilenceCause.QUIET, doubt.usual)
        return
    action, healer, id = "reconnect", Source.HEAL, "demo-1"
    yield GhostFound(*key, noticed - SECOND, noticed, _DENIAL)
    yield ActionAccepted(*key, noticed + SECOND, action, healer, id, detail=f"{action} 1 started")
    yield ActionEnded(*key, noticed + 7 * SECOND, action, healer, id, "verified", "connected")
    found = noticed + _AGAIN
    yield GhostFound(*key, found - SECOND, found, _DENIAL)


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
