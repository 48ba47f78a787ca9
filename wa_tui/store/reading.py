"""What is asked of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from wa_tui.model.events import Event, Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import MINUTE, Reason
from wa_tui.model.session import Session

from .backlog import Backlog, Key
from .protocol import ActionRow, Count, JobRun, Transition
from .rows import ACTION, EVENT, JOB_RUN, Row, backlog_of, event_of, gateway_of, session_of
from .schema import TRANSITIONS, meta
from .snapshot import Snapshot

# As bytes, which is what the decoder takes.
_BODY = "CAST(body AS BLOB)"
_EVENT_COLUMNS = f"{', '.join(EVENT[:-1])}, {_BODY}"
_EVENTS = f"SELECT {_EVENT_COLUMNS} FROM events"
_ACTIONS = f"SELECT {', '.join(ACTION)} FROM actions"
_JOB_RUNS = f"""SELECT {", ".join(JOB_RUN)} FROM job_runs
    WHERE id IN (SELECT max(id) FROM job_runs GROUP BY job, gateway) ORDER BY job, gateway"""

# Ids grow with the time of recording, so that an instant becomes an id by one look into an index.
_FIRST_SINCE = "SELECT id FROM events WHERE recorded >= ? ORDER BY recorded, id LIMIT 1"

_BEYOND = 1 << 62
"""Above any id."""

_COLUMNS = "id, at, recorded, gateway, session_id, kind, after, reason"
_TRANSITIONS = f"SELECT {_COLUMNS}, previous FROM events WHERE kind IN {TRANSITIONS} AND id >= ? ORDER BY id"
_LAST_BEFORE = f"""
    WITH RECURSIVE back(id, previous, found) AS (
        SELECT id, previous, kind IN {TRANSITIONS} AND id < :bound FROM events
            WHERE id IN (SELECT value FROM json_each(:starts))
        UNION ALL
        SELECT e.id, e.previous, e.kind IN {TRANSITIONS} AND e.id < :bound
            FROM back JOIN events AS e ON e.id = back.previous WHERE NOT back.found)
    SELECT {_COLUMNS} FROM events WHERE id IN (SELECT id FROM back WHERE found) ORDER BY id"""

# From a session's newest event to the ones before it, newest first, and no further than the limit.
_CHAIN = f"""WITH RECURSIVE chain(id, previous) AS (
        SELECT id, previous FROM events WHERE id = :head AND id >= :low
        UNION ALL
        SELECT e.id, e.previous FROM chain JOIN events AS e ON e.id = chain.previous WHERE e.id >= :low)
    SELECT {_EVENT_COLUMNS} FROM chain CROSS JOIN events USING (id)"""

_NEWER_HEADS = """SELECT coalesce(gateway, ''), session_id, max(id) FROM events
    WHERE id > ? AND session_id IS NOT NULL GROUP BY gateway, session_id"""
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
    heads: Collection[int] = ()
    """The newest event of each session that ``session_id`` names."""


def read_fleet(connection: sqlite3.Connection) -> tuple[Fleet, Backlog]:
    """Return the fleet as it was last committed, the oldest sessions first, and what its rows lack."""
    rows = _all(connection, f"SELECT {_BODY} FROM sessions")
    gateways = _all(connection, f"SELECT {_BODY} FROM gateways ORDER BY rowid")
    sessions, backlog = _read_backlog(connection, [session_of(body) for (body,) in rows])
    sessions.sort(key=lambda session: (session.created_at, session.gateway, session.session_id))
    return Fleet(sessions, [gateway_of(body) for (body,) in gateways]), backlog


def _read_backlog(connection: sqlite3.Connection, rows: Iterable[Session]) -> tuple[list[Session], Backlog]:
    """Return the sessions as they were last committed, given their rows, and what those lack."""
    sessions: dict[Key, Session] = {(row.gateway, row.session_id): row for row in rows}
    late: dict[Key, Session | None] = {}
    oldest = newest = changes = size = 0
    cursor = connection.execute("SELECT id, body FROM backlog ORDER BY id")
    try:
        for id, body in cursor:
            entry = backlog_of(body)
            oldest, newest = oldest or id, id
            changes += len(entry.sessions) + len(entry.removed)
            size += len(body)
            late.update(((session.gateway, session.session_id), session) for session in entry.sessions)
            late.update(((gateway, session_id), None) for gateway, session_id in entry.removed)
    finally:
        # One that cannot be decoded must not leave the statement, and its lock, open.
        cursor.close()
    for key, session in late.items():
        if session is not None:
            sessions[key] = session
        else:
            sessions.pop(key, None)
    heads: dict[Key, int] = {
        (gateway, session_id): event
        for gateway, session_id, event in connection.execute("SELECT * FROM heads").fetchall()
    }
    newer = connection.execute(_NEWER_HEADS, (meta(connection, "heads_at") or 0,)).fetchall()
    for gateway, session_id, event in newer:
        heads[gateway, session_id] = event
        late.setdefault((gateway, session_id), None)
    entries = range(oldest or 1, newest + 1)
    return [*sessions.values()], Backlog(heads, late, entries, changes, size)


def read_events(connection: sqlite3.Connection, wanted: Wanted) -> list[Event]:
    """Return the newest events that match, or the first ones; oldest first."""
    low, conditions, values = wanted.after + 1, ["id >= :low"], dict[str, Any]()
    if wanted.since is not None:
        first = _first_since(connection, wanted.since)
        if first is None:
            return []
        low = max(low, first)
        conditions.append("at >= :since")
        values["since"] = wanted.since
    if wanted.before is not None:
        conditions.append("id < :before")
        values["before"] = wanted.before
    if wanted.kinds is not None:
        conditions.append("kind IN (SELECT value FROM json_each(:kinds))")
        values["kinds"] = msgspec.json.encode([*wanted.kinds]).decode()
    select, order = _EVENTS, "ORDER BY id" if wanted.first else "ORDER BY id DESC"
    if wanted.session_id is not None:
        select, order = _CHAIN, "ORDER BY id" if wanted.first else ""
    elif wanted.gateway is not None:
        conditions.append("gateway = :gateway")
        values["gateway"] = wanted.gateway
    sql = f"{select} WHERE {' AND '.join(conditions)} {order} LIMIT :limit"
    rows: list[Row] = []
    for head in wanted.heads if wanted.session_id is not None else [0]:
        rows += connection.execute(
            sql, {**values, "low": low, "limit": wanted.limit, "head": head}
        ).fetchall()
    rows.sort()
    chosen = rows[: wanted.limit] if wanted.first else rows[max(0, len(rows) - wanted.limit) :]
    return [event_of(row) for row in chosen]


def read_transitions(connection: sqlite3.Connection, since: int, heads: dict[Key, int]) -> list[Transition]:
    """Return the transitions since an instant, and the last one before it of each session of those heads."""
    first = _first_since(connection, since)
    bound = _BEYOND if first is None else first
    recent = _all(connection, _TRANSITIONS, bound)
    # Each session is followed back from its first transition since then, and where it has none from its head.
    starts: dict[Key, int | None] = dict(heads)
    for *_, gateway, session_id, _, _, _, previous in reversed(recent):
        if session_id is not None:
            starts[gateway or "", session_id] = previous
    chosen = msgspec.json.encode([start for start in starts.values() if start is not None]).decode()
    older = connection.execute(_LAST_BEFORE, {"bound": bound, "starts": chosen}).fetchall()
    return [
        Transition(at, recorded, gateway, session_id, Kind(kind), after, Reason(reason) if reason else None)
        for _, at, recorded, gateway, session_id, kind, after, reason, *_ in (*older, *recent)
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
