"""``primary``, ``rename``, ``adopt`` and ``pairing-code``: what is about one session."""

from __future__ import annotations

import argparse
from typing import Any

from wa_tui.client import Client
from wa_tui.wire import ActionName

from . import asking
from .command import Command
from .options import SESSION, checked
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


_name = checked(lambda value: bool(value.strip()), "it is empty")


def _add_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help=SESSION)


def _add_rename(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("name", metavar="NAME", type=_name, help="at most 100 characters")


def _add_adopt(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("--name", metavar="NAME", type=_name, help="another instance name")


def _add_pairing_code(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("phone", metavar="PHONE", help="the account's number with its country code")


COMMANDS = {
    "primary": Command(primary, add=_add_id),
    "rename": Command(rename, add=_add_rename),
    "adopt": Command(adopt, add=_add_adopt),
    "pairing-code": Command(pairing_code, add=_add_pairing_code),
}
