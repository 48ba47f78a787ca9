"""Ages as a filter asks for them: ``>5m``, ``<2h``."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_PART = re.compile(r"(\d{1,6})([smhdw])")
_DURATION = re.compile(r"(?:\d{1,6}[smhdw])+")
_BEGUN = re.compile(r"(?:\d{1,6}[smhdw])*\d{0,6}")


class Age(Struct, frozen=True):
    """At least ``seconds`` old, or less where it is ``younger``."""

    seconds: float
    younger: bool = False

    def holds(self, since: datetime | None, now: datetime) -> bool:
        """Tell whether an instant is as old as that; none at all is of no age."""
        if since is None:
            return False
        return ((now - since).total_seconds() < self.seconds) is self.younger


def age_wanted(field: str, text: str) -> Age | None:
    """Return what ``>5m`` asks for, ``None`` while it is not finished (``>``, ``>1h3``). Raises ValueError."""
    how = text[:1] if text[:1] in ("<", ">") else ""
    duration = text.removeprefix(how).removeprefix("=")
    if _DURATION.fullmatch(duration):
        return Age(_seconds(duration), younger=how == "<")
    if _BEGUN.fullmatch(duration):
        return None
    raise ValueError(f"{field}:{text} is no age; {age_example(field)}")


def age_example(field: str) -> str:
    """Say how a field's age is written."""
    return f"write {field}:>5m, {field}:<2h or {field}:>1h30m (s m h d w)"


def minutes_of(text: str) -> int:
    """Return ``90m``, ``2h``, ``1d`` or ``1h30m`` in minutes; a bare number is minutes. Raises ValueError."""
    text = text.strip().casefold()
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    if not _DURATION.fullmatch(text) or _seconds(text) % 60:
        raise ValueError(f"{text or 'nothing'} is no duration; write 30m, 2h, 1d or 1h30m")
    return _seconds(text) // 60


def _seconds(text: str) -> int:
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))
