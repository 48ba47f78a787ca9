"""Which session an id on the command line means."""

from __future__ import annotations

from collections.abc import Sequence

from wa_tui.client import Client
from wa_tui.text.nearest import nearest
from wa_tui.wire import GatewayView, SessionView

from . import exits
from .errors import CommandError, UnknownSession

_NEAREST = 3


async def find(client: Client, ids: Sequence[str]) -> list[SessionView]:
    """Return the sessions meant by ``ids``, each once; raises `CommandError` before anything is done."""
    known = await client.named(ids)
    try:
        return sessions_of_ids(ids, known)
    except UnknownSession:
        # A mistyped id alone reads the whole fleet, to name the nearest.
        return sessions_of_ids(ids, await client.sessions(history=False))


async def find_one(client: Client, id: str) -> SessionView:
    """Return the session meant by ``session_id`` or ``gateway/session_id``; raises `CommandError`."""
    return (await find(client, [id]))[0]


def sessions_of_ids(ids: Sequence[str], sessions: Sequence[SessionView]) -> list[SessionView]:
    """Return the sessions meant by ``ids``, each once; raises `CommandError` before anything is done."""
    found = {session.key: session for session in (resolve_one(id, sessions) for id in ids)}
    return list(found.values())


def resolve_one(id: str, sessions: Sequence[SessionView]) -> SessionView:
    """Return the session meant by ``session_id`` or ``gateway/session_id``.

    The full one wins: an id that reads like another gateway's session can be written in full itself. Raises
    `CommandError` (exit 2): `UnknownSession`, with the nearest ids, or on two gateways, naming both.
    """
    matching = [session for session in sessions if id == full_id(session)]
    matching = matching or [session for session in sessions if id == session.session_id]
    if len(matching) == 1:
        return matching[0]
    if matching:
        places = " and ".join(sorted(full_id(session) for session in matching))
        raise CommandError(f'"{id}" is on {len(matching)} gateways: say which, {places}', exits.USAGE)
    raise UnknownSession(f'no session "{id}"{_nearest(id, sessions)}; `wa-tui sessions` lists them')


def require_gateway(name: str, gateways: Sequence[GatewayView]) -> None:
    """Raise `CommandError` (exit 2, naming those there are) for a gateway that the daemon does not know."""
    known = [gateway.name for gateway in gateways]
    if name not in known:
        near = nearest(name, known)
        meant = f'; "{near[0]}" is one' if near else ""
        raise CommandError(f'no gateway "{name}"{meant}; known are {", ".join(known)}', exits.USAGE)


def full_id(session: SessionView) -> str:
    """Return ``gateway/session_id``."""
    return f"{session.gateway}/{session.session_id}"


def _nearest(id: str, sessions: Sequence[SessionView]) -> str:
    """Return the known ids that ``id`` may have meant, by id or by instance name."""
    named = [full_id(session) for session in sessions if session.instance_name == id]
    if named:
        return f", but an instance of that name: {', '.join(named[:_NEAREST])}"
    known = {session.session_id for session in sessions}
    if "/" in id:
        known = {full_id(session) for session in sessions}
    close = nearest(id, sorted(known), most=_NEAREST, cutoff=0.5)
    return f"; the nearest: {', '.join(close)}" if close else ""
