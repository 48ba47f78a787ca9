"""What a command is, what it is given, and which sessions and gateways a person names in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from textual.message import Message
from textual.screen import Screen

from wa_tui.identity.capabilities import Capability
from wa_tui.text.cleaning import clean
from wa_tui.text.nearest import nearest
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.session_actions import Aim, Targets
from wa_tui.tui.widgets.command_line import Word
from wa_tui.wire import GatewayView, SessionKey


class CommandError(Exception):
    """A command cannot be done as it was typed: what is wrong, and what to type instead."""


@dataclass(frozen=True)
class CommandContext:
    """Where a command is typed: ``screen`` is on top, ``root`` is the sessions; ``post`` has the app do something."""

    monitor: Monitor
    screen: Screen[Any]
    root: Screen[Any]
    post: Callable[[Message], object]

    @property
    def aim(self) -> Aim:
        """What is under the cursor, or marked, on the screen on top."""
        return self.screen.aim() if isinstance(self.screen, FleetScreen) else Aim()


Run = Callable[[CommandContext, str], Awaitable[None] | None]
Words = Callable[[Monitor], Iterable[Word]]


@dataclass(frozen=True)
class Command:
    """One command: ``takes`` names what follows it, in brackets where it may be left out.

    ``run`` gets the rest of the line and raises CommandError; ``candidates`` are what its first argument can be.
    """

    name: str
    help: str
    run: Run
    aliases: tuple[str, ...] = ()
    takes: str = ""
    candidates: Words | None = None
    needs: Capability | None = None
    """What a gateway must be able to do for it."""

    def is_offered(self, gateways: Iterable[GatewayView]) -> bool:
        """Tell whether one of these gateways can do it."""
        return self.needs is None or any(each.can(self.needs) for each in gateways)

    @property
    def needs_more(self) -> bool:
        """Whether it does nothing without an argument."""
        return bool(self.takes) and not self.takes.startswith("[")

    @property
    def usage(self) -> str:
        """Its name with what it takes."""
        return f"{self.name} {self.takes}".rstrip()


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
    named = [
        Word(f"{key[0]}/{name}" if name in twice else name, f"on {key[0]}")
        for key, name in zip(sessions, names, strict=True)
        if " " not in name and clean(name) == name
    ]
    return sorted(named)


def gateway_words(monitor: Monitor) -> list[Word]:
    """Return the gateways to choose from."""
    return [Word(name, gateway.state) for name, gateway in monitor.state.gateways.items()]


def _near(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names, most=2)
    return f"; near: {', '.join(near)}" if near else ""
