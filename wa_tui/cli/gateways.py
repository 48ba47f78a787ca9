"""``gateways``: what they are and can do; ``gateways setup`` has one post its webhooks to the daemon."""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence

from wa_tui.client import Client, Refused
from wa_tui.text.attention import gateway_word
from wa_tui.text.cells import NONE
from wa_tui.text.cleaning import clean
from wa_tui.text.gateways import can_words, cannot_words
from wa_tui.wire import REFUSED, ActionRequest, GatewayView, PlaceState, WebhookPlace, WebhookSetup

from . import asking, exits
from .errors import CommandError
from .printing import say, say_json, table
from .targets import require_gateway

_SHOWN = 10
_LOOK_S = 0.5
_STATES: dict[PlaceState, str] = {
    "ours": "as they should be",
    "other": "to be set anew: another key, or other events",
    "none": "to be set",
}


async def gateways(client: Client, arguments: argparse.Namespace) -> int:
    """Print the gateways, or set one up; exit 1 where that is not done, or a webhook was refused after it."""
    if arguments.setup is None:
        return await _list(client, arguments)
    require_gateway(arguments.name, (await client.status()).gateways)
    try:
        setup = await client.webhook_setup(arguments.name, arguments.url)
    except Refused as error:
        raise CommandError(str(error), exits.USAGE if error.status in (400, 404) else exits.FAILED) from error
    if not arguments.yes:
        return _show(setup, json=arguments.json)
    return await _set(client, arguments, setup)


async def _list(client: Client, arguments: argparse.Namespace) -> int:
    found = (await client.status()).gateways
    if arguments.json:
        say_json(found)
        return exits.OK
    rows = [
        [
            each.name,
            each.kind or NONE,
            each.version or NONE,
            gateway_word(each),
            each.proof,
            can_words(each) or NONE,
            cannot_words(each) or NONE,
        ]
        for each in found
    ]
    say(table(["GATEWAY", "KIND", "VERSION", "STATE", "PROOF", "CAN", "CANNOT"], rows))
    return exits.OK


def _show(setup: WebhookSetup, *, json: bool) -> int:
    """Print what would be set, or what a person puts where."""
    if json:
        say_json(setup)
        return exits.OK
    say(f"{setup.gateway} is to post its webhooks to {clean(setup.url)}, with {clean(setup.key)}")
    for notice in setup.notices:
        say(f"! {clean(notice)}")
    say("")
    if not setup.can_set:
        say("It cannot be told by its API.")
        _show_advice(setup.advice or f"Have it post to {setup.url}, with {setup.key}.")
        return exits.OK
    _show_places(setup.places)
    if any(place.state in ("none", "other") for place in setup.places):
        say(f"\nNothing is set yet: `wa-tui gateways setup {setup.gateway} --yes` sets it.")
    if setup.advice:
        say("\nSessions that are made later are set up by themselves where the gateway itself is told:")
        _show_advice(setup.advice)
    if any(place.state == "theirs" for place in setup.places):
        say(
            "\nSomebody else's address is never overwritten: take it away at the gateway, or have who listens there "
            "post on to wa-tui."
        )
    return exits.OK


def _show_advice(advice: str) -> None:
    for line in advice.splitlines():
        say(clean(line))


def _show_places(places: Sequence[WebhookPlace]) -> None:
    if not places:
        say("It has no sessions yet that could be told: set it up again once it has some.")
        return
    numbers = Counter(place.state for place in places)
    for state, words in _STATES.items():
        if numbers[state]:
            say(f"{numbers[state]} {words}{_named(places, state)}")
    lacking = {event: None for place in places for event in place.lacks}
    if lacking:
        say(f"  not posted to wa-tui so far: {', '.join(map(clean, lacking))}")
    theirs = [place for place in places if place.state == "theirs"]
    for place in theirs[:_SHOWN]:
        say(f"! {clean(place.session_id or 'all sessions')} posts to somebody else: {clean(place.url)}")
    if len(theirs) > _SHOWN:
        say(f"! and {len(theirs) - _SHOWN} more; --json has them")


def _named(places: Sequence[WebhookPlace], state: PlaceState) -> str:
    names = [clean(place.session_id) for place in places if place.state == state and place.session_id]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f": {', '.join(names[:_SHOWN])}{more}" if names else ""


async def _set(client: Client, arguments: argparse.Namespace, setup: WebhookSetup) -> int:
    """Set it, and wait for the first webhook that comes."""
    if not setup.can_set:
        _show(setup, json=arguments.json)
        return exits.FAILED
    before = await _gateway(client, setup.gateway)
    request = ActionRequest(action="setup_webhooks", gateway=setup.gateway, url=arguments.url)
    code = await asking.one(client, arguments, request, setup.gateway)
    if arguments.json or code != exits.OK:
        return code
    return await _await_first(client, before, arguments.wait)


async def _await_first(client: Client, before: GatewayView, seconds: int) -> int:
    """Say whether a webhook came, or was refused; none says nothing, since not every gateway sends one by itself."""
    was_taken, was_refused = _counts(before)
    for _ in range(round(seconds / _LOOK_S)):
        now = await _gateway(client, before.name)
        taken, refused = _counts(now)
        if taken > was_taken:
            say("A webhook came in.")
            return exits.OK
        if refused > was_refused:
            why = ", ".join(REFUSED[word] for word in now.webhooks if word in REFUSED)
            say(f"! A webhook came, and was refused: {why}")
            return exits.FAILED
        await asyncio.sleep(_LOOK_S)
    say(
        f"No webhook came within {seconds} s. That says nothing yet: it sends one when a session changes, as after "
        "`wa-tui reconnect`."
    )
    return exits.OK


async def _gateway(client: Client, name: str) -> GatewayView:
    return next(each for each in (await client.status()).gateways if each.name == name)


def _counts(gateway: GatewayView) -> tuple[int, int]:
    """Return how many webhooks were taken in so far, and how many were refused."""
    refused = sum(number for word, number in gateway.webhooks.items() if word in REFUSED)
    return sum(gateway.webhooks.values()) - refused, refused
