"""The orders that the grid can have."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from wa_tui.tui.style.ribbon import uptime
from wa_tui.wire import AttentionCode, Condition, Priority, SessionView, priority_key

SortKey = tuple[object, ...]
"""What a session is sorted by; those of one order compare, and no two sessions have the same."""

_NUMBER = re.compile(r"[0-9]{1,18}")
_LAST = "\uffff"


class Order(StrEnum):
    """What the rows are sorted by; the value is what the title line calls it."""

    TROUBLE = "trouble first"
    INSTANCE = "by instance"
    PHONE = "by phone"
    GATEWAY = "by gateway"
    AGE = "newest change first"
    UPTIME = "lowest uptime first"
    PROVEN = "oldest proof first"
    USER = "by user"
    USED = "last used first"
    DROPS = "most drops first"
    WHY = "by reason"

    @property
    def rises(self) -> bool:
        """Whether what the column shows grows from row to row; trouble falls, and so does the age of proofs."""
        return self not in (Order.TROUBLE, Order.PROVEN, Order.DROPS)

    @property
    def ages(self) -> bool:
        """Whether it changes as time goes by."""
        return self is Order.UPTIME


ORDERS: dict[str, Order] = {
    "status": Order.TROUBLE,
    "instance": Order.INSTANCE,
    "phone": Order.PHONE,
    "user": Order.USER,
    "gateway": Order.GATEWAY,
    "for": Order.AGE,
    "up": Order.UPTIME,
    "proven": Order.PROVEN,
    "drops": Order.DROPS,
    "used": Order.USED,
    "why": Order.WHY,
}
"""Orders by the name of their column, as a command names it."""


def sort_key(session: SessionView, found: Condition, asked: Priority, order: Order, now: datetime) -> SortKey:
    """Return what a session is sorted by; keys of one order compare with one another."""
    if order is Order.TROUBLE:
        return priority_key(session, found, asked)
    name = (session.label.casefold(), session.gateway, session.session_id)
    if order is Order.UPTIME:
        share = uptime(session.history, (), now)
        return (101.0 if share is None else share, *name)
    return (*_SORTED_BY[order](session), *name)


_SORTED_BY: dict[Order, Callable[[SessionView], SortKey]] = {
    Order.INSTANCE: lambda session: (),
    Order.PHONE: lambda session: (session.phone_number or _LAST,),
    Order.GATEWAY: lambda session: (session.gateway,),
    Order.AGE: lambda session: (_newest(session.status_since),),
    Order.PROVEN: lambda session: _oldest_proof(session),
    Order.USER: lambda session: user_place(session.user_id),
    Order.USED: lambda session: (_newest(session.used_at),),
    Order.DROPS: lambda session: (-session.drops,),
    Order.WHY: lambda session: _reason(session),
}


def _reason(session: SessionView) -> SortKey:
    """By what a person is needed for, then by what else there is to say."""
    code = session.attention.code if session.attention is not None else None
    return (code.urgency if code is not None else len(AttentionCode), session.reason or _LAST)


def _newest(at: datetime | None) -> float:
    return -at.timestamp() if at is not None else 0.0


def _oldest_proof(session: SessionView) -> tuple[bool, float]:
    """What has no proof to show comes last."""
    proven = session.proven_at is not None and session.status == "connected"
    return (not proven, -_newest(session.proven_at))


def user_place(user: str | None) -> tuple[int, int, str]:
    """Return where a user stands among others: numbers before names before none."""
    if user is None:
        return (2, 0, "")
    return (0, int(user), user) if _NUMBER.fullmatch(user) else (1, 0, user)
