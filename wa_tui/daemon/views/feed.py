"""What monitors are sent live: a snapshot, then what changed, made once for all who are up to date.

Publishing never waits for a reader: one that is slow misses what others are told, and gets a delta of its own. What
nobody reads in time is never made, and webhooks go between the pieces of what is. Who wants a snapshot while one is
made shares the next with all others who do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator

import msgspec

from wa_tui.model.registers import SessionKey
from wa_tui.wire import DaemonView, Delta, JobView, Snapshot

from ..recording.bus import Bus
from ..recording.change import Change
from .encoded import Encoded
from .pending_delta import PendingDelta, SharedDelta
from .view_builder import ViewBuilder

log = logging.getLogger("wa_tui.feed")

EVENTS_WAITING = 5_000
"""Events a slow reader may be behind before it gets a snapshot instead: by then that is made as quickly."""

PIECE = 100
"""Sessions, and events, whose views are made at a stretch."""

LULL = 0.005
"""Seconds that a piece waits at most for its turn."""

PACE = 0.05
"""Seconds between two live messages: bursts are told as one."""

REST = 9
"""Times the time that a message took to make until the next one: webhooks go first, …"""
LONGEST_REST = 0.1
"""… but no more than these seconds."""


class Feed:
    """Listens to the bus while there are readers; ``snapshot`` (without sessions) says what there is."""

    def __init__(
        self,
        bus: Bus,
        view_builder: ViewBuilder,
        snapshot: Callable[[], Snapshot],
        jobs: Callable[[], list[JobView]],
        daemon: Callable[[], DaemonView],
    ) -> None:
        self._bus = bus
        self._view_builder = view_builder
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
        self._snapshots = asyncio.Lock()
        self._next: asyncio.Future[bytes] | None = None
        self._waiting: list[Reader] = []

    @contextlib.contextmanager
    def reader(self) -> Iterator[Reader]:
        """Return a new reader for as long as it reads; it is sent a snapshot first."""
        reader = Reader(self)
        if not self._readers:
            self._leave = self._bus.watch(self._listen)
        self._readers.append(reader)
        try:
            yield reader
        finally:
            self._readers.remove(reader)
            if not self._readers:
                self._leave()
                self._collect()

    async def snapshot(self, reader: Reader) -> bytes:
        """Return everything, encoded, for a reader who is told all that changes from when this begins to be made."""
        self._waiting.append(reader)
        if self._next is None:
            self._next = asyncio.ensure_future(self._encoded_snapshot())
        return await asyncio.shield(self._next)

    async def _encoded_snapshot(self) -> bytes:
        async with self._snapshots:
            waiting, self._waiting, self._next = self._waiting, [], None
            rest = self._snapshot()
            # What the rest holds is told to those alone who do not get it.
            self._publish()
            for reader in waiting:
                reader.catch_up()
            sessions = Encoded()
            async for part in self._view_builder.sessions():
                sessions.add(part)
            return msgspec.json.encode(
                msgspec.structs.replace(rest, sessions=sessions.whole(), now=self._view_builder.now())
            )

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

    async def _made(self, pending: PendingDelta) -> bytes:
        keys, changed = [*pending.sessions], pending.events
        removed: list[SessionKey] = []
        sessions, events = Encoded(), Encoded()
        for start in range(0, max(len(keys), len(changed)), PIECE):
            if start:
                await self._lull()
            part = slice(start, start + PIECE)
            views = [*self._view_builder.views(keys[part])]
            removed += [key for key, view in zip(keys[part], views, strict=True) if view is None]
            sessions.add([view for view in views if view is not None])
            events.add(self._view_builder.event_views(changed[part]))
        return msgspec.json.encode(
            Delta(
                sessions=sessions.whole(),
                removed=[(key.gateway, key.session_id) for key in removed],
                gateways=[self._view_builder.gateways.view(name) for name in pending.gateways],
                events=events.whole(),
                jobs=self._jobs() if pending.jobs_ran else [],
                receipts=pending.receipts,
                daemon=self._daemon() if pending.daemon else None,
                now=self._view_builder.now(),
            )
        )

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
        told = SharedDelta(news, self.delta)
        for reader in self._readers:
            reader.apply(told)
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


class Reader:
    """One monitor's place in the feed; ``rest`` is how many seconds to leave it alone after its last message."""

    def __init__(self, feed: Feed) -> None:
        self.rest = 0.0
        self._feed = feed
        self._delta: SharedDelta | None = None
        self._missed = PendingDelta()
        self._behind = True
        self._awake = asyncio.Event()
        self._awake.set()

    async def changed(self) -> None:
        """Wait until there is something to tell, or `wake`."""
        await self._awake.wait()

    def wake(self) -> None:
        """Wait for nothing any more."""
        self._awake.set()

    def apply(self, delta: SharedDelta) -> None:
        """Note what the others are told; more than one such message becomes one of its own."""
        if self._behind:
            return
        self._awake.set()
        if self._delta is None and not self._missed:
            self._delta = delta
            return
        if self._delta is not None:
            self._missed.merge(self._delta.pending)
            self._delta = None
        self._missed.merge(delta.pending)
        if len(self._missed.events) > EVENTS_WAITING:
            self.fall_behind()

    def catch_up(self) -> None:
        """Be told what changes from now on: a snapshot of what there is now is on its way."""
        self._behind = False

    def fall_behind(self) -> None:
        """Let go of what was missed: a snapshot comes next."""
        self._behind, self._delta, self._missed = True, None, PendingDelta()
        self._awake.set()

    async def message(self) -> bytes:
        """Return what there is to tell: the message of all, or one of its own, after which it is to rest."""
        self._awake.clear()
        if self._delta is not None:
            told, self._delta, self.rest = self._delta, None, 0.0
            try:
                return await told.message()
            except Exception:
                log.exception("What changed could not be told: a monitor gets a snapshot")
                self.fall_behind()
                self._awake.clear()
        began = time.monotonic()
        if self._behind:
            message = await self._feed.snapshot(self)
        else:
            missed, self._missed = self._missed, PendingDelta()
            message = await self._feed.delta(missed)
        self.rest = min(REST * (time.monotonic() - began), LONGEST_REST)
        return message
