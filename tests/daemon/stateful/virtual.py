"""Time that passes only when it is told to: an event loop, and a daemon's clock that follows it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from wa_tui.model.registers import SECOND

T = TypeVar("T")

EPOCH = 1_795_400_000_000


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps from timer to timer instead of waiting; for code that waits for nothing but time and itself."""

    def __init__(self) -> None:
        super().__init__()
        self._instant = 0.0

    def time(self) -> float:
        return self._instant

    def settle(self) -> None:
        """Run everything that can run now."""
        while True:
            self.call_soon(self.stop)
            self.run_forever()
            if not self._ready:  # type: ignore[attr-defined]  # of BaseEventLoop, as is _scheduled
                return

    def forward(self, seconds: float) -> None:
        """Let time pass, every timer on its way at its own instant."""
        end = self._instant + seconds
        while True:
            self.settle()
            due = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
            if not due or min(due) > end:
                break
            self._instant = max(self._instant, min(due))
        self._instant = end
        self.settle()

    def finish(self, work: Coroutine[Any, Any, T], within: float = 1_000.0) -> T:
        """Return what a coroutine gives, letting as much time pass as it needs."""
        task = self.create_task(work)
        end = self._instant + within
        self.settle()
        while not task.done():
            assert self._instant < end, f"not over after {within:g} s"
            self.forward(0.1)
        return task.result()


class VirtualClock:
    """The daemon's clock."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> int:
        return EPOCH + round(self._loop.time() * SECOND)

    def monotonic(self) -> int:
        return round(self._loop.time() * SECOND)

    def awake(self) -> int:
        return self.monotonic()
