"""Which events are asked for, and how the database finds them: by ids, along a session's chain, or row by row."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from wa_tui.model.events import Event, Kind
from wa_tui.model.registers import Source

from .backlog import RowKey
from .bounds import LATEST
from .chains import CHAIN, SCAN, SCANNED, breaks_at
from .damage import Damage, fetch, of_table, readable
from .protocol import LATEST_WORD
from .rows import events_of, mended_events

# Ids grow with the time of recording, so that an instant becomes an id by one look into an index; the smallest, since
# one row with a time that is not its own must not hide all that came before it.
# The sign keeps SQLite from walking through the table in order of id until it finds one.
_FIRST_SINCE = f"SELECT min(+id) FROM events WHERE recorded BETWEEN ? AND {LATEST} AND id > 0"

# Of many, lest one row whose time is not its own hides all that came after it.
_LAST_RECORDED = """SELECT max(id) FROM (
    SELECT id FROM events WHERE recorded <= ? ORDER BY recorded DESC LIMIT 1000)"""

BEYOND = 1 << 62
"""Above any id."""


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events are asked for; see `Store.events`."""

    gateway: str | None
    session_id: str | None
    after: int
    before: int | None
    since: int | None
    until: int | None
    limit: int
    kinds: Collection[Kind] | None
    sources: Collection[Source] | None
    first: bool = False
    heads: Mapping[RowKey, int] | None = None
    """The newest event of each session that ``session_id`` names."""


def read_events(connection: sqlite3.Connection, damage: Damage, wanted: EventQuery) -> list[Event]:
    """Return the newest events that match, or the first ones; oldest first."""
    span = _span(connection, wanted)
    if not span:
        return []
    conditions, values = _conditions(wanted)
    values |= {"low": span.start, "high": span.stop, "limit": wanted.limit}
    found: list[Event] = []
    if wanted.session_id is not None:
        for (place, session), head in (wanted.heads or {}).items():
            values |= {"head": head, "session": session, "place": place}
            found += _of_session(connection, damage, wanted, conditions, values)
    else:
        if wanted.gateway is not None:
            conditions.append("gateway = :gateway")
            values["gateway"] = wanted.gateway
        found = _all_that(connection, damage, wanted, SCAN, conditions, values)
    found.sort(key=lambda event: event.id)
    return found[: wanted.limit] if wanted.first else found[max(0, len(found) - wanted.limit) :]


def _span(connection: sqlite3.Connection, wanted: EventQuery) -> range:
    """Return the ids among which all is that matches."""
    low, high = wanted.after + 1, BEYOND if wanted.before is None else wanted.before
    # A reader that has come to an event goes on from there: the index is not walked through again for each page.
    if wanted.since is not None and not wanted.after:
        first = first_since(connection, wanted.since)
        low = high if first is None else max(low, first)
    if wanted.until is not None:
        # What happened by then may have been told later.
        recorded = connection.execute(_LAST_RECORDED, (wanted.until + LATEST_WORD,)).fetchone()[0]
        high = min(high, (recorded or 0) + 1)
    return range(low, high)


def _conditions(wanted: EventQuery) -> tuple[list[str], dict[str, Any]]:
    """Return what must hold of an event besides whose it is, as SQL, and the values in it."""
    conditions, values = ["id >= :low"], dict[str, Any]()
    for name, condition, value in (
        ("since", "at >= :since", wanted.since),
        ("until", "at <= :until", wanted.until),
        ("kinds", "kind IN (SELECT value FROM json_each(:kinds))", as_list(wanted.kinds)),
        ("sources", "source IN (SELECT value FROM json_each(:sources))", as_list(wanted.sources)),
    ):
        if value is not None:
            conditions.append(condition)
            values[name] = value
    return conditions, values


def as_list(values: Collection[str] | None) -> str | None:
    """Return words as SQL takes any number of them."""
    return None if values is None else msgspec.json.encode([*values]).decode()


def _of_session(
    connection: sqlite3.Connection,
    damage: Damage,
    wanted: EventQuery,
    conditions: list[str],
    values: dict[str, Any],
) -> list[Event]:
    """Return the events of one session: its chain's, or the table's where that leads astray."""
    found = _all_that(connection, damage, wanted, CHAIN, conditions, values)
    if len(found) == wanted.limit and not wanted.first:
        return found
    # Fewer than asked for: the session has no more, or its chain is broken.
    broken = breaks_at(connection, values)
    if broken is None:
        return found
    whole = _all_that(connection, damage, wanted, SCAN, [*conditions, *SCANNED], values)
    if len(whole) > len(found):
        damage.note(*broken, "it does not lead to the event before it")
    return whole


def _all_that(
    connection: sqlite3.Connection,
    damage: Damage,
    wanted: EventQuery,
    select: str,
    conditions: list[str],
    values: dict[str, Any],
) -> list[Event]:
    """Return as many as are wanted of the events that can be read; one that cannot be does not count among them."""
    found: list[Event] = []
    start, end = values["low"], values["high"]
    order = "ORDER BY id" if wanted.first else "" if select is CHAIN else "ORDER BY id DESC"
    where = " AND ".join([*conditions, "id >= :start", "id < :end"])
    sql = f"{select} WHERE {where} {order} LIMIT :limit"
    while True:
        rows = fetch(connection, sql, {**values, "start": start, "end": end})
        found += readable(rows, events_of, of_table(damage, "events", 0), mended_events)
        if len(rows) < wanted.limit or len(found) >= wanted.limit:
            return found[: wanted.limit]
        start, end = (rows[-1][0] + 1, end) if wanted.first else (start, rows[-1][0])


def first_since(connection: sqlite3.Connection, since: int) -> int | None:
    """Return the first event that was recorded at an instant or after it, ``None`` where there is none."""
    first: int | None = connection.execute(_FIRST_SINCE, (since,)).fetchone()[0]
    return first
