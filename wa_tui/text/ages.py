"""Ages in words; they move on the minute, all at once."""

from __future__ import annotations

from datetime import datetime

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def age(seconds: float) -> str:
    """Return an age in at most six cells: ``<1m 3m 14h 6d 4h 31d``; one in the future is ``<1m``."""
    if seconds < _MINUTE:
        return "<1m"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)}m"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)}h"
    days, rest = divmod(int(seconds), _DAY)
    hours = rest // _HOUR
    return f"{days}d {hours}h" if days < 10 and hours else f"{days}d"


def since(then: datetime | None, now: datetime) -> str:
    """Return the age of an instant, ``–`` for none."""
    return "–" if then is None else age((now - then).total_seconds())


def ahead(at: datetime, now: datetime) -> str:
    """Return how long it is until an instant: ``in 3m``, ``now`` once it has come."""
    seconds = (at - now).total_seconds()
    return f"in {age(seconds)}" if seconds > 0 else "now"


def left(until: datetime, now: datetime) -> str:
    """Return how long it is until an instant, to the minute within a day: ``<1m 58m 1h58m 6d 4h``."""
    seconds = (until - now).total_seconds()
    if not _HOUR <= seconds < _DAY:
        return age(seconds)
    hours, rest = divmod(int(seconds), _HOUR)
    return f"{hours}h{rest // _MINUTE:02}m" if rest >= _MINUTE else f"{hours}h"


def minute(now: datetime) -> datetime:
    """Return the minute that has begun: what ages are counted to."""
    return now.replace(second=0, microsecond=0)
