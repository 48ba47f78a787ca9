"""Durations as a person types them: ``30m``, ``2h``, ``1h30m``."""

from __future__ import annotations

import re

EXAMPLES = "30m, 2h, 1d or 1h30m"
MINUTE = 60

_UNITS = {"s": 1, "m": MINUTE, "h": 3600, "d": 86400, "w": 7 * 86400}
_PART = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
_WHOLE = re.compile(r"(?:\d{1,6}[smhdw])+", re.ASCII)
_BEGUN = re.compile(r"(?:\d{1,6}[smhdw])*\d{0,6}", re.ASCII)


def seconds_of(text: str) -> int | None:
    """Return ``1h30m`` in seconds; ``None`` for what is no duration."""
    text = text.strip().casefold()
    if not _WHOLE.fullmatch(text):
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def is_begun(text: str) -> bool:
    """Tell whether a text may become a duration as it is typed on: ``1h3``, or nothing yet."""
    return _BEGUN.fullmatch(text.casefold()) is not None


def minutes_of(text: str) -> int:
    """Return a duration in minutes; a bare number is minutes. Raises ValueError, in words for a person."""
    text = text.strip().casefold()
    # isdigit() alone is true of ² too, which int() refuses.
    if text.isascii() and text.isdigit() and len(text) < 7:
        return int(text)
    seconds = seconds_of(text)
    if seconds is None or seconds % MINUTE:
        raise ValueError(f"{text or 'nothing'} is no duration; write {EXAMPLES}")
    return seconds // MINUTE


def duration_of(minutes: int) -> str:
    """Return minutes as `minutes_of` reads them, in the largest unit that holds them wholly."""
    for unit in ("d", "h"):
        number, rest = divmod(minutes * 60, _UNITS[unit])
        if number and not rest:
            return f"{number}{unit}"
    return f"{minutes}m"


def spoken(seconds: float) -> str:
    """Return a duration in words, two units at most: ``45 s``, ``12 min``, ``1 h 50 min``, ``6 d 4 h``."""
    rest = max(0, round(seconds))
    if rest < MINUTE:
        return f"{rest} s"
    # Seconds tell nothing beside hours.
    rest -= rest % MINUTE if rest >= 10 * MINUTE else 0
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", MINUTE), ("s", 1)):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2])
