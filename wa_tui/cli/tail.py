"""The log on the command line: the events that are kept, then those that come, whatever the daemon goes through."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from wa_tui.client import Client, DaemonGone
from wa_tui.client.paging import events_backward, events_forward
from wa_tui.filters.events import NODE, LogFilter
from wa_tui.text.cleaning import clean
from wa_tui.wire import EVENT_SOURCES, EventRange, EventView, Snapshot, around, is_around
from wa_tui.wire.reasons import in_brief

from .following import follow
from .printing import complain, pad, say

_PAGE = 1000


class Passed:
    """The newest events that were gone past, printed or not: a database that is put back from a copy gives the ids
    after that copy to other events."""

    def __init__(self) -> None:
        self._newest: deque[EventView] = deque(maxlen=_PAGE)

    @property
    def last(self) -> int:
        """The id of the newest, 0 before the first."""
        return self._newest[-1].id if self._newest else 0

    def add(self, events: Iterable[EventView]) -> None:
        """Go past events, in their order."""
        self._newest += [event for event in events if event.source != NODE and event.id > self.last]

    async def is_put_back(self, client: Client) -> bool:
        """Tell whether the newest is not there any more, or its id is another event's. Raises `DaemonError`."""
        if not self._newest:
            return False
        there = await client.events_within(EventRange(), after=self.last - 1, limit=1, oldest=True)
        # One with a higher id: the newest was pruned, and all that is kept came after it.
        return not there or (there[0].id == self.last and not _same(there[0], self._newest[-1]))

    async def rewind(self, client: Client) -> None:
        """Go back to the newest event that is still there. Raises `DaemonError`."""
        known = {event.id: event for event in self._newest}
        first = self._newest[0].at
        async with contextlib.aclosing(events_backward(client, EventRange(), page=_PAGE)) as pages:
            async for events in pages:
                for event in reversed(events):
                    if (event.id in known and _same(event, known[event.id])) or event.at < first:
                        self._newest = deque([event], maxlen=_PAGE)
                        return
        self._newest.clear()


class Tail:
    """Prints each event that is wanted once; ``written`` makes a line of it."""

    def __init__(
        self, client: Client, wanted: EventRange, chosen: LogFilter, written: Callable[[EventView], str]
    ) -> None:
        self._client = client
        self._wanted = wanted
        self._chosen = chosen
        self._written = written
        self._passed = Passed()
        self.printed = 0
        stored = tuple(name for name in wanted.sources if name in EVENT_SOURCES)
        own = replace(wanted, sources=stored)
        self._around = wanted.gateway if wanted.session_id is not None else None
        """The gateway whose outages are those of the session that is wanted."""
        self._ranges: tuple[EventRange, ...] = ()
        if stored or not wanted.sources:
            self._ranges = (own, *(around(self._around, own) if self._around is not None else ()))

    async def all(self) -> None:
        """Print all there are, as they come."""
        await self._go_on()

    async def last(self, count: int) -> None:
        """Print the last ``count``."""
        newest = await self._client.events(limit=1)
        found: list[EventView] = []
        if count and self._ranges:
            # As many as are wanted may be had at once, unless words leave some out.
            page = _PAGE if self._chosen.terms else min(count, _PAGE)
            backward, first = events_backward(self._client, *self._ranges, page=page), await self._first()
            async with contextlib.aclosing(backward) as pages:
                async for events in pages:
                    found = [each for each in events if each.id >= first and self._concerns(each)] + found
                    if len(found) >= count or events[0].id < first:
                        break
        self._print(found[max(0, len(found) - count) :])
        self._passed.add([*found, *newest])

    async def _first(self) -> int:
        """Return the event with which a session begins: what its gateway went through before is not its own."""
        if self._around is None or self._wanted.since is not None:
            return 0
        named = EventRange(gateway=self._wanted.gateway, session_id=self._wanted.session_id)
        events = await self._client.events_within(named, limit=1, oldest=True)
        return events[0].id if events else 0

    async def follow(self) -> None:
        """Print what comes, until cancelled; says on standard error when the daemon goes and returns."""
        async with contextlib.aclosing(follow(self._client)) as feed:
            behind = False
            async for message in feed:
                if behind or isinstance(message, Snapshot):
                    behind = not await self._caught_up()
                else:
                    self._print(event for event in message.events if self._concerns(event))
                    self._passed.add(message.events)

    async def _caught_up(self) -> bool:
        """Print what happened while nobody listened; false when the daemon went away meanwhile."""
        try:
            if await self._passed.is_put_back(self._client):
                await self._passed.rewind(self._client)
                back = "the daemon has an earlier database, or another one"
                complain(f"wa-tui: {back}: the log goes on after event {self._passed.last}")
            await self._go_on()
        except DaemonGone:
            return False
        return True

    async def _go_on(self) -> None:
        if not self._ranges:
            return
        async for events in events_forward(self._client, *self._ranges, after=self._passed.last, page=_PAGE):
            self._print(event for event in events if self._concerns(event))
            self._passed.add(events)

    def _concerns(self, event: EventView) -> bool:
        wanted = self._wanted
        own = wanted.gateway in (None, event.gateway) and wanted.session_id in (None, event.session_id)
        return (
            (own or (self._around is not None and is_around(event, self._around)))
            and (not wanted.sources or event.source in wanted.sources)
            and (wanted.since is None or event.at >= wanted.since)
            and self._chosen.admits(event)
        )

    def _print(self, events: Iterable[EventView]) -> None:
        last = self._passed.last
        fresh = [event for event in events if event.id > last or event.source == NODE]
        if fresh:
            self.printed += len(fresh)
            say("\n".join(self._written(event) for event in fresh))


def _same(one: EventView, other: EventView) -> bool:
    # Names of what it is about may change; when it happened and what it was do not.
    return (one.id, one.at, one.source, one.kind) == (other.id, other.at, other.source, other.kind)


def line(event: EventView) -> str:
    """Return an event as one line of text, its time local."""
    at = event.at.astimezone()
    time = at.strftime("%Y-%m-%d %H:%M:%S")
    name = event.instance_name or event.session_id or ""
    place = "/".join(part for part in (event.gateway, name) if part)
    parts = [
        " → ".join(part.replace("_", " ") for part in (event.before, event.after) if part),
        in_brief(event.reason, event.detail),
        "" if event.until is None else _unwatched(at, event.until.astimezone()),
        event.text,
    ]
    said = "  ".join(dict.fromkeys(clean(part) for part in parts if part))
    return f"{time}  {pad(event.source, 7)}  {pad(place, 24)}  {said or clean(event.kind)}".rstrip()


def _unwatched(since: datetime, until: datetime) -> str:
    """Say until when nobody watched: what began or ended meanwhile is dated when it was seen."""
    return f"not watched until {until:{'%H:%M:%S' if until.date() == since.date() else '%Y-%m-%d %H:%M:%S'}}"
