"""``messages``: what was sent last, and how each was tried."""

from __future__ import annotations

import argparse

from wa_tui.client import Client
from wa_tui.text.cells import NONE
from wa_tui.text.cleaning import clean
from wa_tui.text.columns import MessageColumn
from wa_tui.text.messages import ATTEMPT_WORDS, MESSAGE_WORDS, content_word
from wa_tui.wire import MessageView

from . import exits
from .printing import say, say_json, table
from .targets import find_one

_COLUMNS = [column for column in MessageColumn if column is not MessageColumn.TRIES]
"""The monitor's; each try has a line of its own here."""


async def messages(client: Client, arguments: argparse.Namespace) -> int:
    """Print the newest messages that were asked for, oldest first, with every attempt below."""
    gateway = session_id = None
    if arguments.session is not None:
        gateway, session_id = (await find_one(client, arguments.session)).key
    found = await client.messages(gateway, session_id, limit=arguments.n) if arguments.n else []
    if arguments.json:
        say_json(found)
        return exits.OK
    say(table(_COLUMNS, [row for message in reversed(found) for row in _rows(message)]))
    return exits.OK


def _rows(message: MessageView) -> list[list[str]]:
    """One row a message; where more than one session was tried, a row for each attempt too."""
    attempts = message.attempts
    used = attempts[-1] if attempts else None
    through = f"{used.gateway}/{used.session_id}" if used is not None else NONE
    head = [
        message.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        MESSAGE_WORDS.get(message.outcome, message.outcome),
        message.recipient,
        through if len(attempts) == 1 or message.outcome == "verified" else NONE,
        content_word(message.kind, message.length),
        message.who,
        clean(message.text),
    ]
    tried = [
        [
            " ",
            f"· {ATTEMPT_WORDS.get(each.outcome, each.outcome)}",
            "",
            f"{each.gateway}/{each.session_id}",
            "",
            "",
            each.text,
        ]
        for each in attempts
    ]
    return [head, *(tried if len(attempts) > 1 else [])]
