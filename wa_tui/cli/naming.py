"""``primary``, ``rename``, ``adopt`` and ``pairing-code``: what is about one session."""

from __future__ import annotations

import argparse
from typing import Any

from wa_tui.client import Client
from wa_tui.wire import ActionName

from . import asking
from .targets import find_one, full_id


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


async def _one(client: Client, arguments: argparse.Namespace, action: ActionName, **fields: Any) -> int:
    session = await find_one(client, arguments.id)
    return await asking.one(client, arguments, asking.about(action, session, **fields), full_id(session))
