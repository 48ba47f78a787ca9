"""What a write-ahead log had that SQLite does not take up: it ends at the first damaged frame, and says nothing.

Each commit was acknowledged once its frames were on the disk. How many those were is told by the index beside the log,
which a process that was killed leaves behind, and by the frames themselves after the damaged one.
See https://www.sqlite.org/walformat.html.
"""

from __future__ import annotations

import shutil
import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .files import beside, create

_HEADER = struct.Struct(">I 4x I 4x 8s 2I")
"""Of the log: a number that tells the order of bytes, the size of a page, the salts of its frames, a checksum."""
_FRAME = struct.Struct(">4x I 8s")
"""The begin of a frame's header: the database's size in pages after a commit, else 0; the log's salts."""
_FRAME_HEADER = 24
_INDEX = struct.Struct("=16x I 12x 8s 56x I")
"""Of the index: how many frames are valid, their salts, how many of them are in the database already."""


@dataclass(frozen=True, slots=True)
class Written:
    """A log as it was before it was taken up."""

    commits: tuple[int, ...]
    """Frames that end a commit, counted from 1, whether or not they can be reached."""
    valid: int
    """Frames that were valid when a process last used the log; 0 where its index does not tell."""
    copied: int
    """Frames that are in the database itself."""

    @property
    def frames(self) -> bool:
        """Whether there is anything to be missed."""
        return bool(self.commits or self.valid)

    def lost(self, frames: int) -> int:
        """Return how many commits that were acknowledged are in neither, given the frames that were taken up."""
        beyond = [frame for frame in self.commits if frame > max(frames, self.copied)]
        if self.valid:
            known = sum(frame <= self.valid for frame in beyond)
            # At least the last one, though its own frame is gone.
            return known or int(self.valid > max(frames, self.copied))
        # The last one may never have been whole: the power went while it was written.
        return max(0, len(beyond) - 1)


def written(path: Path) -> Written:
    """Look at the log of a database before it is opened: it must not be open in this process (see `taken_up`)."""
    valid, copied, salts = _index(path)
    try:
        with beside(path, "-wal").open("rb") as log:
            head = log.read(_HEADER.size)
            magic, size, header_salts, *checksum = _HEADER.unpack(head)
            if _checksum(head[:24], magic) == tuple(checksum):
                if salts != header_salts:
                    # The index is of another log.
                    valid = copied = 0
                return Written(_commits(log, size, header_salts), valid, copied)
            return Written(_commits(log, _page_size(path), salts or _first_salts(log)), valid, copied)
    except (OSError, struct.error):
        return Written((), valid, copied)


def taken_up(connection: sqlite3.Connection) -> int:
    """Return how many frames of the log are valid for a connection; they are written back as far as that goes.

    The index must not be looked at: to close a file gives up all locks of this process on it.
    """
    _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return max(0, int(frames))


def keep(path: Path, name: str) -> Path | None:
    """Copy a log beside the database before it is written over; returns its name, ``None`` if that failed."""
    kept = beside(path, f"{name}-wal")
    try:
        create(kept)
        shutil.copyfile(beside(path, "-wal"), kept)
    except OSError:
        return None
    return kept


def _index(path: Path) -> tuple[int, int, bytes]:
    try:
        with beside(path, "-shm").open("rb") as index:
            valid, salts, copied = _INDEX.unpack(index.read(_INDEX.size))
    except (OSError, struct.error):
        return 0, 0, b""
    return valid, copied, salts


def _commits(log: BinaryIO, size: int, salts: bytes) -> tuple[int, ...]:
    commits: list[int] = []
    number, start = 1, _HEADER.size
    while True:
        log.seek(start)
        head = log.read(_FRAME.size)
        if len(head) < _FRAME.size:
            return tuple(commits)
        pages, frame_salts = _FRAME.unpack(head)
        if pages and frame_salts == salts:
            commits.append(number)
        number, start = number + 1, start + _FRAME_HEADER + size


def _first_salts(log: BinaryIO) -> bytes:
    log.seek(_HEADER.size)
    salts: bytes = _FRAME.unpack(log.read(_FRAME.size))[1]
    return salts


def _checksum(head: bytes, magic: int) -> tuple[int, int]:
    first = second = 0
    words = struct.unpack(">6I" if magic & 1 else "<6I", head)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second


def _page_size(path: Path) -> int:
    with path.open("rb") as file:
        file.seek(16)
        size = int.from_bytes(file.read(2), "big")
    return 65536 if size == 1 else max(512, size)
