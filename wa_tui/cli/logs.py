"""``logs``: the events that are wanted, and with ``-f`` whatever follows them."""

from __future__ import annotations

import argparse

from msgspec.structs import replace

from wa_tui.client import Client
from wa_tui.wire import EventRange

from . import exits
from .errors import UnknownSession
from .printing import as_json, complain
from .selection import event_filter, event_range, of_range
from .tail import Tail, line
from .targets import find_one

_USUAL = 50
"""Events, where neither a number nor a time is asked for."""


async def logs(client: Client, arguments: argparse.Namespace) -> int:
    """Print the last events, oldest first; with ``-f`` go on for ever, across restarts of the daemon."""
    chosen = event_filter(arguments.filter)
    wanted = await event_range(client, arguments)
    if arguments.session is not None:
        wanted = await _of_session(client, wanted, arguments.session)
    tail = Tail(client, wanted, chosen, as_json if arguments.json else line)
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
