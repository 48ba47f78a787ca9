"""A quieted gateway covers the sessions whose trouble is its own; one that breaks for another reason still calls."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from .attention import AttentionCode
from .gateways import GatewayView
from .quiet import is_quiet
from .sessions import SessionView

ALWAYS_ITS_OWN = frozenset(
    {AttentionCode.PROFILE_IN_USE, AttentionCode.BROWSER_UNABLE, AttentionCode.FLAPPING}
)
"""What is the matter on the gateway's machine, and what comes and goes with it."""

OFTEN_ITS_OWN = frozenset({AttentionCode.EXHAUSTED, AttentionCode.DOWN})
"""What may come of the gateway or of the session: the reason tells, and without one the gateway is taken for it."""

ITS_REASONS = frozenset(
    {
        None,
        "gateway_unreachable",
        "missing",
        "restore_failed",
        "browser_died",
        "browser_unable",
        "profile_in_use",
    }
)
"""Reasons why a session is down that lie with its gateway."""

_THERE = ("up", "slow")


class Cover(IntEnum):
    """Whether a session's trouble is that of its gateway."""

    NEVER = 0
    """A ban, a conflict, a passkey, a scan: only a person helps, gateway or not."""
    WHILE_AWAY = 1
    """As long as the gateway does not answer, or restores its sessions by itself."""
    ALWAYS = 2


def cover_of(code: AttentionCode, reason: str | None) -> Cover:
    """Return whether what a session needs a person for is its gateway's trouble; ``reason`` is why it is down."""
    if code in ALWAYS_ITS_OWN:
        return Cover.ALWAYS
    if code not in OFTEN_ITS_OWN:
        return Cover.NEVER
    # A planned maintenance ends with sessions that are missing or whose browser does not start: they call nobody.
    return Cover.ALWAYS if reason in ITS_REASONS else Cover.WHILE_AWAY


def covers(gateway: GatewayView | None, cover: Cover, now: datetime) -> bool:
    """Tell whether a gateway is quieted, and covers such trouble of its sessions."""
    if gateway is None or cover is Cover.NEVER or not is_quiet(gateway, now):
        return False
    return cover is Cover.ALWAYS or gateway.state not in _THERE


def is_covered(session: SessionView, gateway: GatewayView | None, now: datetime) -> bool:
    """Tell whether what a session needs a person for is the trouble of its gateway, and that is quieted."""
    if session.attention is None or gateway is None or not is_quiet(gateway, now):
        return False
    return covers(gateway, cover_of(session.attention.code, session.reason), now)
