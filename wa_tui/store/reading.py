"""What is asked of the database: a row that cannot be read is left out, or mended, and counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from wa_tui.model.events import Event, Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import MINUTE, Source

from .backlog import Key
from .bounds import LAST_ID, LATEST
from .chains import ASTRAY, CHAIN, COLUMNS, SCAN, SCANNED, breaks_at, leads_astray
from .damage import Damage, fetch, of_table, readable
from .protocol import LATEST_WORD, ActionRow, Count, JobRun, Transition
from .rows import (
    ACTION,
    JOB_RUN,
    Row,
    actions_of,
    events_of,
    job_runs_of,
    mended_actions,
    mended_events,
)
from .schema import TRANSITIONAL, TRANSITIONS
from .snapshot import Snapshot

_ACTIONS = f"SELECT {', '.join(ACTION)} FROM actions"
_JOB_RUNS = f"""SELECT {", ".join(JOB_RUN)}, id FROM job_runs
    WHERE id IN (SELECT max(id) FROM job_runs GROUP BY job, gateway) ORDER BY job, gateway"""

# Ids grow with the time of recording, so that an instant becomes an id by one look into an index; the smallest, since
# one row with a time that is not its own must not hide all that came before it.
# The sign keeps SQLite from walking through the table in order of id until it finds one.
_FIRST_SINCE = f"SELECT min(+id) FROM events WHERE recorded BETWEEN ? AND {LATEST} AND id > 0"

# Of many, lest one row whose time is not its own hides all that came after it.
_LAST_RECORDED = """SELECT max(id) FROM (
    SELECT id FROM events WHERE recorded <= ? ORDER BY recorded DESC LIMIT 1000)"""

_BEYOND = 1 << 62
"""Above any id."""

_COLUMNS = "at, recorded, gateway, session_id, kind, after, reason"
_TRANSITIONS = f"""SELECT id, previous, {_COLUMNS} FROM events
    WHERE kind IN {TRANSITIONS} AND id BETWEEN ? AND {LAST_ID} ORDER BY id"""
# Each link leads to a smaller id: no walk can go round.
_LAST_BEFORE = f"""
    WITH RECURSIVE back(id, previous, found) AS (
        SELECT id, previous, kind IN {TRANSITIONS} AND id < :bound FROM events
            WHERE id IN (SELECT value FROM json_each(:starts))
        UNION ALL
        SELECT e.id, e.previous, e.kind IN {TRANSITIONS} AND e.id < :bound
            FROM back JOIN events AS e ON e.id = back.previous WHERE NOT back.found AND e.id < back.id)
    SELECT id, previous, {_COLUMNS} FROM events WHERE id IN (SELECT id FROM back WHERE found OR {ASTRAY}) ORDER BY id"""

_COUNTS = f"""SELECT gateway, kind, recorded / {MINUTE} AS minute, count(*) FROM events
    WHERE recorded BETWEEN ? AND {LATEST} GROUP BY minute, gateway, kind ORDER BY minute, gateway, kind"""

_COUNTED = f"SELECT id, gateway, kind FROM events WHERE recorded BETWEEN ? AND {LATEST}"


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
    heads: Mapping[Key, int] | None = None
    """The newest event of each session that ``session_id`` names."""


@dataclass(frozen=True, slots=True)
class ActionQuery:
    """Which actions are asked for; see `Store.actions`."""

    limit: int | None
    since: int
    until: int | None
    names: Collection[str]
    gateway: str | None
    before: str | None


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
    low, high = wanted.after + 1, _BEYOND if wanted.before is None else wanted.before
    # Who has read up to an event reads on from there: a long time is not looked through for each page.
    if wanted.since is not None and not wanted.after:
        first = _first_since(connection, wanted.since)
        low = high if first is None else max(low, first)
    if wanted.until is not None:
        # What happened by then may have been told later.
        told = connection.execute(_LAST_RECORDED, (wanted.until + LATEST_WORD,)).fetchone()[0]
        high = min(high, (told or 0) + 1)
    return range(low, high)


def _conditions(wanted: EventQuery) -> tuple[list[str], dict[str, Any]]:
    """Return what must hold of an event besides whose it is, as SQL, and the values in it."""
    conditions, values = ["id >= :low"], dict[str, Any]()
    for name, condition, value in (
        ("since", "at >= :since", wanted.since),
        ("until", "at <= :until", wanted.until),
        ("kinds", "kind IN (SELECT value FROM json_each(:kinds))", _as_list(wanted.kinds)),
        ("sources", "source IN (SELECT value FROM json_each(:sources))", _as_list(wanted.sources)),
    ):
        if value is not None:
            conditions.append(condition)
            values[name] = value
    return conditions, values


def _as_list(values: Collection[str] | None) -> str | None:
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
    """Return as many as are wanted of the events that can be read: those that cannot take nobody's place."""
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


def read_transitions(
    connection: sqlite3.Connection, damage: Damage, since: int, heads: dict[Key, int]
) -> list[Transition]:
    """Return the transitions since an instant, and the last one before it of each session of those heads."""
    first = _first_since(connection, since)
    bound = _BEYOND if first is None else first
    recent = fetch(connection, _TRANSITIONS, (bound,))
    # Each session is followed back from its first transition since then, and where it has none from its head.
    starts: dict[Any, Any] = dict(heads)
    for _, previous, _, _, gateway, session_id, *_ in reversed(recent):
        if session_id is not None:
            starts[gateway or "", session_id] = previous
    chosen = msgspec.json.encode([start for start in starts.values() if isinstance(start, int)]).decode()
    older = fetch(connection, _LAST_BEFORE, {"bound": bound, "starts": chosen})
    for id, previous, *_ in (*older, *recent):
        if leads_astray(id, previous):
            damage.note("events", (id,), "it names no event before it as the one before it")
    # What leads astray came with them, and may be no transition at all.
    found = [row for row in older if row[6] in TRANSITIONAL and row[0] < bound] + recent
    return readable(
        found, _transitions_of, of_table(damage, "events", 0), partial(_transitions_of, mended=True)
    )


def _transitions_of(rows: Collection[Row], *, mended: bool = False) -> list[Transition]:
    if mended:
        rows = [(*row[:8], None) for row in rows]
    return msgspec.convert([row[2:] for row in rows], list[Transition])


def read_counts(connection: sqlite3.Connection, damage: Damage, since: int) -> list[Count]:
    """Return how many events each gateway, kind and minute has since an instant."""
    spoilt: set[Any] = set()
    found = readable(fetch(connection, _COUNTS, (since,)), _counts_of, lambda row, _: spoilt.add(row[:2]))
    if spoilt:
        for id, *named in fetch(connection, _COUNTED, (since,)):
            if tuple(named) in spoilt:
                damage.note("events", (id,), "its kind or its gateway is none")
    return found


def _counts_of(rows: Collection[Row]) -> list[Count]:
    return [msgspec.convert((gateway, Kind(kind), *rest), Count) for gateway, kind, *rest in rows]


def read_kept_counts(connection: sqlite3.Connection, damage: Damage) -> list[Count]:
    """Return the counts that are kept beside the events."""
    rows = fetch(connection, "SELECT coalesce(CAST(value AS BLOB), x'') FROM meta WHERE key = 'counts'")
    noted = of_table(damage, "meta")
    kept: list[Count] = []
    for several in readable(
        rows, lambda rows: [msgspec.json.decode(body, type=list[Any]) for (body,) in rows], noted
    ):
        kept += readable(several, lambda rows: msgspec.convert(rows, list[Count]), noted)
    return kept


def read_actions(
    connection: sqlite3.Connection, damage: Damage, condition: str, *values: Any
) -> list[ActionRow]:
    """Return the actions that a condition names."""
    rows = fetch(connection, f"{_ACTIONS} {condition}", values)
    return readable(rows, actions_of, of_table(damage, "actions", 0), mended_actions)


def read_newest_actions(
    connection: sqlite3.Connection, damage: Damage, wanted: ActionQuery
) -> list[ActionRow]:
    """Return the newest actions that match, newest first."""
    conditions, values = ["accepted_at >= ?"], list[Any]([wanted.since])
    for condition, value in (
        ("accepted_at <= ?", wanted.until),
        ("action IN (SELECT value FROM json_each(?))", _as_list(wanted.names or None)),
        ("gateway = ?", wanted.gateway),
        ("(accepted_at, id) < (SELECT accepted_at, id FROM actions WHERE id = ?)", wanted.before),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    newest = f"WHERE {' AND '.join(conditions)} ORDER BY accepted_at DESC, id DESC LIMIT ?"
    return read_actions(connection, damage, newest, *values, -1 if wanted.limit is None else wanted.limit)


def read_job_runs(connection: sqlite3.Connection, damage: Damage) -> list[JobRun]:
    """Return the newest run of each job on each gateway."""
    rows = fetch(connection, _JOB_RUNS)
    return readable(
        rows, lambda rows: job_runs_of([row[:-1] for row in rows]), of_table(damage, "job_runs", -1)
    )


def read_snapshot_and_tail(connection: sqlite3.Connection, damage: Damage) -> tuple[Fleet, list[Event]]:
    """Return the newest snapshot's fleet and the events after it, both as of one instant."""
    connection.execute("BEGIN")
    try:
        rows = fetch(connection, "SELECT last_event_id, body FROM snapshots")
        snapshots = readable(rows, Snapshot.of_rows, of_table(damage, "snapshots"))
        last, fleet = (snapshots[0].last_event_id, snapshots[0].fleet()) if snapshots else (0, Fleet())
        tail = fetch(connection, f"SELECT {COLUMNS} FROM events WHERE id > ? ORDER BY id", (last,))
    finally:
        connection.execute("ROLLBACK")
    return fleet, readable(tail, events_of, of_table(damage, "events", 0), mended_events)


def _first_since(connection: sqlite3.Connection, since: int) -> int | None:
    first: int | None = connection.execute(_FIRST_SINCE, (since,)).fetchone()[0]
    return first
