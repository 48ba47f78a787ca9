"""A store that cannot be opened for writing yet: it answers from what can be read and takes nothing in."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NoReturn, TypeVar

from wa_tui.model.fleet import Fleet

from .errors import explained
from .files import beside, connect
from .protocol import ApiKey, Batch, Count, StoreError
from .reads import Reads
from .view import View, view
from .worker import Worker

T = TypeVar("T")

ROOM = 1024 * 1024
"""Bytes that must be free before it is tried again: what the first commits need."""

_FAILURES = (sqlite3.Error, OSError, ValueError, OverflowError, TypeError)


class WaitingStore(Reads):
    """`Store` of a database that could not be opened, until it is `openable`."""

    def __init__(self, path: Path, why: StoreError, seen: View, reader: Worker) -> None:
        super().__init__(seen.loaded, seen.backlog, seen.damage)
        self._path = path
        self._why = why
        self._reader = reader
        self._alone = seen.alone
        self._closed = False

    @classmethod
    async def over(cls, path: Path, why: StoreError) -> WaitingStore:
        """Return the store of a database that could not be opened for the reason given."""
        seen = await asyncio.to_thread(view, path)
        return cls(path, why, seen, await Worker.start(lambda: seen.connection))

    async def openable(self, wait: float) -> None:
        """Return once opening it may succeed; that is looked for every ``wait`` seconds."""
        while True:
            await asyncio.sleep(wait)
            if await asyncio.to_thread(self._may_be_opened):
                return

    async def commit(self, batch: Batch, meanwhile: Callable[[], None] | None = None) -> int:
        """See `Store.commit`: fails."""
        self._refuse()

    async def keep_counts(self, counts: Sequence[Count]) -> None:
        """See `Store.keep_counts`: fails."""
        self._refuse()

    async def keep_api_key(self, key: ApiKey) -> None:
        """See `Store.keep_api_key`: fails."""
        self._refuse()

    async def tend(self) -> None:
        """See `Store.tend`: nothing grows."""

    async def prune(self, before: int, fleet: Fleet, at: int) -> int:
        """See `Store.prune`: fails."""
        self._refuse()

    async def copy_aside(self, fleet: Fleet, at: int) -> None:
        """See `Store.copy_aside`: fails, since the side file may know more."""
        self._refuse()

    async def close(self) -> None:
        """See `Store.close`."""
        if not self._closed:
            self._closed = True
            await self._reader.close()

    def _may_be_opened(self) -> bool:
        return _has_room(self._path) and (self._alone or not _is_held(self._path))

    def _refuse(self) -> NoReturn:
        raise StoreError(*self._why.args)

    async def _read(self, function: Callable[[sqlite3.Connection], T], doing: str) -> T:
        try:
            return await self._reader.run(function)
        except _FAILURES as error:
            raise explained(error, self._path, doing) from error


def _has_room(path: Path) -> bool:
    """Tell whether there is room beside a database, and its files can be written to, as far as that can be told."""
    try:
        with tempfile.TemporaryFile(dir=path.parent) as file:
            os.posix_fallocate(file.fileno(), 0, ROOM)
            os.fsync(file.fileno())
    except OSError:
        return False
    # They must not be opened: to close one gives up all locks of this process on it.
    files = (path, beside(path, "-wal"), beside(path, "-shm"))
    return all(os.access(file, os.W_OK, effective_ids=True) for file in files if file.exists())


def _is_held(path: Path) -> bool:
    """Tell whether another program keeps a database from being written to."""
    if not path.exists():
        return False
    try:
        with closing(connect(path)) as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    return False
