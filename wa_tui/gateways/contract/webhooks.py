"""What a webhook says (contract §2): the status above all; what beside it has another type costs itself alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.identity.users import user_text
from wa_tui.model.registers import SECOND, Status

from ..reading import plain
from ..reading.loose import Unreadable, loads, repaired

USUAL = 16 * 1024
"""Bytes of a body whose texts are not looked at: none is too long."""

_STATUSES = {status.value: status for status in Status if status is not Status.UNKNOWN}


class Body(msgspec.Struct, rename="camel"):
    """A webhook's fields and what the bundled service adds; others are ignored."""

    session_id: str
    status: str
    timestamp: str | int | None = None
    user_id: Any = None
    phone_number: str | None = None
    qr_code: str | None = None
    qr: str | None = None
    reason: str | None = None
    error: str | None = None
    event_id: str | None = None
    sequence: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None
    boot_id: str | None = None


def _user(value: object) -> str | None:
    found = user_text(repaired(value) if isinstance(value, str) else value)
    return found if found is not None and len(found) <= plain.NAME else None


_READERS: Mapping[str, Callable[[object], Any]] = {
    "timestamp": plain.instant,
    "user_id": _user,
    "phone_number": plain.phone,
    "qr_code": plain.payload,
    "qr": plain.payload,
    "reason": plain.text,
    "error": plain.text,
    "event_id": plain.name,
    "sequence": plain.integer,
    "boot_id": plain.name,
}
_AGREED: Mapping[str, type | tuple[type, ...]] = {
    "timestamp": (str, int),
    "user_id": (str, int),
    "sequence": int,
}
"""Types of those fields that are more than texts."""

_USERS = frozenset({str, int, type(None)})
_WIRE = dict(zip(Body.__struct_fields__, Body.__struct_encode_fields__, strict=True))
_strict = msgspec.json.Decoder(Body).decode


def decode(content: bytes) -> tuple[Body, list[str]]:
    """Return a body, and the names of the fields that had another type: read for what they plainly are, or dropped.

    Raises `Unreadable` where there is no telling which session it is about, or its status.
    """
    try:
        body = _strict(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read(loads(content))
    if len(content) <= USUAL and type(body.user_id) in _USERS:
        return body, []
    return _read(loads(content))


def status_of(word: str) -> Status | None:
    """Return the status that a word plainly is, whatever its case, and blanks around it."""
    return _STATUSES.get(word) or _STATUSES.get(word.strip().lower())


def _read(raw: object) -> tuple[Body, list[str]]:
    if not isinstance(raw, dict):
        raise Unreadable("it is no object")
    session_id, status = plain.name(raw.get("sessionId"), LONGEST_TAKEN_IN), raw.get("status")
    if session_id is None:
        raise Unreadable("sessionId is missing, or no text")
    if not isinstance(status, str):
        raise Unreadable("status is missing, or no text")
    body, odd = Body(session_id, status), []
    for field, read in _READERS.items():
        value = raw.get(_WIRE[field])
        if value is None or value == "":
            continue
        found = read(value)
        if not plain.is_as_agreed(value, _AGREED.get(field, str), found):
            odd.append(_WIRE[field])
        setattr(body, field, found)
    return body, odd


def milliseconds(timestamp: str | int | None) -> int | None:
    """Return a webhook's timestamp in milliseconds, ``None`` where it has none, or one that is no time."""
    if isinstance(timestamp, str):
        try:
            at = datetime.fromisoformat(timestamp)
            if at.tzinfo is not None and 0 <= (found := round(at.timestamp() * SECOND)) <= plain.LATEST_MS:
                return found
        except (ValueError, OverflowError):
            pass
    return plain.instant(timestamp)
