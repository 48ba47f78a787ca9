"""Decodes Evolution API's answers: its refusals, which may come with 200, and what it tells of an instance.

Bodies hold live credentials (``token``, ``hash``, ``apikey``): what is not named here is not looked at.
"""

from __future__ import annotations

from typing import Any

import msgspec

from wa_tui.identity.recipients import account_number
from wa_tui.identity.sessions import LONGEST_TAKEN_IN, is_session_id
from wa_tui.model.registers import Reason, Status

from ..errors import Call, Garbled, RefusalCause, Refused, Unauthorised
from ..http.connections import Answer
from ..http.proxies import json_of, not_its_own
from ..protocol import Listed, Sent, Started
from ..reading import plain
from ..reading.fields import Decoration, read, sample
from ..reading.loose import Unreadable, loads
from .states import STATES, Closed, why

CREATE = "/instance/create"
"""Its 403 says that the name is taken, any other that the key may not."""

_WORDS_LIMIT = 500
_NO_ROUTE = "Cannot "
"""So its 404 begins where the address is none of its own, rather than an instance's that it lacks."""


class Row(msgspec.Struct, rename="camel"):
    """An instance as the database has it: it may say ``open`` for minutes after the socket closed."""

    name: str
    connection_status: str | None = None
    owner_jid: str | None = None
    disconnection_reason_code: int | None = None

    @property
    def number(self) -> str | None:
        """The account's phone number."""
        return account_number(self.owner_jid)

    @property
    def is_paired(self) -> bool:
        """Whether it was open last, and was not logged out since: a code in memory is that of its pairing."""
        return self.connection_status == "open"

    def listed(self) -> Listed:
        """Return it as a claim; ``connecting`` stays where nobody scanned the code: only a check can tell."""
        status = STATES.get(self.connection_status or "")
        is_dialing = status is Status.INITIALIZING
        return Listed(self.name, None if is_dialing else status, self.number, is_dialing=is_dialing)

    def closed(self) -> Closed:
        """Return why it is closed; the code of an earlier time stays in a row that is open again."""
        return why(self.connection_status or "", self.disconnection_reason_code)


_rows = msgspec.json.Decoder(list[Row])


def accepted(call: Call, answer: Answer, *, basic: bool = False) -> Any:
    """Return what an answer tells; ``basic``: a user and password went along.

    Raises `Unauthorised`, `Refused`, `Intercepted` where a proxy answered, and `Garbled`.
    """
    content = json_of(call, answer, basic=basic)
    failed = content if isinstance(content, dict) else {}
    if answer.status_code < 300 and failed.get("error") is not True:
        return content
    response = failed.get("response")
    if not isinstance(response, dict) and answer.status_code >= 300:
        # Each of its own refusals has one: what answers without is a proxy before it.
        raise not_its_own(call, answer, basic=basic)
    said = response.get("message") if isinstance(response, dict) else failed.get("message")
    if answer.status_code == 401:
        raise Unauthorised(call, "API key not accepted")
    raise _refusal(call, answer.status_code, said)


def _refusal(call: Call, status_code: int, said: object) -> Refused:
    parts = said if isinstance(said, list) else [said]
    if any(isinstance(part, dict) and part.get("exists") is False for part in parts):
        return Refused(call, "the number is not on WhatsApp", status_code, RefusalCause.WRONG_RECIPIENT)
    detail = "; ".join(filter(None, map(plain.text, parts)))[:_WORDS_LIMIT] or f"answered {status_code}"
    # The reason is given, so that nobody looks for one in words that stand for something else with a browser.
    return Refused(call, detail, status_code, _cause(call, status_code, detail), reason=Reason.OTHER)


def _cause(call: Call, status_code: int, detail: str) -> RefusalCause:
    if status_code == 404 and not detail.startswith(_NO_ROUTE):
        return RefusalCause.NOT_FOUND
    if status_code == 403 and call.path == CREATE:
        return RefusalCause.ALREADY_EXISTS
    if status_code == 400 and "is not connected" in detail:
        return RefusalCause.NOT_CONNECTED
    return RefusalCause.CLOSED if detail == "Connection Closed" else RefusalCause.OTHER


def state_of(call: Call, content: Any) -> str | None:
    """Return the state of an instance, ``None`` where it has none any more: deleted; raises `Garbled`."""
    instance = content.get("instance") if isinstance(content, dict) else None
    if not isinstance(instance, dict):
        raise Garbled(call, "told no instance")
    state = plain.name(instance.get("state", instance.get("status")))
    if state is not None and state not in STATES:
        raise Garbled(call, f"unknown state {state[:40]!r}", "this gateway may be newer than wa-tui")
    return state


def started(call: Call, content: Any) -> Started | None:
    """Return what a start, or a look at what was started, led to: a code, the state, or neither yet.

    ``None``: the instance has no state any more, as one that was deleted.
    """
    if not isinstance(content, dict):
        raise Garbled(call, "told nothing of the instance")
    shown = content.get("qrcode", content)
    code = plain.payload(shown.get("code")) if isinstance(shown, dict) else None
    if code is not None:
        return Started(Status.QR_PENDING, code)
    if "instance" not in content:
        return Started(Status.INITIALIZING)
    state = state_of(call, content)
    return None if state is None else Started(Status.CONNECTED if state == "open" else Status.INITIALIZING)


def version_of(content: Any) -> str | None:
    """Return the version of what answers at the root, ``None`` where that is no Evolution API."""
    said = content.get("message") if isinstance(content, dict) else None
    if not isinstance(said, str) or "Evolution API" not in said:
        return None
    return plain.name(content.get("version")) or "?"


def rows_of(call: Call, body: bytes, odd: Decoration) -> tuple[list[Row], int]:
    """Return a list's rows that name an instance, and how many others there were; raises `Garbled`."""
    try:
        rows = _rows.decode(body)
        total = len(rows)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            content = loads(body)
        except Unreadable as error:
            raise Garbled(call, f"{error} in {sample(body)}") from error
        if not isinstance(content, list):
            raise Garbled(call, "told no list of instances") from None
        rows = [row for each in content if (row := _row(each, odd)) is not None]
        total = len(content)
    usable = [row for row in rows if is_session_id(row.name)]
    return usable, total - len(usable)


def _row(raw: object, odd: Decoration) -> Row | None:
    """Return a row, ``None`` for one that names no instance: it must not cost the whole list."""
    name = plain.name(raw.get("name"), LONGEST_TAKEN_IN) if isinstance(raw, dict) else None
    if name is None or not isinstance(raw, dict):
        return None
    return Row(
        name,
        read(raw, "connectionStatus", plain.name, str, odd),
        read(raw, "ownerJid", plain.phone, str, odd),
        read(raw, "disconnectionReasonCode", plain.integer, int, odd),
    )


def sent_of(content: Any) -> Sent:
    """Return what is told of a message that is out: nothing here may turn that into an error."""
    if not isinstance(content, dict):
        return Sent(None, None)
    key = content.get("key")
    at = plain.instant(content.get("messageTimestamp"))
    return Sent(plain.message_id(key) if isinstance(key, dict) else None, None if at is None else at // 1000)
