"""A program that reads and does not end keeps the log growing: it is named, until it ends."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wa_tui.store import Batch, Store, readers

from .samples import NOW, event

READING = """
import sqlite3, sys
shell = sqlite3.connect(sys.argv[1], isolation_level=None)
shell.execute("BEGIN")
shell.execute("SELECT count(*) FROM events").fetchone()
print("reads", flush=True)
sys.stdin.read()
"""

seen = pytest.mark.skipif(not Path("/proc/locks").exists(), reason="locks are not told here")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "LARGE", 256 * 1024)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[int]:
    """Have another process read a database, with a transaction that stays open; yields its id."""
    command = [sys.executable, "-c", READING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"reads\n"
        yield process.pid
        process.communicate()


async def grow(store: Store, start: int) -> None:
    """Commit more than a log may have that cannot be written back."""
    for number in range(start, start + 10):
        await store.commit(Batch([event(number, text="x" * 50_000)], alive_at=NOW))


@seen
async def test_who_reads_and_does_not_end_is_named_until_it_ends(
    store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await grow(store, 1)
    await store.tend()
    assert store.held is None, "it is large, and nobody keeps it"
    with reading(path) as pid:
        await store.tend()
        assert store.held is None, "nothing is kept that is worth a word"
        await grow(store, 11)
        for _ in range(3):
            await store.tend()
        assert store.held is not None
        assert f"(process {pid}) has the database open for reading" in store.held.detail
        assert str(os.getpid()) not in store.held.detail
        assert caplog.text.count("has the database open for reading") == 1
        assert len(await store.events()) == 20, "our own reading goes on"
    await store.tend()
    assert store.held is None and "can be written back again" in caplog.text


async def test_a_reader_that_cannot_be_seen_is_said_at_the_second_look(
    store: Store, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "LOCKS", tmp_path / "none")
    with reading(path):
        await grow(store, 1)
        await store.tend()
        assert store.held is None, "it may have been our own reading"
        await store.tend()
        assert store.held is not None and store.held.detail.startswith("some program has the database open")
        assert "fuser" in store.held.todo
    await store.tend()
    assert store.held is None


@seen
async def test_looking_gives_up_no_lock_of_ours(store: Store, path: Path) -> None:
    """To close any file of the index would let another program take the database for its own."""
    with reading(path):
        await grow(store, 1)
        await store.tend()
        index = f":{path.with_name('wa_tui.db-shm').stat().st_ino}"
        locks = [line.split() for line in readers.LOCKS.read_text().splitlines()]
        assert str(os.getpid()) in [lock[4] for lock in locks if lock[5].endswith(index)]
