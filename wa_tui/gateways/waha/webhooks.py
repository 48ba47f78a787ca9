"""What WAHA posts: a session's status, and what its engine says of the connection.

The versions of 2024 give neither a time nor an id, so that each report is a hint; those of 2026 give both.
"""

from __future__ import annotations

from typing import Any

import msgspec

from wa_tui.identity.recipients import account_number
from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.model.registers import Status
from wa_tui.model.traffic import Message

from ..authentication import any_of, by_header, by_hmac, by_path_secret
from ..reading import plain, traffic
from ..reading.loose import Unreadable
from ..reading.shapes import Other, decoder, shaped
from ..reports import Posted, Reading, Report
from .states import State, closed_by, state_of

EVENTS = ("session.status", "state.change")
"""What a webhook of ours asks for: how a session is."""

MESSAGE_EVENTS = ("message.any", "message.ack")
"""What it asks for besides, to have messages counted."""

GROUP_ACKS = "message.ack.group"
"""Where versions of 2026 tell what became of a message to a group; older ones know no such event."""

KEY_HEADER = "x-api-key"

_is_authentic = any_of(by_header(KEY_HEADER), by_hmac("x-webhook-hmac", "sha512"), by_path_secret)
_ACKS = ("message.ack", GROUP_ACKS)
_COUNTED = frozenset({"message", "message.any", *_ACKS})
"""What is counted; the first is said again by the second, with the same id."""

_OTHERS = (
    "call.received",
    "engine.event",
    "group.join",
    "group.leave",
    "message.edited",
    "message.reaction",
    "message.revoked",
    "message.waiting",
    "presence.update",
)


class _Raw(msgspec.Struct, frozen=True, gc=False):
    """What the engine has of a message."""

    type: Any = None


class _Payload(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={"from_me": "fromMe", "sender": "from", "raw": "_data", "last": "lastDisconnect"},
):
    status: Any = None
    qr: Any = None
    last: Any = None
    id: traffic.Key | Other = None
    from_me: Any = None
    sender: Any = None
    to: Any = None
    timestamp: Any = None
    ack: Any = None
    raw: _Raw | Other = None


class _Me(msgspec.Struct, frozen=True, gc=False):
    id: Any = None


class _Body(msgspec.Struct, frozen=True, gc=False):
    event: Any = None
    session: Any = None
    id: Any = None
    timestamp: Any = None
    engine: Any = None
    me: _Me | Other = None
    payload: _Payload | Other = None


_BODY = decoder(_Body)
_NO_PAYLOAD = _Payload()


class WahaWebhooks:
    """A `WebhookFormat`: they are signed, carry the key in a header of ours, or have it in their path."""

    events = _COUNTED.union(EVENTS, _OTHERS)

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether a webhook carries the key, or a signature by it."""
        return _is_authentic(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what a body says of its session; raises `Unreadable`."""
        content = shaped(body, _BODY)
        event = plain.name(content.event)
        if event is None:
            raise Unreadable("it names no event")
        if event not in EVENTS and event not in _COUNTED:
            return Reading(ignored=event)
        name = plain.name(content.session, LONGEST_TAKEN_IN)
        if name is None:
            raise Unreadable("it names no session")
        payload = content.payload if isinstance(content.payload, _Payload) else _NO_PAYLOAD
        if event in _COUNTED:
            return Reading(ignored=event, messages=_messages(event, name, payload, content.timestamp))
        report = _report(event, name, payload, content)
        return Reading(ignored=event) if report is None else Reading((report,))


def _messages(event: str, name: str, payload: _Payload, at: object) -> tuple[Message, ...]:
    ours = traffic.is_ours(payload.from_me, payload.id)
    type = payload.raw.type if isinstance(payload.raw, _Raw) else None
    if ours is None or not traffic.is_message(payload.id, type, payload.sender, payload.to):
        return ()
    if event in _ACKS:
        return traffic.acked(name, payload.id, payload.ack, at) if ours else ()
    # An engine says DEVICE of any message that it has just got.
    reached = payload.ack if payload.ack == 1 else None
    return traffic.written(name, payload.id, ours=ours, at=payload.timestamp, ack=reached)


def _report(event: str, name: str, payload: _Payload, content: _Body) -> Report | None:
    code = plain.payload(payload.qr) if event == "state.change" else None
    if event == "session.status":
        # Why it failed `state.change` tells: a ban names its account too.
        word = plain.name(payload.status) or ""
        state = state_of(word, plain.name(content.engine), is_paired=False)
    else:
        state = _changed(payload.last) if code is None else State(Status.QR_PENDING)
    if state is None:
        return None
    me = content.me
    return Report(
        name,
        state.status,
        timestamp=plain.instant(content.timestamp),
        reason=state.reason,
        detail=state.detail,
        qr=code,
        phone_number=account_number(plain.text(me.id)) if isinstance(me, _Me) else None,
        event_id=plain.name(content.id),
    )


def _changed(last: object) -> State | None:
    """Return what a closed connection means; of one that opens the session's own status tells."""
    error = last.get("error") if isinstance(last, dict) else None
    output = error.get("output") if isinstance(error, dict) else None
    if not isinstance(output, dict):
        return None
    said = output.get("payload")
    detail = plain.sentence(said.get("message")) if isinstance(said, dict) else None
    return closed_by(plain.integer(output.get("statusCode")), detail)
