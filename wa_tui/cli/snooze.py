"""``snooze`` and ``ack``: sessions and gateways that need a person, and are to call nobody."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from wa_tui.client import Client
from wa_tui.wire import ActionName, ActionRequest, SessionView

from . import asking, exits
from .errors import CommandError, UnknownSession
from .targets import find, full_id, require_gateway


async def snooze(client: Client, arguments: argparse.Namespace) -> int:
    """Let sessions and gateways call nobody for a while, or again."""
    return await _each(client, arguments, "snooze", minutes=arguments.minutes)


async def ack(client: Client, arguments: argparse.Namespace) -> int:
    """Take care of sessions and gateways, or not any more."""
    return await _each(client, arguments, "acknowledge", force=arguments.undo)


async def _each(client: Client, arguments: argparse.Namespace, action: ActionName, **fields: Any) -> int:
    gateways, sessions = await _meant(client, arguments.ids, arguments.gateway)
    requests = {
        f"gateway {name}": ActionRequest(action=action, gateway=name, **fields) for name in gateways
    } | {full_id(session): asking.about(action, session, **fields) for session in sessions}
    return await asking.each(client, arguments, requests)


async def _meant(
    client: Client, ids: Sequence[str], named: Sequence[str]
) -> tuple[list[str], list[SessionView]]:
    """Return the gateways and the sessions meant, each once; ``named`` are plainly gateways.

    Raises `CommandError` (exit 2) before anything is done: for a name that nobody has, or that may mean either.
    """
    known = (await client.status()).gateways
    for name in named:
        require_gateway(name, known)
    gateways = {gateway.name for gateway in known}.intersection(ids)
    for session in await client.named(sorted(gateways)) if gateways else ():
        if session.session_id in gateways:
            name = session.session_id
            readings = f"say {full_id(session)} for the session, --gateway {name} for the gateway"
            raise CommandError(f'"{name}" is a session and a gateway: {readings}', exits.USAGE)
    others = [id for id in ids if id not in gateways]
    try:
        sessions = await find(client, others) if others else []
    except UnknownSession as error:
        names = ", ".join(gateway.name for gateway in known)
        raise CommandError(f"{error}; the gateways are {names}", exits.USAGE) from error
    return [name for name in dict.fromkeys([*named, *ids]) if name in gateways.union(named)], sessions
