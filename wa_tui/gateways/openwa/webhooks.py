"""OpenWA's webhooks: an envelope with a time and an id of its own, signed with the webhook's secret."""

from __future__ import annotations

from typing import Any

from wa_tui.model.reasons import classify
from wa_tui.model.registers import Status

from ..authentication import by_hmac
from ..reading import plain
from ..reading.loose import Unreadable, loads
from ..reports import Posted, Reading, Report
from .answers import STATUSES

EVENTS = ("session.status", "session.qr", "session.authenticated", "session.disconnected")
"""The events that say how a session is; all others are about messages."""

_signed = by_hmac("x-openwa-signature", "sha256")

_IMPLIED = {
    "session.qr": Status.QR_PENDING,
    "session.authenticated": Status.AUTHENTICATED,
    "session.disconnected": Status.DISCONNECTED,
}
"""What an event says by its name alone."""


class OpenWaFormat:
    """A `WebhookFormat`; a session is named by OpenWA's own id of it."""

    events = frozenset(EVENTS) | {"message.received", "message.sent", "message.ack"}

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether the body was signed with the key: ``X-OpenWA-Signature: sha256=<hex>``."""
        return _signed(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what an event says of its session; raises `Unreadable`."""
        content = loads(body)
        if not isinstance(content, dict):
            raise Unreadable("it is no object")
        event = plain.name(content.get("event"))
        if event is None:
            raise Unreadable("it names no event")
        if event not in EVENTS:
            return Reading(ignored=event)
        session_id, data = plain.name(content.get("sessionId")), content.get("data")
        fields: dict[str, Any] = data if isinstance(data, dict) else {}
        status = _IMPLIED.get(event) or _status(fields)
        if session_id is None or status is None:
            return Reading(ignored=event)
        detail = plain.sentence(fields.get("reason")) or plain.sentence(fields.get("lastError"))
        qr = plain.payload(fields.get("qr")) or plain.payload(fields.get("qrCode"))
        report = Report(
            session_id,
            status,
            timestamp=plain.instant(content.get("timestamp")),
            reason=classify(detail),
            detail=detail,
            qr=qr if status is Status.QR_PENDING else None,
            phone_number=plain.phone(fields.get("phone")),
            event_id=plain.name(content.get("idempotencyKey")),
        )
        return Reading((report,))


def _status(fields: dict[str, Any]) -> Status | None:
    word = fields.get("status")
    return STATUSES.get(word.strip().lower()) if isinstance(word, str) else None


FORMAT = OpenWaFormat()
