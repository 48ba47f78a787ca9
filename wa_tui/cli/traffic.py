"""``traffic``: how much goes through sessions, users or gateways, the busiest first; who is silent, or fails."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime

from wa_tui.client import Client
from wa_tui.text.cells import NONE
from wa_tui.text.columns import Column, TrafficColumn
from wa_tui.text.counts import many
from wa_tui.text.traffic import sum_words, traffic_cell
from wa_tui.wire import TrafficView, traffic_sum, utc_now

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
    if arguments.by is not None:
        return _print_sums(judged, arguments, now)
    shown = _ranked(judged, arguments.group)
    if arguments.n is not None:
        shown = shown[: arguments.n]
    if arguments.json:
        say_json({"sum": _sum(judged), "sessions": [_as_json(each) for each in shown]})
        return exits.OK
    say(_head(judged))
    if not shown:
        complain(_NOBODY[arguments.group])
        return exits.OK
    header = [*(column.plain for column in _BEFORE), *TrafficColumn, Column.WHY.plain]
    say(table(header, [_row(each, now) for each in shown], inks(shown)))
    return exits.OK


def _print_sums(judged: Sequence[Judged], arguments: argparse.Namespace, now: datetime) -> int:
    """Print a line for each user or gateway, who has most first; those of whose sessions nothing is told are last."""
    field = _FIELDS[arguments.by]
    parts: dict[str | None, list[Judged]] = {}
    for each in judged:
        parts.setdefault(getattr(each.session, field), []).append(each)
    sums = {name: _sum(part) for name, part in parts.items()}
    names = sorted(parts, key=lambda name: (-_through(sums[name]), name or ""))[: arguments.n]
    if arguments.json:
        told = [{field: name, "sessions": len(parts[name]), "traffic": sums[name]} for name in names]
        say_json({"sum": _sum(judged), f"{arguments.by}s": told})
        return exits.OK
    say(_head(judged))
    header = [arguments.by.upper(), "SESSIONS", *TrafficColumn]
    rows = [
        [
            name or NONE,
            str(len(parts[name])),
            *(traffic_cell(each, sums[name], now) for each in TrafficColumn),
        ]
        for name in names
    ]
    say(table(header, rows))
    return exits.OK


_FIELDS = {"user": "user_id", "gateway": "gateway"}
_NOBODY = {
    "busiest": "no gateway tells how many messages go through its sessions",
    "silent": "no session is silent against its habit",
    "failing": "nothing failed in the last hour",
}


def _ranked(judged: Sequence[Judged], group: str) -> list[Judged]:
    """Return the sessions of a group: most first, of the silent those who are so for longest."""
    match group:
        case "silent":
            silent = [each for each in judged if each.session.silent_since is not None]
            return sorted(silent, key=lambda each: (each.session.silent_since, each.session.key))
        case "failing":
            failing = [each for each in judged if _of(each).failed]
            return sorted(failing, key=lambda each: (-(_of(each).failed or 0), each.session.key))
    told = [each for each in judged if each.session.traffic is not None]
    return sorted(
        told, key=lambda each: (-_through(each.session.traffic), -sum(_of(each).hours), each.session.key)
    )


def _of(judged: Judged) -> TrafficView:
    return judged.session.traffic or TrafficView()


def _through(traffic: TrafficView | None) -> int:
    """Return how many messages went through in the last hour, either way; less than none where nothing is told."""
    return -1 if traffic is None else traffic.through or 0


def _sum(judged: Sequence[Judged]) -> TrafficView | None:
    return traffic_sum(each.session.traffic for each in judged if each.session.traffic is not None)


def _head(judged: Sequence[Judged]) -> str:
    """Return the sums, and how many sessions are not in them."""
    told = _sum(judged)
    said = (told and sum_words(told)) or "nothing is told"
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
