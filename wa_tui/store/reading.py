"""What is asked of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec

from wa_tui.model.events import Event, Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import MINUTE, Reason

from .protocol import ActionRow, Count, JobRun, Transition
from .rows import ACTION, EVENT, JOB_RUN, event_of, gateway_of, session_of
from .schema import TRANSITIONS
from .snapshot import Snapshot

# As bytes, which is what the decoder takes.
_BODY = "CAST(body AS BLOB)"
_EVENTS = f"SELECT {', '.join(EVENT[:-1])}, {_BODY} FROM events"
_ACTIONS = f"SELECT {', '.join(ACTION)} FROM actions"
_JOB_RUNS = f"""SELECT {", ".join(JOB_RUN)} FROM job_runs
    WHERE id IN (SELECT max(id) FROM job_runs GROUP BY job, gateway) ORDER BY job, gateway"""

# Ids grow with the time of recording, so that an instant becomes an id by one look into an index.
_FIRST_SINCE = "SELECT id FROM events WHERE recorded >= ? ORDER BY recorded, id LIMIT 1"

_BEYOND = 1 << 62
"""Above any id."""

_COLUMNS = "id, at, recorded, gateway, session_id, kind, after, reason"
_TRANSITIONS = f"""
    SELECT {_COLUMNS} FROM events WHERE kind IN {TRANSITIONS} AND id >= ?
    UNION ALL
    SELECT {_COLUMNS} FROM events WHERE id IN (
        SELECT (SELECT max(id) FROM events AS e WHERE e.session_id = s.session_id AND e.gateway = s.gateway
                AND e.kind IN {TRANSITIONS} AND e.id < ?)
        FROM sessions AS s)
    ORDER BY id"""

_COUNTS = f"""SELECT gateway, kind, recorded / {MINUTE} AS minute, count(*) FROM events
    WHERE recorded >= ? GROUP BY minute, gateway, kind ORDER BY minute, gateway, kind"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for; see `Store.events`."""

    gateway: str | None
    session_id: str | None
    after: int
    before: int | None
    since: int | None
    limit: int
    kinds: Collection[Kind] | None
    first: bool = False


def read_fleet(connection: sqlite3.Connection) -> Fleet:
    """Return the fleet as it was last committed."""
    sessions = _all(connection, f"SELECT {_BODY} FROM sessions ORDER BY rowid")
    gateways = _all(connection, f"SELECT {_BODY} FROM gateways ORDER BY rowid")
    return Fleet([session_of(body) for (body,) in sessions], [gateway_of(body) for (body,) in gateways])


def read_events(connection: sqlite3.Connection, wanted: Wanted) -> list[Event]:
    """Return the newest events that match, or the first ones; oldest first."""
    conditions, values = ["id > ?"], [wanted.after]
    if wanted.since is not None:
        first = _first_since(connection, wanted.since)
        if first is None:
            return []
        conditions += ["id >= ?", "at >= ?"]
        values += [first, wanted.since]
    for condition, value in (
        ("id < ?", wanted.before),
        ("gateway = ?", wanted.gateway),
        ("session_id = ?", wanted.session_id),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)  # type: ignore[arg-type]
    if wanted.kinds is not None:
        conditions.append(f"kind IN ({', '.join('?' * len(wanted.kinds))})")
        values += wanted.kinds  # type: ignore[arg-type]
    order = "ASC" if wanted.first else "DESC"
    sql = f"{_EVENTS} WHERE {' AND '.join(conditions)} ORDER BY id {order} LIMIT ?"
    rows = connection.execute(sql, (*values, wanted.limit)).fetchall()
    return [event_of(row) for row in (rows if wanted.first else reversed(rows))]


def read_transitions(connection: sqlite3.Connection, since: int) -> list[Transition]:
    """Return the transitions since an instant, and each session's last one before it."""
    first = _first_since(connection, since)
    bound = _BEYOND if first is None else first
    rows = _all(connection, _TRANSITIONS, bound, bound)
    return [
        Transition(at, recorded, gateway, session_id, Kind(kind), after, Reason(reason) if reason else None)
        for _, at, recorded, gateway, session_id, kind, after, reason in rows
    ]


def read_counts(connection: sqlite3.Connection, since: int) -> list[Count]:
    """Return how many events each gateway, kind and minute has since an instant."""
    rows = _all(connection, _COUNTS, since)
    return [Count(gateway, Kind(kind), minute, count) for gateway, kind, minute, count in rows]


def read_kept_counts(connection: sqlite3.Connection) -> list[Count]:
    """Return the counts that are kept beside the events."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'counts'").fetchone()
    return msgspec.json.decode(row[0], type=list[Count]) if row is not None else []


def read_actions(connection: sqlite3.Connection, condition: str, *values: Any) -> list[ActionRow]:
    """Return the actions that a condition names."""
    return [ActionRow(*row) for row in _all(connection, f"{_ACTIONS} {condition}", *values)]


def read_job_runs(connection: sqlite3.Connection) -> list[JobRun]:
    """Return the newest run of each job on each gateway."""
    return [
        JobRun(job, gateway, started_at, ended_at, bool(ok), detail)
        for job, gateway, started_at, ended_at, ok, detail in _all(connection, _JOB_RUNS)
    ]


def read_snapshot_and_tail(connection: sqlite3.Connection) -> tuple[Fleet, list[Event]]:
    """Return the newest snapshot's fleet and the events after it, both as of one instant."""
    connection.execute("BEGIN")
    try:
        row = connection.execute("SELECT last_event_id, body FROM snapshots").fetchone()
        last, fleet = (row[0], Snapshot.decode(row[1]).fleet()) if row is not None else (0, Fleet())
        tail = _all(connection, f"{_EVENTS} WHERE id > ? ORDER BY id", last)
    finally:
        connection.execute("ROLLBACK")
    return fleet, [event_of(row) for row in tail]


def _all(connection: sqlite3.Connection, sql: str, *values: Any) -> list[Any]:
    """Return all rows at once: one that cannot be decoded must not leave a statement, and its lock, open."""
    return connection.execute(sql, values).fetchall()


def _first_since(connection: sqlite3.Connection, since: int) -> int | None:
    row = connection.execute(_FIRST_SINCE, (since,)).fetchone()
    return None if row is None else int(row[0])
