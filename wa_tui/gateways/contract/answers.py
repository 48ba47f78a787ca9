"""Decodes the Node service's answers: two error shapes, and failures inside a 200 (contract §1)."""

from __future__ import annotations

import contextlib
from typing import NamedTuple

import msgspec

from wa_tui.model.reasons import classify
from wa_tui.model.registers import Status
from wa_tui.model.traffic import Flow

from ..errors import Call, Garbled, RefusalCause, Refused, Unauthorised
from ..http.connections import Answer
from ..http.proxies import intercepted, not_its_own
from ..protocol import Capability, Health, Sent, ServerAnswer, ServerVerdict
from ..reading import plain
from ..reading.fields import Decoration, object_of, read, sample
from ..reading.loose import Unreadable, loads

_NOT_FOUND = "not_found"
_WORDS_LIMIT = 500
_CAUSES = {
    "client already exists": RefusalCause.ALREADY_EXISTS,
    "client not found": RefusalCause.NOT_FOUND,
    "client not connected": RefusalCause.NOT_CONNECTED,
    "client not ready": RefusalCause.NOT_READY,
    "client session closed": RefusalCause.CLOSED,
    "recipient unknown": RefusalCause.WRONG_RECIPIENT,
    "bad recipient": RefusalCause.WRONG_RECIPIENT,
}
"""How the contract's refusals begin (§1)."""
_SUSPICIOUS = ("not found", "reconnect", "closed", "not connected", "not ready")
"""What any other refusal has in it that may mean that the client is gone."""
_STATUSES = {str(status): status for status in Status if status is not Status.UNKNOWN}


class Verdict(msgspec.Struct):
    """What every answer says first; ``success`` decides, of any other type than these the rest is read tolerantly."""

    success: bool
    error: str | None = None
    message: str | None = None


class StatusAnswer(msgspec.Struct, rename="camel"):
    """``GET /api/session/status/:sessionId`` and, in part, ``POST /api/session/init``.

    ``is_ready`` is ``None`` where it is not told, which leaves ``status`` alone to decide.
    """

    status: str
    exists: bool = True
    is_ready: bool | None = None
    phone_number: str | None = None
    qr_code: str | None = None
    qr: str | None = None


class HealthAnswer(NamedTuple):
    """``GET /health``; the bundled service tells besides what else it can, and how many sessions it can hold."""

    health: Health
    capabilities: frozenset[Capability]
    limit: int | None


_verdict = msgspec.json.Decoder(Verdict)
_status = msgspec.json.Decoder(StatusAnswer)

_USUAL = 16 * 1024
"""Bytes of an answer about one client whose texts are not looked at: none is too long."""

_UNDECODED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def accepted(call: Call, answer: Answer, *, basic: bool = False) -> bytes:
    """Return the body of an answer that says ``success``; ``basic``: a user and password went along.

    Raises `Unauthorised`, `Refused`, `Intercepted` where a proxy answered, and `Garbled`.
    """
    if 300 <= answer.status_code < 400 and (found := intercepted(call, answer)) is not None:
        raise found
    try:
        verdict = _verdict_of(answer.body)
    except Unreadable as error:
        raise not_its_own(call, answer, basic=basic) from error
    detail = (verdict.message or verdict.error or "")[:_WORDS_LIMIT]
    # It has the envelope of the service: the service itself refuses, and no proxy before it.
    if answer.status_code == 401:
        raise Unauthorised(call, detail or "API key not accepted")
    # A failure may come with status 200 (contract §1).
    if verdict.success and answer.status_code < 300:
        return answer.body
    if not detail:
        raise Garbled(call, f"answered {answer.status_code} and no reason: {sample(answer.body)}")
    cause = _cause(detail, answer.status_code)
    raise Refused(call, detail, answer.status_code, cause, reason=classify(detail))


def _cause(message: str, status_code: int) -> RefusalCause:
    """Return what the contract's own sentence means; a library's error, which may say anything, is a hint at most."""
    if status_code == 408:
        return RefusalCause.QR_TIMEOUT
    text = message.lower()
    suspect = any(words in text for words in _SUSPICIOUS)
    other = RefusalCause.SUSPECT if suspect else RefusalCause.OTHER
    return next((cause for begin, cause in _CAUSES.items() if text.startswith(begin)), other)


def _verdict_of(body: bytes) -> Verdict:
    """Return an answer's verdict; raises `Unreadable` where it has none."""
    try:
        return _verdict.decode(body)
    except _UNDECODED:
        told = loads(body)
    success = plain.flag(told.get("success")) if isinstance(told, dict) else None
    if success is None or not isinstance(told, dict):
        raise Unreadable("it does not say whether it succeeded")
    return Verdict(success, plain.text(told.get("error")), plain.text(told.get("message")))


def health_of(call: Call, body: bytes, odd: Decoration) -> HealthAnswer:
    """Return how a gateway is, and what it tells of itself; raises `Garbled`."""
    told = object_of(call, body)
    uptime = read(told, "uptime", plain.seconds, (int, float), odd)
    listed = told.get("capabilities")
    return HealthAnswer(
        Health(
            uptime_ms=None if uptime is None else round(uptime * 1000),
            timestamp_ms=read(told, "timestamp", plain.instant, str, odd),
        ),
        frozenset(one for one in Capability if isinstance(listed, list) and str(one) in listed),
        read(told, "limit", plain.integer, int, odd),
    )


def client_of(call: Call, body: bytes, odd: Decoration) -> StatusAnswer:
    """Return what a gateway says of one client; only its status must be there. Raises `Garbled`."""
    if len(body) <= _USUAL:
        # Field by field only where one has another type than agreed: every session is asked for every few minutes.
        with contextlib.suppress(*_UNDECODED):
            return _status.decode(body)
    told = object_of(call, body)
    status = told.get("status")
    if not isinstance(status, str):
        raise Garbled(call, f"told no status in {sample(body)}")
    exists = read(told, "exists", plain.flag, bool, odd)
    return StatusAnswer(
        status=status,
        # Services that do not tell it leave the decision to the status.
        exists=exists is not False,
        is_ready=read(told, "isReady", plain.flag, bool, odd),
        phone_number=read(told, "phoneNumber", plain.phone, str, odd),
        qr_code=read(told, "qrCode", plain.payload, str, odd),
        qr=read(told, "qr", plain.payload, str, odd),
    )


def pairing_code_of(call: Call, body: bytes, odd: Decoration) -> str:
    """Return a pairing code; raises `Garbled` where there is none."""
    code = read(object_of(call, body), "pairingCode", plain.name, str, odd)
    if code is None:
        raise Garbled(call, f"told no pairing code in {sample(body)}")
    return code


def server_answer_of(call: Call, body: bytes, odd: Decoration) -> ServerAnswer:
    """Return what WhatsApp's server answered; raises `Garbled` where that is none of the three words."""
    told = object_of(call, body)
    word = told.get("answer")
    verdict = next(
        (each for each in ServerVerdict if isinstance(word, str) and word.strip().lower() == each), None
    )
    if verdict is None:
        raise Garbled(call, f"told no answer of WhatsApp's server in {sample(body)}")
    return ServerAnswer(verdict, (read(told, "detail", plain.text, str, odd) or "")[:_WORDS_LIMIT])


def flows_of(call: Call, body: bytes) -> frozenset[Flow]:
    """Return what became of a message; raises `Garbled` where that is no list. A word that is none of ours is none."""
    flows = object_of(call, body).get("flows")
    if not isinstance(flows, list):
        raise Garbled(call, f"told nothing of a message in {sample(body)}")
    return frozenset(flow for flow in Flow if flow.value in flows)


def sent_of(body: bytes, odd: Decoration) -> Sent:
    """Return what is told of a message that is out: nothing here may turn that into an error."""
    try:
        told = loads(body)
    except Unreadable:
        told = None
    if not isinstance(told, dict):
        return Sent(None, None)
    message_id = read(told, "messageId", plain.message_id, str, odd)
    timestamp = read(told, "timestamp", plain.instant, int, odd)
    return Sent(message_id, None if timestamp is None else timestamp // 1000)


def status_of(call: Call, answer: StatusAnswer) -> Status | None:
    """Return the status told, ``None`` for a client the gateway lacks; raises `Garbled` for any other word."""
    word = answer.status if answer.status in _STATUSES else answer.status.strip().lower()
    if not answer.exists or word == _NOT_FOUND:
        return None
    status = _STATUSES.get(word)
    if status is None:
        raise Garbled(call, f"unknown status {answer.status[:40]!r}", "this gateway may be newer than wa-tui")
    return status
