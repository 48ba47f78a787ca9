"""Memory that peers let us hold, given back to the system once they are gone."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable

AFTER_S = 2.0
"""Seconds after which it is given back: who did not read seldom comes alone."""


def _trimming() -> Callable[[int], int]:
    """Return what the C library has for this; another than glibc does it by itself, or cannot."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return lambda _: 0
    return trim


class Trimming:
    """Gives memory back once, a moment after it was last asked to."""

    def __init__(self) -> None:
        self._trim = _trimming()
        self._timer: asyncio.TimerHandle | None = None

    def soon(self) -> None:
        """Have it done."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AFTER_S, self._now)

    def _now(self) -> None:
        self._timer = None
        # In a thread, since it may take some ten milliseconds; who allocates meanwhile waits in the C library.
        asyncio.get_running_loop().run_in_executor(None, self._trim, 0)
