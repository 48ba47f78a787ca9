"""Sessions, gateways and jobs as a person names them in a command."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wa_tui.text.cleaning import clean
from wa_tui.text.nearest import nearest
from wa_tui.tui.commands.command import CommandError, Word
from wa_tui.tui.fleet.assessment import SessionKey

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp

_LISTED = 500
"""Sessions that are offered to choose from; more are named by typing."""


def session_named(app: WaTuiApp, name: str) -> SessionKey:
    """Return the session of an instance name or an id; ``gateway/name`` where two have it. Raises CommandError."""
    found = sessions_called(app, name)
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join(f"{key[0]}/{name}" for key in found[:4])
        raise CommandError(f"{name} is {len(found)} sessions: {places}")
    names = [session.label for session in app.state.sessions.values()]
    raise CommandError(f"there is no session {name}{_near(name.rpartition('/')[2], names)}")


def sessions_called(app: WaTuiApp, name: str) -> list[SessionKey]:
    """Return the sessions that have a name letter by letter, else those that have it in other letters' cases."""
    names = {
        key: [
            f"{key[0]}/{each}" if place else each
            for place in (True, False)
            for each in (key[1], session.label)
        ]
        for key, session in app.state.sessions.items()
    }
    exactly = [key for key, called in names.items() if name in called]
    folded = name.casefold()
    return exactly or [key for key, called in names.items() if folded in map(str.casefold, called)]


def gateway_named(app: WaTuiApp, name: str) -> str:
    """Return a gateway's name. Raises CommandError."""
    if name not in app.state.gateways:
        raise CommandError(f"there is no gateway {name}{_near(name, app.state.gateways)}")
    return name


def session_words(app: WaTuiApp) -> list[Word]:
    """Return the sessions to choose from."""
    sessions = app.state.sessions
    if len(sessions) > _LISTED:
        return []
    names = [session.label for session in sessions.values()]
    twice = {name for name in names if names.count(name) > 1}
    detail = [
        Word(f"{key[0]}/{name}" if name in twice else name, f"on {key[0]}")
        for key, name in zip(sessions, names, strict=True)
        if " " not in name and clean(name) == name
    ]
    return sorted(detail)


def gateway_words(app: WaTuiApp) -> list[Word]:
    """Return the gateways to choose from."""
    return [Word(name, gateway.state) for name, gateway in app.state.gateways.items()]


def _near(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names, most=2)
    return f"; near: {', '.join(near)}" if near else ""
