"""Ages as a filter asks for them: ``>5m``, ``<2h``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AGE = re.compile(r"(?P<how>[<>]?)=?(?P<number>\d{1,6})(?P<unit>[smhdw])")
_PARTS = re.compile(r"(\d{1,6})([mhdw])")


@dataclass(frozen=True)
class Age:
    """At least ``seconds`` old, or less where it is ``younger``."""

    seconds: float
    younger: bool = False

    def holds(self, since: datetime | None, now: datetime) -> bool:
        """Tell whether an instant is as old as that; none at all is of no age."""
        if since is None:
            return False
        return ((now - since).total_seconds() < self.seconds) is self.younger


def age_wanted(field: str, text: str) -> Age | None:
    """Return what ``>5m`` asks for, ``None`` while it is not finished (``>``). Raises ValueError."""
    if not text.lstrip("<>=") or text.lstrip("<>=").isdigit():
        return None
    found = _AGE.fullmatch(text)
    if found is None:
        raise ValueError(f"{field}:{text} is no age; write {field}:>5m or {field}:<2h (s m h d w)")
    return Age(int(found["number"]) * _UNITS[found["unit"]], younger=found["how"] == "<")


def minutes_of(text: str) -> int:
    """Return ``90m``, ``2h``, ``1d`` or ``1h30m`` in minutes; a bare number is minutes. Raises ValueError."""
    text = text.strip().casefold()
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    parts = _PARTS.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text or 'nothing'} is no duration; write 30m, 2h, 1d or 1h30m")
    return sum(int(number) * _UNITS[unit] // 60 for number, unit in parts)
