"""What may not be opened, and why it says so: other versions, other programs, locks and permissions."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from wa_tui.model.fleet import Fleet
from wa_tui.store import Provenance, Store, StoreError, open_store, schema

from .lives import SESSIONS, beside, crashed, loaded, written
from .samples import NOW


async def test_an_older_file_is_migrated(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await written(path, side=False)
    steps = [
        *schema.MIGRATIONS,
        ("ALTER TABLE sessions ADD COLUMN note TEXT", "UPDATE sessions SET note = 'x'"),
    ]
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    result = await loaded(path)
    assert (result.provenance, result.last_event_id) == (Provenance.INTACT, 200)
    assert f"from schema {len(steps) - 1} to {len(steps)}" in caplog.text
    shell = sqlite3.connect(path)
    assert shell.execute("PRAGMA user_version").fetchone() == (len(steps),)
    assert shell.execute("SELECT count(*) FROM sessions WHERE note = 'x'").fetchone() == (len(SESSIONS),)
    shell.close()


async def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await written(path, side=False)
    steps = [
        *schema.MIGRATIONS,
        ("ALTER TABLE sessions ADD COLUMN note TEXT", "INSERT INTO meta VALUES (1, 2, 3)"),
    ]
    with monkeypatch.context() as patch, pytest.raises(StoreError, match="left as it was"):
        patch.setattr(schema, "MIGRATIONS", steps)
        await open_store(path, now=NOW)
    assert (await loaded(path)).provenance is Provenance.INTACT


async def test_a_newer_file_is_refused_and_left_untouched(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, ("CREATE TABLE later (x)",)])
        copy = await crashed(path, side=True)
    before = {entry.name: entry.read_bytes() for entry in copy.parent.iterdir() if entry.suffix != ".db-shm"}
    known = len(schema.MIGRATIONS)
    detail = rf"newer wa-tui \(schema {known + 1}, this one knows {known}\).*install the newer"
    with pytest.raises(StoreError, match=detail):
        await open_store(copy, now=NOW)
    after = {entry.name: entry.read_bytes() for entry in copy.parent.iterdir() if entry.suffix != ".db-shm"}
    assert after == before


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    shell = sqlite3.connect(path)
    shell.execute("CREATE TABLE accounts (id)")
    shell.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"other\.db is another program's database"):
        await open_store(path, now=NOW)
    assert path.read_bytes() == before


async def test_a_locked_database_is_not_a_damaged_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await written(path, side=False)
    monkeypatch.setattr("wa_tui.store.files._BUSY_SECONDS", 0.05)
    shell = sqlite3.connect(path)
    shell.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"^database is locked: .*; another program holds its lock"):
        await open_store(path, now=NOW)
    shell.execute("ROLLBACK")
    shell.close()
    assert (await loaded(path)).provenance is Provenance.INTACT


async def test_a_directory_that_cannot_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StoreError, match=r"^File exists: opening the store failed; make the directory .* \(.*file\)$"
    ):
        await open_store(tmp_path / "file" / "wa_tui.db", now=NOW)


@pytest.fixture
def somebody() -> Iterator[Path]:
    """A directory of root's that this process, no longer root, may read but not write."""
    directory = Path(tempfile.mkdtemp(prefix="wa_tui-"))
    directory.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield directory
    if root:
        os.seteuid(0)
    directory.chmod(0o700)
    shutil.rmtree(directory)


async def test_a_directory_without_permission_is_a_clear_error(somebody: Path) -> None:
    with pytest.raises(StoreError, match=r"is not writable: .*; make the directory writable.*wa_tui\.db\)$"):
        await open_store(somebody / "wa_tui.db", now=NOW)
    with pytest.raises(StoreError, match="Permission denied"):
        await open_store(somebody / "state" / "wa_tui.db", now=NOW)


async def test_the_side_file_that_cannot_be_written_leaves_the_last_one(path: Path, store: Store) -> None:
    await store.copy_aside(Fleet(SESSIONS), NOW)
    side = beside(path, ".side")
    before = side.read_bytes()
    beside(path, ".side.tmp").mkdir()
    with pytest.raises(StoreError, match="writing the side file failed"):
        await store.copy_aside(Fleet(), NOW)
    assert side.read_bytes() == before
