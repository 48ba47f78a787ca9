"""The tables, and the steps by which they came to be."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from .bounds import LAST_ID
from .damage import fetch

TRANSITIONAL = ("status", "adopted", "gateway", "daemon")
"""The kinds of events that a ribbon is drawn from."""

TRANSITIONS = str(TRANSITIONAL)
"""The same as SQL."""

_FIRST = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) WITHOUT ROWID",
    """CREATE TABLE events (
        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, recorded INTEGER NOT NULL,
        source TEXT NOT NULL, kind TEXT NOT NULL, gateway TEXT, session_id TEXT,
        before TEXT, after TEXT, reason TEXT, text TEXT NOT NULL, words TEXT, body TEXT NOT NULL)""",
    "CREATE INDEX events_session ON events (session_id, gateway)",
    "CREATE INDEX events_gateway ON events (gateway)",
    "CREATE INDEX events_kind ON events (kind)",
    "CREATE INDEX events_recorded ON events (recorded)",
    f"CREATE INDEX events_transition ON events (session_id, gateway) WHERE kind IN {TRANSITIONS}",
    """CREATE TRIGGER events_append_only BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TABLE sessions (
        gateway TEXT NOT NULL, session_id TEXT NOT NULL, user_id TEXT, instance_name TEXT, phone_number TEXT,
        status TEXT NOT NULL, reason TEXT, words TEXT, credentials TEXT NOT NULL, desired TEXT NOT NULL,
        is_primary INTEGER NOT NULL, created_at INTEGER NOT NULL, status_since INTEGER NOT NULL,
        observed_at INTEGER, proven_at INTEGER, connected_at INTEGER, deleted_at INTEGER,
        body TEXT NOT NULL, PRIMARY KEY (gateway, session_id))""",
    """CREATE TABLE gateways (
        name TEXT PRIMARY KEY, state TEXT NOT NULL, since INTEGER NOT NULL, words TEXT, seen_at INTEGER,
        started_at INTEGER, clock_offset INTEGER, epoch INTEGER NOT NULL, restarts INTEGER NOT NULL,
        body TEXT NOT NULL)""",
    """CREATE TABLE actions (
        id TEXT PRIMARY KEY, action TEXT NOT NULL, gateway TEXT, session_id TEXT, who TEXT NOT NULL,
        outcome TEXT NOT NULL, text TEXT NOT NULL, accepted_at INTEGER NOT NULL, ended_at INTEGER,
        message_id TEXT)""",
    "CREATE INDEX actions_accepted ON actions (accepted_at)",
    "CREATE INDEX actions_ended ON actions (ended_at)",
    """CREATE TABLE job_runs (
        id INTEGER PRIMARY KEY, job TEXT NOT NULL, gateway TEXT, started_at INTEGER NOT NULL,
        ended_at INTEGER NOT NULL, ok INTEGER NOT NULL, detail TEXT NOT NULL)""",
    "CREATE INDEX job_runs_job ON job_runs (job, gateway)",
    "CREATE INDEX job_runs_ended ON job_runs (ended_at)",
    "CREATE TABLE snapshots (last_event_id INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL)",
)

_MESSAGES = (
    """CREATE TABLE messages (
        action_id TEXT PRIMARY KEY, at INTEGER NOT NULL, recipient TEXT NOT NULL, kind TEXT NOT NULL,
        length INTEGER NOT NULL, user_id TEXT) WITHOUT ROWID""",
    "CREATE INDEX messages_at ON messages (at)",
    """CREATE TABLE attempts (
        action_id TEXT NOT NULL, number INTEGER NOT NULL, gateway TEXT NOT NULL, session_id TEXT NOT NULL,
        outcome TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL, ended_at INTEGER, message_id TEXT,
        PRIMARY KEY (action_id, number)) WITHOUT ROWID""",
    "CREATE INDEX attempts_session ON attempts (session_id, gateway)",
)

# Every event pays for every index: what is asked seldom is found by looking through the table.
_FEWER_INDEXES = tuple(
    f"DROP INDEX {name}" for name in ("events_gateway", "events_kind", "events_transition")
)

# An index of events by session cost a page of its own for every event: now each names the one before it of its session.
_CHAINS = (
    "ALTER TABLE events ADD COLUMN previous INTEGER",
    "DROP TRIGGER events_append_only",
    """UPDATE events SET previous = pair.before FROM (
        SELECT id, lag(id) OVER (PARTITION BY gateway, session_id ORDER BY id) AS before
        FROM events WHERE session_id IS NOT NULL) AS pair WHERE events.id = pair.id AND pair.before IS NOT NULL""",
    """CREATE TRIGGER events_append_only BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TABLE heads (
        gateway TEXT NOT NULL, session_id TEXT NOT NULL, event_id INTEGER NOT NULL,
        PRIMARY KEY (gateway, session_id)) WITHOUT ROWID""",
    "CREATE TABLE backlog (id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    "DROP INDEX events_session",
)

# What no phone has was kept as its number; the next check tells it, where there is one to tell.
_NO_PHONES = """UPDATE sessions SET phone_number = NULL, body = json_remove(body, '$.phone_number', '$.phone_at')
    WHERE phone_number LIKE '%@%' AND CASE WHEN json_valid(body) THEN TRUE END"""

# A user's id was a number or a text, and 7 and "7" were told apart here alone. The column was a text all along.
_IDENTITIES = (
    """UPDATE sessions SET body = json_set(body, '$.user_id', user_id)
        WHERE typeof(user_id) = 'text' AND typeof(body) = 'text'
        AND CASE WHEN json_valid(body) THEN json_type(body, '$.user_id') = 'integer' END""",
    """UPDATE messages SET user_id = json_extract(user_id, '$')
        WHERE user_id LIKE '"%' AND CASE WHEN json_valid(user_id) THEN TRUE END""",
    _NO_PHONES,
)

_DETAIL = (
    "ALTER TABLE events RENAME COLUMN words TO detail",
    "ALTER TABLE sessions RENAME COLUMN words TO detail",
    "ALTER TABLE gateways RENAME COLUMN words TO detail",
    # Again: schema 5 was without it for half an hour.
    _NO_PHONES,
)

# Events of the kind ``silence`` were checks without an answer. The trigger has other words, so that the tables of the
# two versions differ.
_UNANSWERED = (
    "DROP TRIGGER events_append_only",
    "UPDATE events SET kind = 'unanswered' WHERE kind = 'silence'",
    """CREATE TRIGGER events_append_only BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are append-only, and never changed'); END""",
)

_API_KEYS = (
    """CREATE TABLE api_keys (
        name TEXT PRIMARY KEY, digest BLOB NOT NULL, scopes TEXT NOT NULL, gateways TEXT NOT NULL, user_id TEXT,
        created_at INTEGER NOT NULL, created_by TEXT NOT NULL, revoked_at INTEGER, revoked_by TEXT) WITHOUT ROWID""",
)

MIGRATIONS: list[tuple[str, ...]] = [
    *(_FIRST, _MESSAGES, _FEWER_INDEXES, _CHAINS, _IDENTITIES, _DETAIL, _UNANSWERED, _API_KEYS),
]
"""Step n takes a file of version n to version n + 1. Append; never change one that was released.

A database of the new version goes to ``tests/data/databases``.
"""


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Take a file of a version to the newest one; the caller holds the transaction."""
    for step in MIGRATIONS[version:]:
        for statement in step:
            connection.execute(statement)
    _mark(connection, len(MIGRATIONS))


def mark(connection: sqlite3.Connection, version: int) -> None:
    """Have a file say its version, where it does not."""
    (noted,) = connection.execute("PRAGMA user_version").fetchone()
    if (noted, meta(connection, "schema")) != (version, version):
        _mark(connection, version)


def _mark(connection: sqlite3.Connection, version: int) -> None:
    connection.execute(f"PRAGMA user_version = {version}")
    # Twice, so that a damaged header is not taken for a newer version.
    set_meta(connection, "schema", version)


def set_meta(connection: sqlite3.Connection, key: str, value: int | bytes | str) -> None:
    """Set one of the store's own values."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def meta(connection: sqlite3.Connection, key: str) -> int | None:
    """Return one of the store's own values, ``None`` for one that is missing or no number that it can be."""
    rows = fetch(connection, "SELECT value FROM meta WHERE key = ?", (key,))
    value = rows[0][0] if rows else None
    return value if isinstance(value, int) and 0 <= value <= LAST_ID else None


def is_there(connection: sqlite3.Connection, key: str) -> bool:
    """Tell whether one of the store's own values is there, whatever it is."""
    return bool(fetch(connection, "SELECT 1 FROM meta WHERE key = ?", (key,)))


def version_of(connection: sqlite3.Connection) -> int | None:
    """Return the version whose tables a database has, ``None`` if it has those of none that is known."""
    found = _structure(connection)
    for version in range(len(MIGRATIONS), 0, -1):
        with closing(sqlite3.connect(":memory:")) as blank:
            for step in MIGRATIONS[:version]:
                for statement in step:
                    blank.execute(statement)
            if _structure(blank) == found:
                return version
    return None


def _structure(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return {
        *connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        )
    }
