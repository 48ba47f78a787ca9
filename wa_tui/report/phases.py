"""What a state means for a handover: whether it is an outage, and whether a person was needed."""

from __future__ import annotations

from enum import Enum

from wa_tui.wire import AttentionCode, Cause, EventView, GatewayView, SessionView
from wa_tui.wire.reasons import BY_WISH, with_words

STATE_KINDS = ("status", "adopted")
"""The kinds of events that tell a session's status."""

_NO_STATE = frozenset({"tombstone", "orphan"})
"""Kinds that name a status which a deleted session had."""

_SERVES = frozenset({"up", "slow"})
_UNTOLD = frozenset({"unknown"})

_OF_REASON = {
    "banned": AttentionCode.BANNED,
    "conflict": AttentionCode.CONFLICT,
    "passkey": AttentionCode.PASSKEY,
    "profile_in_use": AttentionCode.PROFILE_IN_USE,
    "browser_unable": AttentionCode.BROWSER_UNABLE,
    "logout": AttentionCode.SCAN_QR,
}
_DOWN = frozenset({"disconnected", "auth_failed"})
_OF_STATUS = {"qr_pending": AttentionCode.SCAN_QR, "auth_failed": AttentionCode.SCAN_QR}
_CAUSES = {
    "down": Cause.GATEWAY_DOWN,
    "restarting": Cause.GATEWAY_RESTARTING,
    "returned": Cause.GATEWAY_RETURNED,
    "unauthorised": Cause.KEY_REFUSED,
}
_OF_GATEWAY = {"down": AttentionCode.GATEWAY_DOWN, "unauthorised": AttentionCode.KEY_REFUSED}


OF_A_STATE = frozenset(
    {
        *_OF_REASON.values(),
        AttentionCode.DOWN,
        AttentionCode.UNWANTED,
    }
)
"""What a session needs a person for as long as its state lasts: healing finds the others at some time in it."""


class Phase(Enum):
    """Whether a session works, as far as it is meant to."""

    UP = "up"
    DOWN = "down"
    OFF = "off"
    """Offline by wish, or never connected so far: nothing is lost."""


def phase_of(status: str, reason: str | None) -> Phase:
    """Return the phase of a session that was connected once."""
    if status == "connected":
        return Phase.UP
    return Phase.OFF if reason in BY_WISH else Phase.DOWN


def gateway_phase(state: str) -> Phase:
    """Return a gateway's phase: before its first answer nothing is lost."""
    if state in _UNTOLD:
        return Phase.OFF
    return Phase.UP if state in _SERVES else Phase.DOWN


def need_of(status: str, reason: str | None) -> AttentionCode | None:
    """Return what a session in a state needs a person for, as far as the state alone tells."""
    if status in _DOWN and reason in BY_WISH:
        return None
    known = _OF_REASON.get(reason or "") if status in _DOWN else None
    # A scan is of no use to a number that is banned.
    return known or _OF_STATUS.get(status)


def gateway_need(state: str) -> AttentionCode | None:
    """Return what a gateway in a state needs a person for."""
    return _OF_GATEWAY.get(state)


def gateway_cause(state: str) -> str:
    """Return what an outage of a gateway in a state, and of its sessions meanwhile, is called."""
    return _CAUSES.get(state, state)


def tells_state(event: EventView) -> bool:
    """Tell whether a session or a gateway is in another state since an event."""
    if event.after is None or event.kind in _NO_STATE:
        return False
    return event.kind in STATE_KINDS or event.before != event.after


def tells_reason(event: EventView) -> bool:
    """Tell whether an event says why a session is in the state in which it stays."""
    return event.kind == "changed" and event.reason is not None


def cause_of(event: EventView) -> tuple[str | None, str]:
    """Return why a state began, as a canonical word and in words."""
    return event.reason, with_words(event.reason, event.detail)


def gateway_event(gateway: GatewayView) -> EventView:
    """Return what must have happened to a gateway of which no event is at hand."""
    assert gateway.since is not None
    return EventView(
        id=0,
        at=gateway.since,
        source="health",
        kind="gateway",
        gateway=gateway.name,
        before="up",
        after=gateway.state,
        detail=gateway.detail,
    )


def status_event(session: SessionView) -> EventView:
    """Return what must have happened to a session of which no event is stored any more."""
    assert session.status_since is not None
    return EventView(
        id=0,
        at=session.status_since,
        source="sync",
        kind="status" if session.connected_at is not None else "adopted",
        gateway=session.gateway,
        session_id=session.session_id,
        before="connected" if session.connected_at is not None else None,
        after=session.status,
        reason=session.reason,
        detail=session.detail,
    )
