"""A file as the last release wrote it, when a user's id could be a number as well as a text."""

from __future__ import annotations

import json
import sqlite3

from wa_tui.model.session import Session
from wa_tui.store import rows, schema

BEFORE_TEXTS = 4
"""The schema that had both."""


def older(shell: sqlite3.Connection) -> None:
    """Make an empty file of that schema."""
    for step in schema.MIGRATIONS[:BEFORE_TEXTS]:
        for statement in step:
            shell.execute(statement)
    shell.execute(f"PRAGMA user_version = {BEFORE_TEXTS}")
    schema.set_meta(shell, "schema", BEFORE_TEXTS)
    schema.set_meta(shell, "clean", 1)


def insert(table: str, columns: tuple[str, ...]) -> str:
    """Return the statement that inserts a row under the columns' names of before schema 6."""
    return rows.insert(table, tuple("words" if name == "detail" else name for name in columns))


def body_for(body: str | bytes, user: int | str | None) -> str:
    """Return a body as it was written for a user."""
    return json.dumps({**json.loads(body), "user_id": user})


def put_session(shell: sqlite3.Connection, session: Session, user: int | str | None) -> None:
    """Write a session's row for a user."""
    *columns, body = rows.session_row(session)
    columns[rows.SESSION.index("user_id")] = None if user is None else str(user)
    shell.execute(insert("sessions", rows.SESSION), (*columns, body_for(body, user)))
