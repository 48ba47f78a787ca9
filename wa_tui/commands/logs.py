"""``logs``: the newest events, and with ``-f`` whatever follows them."""

from __future__ import annotations

import argparse
import contextlib

from wa_tui import exits
from wa_tui.client import Client, DaemonGone
from wa_tui.tui.words.reasons import WORDS
from wa_tui.tui.words.text import clean
from wa_tui.wire import EventView, Snapshot

from .errors import UnknownSession
from .following import follow
from .printing import as_json, pad, say
from .targets import find_one

_PAGE = 1000


async def logs(client: Client, arguments: argparse.Namespace) -> int:
    """Print the last events, oldest first; with ``-f`` go on for ever, across restarts of the daemon."""
    tail = _Tail(client, arguments.json)
    if arguments.session is not None:
        await tail.narrow(arguments.session)
    await tail.begin(arguments.n)
    if arguments.follow:
        await tail.follow()
    return exits.OK


class _Tail:
    """Prints each event once, by its id."""

    def __init__(self, client: Client, json: bool) -> None:
        self._client = client
        self._json = json
        self._gateway: str | None = None
        self._session_id: str | None = None
        self._last = 0

    async def narrow(self, id: str) -> None:
        """Print only one session's; also of one that was deleted. Raises `CommandError`."""
        try:
            self._gateway, self._session_id = (await find_one(self._client, id)).key
        except UnknownSession:
            gateway, _, session_id = id.rpartition("/")
            self._gateway, self._session_id = gateway or None, session_id
            if not await self._events(limit=1):
                raise

    async def begin(self, count: int) -> None:
        """Print the last ``count``."""
        newest = await self._client.events(limit=1)
        events = await self._events(limit=count)
        self._print(events)
        self._last = max([self._last, *(event.id for event in newest)])

    async def follow(self) -> None:
        """Print what comes, until cancelled; says on standard error when the daemon goes and returns."""
        async with contextlib.aclosing(follow(self._client)) as feed:
            behind = False
            async for message in feed:
                if behind or isinstance(message, Snapshot):
                    behind = not await self._caught_up()
                else:
                    self._print([event for event in message.events if self._concerns(event)])

    async def _caught_up(self) -> bool:
        """Print what happened while nobody listened; false when the daemon went away meanwhile."""
        try:
            self._print(await self._events(after=self._last))
        except DaemonGone:
            return False
        return True

    async def _events(self, *, after: int = 0, limit: int | None = None) -> list[EventView]:
        """Return the newest ``limit`` events, or all, fetched page by page from the newest back."""
        events: list[EventView] = []
        while limit is None or len(events) < limit:
            size = _PAGE if limit is None else min(_PAGE, limit - len(events))
            before = events[0].id if events else None
            page = await self._client.events(
                self._gateway, self._session_id, after=after, limit=size, before=before
            )
            events = page + events
            if len(page) < size:
                break
        return events

    def _concerns(self, event: EventView) -> bool:
        return (self._gateway or event.gateway, self._session_id or event.session_id) == (
            event.gateway,
            event.session_id,
        )

    def _print(self, events: list[EventView]) -> None:
        # What the Node service says is not stored: it has the id of the event before it, and comes once.
        fresh = [event for event in events if event.id > self._last or event.source == "node"]
        if fresh:
            self._last = max(self._last, fresh[-1].id)
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
        WORDS.get(event.reason or "") or event.words or (event.reason or "").replace("_", " "),
        event.text,
    ]
    said = "  ".join(dict.fromkeys(clean(part) for part in parts if part))
    return f"{time}  {pad(event.source, 7)}  {pad(place, 24)}  {said or clean(event.kind)}".rstrip()
