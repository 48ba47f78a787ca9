"""wwebjs-api's webhooks: ``dataType``, ``data`` and ``sessionId``, without a time or an id, each tried once."""

from __future__ import annotations

from typing import Any

from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.model.reasons import classify
from wa_tui.model.registers import Status

from ..authentication import any_of, by_header, by_path_secret
from ..reading import plain
from ..reading.loose import Unreadable, loads
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
        "message",
        "message_ack",
        "message_ciphertext",
        "message_create",
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


_is_authentic = any_of(by_header("x-api-key"), by_path_secret)


class WwebjsApiFormat:
    """A `WebhookFormat`; none of its events has a time, so that each but a code and a logout only starts a check."""

    events = frozenset({*_SAYING_NOTHING, *_STATUSES, "change_state"})

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether it carries the server's own API key, or the key in its path where the server has none."""
        return _is_authentic(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what an event says of its session; raises `Unreadable`."""
        content = loads(body)
        if not isinstance(content, dict):
            raise Unreadable("it is no object")
        event = plain.name(content.get("dataType"))
        if event is None:
            raise Unreadable("it names no dataType")
        session_id, data = plain.name(content.get("sessionId"), LONGEST_TAKEN_IN), content.get("data")
        report = _report(event, session_id, data if isinstance(data, dict) else {}) if session_id else None
        return Reading((report,)) if report is not None else Reading(ignored=event)


def _report(event: str, session_id: str, data: dict[str, Any]) -> Report | None:
    if event == "change_state":
        return _changed(session_id, plain.text(data.get("state")))
    status = _STATUSES.get(event)
    if status is None:
        return None
    detail = plain.sentence(data.get("reason")) or plain.sentence(data.get("msg"))
    qr = plain.payload(data.get("qr")) if status is Status.QR_PENDING else None
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
