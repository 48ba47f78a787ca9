"""The commands that only look."""

from __future__ import annotations

import argparse

from .options import SESSION, Commands, add_range, add_time, command, count
from .texts import EVENT_WORDS, SESSION_WORDS


def add_reading(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``status``, ``sessions``, ``logs``, ``report``, ``watch``, ``messages`` and ``jobs``."""
    command(
        commands,
        "status",
        "the daemon, its gateways and the fleet in numbers; exit 1 when something needs a person",
    )
    _add_sessions(commands)
    _add_logs(commands)
    _add_report(commands)
    _add_watch(commands)
    messages = command(
        commands,
        "messages",
        "the newest messages that were asked for, and how each was tried; their content is not kept",
    )
    messages.add_argument("-n", type=count, default=20, metavar="N", help="the last N (20)")
    messages.add_argument("--session", metavar="ID", help=f"tried through one session: {SESSION}")
    _add_jobs(commands)


def _add_sessions(commands: Commands[argparse.ArgumentParser]) -> None:
    sessions = command(
        commands,
        "sessions",
        "every session, trouble first, or those that FILTER is about",
        more=f"FILTER is what / takes in the monitor: words that all must hold, {SESSION_WORDS}. "
        "With a time or a source: those alone that an event then is about.",
    )
    sessions.add_argument("filter", nargs="*", metavar="FILTER", help="as in: sales !us status:down for:>5m")
    add_range(sessions)


def _add_logs(commands: Commands[argparse.ArgumentParser]) -> None:
    logs = command(
        commands,
        "logs",
        "what happened: transitions, attempts, actions and anomalies",
        json="JSON lines",
        more=f"FILTER is what / takes in the monitor's log: words that all must hold, {EVENT_WORDS}.",
    )
    logs.add_argument("filter", nargs="*", metavar="FILTER", help="as in: logged out !sales source:heal")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as it happens, until Ctrl-C")
    logs.add_argument(
        "-n", type=count, metavar="N", help="begin with the last N (50; all there are with --since)"
    )
    logs.add_argument("--session", metavar="ID", help=f"of one session: {SESSION}")
    add_range(logs)


def _add_report(commands: Commands[argparse.ArgumentParser]) -> None:
    report = command(
        commands,
        "report",
        "the handover: outages, who did what, what needed a person, what is open now; to paste into a ticket",
        more="Made from what the daemon stored. A time in which it watched nothing is named, and so is what began "
        "before; the fields of the JSON are described in docs/report.md.",
    )
    add_time(report, "3h or 22:10; 8h where none is given")
    report.add_argument("--gateway", metavar="NAME", help="of this gateway alone")
    report.add_argument("--format", choices=("md", "json"), default="md", help="Markdown (md), or JSON")


def check(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Refuse what argparse alone lets through; exits 2."""
    if arguments.command == "logs" and arguments.follow and arguments.until is not None:
        parser.error("logs: --follow goes on, --until ends: leave one out")
    if arguments.command == "sessions" and arguments.source and arguments.since is None:
        parser.error("sessions: --source needs a --since: all that ever happened would be read")


def _add_watch(commands: Commands[argparse.ArgumentParser]) -> None:
    watch = command(
        commands,
        "watch",
        "what changes from now on, a line each in plain words, until Ctrl-C",
        json="JSON lines",
        more="For screen readers, scripts and logs: nothing is redrawn, and a restart of the daemon is followed.",
    )
    watch.add_argument("--gateway", metavar="NAME", help="only of this gateway")
    watch.add_argument("--session", metavar="ID", help=f"only of one session: {SESSION}")


def _add_jobs(commands: Commands[argparse.ArgumentParser]) -> None:
    jobs = command(commands, "jobs", "the periodic jobs and their last runs; `jobs run NAME` runs one now")
    jobs.add_argument("run", nargs="?", choices=["run"], metavar="run", help="run a job now, and wait for it")
    jobs.add_argument("name", nargs="?", metavar="NAME", help="run: the job, as `jobs` lists it")
    jobs.add_argument(
        "gateway",
        nargs="?",
        metavar="GATEWAY",
        help="run: at this gateway, where each has its own; else at all",
    )
