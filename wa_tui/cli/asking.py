"""Asks for actions, waits for their outcomes, across a restart of the daemon too, and prints them."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from wa_tui.client import Client, DaemonGone, Refused
from wa_tui.text.cleaning import clean
from wa_tui.wire import ActionName, ActionRequest, Outcome, Receipt, SessionView, utc_now
from wa_tui.wire.actions import MAY_BE_OUT

from . import exits
from .errors import CommandError
from .printing import pad, say, say_json

_WRONG = (400, 404)
"""HTTP statuses of what asks for something that is not there, or cannot be asked."""
_WAIT_S = 20.0
_LONGEST_S = 600.0
_ABSENCE_S = 15.0
"""A daemon that restarts meanwhile closes what it had begun; so long it may take."""


async def one(
    client: Client,
    arguments: argparse.Namespace,
    request: ActionRequest,
    subject: str,
) -> int:
    """Ask for one action, print its receipt; exit 1 unless it was verified. Raises `CommandError`."""
    return await finish(client, arguments, await ask_rightly(client, request), subject)


async def finish(
    client: Client,
    arguments: argparse.Namespace,
    receipt: Receipt,
    subject: str,
) -> int:
    """Wait for the end of an action that was asked for, print its receipt; exit 1 unless it was verified."""
    receipt = await outcome(client, receipt)
    if arguments.json:
        say_json(receipt)
    else:
        say(line(receipt, subject))
    return exits.OK if receipt.outcome == "verified" else exits.FAILED


async def each(
    client: Client,
    arguments: argparse.Namespace,
    requests: Mapping[str, ActionRequest],
) -> int:
    """Ask for actions by what each is about, side by side: the daemon staggers them; exit 1 unless all are verified."""
    asking = asyncio.Lock()
    width = max(map(len, requests), default=0)

    async def act(subject: str, request: ActionRequest) -> Receipt:
        async with asking:
            receipt = await ask(client, request)
        receipt = await outcome(client, receipt)
        if not arguments.json:
            say(line(receipt, pad(subject, width)))
        return receipt

    receipts = await asyncio.gather(*(act(*each) for each in requests.items()))
    if arguments.json:
        say_json(receipts)
    return exits.OK if all(receipt.outcome == "verified" for receipt in receipts) else exits.FAILED


async def ask(client: Client, request: ActionRequest) -> Receipt:
    """Ask for an action; a refusal, and an answer that was lost, come back as receipts. Raises `DaemonGone`."""
    try:
        return await ask_rightly(client, request)
    except CommandError as error:
        return _unasked(request, client.who, "failed", str(error))


async def ask_rightly(client: Client, request: ActionRequest) -> Receipt:
    """Do the same, but raise `CommandError` (exit 2) for a wrong name or argument: nothing was done."""
    try:
        return await client.act(request)
    except Refused as error:
        if error.status in _WRONG:
            raise CommandError(str(error), exits.USAGE) from error
        return _unasked(request, client.who, "failed", str(error))
    except DaemonGone as error:
        if not error.unknown:
            raise
        return _unasked(request, client.who, "unknown", str(error))


async def outcome(client: Client, receipt: Receipt) -> Receipt:
    """Wait for an action's end, across a restart of the daemon."""
    loop = asyncio.get_running_loop()
    began = answered = loop.time()
    while not receipt.ended and loop.time() - began < _LONGEST_S:
        try:
            receipt = await client.receipt(receipt.id, wait=_WAIT_S)
            answered = loop.time()
        except Refused as error:
            return _lost_sight(receipt, error)
        except DaemonGone as error:
            if loop.time() - answered > _ABSENCE_S:
                return _lost_sight(receipt, error)
            await asyncio.sleep(0.2)
    return receipt


def about(action: ActionName, session: SessionView, **fields: Any) -> ActionRequest:
    """Return the request for an action on a session."""
    return ActionRequest(action=action, gateway=session.gateway, session_id=session.session_id, **fields)


def line(receipt: Receipt, subject: str) -> str:
    """Return what became of an action as one line."""
    text = receipt.text or ("still under way; see `wa-tui logs`" if not receipt.ended else "")
    if receipt.message_id:
        text = f"{text} ({receipt.message_id})".strip()
    if receipt.pairing_code:
        text = f"{receipt.pairing_code}  {text}"
    return f"{pad(receipt.outcome.replace('_', ' '), 10)}  {subject}  {clean(text)}".rstrip()


def _lost_sight(receipt: Receipt, error: Exception) -> Receipt:
    """Return the receipt of an action that was begun, and whose end nobody tells us."""
    text = str(error)
    if receipt.action in ("send", "send_media"):
        text += f". {MAY_BE_OUT}"
    return msgspec.structs.replace(receipt, outcome="unknown", text=text)


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
