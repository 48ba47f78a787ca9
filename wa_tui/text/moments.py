"""Moments as somebody types them: a time, a day, a day and a time, or how long ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from .durations import seconds_of

EXAMPLES = "12:40, 12:40:58, 2d 12:40, 15m, 2026-11-23 or 2026-11-23T12:40"

_AGO = re.compile(r"-?(\S+?)(?:\s+ago)?")
_TIME = re.compile(r"(?:(\d{1,3})d\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)


def moment(text: str, now: datetime) -> datetime:
    """Return the instant that is meant, times being local ones of today, or of yesterday if they are to come.

    Raises ValueError, in words for a person.
    """
    text = text.strip()
    try:
        ago = _AGO.fullmatch(text)
        seconds = seconds_of(ago[1]) if ago else None
        if seconds is not None:
            return now - timedelta(seconds=seconds)
        return _time(text, now) if _TIME.fullmatch(text) else _whole(text)
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
    days, hour, minute, second = (int(part or 0) for part in found.groups())
    local = now.astimezone().replace(tzinfo=None)
    there = (local - timedelta(days=days)).replace(hour=hour, minute=minute, second=second, microsecond=0)
    # Without a zone it is local time by the rules of its own day.
    return (there - timedelta(days=1) if there > local else there).astimezone()


def _whole(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()
