"""What a disk can do to a store: damage and loss, of the database, its log and its side file."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from wa_tui.model.fleet import Fleet
from wa_tui.store import Batch, Loaded, Provenance, StoreError, open_store, recovery

from .lives import SESSIONS, beside, crashed, loaded, written
from .samples import FULL_GATEWAY, NOW, event

DAMAGED = ".damaged-20261123T021320Z"  # NOW, in its name


def content_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def assert_rebuilt(result: Loaded, path: Path) -> None:
    assert result.provenance is Provenance.REBUILT
    assert list(result.fleet.everything()) == SESSIONS
    assert result.fleet.gateways() == [FULL_GATEWAY]
    assert result.last_event_id >= 100 + recovery.MARGIN
    assert result.alive_at == NOW
    (notice,) = result.notices
    assert "2026-11-23 02:13:20 UTC" in notice
    assert str(beside(path, ".side")) in notice


def assert_lost(result: Loaded) -> None:
    assert result.provenance is Provenance.LOST
    assert (list(result.fleet.everything()), result.alive_at) == ([], None)
    assert result.last_event_id > 200, "ids go on above those handed out before"
    assert "adopted" in result.notices[0]


def forget(path: Path) -> None:
    path.unlink()
    beside(path, ".born").unlink()


def spoil_garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def spoil_truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def spoil_empty(path: Path) -> None:
    os.truncate(path, 0)


def spoil_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"not a database, it seems")


def spoil_version(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(60)
        file.write(b"\x00\x00\x01\x00")


def spoil_unlink(path: Path) -> None:
    path.unlink()


def spoil_body(path: Path) -> None:
    shell = sqlite3.connect(path)
    with shell:
        shell.execute("UPDATE sessions SET body = '{' WHERE rowid = 5")
    shell.close()


def spoil_tables(path: Path) -> None:
    shell = sqlite3.connect(path)
    with shell:
        shell.execute("DROP TABLE gateways")
    shell.close()


SPOILERS = [
    spoil_garbage,
    spoil_truncate,
    spoil_empty,
    spoil_header,
    spoil_unlink,
    spoil_tables,
]


@pytest.mark.parametrize("spoil", [spoil_version, spoil_body], ids=lambda spoil: spoil.__name__)
async def test_what_is_told_elsewhere_too_is_mended_where_it_is(path: Path, spoil: object) -> None:
    await written(path, side=False)
    assert callable(spoil)
    spoil(path)
    store = await open_store(path, now=NOW)
    result = await store.load()
    assert (result.provenance, result.last_event_id, result.notices) == (Provenance.INTACT, 200, [])
    assert list(result.fleet.everything()) == SESSIONS
    assert len(await store.events()) == 200
    await store.close()
    again = await open_store(path, now=NOW)
    assert not again.damage
    await again.close()


@pytest.mark.parametrize("spoil", SPOILERS, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("side", [True, False], ids=["side", "alone"])
async def test_what_cannot_be_used_is_kept_and_rebuilt(path: Path, spoil: object, side: bool) -> None:
    await written(path, side=side)
    assert callable(spoil)
    spoil(path)
    content = content_of(path)
    result = await loaded(path)
    kept = beside(path, DAMAGED)
    if content is None:
        assert "missing" in result.notices[0]
    else:
        assert str(kept) in result.notices[0]
        assert kept.read_bytes() == content
    if side:
        assert_rebuilt(result, path)
    else:
        assert_lost(result)


@pytest.mark.parametrize("seed", range(12))
async def test_damage_anywhere_is_found_or_harmless(path: Path, seed: int) -> None:
    copy = await crashed(path, side=True)
    chance = random.Random(seed)
    victim = chance.choice([copy, beside(copy, "-wal")])
    with victim.open("r+b") as file:
        for _ in range(chance.choice([1, 20])):
            file.seek(chance.randrange(victim.stat().st_size))
            file.write(chance.randbytes(64))
    store = await open_store(copy, now=NOW)
    result = await store.load()
    assert result.provenance in (Provenance.INTACT, Provenance.REBUILT)
    assert result.last_event_id >= 200
    assert [s.session_id for s in result.fleet.everything()] == [s.session_id for s in SESSIONS]
    await store.commit(Batch(events=[event(result.last_event_id + 1)]))
    await store.close()


async def test_a_damaged_side_file_is_no_use_and_said_so(path: Path) -> None:
    await written(path, side=True)
    side = beside(path, ".side")
    content = bytearray(side.read_bytes())
    content[-20] ^= 1
    side.write_bytes(content)
    spoil_truncate(path)
    result = await loaded(path)
    assert_lost(result)
    assert "its checksum is wrong" in result.notices[0]


async def test_a_damaged_side_file_does_not_touch_a_good_database(path: Path) -> None:
    await written(path, side=True)
    side = beside(path, ".side")
    side.write_bytes(side.read_bytes().replace(b'"last_event_id":100', b'"last_event_id":900'))
    result = await loaded(path)
    assert (result.provenance, result.last_event_id) == (Provenance.INTACT, 200)
    assert "side file" in result.notices[0]


async def test_an_end_that_was_not_clean_loses_nothing(path: Path) -> None:
    copy = await crashed(path, side=False)
    beside(copy, "-shm").unlink()
    result = await loaded(copy)
    assert (result.provenance, result.last_event_id, result.notices) == (Provenance.INTACT, 200, [])
    assert list(result.fleet.everything()) == SESSIONS


async def test_a_lost_log_is_noticed_and_the_side_file_taken(path: Path) -> None:
    await written(path, side=True)
    copy = path.parent.parent / "old"
    store = await open_store(path, now=NOW)
    await store.commit(Batch(events=[event(i) for i in range(201, 301)]))
    await store.copy_aside(Fleet(SESSIONS[:9], [FULL_GATEWAY]), NOW)
    shutil.copytree(path.parent, copy)
    await store.close()
    crash = copy / path.name
    beside(crash, "-wal").unlink()
    beside(crash, "-shm").unlink()
    store = await open_store(crash, now=NOW)
    result = await store.load()
    assert result.provenance is Provenance.REBUILT
    assert list(result.fleet.everything()) == SESSIONS[:9]
    assert result.last_event_id == 300 + recovery.MARGIN
    assert "write-ahead log" in result.notices[0]
    assert len(await store.events()) == 200, "the events that are there stay"
    fleet, tail = await store.snapshot_and_tail()
    assert (list(fleet.everything()), tail) == (SESSIONS[:9], [])
    await store.close()


async def test_a_lost_log_of_a_database_never_written_back_is_not_a_fresh_start(path: Path) -> None:
    copy = await crashed(path, side=False)
    copy.unlink()
    assert_lost(await loaded(copy))
    assert beside(copy, f"{DAMAGED}-wal").exists()


async def test_damage_twice_in_one_second_keeps_both(path: Path) -> None:
    for _ in range(2):
        await written(path, side=False)
        spoil_header(path)
        assert_lost(await loaded(path))
        forget(path)
    assert len(list(path.parent.glob("*.damaged-*"))) == 2


async def test_damage_found_while_running_is_an_error_and_checked_at_the_next_start(path: Path) -> None:
    await written(path, side=True)
    store = await open_store(path, now=NOW)
    shell = sqlite3.connect(path)
    page = shell.execute("SELECT rootpage FROM sqlite_master WHERE name = 'events'").fetchone()[0]
    shell.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shell.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StoreError, match="restart the daemon"):
        await store.events()
    await store.close()
    assert_rebuilt(await loaded(path), path)


async def test_a_store_is_the_same_until_it_is_rebuilt(path: Path) -> None:
    await written(path, side=True)
    first = (await loaded(path)).incarnation
    assert len(first) == 32 and (await loaded(path)).incarnation == first
    forget(path)
    rebuilt = await loaded(path)
    assert rebuilt.provenance is Provenance.REBUILT and rebuilt.incarnation not in ("", first)
    forget(path)
    beside(path, ".side").unlink()
    assert (await loaded(path)).incarnation not in ("", first, rebuilt.incarnation)


@pytest.mark.parametrize("value", ["NULL", "7", "'no name'", "x'00'", "1.5"])
async def test_a_damaged_incarnation_makes_it_another_store(path: Path, value: str) -> None:
    await written(path, side=False)
    first = (await loaded(path)).incarnation
    with closing(sqlite3.connect(path, isolation_level=None)) as shell:
        shell.execute(f"UPDATE meta SET value = {value} WHERE key = 'incarnation'")
    second = (await loaded(path)).incarnation
    assert len(second) == 32 and second != first
    assert (await loaded(path)).incarnation == second
