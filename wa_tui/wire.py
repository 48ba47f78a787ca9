"""The types of the daemon's API, as JSON on its Unix socket and over TCP; times are ISO 8601, UTC.

``GET /api/v1/status``                         -> `StatusView`
``GET /api/v1/sessions``                       -> list of `SessionView`
``GET /api/v1/sessions/<gateway>/<id>/qr``     -> `QrView`
``GET /api/v1/events?…``                       -> list of `EventView`: the newest that match, oldest first
                                                  (``gateway session_id after before limit``, 5,000 at most)
``GET /api/v1/jobs``                           -> list of `JobView`
``POST /api/v1/actions`` with `ActionRequest`  -> `Receipt` (202), refusals 400/403/404/409 as `Problem`
``GET /api/v1/actions/<id>[?wait=seconds]``    -> `Receipt`
``WS /api/v1/live``                            -> one `Snapshot`, then `Delta` after `Delta`
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

import msgspec

ROOT = "/api/v1"
READ_ONLY_HEADER = "x-wa-tui-read-only"
WHO_HEADER = "x-wa-tui-who"

RECONNECT = "reconnect"
"""`SessionView.attention` of a session that is down and needs no more than that; its reason says why."""

UserId = int | str
Outcome = Literal["accepted", "verified", "no_effect", "unknown", "superseded", "failed"]
ActionName = Literal["reconnect", "disconnect", "new", "refresh_qr", "send", "sync"]


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One session. ``proven_at`` is the last check that showed it connected while it stayed so."""

    gateway: str
    session_id: str
    user_id: UserId | None = None
    instance_name: str | None = None
    status: str = "unknown"
    status_since: datetime | None = None
    credentials: str = "unknown"
    desired: str = "online"
    reason: str | None = None
    words: str | None = None
    """The gateway's own words for the reason. Foreign text."""
    phone_number: str | None = None
    is_primary: bool = False
    connected_at: datetime | None = None
    observed_at: datetime | None = None
    proven_at: datetime | None = None
    qr: str | None = None
    """Digest of the current QR code; its payload is at ``/qr``. ``None``: no code, or expired."""
    qr_expires_at: datetime | None = None
    action: str | None = None
    """Id of the action under way."""
    attention: str | None = None
    """Why a person is needed, in a few words; `RECONNECT` when it is simply down, ``None`` when nobody is."""
    contradiction: str | None = None
    silence: str | None = None
    """Why the last check has no answer, while that lasts."""
    orphan: bool = False
    history: list[tuple[int, str]] = []
    """The last 24 h: (epoch seconds, code) from then on; codes in `History`."""

    @property
    def key(self) -> tuple[str, str]:
        """Gateway and session id."""
        return (self.gateway, self.session_id)


class History(StrEnum):
    """The codes of `SessionView.history`."""

    CONNECTED = "c"
    STARTING = "s"
    QR = "q"
    DOWN = "d"
    OFF = "o"
    UNOBSERVED = "u"


class GatewayView(msgspec.Struct, frozen=True, kw_only=True):
    """One gateway: how it answers and since when; ``latency_ms`` of its last ``/health``."""

    name: str
    url: str
    state: str = "unknown"
    since: datetime | None = None
    words: str | None = None
    started_at: datetime | None = None
    seen_at: datetime | None = None
    returned_at: datetime | None = None
    latency_ms: int | None = None
    clock_offset_ms: int | None = None
    restarts: int = 0
    sessions: int = 0
    webhooks: dict[str, int] = {}
    """Webhooks since the daemon started, by what became of them (applied, duplicate, stale, …)."""
    gaps: list[tuple[int, int | None]] = []
    """Times of the last 24 h in which it could not be observed: epoch seconds, from and to (``None``: now)."""


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One event. ``text``, ``words`` may hold foreign text."""

    id: int
    at: datetime
    source: str
    kind: str
    gateway: str | None = None
    session_id: str | None = None
    instance_name: str | None = None
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    words: str | None = None
    text: str = ""


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """One periodic job and its last run; ``outcome`` is ``ok`` or ``failed``."""

    name: str
    gateway: str | None = None
    interval_s: float
    next_at: datetime | None = None
    last_at: datetime | None = None
    duration_ms: int | None = None
    outcome: str | None = None
    detail: str = ""


class ActionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action asked for. ``sync`` needs no session, with a gateway it asks that one alone.

    ``new`` may leave ``session_id`` out (one is made from user and instance name). ``send`` needs ``recipient``
    (digits, or a WhatsApp id) and ``message``. ``force`` repeats what would ask first (reconnect on a proven session).
    """

    action: ActionName
    gateway: str | None = None
    session_id: str | None = None
    user_id: UserId | None = None
    instance_name: str | None = None
    recipient: str | None = None
    message: str | None = None
    force: bool = False


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an action: accepted, then verified (a check proved it), no effect, or unknown."""

    id: str
    action: str
    outcome: Outcome
    text: str = ""
    gateway: str | None = None
    session_id: str | None = None
    who: str = ""
    accepted_at: datetime
    ended_at: datetime | None = None
    message_id: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the action is over."""
        return self.outcome != "accepted"


class QrView(msgspec.Struct, frozen=True, kw_only=True):
    """A session's current QR code: raw text or a PNG data URL, as the gateway sent it."""

    digest: str
    payload: str
    expires_at: datetime


class DaemonView(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon: ``proof_window_s`` is how long a proof counts, ``notices`` what an operator should know of it."""

    pid: int
    version: str
    started_at: datetime
    title: str = ""
    state_dir: str = ""
    listen: str = ""
    read_only: bool = False
    proof_window_s: float = 600.0
    notices: list[str] = []
    runs_node: bool = False
    """Whether the bundled Node service runs under it."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet in numbers; ``by_status`` counts the register ``status``."""

    total: int
    needs_person: int
    by_status: dict[str, int]


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon, its gateways and the fleet in numbers."""

    daemon: DaemonView
    gateways: list[GatewayView]
    sessions: Counts


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal: what happened, to which session on which gateway, and what to do next."""

    error: str
    code: str = "refused"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot"):
    """Everything a monitor shows, sent first and whenever it fell behind; ``events`` are the newest, oldest first."""

    daemon: DaemonView
    gateways: list[GatewayView]
    sessions: list[SessionView]
    events: list[EventView]
    jobs: list[JobView] = []
    receipts: list[Receipt] = []


class Delta(msgspec.Struct, frozen=True, kw_only=True, tag="delta", omit_defaults=True):
    """What changed since the last message: whole views of what did."""

    sessions: list[SessionView] = []
    removed: list[tuple[str, str]] = []
    gateways: list[GatewayView] = []
    events: list[EventView] = []
    jobs: list[JobView] = []
    receipts: list[Receipt] = []
    daemon: DaemonView | None = None


LiveMessage = Snapshot | Delta


class Condition(StrEnum):
    """A session's state in one word: what the monitor shows and counts."""

    DISCONNECTED = "disconnected"
    AUTH_FAILED = "auth failed"
    SCAN_QR = "scan QR"
    STARTING = "starting"
    UNPROVEN = "unproven"
    UNKNOWN = "unknown"
    CONNECTED = "connected"
    OFFLINE = "offline"


def is_proven(session: SessionView, gateway: GatewayView | None, now: datetime, window_s: float) -> bool:
    """Tell whether a connected session's proof still counts.

    It must be younger than ``window_s`` seconds and than the gateway's last return, and the gateway must answer
    (design §3, rule 6).
    """
    if session.status != "connected" or session.proven_at is None:
        return False
    if gateway is not None:
        if gateway.state not in ("up", "slow"):
            return False
        if gateway.returned_at is not None and session.proven_at < gateway.returned_at:
            return False
    return now - session.proven_at <= timedelta(seconds=window_s)


def condition(session: SessionView, gateway: GatewayView | None, now: datetime, window_s: float) -> Condition:
    """Return the word for a session's state: green is ``connected`` alone, when connected and proven."""
    match session.status:
        case "connected":
            proven = is_proven(session, gateway, now, window_s)
            return Condition.CONNECTED if proven else Condition.UNPROVEN
        case "initializing" | "authenticated":
            return Condition.STARTING
        case "qr_pending":
            return Condition.SCAN_QR
    if session.desired == "offline":
        return Condition.OFFLINE
    if session.credentials == "needs_scan":
        return Condition.SCAN_QR
    if session.status == "auth_failed":
        return Condition.AUTH_FAILED
    return Condition.DISCONNECTED if session.status == "disconnected" else Condition.UNKNOWN


def utc_now() -> datetime:
    """Return the current instant, with its zone."""
    return datetime.now(UTC)
