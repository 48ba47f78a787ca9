"""A database from when a user's id could be a number as well as a text."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from wa_tui.model.facts import Described, Webhook
from wa_tui.store import open_store, rows
from wa_tui.store.backup_copy import read_side, write_side
from wa_tui.store.files import side_path
from wa_tui.store.snapshot import Snapshot

from .older import body_for, insert, older, put_session
from .samples import NOW, event, session

OLD: dict[str, int | str | None] = {
    "number": 7,
    "text": "7",
    "zeros": "007",
    "huge": 10**30,
    "quoted": 'a "b"',
    "none": None,
}
"""The user of each session as it was written."""

TEXTS = {name: None if user is None else str(user) for name, user in OLD.items()}


@pytest.fixture
def shell(path: Path) -> Iterator[sqlite3.Connection]:
    """An empty file of the last schema that had both."""
    path.parent.mkdir()
    connection = sqlite3.connect(path, isolation_level=None)
    older(connection)
    yield connection
    connection.close()


def put_sessions(shell: sqlite3.Connection) -> None:
    for name, user in OLD.items():
        put_session(shell, session(name), user)


async def test_each_user_is_one_text(path: Path, shell: sqlite3.Connection) -> None:
    put_sessions(shell)
    for name, user in OLD.items():
        shell.execute(
            "INSERT INTO actions VALUES (?, 'send', NULL, NULL, 'ann', 'verified', '', ?, ?, NULL)",
            (name, NOW, NOW),
        )
        written = None if user is None else json.dumps(user)
        shell.execute("INSERT INTO messages VALUES (?, ?, '15550001234', 'text', 1, ?)", (name, NOW, written))
    shell.close()
    for _ in range(2):
        store = await open_store(path, now=NOW)
        loaded = await store.load()
        assert loaded.notices == []
        assert {each.session_id: each.user_id for each in loaded.fleet.everything()} == TEXTS
        messages = await store.messages()
        assert {row.id: row.message.user_id for row in messages if row.message is not None} == TEXTS
        await store.close()
    with sqlite3.connect(path) as again:
        found = again.execute("SELECT session_id, user_id, body FROM sessions").fetchall()
        assert {name: (user, json.loads(body).get("user_id")) for name, user, body in found} == {
            name: (text, text) for name, text in TEXTS.items()
        }
    again.close()


async def test_events_stay_as_they_were_and_are_read_as_texts(path: Path, shell: sqlite3.Connection) -> None:
    statement = insert("events", rows.EVENT)
    for number, (name, user) in enumerate(OLD.items(), 1):
        *columns, body, _ = rows.event_row(number, event(number, name), None)
        fact = {**json.loads(body)["fact"], "user_id": user}
        shell.execute(statement, (*columns, json.dumps({"fact": fact})))
    before = shell.execute("SELECT body FROM events").fetchall()
    shell.close()
    store = await open_store(path, now=NOW)
    facts = [each.fact for each in await store.events()]
    assert {f.session_id: f.user_id for f in facts if isinstance(f, Webhook | Described)} == TEXTS
    await store.close()
    with sqlite3.connect(path) as again:
        assert again.execute("SELECT body FROM events").fetchall() == before
    again.close()


async def test_snapshots_backlog_and_side_file_too(path: Path, shell: sqlite3.Connection) -> None:
    put_sessions(shell)
    encoded = [json.loads(body_for(rows.session_row(session(n))[-1], user)) for n, user in OLD.items()]
    shell.execute(
        "INSERT INTO backlog (body) VALUES (?)", (json.dumps({"sessions": encoded, "removed": []}).encode(),)
    )
    blob = zlib.compress(
        json.dumps({"at": NOW, "last_event_id": 0, "sessions": encoded, "gateways": []}).encode()
    )
    shell.execute("INSERT INTO snapshots VALUES (0, ?, ?)", (NOW, blob))
    shell.close()
    store = await open_store(path, now=NOW)
    fleet, _ = await store.snapshot_and_tail()
    for found in (fleet, (await store.load()).fleet):
        assert {each.session_id: each.user_id for each in found.everything()} == TEXTS
    await store.close()

    class Old:
        at, last_event_id = NOW, 0

        @staticmethod
        def encode() -> bytes:
            return blob

    write_side(path, Old)  # type: ignore[arg-type]
    assert side_path(path).exists()
    side: Snapshot = read_side(path)
    assert {each.session_id: each.user_id for each in side.sessions} == TEXTS
