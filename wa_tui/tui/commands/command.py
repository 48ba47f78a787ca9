"""What a command is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wa_tui.tui.app import WaTuiApp


class CommandError(Exception):
    """A command cannot be done as it was typed: what is wrong, and what to type instead."""


class Word(NamedTuple):
    """A word that fits at some place of a command, and what it means."""

    text: str
    help: str = ""


Run = Callable[["WaTuiApp", str], Awaitable[None] | None]
Words = Callable[["WaTuiApp"], Iterable[Word]]


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
