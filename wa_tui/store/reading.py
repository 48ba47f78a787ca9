"""What is asked of the database besides events: a row that cannot be read is left out, or mended, and counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from wa_tui.model.events import Event, Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import MINUTE

from .backlog import RowKey
from .bounds import LAST_ID, LATEST
from .chains import ASTRAY, COLUMNS, leads_astray
from .damage import Damage, fetch, of_table, readable
from .event_queries import BEYOND, as_list, first_since
from .protocol import ActionRow, Count, JobRun, Transition
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
class ActionQuery:
    """Which actions are asked for; see `Store.actions`."""

    limit: int | None
    since: int
    until: int | None
    names: Collection[str]
    gateway: str | None
    before: str | None


def read_transitions(
    connection: sqlite3.Connection, damage: Damage, since: int, heads: dict[RowKey, int]
) -> list[Transition]:
    """Return the transitions since an instant, and the last one before it of each session of those heads."""
    first = first_since(connection, since)
    bound = BEYOND if first is None else first
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
        ("action IN (SELECT value FROM json_each(?))", as_list(wanted.names or None)),
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
    # One transaction: a prune between the two reads would leave a gap between the snapshot and its tail.
    connection.execute("BEGIN")
    try:
        rows = fetch(connection, "SELECT last_event_id, body FROM snapshots")
        snapshots = readable(rows, Snapshot.of_rows, of_table(damage, "snapshots"))
        last, fleet = (snapshots[0].last_event_id, snapshots[0].fleet()) if snapshots else (0, Fleet())
        tail = fetch(connection, f"SELECT {COLUMNS} FROM events WHERE id > ? ORDER BY id", (last,))
    finally:
        connection.execute("ROLLBACK")
    return fleet, readable(tail, events_of, of_table(damage, "events", 0), mended_events)
