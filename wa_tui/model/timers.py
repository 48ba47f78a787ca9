"""What time alone brings: a QR code expires, a session flaps no more, the clean-up removes one (design §3, rule 8)."""

from __future__ import annotations

import msgspec

from .events import Kind
from .facts import Calmed, QrCode, QrExpired, Removed
from .registers import SessionKey, Source
from .session import Qr, Session
from .transition import NOTHING, Transition, Verdict, note, transition


def on_qr_expired(session: Session | None, fact: QrExpired) -> Transition:
    """Take a QR code past its life off the screen; the status stays (rule 8)."""
    if session is None or session.qr is None or session.qr.expired or session.qr.expires_at > fact.at:
        return NOTHING
    qr = Qr(QrCode(session.qr.code.digest), session.qr.expires_at, expired=True)
    return transition(
        session,
        msgspec.structs.replace(session, qr=qr),
        fact,
        Source.TIMER,
        happened=fact.at,
        recorded=fact.at,
        text="QR code expired",
    )


def on_calmed(session: Session | None, fact: Calmed) -> Transition:
    """Take in that a session flaps no more: who took care of that need not any longer."""
    if session is None or session.acknowledged is None or not session.acknowledged.until_calm:
        return NOTHING
    text = f"flaps no more: {session.acknowledged.who} need not take care of it any longer"
    return transition(
        session,
        msgspec.structs.replace(session, acknowledged=None),
        fact,
        Source.HEAL,
        happened=fact.at,
        recorded=fact.at,
        kind=Kind.HEALING,
        text=text,
    )


def on_removed(session: Session | None, fact: Removed) -> Transition:
    """Forget a session that the clean-up found long gone."""
    if session is None:
        return NOTHING
    event = note(fact, Source.TIMER, Kind.REMOVED, fact.detail)
    return Transition(Verdict.APPLIED, event=event, removed=SessionKey(fact.gateway, fact.session_id))
