"""What the verbs have in common: options, and types of arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from wa_tui.text.moments import moment

SESSION = "session_id, or gateway/session_id where two gateways have it; after -- where it begins with -"
"""How a session is named."""


def add_common(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Add the options that may come before or after a verb; after it they must not reset what was said before."""
    parser.add_argument(
        "--attach",
        metavar="ADDR",
        default=default,
        help="a daemon elsewhere: https://host:8000, host:8000 or the path of a socket",
    )
    parser.add_argument(
        "--tls-ca",
        metavar="FILE",
        type=Path,
        default=default,
        help="--attach: authorities that its certificate may be from, besides the system's",
    )
    add_local(parser, default)


def add_local(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Add the options of what runs on this machine."""
    parser.add_argument("--config", metavar="FILE", type=Path, default=default, help="the configuration file")
    parser.add_argument(
        "--read-only",
        action="store_true",
        default=default or False,
        help="refuse all but safe actions from here",
    )


def add_range(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a time, a gateway and sources of events."""
    add_time(parser, "3h (ago), 22:10, 2d 22:10, 2026-11-23 or ISO 8601; local where no zone is named")
    parser.add_argument("--gateway", metavar="NAME", help="of this gateway alone")
    parser.add_argument(
        "--source",
        action="append",
        metavar="SOURCE",
        help="events from there alone: webhook, sync, list, health, action, heal, timer; several by commas",
    )


def add_time(parser: argparse.ArgumentParser, since: str) -> None:
    """Add the options that name a time; ``since`` says how its beginning is written."""
    parser.add_argument("--since", type=_moment, metavar="TIME", help=f"from then on: {since}")
    parser.add_argument("--until", type=_moment, metavar="TIME", help="up to then, written alike")


def _moment(value: str) -> str:
    """Refuse what is no time; which one it is, is counted by the daemon's clock."""
    try:
        moment(value, datetime.now().astimezone())
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return value


def checked(check: Callable[[str], bool], complaint: str) -> Callable[[str], str]:
    """Return an argument's type: any text that passes the check, else ``complaint`` says what is wrong."""

    def read(value: str) -> str:
        if not check(value):
            raise argparse.ArgumentTypeError(complaint)
        return value

    return read


def count(value: str) -> int:
    """Read a number of lines."""
    if not value.isdecimal():
        raise argparse.ArgumentTypeError(f'"{value}" is not a number of lines')
    return int(value)
