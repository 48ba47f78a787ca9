"""What a command is, and what it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from textual.message import Message
from textual.screen import Screen

from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.session_actions import Aim
from wa_tui.tui.widgets.command_line import Word


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

    ``run`` gets the rest of the line and raises CommandError; ``detail`` are what its first argument can be.
    """

    name: str
    help: str
    run: Run
    aliases: tuple[str, ...] = ()
    takes: str = ""
    detail: Words | None = None

    @property
    def needs_more(self) -> bool:
        """Whether it does nothing without an argument."""
        return bool(self.takes) and not self.takes.startswith("[")

    @property
    def usage(self) -> str:
        """Its name with what it takes."""
        return f"{self.name} {self.takes}".rstrip()
