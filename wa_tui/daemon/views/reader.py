"""One monitor's place in the feed: what it was told, what it missed, and what it is told next."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from itertools import islice
from typing import Protocol

from wa_tui.model.registers import SessionKey
from wa_tui.wire import Lack

from .journal import Cursor
from .pending_delta import EVENTS_WAITING, SESSIONS_WAITING, PendingDelta, SharedDelta
from .walk import PART, Tour

log = logging.getLogger("wa_tui.feed")

REST = 9
"""Times the time that a message took to make until the next one: webhooks go first, …"""
LONGEST_REST = 0.1
"""… but no more than these seconds."""


class Source(Protocol):
    """Makes the messages."""

    def tour(self) -> Tour:
        """Return a tour through the fleet that begins now."""

    async def part(self, keys: Sequence[SessionKey]) -> bytes:
        """Return some sessions as they are now, as a part of a snapshot."""

    async def snapshot(self, reader: Reader, last: bytes) -> bytes:
        """Return the end of a snapshot: its ``last`` part, and the sessions that the reader missed meanwhile."""

    async def delta(self, pending: PendingDelta) -> bytes:
        """Return how what changed is now."""

    async def resume(self, reader: Reader, cursor: Cursor) -> bytes | Lack:
        """Return what changed since the reader was here last, or why that cannot be told."""


class Reader:
    """One monitor; ``rest`` is how many seconds to leave it alone after its last message."""

    def __init__(self, source: Source, cursor: Cursor | None = None) -> None:
        self.rest = 0.0
        self.lacks: Lack | None = None
        self._source = source
        self._cursor = cursor
        self._delta: SharedDelta | None = None
        self._missed = PendingDelta()
        self._behind = True
        self._tour: Tour | None = None
        self._second_looks = 0
        """Parts with what changed meanwhile that its snapshot may still have: who reads slowly gets an end too."""
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
        if self._tour is not None:
            # All else is in the snapshot's end.
            self._missed.sessions |= delta.pending.sessions
            return
        if len(delta.pending.sessions) > SESSIONS_WAITING:
            self.fall_behind()
            return
        if self._delta is None and not self._missed:
            self._delta = delta
            return
        if self._delta is not None:
            self._missed.merge(self._delta.pending)
            self._delta = None
        self._missed.merge(delta.pending)
        if len(self._missed.events) > EVENTS_WAITING or len(self._missed.sessions) > SESSIONS_WAITING:
            self.fall_behind()

    def catch_up(self) -> None:
        """Be told what changes from now on: what there is now is on its way."""
        self._behind = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing changed since its tour began."""
        return not self._missed

    def missed(self) -> PendingDelta:
        """End the tour: return what changed meanwhile, and be told what changes from now on.

        Of what is more than a part the rest is told next.
        """
        left = [*islice(self._missed.sessions, PART, None)] if self._tour is not None else []
        self._tour = None
        self.lacks = None
        self._awake.clear()
        missed, self._missed = self._missed, PendingDelta()
        for key in left:
            del missed.sessions[key]
        if len(left) > SESSIONS_WAITING:
            self.fall_behind()
        elif left:
            self._missed.sessions = dict.fromkeys(left)
            self._awake.set()
        return missed

    def fall_behind(self) -> None:
        """Let go of what was missed: a snapshot comes next."""
        self._behind, self._delta, self._missed, self._tour = True, None, PendingDelta(), None
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
        if self._behind or self._tour is not None:
            message = await self._resumed() or await self._snapshot()
        else:
            message = await self._source.delta(self.missed())
        # Webhooks go between two parts in any case.
        self.rest = 0.0 if self._tour is not None else min(REST * (time.monotonic() - began), LONGEST_REST)
        return message

    async def _resumed(self) -> bytes | None:
        """Return what changed since it was here last, where that can be told."""
        cursor, self._cursor = self._cursor, None
        if cursor is None:
            return None
        found = await self._source.resume(self, cursor)
        if isinstance(found, bytes):
            return found
        self.lacks = found
        self.fall_behind()
        self._awake.clear()
        return None

    async def _snapshot(self) -> bytes:
        """Return the next part of a snapshot, or its end."""
        if self._tour is None:
            self._tour = self._source.tour()
            self._second_looks = self._tour.left + SESSIONS_WAITING // PART
            self.catch_up()
        tour = self._tour
        if tour.left > 1:
            self._awake.set()
            return b'{"type":"part","sessions":[%b]}' % await tour.part()
        if len(self._missed.sessions) > PART and self._second_looks:
            self._second_looks -= 1
            self._awake.set()
            keys = list(islice(self._missed.sessions, PART))
            for key in keys:
                del self._missed.sessions[key]
            return await self._source.part(keys)
        return await self._source.snapshot(self, await tour.part() if tour.left else b"")
