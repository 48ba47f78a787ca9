"""The few values that a store goes on from: its incarnation, the last event's id and the last sign of life."""

from __future__ import annotations

import re
import sqlite3
import uuid

from wa_tui.model.registers import DAY

from . import schema
from .bounds import LAST_ID, LATEST
from .damage import Damage, fetch

_FAR = LAST_ID // 2
"""An id above it was not given by us: new events go on below it."""

_INCARNATION = re.compile("[0-9a-f]{32}")


def incarnation(connection: sqlite3.Connection) -> str:
    """Return what tells this database's ids from those of any other; empty where it has nothing that does."""
    rows = fetch(connection, "SELECT value FROM meta WHERE key = 'incarnation'")
    name = rows[0][0] if rows else None
    return name if isinstance(name, str) and _INCARNATION.fullmatch(name) else ""


def begin_incarnation(connection: sqlite3.Connection) -> str:
    """Have a database be another one from now on: what anybody knows by its ids may not be in it."""
    name = uuid.uuid4().hex
    schema.set_meta(connection, "incarnation", name)
    return name


def last_event_id(connection: sqlite3.Connection) -> int:
    """Return the id above which new events take theirs, with room for many above it."""
    newest = connection.execute("SELECT max(id) FROM events WHERE id <= ?", (_FAR,)).fetchone()[0]
    noted = schema.meta(connection, "last_event_id") or 0
    return max(newest or 0, noted if noted <= _FAR else 0)


def alive_at(connection: sqlite3.Connection) -> int | None:
    """Return the last sign of life, ``None`` for none.

    The newest event and the newest run of a job are never far from it; where it is, it is the middle one of the three.
    """
    noted = schema.meta(connection, "alive_at")
    events = fetch(
        connection, "SELECT recorded FROM events WHERE id BETWEEN 1 AND ? ORDER BY id DESC LIMIT 1", (_FAR,)
    )
    runs = fetch(connection, "SELECT ended_at FROM job_runs ORDER BY id DESC LIMIT 1")
    near = [at for (at,) in (*events, *runs) if isinstance(at, int) and 0 <= at <= LATEST]
    if noted is None:
        return near[0] if near else None
    if len(near) < 2 or any(abs(noted - at) <= DAY for at in near):
        return noted
    return sorted([noted, *near])[1]


def look_over(connection: sqlite3.Connection, damage: Damage) -> None:
    """Count rows with a damaged name, which no list shows, and the store's own values that cannot be right."""
    wrong = "SELECT id FROM events WHERE id < 1 UNION SELECT id FROM events WHERE id > ?"
    for (id,) in fetch(connection, wrong, (LAST_ID,)):
        damage.note("events", (id,), "its id is nobody's")
    # Bytes come after all texts.
    for table, column in (
        ("actions", "id"),
        ("messages", "action_id"),
        ("attempts", "action_id"),
        ("api_keys", "name"),
        ("meta", "key"),
    ):
        for (name,) in fetch(connection, f"SELECT {column} FROM {table} WHERE {column} >= x''"):
            damage.note(table, (name,), "its name is no text")
    for key in ("schema", "clean", "last_event_id", "alive_at", "heads_at"):
        if schema.is_there(connection, key) and schema.meta(connection, key) is None:
            damage.note("meta", (key,), "it is no number that it can be")
