"""What monitors are sent live: a snapshot, then what changed, made once for all who are up to date.

Publishing never waits for a reader: one that is slow misses what others are told, and gets a delta of its own. What
nobody reads in time is never made, and webhooks go between the pieces of what is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from wa_tui.model.registers import SessionKey
from wa_tui.wire import Delta, EventView, JobView, SessionView, Snapshot

from .bus import Bus
from .change import Change
from .live import Mirror
from .news import News, Told

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
    """Listens to the bus while there are readers; ``snapshot`` and ``jobs`` say what there is."""

    def __init__(
        self, bus: Bus, mirror: Mirror, snapshot: Callable[[], Snapshot], jobs: Callable[[], list[JobView]]
    ) -> None:
        self._bus = bus
        self._mirror = mirror
        self._snapshot = snapshot
        self._jobs = jobs
        self._readers: list[Reader] = []
        self._leave: Callable[[], None] = lambda: None
        self._news = News()
        self._stirred = asyncio.Event()
        self._due: asyncio.TimerHandle | None = None
        self._rests_until = float("-inf")
        self._making = 0

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

    def snapshot(self) -> bytes:
        """Return everything, encoded; what it holds is told to nobody who has it."""
        snapshot = self._snapshot()
        self._tell()
        return msgspec.json.encode(snapshot)

    async def delta(self, news: News) -> bytes:
        """Return how what changed is now, encoded; what changes meanwhile is told after it, and after a rest.

        Were more told while it is made, who waits for it would be behind already, and want a message of its own.
        """
        began = time.monotonic()
        self._making += 1
        try:
            return await self._made(news)
        finally:
            self._making -= 1
            self._rest(min(REST * (time.monotonic() - began), LONGEST_REST))
            self._schedule()

    async def _made(self, news: News) -> bytes:
        """Encode piece by piece, while a piece is in the processor's cache."""
        keys, events = [*news.sessions], news.events
        removed: list[SessionKey] = []
        pieces: dict[str, list[bytes]] = {"sessions": [], "events": []}
        for start in range(0, max(len(keys), len(events)), PIECE):
            if start:
                await self._lull()
            part = slice(start, start + PIECE)
            views = [*self._mirror.views(keys[part])]
            removed += [key for key, view in zip(keys[part], views, strict=True) if view is None]
            pieces["sessions"].append(_inside([view for view in views if view is not None]))
            pieces["events"].append(_inside(self._mirror.event_views(events[part])))
        rest = Delta(
            removed=[(key.gateway, key.session_id) for key in removed],
            gateways=[self._mirror.gateway(name) for name in news.gateways],
            receipts=news.receipts,
            jobs=self._jobs() if news.jobs_ran else [],
        )
        lists = {name: b",".join(filter(None, parts)) for name, parts in pieces.items()}
        fields = (b',"%b":[%b]' % (name.encode(), inside) for name, inside in lists.items() if inside)
        return msgspec.json.encode(rest)[:-1] + b"".join(fields) + b"}"

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
        self._news.add(change)
        self._stirred.set()
        self._schedule()

    def _schedule(self) -> None:
        """Have what changed told as soon as that may be."""
        if self._news and self._due is None and not self._making:
            loop = asyncio.get_running_loop()
            self._due = loop.call_at(max(self._rests_until, loop.time()), self._tell)

    def _tell(self) -> None:
        news = self._collect()
        if not news:
            return
        told = Told(news, self.delta)
        for reader in self._readers:
            reader.take(told)
        self._rest(PACE)

    def _rest(self, seconds: float) -> None:
        """Make no message for a while."""
        self._rests_until = max(self._rests_until, asyncio.get_running_loop().time() + seconds)

    def _collect(self) -> News:
        """Return what nobody was told yet."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        news, self._news = self._news, News()
        return news


class Reader:
    """One monitor's place in the feed; ``rest`` is how many seconds to leave it alone after its last message."""

    def __init__(self, feed: Feed) -> None:
        self.rest = 0.0
        self._feed = feed
        self._told: Told | None = None
        self._missed = News()
        self._behind = True
        self._awake = asyncio.Event()
        self._awake.set()

    async def news(self) -> None:
        """Wait until there is something to tell, or `wake`."""
        await self._awake.wait()

    def wake(self) -> None:
        """Wait for nothing any more."""
        self._awake.set()

    def take(self, told: Told) -> None:
        """Note what the others are told; more than one such message becomes one of its own."""
        if self._behind:
            return
        self._awake.set()
        if self._told is None and not self._missed:
            self._told = told
            return
        if self._told is not None:
            self._missed.merge(self._told.news)
            self._told = None
        self._missed.merge(told.news)
        if len(self._missed.events) > EVENTS_WAITING:
            self.fall_behind()

    def fall_behind(self) -> None:
        """Let go of what was missed: a snapshot comes next."""
        self._behind, self._told, self._missed = True, None, News()
        self._awake.set()

    async def message(self) -> bytes:
        """Return what there is to tell: the message of all, or one of its own, after which it is to rest."""
        self._awake.clear()
        if self._told is not None:
            told, self._told, self.rest = self._told, None, 0.0
            try:
                return await told.message()
            except Exception:
                log.exception("What changed could not be told: a monitor gets a snapshot")
                self.fall_behind()
                self._awake.clear()
        began = time.monotonic()
        if self._behind:
            message = self._feed.snapshot()
            self._behind = False
        else:
            missed, self._missed = self._missed, News()
            message = await self._feed.delta(missed)
        self.rest = min(REST * (time.monotonic() - began), LONGEST_REST)
        return message


def _inside(views: Sequence[SessionView | EventView]) -> bytes:
    """Return what stands between the brackets of an encoded list."""
    return msgspec.json.encode(views)[1:-1]
