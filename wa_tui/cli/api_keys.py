"""``api-keys``: the keys of the API, made and revoked while the daemon runs."""

from __future__ import annotations

import argparse

from wa_tui.client import Client, Refused
from wa_tui.text.ages import since
from wa_tui.text.cells import NONE
from wa_tui.text.cleaning import clean
from wa_tui.wire import ApiKeyRequest, ApiKeyView, Scope, utc_now

from . import exits
from .errors import CommandError
from .printing import complain, say, say_json, table

_NAMED_WRONGLY = (400, 404, 409)


async def api_keys(client: Client, arguments: argparse.Namespace) -> int:
    """Make a key and print it once, list all, or revoke one."""
    try:
        match arguments.what:
            case "create":
                return await _create(client, arguments)
            case "revoke":
                return await _revoke(client, arguments)
    except Refused as error:
        code = exits.USAGE if error.status in _NAMED_WRONGLY else exits.FAILED
        raise CommandError(str(error), code) from error
    return await _list(client, arguments)


async def _create(client: Client, arguments: argparse.Namespace) -> int:
    """Print the secret alone to standard output, so that a script can take it."""
    request = ApiKeyRequest(
        name=arguments.name,
        scopes=[Scope(each) for each in arguments.scope or (Scope.READ,)],
        gateways=arguments.gateway or [],
        user_id=arguments.user,
    )
    made = await client.create_api_key(request)
    if arguments.json:
        say_json(made)
        return exits.OK
    complain(f"The key {made.key.name} ({_about(made.key)}). It is shown this once, and kept nowhere:")
    say(made.secret)
    return exits.OK


async def _revoke(client: Client, arguments: argparse.Namespace) -> int:
    key = await client.revoke_api_key(arguments.name)
    if arguments.json:
        say_json(key)
    else:
        say(f"The key {key.name} opens nothing any more.")
    return exits.OK


async def _list(client: Client, arguments: argparse.Namespace) -> int:
    keys = await client.api_keys()
    if arguments.json:
        say_json(keys)
        return exits.OK
    now = utc_now()
    rows = [
        [
            key.name,
            " ".join(key.scopes),
            " ".join(key.gateways) or "all",
            key.user_id or "all",
            f"{since(key.created_at, now)} by {clean(key.created_by)}",
            since(key.used_at, now),
            NONE
            if key.revoked_at is None
            else f"{since(key.revoked_at, now)} by {clean(key.revoked_by or '')}",
        ]
        for key in keys
    ]
    say(table(["NAME", "SCOPES", "GATEWAYS", "USER", "MADE", "USED", "REVOKED"], rows))
    return exits.OK


def _about(key: ApiKeyView) -> str:
    """Return what a key is for: ``read operate, of eu-1, of user 7``."""
    parts = [" ".join(key.scopes)]
    if key.gateways:
        parts.append(f"of {' '.join(key.gateways)}")
    if key.user_id is not None:
        parts.append(f"of user {key.user_id}")
    return ", ".join(parts)
