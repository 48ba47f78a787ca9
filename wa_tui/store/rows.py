"""Rows and what they stand for: readable columns beside a JSON body that holds everything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import Fact
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import Reason, SessionKey, Source
from wa_tui.model.session import Basis, Session

from .decoding import BodyDecoder
from .protocol import ActionRow, JobRun

Row = tuple[Any, ...]


class _EventBody(msgspec.Struct, omit_defaults=True):
    fact: Fact
    basis: Basis | None = None


class _BacklogBody(msgspec.Struct):
    sessions: list[Session]
    removed: list[SessionKey]


_encode = msgspec.json.Encoder().encode
_event_body = BodyDecoder(_EventBody)
session_of = BodyDecoder(Session)
"""Return the session whose body this is."""
backlog_of = BodyDecoder(_BacklogBody)
"""Return the ``sessions`` and the keys ``removed`` of an entry of the backlog."""
gateway_of = msgspec.json.Decoder(Gateway).decode
"""Return the gateway whose body this is."""

EVENT = (
    *("id", "at", "recorded", "source", "kind", "gateway", "session_id"),
    *("before", "after", "reason", "text", "words", "body"),
)
LINKED = (*EVENT, "previous")
"""An event's columns, and the id of the one before it of its session."""
SESSION = (
    *("gateway", "session_id", "user_id", "instance_name", "phone_number", "status", "reason", "words"),
    *("credentials", "desired", "is_primary", "created_at", "status_since"),
    *("observed_at", "proven_at", "connected_at", "deleted_at", "body"),
)
GATEWAY = (
    *("name", "state", "since", "words", "seen_at", "started_at", "clock_offset", "epoch", "restarts"),
    "body",
)
ACTION = (
    *("id", "action", "gateway", "session_id", "who", "outcome", "text"),
    *("accepted_at", "ended_at", "message_id"),
)
JOB_RUN = ("job", "gateway", "started_at", "ended_at", "ok", "detail")


_event_columns = attrgetter(*EVENT[:-1])
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


def event_row(event: Event, previous: int | None) -> Row:
    """Return an event's columns, in the order of `LINKED`."""
    body = _encode(_EventBody(event.fact, event.basis)).decode()
    return (*_event_columns(event), body, previous)


def event_of(row: Row) -> Event:
    """Return the event of a row in the order of `EVENT`, its body as bytes."""
    body = _event_body(row[12])
    return Event(
        id=row[0],
        at=row[1],
        recorded=row[2],
        source=Source(row[3]),
        kind=Kind(row[4]),
        gateway=row[5],
        session_id=row[6],
        before=row[7],
        after=row[8],
        reason=None if row[9] is None else Reason(row[9]),
        text=row[10],
        words=row[11],
        fact=body.fact,
        basis=body.basis,
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


def action_row(action: ActionRow) -> Row:
    """Return an action's columns, in the order of `ACTION`."""
    row: Row = _action_columns(action)
    return row


def job_run_row(run: JobRun) -> Row:
    """Return a job run's columns, in the order of `JOB_RUN`."""
    row: Row = _job_run_columns(run)
    return row
