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
from wa_tui.text.gateways import PROVES_NOTHING
from wa_tui.text.quiet import quiet_words
from wa_tui.wire import (
    REFUSED,
    Attention,
    Condition,
    GatewayView,
    StatusView,
    daemon_needs,
    gateway_calls,
    kinds_of,
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
    *(GatewayColumn.GATEWAY, GatewayColumn.KIND, GatewayColumn.STATE, GatewayColumn.AGE),
    *(GatewayColumn.LATENCY, GatewayColumn.SESSIONS, GatewayColumn.WHY, GatewayColumn.URL),
)
"""The monitor's, in its order, as far as a line of text has room for them; the kind where there are two."""


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
    several = len(kinds_of(view.gateways)) > 1
    shown = [each for each in _GATEWAY_COLUMNS if several or each is not GatewayColumn.KIND]
    say(printing.table(shown, [_gateway_row(gateway, shown, now) for gateway in view.gateways]))
    for gateway in view.gateways:
        if missing := gateway.hour.get("missing", 0):
            say(f"{many(missing, 'webhook')} missing from {clean(gateway.name)} in the last hour")
        if refused := {word: n for word, n in gateway.hour.items() if word in REFUSED}:
            why = ", ".join(f"{number} {REFUSED[word]}" for word, number in refused.items())
            say(f"{sum(refused.values())} refused from {clean(gateway.name)} in the last hour: {why}")
        if unreadable := gateway.unreadable_rows:
            rows = many(unreadable, "row")
            say(f"{rows} of the list of {clean(gateway.name)} cannot be read")
    _print_refused(view)
    say("")
    fleet = view.sessions.by_condition
    numbers = " · ".join(f"{fleet[found]} {found}" for found in Condition if fleet.get(found))
    say(f"{many(view.sessions.total, 'session')}{': ' if numbers else ''}{numbers}")
    if canaries := daemon.canaries:
        daily = sum(each.messages_a_day for each in canaries)
        say(
            f"{many(len(canaries), 'canary', 'canaries')}: up to {daily} messages a day, {30 * daily} a month"
        )
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


def _gateway_row(gateway: GatewayView, columns: Sequence[GatewayColumn], now: datetime) -> list[str]:
    claims = "" if gateway.proves or gateway.detail else PROVES_NOTHING
    cells = {
        GatewayColumn.GATEWAY: gateway.name,
        GatewayColumn.KIND: gateway.kind or NONE,
        GatewayColumn.STATE: gateway_word(gateway),
        GatewayColumn.AGE: since(gateway.since, now),
        GatewayColumn.LATENCY: NONE if gateway.latency_ms is None else str(gateway.latency_ms),
        GatewayColumn.SESSIONS: str(gateway.sessions),
        GatewayColumn.WHY: " · ".join(filter(None, (quiet_words(gateway, now), gateway.detail, claims)))
        or NONE,
        GatewayColumn.URL: gateway.url,
    }
    return [cells[column] for column in columns]
