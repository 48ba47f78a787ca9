"""``status``: the daemon, its gateways and the fleet in numbers, and who needs a person."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime

from wa_tui.client import Client
from wa_tui.text.ages import since
from wa_tui.text.attention import gateway_word, need_word, sentences
from wa_tui.text.cells import NONE
from wa_tui.text.cleaning import clean
from wa_tui.text.columns import GatewayColumn
from wa_tui.text.counts import many
from wa_tui.text.quiet import quiet_words
from wa_tui.wire import (
    REFUSED,
    Attention,
    Condition,
    GatewayView,
    StatusView,
    daemon_needs,
    gateway_calls,
    needs_person,
    needy,
    quieted,
    utc_now,
)

from . import exits, printing
from .judging import Judged, inks, judge
from .printing import say
from .targets import full_id

_REFUSED_SHOWN = 5
_GATEWAY_COLUMNS = (
    *(GatewayColumn.GATEWAY, GatewayColumn.STATE, GatewayColumn.AGE, GatewayColumn.LATENCY),
    *(GatewayColumn.SESSIONS, GatewayColumn.WHY, GatewayColumn.URL),
)
"""The monitor's, in its order, as far as a line of text has room for them."""


async def status(client: Client, arguments: argparse.Namespace) -> int:
    """Print the daemon, its gateways and the fleet in numbers; exit 1 when something needs a person."""
    view = await client.status()
    if arguments.json:
        printing.say_json(view)
    else:
        now = view.now or utc_now()
        _print_status(view, judge(view.calling, view, now), now)
    return exits.FAILED if needs_person(view) else exits.OK


def _print_status(view: StatusView, calling: Sequence[Judged], now: datetime) -> None:
    daemon = view.daemon
    title = f" {clean(daemon.title)}" if daemon.title else ""
    mode = ", read-only" if daemon.read_only else ""
    say(
        f"wa-tui{title}: daemon {daemon.pid}, {clean(daemon.version)}, up {since(daemon.started_at, now)}{mode}"
    )
    for notice in daemon.notices:
        say(f"! {clean(notice)}")
    say("")
    say(printing.table(_GATEWAY_COLUMNS, [_gateway_row(gateway, now) for gateway in view.gateways]))
    for gateway in view.gateways:
        if missing := gateway.hour.get("missing", 0):
            say(f"{many(missing, 'webhook')} missing from {clean(gateway.name)} in the last hour")
        if refused := {word: n for word, n in gateway.hour.items() if word in REFUSED}:
            why = ", ".join(f"{number} {REFUSED[word]}" for word, number in refused.items())
            say(f"{sum(refused.values())} refused from {clean(gateway.name)} in the last hour: {why}")
        if unreadable := gateway.unreadable_rows:
            rows = many(unreadable, "row")
            say(f"{rows} of the list of {clean(gateway.name)} cannot be read and are left out")
    _print_refused(view)
    say("")
    fleet = view.sessions.by_condition
    numbers = " · ".join(f"{fleet[found]} {found}" for found in Condition if fleet.get(found))
    say(f"{many(view.sessions.total, 'session')}{': ' if numbers else ''}{numbers}")
    _print_needs(view, calling, now)


def _print_refused(view: StatusView) -> None:
    """Say what was refused and calls nobody, the most first."""
    found = view.daemon.refused
    for each in found[:_REFUSED_SHOWN]:
        say(f"{clean(each.detail)}, the last {each.last_at.astimezone():%Y-%m-%d %H:%M}")
    if rest := found[_REFUSED_SHOWN:]:
        say(f"{sum(each.count for each in rest)} more refused from others; --json has them")


def _print_needs(view: StatusView, calling: Sequence[Judged], now: datetime) -> None:
    """Name who needs a person, the daemon and gateways first, and count those that call nobody."""
    rows = [_need("this daemon", [each]) for each in daemon_needs(view.daemon)]
    rows += [_need(gateway.name, gateway_calls(gateway, now)) for gateway in needy(view.gateways, now)]
    quiet = _quiet(view, now)
    if needing := needs_person(view):
        say(f"\n{many(needing, 'needs', 'need')} a person{f' ({quiet})' if quiet else ''}:")
        colours = [printing.condition_ink(Condition.DISCONNECTED)] * len(rows) + inks(calling)
        rows += [
            [each.condition, full_id(each.session), each.session.label, each.why or NONE] for each in calling
        ]
        say(printing.table(["STATUS", "WHERE", "INSTANCE", "WHY"], rows, colours))
        if more := view.sessions.needs_person - len(calling):
            say(f"and {more} more: wa-tui sessions")
    elif quiet:
        say(f"\nnobody is needed now: {quiet}")


def _need(where: str, needs: Sequence[Attention]) -> list[str]:
    return [need_word(needs[0].code), where, NONE, sentences(needs)]


def _quiet(view: StatusView, now: datetime) -> str:
    """Return which gateways were quieted, and how many sessions need a person and call nobody."""
    fleet = view.sessions
    gateways = [f"{clean(each.name)} {quiet_words(each, now)}" for each in quieted(view.gateways, now)]
    numbers = (
        (fleet.covered, "covered by their gateway"),
        (fleet.snoozed, "snoozed"),
        (fleet.acknowledged, "taken"),
    )
    return ", ".join([*gateways, *(f"{number} {what}" for number, what in numbers if number)])


def _gateway_row(gateway: GatewayView, now: datetime) -> list[str]:
    latency = NONE if gateway.latency_ms is None else str(gateway.latency_ms)
    return [
        gateway.name,
        gateway_word(gateway),
        since(gateway.since, now),
        latency,
        str(gateway.sessions),
        " · ".join(filter(None, (quiet_words(gateway, now), gateway.detail))) or NONE,
        gateway.url,
    ]
