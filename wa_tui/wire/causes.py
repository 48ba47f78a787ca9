"""What holds a session in trouble, in one word: one closed list for the summary, the filter and reports."""

from __future__ import annotations

from enum import StrEnum

from .condition import ANSWERING, Condition
from .events import EventView
from .gateways import GatewayView
from .reasons import BY_WISH
from .sessions import SessionView
from .trouble import is_troubled


class Cause(StrEnum):
    """What holds a session in trouble, those that call a person first, by urgency.

    Where a cause is also what somebody is needed for, both are called the same (`AttentionCode`).
    """

    GATEWAY_DOWN = "gateway_down"
    """Its gateway does not answer."""
    KEY_REFUSED = "key_refused"
    """Its gateway does not take our key."""
    PROXY_REFUSES = "proxy_refuses"
    """A proxy before its gateway does not let us through."""
    HEALING_PAUSED = "healing_paused"
    """On its gateway most starts fail: healing starts nothing there for a while."""
    BANNED = "banned"
    CONFLICT = "conflict"
    PASSKEY = "passkey"
    GHOST = "ghost"
    PROFILE_IN_USE = "profile_in_use"
    BROWSER_UNABLE = "browser_unable"
    SCAN_QR = "scan_qr"
    EXHAUSTED = "exhausted"
    FLAPPING = "flapping"
    SILENT = "silent"
    DOWN = "down"
    UNWANTED = "unwanted"
    ORPHAN = "orphan"
    OTHER = "other"
    """A newer daemon says that a person is needed, and for what this version has no word."""
    CONTRADICTION = "contradiction"
    """Two sources say different things of it."""
    GATEWAY_RESTARTING = "gateway_restarting"
    """Its gateway is back, and restores by itself."""
    GATEWAY_RETURNED = "gateway_returned"
    """Its gateway is back, may have restarted, and then restores by itself."""
    GATEWAY_UNSEEN = "gateway_unseen"
    """Its gateway was not asked yet."""
    BROWSER_DIED = "browser_died"
    NAVIGATION = "navigation"
    MISSING = "missing"
    GATEWAY_UNREACHABLE = "gateway_unreachable"
    """A message could not be sent through it, since its gateway did not answer."""
    RESTORE_FAILED = "restore_failed"
    DROPPED = "dropped"
    """It is down for a reason that is none of these."""
    STARTING = "starting"

    @property
    def is_gateways(self) -> bool:
        """Whether it is its gateway's trouble, for which the session itself calls nobody."""
        return self in _GATEWAYS


_GATEWAYS = frozenset(
    {
        Cause.GATEWAY_DOWN,
        Cause.KEY_REFUSED,
        Cause.PROXY_REFUSES,
        Cause.HEALING_PAUSED,
        Cause.GATEWAY_RESTARTING,
        Cause.GATEWAY_RETURNED,
        Cause.GATEWAY_UNSEEN,
    }
)

_BY_CODE = {cause.value: cause for cause in Cause}
_BY_REASON = {
    cause.value: cause
    for cause in (
        *(
            Cause.BROWSER_DIED,
            Cause.NAVIGATION,
            Cause.MISSING,
            Cause.GATEWAY_UNREACHABLE,
            Cause.RESTORE_FAILED,
        ),
        # Somebody is at it: nobody else is needed for these.
        *(Cause.BANNED, Cause.CONFLICT, Cause.PASSKEY, Cause.PROFILE_IN_USE, Cause.BROWSER_UNABLE),
    )
}
_BY_STATE = {
    "down": Cause.GATEWAY_DOWN,
    "unauthorised": Cause.KEY_REFUSED,
    "restarting": Cause.GATEWAY_RESTARTING,
    "returned": Cause.GATEWAY_RETURNED,
}
_BY_STATUS = {
    "qr_pending": Cause.SCAN_QR,
    "auth_failed": Cause.SCAN_QR,
    "initializing": Cause.STARTING,
    "authenticated": Cause.STARTING,
}
_BY_KIND = {"contradiction": Cause.CONTRADICTION, "orphan": Cause.ORPHAN}
_NEEDS_SCAN = frozenset({"logout", "qr_expired"})
_OF_STATUS = frozenset({"status", "qr", "adopted", "missing", "unanswered"})
"""Kinds of events after which a session is in the status that they name."""

EVENT_CAUSES = frozenset(
    {*_BY_STATE.values(), *_BY_STATUS.values(), *_BY_KIND.values(), *_BY_REASON.values(), Cause.DROPPED}
)
"""The causes that one event can bring about; for the others the daemon looks at healing, and at earlier events."""


def cause_of(session: SessionView, found: Condition, gateway: GatewayView | None) -> Cause | None:
    """Return what holds a session in trouble; ``None`` for one that is in none.

    What a person is needed for comes before its gateway's trouble, and that before its own reason. A session that is
    said to work is in trouble too where its gateway is, since nothing proves it.
    """
    if session.attention is not None:
        return _BY_CODE.get(session.attention.code, Cause.OTHER)
    of_gateway = _of_gateway(gateway)
    if not is_troubled(session, found):
        return of_gateway if found is Condition.CLAIMED else None
    if session.contradiction is not None:
        return Cause.CONTRADICTION
    if session.orphan:
        return Cause.ORPHAN
    if of_gateway is not None:
        return of_gateway
    if session.healing is not None and session.healing.state in ("held", "waiting"):
        if gateway is None or gateway.state not in ANSWERING:
            return Cause.GATEWAY_UNSEEN
        # Also one that waits for its own turn: nothing is started there before the pause is over.
        if session.healing.state == "held" or gateway.is_healing_paused:
            return Cause.HEALING_PAUSED
    match found:
        case Condition.STARTING:
            return Cause.STARTING
        case Condition.SCAN_QR:
            return Cause.SCAN_QR
        case Condition.GHOST:
            return Cause.GHOST
    return _BY_REASON.get(session.reason or "", Cause.DROPPED)


def _of_gateway(gateway: GatewayView | None) -> Cause | None:
    if gateway is None:
        return None
    if gateway.state == "unauthorised" and gateway.proxy_refuses:
        return Cause.PROXY_REFUSES
    return _BY_STATE.get(gateway.state)


def cause_of_event(event: EventView) -> Cause | None:
    """Return what holds a session, or all of a gateway's, since an event; ``None`` where it brought no trouble."""
    if event.kind == "gateway":
        return _BY_STATE.get(event.after or "")
    if event.kind in _BY_KIND:
        return _BY_KIND[event.kind]
    if event.kind not in _OF_STATUS:
        return None
    if event.reason == Cause.PASSKEY and event.after == "auth_failed":
        return Cause.PASSKEY
    if event.reason in BY_WISH and event.after in ("disconnected", "auth_failed"):
        return None
    if event.after != "disconnected":
        return _BY_STATUS.get(event.after or "")
    return Cause.SCAN_QR if event.reason in _NEEDS_SCAN else _BY_REASON.get(event.reason or "", Cause.DROPPED)
