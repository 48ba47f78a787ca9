"""wwebjs-api's webhooks: ``dataType``, ``data`` and ``sessionId``, without a time or an id, each tried once."""

from __future__ import annotations

from typing import Any

import msgspec

from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.model.reasons import classify
from wa_tui.model.registers import Status
from wa_tui.model.traffic import Message

from ..authentication import any_of, by_header, by_path_secret
from ..reading import plain, traffic
from ..reading.loose import Unreadable
from ..reading.shapes import Other, decoder, shaped
from ..reports import Posted, Reading, Report
from .answers import STATES

_SAYING_NOTHING = frozenset(
    {
        "call",
        "chat_archived",
        "chat_removed",
        "code",
        "contact_changed",
        "group_admin_changed",
        "group_join",
        "group_leave",
        "group_membership_request",
        "group_update",
        "loading_screen",
        "media",
        "media_uploaded",
        "message_ciphertext",
        "message_edit",
        "message_reaction",
        "message_revoke_everyone",
        "message_revoke_me",
        "unread_count",
        "vote_update",
    }
)
"""What it posts besides, by its name: of messages, of chats, and of how far a page has loaded, in any order."""

_STATUSES = {
    "qr": Status.QR_PENDING,
    "authenticated": Status.AUTHENTICATED,
    "ready": Status.CONNECTED,
    "disconnected": Status.DISCONNECTED,
    # So it calls what its library calls auth_failure.
    "status": Status.AUTH_FAILED,
}

COUNTED = frozenset({"message", "message_create", "message_ack"})
"""What is counted; one that comes in is posted by both of the first, with the same id."""


class _Message(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    id: traffic.Key | Other = None
    from_me: Any = None
    type: Any = None
    timestamp: Any = None
    is_status: Any = None
    ack: Any = None


class _Data(msgspec.Struct, frozen=True, gc=False):
    message: _Message | Other = None
    ack: Any = None
    state: Any = None
    reason: Any = None
    msg: Any = None
    qr: Any = None


class _Body(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    data_type: Any = None
    session_id: Any = None
    data: _Data | Other = None


_BODY = decoder(_Body)
_NO_DATA = _Data()

_is_authentic = any_of(by_header("x-api-key"), by_path_secret)


class WwebjsApiFormat:
    """A `WebhookFormat`; none of its events has a time, so that each but a code and a logout only starts a check."""

    events = frozenset({*_SAYING_NOTHING, *COUNTED, *_STATUSES, "change_state"})

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether it carries the server's own API key, or the key in its path where the server has none."""
        return _is_authentic(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what an event says of its session; raises `Unreadable`."""
        content = shaped(body, _BODY)
        event = plain.name(content.data_type)
        if event is None:
            raise Unreadable("it names no dataType")
        session_id = plain.name(content.session_id, LONGEST_TAKEN_IN)
        if session_id is None:
            return Reading(ignored=event)
        data = content.data if isinstance(content.data, _Data) else _NO_DATA
        if event in COUNTED:
            return Reading(ignored=event, messages=_messages(event, session_id, data))
        report = _report(event, session_id, data)
        return Reading((report,)) if report is not None else Reading(ignored=event)


def _messages(event: str, session_id: str, data: _Data) -> tuple[Message, ...]:
    message = data.message
    if not isinstance(message, _Message) or plain.flag(message.is_status):
        return ()
    ours = traffic.is_ours(message.from_me, message.id)
    if ours is None or not traffic.is_message(message.id, message.type):
        return ()
    if event == "message_ack":
        return traffic.acked(session_id, message.id, data.ack) if ours else ()
    return traffic.written(session_id, message.id, ours=ours, at=message.timestamp, ack=message.ack)


def _report(event: str, session_id: str, data: _Data) -> Report | None:
    if event == "change_state":
        return _changed(session_id, plain.text(data.state))
    status = _STATUSES.get(event)
    if status is None:
        return None
    detail = plain.sentence(data.reason) or plain.sentence(data.msg)
    qr = plain.payload(data.qr) if status is Status.QR_PENDING else None
    return Report(session_id, status, reason=classify(detail), detail=detail, qr=qr)


def _changed(session_id: str, state: str | None) -> Report | None:
    status = STATES.get(state or "")
    if status is Status.QR_PENDING:
        # Whether it was logged out, or shows a code, comes as an event of its own.
        return Report(session_id, Status.DISCONNECTED)
    if status is Status.DISCONNECTED:
        return Report(session_id, status, reason=classify(state), detail=state)
    return None if status is None else Report(session_id, status)


FORMAT = WwebjsApiFormat()
