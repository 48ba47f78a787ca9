"""``traffic``: how much goes through sessions, the busiest first; or those that are silent, or fail to send."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime

from wa_tui.client import Client
from wa_tui.text.cells import NONE
from wa_tui.text.columns import Column, TrafficColumn
from wa_tui.text.counts import many
from wa_tui.text.traffic import sum_words, sums_of, traffic_cell
from wa_tui.wire import TrafficView, utc_now

from . import exits
from .judging import Judged, admitted, inks
from .printing import complain, say, say_json, table
from .selection import session_filter

_BEFORE = (Column.STATUS, Column.INSTANCE, Column.ID, Column.GATEWAY)


async def traffic(client: Client, arguments: argparse.Namespace) -> int:
    """Print the sums of the last hour, and the sessions that make most of them."""
    view, found = await asyncio.gather(client.status(), client.sessions(history=False))
    now = view.now or utc_now()
    chosen = session_filter(arguments.filter, (gateway.name for gateway in view.gateways))
    judged = admitted(found, view, now, chosen)
    shown = _ranked(judged, arguments.group)
    if arguments.n is not None:
        shown = shown[: arguments.n]
    if arguments.json:
        say_json({"sums": _sums(judged), "sessions": [_as_json(each) for each in shown]})
        return exits.OK
    say(_head(judged))
    if not shown:
        complain(_NOBODY[arguments.group])
        return exits.OK
    header = [*(column.plain for column in _BEFORE), *TrafficColumn, Column.WHY.plain]
    say(table(header, [_row(each, now) for each in shown], inks(shown)))
    return exits.OK


_NOBODY = {
    "busiest": "no gateway tells how many messages go through its sessions",
    "silent": "no session is silent against its habit",
    "failing": "nothing failed in the last hour",
}


def _ranked(judged: Sequence[Judged], group: str) -> list[Judged]:
    """Return the sessions of a group: most first, of the silent those who are so for longest."""
    match group:
        case "silent":
            silent = [each for each in judged if _silent_since(each) is not None]
            return sorted(silent, key=lambda each: (_silent_since(each), each.session.key))
        case "failing":
            failing = [each for each in judged if _of(each).failed]
            return sorted(failing, key=lambda each: (-(_of(each).failed or 0), each.session.key))
    told = [each for each in judged if each.session.traffic is not None]
    return sorted(told, key=lambda each: (-_through(_of(each)), -sum(_of(each).hours), each.session.key))


def _of(judged: Judged) -> TrafficView:
    return judged.session.traffic or TrafficView()


def _through(traffic: TrafficView) -> int:
    """Return how many messages went through in the last hour, either way."""
    return (traffic.received or 0) + (traffic.sent or 0)


def _silent_since(judged: Judged) -> datetime | None:
    session = judged.session
    since = [each.since for each in (session.silent, session.ghost) if each is not None]
    return min(since, default=None)


def _sums(judged: Sequence[Judged]) -> dict[str, int]:
    return sums_of(each.session.traffic for each in judged if each.session.traffic is not None)


def _head(judged: Sequence[Judged]) -> str:
    """Return the sums, and how many sessions are not in them."""
    said = sum_words(_sums(judged)) or "nothing is told"
    untold = sum(each.session.traffic is None for each in judged)
    rest = f"; of {many(untold, 'session')} nothing is told" if 0 < untold < len(judged) else ""
    return f"{many(len(judged), 'session')}, in the last hour: {said}{rest}"


def _row(judged: Judged, now: datetime) -> list[str]:
    session = judged.session
    return [
        judged.condition,
        session.instance_name or NONE,
        session.session_id,
        session.gateway,
        *(traffic_cell(column, session.traffic, now) for column in TrafficColumn),
        judged.why or NONE,
    ]


def _as_json(judged: Judged) -> dict[str, object]:
    session = judged.session
    return {
        "condition": judged.condition,
        "gateway": session.gateway,
        "session_id": session.session_id,
        "instance_name": session.instance_name,
        "user_id": session.user_id,
        "traffic": session.traffic,
        "silent": session.silent,
        "ghost": session.ghost,
    }
