"""The orders that the grid can have."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from wa_tui.tui.fleet.needs import is_trouble
from wa_tui.tui.look.ribbon import uptime
from wa_tui.wire import Condition, SessionView

RANKS = {
    Condition.DISCONNECTED: 0,
    Condition.AUTH_FAILED: 0,
    Condition.SCAN_QR: 0,
    Condition.STARTING: 2,
    Condition.CLAIMED: 3,
    Condition.UNKNOWN: 3,
    Condition.CONNECTED: 4,
    Condition.OFFLINE: 5,
}


class Order(StrEnum):
    """What the rows are sorted by; the value is what the title line calls it."""

    TROUBLE = "trouble first"
    INSTANCE = "by instance"
    GATEWAY = "by gateway"
    AGE = "newest change first"
    UPTIME = "lowest uptime first"


def sort_key(session: SessionView, found: Condition, order: Order, now: datetime) -> tuple[object, ...]:
    """Return what a session is sorted by; keys of one order compare with one another."""
    name = ((session.instance_name or session.session_id).casefold(), session.gateway, session.session_id)
    newest = -session.status_since.timestamp() if session.status_since else 0.0
    match order:
        case Order.INSTANCE:
            return name
        case Order.GATEWAY:
            return (session.gateway, *name)
        case Order.AGE:
            return (newest, *name)
        case Order.UPTIME:
            share = uptime(session.history, (), now)
            return (101.0 if share is None else share, *name)
    rank = RANKS[found]
    if rank > 1 and is_trouble(session):
        rank = 1
    return (rank, newest, *name)
