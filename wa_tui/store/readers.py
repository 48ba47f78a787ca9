"""Finds the programs that keep a database open for reading: while one reads, the write-ahead log grows.

SQLite cannot write back what was committed after the oldest reader began.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path

from wa_tui.system.processes import named

from .files import beside
from .held import Held

LARGE = 64 * 1024 * 1024
"""Bytes of a log that cannot be written back, from which on `Readers` looks for its readers."""

_MARKS = range(123, 128)
"""Bytes of the index beside the log that a reader locks; see https://www.sqlite.org/walformat.html."""

LOCKS = Path("/proc/locks")
"""Linux lists all locks of files there, each with its process."""

_log = logging.getLogger(__name__)


class Readers:
    """Looks now and then whether a reader keeps SQLite from writing the log of a database back."""

    def __init__(self, path: Path) -> None:
        self._log, self._index = beside(path, "-wal"), beside(path, "-shm")
        self._unseen = False
        """The last look found no other process: the reader may be one of our own connections, which ends soon."""
        self.held: Held | None = None

    @property
    def due(self) -> bool:
        """Whether there is anything to look for."""
        try:
            return self.held is not None or self._log.stat().st_size > LARGE
        except OSError:
            return False

    def look(self, connection: sqlite3.Connection) -> None:
        """Look, over the connection that writes, and log when a reader is found and when it has ended."""
        busy, frames, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        # A checkpoint of SQLite's own is under way: the next look tells.
        if busy:
            return
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        # A frame of the log is a page and a header of 24 bytes.
        size = (frames - copied) * (page + 24)
        pids = _reading(self._index) if size > LARGE else ()
        unseen, self._unseen = self._unseen, size > LARGE and not pids
        if size <= LARGE or (not pids and not unseen):
            if self.held is not None:
                _log.warning("The log of the database can be written back again")
            self.held = None
            return
        before, self.held = self.held, Held(self._log, size, tuple(map(named, pids)))
        if before is None or before.readers != self.held.readers:
            _log.warning("%s; %s", self.held.detail, self.held.todo)


def _reading(index: Path) -> tuple[int, ...]:
    """Return the other processes that read a database, given the index of its log; none where that cannot be told.

    The index is not opened: to close a file gives up all locks of this process on it.
    """
    try:
        inode = index.stat().st_ino
        lines = LOCKS.read_text().splitlines()
    except OSError:
        return ()
    held = [fields for fields in map(str.split, lines) if fields[1] == "POSIX" and len(fields) == 8]
    locks = [
        (int(pid), place, int(start)) for *_, pid, place, start, _ in held if place.endswith(f":{inode}")
    ]
    # An inode's number is unique within its file system alone; our own lock shows which file system it is.
    ours = {place for pid, place, _ in locks if pid == os.getpid()}
    found = {
        pid
        for pid, place, start in locks
        if start in _MARKS and pid > 0 and pid != os.getpid() and (not ours or place in ours)
    }
    return tuple(sorted(found))
