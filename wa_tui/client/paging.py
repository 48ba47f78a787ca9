"""Long lists from a daemon, a page at a time: memory holds one, and webhooks go between two of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Protocol

from wa_tui.wire import EventRange, EventView, Receipt

PAGE = 500
"""Rows of a page: what a daemon reads and writes in some 5 ms."""


class Pages(Protocol):
    """A daemon that gives its lists by pages, as `wa_tui.client.Client` does. Every method raises `DaemonError`."""

    async def events_within(
        self,
        wanted: EventRange,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 200,
        oldest: bool = False,
    ) -> list[EventView]:
        """Return the newest ``limit`` events of a range (or the ``oldest``), oldest first."""
        ...

    async def actions(
        self,
        gateway: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[Receipt]:
        """Return the newest ``limit`` actions accepted in a time, newest first."""
        ...


async def events_forward(
    daemon: Pages, *wanted: EventRange, after: int = 0, page: int = PAGE
) -> AsyncGenerator[list[EventView], None]:
    """Yield all events of some ranges above an id, oldest first. Raises `DaemonError`."""
    while True:
        events = await _union(daemon, wanted, after=after, limit=page, oldest=True)
        if events:
            yield events
            after = events[-1].id
        if len(events) < page:
            return


async def events_backward(
    daemon: Pages, *wanted: EventRange, page: int = PAGE
) -> AsyncGenerator[list[EventView], None]:
    """Yield all events of some ranges, the newest page first, each oldest first. Raises `DaemonError`."""
    before: int | None = None
    while True:
        events = await _union(daemon, wanted, before=before, limit=page)
        if events:
            yield events
            before = events[0].id
        if len(events) < page:
            return


async def _union(
    daemon: Pages,
    wanted: Sequence[EventRange],
    *,
    limit: int,
    after: int = 0,
    before: int | None = None,
    oldest: bool = False,
) -> list[EventView]:
    """Return the newest ``limit`` events of some ranges (or the ``oldest``), each once, oldest first."""
    if len(wanted) == 1:
        return await daemon.events_within(wanted[0], after=after, before=before, limit=limit, oldest=oldest)
    found = dict[int, EventView]()
    # Those of all ranges together are among those of each: no range is asked for more than a page.
    for one in wanted:
        events = await daemon.events_within(one, after=after, before=before, limit=limit, oldest=oldest)
        found.update((event.id, event) for event in events)
    merged = [found[id] for id in sorted(found)]
    return merged[:limit] if oldest else merged[-limit:]


async def actions_backward(
    daemon: Pages, gateway: str | None, since: datetime, until: datetime
) -> AsyncGenerator[list[Receipt], None]:
    """Yield all actions accepted in a time, newest first. Raises `DaemonError`."""
    before: str | None = None
    while True:
        receipts = await daemon.actions(gateway, since, until, before, PAGE)
        if receipts:
            yield receipts
            before = receipts[-1].id
        if len(receipts) < PAGE:
            return
