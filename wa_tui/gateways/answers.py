"""Decodes the Node service's answers: two error shapes, and failures inside a 200 (contract §1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from wa_tui.identity.sessions import LONGEST_TAKEN_IN, is_session_id
from wa_tui.model.registers import Status

from .errors import Call, Garbled, Refused, Unauthorised
from .http import Answer
from .protocol import Capability, Listed, Listing

T = TypeVar("T")

_UNKNOWN = b'"unknown"'
"""A word of ours that no gateway can mean as we do."""
_NOT_FOUND = "not_found"
_WORDS_LIMIT = 500
_CAPABILITIES = frozenset(map(str, Capability))
_STATUSES = {str(status): status for status in Status if status is not Status.UNKNOWN}


class Verdict(msgspec.Struct):
    """What every answer says first; any other type than these is no answer of the contract's."""

    success: bool
    error: str | None = None
    message: str | None = None


class HealthAnswer(msgspec.Struct):
    """``GET /health``: seconds up, the clock's time; the bundled service tells what else it can, and its limit."""

    uptime: float | None = None
    timestamp: datetime | None = None
    capabilities: Any = None
    limit: Any = None


class StatusAnswer(msgspec.Struct, rename="camel"):
    """``GET /api/session/status/:sessionId`` and, in part, ``POST /api/session/init``."""

    status: str
    exists: bool = True
    is_ready: bool = False
    phone_number: str | None = None
    qr_code: str | None = None
    qr: str | None = None


class PairingAnswer(msgspec.Struct, rename="camel"):
    """``POST /api/session/pairing-code`` of the bundled service."""

    pairing_code: str


class SentAnswer(msgspec.Struct, rename="camel"):
    """``POST /api/message/…``. The message is out, so that no type here may turn that into an error."""

    message_id: Any = None
    timestamp: Any = None


class _List(msgspec.Struct):
    sessions: list[Listed]


class _Row(msgspec.Struct, rename="camel"):
    session_id: str
    status: str | None = None
    phone_number: str | None = None


class _Rows(msgspec.Struct):
    sessions: list[msgspec.Raw]


_verdict = msgspec.json.Decoder(Verdict)
_list = msgspec.json.Decoder(_List)


def accepted(call: Call, answer: Answer) -> bytes:
    """Return the body of an answer that says ``success``; raises `Unauthorised`, `Refused` or `Garbled`."""
    if 300 <= answer.status_code < 400:
        raise Garbled(call, f"redirected to {answer.location}", "set the gateway's url to where it really is")
    try:
        verdict = _verdict.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if answer.status_code == 401:
            raise Unauthorised(call, "API key not accepted") from error
        raise Garbled(call, f"answered {answer.status_code} with {_sample(answer.body)}") from error
    words = (verdict.message or verdict.error or "")[:_WORDS_LIMIT]
    if answer.status_code == 401:
        raise Unauthorised(call, words or "API key not accepted")
    if verdict.success and answer.status_code < 300:
        return answer.body
    if not words:
        raise Garbled(call, f"answered {answer.status_code} and no reason: {_sample(answer.body)}")
    raise Refused(call, words, answer.status_code)


def decoded(call: Call, body: bytes, shape: type[T]) -> T:
    """Return the body as ``shape``; raises `Garbled`."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Garbled(call, f"{error} in {_sample(body)}") from error


def status_of(call: Call, answer: StatusAnswer) -> Status | None:
    """Return the status told, ``None`` for a client the gateway lacks; raises `Garbled` for any other word."""
    if not answer.exists or answer.status == _NOT_FOUND:
        return None
    status = _STATUSES.get(answer.status)
    if status is None:
        raise Garbled(call, f"unknown status {answer.status[:40]!r}", "this gateway may be newer than wa-tui")
    return status


def capabilities_of(told: object) -> frozenset[Capability]:
    """Return the capabilities that a gateway names and we know."""
    words = told if isinstance(told, list) else []
    return frozenset(Capability(word) for word in words if word in _CAPABILITIES)


def listing(call: Call, body: bytes) -> tuple[Listing, int]:
    """Return the rows that name a session, and how many others there were; raises `Garbled`."""
    try:
        # In one go: ten thousand rows are looked at every 15 s.
        usual = _list.decode(body).sessions
    except (msgspec.DecodeError, UnicodeDecodeError):
        usual = []
    if usual and _are_ids([row.session_id for row in usual]) and _UNKNOWN not in body:
        return usual, 0
    rows, bad = _row_by_row(decoded(call, body, _Rows).sessions)
    named = [row for row in rows if is_session_id(row.session_id)]
    listed = [Listed(row.session_id, _STATUSES.get(row.status or ""), row.phone_number) for row in named]
    return listed, bad + len(rows) - len(named)


def _are_ids(ids: list[str]) -> bool:
    """Tell whether all are session ids: looked through at once, which takes a tenth of the time."""
    return min(map(len, ids)) > 0 and max(map(len, ids)) <= LONGEST_TAKEN_IN


def _row_by_row(raws: list[msgspec.Raw]) -> tuple[list[_Row], int]:
    """Decode what can be: one bad row must not cost the whole list."""
    rows = []
    for raw in raws:
        try:
            rows.append(msgspec.json.decode(raw, type=_Row))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return rows, len(raws) - len(rows)


def _sample(body: bytes) -> str:
    return repr(body[:60].decode("utf-8", "replace")) if body else "an empty body"
