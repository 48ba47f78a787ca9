"""The commands of ``wa-tui`` that ask a running daemon, each ``async (client, arguments) -> exit code``."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

from wa_tui.client import Client

from .errors import CommandError
from .jobs import jobs, sync
from .lifecycle import delete, disconnect, new, reconnect
from .logs import logs
from .naming import adopt, pairing_code, primary, rename
from .report import report
from .send import messages, send
from .sessions import sessions, status
from .snooze import ack, snooze
from .watch import watch

Command = Callable[[Client, argparse.Namespace], Awaitable[int]]

COMMANDS: dict[str, Command] = {
    "status": status,
    "sessions": sessions,
    "logs": logs,
    "report": report,
    "watch": watch,
    "messages": messages,
    "jobs": jobs,
    "reconnect": reconnect,
    "disconnect": disconnect,
    "delete": delete,
    "new": new,
    "pairing-code": pairing_code,
    "send": send,
    "primary": primary,
    "rename": rename,
    "adopt": adopt,
    "snooze": snooze,
    "ack": ack,
    "sync": sync,
}
"""By the name on the command line."""

__all__ = ["COMMANDS", "Command", "CommandError"]
