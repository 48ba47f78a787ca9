"""Which sessions are in trouble, and which of them call a person now."""

from __future__ import annotations

from datetime import datetime

from .condition import Condition
from .covering import is_covered
from .gateways import GatewayView
from .quiet import is_quiet
from .sessions import SessionView

RANKS = {
    Condition.DISCONNECTED: 0,
    Condition.AUTH_FAILED: 0,
    Condition.GHOST: 0,
    Condition.SCAN_QR: 0,
    Condition.STARTING: 2,
    Condition.CLAIMED: 3,
    Condition.UNKNOWN: 3,
    Condition.CONNECTED: 3,
    Condition.OFFLINE: 4,
}
"""Conditions by trouble, the worst first; 1 is what is in trouble in another condition (`rank`).

Of those of 3 some are not proven though they could be (`Priority`).
"""


def calls(session: SessionView, gateway: GatewayView | None, now: datetime) -> bool:
    """Tell whether a session needs a person, and neither it nor its gateway, where that is the cause, is quieted."""
    return (
        session.attention is not None and not is_quiet(session, now) and not is_covered(session, gateway, now)
    )


def is_trouble(session: SessionView) -> bool:
    """Tell whether a session is in trouble whatever its status: a person is needed, or what is and should be differ."""
    unwanted = session.status == "connected" and session.desired == "offline"
    return session.attention is not None or session.contradiction is not None or session.orphan or unwanted


def rank(session: SessionView, found: Condition) -> int:
    """Return how much trouble a session is in, the worst as 0."""
    known = RANKS[found]
    return 1 if known > 1 and is_trouble(session) else known


def is_troubled(session: SessionView, found: Condition) -> bool:
    """Tell whether a session is one to look at: down, waiting for a scan, on its way, or needing a person."""
    return rank(session, found) <= RANKS[Condition.STARTING]
