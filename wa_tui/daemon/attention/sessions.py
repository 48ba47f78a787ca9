"""Whether a session needs a person, and what for: the one place that decides it."""

from __future__ import annotations

from msgspec import structs

from wa_tui.gateways import machine
from wa_tui.model.registers import DOWN, Credentials, Desired, Reason, Status, length
from wa_tui.model.session import Session
from wa_tui.model.silence import Ghost, Silent
from wa_tui.wire import Attention, AttentionCode, HealingView
from wa_tui.wire.reasons import with_words

from ..eligibility import is_revivable
from .obstacles import obstacle

_ORPHAN = Attention(
    code=AttentionCode.ORPHAN, text="deleted, but its client still runs", action="disconnect it, or adopt it"
)
_UNWANTED = Attention(
    code=AttentionCode.UNWANTED, text="connected, but it should be offline", action="disconnect it"
)
_ONLY_UNLINKED = structs.replace(
    _UNWANTED, action="log it out: its gateway cannot stop it and keep it linked; or reconnect it to keep it"
)

SCAN = "have its owner scan the QR code"
SCAN_ANEW = "start a new QR code and have its owner scan it"

_REVIEW = "have its owner open WhatsApp on the phone and ask for a review"
_CLOSE = "close WhatsApp Web where else it is open, then reconnect it"

_LINK_ANEW = "see WhatsApp on its phone: where it works there, log the session out and link it anew"
_COMPARE = "see on its phone whether messages come in: where they do, reconnect it"

_LOST = frozenset({Reason.MISSING, Reason.RESTORE_FAILED, Reason.GATEWAY_UNREACHABLE})
"""What is its gateway's doing, not its phone's."""


def attention(
    session: Session, healing: HealingView | None, url: str = "", *, stops: bool = True
) -> Attention | None:
    """Return why a session needs a person; ``None`` when it does not, as while it is being healed.

    ``url`` is its gateway's, to name the machine on which something has to be done; ``stops``: whether that can end a
    client and keep it linked.
    """
    if session.orphan:
        return _ORPHAN
    if session.desired is Desired.OFFLINE:
        if not session.contradicts:
            return None
        return _UNWANTED if stops else _ONLY_UNLINKED
    if session.status is Status.QR_PENDING or (
        session.credentials is Credentials.NEEDS_SCAN and session.status in DOWN
    ):
        return _scan(session, machine(url) or "its gateway's machine")
    if (kept := session.obstacle) is not None:
        # Whatever is tried meanwhile: a start does not mend it.
        return obstacle(*kept, url, session.session_id)
    if session.action is not None:
        # Somebody is at it.
        return None
    reason = with_words(session.reason, session.detail)
    if session.status in DOWN and session.reason is Reason.BANNED:
        return Attention(code=AttentionCode.BANNED, text=reason, action=_REVIEW)
    if session.status in DOWN and session.reason is Reason.CONFLICT:
        return Attention(code=AttentionCode.CONFLICT, text=reason, action=_CLOSE)
    if healing is not None:
        return _of_healing(session, healing, reason, machine(url) or "its gateway's machine")
    return _of_connected(session) if session.status is Status.CONNECTED else _of_down(session, reason)


def _of_connected(session: Session) -> Attention | None:
    """Return why one that says connected needs a person all the same."""
    if session.ghost is not None:
        return _ghost(session.ghost, restarted=not is_revivable(session))
    return _silent(session.silent) if session.silent is not None and session.silent.calls else None


def _of_down(session: Session, reason: str) -> Attention | None:
    if session.status not in DOWN:
        return None
    text = f"{reason or 'down'}, and nothing brings it back"
    return Attention(code=AttentionCode.DOWN, text=text, action="reconnect it")


def _scan(session: Session, host: str) -> Attention:
    reason = with_words(session.reason, session.detail)
    if session.status in DOWN and session.reason is Reason.PASSKEY:
        # It shows no code, and a new start asks for the same.
        return Attention(
            code=AttentionCode.PASSKEY,
            text=reason,
            action=f"give it in the gateway's dashboard on {host}, then confirm it on the phone",
        )
    if session.status in DOWN and session.reason is Reason.BANNED:
        # No scan is taken while that lasts.
        return Attention(code=AttentionCode.BANNED, text=reason, action=_REVIEW)
    if session.qr is not None and not session.qr.expired:
        return Attention(
            code=AttentionCode.SCAN_QR,
            text=reason or "it waits for its phone",
            action=SCAN,
        )
    return Attention(
        code=AttentionCode.SCAN_QR,
        text=reason or "its credentials are gone",
        action=SCAN_ANEW,
    )


def _ghost(ghost: Ghost, *, restarted: bool) -> Attention:
    if not restarted:
        return Attention(code=AttentionCode.GHOST, text=f"ghost: {ghost.detail}", action="reconnect it")
    return Attention(
        code=AttentionCode.GHOST, text=f"ghost, restarted in vain: {ghost.detail}", action=_LINK_ANEW
    )


def _silent(silent: Silent) -> Attention:
    usual = f", usually {length(silent.usual_ms)}" if silent.usual_ms is not None else ""
    text = f"silent for more than {length(silent.called_at - silent.since)}{usual}"
    return Attention(code=AttentionCode.SILENT, text=text, action=_COMPARE)


def _of_healing(session: Session, healing: HealingView, detail: str, host: str) -> Attention | None:
    match healing.state:
        case "flapping":
            text = f"{detail}; {healing.why}" if detail else healing.why
            return Attention(code=AttentionCode.FLAPPING, text=text, action=_look_at(session.reason, host))
        case "exhausted":
            action = f"see the service's log on {host}, then reconnect it"
            return Attention(code=AttentionCode.EXHAUSTED, text=healing.why, action=action)
    return None


def _look_at(reason: Reason | None, host: str) -> str:
    """Return where to look for what drops a session again and again."""
    if reason is Reason.BROWSER_DIED:
        return f"see whether memory runs out on {host}, then the service's log there"
    if reason is Reason.NAVIGATION:
        return f"see the network of {host}, then the service's log there"
    if reason in _LOST:
        return f"see the service's log on {host}"
    return f"see that its phone is online, then the service's log on {host}"
