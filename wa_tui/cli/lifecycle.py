"""``reconnect``, ``restart``, ``disconnect``, ``logout``, ``delete`` and ``new``: what starts and stops clients."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from wa_tui.client import Client
from wa_tui.identity.capabilities import Capability
from wa_tui.wire import ActionName, ActionRequest, SessionKey, SessionView

from . import asking, exits
from .confirming import agreed, may_be, named, working
from .targets import find, full_id, require_gateway

_NEEDS: dict[ActionName, Capability] = {"restart": Capability.RESTART, "disconnect": Capability.STOP}


async def reconnect(client: Client, arguments: argparse.Namespace) -> int:
    """Reconnect sessions side by side; exit 1 unless each was verified."""
    return await _interrupt(client, arguments, "reconnect")


async def restart(client: Client, arguments: argparse.Namespace) -> int:
    """Have gateways restart sessions, side by side; exit 1 unless each was verified."""
    return await _interrupt(client, arguments, "restart")


async def disconnect(client: Client, arguments: argparse.Namespace) -> int:
    """Disconnect sessions side by side; exit 1 unless each was verified."""
    return await _interrupt(client, arguments, "disconnect")


async def logout(client: Client, arguments: argparse.Namespace) -> int:
    """Unlink sessions, all or none of those named; exit 1 unless each was proven unlinked."""
    targets = await find(client, arguments.ids)
    if not arguments.yes and (able := await may_be(client, targets, Capability.LOGOUT)):
        names = ", ".join(named(session) for session in able)
        back = "brings it back" if len(able) == 1 else "brings each back"
        what = f"logging {names} out unlinks the phone, and only a new scan {back}"
        if not await agreed(what, f"log {len(able)} out?", yes="log out all the same"):
            return exits.FAILED
    requests = {full_id(session): asking.about("logout", session, force=True) for session in targets}
    return await asking.each(client, arguments, requests)


async def delete(client: Client, arguments: argparse.Namespace) -> int:
    """Delete sessions, all or none of those named; exit 1 unless each client was proven gone."""
    targets = await find(client, arguments.ids)
    if not arguments.yes:
        names = ", ".join(named(session) for session in targets)
        what = f"deleting {names} takes {'it' if len(targets) == 1 else 'them'} off every list"
        if places := await _deleting(client, targets):
            what += f"; on {', '.join(places)} they are deleted too, which unlinks the phone"
        if not await agreed(what, f"delete {len(targets)}?", yes="delete all the same"):
            return exits.FAILED
    requests = {full_id(session): asking.about("delete", session, force=True) for session in targets}
    return await asking.each(client, arguments, requests)


async def _deleting(client: Client, targets: Sequence[SessionView]) -> list[str]:
    """Return those of the sessions' gateways that delete a session themselves, its credentials included."""
    places = {session.gateway for session in targets}
    gateways = (await client.status()).gateways
    return [each.name for each in gateways if each.name in places and "delete" in each.capabilities]


async def new(client: Client, arguments: argparse.Namespace) -> int:
    """Make a session and start it; exit 1 unless it shows a QR code or is connected."""
    if arguments.gateway is not None:
        require_gateway(arguments.gateway, (await client.status()).gateways)
    request = ActionRequest(
        action="new",
        gateway=arguments.gateway,
        session_id=arguments.id,
        user_id=arguments.user,
        instance_name=arguments.name,
    )
    accepted = await asking.ask_rightly(client, request)
    place = "/".join(part for part in (accepted.gateway, accepted.session_id) if part)
    called = place or arguments.name or arguments.id or f"user {arguments.user}"
    return await asking.finish(client, arguments, accepted, called)


async def _interrupt(client: Client, arguments: argparse.Namespace, action: ActionName) -> int:
    """Do what interrupts a session; one that works is asked for first, unless it is refused in any case."""
    targets = await find(client, arguments.ids)
    works = set[SessionKey]()
    if not arguments.yes:
        works = await working(client, await may_be(client, targets, _NEEDS.get(action)))
    chosen = [session for session in targets if session.key not in works or await _meant(session, action)]
    requests = {
        full_id(session): asking.about(action, session, force=arguments.yes or session.key in works)
        for session in chosen
    }
    code = await asking.each(client, arguments, requests)
    return code if len(chosen) == len(targets) else exits.FAILED


async def _meant(session: SessionView, action: str) -> bool:
    sure = "as its gateway says" if session.proof == "claimed" else "and proven"
    works = f"{named(session)} is connected {sure}"
    return await agreed(works, f"{action} it all the same?", yes=f"{action} it all the same")
