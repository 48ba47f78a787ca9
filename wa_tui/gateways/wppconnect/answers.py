"""Decodes WPPConnect's answers: no two routes say in the same way whether they did what they were asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

from wa_tui.model.reasons import classify
from wa_tui.model.registers import Status

from ..errors import Call, Garbled, RefusalCause, Refused, Unauthorised
from ..http.connections import Answer
from ..http.proxies import intercepted, json_of, not_its_own
from ..protocol import Listed, Listing, Sent
from ..reading import plain
from ..reading.fields import Decoration, read, sample
from .states import CLAIMS, CLOSED

_ITS_OWN = (400, 401, 404, 500)
"""What it refuses with; it has no envelope by which a proxy before it could be told from it."""

_WORDS_LIMIT = 500


class Claim(NamedTuple):
    """What the server believes of a session: its word, what that stands for, and the code that it tells beside it."""

    word: str
    status: Status
    code: str | None
    version: str | None

    @property
    def runs(self) -> bool:
        """Whether a browser runs, as far as the server knows."""
        return self.word != CLOSED or self.code is not None


def content_of(call: Call, answer: Answer, *, basic: bool = False) -> dict[str, Any]:
    """Return what an answer of 2xx says; raises `Unauthorised`, `Refused`, and what a proxy in between means."""
    status, content = answer.status_code, json_of(call, answer, basic=basic)
    if not isinstance(content, dict):
        raise not_its_own(call, answer, basic=basic)
    if status < 300:
        return content
    if status not in _ITS_OWN and (found := intercepted(call, answer, basic=basic)) is not None:
        raise found
    detail = plain.text(content.get("message")) or plain.text(content.get("error"))
    if detail is None:
        raise not_its_own(call, answer, basic=basic)
    if status == 401:
        raise Unauthorised(call, detail)
    raise _refusal(call, status, content, detail[:_WORDS_LIMIT])


def names(call: Call, content: dict[str, Any]) -> tuple[Listing, int]:
    """Return the sessions that a list names, and how many of its rows name none; raises `Garbled`."""
    rows = content.get("response")
    if not isinstance(rows, list):
        raise Garbled(call, "told no list of sessions")
    found = [name for name in map(plain.name, rows) if name is not None]
    return [Listed(name) for name in found], len(rows) - len(found)


def token_of(call: Call, content: dict[str, Any]) -> str:
    """Return a session's token; raises `Garbled`, which does not show what it would be in."""
    token = plain.name(content.get("token"))
    if token is None:
        raise Garbled(call, "told no token")
    return token


def claim_of(call: Call, content: dict[str, Any], odd: Decoration) -> Claim:
    """Return what the server believes; raises `Garbled`."""
    word = content.get("status")
    status = CLAIMS.get(word.strip().upper()) if isinstance(word, str) else None
    if status is None or not isinstance(word, str):
        raise Garbled(call, f"unknown status {word!r:.60}", "this gateway may be newer than wa-tui")
    code = read(content, "urlcode", plain.payload, str, odd)
    return Claim(word.strip().upper(), status, code, read(content, "version", plain.name, str, odd))


def is_alive(call: Call, content: dict[str, Any]) -> bool:
    """Return whether a session's page says that it is connected; raises `Garbled`."""
    alive = plain.flag(content.get("status"))
    if alive is None:
        raise Garbled(call, f"did not tell whether it is connected: {sample(repr(content).encode())}")
    return alive


def phone_of(content: dict[str, Any]) -> str | None:
    """Return the number of a session's own account."""
    device = content.get("response")
    number = plain.text(device.get("phoneNumber")) if isinstance(device, dict) else None
    return None if number is None else number.partition("@")[0] or None


def sent_of(content: dict[str, Any], odd: Decoration) -> Sent:
    """Return what is told of a message that is out: nothing here may turn that into an error."""
    response = content.get("response")
    first = response[0] if isinstance(response, list) and response else response
    fields = first if isinstance(first, dict) else {}
    timestamp = read(fields, "t", plain.instant, int, odd)
    message_id = read(fields, "id", plain.message_id, str, odd)
    return Sent(message_id, None if timestamp is None else timestamp // 1000)


def _refusal(call: Call, status: int, content: dict[str, Any], detail: str) -> Refused:
    # It looks whether the session's page is connected before it does anything, and says 404 of one that is not.
    inactive = status == 404 and content.get("status") == "Disconnected"
    cause = RefusalCause.NOT_CONNECTED if inactive else RefusalCause.OTHER
    words = "the session is not active" if inactive else detail
    return Refused(
        call, words, status, cause, untouched=inactive, reason=None if inactive else classify(detail)
    )
