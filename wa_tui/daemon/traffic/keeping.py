"""Keeps the counts in their store: they are loaded beside all else, and written once a minute."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from wa_tui.model.registers import HOUR, SessionKey
from wa_tui.store import StoreError
from wa_tui.store.traffic import (
    DamagedCounts,
    ReadOnlyCounts,
    Row,
    SessionCounts,
    TrafficStore,
    open_traffic,
)

from ..clock import Clock, dated
from .collector import Traffic

log = logging.getLogger("wa_tui.traffic")

STRETCH = 250
"""Sessions whose rows are made at a stretch: webhooks go between two of them."""
LOADED = 50
"""Sessions that are loaded at a stretch: each takes some 70 µs."""


class TrafficKeeper:
    """Loads what was counted before, and writes what was counted since; without a store nothing is kept.

    What could not be written is written with the next minute, as far as the last two hours go back; a file that could
    not be opened, or not to be written, is opened again then, and a damaged one begun anew.
    """

    def __init__(self, path: Path, traffic: Traffic, clock: Clock) -> None:
        self._path = path
        self._traffic = traffic
        self._clock = clock
        self._store: TrafficStore | None = None
        self._notices: list[str] = []
        self._trouble = ""
        self._is_loading = True
        self._is_loaded = False
        self._is_read_only = False
        self._finding: str | None = None
        """What is wrong with the file that is there, for it to be set aside."""
        self._unwritten: dict[SessionKey, None] = {}
        self._written_at = clock.monotonic()
        self._forgot_at = 0
        """When that was last done, by the monotonic clock."""

    @property
    def is_open(self) -> bool:
        """Whether what was counted before is here, and what is counted is kept."""
        return self._store is not None

    def notices(self) -> list[str]:
        """Return what a person is to know of it."""
        return [*self._notices, self._trouble] if self._trouble else self._notices

    async def begin(self) -> None:
        """Open the store and go on where it ends."""
        try:
            await self._open()
        finally:
            self._is_loading = False
            self._traffic.loaded()

    async def _open(self) -> None:
        try:
            store = await open_traffic(self._path, self._clock.now(), finding=self._finding)
        except StoreError as problem:
            self._failed(problem)
            return
        self._finding = None
        self._notices += store.notices
        try:
            if not self._is_loaded:
                await self._load(store)
        except StoreError as problem:
            await store.close()
            self._failed(problem)
            return
        self._store = store

    async def _load(self, store: TrafficStore) -> None:
        kept = iter(await store.load(self._clock.now()))
        self._is_loaded = True
        while stretch := [*islice(kept, LOADED)]:
            for session in stretch:
                self._traffic.load(session)
            await asyncio.sleep(0)

    async def write(self, changed: Iterable[SessionKey]) -> None:
        """Write what was counted of some sessions."""
        self._unwritten.update(dict.fromkeys(changed))
        if self._is_read_only and self._store is not None:
            await self._leave(self._store)
        if self._store is None and not self._is_loading:
            await self._open()
        if self._store is None:
            return
        began, store = self._clock.monotonic(), self._store
        try:
            await self._write(store)
            if began - self._forgot_at >= HOUR:
                await store.forget(self._clock.now())
                self._forgot_at = began
        except DamagedCounts as problem:
            await self._begin_anew(store, problem)
        except StoreError as problem:
            self._is_read_only = isinstance(problem, ReadOnlyCounts)
            self._failed(problem)
        else:
            # Else a reader met damage meanwhile.
            if store is self._store:
                self._unwritten.clear()
                self._written_at, self._trouble = began, ""

    async def _write(self, store: TrafficStore) -> None:
        keys = iter([*self._unwritten])
        while stretch := [*islice(keys, STRETCH)]:
            await store.write(self._rows(stretch))

    async def _begin_anew(self, store: TrafficStore, problem: DamagedCounts) -> None:
        """Write all that is remembered to another file, with the next minute."""
        if store is self._store:
            self._failed(problem)
            self._written_at = 0
            self._unwritten.update(dict.fromkeys(self._traffic.sessions()))
            await self._leave(store)

    async def _leave(self, store: TrafficStore) -> None:
        """Close the store, for it to be opened with the next minute."""
        self._store, self._is_read_only = None, False
        await store.close()

    def _failed(self, problem: StoreError) -> None:
        if isinstance(problem, DamagedCounts):
            self._finding = problem.finding
        if not self._trouble:
            log.warning("%s", problem)
        self._trouble = f"{problem}; it is tried again each minute"

    def _rows(self, keys: Sequence[SessionKey]) -> list[SessionCounts]:
        now, since = self._clock.now(), dated(self._clock, self._written_at)
        kept = (self._traffic.kept(key, min(since, now), now) for key in keys)
        return [each for each in kept if each is not None]

    async def rows(self, key: SessionKey, table: str, since: int) -> Sequence[Row]:
        """Return what is kept of a session. Raises `StoreError` where that cannot be read, or not yet."""
        store = self._store
        if store is None:
            raise StoreError("the counts of messages are not open")
        try:
            return await store.rows(key, table, since)
        except DamagedCounts as problem:
            await self._begin_anew(store, problem)
            raise

    async def end(self) -> None:
        """Write what was counted last, and close."""
        await self.write(self._traffic.changed())
        if self._store is not None:
            await self._store.close()
