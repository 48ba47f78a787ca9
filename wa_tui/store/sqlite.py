"""The store over SQLite: one connection that writes, one that reads, a thread each."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from wa_tui.model.fleet import Fleet

from .api_keys import write_api_key
from .backup_copy import write_side
from .errors import explained, is_damage
from .files import connect
from .held import Held
from .protocol import ApiKey, Batch, Count, Store, StoreError, StoreUnavailable
from .readers import Readers
from .reads import Reads
from .recovery import Opened, open_database
from .schema import set_meta
from .snapshot import Snapshot
from .waiting import WaitingStore
from .worker import Worker
from .writing import forget, forget_heads, transaction, write_batch, write_rest, write_snapshot

T = TypeVar("T")

_log = logging.getLogger(__name__)

_SLICE = 250  # rows deleted, or written later, in one transaction: commits wait for no more than that
_CALM = 1.0  # seconds without a commit after which rows are written that were left for later

_FAILURES = (sqlite3.Error, OSError, ValueError, OverflowError, TypeError, zlib.error)


async def open_store(path: Path, *, now: int, halt: threading.Event | None = None) -> Store:
    """Open or make the database at a path, checking and rebuilding it where needed.

    ``now`` is in milliseconds since the epoch; once ``halt`` is set, opening is given up. Raises StoreError when the
    directory cannot be written to, and for a file of a newer version or of another program, which is left untouched.
    """
    opened = await asyncio.to_thread(open_database, path, now, halt)
    return await SqliteStore.over(path, opened)


async def open_or_wait(path: Path, *, now: int, halt: threading.Event) -> Store | WaitingStore:
    """Return the store as `open_store` does; where that may succeed later, one that waits for it."""
    try:
        return await open_store(path, now=now, halt=halt)
    except StoreUnavailable as error:
        if halt.is_set():
            raise
        _log.error("%s What can be read is served; it is tried again", error)
        return await WaitingStore.over(path, error)


class SqliteStore(Reads):
    """`Store` in one SQLite file; see there. Long reads do not hold up commits, they have their own connection."""

    def __init__(
        self, path: Path, opened: Opened, writer: Worker, reader: Worker, halt: threading.Event | None = None
    ) -> None:
        super().__init__(opened.loaded, opened.backlog, opened.damage)
        self._path = path
        self._writer = writer
        self._reader = reader
        self._halt = halt or threading.Event()
        """Ends what is read."""
        self._readers = Readers(path)
        self._last_event_id = opened.loaded.last_event_id
        """What the last returned commit left."""
        self._newest_id = self._last_event_id
        """The newest that was given away; the writer's thread alone uses it."""
        self._commits = 0
        self._settling: asyncio.Task[None] | None = None
        self._damaged = False
        self._closed = False

    @classmethod
    async def over(cls, path: Path, opened: Opened) -> SqliteStore:
        """Return the store of an opened database."""
        writer = await Worker.start(lambda: opened.connection)
        halt = threading.Event()
        try:
            reader = await Worker.start(lambda: connect(path, read_only=True, halt=halt))
        except sqlite3.Error as error:
            await writer.close()
            raise explained(error, path, "opening the store for reading") from error
        return cls(path, opened, writer, reader, halt)

    async def commit(self, batch: Batch, meanwhile: Callable[[], None] | None = None) -> int:
        """See `Store.commit`: one hop to the writer's thread, one transaction."""
        self._commits += 1
        call = asyncio.get_running_loop().call_soon_threadsafe
        written = partial(call, meanwhile) if meanwhile is not None else None
        first_id = await self._run(
            self._writer,
            lambda connection: self._write(connection, batch, written),
            "committing an event" if len(batch.events) == 1 else f"committing {len(batch.events)} events",
        )
        self._last_event_id = first_id + len(batch.events) - 1
        if self._settling is None and not self._backlog.empty:
            self._settling = asyncio.create_task(self._finish_later(), name="store: rows left for later")
        return first_id

    def _write(
        self, connection: sqlite3.Connection, batch: Batch, written: Callable[[], object] | None
    ) -> int:
        """Commit a batch, in the writer's thread; returns the id of its first event."""
        first_id = self._newest_id + 1
        write_batch(connection, self._backlog, batch, first_id, written)
        self._newest_id += len(batch.events)
        return first_id

    async def keep_counts(self, counts: Sequence[Count]) -> None:
        """See `Store.keep_counts`."""
        body = msgspec.json.encode(counts)
        await self._run(
            self._writer, lambda connection: set_meta(connection, "counts", body), "keeping counts"
        )

    async def keep_api_key(self, key: ApiKey) -> None:
        """See `Store.keep_api_key`."""
        await self._run(
            self._writer, lambda connection: write_api_key(connection, key), f"keeping the API key {key.name}"
        )

    @property
    def held(self) -> Held | None:
        """See `Store.held`."""
        return self._readers.held

    async def tend(self) -> None:
        """See `Store.tend`: as long as the log is small, that costs no hop."""
        if self._readers.due:
            await self._run(self._writer, self._readers.look, "looking who reads")

    async def prune(self, before: int, fleet: Fleet, at: int) -> int:
        """See `Store.prune`: in slices, so that commits get in between."""
        snapshot = Snapshot.of(fleet, self._last_event_id, at)
        blob = await asyncio.to_thread(snapshot.encode)
        last = snapshot.last_event_id

        def keep(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                write_snapshot(connection, last, at, blob)

        await self._run(self._writer, keep, "writing a snapshot")
        deleted, done = 0, False
        while not done:
            events, done = await self._run(
                self._writer, lambda connection: forget(connection, before, last, _SLICE), "pruning"
            )
            deleted += events
        await self._run(
            self._writer, lambda connection: forget_heads(connection, self._backlog), "pruning heads"
        )
        return deleted

    async def copy_aside(self, fleet: Fleet, at: int) -> None:
        """See `Store.copy_aside`."""
        snapshot = Snapshot.of(fleet, self._last_event_id, at)
        try:
            await asyncio.to_thread(write_side, self._path, snapshot)
        except _FAILURES as error:
            raise explained(error, self._path, "writing the side file") from error

    async def close(self) -> None:
        """See `Store.close`; a file that showed damage is not marked clean, so that it is checked when opened."""
        if self._closed:
            return
        self._closed = True
        if self._settling is not None:
            self._settling.cancel()
        # A read of a month must not hold up the end; what is to be written still is.
        self._halt.set()
        await self._reader.close()
        try:
            await self._run(self._writer, self._finish, "closing the store")
        finally:
            await self._writer.close()

    async def _finish_later(self) -> None:
        """Write the rows that commits left for later, a slice at a time, while nothing is committed."""
        while not self._backlog.empty:
            seen = self._commits
            await asyncio.sleep(_CALM)
            try:
                while seen == self._commits and not self._backlog.empty:
                    await self._run(self._writer, self._write_rest, "writing rows left for later")
            except StoreError as error:
                # Nothing is lost: they are in the backlog.
                _log.warning("%s", error)
        self._settling = None

    def _write_rest(self, connection: sqlite3.Connection, most: int = _SLICE) -> None:
        write_rest(connection, self._backlog, most)

    def _finish(self, connection: sqlite3.Connection) -> None:
        while not self._backlog.empty and not self._damaged:
            self._write_rest(connection, 10 * _SLICE)
        if not self._damaged:
            set_meta(connection, "clean", 1)
        # An operator's shell that reads just now must not hold up the end; the log is then taken up next time.
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def _read(self, function: Callable[[sqlite3.Connection], T], doing: str) -> T:
        return await self._run(self._reader, function, doing)

    async def _run(self, worker: Worker, function: Callable[[sqlite3.Connection], T], doing: str) -> T:
        try:
            return await worker.run(function)
        except _FAILURES as error:
            self._damaged = self._damaged or is_damage(error)
            raise explained(error, self._path, doing) from error
