"""Asks the person before something that is not undone by a key."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from wa_tui.client import Client
from wa_tui.identity.capabilities import Capability
from wa_tui.text.cleaning import clean
from wa_tui.wire import SessionKey, SessionView, utc_now, works

from .errors import CommandError
from .targets import full_id


async def working(client: Client, sessions: Sequence[SessionView]) -> set[SessionKey]:
    """Return the sessions that work: interrupting those asks first."""
    view = await client.status()
    gateways = {gateway.name: gateway for gateway in view.gateways}
    window, now = view.daemon.proof_window_s, view.now or utc_now()
    return {session.key for session in sessions if works(session, gateways.get(session.gateway), now, window)}


async def may_be(
    client: Client, sessions: Sequence[SessionView], needed: Capability | None
) -> Sequence[SessionView]:
    """Return the sessions whose gateways have a capability, or tell none: about the others nobody is asked."""
    if needed is None:
        return sessions
    unable = {
        each.name for each in (await client.status()).gateways if each.capabilities and not each.can(needed)
    }
    return [session for session in sessions if session.gateway not in unable]


async def agreed(what: str, question: str, *, yes: str) -> bool:
    """Ask the person; raises `CommandError`, which names the option ``yes``, without a terminal to ask on."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise CommandError(f"{what}: nothing was done; add --yes to {yes}")
    sys.stderr.write(f"{what}; {question} [y/N] ")
    sys.stderr.flush()
    answer = await _read_line()
    return answer.strip().lower() in ("y", "yes")


def named(session: SessionView) -> str:
    """Return a session as a question names it."""
    return f"{clean(session.label)} ({full_id(session)})"


async def _read_line() -> str:
    """Read a line from the terminal; unlike `input`, Ctrl-C ends the wait at once."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline()
