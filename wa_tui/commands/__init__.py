"""The commands of ``wa-tui`` that ask a running daemon, each ``async (client, arguments) -> exit code``."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

from wa_tui.client import Client

from .acting import reconnect, send, sync
from .errors import CommandError
from .logs import logs
from .reading import sessions, status

Command = Callable[[Client, argparse.Namespace], Awaitable[int]]

COMMANDS: dict[str, Command] = {
    "status": status,
    "sessions": sessions,
    "logs": logs,
    "reconnect": reconnect,
    "send": send,
    "sync": sync,
}
"""By the name on the command line."""

__all__ = ["COMMANDS", "Command", "CommandError"]
