"""The commands that only look."""

from __future__ import annotations

import argparse

from .shared import SESSION, Commands, command, count


def add_reading(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add ``status``, ``sessions``, ``logs``, ``watch``, ``messages`` and ``jobs``."""
    command(
        commands,
        "status",
        "the daemon, its gateways and the fleet in numbers; exit 1 when something needs a person",
    )
    command(commands, "sessions", "every session, trouble first")
    logs = command(
        commands, "logs", "what happened: transitions, attempts, actions and anomalies", json="JSON lines"
    )
    logs.add_argument("-f", "--follow", action="store_true", help="go on as it happens, until Ctrl-C")
    logs.add_argument("-n", type=count, default=50, metavar="N", help="begin with the last N (50)")
    logs.add_argument("--session", metavar="ID", help=f"of one session: {SESSION}")
    _add_watch(commands)
    messages = command(
        commands,
        "messages",
        "the newest messages that were asked for, and how each was tried; their content is not kept",
    )
    messages.add_argument("-n", type=count, default=20, metavar="N", help="the last N (20)")
    messages.add_argument("--session", metavar="ID", help=f"tried through one session: {SESSION}")
    _add_jobs(commands)


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
