"""``primary``, ``rename``, ``adopt``, ``pairing-code``, ``snooze`` and ``ack``: what is about one session each."""

from __future__ import annotations

import argparse
from typing import Any

from wa_tui.client import Client
from wa_tui.wire import ActionName

from . import asking
from .targets import find, find_one, full_id

_SNOOZE = 60
"""Minutes, where none are given."""


async def primary(client: Client, arguments: argparse.Namespace) -> int:
    """Make a session its user's primary."""
    return await _one(client, arguments, "set_primary")


async def rename(client: Client, arguments: argparse.Namespace) -> int:
    """Give a session another name."""
    return await _one(client, arguments, "rename", instance_name=arguments.name)


async def adopt(client: Client, arguments: argparse.Namespace) -> int:
    """Take a deleted session back whose client still runs."""
    return await _one(client, arguments, "adopt", instance_name=arguments.name)


async def pairing_code(client: Client, arguments: argparse.Namespace) -> int:
    """Print a code to type on the phone."""
    return await _one(client, arguments, "pairing_code", phone_number=arguments.phone)


async def snooze(client: Client, arguments: argparse.Namespace) -> int:
    """Let sessions call nobody for a while, or again."""
    minutes = _SNOOZE if arguments.minutes is None else arguments.minutes
    return await _each(client, arguments, "snooze", minutes=minutes)


async def ack(client: Client, arguments: argparse.Namespace) -> int:
    """Take care of sessions, or not any more."""
    return await _each(client, arguments, "acknowledge", force=arguments.undo)


async def _one(client: Client, arguments: argparse.Namespace, action: ActionName, **fields: Any) -> int:
    session = await find_one(client, arguments.id)
    return await asking.one(client, arguments, asking.about(action, session, **fields), full_id(session))


async def _each(client: Client, arguments: argparse.Namespace, action: ActionName, **fields: Any) -> int:
    targets = await find(client, arguments.ids)
    return await asking.each(
        client, arguments, targets, lambda session: asking.about(action, session, **fields)
    )
