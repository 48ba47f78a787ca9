"""Rows that busy commits leave for later: never missed, whenever the process dies, and written once it is calm."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from wa_tui.model.events import Event, Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey, Status
from wa_tui.model.session import Session
from wa_tui.store import Batch, Provenance, Store, StoreError, open_store, rows, schema
from wa_tui.store import backlog as backlogs
from wa_tui.store import sqlite as stores

from .older import insert
from .samples import NOW, UNWRITABLE, event, session

BUSY = 40
"""Sessions in one commit, of which the rows are left for later."""


class Past:
    """What was committed, kept beside the store."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.sessions: dict[SessionKey, Session] = {}
        self.events: list[Event] = []

    def batch(self) -> Batch:
        """Some sessions change with events or without, some are removed, others come back."""
        chance, names = self.chance, [f"s{n}" for n in range(60)]
        changed = chance.sample(names, chance.choice((0, 1, 3, 17, BUSY)))
        last = self.events[-1].id if self.events else 0
        quiet = chance.random() < 0.2
        # Some events change no session.
        told = [] if quiet else changed + chance.sample(names, chance.choice((0, 1, 20)))
        batch = Batch(events=[event(last + n, name) for n, name in enumerate(told, 1)])
        batch.sessions = [
            msgspec.structs.replace(
                session(name, created_at=int(name[1:])), proven_at=chance.randrange(10**9)
            )
            for name in changed
        ]
        gone = [key for key in self.sessions if key.session_id not in changed]
        batch.removed = chance.sample(gone, min(len(gone), chance.choice((0, 0, 2))))
        return batch

    def took(self, batch: Batch) -> None:
        self.events += batch.events
        self.sessions.update((each.key, each) for each in batch.sessions)
        for key in batch.removed:
            del self.sessions[key]

    def fleet(self) -> list[Session]:
        return sorted(self.sessions.values(), key=lambda each: each.created_at)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rounds that begin early and take many commits."""
    for name, value in (("FEW", 4), ("MANY", 90), ("OFTEN", 2), ("PART", 7), ("SPENT", 2)):
        monkeypatch.setattr(backlogs, name, value)
    yield


def tables(path: Path) -> tuple[dict[str, str], int]:
    """The sessions' rows, and how many entries wait for theirs."""
    with sqlite3.connect(path) as shell:
        found = dict(shell.execute("SELECT session_id, body FROM sessions").fetchall())
        (waiting,) = shell.execute("SELECT count(*) FROM backlog").fetchone()
    shell.close()
    return found, waiting


def bodies(sessions: list[Session]) -> dict[str, str]:
    return {each.session_id: msgspec.json.encode(each).decode() for each in sessions}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", range(6))
async def test_whenever_it_ends_everything_committed_is_loaded(path: Path, seed: int) -> None:
    past = Past(seed)
    store = await open_store(path, now=NOW)
    for step in range(120):
        batch = past.batch()
        if step % 10 == 9:
            with pytest.raises(StoreError, match="surrogates"):
                await store.commit(Batch([*batch.events, UNWRITABLE], batch.sessions, batch.removed))
        await store.commit(batch)
        past.took(batch)
        if step % 6 == 5:
            copy = path.parent.parent / f"copy{step}"
            shutil.copytree(path.parent, copy)
            await found_in(copy / path.name, past)
        if step % 40 == 39:
            await store.close()
            assert tables(path) == (bodies(past.fleet()), 0)
            store = await open_store(path, now=NOW)
            assert [*(await store.load()).fleet.everything()] == past.fleet()
    await store.close()


async def found_in(path: Path, past: Past) -> None:
    """What a copy of the files, taken as a crash leaves them, holds; it goes on from there, and ends well."""
    store = await open_store(path, now=NOW)
    loaded = await store.load()
    assert (loaded.provenance, loaded.notices) == (Provenance.INTACT, [])
    assert [*loaded.fleet.everything()] == past.fleet()
    for name in ("s1", "s2", "s59"):
        assert await store.events(gateway="eu", session_id=name, limit=10_000) == [
            each for each in past.events if each.session_id == name
        ]
    last = loaded.last_event_id + 1
    await store.commit(Batch(events=[event(last, "s1")], sessions=[session("s1", created_at=1)]))
    found = await store.events(gateway="eu", session_id="s1", limit=2)
    assert [each.id for each in found] == [
        *[each.id for each in past.events if each.session_id == "s1"][-1:],
        last,
    ]
    await store.close()
    fleet = [each for each in past.fleet() if each.session_id != "s1"]
    assert tables(path) == (bodies([*fleet, session("s1", created_at=1)]), 0)


async def test_a_few_rows_are_written_at_once_and_many_once_it_is_calm(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "_CALM", 0.05)
    few = [session(f"s{n}") for n in range(backlogs.FEW)]
    await store.commit(Batch(sessions=few))
    assert tables(path) == (bodies(few), 0)
    many = [session(f"s{n}", created_at=NOW + 1) for n in range(600)]
    await store.commit(Batch(sessions=many, events=[event(1, "s599")]))
    assert tables(path) == (bodies(few), 1)
    async with asyncio.timeout(40):
        while tables(path) != (bodies(many), 0):
            await asyncio.sleep(0.02)
    # From then on as before.
    await store.commit(Batch(sessions=few))
    assert tables(path) == (bodies([*many, *few]), 0)


@pytest.mark.parametrize("limit", ["MANY", "LARGE"])
async def test_it_grows_no_further_however_long_a_burst_lasts(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(stores, "_CALM", 1000)
    for name, value in (("MANY", 10**9), ("LARGE", 10**9), (limit, 500), ("OFTEN", 3)):
        monkeypatch.setattr(backlogs, name, value)
    waiting = []
    for step in range(60):
        await store.commit(Batch(sessions=[session(f"s{n}", created_at=NOW + step) for n in range(BUSY)]))
        waiting.append(tables(path)[1])
    assert max(waiting) < 25 and len(tables(path)[0]) == BUSY


async def test_rows_that_cannot_be_written_later_are_tried_again(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stores, "_CALM", 0.05)
    monkeypatch.setattr("wa_tui.store.files._BUSY_SECONDS", 0.05)
    many = [session(f"s{n}") for n in range(BUSY)]
    await store.commit(Batch(sessions=many))
    shell = sqlite3.connect(path, isolation_level=None)
    shell.execute("CREATE TRIGGER no BEFORE INSERT ON sessions BEGIN SELECT RAISE(ABORT, 'not now'); END")
    async with asyncio.timeout(40):
        while "writing rows left for later failed" not in caplog.text:
            await asyncio.sleep(0.02)
    assert tables(path) == ({}, 1)
    shell.execute("DROP TRIGGER no")
    shell.close()
    async with asyncio.timeout(40):
        while tables(path) != (bodies(many), 0):
            await asyncio.sleep(0.02)


async def test_a_sessions_events_are_chained(path: Path, store: Store) -> None:
    def ids(events: list[Event]) -> list[int]:
        return [each.id for each in events]

    nobodys = msgspec.structs.replace(event(4, "a", kind=Kind.UNATTRIBUTED), gateway=None)
    await store.commit(Batch(events=[event(1, "a"), event(2, "b"), event(3, "a", gateway="us"), nobodys]))
    await store.commit(Batch(events=[event(5, "a", kind=Kind.STALE)], sessions=[session("a")]))
    await store.commit(Batch(removed=[SessionKey("eu", "a")]))
    await store.close()
    store = await open_store(path, now=NOW)
    await store.commit(Batch(events=[event(6, "a", kind=Kind.ADOPTED)], sessions=[session("a")]))
    assert ids(await store.events(gateway="eu", session_id="a")) == [1, 5, 6], "it was removed, and came back"
    assert ids(await store.events(gateway="eu", session_id="a", limit=2)) == [5, 6]
    assert ids(await store.events(gateway="eu", session_id="a", limit=2, first=True)) == [1, 5]
    assert ids(await store.events(gateway="eu", session_id="a", after=1, before=6)) == [5]
    assert ids(await store.events(gateway="eu", session_id="a", since=5)) == [5, 6]
    assert ids(await store.events(gateway="eu", session_id="a", kinds=[Kind.STATUS])) == [1]
    assert ids(await store.events(session_id="a")) == [1, 3, 4, 5, 6]
    assert ids(await store.events(session_id="a", limit=3)) == [4, 5, 6]
    assert ids(await store.events(session_id="nobody")) == []
    # What is pruned is no longer followed, nor is a session of which nothing is left.
    assert await store.prune(5, Fleet(), NOW) == 4
    assert ids(await store.events(gateway="eu", session_id="a")) == [5, 6]
    assert ids(await store.events(gateway="us", session_id="a")) == []
    with sqlite3.connect(path) as shell:
        assert shell.execute("SELECT * FROM heads").fetchall() == [("eu", "a", 6)]
    shell.close()
    await store.close()


async def test_an_older_files_events_are_chained(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    shell = sqlite3.connect(path, isolation_level=None)
    with monkeypatch.context() as before:
        before.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:3])
        schema.migrate(shell, 0)
    stored = [event(n, "abc"[n % 3], gateway="eu" if n % 2 else "us") for n in range(1, 61)]
    shell.executemany(
        insert("events", rows.EVENT), (rows.event_row(each.id, each, None)[:-1] for each in stored)
    )
    shell.close()
    store = await open_store(path, now=NOW)
    added = event(61, "a")
    await store.commit(Batch(events=[added]))
    await store.close()
    for _ in range(2):
        store = await open_store(path, now=NOW)
        for gateway, name in (("eu", "a"), ("us", "b")):
            assert await store.events(gateway=gateway, session_id=name) == [
                each for each in [*stored, added] if (each.gateway, each.session_id) == (gateway, name)
            ]
        assert [t.at for t in await store.transitions(50)][:6] == [44, 45, 46, 47, 48, 49]
        await store.close()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), sqlite3.connect(path) as shell:
        shell.execute("UPDATE events SET text = 'nothing happened'")
    shell.close()


async def test_transitions_are_followed_past_what_is_none(store: Store) -> None:
    routine = [event(n, "a", kind=Kind.QR) for n in range(2, 30)]
    await store.commit(Batch(events=[event(1, "a", kind=Kind.ADOPTED), *routine, event(30, "b")]))
    await store.commit(Batch(events=[event(31, "a", kind=Kind.QR), event(32, "a")]))
    found = [(row.at, row.session_id, row.after) for row in await store.transitions(10)]
    assert found == [(1, "a", Status.CONNECTED), (30, "b", Status.CONNECTED), (32, "a", Status.CONNECTED)]
    assert [row.at for row in await store.transitions(31)] == [1, 30, 32]
