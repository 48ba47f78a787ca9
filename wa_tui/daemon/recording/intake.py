"""What waits to be taken in: a bounded queue that is emptied in groups.

A commit costs the disk about the same for one entry as for a hundred. Senders that post one webhook after the other
come again as soon as they are answered, so the next group waits a moment for them: else one that came late would have
a commit of its own, and all others would wait for it, by turns.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

GROUP = 1_000
"""Entries that are taken at once at most."""

SEVERAL = 8
"""Entries in a group from which on the next one waits for its senders."""

LINGER = 0.001
"""Seconds that it waits for them at most."""


class Intake(Generic[T]):
    """A queue of at most ``capacity`` entries, oldest first; one task takes them."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[T] = deque()
        self._wanted = 1
        self._enough = asyncio.Event()
        self._group = 0
        self._done = asyncio.Event()
        self._done.set()
        self._idle = asyncio.Event()
        self._idle.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[T]:
        return iter(self._waiting)

    @property
    def full(self) -> bool:
        """Whether there is no room for another entry."""
        return len(self._waiting) >= self._capacity

    def put(self, entry: T) -> None:
        """Append an entry; the caller looks whether there is room."""
        self._waiting.append(entry)
        self._idle.clear()
        if len(self._waiting) >= self._wanted:
            self._enough.set()

    async def linger(self) -> None:
        """Be done with those that were taken last, and wait a moment for them to come again, if they were several."""
        self._done.set()
        # Not for all of many: one that is slow, or through, would have the others wait for it each time.
        most = len(self._waiting) + self._group * 15 // 16
        if self._group >= SEVERAL and most <= GROUP:
            try:
                async with asyncio.timeout(LINGER):
                    await self._until(most)
            except TimeoutError:
                pass

    async def next_group(self) -> list[T]:
        """Return the next group as soon as there is one; to wait for it is to have done all that came before."""
        if not self._waiting:
            self._idle.set()
            await self._until(1)
        self._done.clear()
        self._group = min(GROUP, len(self._waiting))
        return [self._waiting.popleft() for _ in range(self._group)]

    async def done(self) -> None:
        """Wait until the group that was taken last is done with."""
        await self._done.wait()

    async def idle(self) -> None:
        """Wait until everything that was put in is done with."""
        await self._idle.wait()

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._done.set()
        self._idle.set()

    async def _until(self, number: int) -> None:
        self._wanted = number
        self._enough.clear()
        try:
            await self._enough.wait()
        finally:
            self._wanted = 1
