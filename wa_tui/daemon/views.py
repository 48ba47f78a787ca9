"""The fleet as the API shows it: model to wire."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import QrCode
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import DOWN, SECOND, Credentials, Desired, Reason, Status
from wa_tui.model.session import Session
from wa_tui.store import ActionRow
from wa_tui.wire import RECONNECT, Counts, EventView, GatewayView, QrView, Receipt, SessionView

from .history import Gap, Point


def instant(ms: int | None) -> datetime | None:
    """Return a time of the model as a `datetime`; ``None`` and 0 as ``None``."""
    return datetime.fromtimestamp(ms / SECOND, UTC) if ms else None


def session_view(session: Session, history: list[Point]) -> SessionView:
    """Return a session as the API shows it."""
    qr = session.qr if session.qr is not None and not session.qr.expired else None
    return SessionView(
        gateway=session.gateway,
        session_id=session.session_id,
        user_id=session.user_id,
        instance_name=session.instance_name,
        status=session.status,
        status_since=instant(session.status_since),
        credentials=session.credentials,
        desired=session.desired,
        reason=session.reason,
        words=session.words,
        phone_number=session.phone_number,
        is_primary=session.is_primary,
        connected_at=instant(session.connected_at),
        observed_at=instant(session.observed_at),
        proven_at=instant(session.proven_at),
        qr=qr.code.digest if qr is not None else None,
        qr_expires_at=instant(qr.expires_at) if qr is not None else None,
        action=session.action,
        attention=attention(session),
        contradiction=_contradiction(session),
        silence=session.silence,
        orphan=session.orphan,
        history=list(history),
    )


def attention(session: Session) -> str | None:
    """Return why a session needs a person, in a few words; ``None`` when it does not."""
    if session.orphan:
        return "deleted, but its client still runs"
    if session.desired is Desired.OFFLINE:
        return "connected against our will" if session.contradicts else None
    if session.status is Status.QR_PENDING or (
        session.credentials is Credentials.NEEDS_SCAN and session.status in DOWN
    ):
        return "scan QR"
    if session.status not in DOWN:
        return None
    match session.reason:
        case Reason.BANNED:
            return "banned by WhatsApp"
        case Reason.CONFLICT:
            return "opened elsewhere"
    return RECONNECT


def _contradiction(session: Session) -> str | None:
    if session.contradicts:
        return "connected, but it should be offline"
    if session.listed is not None:
        return f"the gateway's list says {session.listed}"
    return None


def gateway_view(
    gateway: Gateway, url: str, sessions: int, webhooks: Counter[str], gaps: list[Gap]
) -> GatewayView:
    """Return a gateway as the API shows it."""
    return GatewayView(
        name=gateway.name,
        url=url,
        state=gateway.state,
        since=instant(gateway.since),
        words=gateway.words,
        started_at=instant(gateway.started_at),
        seen_at=instant(gateway.seen_at),
        returned_at=instant(gateway.returned_at),
        latency_ms=gateway.latency,
        clock_offset_ms=gateway.clock_offset,
        restarts=gateway.restarts,
        sessions=sessions,
        webhooks=dict(webhooks),
        gaps=gaps,
    )


def event_view(event: Event, instance_name: str | None) -> EventView:
    """Return an event as the API shows it; ``before`` and ``after`` only where they differ."""
    changed = event.before != event.after
    tells_why = event.kind not in (Kind.ACTION, Kind.OUTCOME, Kind.QR)
    return EventView(
        id=event.id,
        at=datetime.fromtimestamp(event.at / SECOND, UTC),
        source=event.source,
        kind=event.kind,
        gateway=event.gateway,
        session_id=event.session_id,
        instance_name=instance_name,
        before=event.before if changed else None,
        after=event.after if changed else None,
        reason=event.reason if tells_why else None,
        words=event.words if tells_why else None,
        text=event.text,
    )


def receipt(row: ActionRow) -> Receipt:
    """Return an action as the API shows it."""
    return Receipt(
        id=row.id,
        action=row.action,
        outcome=row.outcome,  # type: ignore[arg-type]  # written by us alone
        text=row.text,
        gateway=row.gateway,
        session_id=row.session_id,
        who=row.who,
        accepted_at=datetime.fromtimestamp(row.accepted_at / SECOND, UTC),
        ended_at=instant(row.ended_at),
        message_id=row.message_id,
    )


def qr_view(session: Session | None) -> QrView | None:
    """Return a session's current QR code; ``None`` when it has none or it is over."""
    qr = session.qr if session is not None else None
    if qr is None or qr.expired or not qr.code.payload:
        return None
    code: QrCode = qr.code
    return QrView(
        digest=code.digest,
        payload=code.payload,
        expires_at=datetime.fromtimestamp(qr.expires_at / SECOND, UTC),
    )


def counts(sessions: list[Session]) -> Counts:
    """Return the fleet in numbers."""
    return Counts(
        total=len(sessions),
        needs_person=sum(attention(session) is not None for session in sessions),
        by_status=dict(sorted(Counter(str(session.status) for session in sessions).items())),
    )
