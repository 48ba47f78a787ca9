"""The registers of a session and of a gateway: the words everything else is written in."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

SECOND = 1_000
"""Milliseconds in a second; every time in the model is an integer of milliseconds since the epoch, UTC."""

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def milliseconds(seconds: float) -> int:
    """Return seconds as the model's milliseconds."""
    return int(seconds * SECOND)


def length(span: int) -> str:
    """Return a span of time in words, two units at most."""
    parts = []
    for name, unit in (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", SECOND)):
        number, span = divmod(span, unit)
        if number:
            parts.append(f"{number} {name}")
    return " ".join(parts[:2]) or "less than a second"


class SessionKey(NamedTuple):
    """Names one WhatsApp account on one gateway."""

    gateway: str
    session_id: str

    def __str__(self) -> str:
        return f"{self.gateway}/{self.session_id}"


class Status(StrEnum):
    """What was last observed of a session."""

    UNKNOWN = "unknown"
    INITIALIZING = "initializing"
    QR_PENDING = "qr_pending"
    AUTHENTICATED = "authenticated"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    AUTH_FAILED = "auth_failed"


ONLINE = frozenset({Status.CONNECTED, Status.AUTHENTICATED})
DOWN = frozenset({Status.DISCONNECTED, Status.AUTH_FAILED})

BADNESS: dict[Status, int] = {
    Status.CONNECTED: 0,
    Status.AUTHENTICATED: 1,
    Status.INITIALIZING: 2,
    Status.QR_PENDING: 3,
    Status.DISCONNECTED: 4,
    Status.AUTH_FAILED: 5,
    Status.UNKNOWN: 6,
}
"""Of two statuses with one timestamp the worse holds until a check (design §3, rule 1)."""


class Credentials(StrEnum):
    """Whether a session can come back without a person."""

    UNKNOWN = "unknown"
    STORED = "stored"
    NEEDS_SCAN = "needs_scan"


class Desired(StrEnum):
    """What we want of a session."""

    ONLINE = "online"
    OFFLINE = "offline"


class Reason(StrEnum):
    """Why a status holds, in one canonical word."""

    LOGOUT = "logout"
    CONFLICT = "conflict"
    BANNED = "banned"
    PASSKEY = "passkey"
    """WhatsApp asks for a passkey before it lets the account in: no code is shown meanwhile."""
    NAVIGATION = "navigation"
    QR_EXPIRED = "qr_expired"
    MISSING = "missing"
    GATEWAY_UNREACHABLE = "gateway_unreachable"
    BROWSER_DIED = "browser_died"
    PROFILE_IN_USE = "profile_in_use"
    """Another browser holds the session's profile: none can be started on it until that one has ended."""
    BROWSER_UNABLE = "browser_unable"
    """No browser starts on the gateway's machine."""
    RESTORE_FAILED = "restore_failed"
    """The gateway could not restore it after its restart, and does not say why."""
    OPERATOR = "operator"
    UNLINKED = "unlinked"
    """Somebody unlinked its account from here: the words beside it are who."""
    OTHER = "other"


class Proof(StrEnum):
    """How strong the evidence is that a session works, weakest first (design §9, rule 9)."""

    CLAIMED = "claimed"
    """A list or a status webhook says so, or a check of a gateway that only repeats what it believes."""
    CLIENT = "client"
    """The client's own state, asked just then. Green needs this, or better."""
    SERVER = "server"
    """WhatsApp's server answered or acknowledged."""
    DELIVERED = "delivered"
    """A recipient's device acknowledged."""

    @property
    def proves(self) -> bool:
        """Whether a session is shown as connected by it."""
        return self is not Proof.CLAIMED


class GatewayState(StrEnum):
    """How a gateway answers."""

    UNKNOWN = "unknown"
    UP = "up"
    SLOW = "slow"
    DOWN = "down"
    RESTARTING = "restarting"
    RETURNED = "returned"
    """Back after it was away: whether it restarted it does not tell, so its own restoring, if any, goes first."""
    UNAUTHORISED = "unauthorised"


RESTORING = frozenset({GatewayState.RESTARTING, GatewayState.RETURNED})
"""States in which a gateway brings its sessions back by itself, or may."""

ANSWERING = frozenset({GatewayState.UP, GatewayState.SLOW, *RESTORING})
"""States in which a gateway's sessions are observed."""


class Source(StrEnum):
    """Where a fact comes from."""

    WEBHOOK = "webhook"
    SYNC = "sync"
    LIST = "list"
    HEALTH = "health"
    ACTION = "action"
    HEAL = "heal"
    TRAFFIC = "traffic"
    """What goes through a session, or does not."""
    TIMER = "timer"
