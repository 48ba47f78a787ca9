"""Moments as a person types them: a time, a day, a weekday or a day and a time, or how long ago."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timedelta

from .durations import seconds_of

EXAMPLES = "12:40, 12:40:58, Sun 12:40, 2d 12:40, 15m, 2026-11-23 or 2026-11-23T12:40"

_AGO = re.compile(r"-?(\S+?)(?:\s+ago)?")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(
    rf"(?:(?:(\d{{1,3}})d|({'|'.join(_WEEKDAYS)}))\s+)?(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?",
    re.ASCII | re.IGNORECASE,
)


def moment(text: str, now: datetime) -> datetime:
    """Return the instant that is meant: a time is a local one of today or of that weekday, the last that has been.

    Raises ValueError, in words for a person.
    """
    text = text.strip()
    try:
        ago = _AGO.fullmatch(text)
        seconds = seconds_of(ago[1]) if ago else None
        if seconds is not None:
            return now - timedelta(seconds=seconds)
        return _time(text, now) if _TIME.fullmatch(text) else _day(text, now) or _whole(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text or 'nothing'} is no time; write {EXAMPLES}") from error


def past_moment(text: str, now: datetime) -> datetime:
    """Return the instant since when something is asked for. Raises ValueError, in words for a person."""
    at = moment(text, now)
    if at > now:
        raise ValueError(f"{text} is in the future: nothing happened since")
    return at


def _time(text: str, now: datetime) -> datetime:
    found = _TIME.fullmatch(text)
    assert found is not None
    weekday = found[2]
    days, hour, minute, second = (int(part or 0) for part in found.group(1, 3, 4, 5))
    local = now.astimezone().replace(tzinfo=None)
    if weekday is not None:
        days = (local.weekday() - _WEEKDAYS.index(weekday.casefold())) % 7
    there = (local - timedelta(days=days)).replace(hour=hour, minute=minute, second=second, microsecond=0)
    # Without a zone it is local time by the rules of its own day.
    before = timedelta(days=1 if weekday is None else 7)
    return (there - before if there > local else there).astimezone()


def _day(text: str, now: datetime) -> datetime | None:
    """Return the instant of ``23 Nov 12:40`` or ``23 Nov``, as the screen says it; ``None`` for what is none."""
    today = now.astimezone()
    for form in ("%d %b %H:%M", "%d %b", "%d %b %Y %H:%M", "%d %b %Y"):
        years = [""] if "%Y" in form else [f"{year} " for year in (today.year, today.year - 1)]
        for year in years:
            with contextlib.suppress(ValueError):
                there = datetime.strptime(year + text, ("%Y " if year else "") + form).astimezone()
                if there <= today:
                    return there
    return None


def _whole(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()
