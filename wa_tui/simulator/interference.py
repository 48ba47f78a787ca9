"""Faults of a whole gateway that spoil its answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

KINDS = ("errors", "garbage", "unauthorised")


@dataclass(slots=True)
class _Fault:
    left: int | None
    until: float | None


class Interference:
    """What keeps a whole gateway from answering as it should: silence, or wrong answers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._faults: dict[str, _Fault] = {}
        self._answering = asyncio.Event()
        self._answering.set()

    def begin(self, kind: str, *, count: int | None = None, seconds: float | None = None) -> None:
        """Answer wrongly for `count` requests, for `seconds`, or until cleared."""
        self._faults[kind] = _Fault(count, None if seconds is None else self._clock() + seconds)

    def end(self, kind: str) -> None:
        """End one kind of wrong answers; silence has `unhang`."""
        self._faults.pop(kind, None)

    def hang(self) -> None:
        """Accept requests and answer none until `unhang`, as a blocked event loop does."""
        self._answering.clear()

    def unhang(self) -> None:
        """Answer again, also those that are still waiting."""
        self._answering.set()

    def clear(self) -> None:
        """Answer as a healthy gateway does, also those that wait."""
        self._faults.clear()
        self.unhang()

    async def answering(self) -> None:
        """Wait for as long as the gateway hangs."""
        await self._answering.wait()

    def next(self) -> str | None:
        """Return the kind of wrong answer that the next request gets, if any, and count it."""
        for kind, fault in list(self._faults.items()):
            if (fault.until is not None and self._clock() >= fault.until) or fault.left == 0:
                # Over by now: another kind may have its turn.
                del self._faults[kind]
                continue
            if fault.left is not None:
                fault.left -= 1
            return kind
        return None
