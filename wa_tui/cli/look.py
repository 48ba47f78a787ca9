"""The options of how the monitor looks."""

from __future__ import annotations

import argparse

THEMES = ("dark", "light", "dark-colorblind", "light-colorblind", "ansi")
"""The same as `wa_tui.config`'s, which need not be imported to print help."""

_OPTIONS = ("theme", "ascii", "no_mouse", "view")


def add_look(parser: argparse.ArgumentParser) -> None:
    """Add the monitor's own options; they win over the configuration."""
    look = parser.add_argument_group("the monitor's looks")
    look.add_argument("--theme", choices=THEMES, metavar="NAME", help=f"its colours: {', '.join(THEMES)}")
    look.add_argument(
        "--view",
        metavar="NAME",
        help="what to begin with: a named view, gateways, needs …; last: with the last filter",
    )
    look.add_argument("--ascii", action="store_true", help="draw with ASCII characters alone")
    look.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuse the monitor's options where there is none."""
    given = [name for name in _OPTIONS if getattr(arguments, name)]
    if given and (arguments.daemon or arguments.command not in (None, "up")):
        parser.error(f"--{given[0].replace('_', '-')} belongs to the monitor: leave it out")
