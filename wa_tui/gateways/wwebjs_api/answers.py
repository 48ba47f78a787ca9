"""Decodes wwebjs-api's answers: ``success`` decides, and a failure has its words in ``message`` or ``error``."""

from __future__ import annotations

from typing import Any

from wa_tui.model.reasons import classify
from wa_tui.model.registers import Reason, Status

from ..errors import Call, Garbled, RefusalCause, Refused, Unauthorised
from ..http.connections import Answer
from ..http.proxies import json_of, not_its_own
from ..protocol import GONE, ClientStatus, Listed, Listing, Sent
from ..reading import plain
from ..reading.fields import Decoration, read, sample

_IDLE = "UNPAIRED_IDLE"
"""It has given up showing codes."""

STATES = {
    "CONNECTED": Status.CONNECTED,
    "OPENING": Status.INITIALIZING,
    "PAIRING": Status.INITIALIZING,
    "UNLAUNCHED": Status.INITIALIZING,
    "UNPAIRED": Status.QR_PENDING,
    _IDLE: Status.QR_PENDING,
    "CONFLICT": Status.DISCONNECTED,
    "DEPRECATED_VERSION": Status.DISCONNECTED,
    "PROXYBLOCK": Status.DISCONNECTED,
    "SMB_TOS_BLOCK": Status.DISCONNECTED,
    "TIMEOUT": Status.DISCONNECTED,
    "TOS_BLOCK": Status.DISCONNECTED,
}
"""WhatsApp Web's words for the state of a connection, as ``getState()`` and ``change_state`` tell them."""

_NOT_FOUND = "session_not_found"
_DEAD = frozenset({"session closed", "browser tab closed"})
"""What it says of a client whose browser is gone, for as long as nobody restarts it."""

_CAUSES = {
    "session already exists": RefusalCause.ALREADY_EXISTS,
    _NOT_FOUND: RefusalCause.NOT_FOUND,
    "session_not_connected": RefusalCause.NOT_CONNECTED,
    **dict.fromkeys(_DEAD, RefusalCause.CLOSED),
}
_WORDS_LIMIT = 500


def content_of(call: Call, answer: Answer, *, basic: bool = False) -> dict[str, Any]:
    """Return what wwebjs-api itself says, its failures inside a 200 included.

    Raises `Unauthorised`, `Refused` for a failure with another status, `Garbled`, and what a proxy in between means.
    """
    content = json_of(call, answer, basic=basic)
    if not isinstance(content, dict) or plain.flag(content.get("success")) is None:
        raise not_its_own(call, answer, basic=basic)
    if answer.status_code >= 300:
        raise _failure(call, answer, content)
    return content


def accepted(call: Call, answer: Answer, *, basic: bool = False) -> dict[str, Any]:
    """Return an answer that says ``success``; raises as `content_of` does, and `Refused` for a failure inside a 200."""
    content = content_of(call, answer, basic=basic)
    if not plain.flag(content["success"]):
        raise _failure(call, answer, content)
    return content


def names(call: Call, content: dict[str, Any]) -> tuple[Listing, int]:
    """Return the clients that a list names, and how many of its rows name none; raises `Garbled`."""
    rows = content.get("result")
    if not isinstance(rows, list):
        raise Garbled(call, "told no list of sessions")
    found = [name for name in map(plain.name, rows) if name is not None]
    return [Listed(name) for name in found], len(rows) - len(found)


def checked(call: Call, content: dict[str, Any]) -> ClientStatus:
    """Return what a client's own state means, without its phone number and its QR code; raises `Garbled`."""
    state, detail = plain.text(content.get("state")), plain.text(content.get("message")) or ""
    if detail == _NOT_FOUND:
        return GONE
    if detail in _DEAD:
        return _client(Status.DISCONNECTED, Reason.BROWSER_DIED, detail)
    if state is None:
        return _stateless(call, detail)
    status = STATES.get(state)
    if status is None:
        raise Garbled(call, f"unknown state {state[:40]!r}", "this gateway may be newer than wa-tui")
    if status is Status.CONNECTED:
        ready = plain.flag(content["success"]) is True
        return ClientStatus(exists=True, status=status, ready=ready, phone_number=None, qr=None)
    if status is Status.DISCONNECTED:
        return _client(status, classify(state), state)
    return _client(status, Reason.QR_EXPIRED if state == _IDLE else None)


def phone_of(content: dict[str, Any]) -> str | None:
    """Return the number of a client's own account."""
    info = content.get("sessionInfo")
    return plain.phone(info.get("wid")) if isinstance(info, dict) else None


def sent_of(content: dict[str, Any], odd: Decoration) -> Sent:
    """Return what is told of a message that is out: nothing here may turn that into an error."""
    message = content.get("message")
    fields = message if isinstance(message, dict) else {}
    timestamp = read(fields, "timestamp", plain.instant, int, odd)
    message_id = read(fields, "id", plain.message_id, dict, odd)
    return Sent(message_id, None if timestamp is None else timestamp // 1000)


def text_of(call: Call, content: dict[str, Any], field: str) -> str:
    """Return a text that must be there; raises `Garbled`."""
    found = plain.payload(content.get(field))
    if found is None:
        raise Garbled(call, f"told no {field} in {sample(repr(content).encode())}")
    return found


def _stateless(call: Call, detail: str) -> ClientStatus:
    """Return what is known of a client whose page told no state: it is loading yet, or the library says what broke."""
    if detail in ("", "session_not_connected"):
        return _client(Status.INITIALIZING)
    if classify(detail) is Reason.BROWSER_DIED:
        return _client(Status.DISCONNECTED, Reason.BROWSER_DIED, detail[:_WORDS_LIMIT])
    raise Refused(call, detail[:_WORDS_LIMIT], 200, reason=classify(detail))


def _client(status: Status, reason: Reason | None = None, detail: str | None = None) -> ClientStatus:
    return ClientStatus(
        exists=True,
        status=status,
        ready=False,
        phone_number=None,
        qr=None,
        reason=reason,
        detail=detail,
    )


def _failure(call: Call, answer: Answer, content: dict[str, Any]) -> Unauthorised | Refused | Garbled:
    detail = (plain.text(content.get("message")) or plain.text(content.get("error")) or "")[:_WORDS_LIMIT]
    if answer.status_code in (401, 403):
        return Unauthorised(call, detail or "API key not accepted")
    if not detail:
        return Garbled(call, f"answered {answer.status_code} and no reason: {sample(answer.body)}")
    text = detail.lower()
    cause = next((cause for begin, cause in _CAUSES.items() if text.startswith(begin)), RefusalCause.OTHER)
    # Looked at before anything is done: the client that a message goes through, and the form of an id.
    untouched = answer.status_code in (404, 422)
    return Refused(call, detail, answer.status_code, cause, untouched=untouched, reason=classify(detail))
