"""What changes the database: batches, snapshots, pruning, each in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from .backlog import Backlog, Step, put_sessions
from .messages import forget_messages, write_messages
from .protocol import Batch
from .rows import (
    ACTION,
    GATEWAY,
    JOB_RUN,
    LINKED,
    Insert,
    action_row,
    event_row,
    gateway_row,
    job_run_row,
    session_row,
)
from .schema import set_meta
from .snapshot import Snapshot
from .vitals import begin_incarnation

_insert_events = Insert("events", LINKED)
put_gateways = Insert("gateways", GATEWAY, ("name",))
"""Writes gateways' rows."""
_put_actions = Insert("actions", ACTION, ("id",))
_insert_job_runs = Insert("job_runs", JOB_RUN)
_put_meta = Insert("meta", ("key", "value"), ("key",))

_OLD_EVENTS = """DELETE FROM events WHERE id IN (
    SELECT id FROM events WHERE recorded < ? AND id <= ? ORDER BY recorded LIMIT ?)"""
_OLD_RUNS = "DELETE FROM job_runs WHERE id IN (SELECT id FROM job_runs WHERE ended_at < ? LIMIT ?)"
_OLD_ACTIONS = "DELETE FROM actions WHERE rowid IN (SELECT rowid FROM actions WHERE ended_at < ? LIMIT ?)"


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the body does, or none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite may have rolled back already, as it does when the disk is full.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def write_batch(
    connection: sqlite3.Connection,
    backlog: Backlog,
    batch: Batch,
    first_id: int,
    written: Callable[[], object] | None = None,
) -> None:
    """Commit a batch whose events get ids from ``first_id`` on.

    ``written`` is called when nothing but the commit itself is left to do.
    """
    step = backlog.plan(batch, first_id)
    with transaction(connection):
        _write(connection, backlog, step)
        if written is not None:
            written()
    backlog.took(step)


def write_rest(connection: sqlite3.Connection, backlog: Backlog, most: int) -> None:
    """Commit the rows of so many sessions at most that commits have left for later."""
    step = backlog.rest(most)
    with transaction(connection):
        backlog.write(connection, step)
    backlog.took(step)


def _write(connection: sqlite3.Connection, backlog: Backlog, step: Step) -> None:
    batch = step.batch
    _insert_events(connection, map(event_row, count(step.first_id), batch.events, step.previous))
    backlog.write(connection, step)
    put_gateways(connection, map(gateway_row, batch.gateways))
    _put_actions(connection, map(action_row, batch.actions))
    write_messages(connection, batch.actions)
    _insert_job_runs(connection, map(job_run_row, batch.job_runs))
    meta = {"last_event_id": step.last_id if batch.events else 0, "alive_at": batch.alive_at}
    _put_meta(connection, [(key, value) for key, value in meta.items() if value])


def write_snapshot(connection: sqlite3.Connection, last_event_id: int, at: int, blob: bytes) -> None:
    """Make a snapshot the only one; the caller holds the transaction."""
    connection.execute("DELETE FROM snapshots")
    connection.execute("INSERT INTO snapshots VALUES (?, ?, ?)", (last_event_id, at, blob))


def restore(connection: sqlite3.Connection, snapshot: Snapshot, last_event_id: int) -> None:
    """Make a snapshot's fleet the present one, before an event above an id; the caller holds the transaction."""
    for table in ("sessions", "backlog", "gateways"):
        connection.execute(f"DELETE FROM {table}")
    put_sessions(connection, map(session_row, snapshot.sessions))
    put_gateways(connection, map(gateway_row, snapshot.gateways))
    set_meta(connection, "alive_at", snapshot.at)
    set_meta(connection, "last_event_id", last_event_id)
    # From here on ids are another store's: a monitor that has an event of before must not go on from it.
    begin_incarnation(connection)
    write_snapshot(connection, last_event_id, snapshot.at, snapshot.encode())


def forget(connection: sqlite3.Connection, before: int, last_event_id: int, limit: int) -> tuple[int, bool]:
    """Delete up to ``limit`` rows a table, older than an instant; return the events, and whether that was all."""
    with transaction(connection):
        events = connection.execute(_OLD_EVENTS, (before, last_event_id, limit)).rowcount
        runs = connection.execute(_OLD_RUNS, (before, limit)).rowcount
        actions = connection.execute(_OLD_ACTIONS, (before, limit)).rowcount
        messages = forget_messages(connection, before, limit)
    return events, max(events, runs, actions, messages) < limit


def forget_heads(connection: sqlite3.Connection, backlog: Backlog) -> None:
    """Forget the newest events that are gone themselves."""
    with transaction(connection):
        backlog.forget(connection)
