"""One daemon per state directory."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from wa_tui.config import open_private


class Locked(Exception):
    """Another daemon runs in this state directory; ``pid`` is its process where it could be read."""

    def __init__(self, path: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid is not None else "another process"
        super().__init__(f"another daemon ({who}) runs in {path.parent}: `wa-tui` attaches to it")
        self.pid = pid


class Lock:
    """An exclusive lock on a state directory, held until `release` or the process's end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises `Locked`, OSError, and `ConfigError` for a link or another user's file."""
        fd = open_private(self._path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(fd, 32).decode(errors="replace").strip()
            os.close(fd)
            raise Locked(self._path, int(text) if text.isdigit() else None) from None
        os.ftruncate(fd, 0)
        # The lock is ours without it: a full disk has no room for a name.
        with contextlib.suppress(OSError):
            os.write(fd, f"{os.getpid()}\n".encode())
        self._fd = fd

    def release(self) -> None:
        """Give the lock back."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
