"""Rows and what they stand for: readable columns beside a JSON body that holds everything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import Fact
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import Reason, SessionKey, Source
from wa_tui.model.session import Basis, Session

from .bounds import Number, Text, Time
from .old_bodies import body_decoder
from .protocol import ActionRow, JobRun

Row = tuple[Any, ...]


class _EventBody(msgspec.Struct, omit_defaults=True):
    fact: Fact
    basis: Basis | None = None


class _EventRow(msgspec.Struct, array_like=True, gc=False):
    """The columns of `EVENT`."""

    id: Number
    at: Time
    recorded: Time
    source: Source
    kind: Kind
    gateway: Text | None
    session_id: Text | None
    before: Text | None
    after: Text | None
    reason: Reason | None
    text: Text
    detail: Text | None
    body: bytes


class _BacklogBody(msgspec.Struct):
    sessions: list[Session]
    removed: list[SessionKey]


_encode = msgspec.json.Encoder().encode
_event_body = body_decoder(_EventBody)
session_of = body_decoder(Session)
"""Return the session whose body this is."""
backlog_of = body_decoder(_BacklogBody)
"""Return the ``sessions`` and the keys ``removed`` of an entry of the backlog."""
gateway_of = body_decoder(Gateway)
"""Return the gateway whose body this is."""

EVENT = (
    *("id", "at", "recorded", "source", "kind", "gateway", "session_id"),
    *("before", "after", "reason", "text", "detail", "body"),
)
LINKED = (*EVENT, "previous")
"""An event's columns, and the id of the one before it of its session."""
SESSION = (
    *("gateway", "session_id", "user_id", "instance_name", "phone_number", "status", "reason", "detail"),
    *("credentials", "desired", "is_primary", "created_at", "status_since"),
    *("observed_at", "proven_at", "connected_at", "deleted_at", "body"),
)
GATEWAY = (
    *("name", "state", "since", "detail", "seen_at", "started_at", "clock_offset", "epoch", "restarts"),
    "body",
)
ACTION = (
    *("id", "action", "gateway", "session_id", "who", "outcome", "text"),
    *("accepted_at", "ended_at", "message_id"),
)
JOB_RUN = ("job", "gateway", "started_at", "ended_at", "ok", "detail")

_event_columns = attrgetter(*EVENT[1:-1])
_session_columns = attrgetter(*SESSION[:-1])
_gateway_columns = attrgetter(*GATEWAY[:-1])
_action_columns = attrgetter(*ACTION)
_job_run_columns = attrgetter(*JOB_RUN)


AT_ONCE = 32
"""Rows that one statement inserts at most."""


def insert(table: str, columns: tuple[str, ...], key: tuple[str, ...] = (), rows: int = 1) -> str:
    """Return the statement that inserts some rows; with a key, one that replaces the rows of those keys."""
    row = f"({', '.join('?' * len(columns))})"
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"
    if not key:
        return sql
    others = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return f"{sql} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {others}"


class Insert:
    """Inserts rows, many with one statement; with a key, those of that key are replaced.

    SQLite works without the interpreter's lock, and after each statement waits for the event loop to let go of it.
    """

    def __init__(self, table: str, columns: tuple[str, ...], key: tuple[str, ...] = ()) -> None:
        self._statements = [insert(table, columns, key, rows) for rows in range(1, AT_ONCE + 1)]

    def __call__(self, connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
        """Insert the rows, in order; the caller holds the transaction."""
        rows = list(rows)
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            connection.execute(self._statements[len(part) - 1], [*chain.from_iterable(part)])


def event_row(id: int, event: Event, previous: int | None) -> Row:
    """Return the columns of an event of an id, in the order of `LINKED`."""
    body = _encode(_EventBody(event.fact, event.basis)).decode()
    return (id, *_event_columns(event), body, previous)


def events_of(rows: Sequence[Row]) -> list[Event]:
    """Return the events of rows in the order of `EVENT`, their bodies as bytes; raises ValueError."""
    return [_event_of(row) for row in msgspec.convert(rows, list[_EventRow])]


def mended_events(rows: Sequence[Row]) -> list[Event]:
    """Return the same, without the words, the reason and what else is beside the fact where a row has such trouble."""
    return events_of([(*row[:7], None, None, None, "", None, row[12]) for row in rows])


def _event_of(row: _EventRow) -> Event:
    body = _event_body(row.body)
    # In the order of its fields: by name it takes twice as long, and a page has thousands.
    return Event(
        row.at,
        row.recorded,
        row.source,
        row.kind,
        body.fact,
        row.text,
        row.gateway,
        row.session_id,
        row.before,
        row.after,
        row.reason,
        row.detail,
        body.basis,
        row.id,
    )


def session_row(session: Session) -> Row:
    """Return a session's columns, in the order of `SESSION`."""
    return (*_session_columns(session), _encode(session).decode())


def backlog_body(sessions: list[Session], removed: list[SessionKey]) -> bytes:
    """Return the body of an entry of the backlog: sessions as a commit left them, and those it removed."""
    return _encode(_BacklogBody(sessions, removed))


def gateway_row(gateway: Gateway) -> Row:
    """Return a gateway's columns, in the order of `GATEWAY`."""
    return (*_gateway_columns(gateway), _encode(gateway).decode())


def actions_of(rows: Sequence[Row]) -> list[ActionRow]:
    """Return the actions of rows in the order of `ACTION`; raises ValueError."""
    return [msgspec.convert(dict(zip(ACTION, row, strict=True)), ActionRow) for row in rows]


def mended_actions(rows: Sequence[Row]) -> list[ActionRow]:
    """Return the same with what was asked for and when, and without texts; the outcome is ``unknown``."""
    return actions_of([(*row[:4], "", "unknown", "", *row[7:9], None) for row in rows])


def job_runs_of(rows: Sequence[Row]) -> list[JobRun]:
    """Return the runs of rows in the order of `JOB_RUN`; raises ValueError."""
    return [msgspec.convert(dict(zip(JOB_RUN, row, strict=True)), JobRun, strict=False) for row in rows]


def action_row(action: ActionRow) -> Row:
    """Return an action's columns, in the order of `ACTION`."""
    row: Row = _action_columns(action)
    return row


def job_run_row(run: JobRun) -> Row:
    """Return a job run's columns, in the order of `JOB_RUN`."""
    row: Row = _job_run_columns(run)
    return row
