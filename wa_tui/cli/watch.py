"""``watch``: what changes, a line each in plain words, for screen readers, scripts and logs."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterable

from wa_tui.client import Client, DaemonGone, Refused
from wa_tui.wire import Receipt, Snapshot

from . import exits
from .changes import Watched
from .following import follow
from .printing import as_json, say
from .targets import find_one, require_gateway


async def watch(client: Client, arguments: argparse.Namespace) -> int:
    """Print changes for ever, across restarts of the daemon."""
    key = None
    if arguments.session is not None:
        key = (await find_one(client, arguments.session)).key
    if arguments.gateway is not None:
        require_gateway(arguments.gateway, (await client.status()).gateways)
    watched = Watched(arguments.gateway, key)
    async with contextlib.aclosing(follow(client)) as feed:
        async for message in feed:
            changes = list(watched.apply(message))
            if isinstance(message, Snapshot):
                changes += watched.ended(await _lost(client, watched.pending(message.receipts)))
            for change in changes:
                say(as_json(change) if arguments.json else change.sentence())
    return exits.OK


async def _lost(client: Client, ids: Iterable[str]) -> list[Receipt]:
    """Return the receipts of actions that ended while nobody listened."""
    found = []
    for id in ids:
        with contextlib.suppress(Refused, DaemonGone):
            found.append(await client.receipt(id))
    return found
