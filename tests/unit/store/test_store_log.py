"""A write-ahead log that is damaged ends early, and the states in it are older than they were: that is said."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from wa_tui.store import Batch, open_store

from .lives import beside
from .samples import NOW, event, session

COMMITS = 60
FRAME = 24 + 4096


async def killed(path: Path) -> Path:
    """The files of a store whose process was killed: each commit has an event and a session of its own."""
    store = await open_store(path, now=NOW)
    for number in range(1, COMMITS + 1):
        await store.commit(
            Batch([event(number, f"s{number}")], [session(f"s{number}")], alive_at=NOW + number)
        )
    copy = path.parent.parent / "killed"
    shutil.copytree(path.parent, copy)
    await store.close()
    return copy / path.name


def garbage(log: Path, at: int, length: int) -> None:
    with log.open("r+b") as file:
        file.seek(at)
        file.write(random.Random(at).randbytes(length))


SPOIL: dict[str, Callable[[Path], None]] = {
    "a frame": lambda log: garbage(log, log.stat().st_size // 2, 64),
    "its header": lambda log: garbage(log, 0, 32),
    "a page and more": lambda log: garbage(log, 32 + 40 * FRAME + 100, 5000),
    "its second half": lambda log: os.truncate(log, log.stat().st_size // 2),
    "all of it": lambda log: log.unlink(),
    "all its bytes": lambda log: os.truncate(log, 0),
}


@pytest.mark.parametrize("index", [True, False], ids=["killed", "power cut"])
@pytest.mark.parametrize("spoil", SPOIL)
async def test_what_is_lost_is_said(path: Path, spoil: str, index: bool) -> None:
    copy = await killed(path)
    log = beside(copy, "-wal")
    whole = log.stat().st_size
    SPOIL[spoil](log)
    if not index:
        beside(copy, "-shm").unlink()
    store = await open_store(copy, now=NOW)
    loaded = await store.load()
    await store.close()
    gone = COMMITS - len(list(loaded.fleet.everything()))
    assert gone > 0
    if not index and (not log.exists() or log.stat().st_size < whole):
        # Nothing is left that could tell.
        return
    if loaded.provenance == "intact":
        (notice,) = loaded.notices
        assert "write-ahead log" in notice and "checked at once" in notice
        if spoil in ("a frame", "a page and more"):
            assert f"{gone} commits" in notice or f"{gone - 1} commits" in notice, gone
            assert "UTC" in notice


@pytest.mark.parametrize("index", [True, False], ids=["killed", "power cut"])
async def test_nothing_is_said_of_a_log_that_is_whole(path: Path, index: bool) -> None:
    copy = await killed(path)
    if not index:
        beside(copy, "-shm").unlink()
    # What a commit that nobody acknowledged had written of itself.
    last = beside(copy, "-wal")
    with last.open("ab") as file:
        file.write(last.read_bytes()[-FRAME:][:2000])
    store = await open_store(copy, now=NOW)
    loaded = await store.load()
    assert (loaded.notices, len(list(loaded.fleet.everything()))) == ([], COMMITS)
    await store.close()


async def test_nothing_is_said_of_a_log_begun_anew(path: Path) -> None:
    store = await open_store(path, now=NOW)
    for number in range(1, 2000):
        await store.commit(Batch([event(number, text="x" * 2000)], alive_at=NOW))
        if number % 500 == 0:
            copy = path.parent.parent / f"at{number}"
            shutil.copytree(path.parent, copy)
            again = await open_store(copy / path.name, now=NOW)
            assert (await again.load()).notices == []
            assert len(await again.events(limit=5000)) == number
            await again.close()
    await store.close()
