"""What monitors are sent live: a snapshot, then what changed, made once for all who are up to date.

Publishing never waits for a reader: one that is slow misses what others are told, and gets a delta of its own. What
nobody reads in time is never made, and webhooks go between the pieces of what is. A snapshot goes out in parts, which
those share who attach at the same time; each is told what changed meanwhile at its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from wa_tui.model.registers import SessionKey
from wa_tui.wire import DaemonView, Delta, JobView, Lack, Snapshot, SnapshotPart

from ..recording.bus import Bus
from ..recording.change import Change
from .encoded import Encoded
from .journal import Cursor, Journal
from .pending_delta import PendingDelta, SharedDelta
from .reader import LONGEST_REST, REST, Reader
from .view_builder import ViewBuilder
from .walk import Tour, Walk

log = logging.getLogger("wa_tui.feed")

PIECE = 100
"""Sessions, and events, whose views are made at a stretch."""

LULL = 0.005
"""Seconds that a piece waits at most for its turn."""

PACE = 0.05
"""Seconds between two live messages: bursts are told as one."""


class SharedEnd(NamedTuple):
    """The end of a snapshot, as long as nothing has changed since."""

    last: bytes
    """The part that it ends with."""
    message: bytes
    made: float

    def goes_on(self, last: bytes) -> bool:
        """Whether it ends with this part, and what it says of the time is still so."""
        return self.last is last and time.monotonic() - self.made < PACE


class Feed:
    """Listens to the bus while there are readers; ``snapshot`` (without sessions) says what there is."""

    def __init__(
        self,
        bus: Bus,
        view_builder: ViewBuilder,
        journal: Journal,
        snapshot: Callable[[], Snapshot],
        jobs: Callable[[], list[JobView]],
        daemon: Callable[[], DaemonView],
    ) -> None:
        self._bus = bus
        self._view_builder = view_builder
        self._journal = journal
        self._snapshot = snapshot
        self._jobs = jobs
        self._daemon = daemon
        self._readers: list[Reader] = []
        self._leave: Callable[[], None] = lambda: None
        self._pending = PendingDelta()
        self._stirred = asyncio.Event()
        self._due: asyncio.TimerHandle | None = None
        self._rests_until = float("-inf")
        self._making = 0
        self._walk: Callable[[], Walk | None] = lambda: None
        """The walk that somebody is on; it is gone with the last of them."""
        self._births = 0
        self._shared: SharedEnd | None = None

    @contextlib.contextmanager
    def reader(self, cursor: Cursor | None = None) -> Iterator[Reader]:
        """Return a new reader for as long as it reads; it is sent a snapshot first, or what changed since it left."""
        reader = Reader(self, cursor)
        if not self._readers:
            self._leave = self._bus.watch(self._listen)
        self._readers.append(reader)
        try:
            yield reader
        finally:
            self._readers.remove(reader)
            if not self._readers:
                self._shared = None
                self._leave()
                self._collect()

    def tour(self) -> Tour:
        """See `Source.tour`: with the others who are on one, unless a session came since they set out."""
        walk, births = self._walk(), self._view_builder.births
        if walk is None or self._births != births:
            walk = Walk(self._view_builder.keys(), self._walked)
            self._walk, self._births = weakref.ref(walk), births
        return walk.tour()

    async def _walked(self, keys: Sequence[SessionKey]) -> bytes:
        sessions = Encoded()
        async for part in self._view_builder.sessions(keys):
            sessions.add(part)
        return sessions.inside()

    async def part(self, keys: Sequence[SessionKey]) -> bytes:
        """See `Source.part`."""
        sessions = Encoded()
        removed = await self._views(keys, sessions)
        return msgspec.json.encode(SnapshotPart(sessions=sessions.whole(), removed=removed))

    async def snapshot(self, reader: Reader, last: bytes) -> bytes:
        """See `Source.snapshot`; those who missed nothing since it was made share it."""
        shared, lacks = self._shared, reader.lacks
        if shared is not None and shared.goes_on(last) and reader.is_whole and lacks is None:
            reader.missed()
            return shared.message
        rest = self._snapshot()
        # What the rest holds is told to those alone who do not get it.
        self._publish()
        missed, self._shared = reader.missed(), None
        sessions = Encoded(last)
        removed = await self._views([*missed.sessions], sessions)
        message = msgspec.json.encode(
            msgspec.structs.replace(
                rest,
                sessions=sessions.whole(),
                removed=removed,
                store=self._journal.name,
                lacks=lacks,
                now=self._view_builder.now(),
            )
        )
        if not missed.sessions and lacks is None:
            self._shared = SharedEnd(last, message, time.monotonic())
        return message

    async def resume(self, reader: Reader, cursor: Cursor) -> bytes | Lack:
        """See `Source.resume`."""
        # What nobody was told yet is among what this one is told now.
        self._publish()
        reader.catch_up()
        found = await self._journal.since(cursor)
        if isinstance(found, Lack):
            return found
        found.gateways.update(self._view_builder.gateways.names())
        return await self._made(found, since=cursor.after)

    async def delta(self, pending: PendingDelta) -> bytes:
        """Return how what changed is now, encoded; what changes meanwhile is told after it, and after a rest.

        Were more told while it is made, who waits for it would be behind already, and want a message of its own.
        """
        began = time.monotonic()
        self._making += 1
        try:
            return await self._made(pending)
        finally:
            self._making -= 1
            self._rest(min(REST * (time.monotonic() - began), LONGEST_REST))
            self._schedule()

    async def _made(self, pending: PendingDelta, since: int | None = None) -> bytes:
        sessions, events, traffic = Encoded(), Encoded(), Encoded()
        removed = await self._views([*pending.sessions], sessions)
        for start in range(0, len(pending.traffic), PIECE):
            await self._lull()
            traffic.add(self._view_builder.traffic([*pending.traffic][start : start + PIECE]))
        for start in range(0, len(pending.events), PIECE):
            if start or pending.sessions:
                await self._lull()
            events.add(self._view_builder.event_views(pending.events[start : start + PIECE]))
        return msgspec.json.encode(
            Delta(
                sessions=sessions.whole(),
                removed=removed,
                gateways=[self._view_builder.gateways.view(name) for name in pending.gateways],
                events=events.whole(),
                jobs=self._jobs() if pending.jobs_ran else [],
                receipts=pending.receipts,
                traffic=traffic.whole(),
                daemon=self._daemon() if pending.daemon else None,
                now=self._view_builder.now(),
                since=since,
            )
        )

    async def _views(self, keys: Sequence[SessionKey], sessions: Encoded) -> list[tuple[str, str]]:
        """Append the views of sessions as they are now; returns those that are gone."""
        removed: list[tuple[str, str]] = []
        for start in range(0, len(keys), PIECE):
            if start:
                await self._lull()
            part = keys[start : start + PIECE]
            views = [*self._view_builder.views(part)]
            removed += [
                (key.gateway, key.session_id) for key, view in zip(part, views, strict=True) if view is None
            ]
            sessions.add([view for view in views if view is not None])
        return removed

    async def _lull(self) -> None:
        """Let webhooks go first; where they pour in, until the next change is told: then it is the disk's turn."""
        pours = self._stirred.is_set()
        self._stirred.clear()
        try:
            async with asyncio.timeout(LULL if pours else 0):
                await self._stirred.wait()
        except TimeoutError:
            pass

    def _listen(self, change: Change) -> None:
        """Note what changed; never waits."""
        self._shared = None
        self._pending.add(change)
        self._stirred.set()
        self._schedule()

    def _schedule(self) -> None:
        """Have what changed told as soon as that may be."""
        if self._pending and self._due is None and not self._making:
            loop = asyncio.get_running_loop()
            self._due = loop.call_at(max(self._rests_until, loop.time()), self._publish)

    def _publish(self) -> None:
        news = self._collect()
        if not news:
            return
        delta = SharedDelta(news, self.delta)
        for reader in self._readers:
            reader.apply(delta)
        self._rest(PACE)

    def _rest(self, seconds: float) -> None:
        """Make no message for a while."""
        self._rests_until = max(self._rests_until, asyncio.get_running_loop().time() + seconds)

    def _collect(self) -> PendingDelta:
        """Return what nobody was told yet."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        news, self._pending = self._pending, PendingDelta()
        return news
