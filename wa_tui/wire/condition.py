"""A session's state in one word, derived from what the API shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from .gateways import GatewayView
from .sessions import SessionView

ANSWERING = ("up", "slow", "restarting")
"""States of a gateway in which a proof can be had."""


class Condition(StrEnum):
    """A session's state in one word: what the monitor shows and counts."""

    DISCONNECTED = "disconnected"
    AUTH_FAILED = "auth failed"
    SCAN_QR = "scan QR"
    STARTING = "starting"
    CLAIMED = "claimed"
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
        if gateway.state not in ANSWERING:
            return False
        if gateway.returned_at is not None and session.proven_at < gateway.returned_at:
            return False
    return now - session.proven_at <= timedelta(seconds=window_s)


def condition(session: SessionView, gateway: GatewayView | None, now: datetime, window_s: float) -> Condition:
    """Return the word for a session's state: green is ``connected`` alone, when connected and proven."""
    match session.status:
        case "connected":
            proven = is_proven(session, gateway, now, window_s)
            return Condition.CONNECTED if proven else Condition.CLAIMED
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
