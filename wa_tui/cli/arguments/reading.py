"""What the verbs take that show something."""

from __future__ import annotations

import argparse

from ..command import Command
from ..options import SESSION, add_range, add_time, count
from ..texts import EVENT_WORDS, SESSION_WORDS


def _add_sessions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("filter", nargs="*", metavar="FILTER", help="as in: sales !us status:down for:>5m")
    parser.add_argument(
        "--wide", action="store_true", help="with the user, and the messages of the last hour"
    )
    add_range(parser)


def _add_traffic(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("filter", nargs="*", metavar="FILTER", help="as of `wa-tui sessions`: sales !us")
    group = parser.add_mutually_exclusive_group()
    for name, text in (
        ("silent", "those that are silent against their habit, or ghosts; the longest first"),
        ("failing", "those through which sending failed in the last hour"),
    ):
        group.add_argument(f"--{name}", dest="group", action="store_const", const=name, help=text)
    group.add_argument("--by", choices=("user", "gateway"), help="the sums of each user, or of each gateway")
    parser.set_defaults(group="busiest")
    parser.add_argument("-n", type=count, metavar="N", help="the first N (all)")


def _check_sessions(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.source and arguments.since is None:
        parser.error("sessions: --source needs a --since: all that ever happened would be read")


def _add_logs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("filter", nargs="*", metavar="FILTER", help="as in: logged out !sales source:heal")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as it happens, until Ctrl-C")
    parser.add_argument(
        "-n", type=count, metavar="N", help="begin with the last N (50; all there are with --since)"
    )
    parser.add_argument("--session", metavar="ID", help=f"of one session: {SESSION}")
    add_range(parser)


def _check_logs(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.follow and arguments.until is not None:
        parser.error("logs: --follow goes on, --until ends: leave one out")


def _add_report(parser: argparse.ArgumentParser) -> None:
    add_time(parser, "3h or 22:10; 8h where none is given")
    parser.add_argument("--gateway", metavar="NAME", help="of this gateway alone")
    parser.add_argument("--format", choices=("md", "json"), default="md", help="Markdown (md), or JSON")


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gateway", metavar="NAME", help="only of this gateway")
    parser.add_argument("--session", metavar="ID", help=f"only of one session: {SESSION}")


def _add_messages(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", type=count, default=20, metavar="N", help="the last N (20)")
    parser.add_argument("--session", metavar="ID", help=f"tried through one session: {SESSION}")


READING: dict[str, Command] = {
    "status": Command(),
    "sessions": Command(
        add=_add_sessions,
        check=_check_sessions,
        more=f"FILTER is what / takes in the monitor: words that all must hold, {SESSION_WORDS}. "
        "With a time or a source: those alone that an event then is about.",
    ),
    "traffic": Command(
        add=_add_traffic,
        more="A dash is what a gateway does not tell, which is not 0. FILTER is what `wa-tui sessions` takes.",
    ),
    "logs": Command(
        add=_add_logs,
        check=_check_logs,
        prints="JSON lines",
        more=f"FILTER is what / takes in the monitor's log: words that all must hold, {EVENT_WORDS}. With --session "
        "come the outages of its gateway, and the times in which nobody watched.",
    ),
    "report": Command(
        add=_add_report,
        more="Made from what the daemon stored. A time in which it watched nothing is named, and so is what began "
        "before; the fields of the JSON are described in docs/report.md.",
    ),
    "watch": Command(
        add=_add_watch,
        prints="JSON lines",
        more="For screen readers, scripts and logs: nothing is redrawn, and a restart of the daemon is followed.",
    ),
    "messages": Command(add=_add_messages),
}
