"""``reconnect``, ``send`` and ``sync``: ask, wait for the outcome, print it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

import msgspec

from wa_tui import exits
from wa_tui.client import Client, DaemonGone, Refused
from wa_tui.tui.words.text import clean
from wa_tui.wire import ActionName, ActionRequest, Outcome, Receipt, SessionView, is_proven, utc_now

from .errors import CommandError
from .printing import pad, say, say_json
from .targets import full_id, require_gateway, resolve, resolve_one

_WAIT_S = 20.0
_LONGEST_S = 600.0
_ABSENCE_S = 15.0
"""A daemon that restarts meanwhile closes what it had begun; so long it may take."""


async def reconnect(client: Client, arguments: argparse.Namespace) -> int:
    """Reconnect sessions side by side (the daemon staggers them); exit 1 unless each was verified."""
    targets = resolve(arguments.ids, await client.sessions())
    proven = set() if arguments.yes else await _proven(client, targets)
    chosen = [session for session in targets if session.key not in proven or await _agreed(session)]
    asking = asyncio.Lock()
    width = max(len(full_id(session)) for session in targets)

    async def one(session: SessionView) -> Receipt:
        force = arguments.yes or session.key in proven
        async with asking:
            receipt = await _ask(client, _request("reconnect", session, force=force))
        receipt = await _outcome(client, receipt)
        if not arguments.json:
            say(_line(receipt, pad(full_id(session), width)))
        return receipt

    receipts = await asyncio.gather(*(one(session) for session in chosen))
    if arguments.json:
        say_json(receipts)
    verified = sum(receipt.outcome == "verified" for receipt in receipts)
    return exits.OK if verified == len(targets) else exits.FAILED


async def send(client: Client, arguments: argparse.Namespace) -> int:
    """Send one text message; exit 1 unless the gateway said that it was sent."""
    session = resolve_one(arguments.id, await client.sessions())
    request = _request("send", session, recipient=arguments.recipient, message=arguments.text)
    receipt = await _outcome(client, await _ask(client, request))
    if arguments.json:
        say_json(receipt)
    else:
        say(_line(receipt, full_id(session)))
    return exits.OK if receipt.outcome == "verified" else exits.FAILED


async def sync(client: Client, arguments: argparse.Namespace) -> int:
    """Check every wanted session now and print the summary."""
    if arguments.gateway is not None:
        require_gateway(arguments.gateway, (await client.status()).gateways)
    request = ActionRequest(action="sync", gateway=arguments.gateway)
    receipt = await _outcome(client, await _ask(client, request))
    if arguments.json:
        say_json(receipt)
    else:
        say(_line(receipt, arguments.gateway or "all gateways"))
    return exits.OK if receipt.outcome in ("verified", "no_effect") else exits.FAILED


async def _ask(client: Client, request: ActionRequest) -> Receipt:
    """Ask for an action; a refusal, and an answer that was lost, come back as receipts. Raises `DaemonGone`."""
    try:
        return await client.act(request)
    except Refused as error:
        return _unasked(request, client.who, "failed", str(error))
    except DaemonGone as error:
        if not error.unknown:
            raise
        return _unasked(request, client.who, "unknown", str(error))


async def _outcome(client: Client, receipt: Receipt) -> Receipt:
    """Wait for an action's end, across a restart of the daemon."""
    loop = asyncio.get_running_loop()
    began = answered = loop.time()
    while not receipt.ended and loop.time() - began < _LONGEST_S:
        try:
            receipt = await client.receipt(receipt.id, wait=_WAIT_S)
            answered = loop.time()
        except Refused as error:
            return msgspec.structs.replace(receipt, outcome="unknown", text=str(error))
        except DaemonGone as error:
            if loop.time() - answered > _ABSENCE_S:
                return msgspec.structs.replace(receipt, outcome="unknown", text=str(error))
            await asyncio.sleep(0.2)
    return receipt


def _request(
    action: ActionName,
    session: SessionView,
    *,
    recipient: str | None = None,
    message: str | None = None,
    force: bool = False,
) -> ActionRequest:
    return ActionRequest(
        action=action,
        gateway=session.gateway,
        session_id=session.session_id,
        recipient=recipient,
        message=message,
        force=force,
    )


def _unasked(request: ActionRequest, who: str, outcome: Outcome, text: str) -> Receipt:
    now = utc_now()
    return Receipt(
        id="",
        action=request.action,
        outcome=outcome,
        text=text,
        gateway=request.gateway,
        session_id=request.session_id,
        who=who,
        accepted_at=now,
        ended_at=now,
    )


def _line(receipt: Receipt, subject: str) -> str:
    text = receipt.text or ("still under way; see `wa-tui logs`" if not receipt.ended else "")
    if receipt.message_id:
        text = f"{text} ({receipt.message_id})".strip()
    return f"{pad(receipt.outcome.replace('_', ' '), 10)}  {subject}  {clean(text)}".rstrip()


async def _proven(client: Client, sessions: Sequence[SessionView]) -> set[tuple[str, str]]:
    """Return the sessions that work: reconnecting those asks first."""
    view = await client.status()
    gateways = {gateway.name: gateway for gateway in view.gateways}
    window, now = view.daemon.proof_window_s, utc_now()
    return {
        session.key for session in sessions if is_proven(session, gateways.get(session.gateway), now, window)
    }


async def _agreed(session: SessionView) -> bool:
    """Ask the person; raises `CommandError` when there is no terminal to ask on."""
    name = clean(session.instance_name or session.session_id)
    works = f"{name} ({full_id(session)}) is connected and proven"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise CommandError(f"{works}: nothing was done; add --yes to reconnect it all the same")
    sys.stderr.write(f"{works}; reconnect it all the same? [y/N] ")
    sys.stderr.flush()
    answer = await _read_line()
    return answer.strip().lower() in ("y", "yes")


async def _read_line() -> str:
    """Read a line from the terminal; unlike `input`, Ctrl-C ends the wait at once."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline()
