"""The few values that a store goes on from: the last event's id and the last sign of life."""

from __future__ import annotations

import sqlite3

from . import schema
from .bounds import LAST_ID, LATEST
from .damage import Damage, fetch

_FAR = LAST_ID // 2
"""An id above it was not given by us: new events go on below it."""


def last_event_id(connection: sqlite3.Connection) -> int:
    """Return the id above which new events take theirs, with room for many above it."""
    newest = connection.execute("SELECT max(id) FROM events WHERE id <= ?", (_FAR,)).fetchone()[0]
    told = schema.meta(connection, "last_event_id") or 0
    return max(newest or 0, told if told <= _FAR else 0)


def alive_at(connection: sqlite3.Connection) -> int | None:
    """Return the last sign of life; where that cannot be read, when the newest event was taken in."""
    alive = schema.meta(connection, "alive_at")
    if alive is not None and alive <= LATEST:
        return alive
    newest = "SELECT recorded FROM events WHERE id <= ? AND recorded BETWEEN 0 AND ? ORDER BY id DESC LIMIT 1"
    row = connection.execute(newest, (_FAR, LATEST)).fetchone()
    return int(row[0]) if row is not None and schema.is_there(connection, "alive_at") else None


def look_over(connection: sqlite3.Connection, damage: Damage) -> None:
    """Count rows whose names nobody gave them, which no list has, and the store's own values that cannot be theirs."""
    wrong = "SELECT id FROM events WHERE id < 1 UNION SELECT id FROM events WHERE id > ?"
    for (id,) in fetch(connection, wrong, (LAST_ID,)):
        damage.note("events", (id,), "its id is nobody's")
    # Bytes come after all texts.
    for table, column in (
        ("actions", "id"),
        ("messages", "action_id"),
        ("attempts", "action_id"),
        ("meta", "key"),
    ):
        for (name,) in fetch(connection, f"SELECT {column} FROM {table} WHERE {column} >= x''"):
            damage.note(table, (name,), "its name is no text")
    for key in ("schema", "clean", "last_event_id", "alive_at", "heads_at"):
        if schema.is_there(connection, key) and schema.meta(connection, key) is None:
            damage.note("meta", (key,), "it is no number that it can be")
