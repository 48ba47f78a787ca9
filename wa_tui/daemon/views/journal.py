"""What changed since an event: for monitors that lost their connection and come back."""

from __future__ import annotations

import uuid
from collections import deque
from heapq import merge
from typing import NamedTuple

from wa_tui.model.events import Event
from wa_tui.model.registers import SessionKey
from wa_tui.store import ActionRow, Store, StoreError
from wa_tui.wire import EventView, Lack

from ..recording.change import Change
from .pending_delta import EVENTS_WAITING, SESSIONS_WAITING, PendingDelta
from .wire_views import receipt

SESSIONS_KEPT = 20_000
"""Sessions that are remembered as changed, at most twice as many: a fleet of 100,000 proves so many in a minute."""

ACTIONS_KEPT = 500
LINES_KEPT = 100


class Cursor(NamedTuple):
    """Where a monitor was: the newest event that it was told, and the name of the journal that told it."""

    after: int
    store: str


class Journal:
    """Remembers which sessions changed after which event; what carries no event counts to the one before it.

    So who has an event is told some of what it knows again, as whole views, and never less than what it lacks.
    """

    def __init__(self, store: Store, incarnation: str, last_event_id: int) -> None:
        self.name = incarnation and f"{incarnation}{uuid.uuid4().hex[:8]}"
        """Names the store and its present opening: while it is closed a copy of it from earlier may be put back."""
        self._incarnation = incarnation
        self._store = store
        self._newest = last_event_id
        self._first = last_event_id + 1
        """The oldest event that can be gone on from: what changed before it, without one, nobody remembers."""
        self._sessions: dict[SessionKey, int] = {}
        """The event after which each changed last."""
        self._sessions_before: dict[SessionKey, int] = {}
        """The same, as it was when there were too many to go on."""
        self._traffic: dict[SessionKey, int] = {}
        """The event after which the messages of each were last told: one entry a session, of those that there are."""
        self._actions: deque[tuple[int, ActionRow]] = deque()
        self._lines: deque[EventView] = deque(maxlen=LINES_KEPT)

    def listen(self, change: Change) -> None:
        """Note what changed."""
        if change.events:
            self._newest = change.events[-1].id
        for keys in (change.sessions, change.removed):
            # From a dict into a dict: in a flood of webhooks no key is hashed anew for this.
            self._sessions.update(dict.fromkeys(keys, self._newest))
        if len(self._sessions) > SESSIONS_KEPT:
            self._forget()
        self._traffic.update(dict.fromkeys(change.traffic, self._newest))
        for key in change.removed:
            self._traffic.pop(key, None)
        self._actions.extend([(self._newest, row) for row in change.actions])
        while len(self._actions) > ACTIONS_KEPT:
            after, _ = self._actions.popleft()
            self._first = max(self._first, after + 1)
        self._lines.extend(change.lines)

    def _forget(self) -> None:
        """Begin anew, and let go of those that changed before the last time that this was done."""
        self._first = max(self._first, max(self._sessions_before.values(), default=-1) + 1)
        self._sessions_before, self._sessions = self._sessions, {}

    async def since(self, cursor: Cursor) -> PendingDelta | Lack:
        """Return what changed after an event until now, or why that cannot be told."""
        after, newest = cursor.after, self._newest
        if not self._incarnation or not cursor.store.startswith(self._incarnation):
            return Lack.OTHER_STORE
        if after > newest:
            return Lack.NOT_YET
        if cursor.store != self.name or after < self._first or newest - after > EVENTS_WAITING:
            return Lack.TOO_OLD
        found = self._changed(after)
        events = await self._events(after, newest)
        if events is None or len(found.sessions) > SESSIONS_WAITING:
            return Lack.TOO_OLD
        found.events = list(merge(events, found.events, key=lambda event: event.id))
        return found

    def _changed(self, after: int) -> PendingDelta:
        found = PendingDelta()
        for sessions in (self._sessions_before, self._sessions):
            found.sessions.update({key: None for key, when in sessions.items() if when >= after})
        # A whole view has its traffic too.
        moved = (key for key, when in self._traffic.items() if when >= after)
        found.traffic = {key: None for key in moved if key not in found.sessions}
        found.receipts = [receipt(row) for when, row in self._actions if when >= after]
        found.events = [line for line in self._lines if line.id >= after]
        found.jobs_ran = found.daemon = True
        return found

    async def _events(self, after: int, newest: int) -> list[Event] | None:
        """Return the events between, ``None`` where some are pruned or cannot be read."""
        if after == newest:
            return []
        try:
            events = await self._store.events(
                after=after, before=newest + 1, limit=newest - after, first=True
            )
        except StoreError:
            return None
        return events if len(events) == newest - after else None
