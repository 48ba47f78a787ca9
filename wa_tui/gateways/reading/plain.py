"""What a field beside the status plainly is, whatever type it came as: a text, a number, an instant, or nothing.

Each reader returns what it is, or ``None`` for what can be read as nothing of that kind: it costs itself, never the
status that it stands beside.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .loose import repaired

TEXT = 65_536
"""Characters of a text that are kept."""

NAME = 255
"""Characters of an identifier."""

OBJECT = 300
"""Characters of what stands for an object that says nothing of its own."""

LATEST_MS = round(datetime(9999, 12, 31, tzinfo=UTC).timestamp() * 1000)
"""No later instant can be shown: events that held one could not be read again."""

SECONDS_END = 100_000_000_000
"""A number up to here counts seconds, from here on milliseconds: in 1973 the one, in 5138 the other."""

_SAYING = ("message", "reason", "text", "error", "description", "code", "name")
"""Where an object that is to be a text has its words, the likeliest first."""

_SECONDS_BEGIN = 1_000_000_000
"""Below it no number is an instant: that would be before 2001, and a count of anything is likelier."""

_EXACT = 2**53
_NUMBER = re.compile(r"\s*-?\d{1,18}(?:\.\d*)?\s*")
_JAVASCRIPT = re.compile(r"(\w{3} \w{3} \d{1,2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})\b.*")


def is_as_agreed(value: object, agreed: type | tuple[type, ...], found: object) -> bool:
    """Tell whether a field has one of the types that were agreed, and its text was taken as it is."""
    if not isinstance(value, agreed) or (isinstance(value, bool) and agreed is not bool):
        return False
    return found is not None and (found == value or not isinstance(value, str) or not isinstance(found, str))


def text(value: object) -> str | None:
    """Return a text: a number's digits, and of an object what it says, or its JSON, cut."""
    match value:
        case bool() | None:
            return None
        case str():
            return repaired(value[:TEXT]) or None
        case int() | float():
            return _digits(value)
        case dict():
            said = (text(value[key]) for key in _SAYING if isinstance(value.get(key), str | int | float))
            return next((detail for detail in said if detail), None) or _json(value)
        case list():
            return _json(value)
    return None


def sentence(value: object) -> str | None:
    """Return what a gateway says in a sentence, cut; of what is no text nothing: a webhook's may hold anything."""
    return repaired(value[:OBJECT]) or None if isinstance(value, str) else None


def phone(value: object) -> str | None:
    """Return a phone number: its digits where it came as a number, its user where it came as an address of one."""
    if isinstance(value, dict):
        value = value.get("user") if value.get("server") in ("c.us", "s.whatsapp.net") else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        digits = _digits(value)
        return digits if digits is not None and digits.isdecimal() and digits != "0" else None
    if isinstance(value, str) and len(value) <= OBJECT:
        return repaired(value).strip() or None
    return None


def payload(value: object) -> str | None:
    """Return a QR code's text or picture: only a text is one."""
    return repaired(value) or None if isinstance(value, str) else None


def name(value: object, longest: int = NAME) -> str | None:
    """Return an identifier: a text that is not too long to be one, or a number's digits.

    None is repaired: two that were different would be one.
    """
    if isinstance(value, str):
        usable = 0 < len(value) <= longest and "\N{REPLACEMENT CHARACTER}" not in repaired(value)
        return value if usable else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
        return None
    return _digits(value)


def message_id(value: object) -> str | None:
    """Return a message's id, of an object that a library has for one its text."""
    if isinstance(value, dict):
        found = (name(value.get(key)) for key in ("_serialized", "id"))
        return next((each for each in found if each is not None), None)
    return name(value)


def integer(value: object) -> int | None:
    """Return a whole number that is not negative, and that fits 64 bits."""
    number = _number(value)
    if number is None or number != int(number):
        return None
    return int(number) if 0 <= number < 2**63 else None


def seconds(value: object) -> float | None:
    """Return a number of seconds, as long as anything can last; a text of a number is one."""
    number = _number(value)
    return float(number) if number is not None and 0 <= number < SECONDS_END else None


def flag(value: object) -> bool | None:
    """Return a truth: true and false, the same as words, and 1 and 0."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return bool(value) if isinstance(value, int | float) and value in (0, 1) else None


def instant(value: object) -> int | None:
    """Return an instant in milliseconds since the epoch; a local time without its zone is none that can be told.

    Numbers count seconds or milliseconds by their size; texts are ISO 8601, an e-mail's or HTTP's date, or JavaScript's
    ``Date`` as a text.
    """
    number = _number(value)
    if number is not None:
        if number < _SECONDS_BEGIN:
            return None
        at = round(number if number > SECONDS_END else number * 1000)
    elif isinstance(value, str) and len(value) <= OBJECT:
        told = _dated(value.strip())
        if told is None:
            return None
        at = told
    else:
        return None
    return at if 0 <= at <= LATEST_MS else None


def _dated(detail: str) -> int | None:
    for read in (datetime.fromisoformat, _javascript, parsedate_to_datetime):
        try:
            found = read(detail)
            if found.tzinfo is None:
                found = found.replace(tzinfo=UTC)
            return round(found.timestamp() * 1000)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _javascript(detail: str) -> datetime:
    match = _JAVASCRIPT.fullmatch(detail)
    if match is None:
        raise ValueError(detail)
    return datetime.strptime("".join(match.groups()), "%a %b %d %Y %H:%M:%S%z")


def _number(value: object) -> int | float | None:
    """Return a number, or that which a text is."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    return value if isinstance(value, float) and abs(value) < 2.0**63 else None


def _digits(value: int | float) -> str | None:
    """Return a number as a text; a float that may stand for another number than was written is none."""
    if isinstance(value, int):
        return str(value) if abs(value) < 2**63 else None
    if abs(value) >= _EXACT:
        return None
    return str(int(value)) if value.is_integer() else str(value)


def _json(value: object) -> str | None:
    """Return anything's JSON in a line, cut."""
    try:
        said = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, TypeError, RecursionError):
        return None
    return repaired(said if len(said) <= OBJECT else said[: OBJECT - 1] + "…") if value else None
