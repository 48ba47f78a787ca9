"""``sessions``: every session, or those that a filter is about, trouble first."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from wa_tui.client import Client
from wa_tui.client.paging import events_forward
from wa_tui.system import garbage
from wa_tui.text.ages import since
from wa_tui.text.cells import NONE
from wa_tui.text.columns import Column, TrafficColumn
from wa_tui.text.phone import phone
from wa_tui.text.silence import proven_words
from wa_tui.text.traffic import traffic_cell
from wa_tui.wire import EventRange, kinds_of, utc_now

from . import exits, printing
from .judging import Judged, admitted, inks
from .printing import say
from .selection import event_range, of_range, session_filter

_COLUMNS = (
    *(Column.STATUS, Column.INSTANCE, Column.ID, Column.PHONE),
    *(Column.GATEWAY, Column.KIND, Column.AGE, Column.PROVEN, Column.WHY),
)
"""The monitor's, in its order, as far as a line of text has room for them; the kind where there are two."""


_WIDE = (Column.USER, TrafficColumn.RECEIVED, TrafficColumn.SENT, TrafficColumn.LAST)
"""What else ``--wide`` shows, before the last."""

AnyColumn = Column | TrafficColumn


async def sessions(client: Client, arguments: argparse.Namespace) -> int:
    """Print every session that is wanted, trouble first."""
    with garbage.paused():
        return await _print(client, arguments)


async def _print(client: Client, arguments: argparse.Namespace) -> int:
    view, found = await asyncio.gather(client.status(), client.sessions(history=False))
    now = view.now or utc_now()
    wanted = await event_range(client, arguments, view)
    chosen = session_filter(arguments.filter, (gateway.name for gateway in view.gateways))
    chosen = chosen.within(wanted.gateway, trouble=False)
    judged = admitted(found, view, now, chosen)
    if wanted.since is not None or wanted.until is not None:
        touched = await _touched(client, wanted)
        judged = [each for each in judged if each.session.key in touched]
    if arguments.json:
        printing.say_json([_as_json(each) for each in judged])
        return exits.OK
    if not judged and (chosen or of_range(wanted)):
        printing.complain(f"no session{f' matches {chosen.text}' if chosen.text else ''}{of_range(wanted)}")
        return exits.OK
    shown = _shown(several_kinds=len(kinds_of(view.gateways)) > 1, wide=arguments.wide)
    rows = [_row(each, shown, now) for each in judged]
    say(printing.table([column.strip() for column in shown], rows, inks(judged)))
    return exits.OK


def _shown(*, several_kinds: bool, wide: bool) -> list[AnyColumn]:
    usual: list[AnyColumn] = [one for one in _COLUMNS if several_kinds or one is not Column.KIND]
    return [*usual[:-1], *_WIDE, usual[-1]] if wide else usual


async def _touched(client: Client, wanted: EventRange) -> set[tuple[str | None, str | None]]:
    """Return the sessions that events of a range are about."""
    found: set[tuple[str | None, str | None]] = set()
    async for events in events_forward(client, wanted):
        found.update((event.gateway, event.session_id) for event in events)
    return found


def _row(judged: Judged, columns: Sequence[AnyColumn], now: datetime) -> list[str]:
    session = judged.session
    cells: dict[Column, str] = {
        Column.STATUS: judged.condition,
        Column.INSTANCE: session.instance_name or NONE,
        Column.ID: session.session_id,
        Column.PHONE: phone(session.phone_number, 0) if session.phone_number else NONE,
        Column.GATEWAY: session.gateway,
        Column.KIND: judged.kind or NONE,
        Column.AGE: since(session.condition_since, now),
        Column.PROVEN: proven_words(judged.proof, session.proven_at, now)
        if session.proven_at is not None
        else NONE,
        Column.USER: session.user_id or NONE,
        Column.WHY: judged.why or NONE,
    }
    return [
        traffic_cell(column, session.traffic, now) if isinstance(column, TrafficColumn) else cells[column]
        for column in columns
    ]


def _as_json(judged: Judged) -> dict[str, object]:
    """Every field but the history, which only a ribbon wants and nobody asked for."""
    fields: dict[str, object] = msgspec.structs.asdict(judged.session)
    del fields["history"]
    return {"condition": judged.condition, **fields, "covered": judged.covered}
