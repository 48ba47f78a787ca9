"""Which events a range is about: what daemons of tests answer by, and what a real one is held against."""

from __future__ import annotations

from collections.abc import Iterable

from wa_tui.wire import EventRange, EventView


def is_in(event: EventView, wanted: EventRange) -> bool:
    """Whether a range is about an event."""
    return (
        wanted.gateway in (None, event.gateway)
        and wanted.session_id in (None, event.session_id)
        and (not wanted.sources or event.source in wanted.sources)
        and (not wanted.kinds or event.kind in wanted.kinds)
        and (wanted.since is None or event.at >= wanted.since)
        and (wanted.until is None or event.at <= wanted.until)
    )


def events_in(
    events: Iterable[EventView], wanted: EventRange, after: int = 0, before: int | None = None
) -> list[EventView]:
    """Those of a range between two ids, in their order; ``after`` 0 is before the first, whatever that has."""
    return [
        event
        for event in events
        if (not after or event.id > after) and (before is None or event.id < before) and is_in(event, wanted)
    ]
