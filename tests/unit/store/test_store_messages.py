"""Messages and their attempts, beside their actions."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from wa_tui.model.fleet import Fleet
from wa_tui.store import ActionRow, Attempt, Batch, Message, Store, open_store, schema

from .samples import NOW, WORDS


def attempt(session_id: str, outcome: str = "sent", **fields: object) -> Attempt:
    ended = None if outcome == "trying" else NOW + 5
    made = Attempt("eu", session_id, outcome, WORDS if outcome != "trying" else "", NOW + 1, ended)
    return replace(made, **fields)  # type: ignore[arg-type]


def action(number: int, *attempts: Attempt, ended: bool = True, **message: object) -> ActionRow:
    made = Message("15550001234", "image", 7, str(10**30), attempts)
    return ActionRow(
        id=f"send-{number}",
        action="send_media",
        gateway=None,
        session_id=None,
        who="ann@ops",
        outcome="verified" if ended else "accepted",
        text=WORDS,
        accepted_at=NOW + number,
        ended_at=NOW + number + 10 if ended else None,
        message=replace(made, **message),  # type: ignore[arg-type]
    )


async def test_a_message_comes_back_as_it_was(store: Store) -> None:
    rows = [
        action(1, attempt("a", "not_sent"), attempt("b", message_id="3EB0")),
        action(2, user_id="7"),
        action(3, user_id="007"),
        action(4, user_id=None),
    ]
    await store.commit(Batch(actions=rows))
    assert await store.messages() == rows[::-1]
    assert [await store.action(row.id) for row in rows] == rows


async def test_an_attempt_is_replaced_by_its_end(store: Store) -> None:
    trying = action(1, attempt("a", "trying"), ended=False)
    await store.commit(Batch(actions=[trying]))
    assert await store.messages() == [trying]
    ended = action(1, attempt("a", "unknown"))
    await store.commit(Batch(actions=[ended]))
    assert await store.messages() == [ended]


async def test_pages_and_sessions(store: Store) -> None:
    await store.commit(Batch(actions=[action(n, attempt("ab"[n % 2])) for n in range(6)]))
    # Two at one instant are told apart by their ids.
    await store.commit(Batch(actions=[replace(action(9), accepted_at=NOW + 5)]))
    seen: list[str] = []
    while page := await store.messages(before=seen[-1] if seen else None, limit=2):
        seen += [row.id for row in page]
    assert seen == ["send-9", "send-5", "send-4", "send-3", "send-2", "send-1", "send-0"]
    of_a = await store.messages(gateway="eu", session_id="a")
    assert [row.id for row in of_a] == ["send-4", "send-2", "send-0"]
    assert [row.id for row in await store.messages(session_id="a", before="send-4")] == ["send-2", "send-0"]
    assert await store.messages(gateway="us") == []
    assert await store.messages(before="never") == []


async def test_open_ones_are_told_when_the_store_is_opened_again(path: Path) -> None:
    first = await open_store(path, now=NOW)
    left = action(1, attempt("a", "not_sent"), attempt("b", "trying"), ended=False)
    await first.commit(Batch(actions=[left, action(2)]))
    await first.close()
    again = await open_store(path, now=NOW)
    assert (await again.load()).open_actions == [left]
    await again.close()


async def test_a_pairing_code_is_not_written(store: Store, path: Path) -> None:
    code = replace(action(1), action="pairing_code", message=None, pairing_code="WZYE-R1VX")
    await store.commit(Batch(actions=[code]))
    assert await store.action(code.id) == replace(code, pairing_code=None)
    await store.close()
    assert all(b"WZYE" not in file.read_bytes() for file in path.parent.iterdir())


async def test_old_ones_are_forgotten_with_their_actions(store: Store, path: Path) -> None:
    await store.commit(Batch(actions=[action(n, attempt("a"), attempt("b")) for n in range(600)]))
    await store.prune(NOW + 500, Fleet(), NOW + 1000)
    kept = await store.messages(limit=1000)
    assert [row.id for row in kept] == [f"send-{n}" for n in range(599, 499, -1)]
    await store.close()
    with sqlite3.connect(path) as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("messages", "attempts")
        ]
    assert counts == [100, 200]


async def test_a_file_from_before_there_were_messages_is_taken_up(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        for statement in schema.MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        for key in ("schema", "clean"):
            schema.set_meta(connection, key, 1)
    store = await open_store(path, now=NOW)
    await store.commit(Batch(actions=[action(1)]))
    assert await store.messages() == [action(1)]
    await store.close()
