"""The command line: arguments and help texts. Imports little but argparse, so that ``--help`` is quick."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from wa_tui import __version__

from . import acting_parser, look, reading_parser
from .acting_parser import add_acting
from .look import add_keys, add_look
from .node_parser import add_node
from .options import add_common
from .reading_parser import add_reading
from .texts import DESCRIPTION, EPILOG

HERE = ("up", "node", "keys")
"""The commands that need no daemon."""

_MONITORS = {"--attach", "--config", "--read-only", "--theme", "--ascii", "--no-mouse", "--view"}
"""Options of the monitor that belong to nothing else, in full."""

__all__ = ["HERE", "build", "parse"]


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; prints help, version or a usage error (exit 2) and raises `SystemExit` on its own."""
    argv = sys.argv[1:] if argv is None else argv
    if (monitor := _monitor(argv)) is not None:
        return monitor
    parser = build()
    arguments = parser.parse_args(argv)
    if arguments.command in HERE:
        _refuse_elsewhere(parser, arguments)
    if arguments.command is not None and (arguments.daemon or arguments.demo):
        parser.error(f"{arguments.command} asks a running daemon: leave out --daemon and --demo")
    if arguments.attach is not None and (arguments.daemon or arguments.demo):
        parser.error("--attach uses a daemon that runs: leave out --daemon and --demo")
    for option in ("owner_fd", "with_node"):
        if getattr(arguments, option) not in (None, False) and (not arguments.daemon or arguments.demo):
            parser.error(f"--{option.replace('_', '-')} belongs to --daemon")
    acting_parser.check(parser, arguments)
    reading_parser.check(parser, arguments)
    look.check(parser, arguments)
    return arguments


def _monitor(argv: Sequence[str]) -> argparse.Namespace | None:
    """Read what starts the monitor and nothing else, without building two dozen commands; ``None`` for all else."""
    if not {word for word in argv if word.startswith("-")} <= _MONITORS:
        return None
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    _add_options(parser)
    try:
        arguments, rest = parser.parse_known_args(argv)
    except argparse.ArgumentError:  # the whole parser says it better
        return None
    arguments.command = None
    return None if rest else arguments


def _refuse_elsewhere(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.daemon:
        parser.error(
            f"{arguments.command} and --daemon: `wa-tui --daemon --with-node` runs both without a screen"
        )
    if arguments.demo:
        parser.error(f"{arguments.command} is no demo: leave out --demo")
    if arguments.attach is not None:
        parser.error(f"{arguments.command} works on this machine: leave out --attach")


def build() -> argparse.ArgumentParser:
    """Return the parser of ``wa-tui``."""
    parser = argparse.ArgumentParser(
        prog="wa-tui",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"wa-tui {__version__}")
    _add_options(parser)
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    add_reading(commands)
    add_acting(commands)
    add_node(commands)
    add_keys(commands)
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--daemon", action="store_true", help="run without a screen, in the foreground")
    parser.add_argument("--demo", action="store_true", help="on a simulated fleet; --demo --daemon: headless")
    parser.add_argument("--with-node", action="store_true", help="--daemon: run the bundled Node service too")
    parser.add_argument("--owner-fd", type=int, help=argparse.SUPPRESS)
    add_common(parser, default=None)
    add_look(parser)
