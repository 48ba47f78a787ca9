"""What WAHA posts: a session's status, and what its engine says of the connection.

The versions of 2024 give neither a time nor an id, so that each report is a hint; those of 2026 give both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wa_tui.identity.recipients import account_number
from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.model.registers import Status

from ..authentication import any_of, by_header, by_hmac, by_path_secret
from ..reading import plain
from ..reading.loose import Unreadable, loads
from ..reports import Posted, Reading, Report
from .states import State, closed_by, state_of

EVENTS = ("session.status", "state.change")
"""What a webhook of ours asks for; of others the bodies hold messages."""

KEY_HEADER = "x-api-key"

_is_authentic = any_of(by_header(KEY_HEADER), by_hmac("x-webhook-hmac", "sha512"), by_path_secret)
_MESSAGES = (
    "message",
    "message.any",
    "message.ack",
    "message.reaction",
    "message.revoked",
    "message.waiting",
)
_OTHERS = ("presence.update", "group.join", "group.leave", "call.received", "engine.event")


class WahaWebhooks:
    """A `WebhookFormat`: they are signed, carry the key in a header of ours, or have it in their path."""

    events = frozenset(EVENTS + _MESSAGES + _OTHERS)

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether a webhook carries the key, or a signature by it."""
        return _is_authentic(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what a body says of its session; raises `Unreadable`."""
        content = loads(body)
        event = plain.name(content.get("event")) if isinstance(content, dict) else None
        if event is None or not isinstance(content, dict):
            raise Unreadable("it names no event")
        if event not in EVENTS:
            return Reading(ignored=event)
        name, payload = plain.name(content.get("session"), LONGEST_TAKEN_IN), content.get("payload")
        if name is None:
            raise Unreadable("it names no session")
        me = content.get("me")
        account = account_number(plain.text(me.get("id"))) if isinstance(me, dict) else None
        code = _code(payload) if event == "state.change" else None
        if event == "session.status":
            state = _status(payload, content)
        else:
            state = _changed(payload) if code is None else State(Status.QR_PENDING)
        if state is None:
            return Reading(ignored=event)
        report = Report(
            name,
            state.status,
            timestamp=plain.instant(content.get("timestamp")),
            reason=state.reason,
            detail=state.detail,
            qr=code,
            phone_number=account,
            event_id=plain.name(content.get("id")),
        )
        return Reading((report,))


def _status(payload: object, content: Mapping[str, Any]) -> State | None:
    word = plain.name(payload.get("status")) if isinstance(payload, dict) else None
    # Why it failed `state.change` tells: a ban names its account too.
    return state_of(word or "", plain.name(content.get("engine")), is_paired=False)


def _code(payload: object) -> str | None:
    return plain.payload(payload.get("qr")) if isinstance(payload, dict) else None


def _changed(payload: object) -> State | None:
    """Return what a closed connection means; of one that opens the session's own status tells."""
    last = payload.get("lastDisconnect") if isinstance(payload, dict) else None
    error = last.get("error") if isinstance(last, dict) else None
    output = error.get("output") if isinstance(error, dict) else None
    if not isinstance(output, dict):
        return None
    said = output.get("payload")
    detail = plain.sentence(said.get("message")) if isinstance(said, dict) else None
    return closed_by(plain.integer(output.get("statusCode")), detail)
