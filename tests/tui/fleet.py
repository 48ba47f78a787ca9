"""A believable fleet at a fixed instant: 24 sessions on three gateways, one of which is down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.needing import CONFLICT, DOWN, EXHAUSTED, FLAPPING, ORPHAN, SCAN_QR, need
from wa_tui.wire import (
    AcknowledgedView,
    AttemptView,
    DaemonView,
    EventAction,
    EventView,
    GatewayHealingView,
    GatewayView,
    HealingView,
    JobView,
    MessageView,
    Receipt,
    SessionView,
    Snapshot,
)

NOW = datetime(2026, 11, 23, 12, 41, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def clock() -> datetime:
    """The demo's instant, always."""
    return NOW


def ago(age: timedelta) -> datetime:
    """The instant this long before the demo's."""
    return NOW - age


def day(*spells: tuple[float, str], born: float = 24.0) -> list[tuple[int, str]]:
    """A day's history: connected since ``born`` hours ago, but for the spells (hours ago, code)."""
    changes = sorted([(born, "c"), *spells], key=lambda change: -change[0])
    return [(int(ago(HOUR * hours).timestamp()), code) for hours, code in changes]


BUNDLED = ["list_status", "self_restore", "send_media", "stop", "uptime"]
"""What the bundled service can do."""

GATEWAYS = [
    GatewayView(name="eu-1", url="http://10.0.0.11:3000", kind="contract", capabilities=BUNDLED,
                state="up", since=ago(6 * DAY), latency_ms=4, sessions=12,
                started_at=ago(6 * DAY), seen_at=NOW, returned_at=ago(6 * DAY), webhooks={"applied": 412}),
    GatewayView(name="eu-2", url="http://10.0.0.12:3000", kind="contract", capabilities=BUNDLED,
                state="up", since=ago(31 * DAY), latency_ms=7, sessions=9,
                started_at=ago(31 * DAY), seen_at=NOW, returned_at=ago(31 * DAY), webhooks={"applied": 203}),
    GatewayView(name="us-1", url="http://10.1.0.11:3000", kind="contract", capabilities=BUNDLED,
                state="down", since=ago(2.5 * MINUTE), sessions=3,
                detail="connection refused", seen_at=ago(2.5 * MINUTE), returned_at=ago(2 * DAY),
                gaps=[(int(ago(2.5 * MINUTE).timestamp()), None)]),
]  # fmt: skip


def session(name: str, gateway: str = "eu-1", **fields: object) -> SessionView:
    """A session, proven a minute ago unless the fields say otherwise."""
    known: dict[str, object] = {
        "gateway": gateway,
        "session_id": f"user_7_instance_{name}",
        "user_id": "7",
        "instance_name": name,
        "status": "connected",
        "status_since": ago(2 * DAY + HOUR),
        "credentials": "stored",
        "phone_number": "491525550" + f"{sum(map(ord, name)) % 1000:03}",
        "observed_at": ago(MINUTE),
        "proven_at": ago(1.5 * MINUTE),
        "connected_at": ago(2 * DAY + HOUR),
        "history": day(),
    }
    return SessionView(**(known | fields))  # type: ignore[arg-type]


def troubled(name: str, status: str, gateway: str = "eu-1", **fields: object) -> SessionView:
    """A session that is not connected, and was never proven since."""
    return session(name, gateway, **({"status": status, "proven_at": None} | fields))


SESSIONS = [
    troubled("sales-eu", "disconnected", status_since=ago(3.2 * MINUTE), reason="browser_died", detail="Target closed",
             phone_number="491525550001", action="a1", history=day((1.4, "d"), (1.1, "c"), (0.054, "d"))),
    troubled("support-fr", "disconnected", "eu-2", status_since=ago(0.6 * MINUTE), reason="logout", detail="LOGOUT",
             credentials="needs_scan", phone_number=None, attention=need("scan_qr", "logged out", "scan the QR code"),
             history=day((2.2, "q"))),
    troubled("onboarding", "qr_pending", status_since=ago(0.4 * MINUTE), credentials="unknown", phone_number=None,
             attention=SCAN_QR, qr="5f1c", qr_expires_at=NOW + timedelta(seconds=41),
             history=day((0.007, "q"), born=0.01)),
    troubled("courier-2", "disconnected", "eu-2", status_since=ago(11 * MINUTE), reason="other",
             detail="Navigation timeout of 30000 ms exceeded", attention=FLAPPING,
             phone_number="34600555014", history=day((5.2, "d"), (4.1, "c"), (3.3, "d"), (2.8, "c"), (0.19, "d"))),
    troubled("billing-old", "auth_failed", status_since=ago(2.4 * HOUR), reason="banned", detail="TOS_BLOCK",
             attention=need("banned", "banned by WhatsApp", "use another number"), phone_number="491525550870",
             history=day((2.4, "d"))),
    troubled("alerts-ops", "initializing", status_since=ago(0.5 * MINUTE), phone_number="491525550090",
             history=day((3.3, "d"), (3.0, "c"), (0.01, "s"))),
    troubled("crm-south", "authenticated", "eu-2", status_since=ago(0.2 * MINUTE), phone_number="390655501234",
             history=day((0.004, "s"))),
    session("us-sales-1", "us-1", proven_at=ago(4 * MINUTE), phone_number="15550001001",
            history=day((9.0, "d"), (8.9, "c"))),
    session("us-sales-2", "us-1", proven_at=ago(4 * MINUTE), phone_number="15550001002"),
    session("us-ops", "us-1", proven_at=ago(6 * MINUTE), phone_number="15550001003", status_since=ago(6 * HOUR),
            history=day((10.0, "u"), (6.0, "c"))),
    session("billing", status_since=ago(6 * DAY + 4 * HOUR), phone_number="491525550007", is_primary=True),
    session("booking-de", phone_number="491525550008", proven_at=ago(0.4 * MINUTE)),
    session("booking-fr", "eu-2", phone_number="33655501009", proven_at=ago(3.5 * MINUTE),
            history=day((23.5, "s"), (23.2, "c"))),
    session("crm-north", "eu-2", phone_number="46705550122", status_since=ago(14 * HOUR),
            history=day((14.2, "s"), (14.0, "c"))),
    session("hr-bot", status_since=ago(31 * DAY), phone_number="491525550033", proven_at=ago(4.5 * MINUTE),
            history=day((7.4, "s"), (7.3, "c"))),
    session("東京サポート", "eu-2", phone_number="81355500123", status_since=ago(4 * HOUR)),
    session("café-münchen", phone_number="4989555012", status_since=ago(9 * DAY)),
    session("deliveries", "eu-2", phone_number="31655500188"),
    session("field-team", phone_number="447700900123", contradiction="the list says disconnected, checking"),
    session("newsletter", "eu-2", phone_number="436605551234", unanswered="check unanswered: timed out after 10 s"),
    session("warehouse", phone_number="48555012345", desired="offline"),
    session("shop-chat", "eu-2", phone_number="351910555123", status_since=ago(20 * MINUTE),
            history=day((0.4, "d"), (0.33, "c"))),
    troubled("archive-2024", "disconnected", desired="offline", reason="operator", status_since=ago(12 * DAY),
             phone_number="491525550420", history=day((24.0, "o"))),
    troubled("trial-77", "unknown", "eu-2", status_since=None, credentials="unknown", phone_number=None, history=[]),
]  # fmt: skip


def did(id: str, name: str = "reconnect", outcome: str | None = None) -> EventAction:
    """What an event says of an action: that it was accepted, or how it ended."""
    return EventAction(id=id, name=name, outcome=outcome)


def event(
    number: int, before_now: timedelta, source: str, kind: str, name: str = "sales-eu", **fields: object
) -> EventView:
    """An event of a session of the fleet; ``name`` empty for one of a gateway."""
    whose = (
        {"gateway": "eu-1", "session_id": f"user_7_instance_{name}", "instance_name": name} if name else {}
    )
    return EventView(id=number, at=ago(before_now), source=source, kind=kind, **(whose | fields))  # type: ignore[arg-type]


EVENTS = [
    event(1, 580 * timedelta(seconds=1), "heal", "outcome", before="initializing", after="connected",
          text="reconnect 4 verified: connected, proven by getState",
          action=did("4", outcome="verified")),
    event(2, 181 * timedelta(seconds=1), "webhook", "status", before="connected", after="disconnected",
          reason="browser_died", detail="Target closed"),
    event(3, 176 * timedelta(seconds=1), "heal", "action", text="reconnect 1 started · credentials on disk",
          action=did("1")),
    event(4, 150 * timedelta(seconds=1), "health", "gateway", "", gateway="us-1", before="up", after="down",
          detail="connection refused"),
    event(5, 146 * timedelta(seconds=1), "heal", "outcome",
          text="reconnect 1 no effect: QR code generation timeout after 30 s",
          action=did("1", outcome="no_effect")),
    event(6, 36 * timedelta(seconds=1), "webhook", "status", "support-fr", gateway="eu-2", before="connected",
          after="disconnected", reason="logout", detail="LOGOUT"),
    event(7, 24 * timedelta(seconds=1), "webhook", "qr", "onboarding", before="initializing", after="qr_pending"),
    event(8, 22 * timedelta(seconds=1), "list", "contradiction", "field-team",
          text="the list says disconnected, checking"),
    event(9, 12 * timedelta(seconds=1), "action", "action", text="reconnect accepted from ana@ops",
          action=did("9")),
]  # fmt: skip

JOBS = [
    JobView(name="health", gateway="eu-1", interval_s=10, next_at=NOW, last_at=ago(0.1 * MINUTE), outcome="ok"),
    JobView(name="sync-session-status", interval_s=300, next_at=NOW, last_at=ago(4 * MINUTE), duration_ms=812,
            outcome="ok", detail="Session sync complete: 21 checked, 0 updated"),
]  # fmt: skip

RECEIPTS = [
    Receipt(id="a1", action="reconnect", outcome="accepted", gateway="eu-1", session_id="user_7_instance_sales-eu",
            who="ana@ops", accepted_at=ago(0.2 * MINUTE), text="waiting for the gateway"),
]  # fmt: skip


def snapshot(**fields: object) -> Snapshot:
    """The whole fleet as the daemon sends it first; fields replace its parts."""
    daemon = DaemonView(
        pid=4711, version="0.1.0", started_at=ago(6 * DAY), title="prod", listen="0.0.0.0:8000",
        state_dir="/var/lib/wa_tui",
    )  # fmt: skip
    parts: dict[str, object] = {
        "daemon": daemon,
        "gateways": list(GATEWAYS),
        "sessions": list(SESSIONS),
        "events": list(EVENTS),
        "jobs": list(JOBS),
        "receipts": list(RECEIPTS),
    }
    return Snapshot(**(parts | fields))  # type: ignore[arg-type]


def attempt(
    name: str, before_now: timedelta, outcome: str = "sent", gateway: str = "eu-1", **fields: Any
) -> AttemptView:
    """One try to send through a session of the fleet, over after 0.8 s."""
    known: dict[str, Any] = {"at": ago(before_now), "ended_at": ago(before_now) + timedelta(seconds=0.8)}
    id = f"user_7_instance_{name}"
    return AttemptView(gateway=gateway, session_id=id, outcome=outcome, **(known | fields))


MESSAGES = [
    MessageView(action_id="m5", at=ago(2 * MINUTE), who="api", recipient="491525550999", length=42, user_id="7",
                outcome="unknown", text="no answer in 30 s: it may have gone out",
                attempts=[attempt("sales-eu", 2 * MINUTE, "not_sent", text="Client session closed. Please reconnect."),
                          attempt("billing", 1.9 * MINUTE, "unknown", text="no answer in 30 s: it may have gone out")]),
    MessageView(action_id="m4", at=ago(9 * MINUTE), who="ana@ops", recipient="34600555777", length=12,
                outcome="verified", message_id="3EB0A1B2C3D4E5F6",
                attempts=[attempt("billing", 9 * MINUTE, message_id="3EB0A1B2C3D4E5F6")]),
    MessageView(action_id="m3", at=ago(2 * HOUR), who="api", recipient="120363025246125000@g.us", kind="image",
                user_id="7", outcome="failed", text="no session of user 7 could send it",
                attempts=[attempt("us-sales-1", 2 * HOUR, "not_sent", "us-1", text="connection refused"),
                          attempt("us-sales-2", 2 * HOUR, "not_sent", "us-1", text="skipped: us-1 is down")]),
    MessageView(action_id="m2", at=ago(26 * HOUR), who="api", recipient="33655501111", length=160, outcome="accepted",
                attempts=[attempt("booking-fr", 26 * HOUR, "trying", "eu-2", ended_at=None)]),
    MessageView(action_id="m1", at=ago(3 * DAY), who="bo@ops", recipient="447700900123", length=4, outcome="verified",
                message_id="3EB000000001", attempts=[attempt("field-team", 3 * DAY, message_id="3EB000000001")]),
]  # fmt: skip

BUSY_GATEWAYS = [
    GatewayView(name="eu-1", url="http://10.0.0.11:3000", kind="contract", version="1.4.0", state="up",
                since=ago(6 * DAY), latency_ms=4, sessions=12,
                started_at=ago(6 * DAY), seen_at=NOW, returned_at=ago(6 * DAY), restarts=1, clock_offset_ms=38,
                webhooks={"applied": 4120, "unchanged": 311, "duplicate": 12, "stale": 3, "wrong_key": 4,
                          "malformed": 1},
                hour={"status": 31, "missing": 3, "contradiction": 1, "duplicate": 2, "wrong_key": 4}, drift=1,
                per_minute=[0, 0, 1, 0, 3, 2, 0, 0, 5, 9, 4, 1, 0, 0, 0, 2] * 3 + [6, 4, 2, 0, 1, 0, 8, 12, 3, 0, 1, 2],
                limit=50, capabilities=[*BUNDLED, "pairing_code"],
                healing=GatewayHealingView(at_once=2, starting=1, waiting=3)),
    GatewayView(name="eu-2", url="http://10.0.0.12:3000", kind="contract", capabilities=BUNDLED,
                state="restarting", since=ago(1.2 * MINUTE), latency_ms=7,
                sessions=9, started_at=ago(1.2 * MINUTE), seen_at=NOW, returned_at=ago(1.2 * MINUTE), restarts=4,
                clock_offset_ms=-2410, webhooks={"applied": 203}, hour={"status": 4}, per_minute=[0] * 59 + [4],
                limit=9,
                healing=GatewayHealingView(at_once=2, paused_until=NOW + 4 * MINUTE,
                                           why="starts fail: Failed to launch the browser process")),
    GATEWAYS[2],
    GatewayView(name="ap-1", url="https://ap-1.example:3000", kind="contract", capabilities=BUNDLED,
                state="unauthorised", since=ago(3 * HOUR),
                detail="HTTP 401: Invalid API key", seen_at=NOW, read_only=True, per_minute=[0] * 60,
                healing=GatewayHealingView(enabled=False)),
]  # fmt: skip
"""Gateways with all that there can be to tell of them."""

NEEDY = [
    troubled("sales-eu", "disconnected", status_since=ago(3.2 * MINUTE), reason="browser_died", detail="Target closed",
             healing=HealingView(state="waiting", attempts=2, next_at=NOW + 3 * MINUTE,
                                 why="QR code generation timeout"),
             used_at=ago(5 * MINUTE), history=day((0.054, "d"))),
    troubled("worker-9", "disconnected", status_since=ago(50 * MINUTE), reason="other", detail="page crashed",
             attention=EXHAUSTED,
             healing=HealingView(state="exhausted", attempts=12, next_at=NOW + 10 * MINUTE,
                                 why="12 starts in the last hour did not help")),
    troubled("crm-west", "disconnected", "eu-2", status_since=ago(9 * MINUTE), reason="conflict", detail="CONFLICT",
             attention=CONFLICT, acknowledged=AcknowledgedView(who="bo@ops", at=ago(5 * MINUTE))),
    troubled("promo", "disconnected", "eu-2", status_since=ago(2 * DAY), reason="navigation", attention=DOWN,
             snoozed_until=NOW + 2 * HOUR),
    session("ghost", "eu-2", orphan=True, attention=ORPHAN, status_since=ago(2 * HOUR)),
]  # fmt: skip
"""Sessions with each thing that a person can be needed for and the fleet has not."""

MANY_JOBS = [
    *(JobView(name="health", gateway=name, interval_s=10, next_at=NOW + MINUTE / 6, last_at=ago(0.1 * MINUTE),
              outcome="ok", duration_ms=4) for name in ("eu-1", "eu-2")),
    JobView(name="health", gateway="us-1", interval_s=10, next_at=NOW + MINUTE / 6, last_at=ago(0.1 * MINUTE),
            duration_ms=5002, outcome="failed", detail="us-1 did not answer /health: connection refused"),
    JobView(name="sync-session-status", interval_s=300, next_at=NOW + MINUTE, last_at=ago(4 * MINUTE),
            duration_ms=812, outcome="ok", detail="Session sync complete: 21 checked, 0 updated"),
    JobView(name="cleanup-disconnected-sessions", interval_s=86400, next_at=NOW + 9 * HOUR),
]  # fmt: skip


def busy() -> Snapshot:
    """The fleet with all that there can be to tell of it."""
    names = {one.instance_name for one in NEEDY}
    sessions = [*NEEDY, *(one for one in SESSIONS if one.instance_name not in names)]
    daemon = DaemonView(
        pid=4711, version="0.1.0", started_at=ago(6 * DAY), title="prod",
        notices=["the disk of /var/lib/wa_tui is 97 % full"],
    )  # fmt: skip
    return snapshot(gateways=BUSY_GATEWAYS, sessions=sessions, jobs=MANY_JOBS, daemon=daemon)
