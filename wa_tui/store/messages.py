"""Messages that were asked for and how each was tried: beside their actions, without their content."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from .damage import Damage, fetch, of_table, readable
from .protocol import ActionRow, Attempt, Message
from .reading import read_actions
from .rows import ACTION, Row, actions_of, insert, mended_actions

_MESSAGE = ("action_id", "at", "recipient", "kind", "length", "user_id")
_ATTEMPT = (
    *("action_id", "number", "gateway", "session_id", "outcome", "text"),
    *("at", "ended_at", "message_id"),
)
_WRITE_MESSAGE = insert("messages", _MESSAGE, ("action_id",))
_WRITE_ATTEMPT = insert("attempts", _ATTEMPT, ("action_id", "number"))

_NEWEST = f"""SELECT {", ".join(f"a.{name}" for name in ACTION)} FROM messages AS m
    JOIN actions AS a ON a.id = m.action_id WHERE {{}} ORDER BY m.at DESC, m.action_id DESC LIMIT ?"""
_TRIED = "m.action_id IN (SELECT action_id FROM attempts WHERE {})"
_OLDER = "(m.at, m.action_id) < (SELECT at, action_id FROM messages WHERE action_id = ?)"

_OLD = "SELECT action_id FROM messages WHERE at < ? ORDER BY at LIMIT ?"


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """Which messages are asked for; see `Store.messages`."""

    gateway: str | None = None
    session_id: str | None = None
    before: str | None = None
    limit: int = 200


def write_messages(connection: sqlite3.Connection, actions: Iterable[ActionRow]) -> None:
    """Write what actions are about where they are messages; the caller holds the transaction."""
    for action in actions:
        message = action.message
        if message is None:
            continue
        row = (action.id, action.accepted_at, message.recipient, message.kind, message.length)
        connection.execute(_WRITE_MESSAGE, (*row, message.user_id))
        attempts = [
            (action.id, number, *(getattr(attempt, name) for name in _ATTEMPT[2:]))
            for number, attempt in enumerate(message.attempts)
        ]
        connection.executemany(_WRITE_ATTEMPT, attempts)


def read_messages(connection: sqlite3.Connection, damage: Damage, query: MessageQuery) -> list[ActionRow]:
    """Return the newest messages that match, newest first."""
    tried = [
        (f"{name} = ?", value)
        for name, value in (("session_id", query.session_id), ("gateway", query.gateway))
        if value is not None
    ]
    conditions, values = ["TRUE"], [value for _, value in tried]
    if tried:
        conditions.append(_TRIED.format(" AND ".join(condition for condition, _ in tried)))
    if query.before is not None:
        conditions.append(_OLDER)
        values.append(query.before)
    sql = _NEWEST.format(" AND ".join(conditions))
    rows = fetch(connection, sql, (*values, query.limit))
    found = readable(rows, actions_of, of_table(damage, "actions", 0), mended_actions)
    return _with_messages(connection, damage, found)


def read_action(connection: sqlite3.Connection, damage: Damage, id: str) -> ActionRow | None:
    """Return one action, with its message where it is one."""
    rows = _with_messages(connection, damage, read_actions(connection, damage, "WHERE id = ?", id))
    return rows[0] if rows else None


def read_open_actions(connection: sqlite3.Connection, damage: Damage) -> list[ActionRow]:
    """Return the actions that have not ended, oldest first."""
    rows = read_actions(connection, damage, "WHERE ended_at IS NULL ORDER BY accepted_at")
    return _with_messages(connection, damage, rows)


def forget_messages(connection: sqlite3.Connection, before: int, limit: int) -> int:
    """Delete up to ``limit`` messages older than an instant; the caller holds the transaction."""
    ids = connection.execute(_OLD, (before, limit)).fetchall()
    connection.executemany("DELETE FROM attempts WHERE action_id = ?", ids)
    connection.executemany("DELETE FROM messages WHERE action_id = ?", ids)
    return len(ids)


def _with_messages(
    connection: sqlite3.Connection, damage: Damage, actions: Sequence[ActionRow]
) -> list[ActionRow]:
    """Return the actions with their messages."""
    ids = [action.id for action in actions]
    attempts: defaultdict[str, list[Attempt]] = defaultdict(list)
    rows = _of(connection, "attempts", _ATTEMPT, ids, "action_id, number")
    for id, attempt in readable(rows, _attempts_of, of_table(damage, "attempts", 0, 1), _mended_attempts):
        attempts[id].append(attempt)
    rows = _of(connection, "messages", _MESSAGE, ids, "action_id")
    found = readable(rows, _messages_of, of_table(damage, "messages", 0), _mended_messages)
    messages = {id: replace(message, attempts=tuple(attempts[id])) for id, message in found}
    return [replace(action, message=messages.get(action.id)) for action in actions]


def _attempts_of(rows: Sequence[Row]) -> list[tuple[str, Attempt]]:
    """Return attempts with their actions' ids; raises ValueError."""
    return [(row[0], msgspec.convert(dict(zip(_ATTEMPT[2:], row[2:], strict=True)), Attempt)) for row in rows]


def _mended_attempts(rows: Sequence[Row]) -> list[tuple[str, Attempt]]:
    """Return the same without their ends, which cannot be read: the outcome is ``unknown``."""
    return _attempts_of([(*row[:4], "unknown", "", row[6], None, None) for row in rows])


def _messages_of(rows: Sequence[Row]) -> list[tuple[str, Message]]:
    """Return messages, without their attempts, with their actions' ids; raises ValueError."""
    return [(row[0], msgspec.convert(dict(zip(_MESSAGE[2:], row[2:], strict=True)), Message)) for row in rows]


def _mended_messages(rows: Sequence[Row]) -> list[tuple[str, Message]]:
    """Return the same without anything but whom they are for."""
    return _messages_of([(*row[:3], "text", 0, None) for row in rows])


def _of(
    connection: sqlite3.Connection, table: str, columns: tuple[str, ...], ids: Sequence[str], order: str
) -> list[Any]:
    # As one JSON array: a list of placeholders has a limit.
    sql = f"""SELECT {", ".join(columns)} FROM {table}
        WHERE action_id IN (SELECT value FROM json_each(?)) ORDER BY {order}"""
    return fetch(connection, sql, (msgspec.json.encode(list(ids)).decode(),))
