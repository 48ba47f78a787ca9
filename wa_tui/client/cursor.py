"""Remembers the newest events of a live feed: from there the next connection goes on, without telling them again."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import msgspec

from wa_tui import wire

LINES = 200
"""More than a daemon tells again."""


class Cursor(NamedTuple):
    """The newest event that the feed brought, and the store that has it."""

    after: int
    store: str


class Trail:
    """Follows the messages of one connection after the other."""

    def __init__(self) -> None:
        self._store = ""
        self._newest: deque[wire.EventView] = deque(maxlen=LINES)
        """The newest event, and what the sidecar wrote since: its lines have that event's id."""

    @property
    def cursor(self) -> Cursor | None:
        """From where to go on, ``None`` as long as nothing is known."""
        return Cursor(self._newest[-1].id, self._store) if self._store and self._newest else None

    def note(self, message: wire.LiveMessage) -> wire.LiveMessage:
        """Take in a message; returns it without the events that came before."""
        if isinstance(message, wire.Snapshot):
            self._store = message.store
            self._newest.clear()
        elif message.since is not None:
            # By what they say and not by their id, which lines of the sidecar share.
            events = [event for event in message.events if event not in self._newest]
            message = msgspec.structs.replace(message, events=events)
        for event in message.events:
            if self._newest and event.id > self._newest[-1].id:
                self._newest.clear()
            self._newest.append(event)
        return message
