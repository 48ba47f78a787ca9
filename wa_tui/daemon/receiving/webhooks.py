"""Makes a fact of a webhook that was read: whose it is, and when it happened."""

from __future__ import annotations

from wa_tui.gateways import Report
from wa_tui.gateways.contract.webhooks import Body
from wa_tui.identity.users import user_text
from wa_tui.model.facts import QrCode, Unattributed, Webhook
from wa_tui.model.registers import Status

from .attribution import Attributed


def fact_of(
    body: Body, attributed: Attributed, status: Status, timestamp: int, received: int, *, hint: bool
) -> Webhook | Unattributed:
    """Return what a webhook tells; times in milliseconds. ``hint``: it has no time of its own."""
    if attributed.gateway is None:
        return Unattributed(body.session_id, status, received, list(attributed.candidates))
    payload = body.qr or body.qr_code
    return Webhook(
        gateway=attributed.gateway,
        session_id=body.session_id,
        status=status,
        timestamp=timestamp,
        received=received,
        user_id=user_text(body.user_id),
        phone_number=body.phone_number or None,
        qr=QrCode.of(payload) if payload and status is Status.QR_PENDING else None,
        detail=body.reason or body.error or None,
        event_id=body.event_id,
        sequence=body.sequence,
        boot_id=body.boot_id,
        hint=hint,
    )


def fact_of_report(report: Report, attributed: Attributed, received: int) -> Webhook | Unattributed:
    """Return what a webhook of another kind tells; one without a time is a hint as of its receipt."""
    if attributed.gateway is None:
        return Unattributed(report.session_id, report.status, received, list(attributed.candidates))
    return Webhook(
        gateway=attributed.gateway,
        session_id=report.session_id,
        status=report.status,
        timestamp=received if report.timestamp is None else report.timestamp,
        received=received,
        phone_number=report.phone_number,
        qr=QrCode.of(report.qr) if report.qr and report.status is Status.QR_PENDING else None,
        detail=report.detail,
        event_id=report.event_id,
        reason=report.reason,
        hint=report.timestamp is None,
    )
