"""What arrives from the daemon, brought to the screen a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from wa_tui.client import Disconnected
from wa_tui.wire import ActionRequest, EventView, LiveMessage, QrView, Receipt

INTERVAL = 0.25
"""Seconds between two frames with data, at least."""


class Daemon(Protocol):
    """What the monitor asks of a daemon; `wa_tui.client.Client` is one."""

    def follow(self) -> AsyncIterator[LiveMessage | Disconnected]:
        """Everything it sends, reconnecting for ever; a `Disconnected` once per loss."""
        ...

    async def act(self, request: ActionRequest) -> Receipt:
        """Ask for an action. Raises DaemonError, `Refused` among them."""
        ...

    async def receipt(self, id: str, wait: float = 0) -> Receipt:
        """What became of an action; waits up to ``wait`` seconds for its end. Raises DaemonError."""
        ...

    async def qr(self, gateway: str, session_id: str) -> QrView | None:
        """The session's current code. Raises DaemonError."""
        ...

    async def events(
        self, gateway: str | None = None, session_id: str | None = None, after: int = 0, limit: int = 200
    ) -> list[EventView]:
        """Events, oldest first. Raises DaemonError."""
        ...

    async def close(self) -> None:
        """Let go of the connection, and of the daemon where it is ours."""
        ...


Connect = Callable[[], Awaitable[Daemon]]
"""Finds or starts the daemon. Raises DaemonError, whose text says what to do next."""


class Pacer:
    """Calls ``paint`` at most every ``interval`` seconds: at once after a pause, else when it is due."""

    def __init__(self, paint: Callable[[], None], interval: float = INTERVAL) -> None:
        self._paint = paint
        self._interval = interval
        self._last = float("-inf")
        self._due: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        """Something changed: paint now or soon."""
        if self._due is not None:
            return
        loop = asyncio.get_running_loop()
        rest = self._last + self._interval - loop.time()
        if rest <= 0:
            self._fire()
        else:
            self._due = loop.call_later(rest, self._fire)

    def stop(self) -> None:
        """Forget what is due."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _fire(self) -> None:
        self._due = None
        self._last = asyncio.get_running_loop().time()
        self._paint()
