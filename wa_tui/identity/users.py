"""A user's id: a text, whatever JSON it came as. ``007`` is not ``7``."""

from __future__ import annotations

import re

_EXACT = 2**53
"""From here on a float may stand for another number than the one that was written."""

_CANONICAL = re.compile(r"0|[1-9][0-9]{0,15}")
_GENERATED = re.compile(r"user_(.+?)_instance_")


def user_text(value: object) -> str | None:
    """Return the text of a user id as JSON has it: ``7`` and ``7.0`` are ``"7"``; ``None`` for what is no id."""
    if type(value) is str:
        return value if value.strip() else None
    if type(value) is int:
        return str(value)
    if type(value) is float and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return None


def user_on_wire(user_id: str) -> int | str:
    """Return a user id as the contract has it: a number where that number is written so, else the text."""
    return int(user_id) if _CANONICAL.fullmatch(user_id) else user_id


def user_of_session_id(session_id: str) -> str | None:
    """Return the user in ``user_<id>_instance_…``, ``None`` for another session id."""
    match = _GENERATED.match(session_id)
    return match.group(1) if match is not None else None
