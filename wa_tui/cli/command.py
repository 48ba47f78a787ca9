"""What a verb of the command line takes: how its words are read."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from .options import add_common, add_local

Add = Callable[[argparse.ArgumentParser], None]
Check = Callable[[argparse.ArgumentParser, argparse.Namespace], None]


def _nothing(*_: object) -> None:
    """Add or check nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    """A verb that asks a running daemon."""

    add: Add = _nothing
    """Adds what it takes beside the options of every verb."""
    check: Check = _nothing
    """Refuses what argparse alone lets through, by ``parser.error``."""
    more: str = ""
    """Follows its line of the list in its own help."""
    prints: str = "JSON"
    """What ``--json`` prints."""
    usage: str | None = None

    def fill(self, parser: argparse.ArgumentParser) -> None:
        """Add all that it takes."""
        parser.usage = self.usage
        if self.more:
            parser.description = f"{parser.description} {self.more}"
        parser.add_argument("--json", action="store_true", help=f"print {self.prints}, times in UTC")
        add_common(parser, default=argparse.SUPPRESS)
        self.add(parser)
        parser.set_defaults(chosen=self)


@dataclass(frozen=True, slots=True)
class Local:
    """A verb that works on this machine and asks no daemon."""

    add: Add = _nothing
    check: Check = _nothing
    description: str | None = None
    """Its own help's, where that is more than its line of the list."""
    common: bool = True
    """It takes the options of what runs on this machine itself, not a part of it."""

    def fill(self, parser: argparse.ArgumentParser) -> None:
        """Add all that it takes."""
        if self.description is not None:
            parser.description = self.description
        self.add(parser)
        if self.common:
            add_local(parser, default=argparse.SUPPRESS)
        parser.set_defaults(chosen=self)
