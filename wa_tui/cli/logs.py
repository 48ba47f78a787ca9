"""``logs``: the events that are wanted, and with ``-f`` whatever follows them."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterable

from msgspec.structs import replace

from wa_tui.client import Client, DaemonGone
from wa_tui.client.paging import events_backward, events_forward
from wa_tui.filters.events import LogFilter
from wa_tui.text.cleaning import clean
from wa_tui.wire import EVENT_SOURCES, EventRange, EventView, Snapshot
from wa_tui.wire.reasons import in_brief

from . import exits
from .command import Command
from .errors import UnknownSession
from .following import follow
from .options import SESSION, add_range, count
from .printing import as_json, complain, pad, say
from .selection import event_filter, event_range, of_range
from .targets import find_one
from .texts import EVENT_WORDS

_USUAL = 50
"""Events, where neither a number nor a time is asked for."""

_PAGE = 1000


async def logs(client: Client, arguments: argparse.Namespace) -> int:
    """Print the last events, oldest first; with ``-f`` go on for ever, across restarts of the daemon."""
    chosen = event_filter(arguments.filter)
    wanted = await event_range(client, arguments)
    if arguments.session is not None:
        wanted = await _of_session(client, wanted, arguments.session)
    tail = _Tail(client, wanted, chosen, arguments.json)
    if arguments.n is None and wanted.since is not None:
        await tail.all()
    else:
        await tail.last(_USUAL if arguments.n is None else arguments.n)
    if arguments.follow:
        await tail.follow()
    elif not tail.printed and (chosen.terms or of_range(wanted)) and arguments.n != 0:
        complain(f"no event{f' matches {chosen.text}' if chosen.text else ''}{of_range(wanted)}")
    return exits.OK


async def _of_session(client: Client, wanted: EventRange, id: str) -> EventRange:
    """Return the range of one session alone; also of one that was deleted. Raises `CommandError`."""
    if wanted.gateway is not None and not id.startswith(f"{wanted.gateway}/"):
        id = f"{wanted.gateway}/{id}"
    try:
        gateway, session_id = (await find_one(client, id)).key
    except UnknownSession:
        place, _, session_id = id.rpartition("/") if wanted.gateway is None else id.partition("/")
        named = EventRange(gateway=place or None, session_id=session_id)
        if not await client.events_within(named, limit=1):
            raise
        return replace(wanted, gateway=place or wanted.gateway, session_id=session_id)
    return replace(wanted, gateway=gateway, session_id=session_id)


class _Tail:
    """Prints each event that is wanted once, by its id."""

    def __init__(self, client: Client, wanted: EventRange, chosen: LogFilter, json: bool) -> None:
        self._client = client
        self._wanted = wanted
        self._stored = replace(
            wanted, sources=tuple(name for name in wanted.sources if name in EVENT_SOURCES)
        )
        self._chosen = chosen
        self._json = json
        self._last = 0
        self.printed = 0

    @property
    def _stores(self) -> bool:
        """Whether what is wanted is stored: what the Node service says is not."""
        return bool(self._stored.sources) or not self._wanted.sources

    async def all(self) -> None:
        """Print all there are, as they come."""
        if self._stores:
            await self._go_on()

    async def last(self, count: int) -> None:
        """Print the last ``count``."""
        newest = await self._client.events(limit=1)
        found: list[EventView] = []
        # As many as are wanted may be had at once, unless words leave some out.
        page = _PAGE if self._chosen.terms else min(count, _PAGE)
        if count and self._stores:
            async with contextlib.aclosing(events_backward(self._client, self._stored, page=page)) as pages:
                async for events in pages:
                    found = [event for event in events if self._chosen.admits(event)] + found
                    if len(found) >= count:
                        break
        self._print(found[max(0, len(found) - count) :])
        self._last = max([self._last, *(event.id for event in newest)])

    async def follow(self) -> None:
        """Print what comes, until cancelled; says on standard error when the daemon goes and returns."""
        async with contextlib.aclosing(follow(self._client)) as feed:
            behind = False
            async for message in feed:
                if behind or isinstance(message, Snapshot):
                    behind = not await self._caught_up()
                else:
                    self._print(event for event in message.events if self._concerns(event))

    async def _caught_up(self) -> bool:
        """Print what happened while nobody listened; false when the daemon went away meanwhile."""
        try:
            if self._stores:
                await self._go_on()
        except DaemonGone:
            return False
        return True

    async def _go_on(self) -> None:
        pages = events_forward(self._client, self._stored, after=self._last, page=_PAGE)
        async for events in pages:
            self._print(event for event in events if self._chosen.admits(event))
            self._last = max(self._last, events[-1].id)

    def _concerns(self, event: EventView) -> bool:
        wanted = self._wanted
        return (
            wanted.gateway in (None, event.gateway)
            and wanted.session_id in (None, event.session_id)
            and (not wanted.sources or event.source in wanted.sources)
            and (wanted.since is None or event.at >= wanted.since)
            and self._chosen.admits(event)
        )

    def _print(self, events: Iterable[EventView]) -> None:
        # What the Node service says is not stored: it has the id of the event before it, and comes once.
        fresh = [event for event in events if event.id > self._last or event.source == "node"]
        if fresh:
            self._last = max(self._last, fresh[-1].id)
            self.printed += len(fresh)
            say("\n".join(self._line(event) for event in fresh))

    def _line(self, event: EventView) -> str:
        return as_json(event) if self._json else line(event)


def line(event: EventView) -> str:
    """Return an event as one line of text, its time local."""
    time = event.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    name = event.instance_name or event.session_id or ""
    place = "/".join(part for part in (event.gateway, name) if part)
    parts = [
        " → ".join(part.replace("_", " ") for part in (event.before, event.after) if part),
        in_brief(event.reason, event.detail),
        event.text,
    ]
    said = "  ".join(dict.fromkeys(clean(part) for part in parts if part))
    return f"{time}  {pad(event.source, 7)}  {pad(place, 24)}  {said or clean(event.kind)}".rstrip()


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("filter", nargs="*", metavar="FILTER", help="as in: logged out !sales source:heal")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as it happens, until Ctrl-C")
    parser.add_argument(
        "-n", type=count, metavar="N", help="begin with the last N (50; all there are with --since)"
    )
    parser.add_argument("--session", metavar="ID", help=f"of one session: {SESSION}")
    add_range(parser)


def _check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.follow and arguments.until is not None:
        parser.error("logs: --follow goes on, --until ends: leave one out")


COMMANDS = {
    "logs": Command(
        logs,
        add=_add,
        check=_check,
        prints="JSON lines",
        more=f"FILTER is what / takes in the monitor's log: words that all must hold, {EVENT_WORDS}.",
    )
}
