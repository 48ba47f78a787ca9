"""Keeps the counts in their store: they are loaded beside all else, and written once a minute."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from wa_tui.model.registers import HOUR, SessionKey
from wa_tui.store import StoreError
from wa_tui.store.traffic import Row, SessionCounts, TrafficStore, open_traffic

from ..clock import Clock, dated
from .collector import Traffic

log = logging.getLogger("wa_tui.traffic")

STRETCH = 250
"""Sessions whose rows are made at a stretch: webhooks go between two of them."""


class TrafficKeeper:
    """Loads what was counted before, and writes what was counted since; without a store nothing is kept.

    What could not be written is written with the next minute, as far as the last two hours go back.
    """

    def __init__(self, path: Path, traffic: Traffic, clock: Clock) -> None:
        self._path = path
        self._traffic = traffic
        self._clock = clock
        self._store: TrafficStore | None = None
        self._trouble = ""
        self._unwritten: dict[SessionKey, None] = {}
        self._written_at = 0
        self._forgot_at = 0
        """When that was last done, by the monotonic clock."""

    @property
    def is_open(self) -> bool:
        """Whether what was counted before is here, and what is counted is kept."""
        return self._store is not None

    def notices(self) -> list[str]:
        """Return what a person is to know of it."""
        told = [] if self._store is None else [*self._store.notices]
        return [*told, self._trouble] if self._trouble else told

    async def begin(self) -> None:
        """Open the store and go on where it ends."""
        try:
            await self._begin()
        finally:
            self._traffic.loaded()

    async def _begin(self) -> None:
        began = self._clock.monotonic()
        try:
            store = await open_traffic(self._path, self._clock.now())
            kept = iter(await store.load(self._clock.now()))
        except StoreError as problem:
            self._trouble = str(problem)
            log.warning("%s", problem)
            return
        while stretch := [*islice(kept, STRETCH)]:
            for session in stretch:
                self._traffic.load(session)
            await asyncio.sleep(0)
        self._written_at, self._store = began, store

    async def write(self, changed: Iterable[SessionKey]) -> None:
        """Write what was counted of some sessions."""
        self._unwritten.update(dict.fromkeys(changed))
        if self._store is None:
            return
        began, keys = self._clock.monotonic(), iter([*self._unwritten])
        try:
            while stretch := [*islice(keys, STRETCH)]:
                await self._store.write(self._rows(stretch))
            if began - self._forgot_at >= HOUR:
                await self._store.forget(self._clock.now())
                self._forgot_at = began
        except StoreError as problem:
            if not self._trouble:
                log.warning("%s", problem)
            self._trouble = f"{problem}; it is tried again each minute"
            return
        self._unwritten.clear()
        self._written_at, self._trouble = began, ""

    def _rows(self, keys: Sequence[SessionKey]) -> list[SessionCounts]:
        now, since = self._clock.now(), dated(self._clock, self._written_at)
        return [self._traffic.kept(key, min(since, now), now) for key in keys]

    async def rows(self, key: SessionKey, table: str, since: int) -> Sequence[Row]:
        """Return what is kept of a session; nothing where nothing can be read."""
        with contextlib.suppress(StoreError):
            if self._store is not None:
                return await self._store.rows(key, table, since)
        return ()

    async def end(self) -> None:
        """Write what was counted last, and close."""
        await self.write(self._traffic.changed())
        if self._store is not None:
            await self._store.close()
