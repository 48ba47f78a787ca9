"""How many checks run at once on a gateway, and who need not wait behind those that hang."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncIterator
from enum import IntEnum

from wa_tui.model.registers import Source


class Urgency(IntEnum):
    """How urgent a check is."""

    ROUTINE = 0
    PROMPT = 1
    """A contradiction, or healing."""
    PERSON = 2

    @classmethod
    def of(cls, source: Source) -> Urgency:
        """Return how urgent the checks of a source are."""
        return {Source.ACTION: cls.PERSON, Source.HEAL: cls.PROMPT}.get(source, cls.ROUTINE)


SLOTS = {Urgency.ROUTINE: 16, Urgency.PROMPT: 2, Urgency.PERSON: 4}
"""Checks in flight a gateway: those of the routine are anybody's, the others are kept for the more urgent.

A check that hangs costs a slot until its deadline: with a fleet that hangs, a person would wait for all of it.
"""


class Turn:
    """One check's place in the queue."""

    def __init__(self, urgency: Urgency) -> None:
        self.urgency = urgency
        self.number = 0
        self.slot: Urgency | None = None
        """Which kind of slot it got."""
        self.has_come = asyncio.Event()


class Slots:
    """The slots of one gateway: people are served first, the others as they come."""

    def __init__(self) -> None:
        self._free = dict(SLOTS)
        self._queues: dict[Urgency, deque[Turn]] = {urgency: deque() for urgency in Urgency}
        self._numbers = itertools.count(1)

    @contextlib.asynccontextmanager
    async def slot(self, turn: Turn) -> AsyncIterator[None]:
        """Hold a slot once it is this turn's turn."""
        turn.number = next(self._numbers)
        self._queues[turn.urgency].append(turn)
        self._serve()
        try:
            await turn.has_come.wait()
            yield
        finally:
            if turn.slot is None:
                self._queues[turn.urgency].remove(turn)
            else:
                self._free[turn.slot] += 1
                self._serve()

    def hurry(self, turn: Turn, urgency: Urgency) -> None:
        """Raise a turn's urgency, whether or not it is in the queue yet."""
        if urgency <= turn.urgency:
            return
        queue, turn.urgency = self._queues[turn.urgency], urgency
        if turn in queue:
            queue.remove(turn)
            self._queues[urgency].append(turn)
            self._serve()

    def _serve(self) -> None:
        for slot in Urgency:
            while self._free[slot] and (turn := self._next(slot)) is not None:
                self._queues[turn.urgency].popleft()
                self._free[slot] -= 1
                turn.slot = slot
                turn.has_come.set()

    def _next(self, slot: Urgency) -> Turn | None:
        """Who may have a slot of a kind: as urgent as that at least."""
        first = [queue[0] for urgency, queue in self._queues.items() if urgency >= slot and queue]
        return min(first, key=lambda turn: (turn.urgency is not Urgency.PERSON, turn.number), default=None)
