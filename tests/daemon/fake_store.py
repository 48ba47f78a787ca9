"""A store in memory that fails, waits and refuses as a test wishes; only what the recorder and receiver need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wa_tui.store import Batch, StoreError


class FakeStore:
    """Keeps batches; ``broken`` makes commits fail, ``gate`` holds them until it is set.

    A ``hasty`` one leaves no time to do anything meanwhile.
    """

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.broken = False
        self.hasty = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.committing = asyncio.Event()

    async def commit(self, batch: Batch, meanwhile: Callable[[], None] | None = None) -> int:
        self.committing.set()
        if meanwhile is not None and not self.hasty:
            meanwhile()
        await self.gate.wait()
        self.committing.clear()
        if self.broken:
            raise StoreError("the disk is full")
        first_id = 1 + sum(len(before.events) for before in self.batches)
        self.batches.append(batch)
        return first_id


class FixedClock:
    """A clock that stands still."""

    def __init__(self, at: int = 1_795_400_000_000) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def monotonic(self) -> int:
        return self.at

    def awake(self) -> int:
        return self.at
