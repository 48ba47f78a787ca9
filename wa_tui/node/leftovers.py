"""Processes of a supervised service: found by a mark in their environment, which its browsers inherit.

A browser is in a session of its own and outlives a service that was killed: neither group nor descent finds it then.
Only Linux tells other processes' environments; elsewhere the service clears them away itself when it starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

_POLL_S = 0.05
_DYING_S = 2.0


def marked(mark: str) -> dict[int, int]:
    """Return the processes that have ``mark`` (``NAME=value``) in their environment, with their parents."""
    found: dict[int, int] = {}
    wanted = mark.encode()
    for entry in Path("/proc").glob("[0-9]*"):
        # One that just ended, or that belongs to somebody else.
        with contextlib.suppress(OSError, ValueError, IndexError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                found[int(entry.name)] = int(parent)
    return found


async def clear(mark: str, grace: float) -> int:
    """Ask marked processes to end, the topmost first to tidy up; kill what is left after ``grace`` seconds.

    Returns how many there were.
    """
    found = marked(mark)
    left = found
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, _DYING_S)):
        every = number is signal.SIGKILL
        _signal((pid for pid, parent in left.items() if every or parent not in left), number)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_S)
            left = marked(mark)
    return len(found)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
