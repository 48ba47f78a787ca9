"""How many clients start at once on a gateway: each start is a browser. People go before healing."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

Waiting = deque[asyncio.Future[None]]


class Starts:
    """The slots of every gateway; ``at_once`` starts may run on each."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._running: dict[str, int] = {}
        self._urgent: dict[str, Waiting] = {}
        self._patient: dict[str, Waiting] = {}

    def running(self, gateway: str) -> int:
        """Return how many starts run on a gateway."""
        return self._running.get(gateway, 0)

    @contextlib.asynccontextmanager
    async def slot(self, gateway: str, *, urgent: bool) -> AsyncIterator[None]:
        """Hold a slot of a gateway; ``urgent`` ones, a person's, are served first."""
        await self._enter(gateway, urgent)
        try:
            yield
        finally:
            self._leave(gateway)

    async def _enter(self, gateway: str, urgent: bool) -> None:
        if self.running(gateway) < self.at_once:
            self._running[gateway] = self.running(gateway) + 1
            return
        queue = (self._urgent if urgent else self._patient).setdefault(gateway, deque())
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
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
        for queues in (self._urgent, self._patient):
            queue = queues.get(gateway)
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._running[gateway] -= 1
