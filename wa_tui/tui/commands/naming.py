"""Sessions and gateways as a person names them in a command; those marked or under the cursor where none is named."""

from __future__ import annotations

from collections.abc import Iterable

from wa_tui.text.cleaning import clean
from wa_tui.text.nearest import nearest
from wa_tui.tui.commands.command import CommandContext, CommandError
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.session_actions import Targets
from wa_tui.tui.widgets.command_line import Word
from wa_tui.wire import SessionKey

_LISTED = 500
"""Sessions that are offered to choose from; more are named by typing."""


def session_named(monitor: Monitor, name: str) -> SessionKey:
    """Return the session of an instance name or an id; ``gateway/name`` where two have it. Raises CommandError."""
    found = sessions_called(monitor, name)
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join(f"{key[0]}/{name}" for key in found[:4])
        raise CommandError(f"{name} is {len(found)} sessions: {places}")
    names = [session.label for session in monitor.state.sessions.values()]
    raise CommandError(f"there is no session {name}{_near(name.rpartition('/')[2], names)}")


def sessions_called(monitor: Monitor, name: str) -> list[SessionKey]:
    """Return the sessions that have a name letter by letter, else those that have it in other letters' cases."""
    names = {
        key: [
            f"{key[0]}/{each}" if place else each
            for place in (True, False)
            for each in (key[1], session.label)
        ]
        for key, session in monitor.state.sessions.items()
    }
    exactly = [key for key, called in names.items() if name in called]
    folded = name.casefold()
    return exactly or [key for key, called in names.items() if folded in map(str.casefold, called)]


def gateway_named(monitor: Monitor, name: str) -> str:
    """Return a gateway's name. Raises CommandError."""
    if name not in monitor.state.gateways:
        raise CommandError(f"there is no gateway {name}{_near(name, monitor.state.gateways)}")
    return name


def targets(context: CommandContext, text: str) -> Targets:
    """Return the sessions that are named, else those marked, or the one under the cursor. Raises CommandError."""
    if text:
        # An id or a name with spaces is one; else each word names one.
        whole = sessions_called(context.monitor, text)
        names = [text] if len(whole) == 1 else text.split()
        return Targets(tuple(session_named(context.monitor, name) for name in names))
    aim = context.aim
    return aim.targets if aim.targets.keys else Targets((one_under_cursor(context),), aim.doubt)


def one_under_cursor(context: CommandContext) -> SessionKey:
    """What is for one session alone is for the one under the cursor. Raises CommandError."""
    key = context.aim.key
    if key is None:
        raise CommandError("no session is under the cursor; name one, or go to :sessions")
    return key


def session_words(monitor: Monitor) -> list[Word]:
    """Return the sessions to choose from."""
    sessions = monitor.state.sessions
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


def gateway_words(monitor: Monitor) -> list[Word]:
    """Return the gateways to choose from."""
    return [Word(name, gateway.state) for name, gateway in monitor.state.gateways.items()]


def _near(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names, most=2)
    return f"; near: {', '.join(near)}" if near else ""
