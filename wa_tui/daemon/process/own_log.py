"""The daemon's log where that is a file of its state directory: bounded, however long it runs, and whatever it says."""

from __future__ import annotations

import logging
import os
import stat
import sys
from pathlib import Path

FULL = 5_000_000
"""Bytes after which the file is put aside as ``<name>.1``, in place of the one before it."""

_OUTPUTS = (1, 2)


def give_up_the_rest() -> None:
    """Have what a full disk did not take of the log complain no more: at the exit it would change the exit code."""
    try:
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


class OwnLog(logging.StreamHandler):  # type: ignore[type-arg]  # its stream is standard error
    """Writes to standard error; where that is ``path``, a monitor that started us gave it, and nobody else bounds it.

    What a terminal, a journal or another file gets is theirs.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, and begin the file anew when it is full."""
        super().emit(record)
        try:
            self._put_aside()
        except OSError:
            # It goes on where it is: the next line tries again.
            return

    def _put_aside(self) -> None:
        ours = os.fstat(2)
        if ours.st_size < FULL or not stat.S_ISREG(ours.st_mode):
            return
        if not os.path.samestat(ours, self._path.stat()):
            return
        self._path.replace(self._path.with_name(self._path.name + ".1"))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        new = os.open(self._path, flags, 0o600)
        try:
            for output in _OUTPUTS:
                if os.path.samestat(ours, os.fstat(output)):
                    os.dup2(new, output)
        finally:
            os.close(new)
