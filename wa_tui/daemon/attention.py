"""Whether a session needs a person, and what for: the one place that decides it."""

from __future__ import annotations

from wa_tui.model.registers import DOWN, Credentials, Desired, Reason, Status
from wa_tui.model.session import Session
from wa_tui.wire import Attention, AttentionCode, HealingView

from .obstacles import obstacle

_ORPHAN = Attention(
    code=AttentionCode.ORPHAN, text="deleted, but its client still runs", action="disconnect it, or adopt it"
)
_UNWANTED = Attention(
    code=AttentionCode.UNWANTED, text="connected, but it should be offline", action="disconnect it"
)
_SCAN_QR = Attention(code=AttentionCode.SCAN_QR, text="it waits for its phone", action="scan its QR code")
_BANNED = Attention(code=AttentionCode.BANNED, text="banned by WhatsApp")
_CONFLICT = Attention(code=AttentionCode.CONFLICT, text="opened elsewhere")
_DOWN = Attention(code=AttentionCode.DOWN, text="nothing brings it back", action="reconnect it")
_TOLD = {Reason.BANNED: _BANNED, Reason.CONFLICT: _CONFLICT}


def attention(session: Session, healing: HealingView | None, url: str = "") -> Attention | None:
    """Return why a session needs a person; ``None`` when it does not, as while it is being healed.

    ``url`` is its gateway's, to name the machine on which something has to be done.
    """
    if session.orphan:
        return _ORPHAN
    if session.desired is Desired.OFFLINE:
        return _UNWANTED if session.contradicts else None
    if session.status is Status.QR_PENDING or (
        session.credentials is Credentials.NEEDS_SCAN and session.status in DOWN
    ):
        return _SCAN_QR
    if (kept := session.obstacle) is not None:
        # Whatever is tried meanwhile: a start does not mend it.
        return obstacle(*kept, url, session.session_id)
    if session.action is not None:
        # Somebody is at it.
        return None
    if session.status in DOWN and session.reason in _TOLD:
        return _TOLD[session.reason]
    if healing is not None:
        return _of_healing(healing)
    return _DOWN if session.status in DOWN else None


def _of_healing(healing: HealingView) -> Attention | None:
    match healing.state:
        case "flapping":
            return Attention(code=AttentionCode.FLAPPING, text=healing.why)
        case "exhausted":
            return Attention(code=AttentionCode.EXHAUSTED, text=healing.why)
    return None
