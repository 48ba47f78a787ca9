"""The files of a store: private to their user, replaced whole, told apart by their names."""

from __future__ import annotations

import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

from .protocol import StoreError

_BUSY_SECONDS = 5.0
_STRETCH = 1_000_000  # of SQLite's steps, some 20 ms: as often it looks whether it is to give up
_WAL_KEPT = 16 * 1024 * 1024  # bytes a write-ahead log may keep once it is written back


def side_path(path: Path) -> Path:
    """Return where the side file of a database is."""
    return beside(path, ".side")


def born_path(path: Path) -> Path:
    """Return where the mark is which says that there once was a database."""
    return beside(path, ".born")


def utc(at: int) -> str:
    """Return an instant in words."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def prepare(path: Path) -> None:
    """Make the directory (0700) if there is none, and the database's file private (0600)."""
    directory = path.parent
    if not directory.is_dir():
        directory.parent.mkdir(parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
        directory.chmod(0o700)
    if path.is_dir():
        raise StoreError(
            f"{path} is a directory and no database: move it away, or set WA_TUI_STATE_DIR to another."
        )
    if path.exists() and path.stat().st_mode & 0o077:
        path.chmod(0o600)
    if not os.access(directory, os.W_OK | os.X_OK, effective_ids=True):
        raise PermissionError(f"the directory {directory} is not writable")


def create(path: Path) -> None:
    """Make an empty file, 0600 whatever the umask; SQLite gives its log the same mode."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file durably: what is there is always the old or the new one, complete."""
    temporary = beside(path, ".tmp")
    temporary.unlink(missing_ok=True)
    try:
        create(temporary)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path)


def sync_directory(path: Path) -> None:
    """Make the names in a file's directory durable."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_aside(path: Path, now: int) -> Path | None:
    """Rename a database and its log out of the way; return its new name, ``None`` if nothing was there."""
    kept = beside(path, free_name(path, now))
    moved = False
    for suffix in ("", "-wal", "-shm", "-journal"):
        part = beside(path, suffix)
        if part.exists():
            part.rename(beside(kept, suffix))
            moved = True
    sync_directory(path)
    return kept if moved else None


def free_name(path: Path, now: int) -> str:
    """Return the suffix of a database that is set aside."""
    stamp = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    suffix, number = f".damaged-{stamp}", 1
    while any(beside(path, f"{suffix}{part}").exists() for part in ("", "-wal")):
        number += 1
        suffix = f".damaged-{stamp}.{number}"
    return suffix


def has_log(path: Path) -> bool:
    """Tell whether a write-ahead log with anything in it is there."""
    log = beside(path, "-wal")
    return log.exists() and log.stat().st_size > 0


def lived(path: Path) -> bool:
    """Tell whether anything says that this database once existed."""
    signs = (side_path(path), born_path(path))
    return any(sign.exists() for sign in signs) or any(
        entry.name.startswith(f"{path.name}.damaged-") for entry in path.parent.iterdir()
    )


def connect(
    path: Path, *, read_only: bool = False, halt: threading.Event | None = None
) -> sqlite3.Connection:
    """Return a connection that any thread may use, one at a time; transactions are the caller's.

    Once ``halt`` is set, whatever it does is given up.
    """
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
    )
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT}")
    if halt is not None:
        connection.set_progress_handler(halt.is_set, _STRETCH)
    return connection


def beside(path: Path, suffix: str) -> Path:
    """Return the file of that name and more."""
    return path.with_name(path.name + suffix)
