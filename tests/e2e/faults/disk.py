"""A small disk that can be filled, where this machine lets us mount one."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_SIZE = "64m"
_DETACH = 2


@contextlib.contextmanager
def small_disk(directory: Path, size: str = _SIZE) -> Iterator[bool]:
    """Mount a small file system, of this user alone, on a directory; yields whether that was allowed."""
    mounted = not _LIBC.mount(b"none", os.fsencode(directory), b"tmpfs", 0, f"size={size},mode=700".encode())
    try:
        yield mounted
    finally:
        if mounted:
            _LIBC.umount2(os.fsencode(directory), _DETACH)
