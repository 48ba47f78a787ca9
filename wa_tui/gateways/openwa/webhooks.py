"""OpenWA's webhooks: an envelope with a time and an id of its own, signed with the webhook's secret."""

from __future__ import annotations

from typing import Any

import msgspec

from wa_tui.model.reasons import classify
from wa_tui.model.registers import Status
from wa_tui.model.traffic import Message

from ..authentication import by_hmac
from ..reading import plain, traffic
from ..reading.loose import Unreadable
from ..reading.shapes import Other, decoder, shaped
from ..reports import Posted, Reading, Report
from .answers import STATUSES

EVENTS = ("session.status", "session.qr", "session.authenticated", "session.disconnected")
"""The events that say how a session is."""

MESSAGE_EVENTS = ("message.received", "message.sent", "message.ack", "message.failed")
"""Those by which messages are counted."""

_ACKS = frozenset({"message.ack", "message.failed"})
_COUNTED = frozenset(MESSAGE_EVENTS)
_OTHERS = ("message.edited", "message.reaction", "message.receipt", "message.revoked", "presence.update")

_LEVELS = {"failed": -1, "error": -1, "sent": 1, "delivered": 2, "read": 3, "played": 4}
"""WhatsApp Web's levels of its words."""

_signed = by_hmac("x-openwa-signature", "sha256")

_IMPLIED = {
    "session.qr": Status.QR_PENDING,
    "session.authenticated": Status.AUTHENTICATED,
    "session.disconnected": Status.DISCONNECTED,
}
"""What an event says by its name alone."""


class _Data(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "from_me": "fromMe",
        "sender": "from",
        "message_id": "messageId",
        "last_error": "lastError",
        "qr_code": "qrCode",
    },
):
    """How a session is, or a message."""

    status: Any = None
    reason: Any = None
    last_error: Any = None
    qr: Any = None
    qr_code: Any = None
    phone: Any = None
    id: traffic.Key | Other = None
    message_id: traffic.Key | Other = None
    from_me: Any = None
    sender: Any = None
    to: Any = None
    type: Any = None
    timestamp: Any = None
    ack: Any = None


class _Body(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    event: Any = None
    session_id: Any = None
    timestamp: Any = None
    idempotency_key: Any = None
    data: _Data | Other = None


_BODY = decoder(_Body)
_NO_DATA = _Data()


class OpenWaFormat:
    """A `WebhookFormat`; a session is named by OpenWA's own id of it."""

    events = _COUNTED.union(EVENTS, _OTHERS)

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether the body was signed with the key: ``X-OpenWA-Signature: sha256=<hex>``."""
        return _signed(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what an event says of its session; raises `Unreadable`."""
        content = shaped(body, _BODY)
        event = plain.name(content.event)
        if event is None:
            raise Unreadable("it names no event")
        session_id = plain.name(content.session_id)
        if session_id is None or (event not in EVENTS and event not in _COUNTED):
            return Reading(ignored=event)
        data = content.data if isinstance(content.data, _Data) else _NO_DATA
        if event in _COUNTED:
            return Reading(ignored=event, messages=_messages(event, session_id, data, content.timestamp))
        report = _report(event, session_id, data, content)
        return Reading(ignored=event) if report is None else Reading((report,))


def _messages(event: str, session_id: str, data: _Data, at: object) -> tuple[Message, ...]:
    id = data.id or data.message_id
    ours = traffic.is_ours(data.from_me, id)
    if not traffic.is_message(id, data.type, data.sender, data.to):
        return ()
    if event in _ACKS:
        level = -1 if event == "message.failed" else _level(data)
        return () if ours is False else traffic.acked(session_id, id, level, at)
    if ours is None:
        ours = event == "message.sent"
    return traffic.written(session_id, id, ours=ours, at=data.timestamp, ack=_level(data))


def _level(data: _Data) -> object:
    word = data.status
    return _LEVELS.get(word.strip().lower()) if isinstance(word, str) else data.ack


def _report(event: str, session_id: str, data: _Data, content: _Body) -> Report | None:
    status = _IMPLIED.get(event) or _status(data.status)
    if status is None:
        return None
    detail = plain.sentence(data.reason) or plain.sentence(data.last_error)
    qr = plain.payload(data.qr) or plain.payload(data.qr_code)
    return Report(
        session_id,
        status,
        timestamp=plain.instant(content.timestamp),
        reason=classify(detail),
        detail=detail,
        qr=qr if status is Status.QR_PENDING else None,
        phone_number=plain.phone(data.phone),
        event_id=plain.name(content.idempotency_key),
    )


def _status(word: object) -> Status | None:
    return STATUSES.get(word.strip().lower()) if isinstance(word, str) else None


FORMAT = OpenWaFormat()
