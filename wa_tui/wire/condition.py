"""A session's state in one word, derived from what the API shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from .gateways import GatewayView
from .sessions import SessionView

RESTORING = ("restarting", "returned")
"""States of a gateway in which it brings its sessions back by itself, or may."""

ANSWERING = ("up", "slow", *RESTORING)
"""States of a gateway in which a proof can be had."""

SKEW = timedelta(seconds=62)
"""A proof may be so far ahead of a monitor: it counts to the minute that has begun, and clocks are a little off."""


_NO_SCAN = frozenset({"banned", "passkey"})
"""Reasons for which a scan is of no use, though the credentials are not taken."""


class Condition(StrEnum):
    """A session's state in one word: what the monitor shows and counts."""

    DISCONNECTED = "disconnected"
    AUTH_FAILED = "auth failed"
    GHOST = "ghost"
    """It says connected, and WhatsApp's server denies it."""
    SCAN_QR = "scan QR"
    STARTING = "starting"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    CONNECTED = "connected"
    OFFLINE = "offline"


class Registers(Protocol):
    """What says in which state a session is, as the API and the daemon have it."""

    @property
    def status(self) -> str:
        """What was last observed."""

    @property
    def credentials(self) -> str:
        """Whether it can come back without a person."""

    @property
    def desired(self) -> str:
        """What is wanted of it."""

    @property
    def reason(self) -> str | None:
        """Why it is in its status."""

    @property
    def ghost(self) -> object | None:
        """What is known of it as a ghost; ``None``: it is none."""


def proof_span(
    gateway: GatewayView | None, now: datetime, window_s: float
) -> tuple[datetime, datetime] | None:
    """Return the first and the last instant of a proof that counts; ``None``: none does.

    It must be younger than `proof_window`, and than the gateway's last return, and the gateway must answer (design §3,
    rule 6). One dated in the future is none.
    """
    # A proof dated in the future would count for ever: a clock that was set back must not keep a session green.
    oldest, newest = now - proof_window(gateway, window_s), now + SKEW
    if gateway is None:
        return oldest, newest
    if gateway.state not in ANSWERING:
        return None
    return (oldest if gateway.returned_at is None else max(oldest, gateway.returned_at)), newest


def proof_window(gateway: GatewayView | None, window_s: float) -> timedelta:
    """Return how old a proof may be: twice the gateway's status interval, ``window_s`` where that is not known.

    Where a check proves nothing it is ``window_s`` too: acknowledgements do not come sooner because a small fleet is
    checked more often, and are told once a minute.
    """
    if gateway is not None and gateway.proves and gateway.status_interval_s is not None:
        window_s = 2 * gateway.status_interval_s
    return timedelta(seconds=window_s)


def is_proven(session: SessionView, gateway: GatewayView | None, now: datetime, window_s: float) -> bool:
    """Tell whether a connected session's proof still counts."""
    if session.status != "connected" or session.proven_at is None:
        return False
    span = proof_span(gateway, now, window_s)
    return span is not None and span[0] <= session.proven_at <= span[1]


GRADES = ("claimed", "client", "server", "delivered")
"""How strong a proof may be, weakest first; the first is none."""


class Proven(NamedTuple):
    """A proof that counts: its grade as in `SessionView.proof`, and when it was had."""

    grade: str
    at: datetime


def strongest_proof(
    session: SessionView, gateway: GatewayView | None, now: datetime, window_s: float
) -> Proven | None:
    """Return the strongest proof that a session works, of those that are young enough to count; ``None``: none is.

    A check of the client after an acknowledgement does not hide it, and an old one does not pass as fresh.
    """
    span = proof_span(gateway, now, window_s) if session.status == "connected" else None
    if span is None:
        return None
    known = (("delivered", session.delivered_at), ("server", session.server_at))
    for grade, at in (*known, (session.proof or "client", session.proven_at)):
        if at is not None and span[0] <= at <= span[1]:
            return Proven(grade, at)
    return None


def grade_of(session: SessionView, proven: Proven | None) -> str | None:
    """Return how strong it is proven that a session is connected; ``None`` for one that is not said to be."""
    if proven is not None:
        return proven.grade
    return GRADES[0] if session.status == "connected" and session.ghost is None else None


def condition(session: SessionView, gateway: GatewayView | None, now: datetime, window_s: float) -> Condition:
    """Return the word for a session's state: green is ``connected`` alone, when connected and proven."""
    found = settled(session)
    if found is Condition.CONNECTED and not is_proven(session, gateway, now, window_s):
        return Condition.CLAIMED
    return found


def claim_holds(session: SessionView, gateway: GatewayView | None) -> bool:
    """Tell whether a session is claimed connected where no check can prove it, and nothing speaks against that.

    It counts as fine (design §9, rule 9): whether it works, nothing there can tell.
    """
    if session.status != "connected" or gateway is None or gateway.proves:
        return False
    # Of one that restores its sessions by itself a claim may be older than that.
    there = gateway.state in ANSWERING and gateway.state not in RESTORING
    doubtful = (session.unanswered, session.contradiction, session.ghost)
    return there and all(each is None for each in doubtful)


def works(session: SessionView, gateway: GatewayView | None, now: datetime, window_s: float) -> bool:
    """Tell whether a session works as far as can be known: what interrupts it asks first."""
    return is_proven(session, gateway, now, window_s) or claim_holds(session, gateway)


def settled(session: Registers) -> Condition:
    """Return the word for a session's state, its proof granted where it is connected."""
    match session.status:
        case "connected":
            return Condition.CONNECTED if session.ghost is None else Condition.GHOST
        case "initializing" | "authenticated":
            return Condition.STARTING
        case "qr_pending":
            return Condition.SCAN_QR
    if session.desired == "offline":
        return Condition.OFFLINE
    if session.credentials == "needs_scan" and session.reason not in _NO_SCAN:
        return Condition.SCAN_QR
    if session.status == "auth_failed":
        return Condition.AUTH_FAILED
    return Condition.DISCONNECTED if session.status == "disconnected" else Condition.UNKNOWN


def utc_now() -> datetime:
    """Return the current instant, with its zone."""
    return datetime.now(UTC)
