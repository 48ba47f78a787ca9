"""Decodes OpenWA's answers: resources as they are, without an envelope, and NestJS's errors."""

from __future__ import annotations

from typing import Any, NamedTuple

from wa_tui.model.reasons import classify
from wa_tui.model.registers import Proof, Reason, Status

from ..errors import Call, Garbled, RefusalCause, Refused, Unauthorised
from ..http.connections import Answer
from ..http.proxies import json_of, not_its_own
from ..protocol import ClientStatus
from ..reading import plain
from ..reading.fields import Decoration, read, sample

STATUSES = {
    # Registered and never started: it holds no client.
    "created": Status.DISCONNECTED,
    "initializing": Status.INITIALIZING,
    "qr_ready": Status.QR_PENDING,
    "authenticating": Status.AUTHENTICATED,
    "ready": Status.CONNECTED,
    "disconnected": Status.DISCONNECTED,
    # It says of itself why; neither says that the credentials are gone.
    "action_required": Status.DISCONNECTED,
    "failed": Status.DISCONNECTED,
}
"""OpenWA's words for a session's status."""

_RESTRICTIONS = {"tos_block": Reason.BANNED}
_WORDS_LIMIT = 500


class Row(NamedTuple):
    """One session of OpenWA: its UUID, which every route wants, and its name, which people know."""

    id: str
    name: str
    status: Status | None
    phone_number: str | None
    reason: Reason | None
    detail: str | None

    def checked(self, call: Call, qr: str | None) -> ClientStatus:
        """Return it as a check's answer: what OpenWA believes, not what the client said just then."""
        if self.status is None:
            raise Garbled(call, "told a status that is none", "this gateway may be newer than wa-tui")
        return ClientStatus(
            exists=True,
            status=self.status,
            ready=True,
            phone_number=self.phone_number,
            qr=qr,
            reason=self.reason,
            detail=self.detail,
            proof=Proof.CLAIMED,
        )


def content_of(call: Call, answer: Answer, *, basic: bool = False) -> object:
    """Return what an answer of 2xx says; raises `Unauthorised`, `Refused`, and what a proxy in between means."""
    status, content = answer.status_code, json_of(call, answer, basic=basic)
    if status < 300:
        return content
    if not isinstance(content, dict) or "statusCode" not in content:
        raise not_its_own(call, answer, basic=basic)
    detail = _detail(content)
    if status == 401:
        raise Unauthorised(call, detail)
    raise Refused(call, detail, status, _cause(call, status, detail), untouched=status in (400, 403, 409))


def row_of(value: object, odd: Decoration) -> Row | None:
    """Return a session, ``None`` for what has no id or no name."""
    if not isinstance(value, dict):
        return None
    session_id, name = plain.name(value.get("id")), plain.name(value.get("name"))
    if session_id is None or name is None:
        return None
    word = value.get("status")
    detail = read(value, "lastError", plain.text, str, odd)
    restriction = value.get("restriction")
    kind = restriction.get("kind") if isinstance(restriction, dict) else None
    reason = _RESTRICTIONS.get(kind) if isinstance(kind, str) else None
    if reason is None and detail is not None:
        reason = classify(detail)
    return Row(
        session_id,
        name,
        STATUSES.get(word.strip().lower()) if isinstance(word, str) else None,
        read(value, "phone", plain.phone, str, odd),
        reason,
        detail or (f"restricted by WhatsApp: {kind}" if reason is not None else None),
    )


def rows_of(call: Call, content: object, odd: Decoration) -> tuple[list[Row], int]:
    """Return a list's sessions, and how many rows were none; raises `Garbled`."""
    if not isinstance(content, list):
        raise Garbled(call, "told no list of sessions")
    rows = [row_of(each, odd) for each in content]
    found = [row for row in rows if row is not None]
    return found, len(rows) - len(found)


def fields_of(call: Call, content: object, body: bytes) -> dict[str, Any]:
    """Return an answer's fields; raises `Garbled`."""
    if not isinstance(content, dict):
        raise Garbled(call, f"no object: {sample(body)}")
    return content


def _detail(content: dict[str, Any]) -> str:
    """Return the words of a refusal: validation has a list of them."""
    message = content.get("message")
    if isinstance(message, list):
        message = "; ".join(each for each in message if isinstance(each, str))
    return (plain.text(message) or plain.text(content.get("error")) or "refused")[:_WORDS_LIMIT]


def _cause(call: Call, status: int, detail: str) -> RefusalCause:
    if status == 404:
        return RefusalCause.NOT_FOUND
    if call.starts and "already" in detail.lower():
        return RefusalCause.ALREADY_EXISTS
    return RefusalCause.OTHER
