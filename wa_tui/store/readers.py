"""Who reads a database and does not end: what was committed since then stays in its write-ahead log, which grows."""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path

from wa_tui.system.processes import named

from .files import beside
from .held import Held

LARGE = 64 * 1024 * 1024
"""Bytes of a log that cannot be written back from which on who reads is looked for."""

_MARKS = range(123, 128)
"""Bytes of the index beside the log that are locked by who reads; see https://www.sqlite.org/walformat.html."""

LOCKS = Path("/proc/locks")
"""Where Linux tells who has locked what."""

_log = logging.getLogger(__name__)


class Readers:
    """Looks now and then whether somebody keeps the log of a database from being written back."""

    def __init__(self, path: Path) -> None:
        self._log, self._index = beside(path, "-wal"), beside(path, "-shm")
        self._unseen = False
        """Nobody else was found the last time: it may have been ourselves, who end soon."""
        self.held: Held | None = None

    @property
    def due(self) -> bool:
        """Whether there is anything to look for."""
        try:
            return self.held is not None or self._log.stat().st_size > LARGE
        except OSError:
            return False

    def look(self, connection: sqlite3.Connection) -> None:
        """Look, over the connection that writes; it is logged when it begins and when it ends."""
        busy, frames, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if busy:
            return
        (page,) = connection.execute("PRAGMA page_size").fetchone()
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
    # Numbers of files are told apart by file systems, whose own we know by our own lock.
    ours = {place for pid, place, _ in locks if pid == os.getpid()}
    found = {
        pid
        for pid, place, start in locks
        if start in _MARKS and pid > 0 and pid != os.getpid() and (not ours or place in ours)
    }
    return tuple(sorted(found))
