"""Reads the command line. Imports little but argparse, so that ``--help`` is quick."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from wa_tui import __version__

from . import look
from .arguments import COMMANDS, LOCAL
from .options import add_common
from .texts import DESCRIPTION, EPILOG
from .verbs import VERBS

_MONITORS = {"--attach", "--tls-ca", "--config", "--read-only", "--theme", "--ascii", "--no-mouse", "--view"}
"""Options of the monitor that belong to nothing else, in full."""


class _VerbParser(argparse.ArgumentParser):
    """A verb's parser, filled by ``fill`` once there is something for it to read."""

    def __init__(
        self, *args: Any, fill: Callable[[argparse.ArgumentParser], None] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._fill = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)
        return super().parse_known_args(args, namespace)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; prints help, version or a usage error (exit 2) and raises `SystemExit` on its own.

    What a verb takes is ``chosen``: its `wa_tui.cli.command.Command`, or `Local`.
    """
    argv = sys.argv[1:] if argv is None else argv
    if (monitor := _monitor(argv)) is not None:
        return monitor
    parser = build()
    arguments = parser.parse_args(argv)
    if arguments.command in LOCAL:
        _refuse_elsewhere(parser, arguments)
    if arguments.command is not None and (arguments.daemon or arguments.demo):
        parser.error(f"{arguments.command} asks a running daemon: leave out --daemon and --demo")
    if arguments.attach is not None and (arguments.daemon or arguments.demo):
        parser.error("--attach uses a daemon that runs: leave out --daemon and --demo")
    for option in ("owner_fd", "with_node", "tls_cert", "tls_key", "log_format"):
        if getattr(arguments, option) not in (None, False) and (not arguments.daemon or arguments.demo):
            parser.error(f"--{option.replace('_', '-')} belongs to --daemon")
    if arguments.command is not None:
        arguments.chosen.check(parser, arguments)
    look.check(parser, arguments)
    return arguments


def _monitor(argv: Sequence[str]) -> argparse.Namespace | None:
    """Read what starts the monitor and nothing else, without building two dozen verbs; ``None`` for all else."""
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
    verbs = parser.add_subparsers(
        dest="command", title="commands", metavar="COMMAND", parser_class=_VerbParser
    )
    for name, verb in VERBS.items():
        description = f"{verb.summary[0].upper()}{verb.summary[1:]}."
        verbs.add_parser(name, help=verb.summary, description=description, fill=COMMANDS[name].fill)
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--daemon", action="store_true", help="run without a screen, in the foreground")
    parser.add_argument("--demo", action="store_true", help="on a simulated fleet; --demo --daemon: headless")
    parser.add_argument("--with-node", action="store_true", help="--daemon: run the bundled Node service too")
    parser.add_argument(
        "--tls-cert", metavar="FILE", type=Path, help="--daemon: the certificate that it shows over TCP (PEM)"
    )
    parser.add_argument("--tls-key", metavar="FILE", type=Path, help="--daemon: that certificate's key (PEM)")
    parser.add_argument(
        "--log-format", choices=("text", "json"), help="--daemon: how its log is written; text if not said"
    )
    parser.add_argument("--owner-fd", type=int, help=argparse.SUPPRESS)
    add_common(parser, default=None)
    look.add_look(parser)
