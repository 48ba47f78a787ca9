"""Work that goes on beside all else for as long as the daemon runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("wa_tui.daemon")

PAUSE = 10.0
"""Seconds after which work that failed begins anew."""


class Background:
    """Runs ``work`` until it is stopped; where it fails, the log says so, and it begins anew after a pause.

    Nobody awaits such work: without that, an error that nobody thought of would end it unseen.
    """

    def __init__(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._name = name
        self._work = work
        self._task: asyncio.Task[None] | None = None

    @property
    def has_begun(self) -> bool:
        """Whether it was started."""
        return self._task is not None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Cancel it, and wait until it has ended; it may never have begun."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @classmethod
    def every(cls, seconds: float, name: str, work: Callable[[], Awaitable[None]]) -> Background:
        """Return what does a piece of work again and again, with a rest before each."""

        async def again() -> None:
            while True:
                await asyncio.sleep(seconds)
                await work()

        return cls(name, again)

    async def _run(self) -> None:
        while True:
            try:
                return await self._work()
            except Exception:
                log.exception(
                    "What runs beside all else failed (%s); it begins anew in %g s", self._name, PAUSE
                )
            await asyncio.sleep(PAUSE)
