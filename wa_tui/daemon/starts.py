"""How many clients start at once on a gateway: each start is a browser. People go before healing, and one beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

Waiting = deque[asyncio.Future[None]]


class Starts:
    """The slots of every gateway; ``at_once`` starts may run on each, and one more that is a person's.

    A start may take most of a minute, which is long for a person; a gateway that itself starts no more at once lets
    that one wait as the first, since healing asks for none before one has ended.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._running: dict[str, int] = {}
        self._urgent: dict[str, Waiting] = {}
        self._recovery: dict[str, Waiting] = {}

    def running(self, gateway: str) -> int:
        """Return how many starts run on a gateway."""
        return self._running.get(gateway, 0)

    def full(self, gateway: str) -> bool:
        """Tell whether a person has to wait for a slot of a gateway."""
        return self.running(gateway) > self.at_once

    def forget(self, gateway: str) -> None:
        """Keep nothing of a gateway on which nothing starts any more."""
        if not self.running(gateway):
            for kept in (self._running, self._urgent, self._recovery):
                kept.pop(gateway, None)

    @contextlib.asynccontextmanager
    async def slot(self, gateway: str, *, urgent: bool) -> AsyncIterator[None]:
        """Hold a slot of a gateway; ``urgent`` ones, a person's, are served first, and healing never holds them all."""
        await self._enter(gateway, urgent)
        try:
            yield
        finally:
            self._leave(gateway)

    async def _enter(self, gateway: str, urgent: bool) -> None:
        queue = (self._urgent if urgent else self._recovery).setdefault(gateway, deque())
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        self._admit(gateway)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # It was our turn already: hand it on.
                self._leave(gateway)
            else:
                with contextlib.suppress(ValueError):
                    queue.remove(turn)
            raise

    def _leave(self, gateway: str) -> None:
        self._running[gateway] -= 1
        self._admit(gateway)

    def _admit(self, gateway: str) -> None:
        """Give the free slots to those that have waited longest, people first."""
        for queues, most in ((self._urgent, self.at_once + 1), (self._recovery, self.at_once)):
            queue = queues.get(gateway)
            while queue and self.running(gateway) < most:
                turn = queue.popleft()
                if not turn.done():
                    self._running[gateway] = self.running(gateway) + 1
                    turn.set_result(None)
