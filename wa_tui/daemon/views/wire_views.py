"""The fleet as the API shows it: model to wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from wa_tui.model.acknowledgement import Acknowledged
from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import ActionAccepted, ActionEnded, Attempted, Fact, QrCode
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import ANSWERING, SECOND, Status
from wa_tui.model.session import Session
from wa_tui.model.silence import Silent
from wa_tui.store import ActionRow, Message
from wa_tui.wire import (
    AcknowledgedView,
    AttemptView,
    Attention,
    EventAction,
    EventView,
    GatewayHealingView,
    GatewayView,
    GhostView,
    HealingView,
    MessageView,
    Outcome,
    QrView,
    Receipt,
    SessionView,
    SilentView,
    TrafficView,
)

from ..attention.gateways import advice_of
from ..attention.sessions import attention
from ..dates import instant, time_of
from ..eligibility import is_revivable
from ..recording.history import Gap, Point, drops

_OUTCOMES = frozenset(get_args(Outcome))


def session_view(
    session: Session,
    points: list[Point],
    healing: HealingView | None = None,
    url: str = "",
    traffic: TrafficView | None = None,
    *,
    history: bool = True,
    stops: bool = True,
) -> SessionView:
    """Return a session as the API shows it, with its last 24 h (``points``) or with their sum alone.

    ``healing`` is what healing does for it, ``url`` its gateway's, ``traffic`` what goes through it; ``stops``: whether
    its gateway can end a client and keep it linked.
    """
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
        detail=session.detail,
        phone_number=session.phone_number,
        is_primary=session.is_primary,
        connected_at=instant(session.connected_at),
        observed_at=instant(session.observed_at),
        proven_at=instant(session.proven_at),
        proven_by=session.proven_by,
        proof=session.proof,
        server_at=instant(session.server_at),
        delivered_at=instant(session.delivered_at),
        used_at=instant(session.used_at),
        qr=qr.code.digest if qr is not None else None,
        qr_expires_at=instant(qr.expires_at) if qr is not None else None,
        action=session.action,
        attention=attention(session, healing, url, stops=stops),
        contradiction=_contradiction(session),
        unanswered=session.unanswered,
        orphan=session.orphan,
        healing=healing,
        snoozed_until=instant(session.snoozed_until),
        acknowledged=_acknowledged(session.acknowledged),
        drops=drops(points),
        history=list(points) if history else [],
        traffic=traffic,
        silent=_silent(session.silent),
        ghost=_ghost(session),
    )


def _acknowledged(acknowledged: Acknowledged | None) -> AcknowledgedView | None:
    if acknowledged is None:
        return None
    return AcknowledgedView(who=acknowledged.who, at=time_of(acknowledged.at))


def _silent(silent: Silent | None) -> SilentView | None:
    if silent is None:
        return None
    usual_s = None if silent.usual_ms is None else silent.usual_ms // SECOND
    return SilentView(since=time_of(silent.since), cause=silent.cause, usual_s=usual_s)


def _ghost(session: Session) -> GhostView | None:
    if session.ghost is None:
        return None
    # A day later it is not what this one was restarted for.
    restarted_at = None if is_revivable(session) else instant(session.ghost_restarted_at)
    return GhostView(
        since=time_of(session.ghost.since), detail=session.ghost.detail, restarted_at=restarted_at
    )


def _contradiction(session: Session) -> str | None:
    if session.contradicts:
        return "connected, but it should be offline"
    if session.listed is not None:
        return f"its list says {session.listed}"
    hinted = session.hinted
    if hinted is not None and hinted.stands and Status.CONNECTED in (hinted.status, session.status):
        return f"a webhook says {hinted.status}"
    return None


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is to say of a gateway besides its registers."""

    url: str
    kind: str | None
    version: str | None
    proof: str
    capabilities: list[str]
    limit: int | None
    read_only: bool
    sessions: int
    status_interval_s: float
    drift: int
    webhooks: dict[str, int]
    gaps: list[Gap]
    hour: dict[str, int]
    per_minute: list[int]
    healing: GatewayHealingView | None
    attention: list[Attention]
    ignored: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, int] = field(default_factory=dict)
    decoration: dict[str, int] = field(default_factory=dict)
    unreadable_rows: int = 0


def gateway_view(gateway: Gateway, extent: Extent) -> GatewayView:
    """Return a gateway as the API shows it."""
    return GatewayView(
        name=gateway.name,
        url=extent.url,
        kind=extent.kind,
        version=extent.version,
        proof=extent.proof,
        state=gateway.state,
        since=instant(gateway.since),
        detail=gateway.detail,
        advice=advice_of(gateway, extent.url),
        proxy_refuses=gateway.proxy_refuses,
        attention=extent.attention,
        ignored=extent.ignored,
        repeated=extent.repeated,
        decoration=extent.decoration,
        unreadable_rows=extent.unreadable_rows,
        started_at=instant(gateway.started_at),
        seen_at=instant(gateway.seen_at),
        returned_at=instant(gateway.returned_at),
        latency_ms=gateway.latency if gateway.state in ANSWERING else None,
        clock_offset_ms=gateway.clock_offset,
        restarts=gateway.restarts,
        sessions=extent.sessions,
        status_interval_s=extent.status_interval_s,
        webhooks=extent.webhooks,
        gaps=extent.gaps,
        hour=extent.hour,
        per_minute=extent.per_minute,
        drift=extent.drift,
        capabilities=extent.capabilities,
        limit=extent.limit,
        read_only=extent.read_only,
        healing=extent.healing,
        snoozed_until=instant(gateway.snoozed_until),
        acknowledged=_acknowledged(gateway.acknowledged),
    )


def event_view(event: Event, instance_name: str | None) -> EventView:
    """Return an event as the API shows it; ``before`` and ``after`` only where they differ."""
    changed = event.before != event.after and event.kind is not Kind.DAEMON
    tells_why = event.kind not in (Kind.ACTION, Kind.OUTCOME, Kind.QR)
    return EventView(
        id=event.id,
        at=time_of(event.at),
        source=event.source,
        kind=event.kind,
        gateway=event.gateway,
        session_id=event.session_id,
        instance_name=instance_name,
        before=event.before if changed else None,
        after=event.after if changed else None,
        reason=event.reason if tells_why else None,
        detail=event.detail if tells_why else None,
        text=event.text,
        action=_action_of(event.fact),
        until=_unobserved_until(event),
    )


def _action_of(fact: Fact) -> EventAction | None:
    match fact:
        case ActionAccepted():
            return EventAction(id=fact.action_id, name=fact.action)
        case ActionEnded():
            return EventAction(id=fact.action_id, name=fact.action, outcome=fact.outcome)
        case Attempted():
            return EventAction(id=fact.action_id, name="send", outcome=fact.outcome)
        case _:
            return None


def _unobserved_until(event: Event) -> datetime | None:
    """Return when a time ended in which nobody observed anything; a step of the clock is none."""
    gap = event.kind is Kind.DAEMON and event.after is None and event.recorded - event.at > SECOND
    return time_of(event.recorded) if gap else None


def receipt(row: ActionRow) -> Receipt:
    """Return an action as the API shows it."""
    return Receipt(
        id=row.id,
        action=row.action,
        outcome=_outcome(row.outcome),
        text=row.text,
        gateway=row.gateway,
        session_id=row.session_id,
        who=row.who,
        accepted_at=time_of(row.accepted_at),
        ended_at=instant(row.ended_at),
        message_id=row.message_id,
        attempts=_attempts(row.message),
        pairing_code=row.pairing_code,
    )


def _outcome(word: str) -> Outcome:
    """Return an outcome; a word that is none says as little as an unknown one."""
    return word if word in _OUTCOMES else "unknown"  # type: ignore[return-value]  # looked up


def message_view(row: ActionRow) -> MessageView:
    """Return an action that sent a message as the API shows it."""
    message = row.message or Message("")
    return MessageView(
        action_id=row.id,
        at=time_of(row.accepted_at),
        who=row.who,
        recipient=message.recipient,
        kind=message.kind,
        length=message.length,
        user_id=message.user_id,
        outcome=_outcome(row.outcome),
        text=row.text,
        message_id=row.message_id,
        attempts=_attempts(message),
    )


def _attempts(message: Message | None) -> list[AttemptView]:
    return [
        AttemptView(
            gateway=each.gateway,
            session_id=each.session_id,
            outcome=each.outcome,
            text=each.text,
            at=time_of(each.at),
            ended_at=instant(each.ended_at),
            message_id=each.message_id,
        )
        for each in (message.attempts if message is not None else ())
    ]


def qr_view(session: Session | None) -> QrView | None:
    """Return a session's current QR code; ``None`` when it has none or it is over."""
    qr = session.qr if session is not None else None
    if qr is None or qr.expired or not qr.code.payload:
        return None
    code: QrCode = qr.code
    return QrView(
        digest=code.digest,
        payload=code.payload,
        expires_at=time_of(qr.expires_at),
    )
