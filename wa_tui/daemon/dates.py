"""The model's times, milliseconds since 1970, as dates of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from wa_tui.model.registers import SECOND

_EARLIEST, _LATEST = datetime.fromtimestamp(0, UTC), datetime.max.replace(tzinfo=UTC)
_END = round(_LATEST.timestamp()) * SECOND


def time_of(ms: int) -> datetime:
    """Return a time of the model as a `datetime`, the nearest there is where a calendar has none."""
    if 0 <= ms < _END:
        return datetime.fromtimestamp(ms / SECOND, UTC)
    return _EARLIEST if ms < 0 else _LATEST


@lru_cache(maxsize=4096)
def instant(ms: int | None) -> datetime | None:
    """Return a time of the model as a `datetime`; ``None`` and 0 as ``None``."""
    # Cached: in a burst many a time is that of a thousand sessions.
    return time_of(ms) if ms else None
